//! The events of each case, and of each reception session: the truth, append-only, numbered from 1 without a gap.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::{Serialize, Serializer};

use crate::chain;
use crate::connection::{AnyConnection, MultiBackend};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::portable::{self, Instant, Kept, each_backend, insert_one};
use crate::schema::{cases, events};
use crate::slice::Range;

/// The constraint that a lost race breaks; see [`StoreError::is_conflict_on`].
pub const VERSION_MOVED: &str = "events_case_id_seq_key";

/// The kind of the event that tells that a case's personal data was destroyed.
pub(crate) const ERASED: &str = "personal_data_erased";

/// Whether the journal of the case ends with that its personal data was destroyed.
///
/// # Errors
/// Only what the database says.
pub(crate) fn is_erased(connection: &mut AnyConnection, case: i64) -> Result<bool, StoreError> {
    let last =
        events::table.filter(events::stream_id.eq(case)).order(events::seq.desc()).select(events::kind);
    Ok(last.first::<String>(connection).optional()?.is_some_and(|kind| kind == ERASED))
}

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
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct EventRow {
    pub id: i64,
    /// The case, or whatever else the journal is of; in the database it has its first name, which an earlier version that is
    /// still running writes.
    #[serde(rename = "case_id")]
    pub stream_id: i64,
    pub seq: i32,
    pub kind: String,
    pub body: String,
    pub actor: String,
    pub occurred_at: Instant,
    pub occurred_on: NaiveDate,
    pub recorded_at: Instant,
    /// Over the event and the hash of the one before it; see [`chain`].
    #[serde(serialize_with = "as_bytea")]
    pub hash: Option<Digest>,
}

/// Appends events to a journal that has `expected_version` events, and returns its new version.
///
/// Whoever appends has folded it in this transaction, and so knows its version; it is not asked for again.
///
/// # Errors
/// [`StoreError::Conflict`] on [`VERSION_MOVED`] if the case has another number of events by now.
pub fn append(
    connection: &mut AnyConnection,
    stream_id: i64,
    expected_version: i32,
    new_events: &[NewEvent],
) -> Result<i32, StoreError> {
    let previous = chain::head(connection, stream_id, expected_version)?;
    let rows = numbered(stream_id, expected_version, previous, new_events);
    let new_version = rows.last().map_or(expected_version, |row| row.seq);
    insert(connection, &rows)?;
    Ok(new_version)
}

/// The rows of events that a journal of `expected_version` events, the last with that hash, goes on with.
pub(crate) fn numbered(
    stream_id: i64,
    expected_version: i32,
    previous: Digest,
    new_events: &[NewEvent],
) -> Vec<EventRow> {
    let rows = new_events.iter().zip(expected_version.saturating_add(1)..).map(|(event, seq)| EventRow {
        id: event.id,
        stream_id,
        seq,
        kind: event.kind.clone(),
        body: event.body.clone(),
        actor: event.actor.clone(),
        occurred_at: event.occurred_at,
        occurred_on: event.occurred_on,
        recorded_at: event.recorded_at,
        hash: None,
    });
    let mut rows: Vec<EventRow> = rows.collect();
    chain::link(&mut rows, previous);
    rows
}

fn as_bytea<S: Serializer>(hash: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
    portable::as_bytea_if_any(&hash.map(|hash| hash.0), serializer)
}

/// Writes events at the end of the order that [`follow`] gives.
///
/// # Errors
/// [`StoreError::Conflict`] on [`VERSION_MOVED`], or on an event's id.
pub fn insert(connection: &mut AnyConnection, rows: &[EventRow]) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(concrete) => {
            // The column's default is POSITION and the offset.
            let insert = diesel::insert_into(events::table).values(rows).returning(events::id);
            Kept(insert).load::<i64>(concrete)?;
        }
        AnyConnection::Sqlite(concrete) => {
            // Whoever is here has the only write lock, so the next position is nobody else's.
            let last: Option<i64> = events::table.select(max(events::position)).first(concrete)?;
            let position = events::position.eq(last.unwrap_or(0).saturating_add(1));
            for row in rows {
                insert_one!(concrete, events, (row, position))?;
            }
        }
    }
    Ok(())
}

/// As [`insert`], of many events at once: their number is in no statement's text.
///
/// # Errors
/// As [`insert`].
pub(crate) fn insert_many(connection: &mut AnyConnection, rows: &[EventRow]) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(concrete) => {
            diesel::copy_from(events::table).from_insertable(rows).execute(concrete)?;
            Ok(())
        }
        AnyConnection::Sqlite(_) => insert(connection, rows),
    }
}

/// An event's place in the order in which a reader follows the whole journal; later events of its case, and of others,
/// come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub position: i64,
    pub stream_id: i64,
    pub seq: i32,
}

