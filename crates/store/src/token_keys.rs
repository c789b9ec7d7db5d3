//! The keys that sign access tokens, sealed: the newest signs, and all processes learn of it by the version of the directories.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ed25519_dalek::SigningKey;

use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::error::StoreError;
use crate::meta;
use crate::portable::Instant;
use crate::schema::token_keys;
use crate::sealing::{self, Place, Sealer};

/// The length of a key, in bytes.
const LENGTH: usize = 32;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = token_keys, treat_none_as_default_value = false)]
struct TokenKeyRow {
    id: i64,
    public_key: Vec<u8>,
    seed_sealed: Vec<u8>,
    made_at: Instant,
    retired_at: Option<Instant>,
}

/// A key that signs access tokens, or has signed some.
pub struct TokenKey {
    /// By which a token names it.
    pub id: i64,
    /// Ed25519.
    pub signing: SigningKey,
    /// UTC.
    pub made_at: DateTime<Utc>,
    /// When another took its place, UTC; none for the one that signs.
    pub retired_at: Option<DateTime<Utc>>,
}

fn place(id: i64) -> Place {
    Place { table: "token_keys", column: "seed_sealed", row: id }
}

impl TokenKeyRow {
    fn open(self, sealer: &Sealer) -> Result<TokenKey, StoreError> {
        let Self { id, public_key, seed_sealed, made_at, retired_at } = self;
        let broken = || StoreError::broken("token_keys", format!("the key {id}"));
        let seed: [u8; LENGTH] =
            sealer.open(place(id), &seed_sealed)?.try_into().map_err(|_length| broken())?;
        let signing = SigningKey::from_bytes(&seed);
        if signing.verifying_key().as_bytes().as_slice() != public_key {
            return Err(broken());
        }
        Ok(TokenKey { id, signing, made_at: made_at.into(), retired_at: retired_at.map(Into::into) })
    }
}

/// The version of the directories, and all keys that are not purged yet.
///
/// # Errors
/// [`StoreError::Sealing`] under another installation's keys; [`StoreError::Broken`].
pub fn load(connection: &mut AnyConnection, sealer: &Sealer) -> Result<(i64, Vec<TokenKey>), StoreError> {
    // First: keys that are newer than the version are only read once more.
    let version = meta::directory_version(connection)?;
    let all = token_keys::table.order(token_keys::id.desc()).select(TokenKeyRow::as_select());
    let rows: Vec<TokenKeyRow> = all.load(connection)?;
    let keys = rows.into_iter().map(|row| row.open(sealer)).collect::<Result<_, _>>()?;
    Ok((version, keys))
}

/// Makes a key that signs from now on, and retires the one that did; counts the directories' version up, by which every
/// process learns of it.
///
/// # Errors
/// [`StoreError::Sealing`] if the system gives no random bytes.
pub fn rotate(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    id: i64,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    meta::lock_directories(connection)?;
    let at = Instant::from(at);
    let signing_now = token_keys::table.filter(token_keys::retired_at.is_null());
    diesel::update(signing_now).set(token_keys::retired_at.eq(Some(at))).execute(connection)?;
    let seed = sealing::random_key()?;
    let row = TokenKeyRow {
        id,
        public_key: SigningKey::from_bytes(&seed).verifying_key().to_bytes().to_vec(),
        seed_sealed: sealer.seal(place(id), &*seed)?,
        made_at: at,
        retired_at: None,
    };
    diesel::insert_into(token_keys::table).values(&row).execute(connection)?;
    meta::bump_directory_version(connection)
}

/// Makes the first key of an installation that has none.
///
/// # Errors
/// As [`rotate`]; the database cannot be used.
pub fn make_first(url: &DatabaseUrl, sealer: &Sealer, id: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    let connection = &mut connection::open(url, Purpose::Write)?;
    connection.transaction(|connection| {
        meta::lock_directories(connection)?;
        match token_keys::table.count().get_result::<i64>(connection)? {
            0 => rotate(connection, sealer, id, at),
            _ => Ok(()),
        }
    })
}

/// As [`load`], on a connection of its own.
///
/// # Errors
/// As [`load`]; the database cannot be used.
pub fn load_at(url: &DatabaseUrl, sealer: &Sealer) -> Result<(i64, Vec<TokenKey>), StoreError> {
    load(&mut connection::open(url, Purpose::Read)?, sealer)
}

/// Deletes the keys that were retired before the instant.
///
/// # Errors
/// Only what the database says.
pub fn purge(connection: &mut AnyConnection, retired_before: Instant) -> Result<(), StoreError> {
    let old = token_keys::table.filter(token_keys::retired_at.lt(retired_before));
    diesel::delete(old).execute(connection)?;
    Ok(())
}
