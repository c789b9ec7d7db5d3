//! What the database remembers of the master keys: a check value of each, so that a number never comes to stand for two keys, and
//! nobody seals under one that no server of this database has begun with.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::keys::{Key, KeyRing};
use crate::meta;
use crate::schema::meta as meta_table;
use crate::sealing;

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
    Digest(sealing::derive(key, LABEL)).to_string()
}

fn name_of(key: &Key) -> String {
    format!("{MASTER_KEY}{}", key.id())
}

/// Remembers the keys that are new here, and compares the others.
///
/// # Errors
/// [`KeyCheckError`].
pub fn remember(url: &DatabaseUrl, ring: &KeyRing) -> Result<(), KeyCheckError> {
    let connection = &mut connection::open(url, Purpose::Write)?;
    let mut differing = None;
    connection.transaction(|connection| {
        // Of two processes that begin at once one waits for the other.
        meta::lock_directories(connection)?;
        for key in ring.keys() {
            if !is_remembered(connection, &name_of(key), &check_of(key))? {
                differing.get_or_insert(KeyCheckError::OtherKey { id: key.id() });
            }
        }
        let index = Digest(ring.index_suite().mac(&ring.index_key(), [LABEL])).to_string();
        if !is_remembered(connection, INDEX_KEY, &index)? {
            differing.get_or_insert(KeyCheckError::OtherIndexKey);
        }
        Ok::<_, StoreError>(())
    })?;
    differing.map_or(Ok(()), Err)
}

/// Whether the value is the one that stands there; what is not there is put there.
fn is_remembered(connection: &mut AnyConnection, name: &str, value: &str) -> Result<bool, StoreError> {
    match meta::get(connection, name)? {
        Some(remembered) => Ok(remembered == value),
        None => meta::set(connection, name, value).map(|()| true),
    }
}

/// Whether a server, or another program that seals, has begun with the key on this database.
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
