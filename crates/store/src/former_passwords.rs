//! Passwords that an account had before, which it does not take again soon.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::former_passwords;

/// Keeps the password that another takes the place of, and of the older ones only the newest `kept`, this one included.
///
/// # Errors
/// [`StoreError::MissingReference`] for an unknown user.
pub fn keep(
    connection: &mut AnyConnection,
    user: i64,
    password_hash: &str,
    replaced_at: Instant,
    kept: i64,
) -> Result<(), StoreError> {
    let row = (
        former_passwords::user_id.eq(user),
        former_passwords::replaced_at.eq(replaced_at),
        former_passwords::password_hash.eq(password_hash),
    );
    diesel::insert_into(former_passwords::table).values(row).execute(connection)?;
    let theirs = former_passwords::table.filter(former_passwords::user_id.eq(user));
    let oldest_kept: Option<Instant> = theirs
        .order(former_passwords::replaced_at.desc())
        .select(former_passwords::replaced_at)
        .offset(kept.saturating_sub(1).max(0))
        .first(connection)
        .optional()?;
    if let Some(oldest) = oldest_kept {
        diesel::delete(theirs.filter(former_passwords::replaced_at.lt(oldest))).execute(connection)?;
    }
    Ok(())
}

/// The hashes of the newest `limit` passwords that the account had before, the newest first.
///
/// # Errors
/// Only what the database says.
pub fn load(connection: &mut AnyConnection, user: i64, limit: i64) -> Result<Vec<String>, StoreError> {
    let theirs = former_passwords::table.filter(former_passwords::user_id.eq(user));
    let newest = theirs.order(former_passwords::replaced_at.desc()).limit(limit);
    Ok(newest.select(former_passwords::password_hash).load(connection)?)
}
