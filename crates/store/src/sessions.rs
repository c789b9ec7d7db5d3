//! Refresh tokens, their rotation and the detection of a stolen one.
//!
//! A token is used once and replaced by another of the same family. One that comes a second time was copied,
//! and nobody can tell the thief from the owner: the whole family ends (RFC 9700, 4.14).

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::meta;
use crate::portable::{Instant, each_backend};
use crate::schema::{events, meta as meta_table, refresh_tokens, sessions};

/// A refresh token, known only by the SHA-256 of its 256 random bits.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub struct RefreshTokenRow {
    pub token_hash: Vec<u8>,
    pub family_id: i64,
    pub user_id: i64,
    pub issued_at: Instant,
    pub expires_at: Instant,
    pub used_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

/// What became of a token that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was good, and is used up now.
    Good(RefreshTokenRow),
    /// It was used before; its whole family is revoked now.
    Reused {
        family_id: i64,
        user_id: i64,
        /// Whether the family was open until now.
        ended: bool,
    },
    /// It is too old, or was revoked.
    Ended { family_id: i64, user_id: i64 },
    /// It was never issued, or was purged long ago.
    Unknown,
}

/// A sign-in, as its owner recognises it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// The family of its refresh tokens.
    pub id: i64,
    pub user_id: i64,
    pub started_at: Instant,
    /// The network address from which it began.
    pub address: String,
    /// What the client called itself then.
    pub user_agent: Option<String>,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// Whether a provider has vouched for the user, and no password was shown.
    pub single_sign_on: bool,
}

/// Begins a session, before its first token is added.
///
/// # Errors
/// [`StoreError::Conflict`] on its id, [`StoreError::MissingReference`] for an unknown user.
pub fn begin(connection: &mut AnyConnection, session: &SessionRow) -> Result<(), StoreError> {
    diesel::insert_into(sessions::table).values(session).execute(connection)?;
    Ok(())
}

/// Begins a session that an earlier version of this program has let in without.
///
/// # Errors
/// Only what the database says.
pub fn begin_if_missing(connection: &mut AnyConnection, session: &SessionRow) -> Result<(), StoreError> {
    let is_there = diesel::select(exists(sessions::table.find(session.id)));
    let is_there: bool = each_backend!(connection, concrete => is_there.get_result(concrete))?;
    if is_there { Ok(()) } else { begin(connection, session) }
}

/// The session.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn find(connection: &mut AnyConnection, session: i64) -> Result<SessionRow, StoreError> {
    Ok(sessions::table.find(session).select(SessionRow::as_select()).first(connection)?)
}

/// Says that a second factor was shown in the session, and ends the user's others: they were begun with less.
///
/// # Errors
/// Only what the database says.
pub fn raise(connection: &mut AnyConnection, user: i64, session: i64, at: Instant) -> Result<(), StoreError> {
    let raised = sessions::table.find(session).filter(sessions::user_id.eq(user));
    diesel::update(raised).set(sessions::second_factor.eq(true)).execute(connection)?;
    let others = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user))
        .filter(refresh_tokens::family_id.ne(session))
        .filter(refresh_tokens::revoked_at.is_null());
    revoke(|| {
        Ok(diesel::update(others).set(refresh_tokens::revoked_at.eq(Some(at))).execute(connection)?)
    })?;
    Ok(())
}

/// The user's sessions that go on, the newest first, each with the moment when it was last refreshed.
///
/// # Errors
/// Only what the database says.
pub fn open_of(
    connection: &mut AnyConnection,
    user: i64,
    at: Instant,
) -> Result<Vec<(SessionRow, Instant)>, StoreError> {
    let open = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user))
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(at))
        .order(refresh_tokens::family_id.desc())
        .select((refresh_tokens::family_id, refresh_tokens::issued_at));
    let open: Vec<(i64, Instant)> = open.load(connection)?;
    let ids: Vec<i64> = open.iter().map(|(id, _)| *id).collect();
    let rows = sessions::table.filter(sessions::id.eq_any(ids)).select(SessionRow::as_select());
    let rows: Vec<SessionRow> = rows.load(connection)?;
    let known = open
        .into_iter()
        .filter_map(|(id, refreshed_at)| Some((rows.iter().find(|row| row.id == id)?.clone(), refreshed_at)));
    Ok(known.collect())
}

/// Ends a session of the user's, and tells whether there was one that went on.
///
/// # Errors
/// Only what the database says.
pub fn end(connection: &mut AnyConnection, user: i64, session: i64, at: Instant) -> Result<bool, StoreError> {
    let open = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(session))
        .filter(refresh_tokens::user_id.eq(user))
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(at));
    Ok(revoke(|| {
        Ok(diesel::update(open).set(refresh_tokens::revoked_at.eq(Some(at))).execute(connection)?)
    })? > 0)
}

