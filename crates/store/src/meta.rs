//! The version of the directories, by which every process knows that its snapshot of them is old.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Kept;
use crate::schema::meta;
use crate::sealing;

/// Under this key stands the mark that the calendar was changed, until every open deadline has been reckoned again.
const CALENDAR_CHANGED_BECAUSE: &str = "calendar_changed_because";
pub(crate) const DIRECTORY_VERSION: &str = "directory_version";

/// The version of regions, organisations, users, review rules and the calendar together.
///
/// # Errors
/// [`StoreError::Broken`] if it is no number.
pub fn directory_version(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let value: String = meta::table.find(DIRECTORY_VERSION).select(meta::value).first(connection)?;
    version_of(&value)
}

pub(crate) fn version_of(value: &str) -> Result<i64, StoreError> {
    value.parse().map_err(|error| StoreError::broken("meta", format!("{value:?}: {error}")))
}

/// Keeps other transactions from changing a directory until this one ends; a change begins with it, so that what it
/// decides on is still so when it is written. The embedded engine has one writer anyway.
///
/// # Errors
/// [`StoreError::Contended`] if another holds it for long.
pub fn lock_directories(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        let row = meta::table.find(DIRECTORY_VERSION).select(meta::key).for_no_key_update();
        row.first::<String>(concrete)?;
    }
    Ok(())
}

/// Counts the version up; every verb that writes to a directory does this in its own transaction.
///
/// By a random step: a version that was rolled back is never reached again by another change, so a snapshot that
/// was taken in between cannot be mistaken for it.
///
/// # Errors
/// [`StoreError::NotFound`] if the row is gone; [`StoreError::Sealing`] if the system gives no random bytes.
pub fn bump_directory_version(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let step = i64::from(sealing::random_number()?) + 1;
    let changed =
        diesel::sql_query("UPDATE meta SET value = CAST(CAST(value AS BIGINT) + $1 AS TEXT) WHERE key = $2")
            .bind::<BigInt, _>(step)
            .bind::<Text, _>(DIRECTORY_VERSION)
            .execute(connection)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// The value under a key, if there is one.
///
/// # Errors
/// Only what the database says.
pub fn get(connection: &mut AnyConnection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(meta::table.find(key).select(meta::value).first(connection).optional()?)
}

/// Puts a value under a key, over what was there.
///
/// # Errors
/// Only what the database says.
pub fn set(connection: &mut AnyConnection, key: &str, value: &str) -> Result<(), StoreError> {
    let row = (meta::key.eq(key), meta::value.eq(value));
    let changed = diesel::update(meta::table.find(key)).set(meta::value.eq(value)).execute(connection)?;
    if changed == 0 {
        diesel::insert_into(meta::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// That the calendar was changed and the open deadlines are to be reckoned again.
///
/// The version of the directories at the change tells it from a later one that gives the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarMark {
    value: String,
}

impl CalendarMark {
    /// Why the calendar was changed.
    pub fn reason(&self) -> &str {
        self.value.split_once('\n').map_or(&self.value, |(_version, reason)| reason)
    }
}

#[derive(QueryableByName)]
struct Nothing {}

/// Lets it be known until this transaction ends that it writes, and may reckon by the calendar that is now. The embedded
/// engine has one writer anyway.
pub(crate) fn keep_calendar(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        let keep = diesel::sql_query("SELECT pg_advisory_xact_lock_shared(22239, 1)");
        Kept(keep).load::<Nothing>(concrete)?;
    }
    Ok(())
}

/// Waits for all transactions that write, and lets no other begin to until this one ends. Not for one that
/// [keeps the calendar](keep_calendar) itself: two of them would wait for each other.
pub(crate) fn await_those_who_keep_calendar(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        diesel::sql_query("SELECT pg_advisory_xact_lock(22239, 1)").load::<Nothing>(concrete)?;
    }
    Ok(())
}

/// Leaves the mark that the calendar was changed, over an earlier one, in the transaction of the change.
///
/// # Errors
/// Only what the database says.
pub fn mark_calendar_changed(connection: &mut AnyConnection, reason: &str) -> Result<(), StoreError> {
    let version = directory_version(connection)?;
    set(connection, CALENDAR_CHANGED_BECAUSE, &format!("{version}\n{reason}"))
}

/// The mark that the calendar was changed, if there is one.
///
/// # Errors
/// Only what the database says.
pub fn calendar_mark(connection: &mut AnyConnection) -> Result<Option<CalendarMark>, StoreError> {
    Ok(get(connection, CALENDAR_CHANGED_BECAUSE)?.map(|value| CalendarMark { value }))
}

/// Takes the mark away, unless the calendar has been changed again since it was left.
///
/// # Errors
/// Only what the database says.
pub fn clear_calendar_mark(connection: &mut AnyConnection, mark: &CalendarMark) -> Result<(), StoreError> {
    let left = meta::table.find(CALENDAR_CHANGED_BECAUSE).filter(meta::value.eq(&mark.value));
    diesel::delete(left).execute(connection)?;
    Ok(())
}
