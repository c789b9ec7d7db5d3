//! The events of each case: the truth, append-only, numbered from 1 without a gap.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Instant, each_backend};
use crate::schema::events;

/// The constraint that a lost race breaks; see [`StoreError::is_conflict_on`].
pub const VERSION_MOVED: &str = "events_case_id_seq_key";

/// An event that is not yet in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    pub id: i64,
    pub kind: String,
    /// JSON, kept byte for byte, so that a hash over it stays valid.
    pub body: String,
    /// JSON: who did it.
    pub actor: String,
    /// When it happened in the world.
    pub occurred_at: Instant,
    /// The legal day of that instant, in the office's time zone.
    pub occurred_on: NaiveDate,
    /// When the server learnt of it.
    pub recorded_at: Instant,
}

/// An event of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events)]
pub struct EventRow {
    pub id: i64,
    pub case_id: i64,
    pub seq: i32,
    pub kind: String,
    pub body: String,
    pub actor: String,
    pub occurred_at: Instant,
    pub occurred_on: NaiveDate,
    pub recorded_at: Instant,
}

/// Appends events to a case that has `expected_version` events, and returns its new version.
///
/// # Errors
/// [`StoreError::Conflict`] on [`VERSION_MOVED`] if the case has another number of events by now.
pub fn append(
    connection: &mut AnyConnection,
    case_id: i64,
    expected_version: i32,
    new_events: &[NewEvent],
) -> Result<i32, StoreError> {
    if version(connection, case_id)? != expected_version {
        return Err(StoreError::Conflict { constraint: VERSION_MOVED.to_owned() });
    }
    let rows: Vec<EventRow> = new_events
        .iter()
        .zip(expected_version.saturating_add(1)..)
        .map(|(event, seq)| EventRow {
            id: event.id,
            case_id,
            seq,
            kind: event.kind.clone(),
            body: event.body.clone(),
            actor: event.actor.clone(),
            occurred_at: event.occurred_at,
            occurred_on: event.occurred_on,
            recorded_at: event.recorded_at,
        })
        .collect();
    let new_version = rows.last().map_or(expected_version, |row| row.seq);
    // Between the question and this, only PostgreSQL lets another writer in; there the constraint decides.
    each_backend!(connection, concrete => {
        diesel::insert_into(events::table).values(&rows).execute(concrete)
    })?;
    Ok(new_version)
}

/// How many events the case has; 0 if it is not there.
///
/// # Errors
/// Only what the database says.
pub fn version(connection: &mut AnyConnection, case_id: i64) -> Result<i32, StoreError> {
    let last = events::table.filter(events::case_id.eq(case_id)).select(diesel::dsl::max(events::seq));
    Ok(last.first::<Option<i32>>(connection)?.unwrap_or(0))
}

/// All events of the case, in order; none if it is not there.
///
/// # Errors
/// Only what the database says.
pub fn load(connection: &mut AnyConnection, case_id: i64) -> Result<Vec<EventRow>, StoreError> {
    let all = events::table.filter(events::case_id.eq(case_id)).order(events::seq);
    Ok(all.select(EventRow::as_select()).load(connection)?)
}

/// Up to `limit` events of the case after the given number, in order.
///
/// # Errors
/// Only what the database says.
pub fn load_page(
    connection: &mut AnyConnection,
    case_id: i64,
    after_seq: i32,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let page = events::table
        .filter(events::case_id.eq(case_id))
        .filter(events::seq.gt(after_seq))
        .order(events::seq)
        .limit(limit);
    Ok(page.select(EventRow::as_select()).load(connection)?)
}

/// Up to `limit` ids of cases after the given one, in order; for going through the whole journal.
///
/// # Errors
/// Only what the database says.
pub fn case_ids(
    connection: &mut AnyConnection,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let firsts = events::table
        .filter(events::seq.eq(1))
        .filter(events::case_id.gt(after.unwrap_or(i64::MIN)))
        .order(events::case_id)
        .limit(limit);
    Ok(firsts.select(events::case_id).load(connection)?)
}
