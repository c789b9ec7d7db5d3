//! The journal in the words of the domain: a case is loaded by folding its events, changed by appending to them.

use domain::case::{Case, Event, Recorded, fold};
use domain::id::CaseId;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, MapAccess};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::case_keys::{self, CaseKey};
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::journal::{self, EventRow, NewEvent};
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

fn new_event(id: i64, recorded: &Recorded, key: Option<&CaseKey>) -> Result<NewEvent, StoreError> {
    let unwritable = |error: serde_json::Error| StoreError::broken(TABLE, error);
    let kind: &str = recorded.event.as_ref();
    let body = match serde_json::to_value(&recorded.event).map_err(unwritable)? {
        // The column's word is the one under which the event is read again.
        Value::Object(mut parts) if parts.get("kind").and_then(Value::as_str) == Some(kind) => {
            parts.remove("data").unwrap_or(Value::Null)
        }
        _ => {
            return Err(StoreError::broken(
                TABLE,
                format!("an event of kind {kind} has another name in JSON"),
            ));
        }
    };
    Ok(NewEvent {
        id,
        kind: kind.to_owned(),
        body: match key {
            // Whoever destroyed what the others say must still be told; it names nobody.
            Some(_) if kind == journal::ERASED => body.to_string(),
            Some(key) => key.seal(id, kind, &body.to_string())?,
            None => body.to_string(),
        },
        actor: serde_json::to_string(&recorded.actor).map_err(unwritable)?,
        occurred_at: recorded.occurred_at.into(),
        occurred_on: recorded.occurred_on,
        recorded_at: recorded.recorded_at.into(),
    })
}

fn recorded(row: &EventRow, key: Option<&CaseKey>) -> Result<Recorded, StoreError> {
    readable(row, key).map_err(|part| StoreError::broken(TABLE, format!("the {part} of event {}", row.id)))
}

/// The stored event in the words of the domain, or the part that does not open or parse.
///
/// Only the part is told: what serde says of a bad value may quote it, and a petitioner's words must not reach the
/// log.
pub(crate) fn readable(row: &EventRow, key: Option<&CaseKey>) -> Result<Recorded, &'static str> {
    let opened = match case_keys::is_sealed(&row.body) {
        true => Some(key.and_then(|key| key.unseal(row.id, &row.kind, &row.body)).ok_or("sealed body")?),
        false => None,
    };
    let body = opened.as_deref().unwrap_or(&row.body);
    Ok(Recorded {
        seq: u32::try_from(row.seq).map_err(|_negative| "number")?,
        event: event_of(&row.kind, body).map_err(|_may_quote| "body")?,
        actor: serde_json::from_str(&row.actor).map_err(|_may_quote| "actor")?,
        occurred_at: row.occurred_at.into(),
        occurred_on: row.occurred_on,
        recorded_at: row.recorded_at.into(),
    })
}

/// The event of that kind with that body, which is parsed once, straight into the event.
fn event_of(kind: &str, body: &str) -> Result<Event, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(body);
    let event =
        Event::deserialize(MapAccessDeserializer::new(Parts { kind: Some(kind), body: Some(&mut json) }))?;
    json.end()?;
    Ok(event)
}

/// An event as its JSON would give it, the kind first: `{"kind": …, "data": …}`.
struct Parts<'row, Body> {
    kind: Option<&'row str>,
    body: Option<Body>,
}

impl<'row, Body> MapAccess<'row> for Parts<'row, Body>
where
    Body: Deserializer<'row, Error = serde_json::Error>,
{
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'row>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        let key = match self {
            Self { kind: Some(_), .. } => "kind",
            Self { body: Some(_), .. } => "data",
            Self { .. } => return Ok(None),
        };
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'row>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        if let Some(kind) = self.kind.take() {
            return seed.deserialize(BorrowedStrDeserializer::new(kind));
        }
        match self.body.take() {
            Some(body) => seed.deserialize(body),
            None => Err(serde::de::Error::custom("an event has two parts")),
        }
    }
}
