//! Failed sign-ins in a row, and for how long an account takes no more (GB/T 22239 level 3: failures are limited).
//!
//! An attempt counts as failed until it has succeeded, so that many at a time are as many failures.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Instant, Portable};
use crate::schema::sign_in_failures::{self, account, failed, last_at, network};

/// In the row of an account from anywhere.
const ANYWHERE: &str = "";

/// How many failures in a row are put up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one account from one network.
    pub from_one_network: i32,
    /// Of one account from everywhere together: higher, because whoever fails on purpose locks its owner out.
    pub from_anywhere: i32,
    /// How long an account is locked, and after how long without a failure they are forgotten.
    pub lock: TimeDelta,
}

impl Limits {
    /// Until when nothing is taken after so many failures from one network: the pauses grow, up to the lock.
    fn pause_after(self, failures: i32) -> TimeDelta {
        match self.from_one_network.saturating_sub(failures) {
            ..=0 => self.lock,
            1 => TimeDelta::seconds(15).min(self.lock),
            2 => TimeDelta::seconds(5).min(self.lock),
            _ => TimeDelta::zero(),
        }
    }
}

/// Whether an attempt is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It is, and has been counted.
    Taken(Counting),
    /// It is not before that moment, whatever the password.
    Locked {
        /// In UTC.
        until: DateTime<Utc>,
    },
}

/// An attempt that has been counted, with what taking it back restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counting {
    at: Instant,
    last_here: Instant,
    last_anywhere: Instant,
}

/// Counts an attempt, if it may be made now.
///
/// # Errors
/// [`StoreError::Contended`] if another attempt on the account holds its rows for long.
pub fn begin(
    connection: &mut AnyConnection,
    of_account: &str,
    from_network: &str,
    now: DateTime<Utc>,
    limits: Limits,
) -> Result<Attempt, StoreError> {
    lock_account(connection, of_account)?;
    let anywhere = counted(connection, of_account, ANYWHERE, now, limits)?;
    let here = counted(connection, of_account, from_network, now, limits)?;
    let locked_anywhere = (anywhere.failures >= limits.from_anywhere).then(|| anywhere.last + limits.lock);
    let locked_here = here.last + limits.pause_after(here.failures);
    let until = locked_anywhere.map_or(locked_here, |until| until.max(locked_here));
    if until > now {
        return Ok(Attempt::Locked { until });
    }
    for (row, failures) in [(ANYWHERE, anywhere.failures), (from_network, here.failures)] {
        let one_more = (failed.eq(failures.saturating_add(1)), last_at.eq(Instant::from(now)));
        let new = (account.eq(of_account), network.eq(row), one_more);
        let upsert = diesel::insert_into(sign_in_failures::table)
            .values(new)
            .on_conflict((account, network))
            .do_update()
            .set(one_more);
        Portable(upsert).execute(connection)?;
    }
    Ok(Attempt::Taken(Counting {
        at: now.into(),
        last_here: here.last.into(),
        last_anywhere: anywhere.last.into(),
    }))
}

struct Counted {
    failures: i32,
    last: DateTime<Utc>,
}

/// Keeps others from counting for the account until this transaction ends. A row that is not there cannot be locked; the
/// account's name can. The embedded engine has one writer anyway.
fn lock_account(connection: &mut AnyConnection, of_account: &str) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 22239))")
            .bind::<Text, _>(of_account)
            .execute(concrete)?;
    }
    Ok(())
}

fn counted(
    connection: &mut AnyConnection,
    of_account: &str,
    in_network: &str,
    now: DateTime<Utc>,
    limits: Limits,
) -> Result<Counted, StoreError> {
    let row = sign_in_failures::table.find((of_account, in_network)).select((failed, last_at));
    let found: Option<(i32, Instant)> = row.first(connection).optional()?;
    let standing = found.map(|(failures, last)| (failures, DateTime::<Utc>::from(last)));
    let fresh = standing.filter(|(_, last)| *last + limits.lock > now);
    Ok(fresh.map_or(Counted { failures: 0, last: now }, |(failures, last)| Counted { failures, last }))
}

/// Takes back all that was counted from this network: an attempt has succeeded.
///
/// # Errors
/// [`StoreError::Contended`] if another attempt on the account holds it for long.
pub fn forgive(
    connection: &mut AnyConnection,
    of_account: &str,
    from_network: &str,
) -> Result<(), StoreError> {
    lock_account(connection, of_account)?;
    let here = sign_in_failures::table.find((of_account, from_network));
    let failures: Option<i32> = here.select(failed).first(connection).optional()?;
    diesel::delete(here).execute(connection)?;
    subtract(connection, of_account, ANYWHERE, failures.unwrap_or(0))
}

/// Takes back one attempt, which was neither right nor wrong: nobody waits for the pause after it.
///
/// # Errors
/// As [`forgive`].
pub fn take_back(
    connection: &mut AnyConnection,
    of_account: &str,
    from_network: &str,
    counting: Counting,
) -> Result<(), StoreError> {
    lock_account(connection, of_account)?;
    for (row, last) in [(ANYWHERE, counting.last_anywhere), (from_network, counting.last_here)] {
        // Where another attempt was counted meanwhile, its moment stays.
        let newest = sign_in_failures::table.find((of_account, row)).filter(last_at.eq(counting.at));
        diesel::update(newest).set(last_at.eq(last)).execute(connection)?;
        subtract(connection, of_account, row, 1)?;
    }
    Ok(())
}

fn subtract(
    connection: &mut AnyConnection,
    of_account: &str,
    in_network: &str,
    failures: i32,
) -> Result<(), StoreError> {
    let row = sign_in_failures::table.find((of_account, in_network));
    diesel::delete(row.filter(failed.le(failures))).execute(connection)?;
    diesel::update(row.filter(failed.gt(failures))).set(failed.eq(failed - failures)).execute(connection)?;
    Ok(())
}

/// Unlocks an account, wherever its failures came from.
///
/// # Errors
/// As [`forgive`].
pub fn unlock(connection: &mut AnyConnection, of_account: &str) -> Result<(), StoreError> {
    lock_account(connection, of_account)?;
    diesel::delete(sign_in_failures::table.filter(account.eq(of_account))).execute(connection)?;
    Ok(())
}

/// Forgets failures that were the last of theirs by the instant.
///
/// # Errors
/// Only what the database says.
pub fn purge(connection: &mut AnyConnection, by: Instant) -> Result<usize, StoreError> {
    Ok(diesel::delete(sign_in_failures::table.filter(last_at.le(by))).execute(connection)?)
}
