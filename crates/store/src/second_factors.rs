//! Authenticators (RFC 6238), recovery codes, and the sign-ins that wait for one of them.

use std::collections::HashMap;

use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretBox};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::{recovery_codes, second_factors, sign_in_challenges};
use crate::sealing::{Place, Sealer};

/// The length of a secret, in bytes: what RFC 4226 recommends.
pub const SECRET_LENGTH: usize = 20;

/// Before the first step that any code can belong to.
const NO_STEP: i64 = -1;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factors, treat_none_as_default_value = false)]
struct SecondFactorRow {
    id: i64,
    user_id: i64,
    secret_sealed: Vec<u8>,
    begun_at: Instant,
    confirmed_at: Option<Instant>,
    last_step: i64,
}

/// An authenticator, or one that is being set up.
pub struct SecondFactor {
    pub id: i64,
    /// What its codes are made from.
    pub secret: SecretBox<[u8; SECRET_LENGTH]>,
}

fn place(id: i64) -> Place {
    Place { table: "second_factors", column: "secret_sealed", row: id }
}

impl SecondFactorRow {
    fn open(self, sealer: &Sealer) -> Result<SecondFactor, StoreError> {
        let Self { id, secret_sealed, .. } = self;
        let opened = SecretBox::new(Box::new(sealer.open(place(id), &secret_sealed)?));
        let secret = opened.expose_secret().as_slice().try_into();
        let secret = secret.map_err(|_length| {
            StoreError::broken("second_factors", format!("the length of the secret {id}"))
        })?;
        Ok(SecondFactor { id, secret: SecretBox::new(Box::new(secret)) })
    }
}

/// The user's authenticator, if there is one.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Broken`].
pub fn find(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    user: i64,
) -> Result<Option<SecondFactor>, StoreError> {
    let confirmed = second_factors::table
        .filter(second_factors::user_id.eq(user))
        .filter(second_factors::confirmed_at.is_not_null())
        .select(SecondFactorRow::as_select());
    confirmed.first(connection).optional()?.map(|row| row.open(sealer)).transpose()
}

/// When the user's authenticator was confirmed, if there is one.
///
/// # Errors
/// Only what the database says.
pub fn confirmed_at(connection: &mut AnyConnection, user: i64) -> Result<Option<Instant>, StoreError> {
    let confirmed = second_factors::table
        .filter(second_factors::user_id.eq(user))
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::confirmed_at);
    Ok(confirmed.first::<Option<Instant>>(connection).optional()?.flatten())
}

