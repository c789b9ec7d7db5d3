//! Answers kept for repeated requests, in the transaction of their effect.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Instant, each_backend, insert_one};
use crate::schema::idempotency_keys;

/// The constraint that a second answer to one request breaks; see [`StoreError::is_conflict_on`].
pub const ANSWERED_MEANWHILE: &str = "idempotency_keys_actor_key_key";

/// The answer that one actor got for one key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct KeptAnswer {
    pub actor: String,
    pub key: String,
    /// A hash of the method, the path and the body; another one under the same key is a mistake of the client.
    pub fingerprint: Vec<u8>,
    /// The HTTP status of the answer.
    pub status: i32,
    /// The answer's body; of one that shows a case, how the case was shown.
    pub body: String,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub created_at: Instant,
    pub expires_at: Instant,
    /// The case that the answer shows, where it is written again from the journal.
    pub case_id: Option<i64>,
    /// The case's version at the answer.
    pub case_version: Option<i32>,
}

/// The answer kept for the actor and key; one that has expired is deleted, to make room for another.
///
/// Asked in the transaction that would keep the answer.
///
/// # Errors
/// Only what the database says.
pub fn find(
    connection: &mut AnyConnection,
    actor: &str,
    key: &str,
    at: Instant,
) -> Result<Option<KeptAnswer>, StoreError> {
    let row = idempotency_keys::table.find((actor, key));
    let kept: Option<KeptAnswer> = row.select(KeptAnswer::as_select()).first(connection).optional()?;
    match kept {
        Some(expired) if expired.expires_at <= at => {
            diesel::delete(row).execute(connection)?;
            Ok(None)
        }
        kept => Ok(kept),
    }
}

/// Whether an answer is kept for the actor and key, for those who may not write.
///
/// # Errors
/// Only what the database says.
pub fn is_kept(
    connection: &mut AnyConnection,
    actor: &str,
    key: &str,
    at: Instant,
) -> Result<bool, StoreError> {
    let row = idempotency_keys::table.find((actor, key)).filter(idempotency_keys::expires_at.gt(at));
    Ok(row.count().get_result::<i64>(connection)? > 0)
}

/// Keeps an answer, after [`find`] has found none.
///
/// # Errors
/// [`StoreError::Conflict`] on `idempotency_keys_actor_key_key`: the same request was answered meanwhile.
pub fn insert(connection: &mut AnyConnection, answer: &KeptAnswer) -> Result<(), StoreError> {
    each_backend!(connection, concrete => insert_one!(concrete, idempotency_keys, answer))?;
    Ok(())
}

/// Deletes answers that expired by the instant, and returns how many.
///
/// # Errors
/// Only what the database says.
pub fn purge_expired(connection: &mut AnyConnection, at: Instant) -> Result<usize, StoreError> {
    let expired = idempotency_keys::table.filter(idempotency_keys::expires_at.le(at));
    Ok(diesel::delete(expired).execute(connection)?)
}
