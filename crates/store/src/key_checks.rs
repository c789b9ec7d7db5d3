//! What the database remembers of the master keys: a check value of each, so that a number never comes to stand for two keys, and
//! nobody seals under one that no server of this database has begun with.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::keys::{Key, KeyRing};
use crate::meta;
use crate::schema::meta as meta_table;
use crate::sealing::{self, Sealer};
use crate::{people, reseal};

/// Before the number of a key.
const MASTER_KEY: &str = "master_key:";
const INDEX_KEY: &str = "index_key";
const LABEL: &[u8] = b"daowei check 1";

/// The keys are not those with which this database was begun.
#[derive(Debug, thiserror::Error)]
pub enum KeyCheckError {
    /// Another key of that number has sealed here.
    #[error("key {id} is not the one of that number with which this database was begun: bring that one back")]
    OtherKey { id: u8 },
    /// The server that runs would not know it.
    #[error("no server of this database has begun with key {id}, which seals: restart each of them first")]
    NotBegun { id: u8 },
    /// Nobody would be recognised any more.
    #[error(
        "the key of the blind indexes is not the one with which this database was begun: bring back the entry `index:`, or the \
         key of the lowest number, from which it is derived"
    )]
    OtherIndexKey,
    /// The database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn check_of(key: &Key) -> String {
    Digest(*sealing::derive(key, LABEL)).to_string()
}

fn name_of(key: &Key) -> String {
    format!("{MASTER_KEY}{}", key.id())
}

/// Compares the keys with those with which the database was begun, before anything is sealed under them.
///
/// # Errors
/// [`KeyCheckError`], also if the key that seals is one that no server has begun with where another was.
pub fn compare(url: &DatabaseUrl, ring: &KeyRing) -> Result<(), KeyCheckError> {
    let connection = &mut connection::open(url, Purpose::Read)?;
    let known = known_of(connection, ring)?;
    let sealing = ring.sealing().id();
    if !known.contains(&sealing) && !numbers(connection)?.is_empty() {
        return Err(KeyCheckError::NotBegun { id: sealing });
    }
    Ok(())
}

/// As [`compare`], and remembers the keys that are new here, because a server begins with them: as far as what lies sealed under them
/// opens.
///
/// # Errors
/// [`KeyCheckError`]; nothing is remembered then.
pub fn remember(url: &DatabaseUrl, ring: &KeyRing) -> Result<(), KeyCheckError> {
    let connection = &mut connection::open(url, Purpose::Write)?;
    // Of two processes that begin at once one waits for the other.
    let begin = if matches!(connection, AnyConnection::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
    connection.batch_execute(begin).map_err(StoreError::from)?;
    let remembered = meta::lock_directories(connection).map_err(KeyCheckError::from);
    let remembered = remembered.and_then(|()| remember_new(connection, ring));
    let end = if remembered.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.batch_execute(end).map_err(StoreError::from)?;
    remembered
}

/// The numbers of the ring's keys that are known here.
pub(crate) fn known_of(
    connection: &mut AnyConnection,
    ring: &KeyRing,
) -> Result<BTreeSet<u8>, KeyCheckError> {
    let mut known = BTreeSet::new();
    for key in ring.keys() {
        if is_known(connection, key)? {
            known.insert(key.id());
        }
    }
    match meta::get(connection, INDEX_KEY)? {
        Some(remembered) if remembered != index_check_of(ring) => Err(KeyCheckError::OtherIndexKey),
        _ => Ok(known),
    }
}

fn remember_new(connection: &mut AnyConnection, ring: &KeyRing) -> Result<(), KeyCheckError> {
    let known = known_of(connection, ring)?;
    let sealer = Sealer::new(ring);
    let newest = reseal::newest_values(connection)?;
    for key in ring.keys().filter(|key| !known.contains(&key.id())) {
        let under_it = newest.iter().filter(|(_, sealed)| sealed.first() == Some(&key.id()));
        if under_it.into_iter().any(|(place, sealed)| sealer.open(*place, sealed).is_err()) {
            return Err(KeyCheckError::OtherKey { id: key.id() });
        }
        meta::set(connection, &name_of(key), &check_of(key))?;
    }
    if meta::get(connection, INDEX_KEY)?.is_none() {
        if people::newest_is_found(connection, &sealer)? == Some(false) {
            return Err(KeyCheckError::OtherIndexKey);
        }
        meta::set(connection, INDEX_KEY, &index_check_of(ring))?;
    }
    Ok(())
}

fn index_check_of(ring: &KeyRing) -> String {
    Digest(ring.index_suite().mac(&ring.index_key(), [LABEL])).to_string()
}

/// Whether a server has begun with the key on this database.
///
/// # Errors
/// [`KeyCheckError::OtherKey`]; what the database says.
pub fn is_known(connection: &mut AnyConnection, key: &Key) -> Result<bool, KeyCheckError> {
    match meta::get(connection, &name_of(key))? {
        Some(remembered) if remembered == check_of(key) => Ok(true),
        Some(_) => Err(KeyCheckError::OtherKey { id: key.id() }),
        None => Ok(false),
    }
}

/// The numbers that keys of this database have had.
///
/// # Errors
/// Only what the database says.
pub fn numbers(connection: &mut AnyConnection) -> Result<BTreeSet<u8>, StoreError> {
    let names = meta_table::table.filter(meta_table::key.like(format!("{MASTER_KEY}%")));
    let names: Vec<String> = names.select(meta_table::key).load(connection)?;
    Ok(names.iter().filter_map(|name| name.strip_prefix(MASTER_KEY)?.parse().ok()).collect())
}