/// Adds a token.
///
/// # Errors
/// [`StoreError::Conflict`] on its hash, [`StoreError::MissingReference`] for an unknown user.
pub fn insert(connection: &mut AnyConnection, token: &RefreshTokenRow) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// What every request asks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether a token of the sign-in is neither revoked nor too old.
    pub is_open: bool,
    /// The version of the directories at the same moment, by which a snapshot of them is known to be current.
    pub directory_version: i64,
    /// How many events the case has that the request names, if it names one and it is there.
    pub case_version: Option<i32>,
}

/// No case has it: identifiers are times.
const NO_CASE: i64 = -1;

/// Whether the user's sign-in holds, and how new the directories and the case are: one statement, which every request
/// costs.
///
/// # Errors
/// [`StoreError::Broken`] if the version is no number.
pub fn standing(
    connection: &mut AnyConnection,
    user: i64,
    family: i64,
    at: Instant,
    case: Option<i64>,
) -> Result<Standing, StoreError> {
    let open = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(family))
        .filter(refresh_tokens::user_id.eq(user))
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(at));
    let newest = events::table
        .filter(events::stream_id.eq(case.unwrap_or(NO_CASE)))
        .order(events::seq.desc())
        .select(events::seq)
        .limit(1)
        .single_value();
    let asked = meta_table::table.find(meta::DIRECTORY_VERSION);
    let asked = asked.select((meta_table::value, exists(open), newest));
    let (version, is_open, case_version): (String, bool, Option<i32>) =
        each_backend!(connection, concrete => asked.first(concrete))?;
    Ok(Standing { is_open, directory_version: meta::version_of(&version)?, case_version })
}

/// Uses the token up, or says why not; a reused token revokes its family.
///
/// The caller answers `Ok` from its transaction also for [`Taken::Reused`], or the revocation is undone.
///
/// # Errors
/// Only what the database says.
pub fn take(connection: &mut AnyConnection, token_hash: &[u8], at: Instant) -> Result<Taken, StoreError> {
    let good = refresh_tokens::table
        .find(token_hash)
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(at));
    // Marking first and asking later leaves no gap for a second caller with the same token.
    let marked = diesel::update(good).set(refresh_tokens::used_at.eq(Some(at))).execute(connection)?;
    let row: Option<RefreshTokenRow> = refresh_tokens::table
        .find(token_hash)
        .select(RefreshTokenRow::as_select())
        .first(connection)
        .optional()?;
    let Some(row) = row else {
        return Ok(Taken::Unknown);
    };
    if marked == 1 {
        return Ok(Taken::Good(row));
    }
    if row.used_at.is_some() {
        let ended = revoke_family(connection, row.family_id, at)? > 0;
        return Ok(Taken::Reused { family_id: row.family_id, user_id: row.user_id, ended });
    }
    Ok(Taken::Ended { family_id: row.family_id, user_id: row.user_id })
}

/// Revokes until nothing is left: while the first statement waited for a token that was being used up, the next of its family came.
fn revoke(mut once: impl FnMut() -> Result<usize, StoreError>) -> Result<usize, StoreError> {
    let mut revoked = 0;
    loop {
        match once()? {
            0 => return Ok(revoked),
            count => revoked += count,
        }
    }
}

/// Ends every token that grew from one sign-in, and returns how many were still open.
///
/// # Errors
/// Only what the database says.
pub fn revoke_family(
    connection: &mut AnyConnection,
    family_id: i64,
    at: Instant,
) -> Result<usize, StoreError> {
    let open = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(family_id))
        .filter(refresh_tokens::revoked_at.is_null());
    revoke(|| Ok(diesel::update(open).set(refresh_tokens::revoked_at.eq(Some(at))).execute(connection)?))
}

/// Ends every token of the user, as after a change of password, and returns how many were still open.
///
/// # Errors
/// Only what the database says.
pub fn revoke_user(connection: &mut AnyConnection, user_id: i64, at: Instant) -> Result<usize, StoreError> {
    let open = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user_id))
        .filter(refresh_tokens::revoked_at.is_null());
    revoke(|| Ok(diesel::update(open).set(refresh_tokens::revoked_at.eq(Some(at))).execute(connection)?))
}

/// Deletes tokens that expired before the instant, and the sessions that have none left; returns how many tokens.
///
/// # Errors
/// Only what the database says.
pub fn purge_expired(connection: &mut AnyConnection, before: Instant) -> Result<usize, StoreError> {
    let expired = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before));
    let count = diesel::delete(expired).execute(connection)?;
    if count > 0 {
        let of_it = refresh_tokens::table.filter(refresh_tokens::family_id.eq(sessions::id));
        diesel::delete(sessions::table.filter(diesel::dsl::not(exists(of_it)))).execute(connection)?;
    }
    Ok(count)
}
