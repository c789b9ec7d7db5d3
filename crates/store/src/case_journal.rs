//! The journal in the words of the domain: a case is loaded by folding its events, changed by appending to them.

use domain::case::{Case, Recorded, fold};
use domain::id::CaseId;
use domain::reception::FIRST_KIND;

use crate::case_keys::{self, CaseKey};
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::journal::{self, EventRow, NewEvent};
use crate::recorded::{new_event, recorded};
use crate::sealing::Sealer;

const TABLE: &str = "events";

/// Whether all that the journal of the case says is sealed, the telling of its destruction aside.
///
/// # Errors
/// Only what the database says.
pub fn is_wholly_sealed(connection: &mut AnyConnection, case: CaseId) -> Result<bool, StoreError> {
    let rows = journal::load(connection, case.get())?;
    Ok(rows.iter().all(|row| case_keys::is_sealed(&row.body) || row.kind == journal::ERASED))
}

/// All events of the case, in order; none if it is not there.
///
/// # Errors
/// [`StoreError::Broken`]; [`StoreError::Sealing`] under another installation's keys.
pub fn load_events(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: CaseId,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = journal::load(connection, case.get())?;
    all_recorded(connection, sealer, case, &rows)
}

/// The stored events of a case in the words of the domain.
fn all_recorded(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: CaseId,
    rows: &[EventRow],
) -> Result<Vec<Recorded>, StoreError> {
    // The journal of something else is no case's.
    if rows.first().is_some_and(|first| first.kind == FIRST_KIND) {
        return Ok(Vec::new());
    }
    // Only of a confidential case is a key looked for.
    let key = match rows.iter().any(|row| case_keys::is_sealed(&row.body)) {
        true => case_keys::find(connection, sealer, case.get())?,
        false => None,
    };
    rows.iter().map(|row| recorded(row, key.as_ref())).collect()
}

/// The case as its events left it, if it is there; whether the caller may know of it is not asked here.
///
/// # Errors
/// [`StoreError::Broken`] if its journal does not make a case; [`StoreError::Sealing`] under another installation's keys.
pub fn load_case(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: CaseId,
) -> Result<Option<Case>, StoreError> {
    let events = load_events(connection, sealer, case)?;
    if events.is_empty() {
        return Ok(None);
    }
    folded(case, &events).map(Some)
}

/// As [`load_case`], and how long its journal is, in bytes.
///
/// # Errors
/// As [`load_case`].
pub fn load_case_of_size(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: CaseId,
) -> Result<Option<(Case, usize)>, StoreError> {
    let rows = journal::load(connection, case.get())?;
    let size = rows.iter().map(|row| row.body.len()).sum();
    let events = all_recorded(connection, sealer, case, &rows)?;
    if events.is_empty() {
        return Ok(None);
    }
    Ok(Some((folded(case, &events)?, size)))
}

/// Keeps others from changing the case, if it is there, until this transaction ends.
///
/// # Errors
/// [`StoreError::Locked`] if another holds it for long.
pub fn lock(connection: &mut AnyConnection, case: CaseId) -> Result<(), StoreError> {
    journal::lock(connection, case.get())
}

/// As [`lock`], without waiting: whether the case is there and nobody else holds it.
///
/// # Errors
/// Only what the database says.
pub fn lock_if_free(connection: &mut AnyConnection, case: CaseId) -> Result<bool, StoreError> {
    Ok(!journal::lock_free(connection, vec![case.get()])?.is_empty())
}

/// As [`load_case`], and nobody else changes the case until this transaction ends.
///
/// # Errors
/// As [`load_case`]; [`StoreError::Locked`] if another holds the case for long.
pub fn load_case_to_change(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: CaseId,
) -> Result<Option<Case>, StoreError> {
    lock(connection, case)?;
    load_case(connection, sealer, case)
}

/// Up to `limit` events of the case after the given number, in order.
///
/// # Errors
/// As [`load_events`].
pub fn events_page(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: CaseId,
    after_seq: u32,
    limit: u32,
) -> Result<Vec<Recorded>, StoreError> {
    let Ok(after_seq) = i32::try_from(after_seq) else { return Ok(Vec::new()) };
    let rows = journal::load_page(connection, case.get(), after_seq, limit.into())?;
    all_recorded(connection, sealer, case, &rows)
}

/// Appends events to a case that has `expected_version` events, and returns its new version; `next_id` gives
/// each row its id. With a sealer the case is confidential, and what the events say is sealed.
///
/// # Errors
/// [`StoreError::Conflict`] on [`journal::VERSION_MOVED`] if the case has another number of events by now;
/// [`StoreError::Broken`] if the events are not numbered on from there; [`StoreError::Sealing`] under another installation's keys.
pub fn append(
    connection: &mut AnyConnection,
    sealing: Option<&Sealer>,
    case: CaseId,
    expected_version: u32,
    events: &[Recorded],
    next_id: &mut dyn FnMut() -> i64,
) -> Result<u32, StoreError> {
    let key = sealing.map(|sealer| case_keys::find_or_make(connection, sealer, case.get())).transpose()?;
    append_under(connection, key.as_ref(), case, expected_version, events, next_id)
}

/// As [`append`], under the key of the case that is at hand.
pub(crate) fn append_under(
    connection: &mut AnyConnection,
    key: Option<&CaseKey>,
    case: CaseId,
    expected_version: u32,
    events: &[Recorded],
    next_id: &mut dyn FnMut() -> i64,
) -> Result<u32, StoreError> {
    let events = new_events(case, key, expected_version, events, next_id)?;
    let version = journal::append(connection, case.get(), number(expected_version)?, &events)?;
    u32::try_from(version).map_err(|error| StoreError::broken(TABLE, error))
}

/// The events as the journal of a case that has `expected_version` events takes them.
///
/// # Errors
/// As [`append`].
pub(crate) fn new_events(
    case: CaseId,
    key: Option<&CaseKey>,
    expected_version: u32,
    events: &[Recorded],
    next_id: &mut dyn FnMut() -> i64,
) -> Result<Vec<NewEvent>, StoreError> {
    if events.iter().zip(expected_version.saturating_add(1)..).any(|(event, seq)| event.seq != seq) {
        let detail = format!("events of {case} are not numbered on from {expected_version}");
        return Err(StoreError::broken(TABLE, detail));
    }
    events.iter().map(|event| new_event(next_id(), event, key)).collect()
}

pub(crate) fn folded(case: CaseId, events: &[Recorded]) -> Result<Case, StoreError> {
    fold(case, events).map_err(|error| StoreError::broken(TABLE, format!("case {case}: {error}")))
}

fn number(seq: u32) -> Result<i32, StoreError> {
    i32::try_from(seq).map_err(|error| StoreError::broken(TABLE, error))
}