/// The number of the transaction or, if that is higher, of the newest one that had ended when the event was written.
///
/// A transaction that changes several cases may have begun before another that it then waited for at one of them, so its
/// own number would put its event before the one that it follows. No event is put before a transaction that is open.
const POSITION: &str = "GREATEST(pg_current_xact_id()::text::bigint, \
                        pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)";

/// Up to `limit` events of all cases after the place, in the order of their transactions, each with its own place.
///
/// An event is given only when every transaction that could still put one before it has ended, so a reader who goes
/// on from the last place misses none, however late a transaction commits.
///
/// # Errors
/// Only what the database says.
pub fn follow(
    connection: &mut AnyConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, EventRow)>, StoreError> {
    let settled = settled_after(connection, after, limit)?;
    let found: Vec<(i64, EventRow)> =
        settled.select((events::position, EventRow::as_select())).load(connection)?;
    let place = |position, row: &EventRow| Place { position, stream_id: row.stream_id, seq: row.seq };
    Ok(found.into_iter().map(|(position, row)| (place(position, &row), row)).collect())
}

/// An event without what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BoundEvent {
    pub(crate) place: Place,
    pub(crate) id: i64,
    /// None for an event of an earlier version of this program that was not given one yet.
    pub(crate) hash: Option<Digest>,
}

