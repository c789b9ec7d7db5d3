//! An entry of a journal, whatever the journal is of.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::access::RecordedActor;

/// An event in its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded<E> {
    /// Place in the journal, from 1.
    pub seq: u32,
    #[serde(flatten)]
    pub event: E,
    pub actor: RecordedActor,
    /// When it happened in the world, UTC.
    pub occurred_at: DateTime<Utc>,
    /// The legal day of that instant in the office's time zone.
    pub occurred_on: NaiveDate,
    /// When the server wrote it down, UTC.
    pub recorded_at: DateTime<Utc>,
}