/// Since when each of these users has an authenticator, of those who have one.
///
/// # Errors
/// Only what the database says.
pub fn confirmed_among(
    connection: &mut AnyConnection,
    users: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Instant>, StoreError> {
    let users: Vec<i64> = users.into_iter().collect();
    let confirmed = second_factors::table
        .filter(second_factors::user_id.eq_any(users))
        .filter(second_factors::confirmed_at.is_not_null())
        .select((second_factors::user_id, second_factors::confirmed_at.assume_not_null()));
    Ok(confirmed.load::<(i64, Instant)>(connection)?.into_iter().collect())
}

/// The authenticator that the user has begun to set up since the instant.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Broken`].
pub fn find_begun(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    user: i64,
    since: Instant,
) -> Result<Option<SecondFactor>, StoreError> {
    let begun = second_factors::table
        .filter(second_factors::user_id.eq(user))
        .filter(second_factors::confirmed_at.is_null())
        .filter(second_factors::begun_at.ge(since))
        .select(SecondFactorRow::as_select());
    begun.first(connection).optional()?.map(|row| row.open(sealer)).transpose()
}

/// Begins to set up an authenticator, in the place of one that was begun before; the user's own stays until it is confirmed.
///
/// # Errors
/// [`StoreError::Sealing`] if the system gives no random bytes; [`StoreError::MissingReference`] for an unknown user.
pub fn begin(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    (id, user): (i64, i64),
    secret: &[u8; SECRET_LENGTH],
    at: Instant,
) -> Result<(), StoreError> {
    let begun = second_factors::table
        .filter(second_factors::user_id.eq(user))
        .filter(second_factors::confirmed_at.is_null());
    diesel::delete(begun).execute(connection)?;
    let row = SecondFactorRow {
        id,
        user_id: user,
        secret_sealed: sealer.seal(place(id), secret)?,
        begun_at: at,
        confirmed_at: None,
        last_step: NO_STEP,
    };
    diesel::insert_into(second_factors::table).values(&row).execute(connection)?;
    Ok(())
}

/// Confirms what was begun, in the place of the authenticator until now; the caller has locked the user's row.
///
/// # Errors
/// [`StoreError::NotFound`] if it was confirmed or begun anew meanwhile.
pub fn confirm(connection: &mut AnyConnection, user: i64, id: i64, at: Instant) -> Result<(), StoreError> {
    let others =
        second_factors::table.filter(second_factors::user_id.eq(user)).filter(second_factors::id.ne(id));
    diesel::delete(others).execute(connection)?;
    let begun = second_factors::table.find(id).filter(second_factors::confirmed_at.is_null());
    match diesel::update(begun).set(second_factors::confirmed_at.eq(Some(at))).execute(connection)? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Takes the code of a time step, and tells whether neither it nor a later one was taken before (RFC 6238 §5.2).
///
/// # Errors
/// Only what the database says.
pub fn take_step(connection: &mut AnyConnection, id: i64, step: i64) -> Result<bool, StoreError> {
    let unused = second_factors::table.find(id).filter(second_factors::last_step.lt(step));
    Ok(diesel::update(unused).set(second_factors::last_step.eq(step)).execute(connection)? == 1)
}

/// Removes the user's authenticator with its recovery codes and what was begun, and tells whether there was one.
///
/// # Errors
/// Only what the database says.
pub fn remove(connection: &mut AnyConnection, user: i64) -> Result<bool, StoreError> {
    let was_there = confirmed_at(connection, user)?.is_some();
    diesel::delete(second_factors::table.filter(second_factors::user_id.eq(user))).execute(connection)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(connection)?;
    Ok(was_there)
}

/// Puts recovery codes, by their SHA-256, in the place of those until now.
///
/// # Errors
/// [`StoreError::MissingReference`] for an unknown user.
pub fn replace_recovery_codes(
    connection: &mut AnyConnection,
    user: i64,
    hashes: &[Vec<u8>],
) -> Result<(), StoreError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(connection)?;
    for hash in hashes {
        let row = (recovery_codes::user_id.eq(user), recovery_codes::code_hash.eq(hash));
        diesel::insert_into(recovery_codes::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// Uses a recovery code up, and tells whether there was such a one.
///
/// # Errors
/// Only what the database says.
pub fn take_recovery_code(
    connection: &mut AnyConnection,
    user: i64,
    hash: &[u8],
) -> Result<bool, StoreError> {
    Ok(diesel::delete(recovery_codes::table.find((user, hash))).execute(connection)? == 1)
}

/// How many recovery codes the user has left.
///
/// # Errors
/// Only what the database says.
pub fn recovery_code_count(connection: &mut AnyConnection, user: i64) -> Result<i64, StoreError> {
    Ok(recovery_codes::table.filter(recovery_codes::user_id.eq(user)).count().get_result(connection)?)
}

/// A sign-in whose second factor is waited for, known only by the SHA-256 of its token.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_challenges, treat_none_as_default_value = false)]
pub struct ChallengeRow {
    pub token_hash: Vec<u8>,
    pub user_id: i64,
    pub expires_at: Instant,
    /// The provider that has vouched for the user, where no password was shown.
    pub issuer: Option<String>,
    /// Who the user is there.
    pub subject: Option<String>,
}

/// Waits for a second factor.
///
/// # Errors
/// [`StoreError::MissingReference`] for an unknown user.
pub fn challenge(connection: &mut AnyConnection, row: &ChallengeRow) -> Result<(), StoreError> {
    diesel::insert_into(sign_in_challenges::table).values(row).execute(connection)?;
    Ok(())
}

/// The sign-in that waits under the token.
///
/// # Errors
/// Only what the database says.
pub fn challenged(
    connection: &mut AnyConnection,
    token_hash: &[u8],
    at: Instant,
) -> Result<Option<ChallengeRow>, StoreError> {
    let open = sign_in_challenges::table.find(token_hash).filter(sign_in_challenges::expires_at.gt(at));
    Ok(open.select(ChallengeRow::as_select()).first(connection).optional()?)
}

/// Ends a sign-in that waits.
///
/// # Errors
/// Only what the database says.
pub fn end_challenge(connection: &mut AnyConnection, token_hash: &[u8]) -> Result<(), StoreError> {
    diesel::delete(sign_in_challenges::table.find(token_hash)).execute(connection)?;
    Ok(())
}

/// Ends all of the user's sign-ins that wait.
///
/// # Errors
/// Only what the database says.
pub fn end_challenges(connection: &mut AnyConnection, user: i64) -> Result<(), StoreError> {
    let theirs = sign_in_challenges::table.filter(sign_in_challenges::user_id.eq(user));
    diesel::delete(theirs).execute(connection)?;
    Ok(())
}

/// Deletes the sign-ins that have waited until the instant, and what was begun to be set up before the other.
///
/// # Errors
/// Only what the database says.
pub fn purge(
    connection: &mut AnyConnection,
    expired_by: Instant,
    begun_before: Instant,
) -> Result<(), StoreError> {
    let expired = sign_in_challenges::table.filter(sign_in_challenges::expires_at.le(expired_by));
    diesel::delete(expired).execute(connection)?;
    let begun = second_factors::table
        .filter(second_factors::confirmed_at.is_null())
        .filter(second_factors::begun_at.lt(begun_before));
    diesel::delete(begun).execute(connection)?;
    Ok(())
}