/// As [`follow`], but only the hashes.
pub(crate) fn follow_hashes(
    connection: &mut AnyConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<BoundEvent>, StoreError> {
    let settled = settled_after(connection, after, limit)?;
    hashes_of(connection, settled)
}

fn hashes_of(
    connection: &mut AnyConnection,
    events: events::BoxedQuery<'static, MultiBackend>,
) -> Result<Vec<BoundEvent>, StoreError> {
    let columns = (events::position, events::stream_id, events::seq, events::id, events::hash);
    let found: Vec<(i64, i64, i32, i64, Option<Digest>)> = events.select(columns).load(connection)?;
    let bound = found.into_iter().map(|(position, stream_id, seq, id, hash)| BoundEvent {
        place: Place { position, stream_id, seq },
        id,
        hash,
    });
    Ok(bound.collect())
}

/// As [`follow_hashes`], also what may still get others before it: what was under a checkpoint has none to wait for.
pub(crate) fn written_after(
    connection: &mut AnyConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<BoundEvent>, StoreError> {
    hashes_of(connection, all_after(after, limit))
}

/// When the oldest event after the place and the newest of all were recorded; none if there is none after it.
pub(crate) fn uncovered(
    connection: &mut AnyConnection,
    after: Option<Place>,
) -> Result<Option<[DateTime<Utc>; 2]>, StoreError> {
    let oldest: Option<Instant> =
        all_after(after, 1).select(events::recorded_at).first(connection).optional()?;
    let newest: Option<Instant> =
        events::table.order(events::id.desc()).select(events::recorded_at).first(connection).optional()?;
    Ok(oldest.zip(newest).map(|(oldest, newest)| [oldest.into(), newest.into()]))
}

/// Where the event stands in that order, if it is there.
pub(crate) fn place_of(connection: &mut AnyConnection, id: i64) -> Result<Option<Place>, StoreError> {
    let place = events::table.find(id).select((events::position, events::stream_id, events::seq));
    let place: Option<(i64, i64, i32)> = place.first(connection).optional()?;
    Ok(place.map(|(position, stream_id, seq)| Place { position, stream_id, seq }))
}

fn settled_after(
    connection: &mut AnyConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<events::BoxedQuery<'static, MultiBackend>, StoreError> {
    let end = end_of_the_settled(connection)?;
    Ok(all_after(after, limit).filter(events::position.lt(end)))
}

fn all_after(after: Option<Place>, limit: i64) -> events::BoxedQuery<'static, MultiBackend> {
    let after = after.unwrap_or(Place { position: i64::MIN, stream_id: i64::MIN, seq: 0 });
    let further = events::stream_id.eq(after.stream_id).and(events::seq.gt(after.seq));
    let all = events::table
        // The first condition says nothing new, but lets the index start at the place.
        .filter(events::position.ge(after.position))
        .filter(events::position.gt(after.position).or(events::stream_id.gt(after.stream_id)).or(further))
        .order((events::position, events::stream_id, events::seq))
        .limit(limit);
    all.into_boxed()
}

/// No event will ever come before this position; one that is still open may come at it or after.
pub(crate) fn end_of_the_settled(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    match connection {
        AnyConnection::Sqlite(_) => Ok(i64::MAX),
        AnyConnection::Postgres(concrete) => {
            let oldest_open = diesel::sql_query(
                "SELECT (SELECT value::bigint FROM meta WHERE key = 'position_offset') \
                 + pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS number",
            );
            Ok(oldest_open.get_result::<Number>(concrete)?.number)
        }
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Sees to it that positions rise also in a cluster whose transactions are numbered from the beginning again, as after
/// a restore from a dump; called at each start, when nobody writes yet.
///
/// # Errors
/// Only what the database says.
pub(crate) fn let_positions_rise(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let AnyConnection::Postgres(concrete) = connection else { return Ok(()) };
    let missing = diesel::sql_query(
        "SELECT GREATEST((SELECT max(position) FROM events), (SELECT max(position) FROM audit_entries), 0) + 1 \
         - (SELECT value::bigint FROM meta WHERE key = 'position_offset') \
         - pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS number",
    );
    let Number { number: missing } = missing.get_result(concrete)?;
    if missing <= 0 {
        return Ok(());
    }
    concrete.transaction(|concrete| {
        let offset = diesel::sql_query(
            "UPDATE meta SET value = (value::bigint + $1)::text WHERE key = 'position_offset' \
             RETURNING value::bigint AS number",
        );
        let Number { number: offset } = offset.bind::<BigInt, _>(missing).get_result(concrete)?;
        for table in ["events", "audit_entries"] {
            concrete.batch_execute(&format!(
                "ALTER TABLE {table} ALTER COLUMN position SET DEFAULT ({offset} + {POSITION})"
            ))?;
        }
        Ok(())
    })
}

/// How many events the journal has; 0 if it is not there.
///
/// # Errors
/// Only what the database says.
pub fn version(connection: &mut AnyConnection, stream_id: i64) -> Result<i32, StoreError> {
    let last = events::table.filter(events::stream_id.eq(stream_id)).select(diesel::dsl::max(events::seq));
    let last: Option<i32> = each_backend!(connection, concrete => last.first(concrete))?;
    Ok(last.unwrap_or(0))
}

/// Keeps other transactions from changing the case until this one ends; the embedded engine has one writer anyway.
///
/// # Errors
/// [`StoreError::Locked`] if another holds it for long.
pub fn lock(connection: &mut AnyConnection, case_id: i64) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        let row = cases::table.find(case_id).select(cases::id).for_no_key_update();
        row.first::<i64>(concrete).optional()?;
    }
    Ok(())
}

/// As [`lock`], of those of the cases that nobody else holds; which they are. Nobody is waited for.
///
/// # Errors
/// Only what the database says.
pub(crate) fn lock_free(connection: &mut AnyConnection, case_ids: Vec<i64>) -> Result<Vec<i64>, StoreError> {
    let these = cases::table.filter(cases::id.eq_any(case_ids)).select(cases::id).order(cases::id);
    Ok(match connection {
        AnyConnection::Postgres(concrete) => these.for_no_key_update().skip_locked().load(concrete)?,
        AnyConnection::Sqlite(concrete) => these.load(concrete)?,
    })
}

/// All events of these cases, each case's together and in order.
///
/// # Errors
/// Only what the database says.
pub(crate) fn load_all(
    connection: &mut AnyConnection,
    case_ids: Vec<i64>,
) -> Result<Vec<EventRow>, StoreError> {
    let all =
        events::table.filter(events::stream_id.eq_any(case_ids)).order((events::stream_id, events::seq));
    let rows = all.select(EventRow::as_select()).load(connection);
    rows.map_err(|error| StoreError::from(error).in_table("events"))
}

/// All events of the journal, in order; none if it is not there.
///
/// # Errors
/// Only what the database says.
pub fn load(connection: &mut AnyConnection, stream_id: i64) -> Result<Vec<EventRow>, StoreError> {
    let all = events::table.filter(events::stream_id.eq(stream_id)).order(events::seq);
    let rows = all.select(EventRow::as_select()).load(connection);
    rows.map_err(|error| StoreError::from(error).in_table("events"))
}

/// Up to `limit` events of the journal after the given number, in order.
///
/// # Errors
/// Only what the database says.
pub fn load_page(
    connection: &mut AnyConnection,
    stream_id: i64,
    after_seq: i32,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let page = events::table
        .filter(events::stream_id.eq(stream_id))
        .filter(events::seq.gt(after_seq))
        .order(events::seq)
        .limit(limit);
    Ok(page.select(EventRow::as_select()).load(connection)?)
}

/// Up to `limit` ids of cases and sessions after the given one, in order; for going through the whole journal.
///
/// # Errors
/// Only what the database says.
pub fn stream_ids(
    connection: &mut AnyConnection,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let with_events = events::table
        .filter(events::stream_id.gt(after.unwrap_or(i64::MIN)))
        .select(events::stream_id)
        .distinct()
        .order(events::stream_id)
        .limit(limit);
    Ok(with_events.load(connection)?)
}

/// The events of all journals in the range, each one's together and in order.
pub(crate) fn load_between(
    connection: &mut AnyConnection,
    range: Range,
) -> Result<Vec<EventRow>, StoreError> {
    let between = events::table
        .filter(events::stream_id.gt(range.after()))
        .filter(events::stream_id.le(range.last()))
        .order((events::stream_id, events::seq));
    Ok(between.select(EventRow::as_select()).load(connection)?)
}
