//! The journals of sessions in the words of the domain.

use domain::id::ReceptionId;
use domain::reception::{FIRST_KIND, Reception, ReceptionRecorded, fold};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::journal::{self, EventRow, NewEvent};
use crate::receptions;
use crate::recorded::{new_event, recorded};

const TABLE: &str = "events";

fn all_recorded(rows: &[EventRow]) -> Result<Vec<ReceptionRecorded>, StoreError> {
    // What begins otherwise is the journal of something else.
    if rows.first().is_none_or(|first| first.kind != FIRST_KIND) {
        return Ok(Vec::new());
    }
    rows.iter().map(|row| recorded(row, None)).collect()
}

/// The session as its events left it, if it is there; whether the caller may know of it is not asked here.
///
/// # Errors
/// [`StoreError::Broken`] if its journal does not make a session.
pub fn load(connection: &mut AnyConnection, reception: ReceptionId) -> Result<Option<Reception>, StoreError> {
    let events = all_recorded(&journal::load(connection, reception.get())?)?;
    if events.is_empty() {
        return Ok(None);
    }
    folded(reception, &events).map(Some)
}

/// As [`load`], and nobody else changes the session until this transaction ends.
///
/// # Errors
/// As [`load`]; [`StoreError::Locked`] if another holds it for long.
pub fn load_to_change(
    connection: &mut AnyConnection,
    reception: ReceptionId,
) -> Result<Option<Reception>, StoreError> {
    receptions::lock(connection, reception)?;
    load(connection, reception)
}

/// Up to `limit` events of a session that is there after the given number, in order.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn events_page(
    connection: &mut AnyConnection,
    reception: ReceptionId,
    after_seq: u32,
    limit: u32,
) -> Result<Vec<ReceptionRecorded>, StoreError> {
    let Ok(after_seq) = i32::try_from(after_seq) else { return Ok(Vec::new()) };
    let rows = journal::load_page(connection, reception.get(), after_seq, limit.into())?;
    rows.iter().map(|row| recorded(row, None)).collect()
}

pub(crate) fn folded(reception: ReceptionId, events: &[ReceptionRecorded]) -> Result<Reception, StoreError> {
    fold(reception, events)
        .map_err(|error| StoreError::broken(TABLE, format!("session {reception}: {error}")))
}

/// Appends events to a session and brings the read tables up to date; without a state before, it is new. `next_id` gives each
/// row its id. Returns the session as it is then.
///
/// # Errors
/// [`StoreError::Conflict`] on [`journal::VERSION_MOVED`] if the session has another number of events by now, and on
/// [`receptions::MATTER_BOOKED`]; [`StoreError::Broken`] if the events do not go on from there.
pub fn append(
    connection: &mut AnyConnection,
    (id, before): (ReceptionId, Option<&Reception>),
    events: &[ReceptionRecorded],
    next_id: &mut dyn FnMut() -> i64,
) -> Result<Reception, StoreError> {
    let after = match before {
        Some(before) => before.advanced(events),
        None => folded(id, events)?,
    };
    let version = before.map_or(0, |before| before.version);
    if events.iter().zip(version.saturating_add(1)..).any(|(event, seq)| event.seq != seq) {
        let detail = format!("events of session {id} are not numbered on from {version}");
        return Err(StoreError::broken(TABLE, detail));
    }
    let rows: Vec<NewEvent> =
        events.iter().map(|event| new_event(next_id(), event, None)).collect::<Result<_, _>>()?;
    // The row of the session first: it is what another's change waits for.
    receptions::project(connection, before, &after)?;
    let version = i32::try_from(version).map_err(|error| StoreError::broken(TABLE, error))?;
    journal::append(connection, id.get(), version, &rows)?;
    Ok(after)
}
