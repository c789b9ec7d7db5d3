//! Events between the words of the domain and the rows of the journal, whatever they are of.

use domain::journal::Recorded;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess};
use serde::{Deserializer, Serialize};
use serde_json::Value;

use crate::case_keys::{self, CaseKey};
use crate::error::StoreError;
use crate::journal::{self, EventRow, NewEvent};

const TABLE: &str = "events";

/// The event as the journal takes it, under the key of its case where what it says is sealed.
pub(crate) fn new_event<E: AsRef<str> + Serialize>(
    id: i64,
    recorded: &Recorded<E>,
    key: Option<&CaseKey>,
) -> Result<NewEvent, StoreError> {
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

/// The stored event in the words of the domain.
pub(crate) fn recorded<E: DeserializeOwned>(
    row: &EventRow,
    key: Option<&CaseKey>,
) -> Result<Recorded<E>, StoreError> {
    readable(row, key).map_err(|part| StoreError::broken(TABLE, format!("the {part} of event {}", row.id)))
}

/// The stored event in the words of the domain, or the part that does not open or parse.
///
/// Only the part is told: what serde says of a bad value may quote it, and a petitioner's words must not reach the
/// log.
pub(crate) fn readable<E: DeserializeOwned>(
    row: &EventRow,
    key: Option<&CaseKey>,
) -> Result<Recorded<E>, &'static str> {
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
fn event_of<E: DeserializeOwned>(kind: &str, body: &str) -> Result<E, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(body);
    let event =
        E::deserialize(MapAccessDeserializer::new(Parts { kind: Some(kind), body: Some(&mut json) }))?;
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
