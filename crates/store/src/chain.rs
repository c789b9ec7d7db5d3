//! What binds each event to the one before it in its case: a hash over both, so that none can be changed, left out or put
//! between without all that follow showing it.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal::{self, EventRow};
use crate::portable::Instant;
use crate::schema::events;

/// What the hash of an event is taken over: lines of text, each with its end, of which the texts of the event itself are
/// represented by their digests, so that they need not be shown for a proof.
///
/// This is a format that others check; a change is another first line.
pub fn text(event: &EventRow, previous: &Digest) -> String {
    let mut text = String::with_capacity(400);
    let [body, actor] = [&event.body, &event.actor].map(|stored| Digest::of(&[stored.as_bytes()]));
    let EventRow { id, stream_id, seq, kind, occurred_on, .. } = event;
    let (occurred_at, recorded_at) = (moment(event.occurred_at), moment(event.recorded_at));
    // Writing to a text does not fail.
    let _ = write!(
        text,
        "daowei event 1\n{previous}\n{id}\n{stream_id}\n{seq}\n{kind}\n{body}\n{actor}\n{occurred_at}\n{occurred_on}\n\
         {recorded_at}\n"
    );
    text
}

/// An instant as it stands in what is hashed: RFC 3339, UTC, with six digits of a second.
pub(crate) fn moment(instant: Instant) -> impl std::fmt::Display {
    DateTime::<Utc>::from(instant).format("%Y-%m-%dT%H:%M:%S%.6fZ")
}

/// The hash of an event after another; [`Digest::ZERO`] stands before the first.
pub fn hash(event: &EventRow, previous: &Digest) -> Digest {
    Digest::of(&[text(event, previous).as_bytes()])
}

/// Gives each of the events of one case that follow each other its hash.
pub fn link<'rows>(rows: impl IntoIterator<Item = &'rows mut EventRow>, previous: Digest) {
    let mut previous = previous;
    for row in rows {
        previous = hash(row, &previous);
        row.hash = Some(previous);
    }
}

/// The hash of the case's event of that number, which is the last; [`Digest::ZERO`] for 0.
///
/// # Errors
/// [`StoreError::Conflict`] on [`journal::VERSION_MOVED`] if there is no such event.
pub(crate) fn head(
    connection: &mut AnyConnection,
    stream_id: i64,
    version: i32,
) -> Result<Digest, StoreError> {
    if version == 0 {
        return Ok(Digest::ZERO);
    }
    let hashes = events::table.filter(events::stream_id.eq(stream_id)).filter(events::seq.eq(version));
    let hash: Option<Option<Digest>> = hashes.select(events::hash).first(connection).optional()?;
    match hash {
        Some(Some(hash)) => Ok(hash),
        Some(None) => complete(connection, stream_id),
        None => Err(StoreError::Conflict { constraint: journal::VERSION_MOVED.to_owned() }),
    }
}

/// Gives hashes to the events of the case that are without: those that an earlier version of this program wrote.
/// Returns that of the last.
///
/// # Errors
/// Only what the database says.
pub(crate) fn complete(connection: &mut AnyConnection, stream_id: i64) -> Result<Digest, StoreError> {
    let mut previous = Digest::ZERO;
    for row in journal::load(connection, stream_id)? {
        previous = match row.hash {
            Some(hash) => hash,
            None => {
                let hash = hash(&row, &previous);
                let unbound = events::table.filter(events::id.eq(row.id)).filter(events::hash.is_null());
                diesel::update(unbound).set(events::hash.eq(Some(hash))).execute(connection)?;
                hash
            }
        };
    }
    Ok(previous)
}
