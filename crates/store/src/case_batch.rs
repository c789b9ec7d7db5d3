//! One command on many cases, as the system gives it: they are read together and written together, so that it costs a few
//! statements for all of them and not for each.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::case::{Case, Recorded};
use domain::deadline::Rules;
use domain::id::CaseId;

use crate::case_journal::{folded, new_events};
use crate::connection::AnyConnection;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal;
use crate::projection;
use crate::slice::Stream;

/// How many cases one transaction changes at most, so that nobody's write waits for long: to an embedded database nobody
/// else writes meanwhile, and on a server only these cases are held.
pub const fn most(connection: &AnyConnection) -> i64 {
    match connection {
        AnyConnection::Sqlite(_) => 100,
        AnyConnection::Postgres(_) => 250,
    }
}

/// A case that nobody else changes until the transaction ends, and what its next event is bound to.
#[derive(Debug)]
pub struct CaseToChange {
    /// As its events left it.
    pub case: Case,
    head: Digest,
}

/// What a command made of a case.
#[derive(Debug)]
pub struct Change {
    /// As it was.
    pub before: CaseToChange,
    /// What happened; at least one.
    pub events: Vec<Recorded>,
    /// As it is then.
    pub after: Case,
}

/// Those of the cases that can be read and written together, locked until the transaction ends, in the order of their
/// identifiers. The others are to be changed one by one, where what keeps them is told: whom somebody else holds, whose
/// words are sealed, whose journal cannot be read or ends with an event that has no hash yet.
///
/// # Errors
/// Only what the database says.
pub fn load_to_change(
    connection: &mut AnyConnection,
    cases: &BTreeSet<CaseId>,
) -> Result<Vec<CaseToChange>, StoreError> {
    let free = journal::lock_free(connection, cases.iter().map(|case| case.get()).collect())?;
    match journal::load_all(connection, free) {
        // Which row it is that does not fit its columns is found where each is read by itself.
        Err(StoreError::Broken { .. }) => Ok(Vec::new()),
        rows => Ok(Stream::all_of(rows?).iter().filter_map(readable).collect()),
    }
}

fn readable(stream: &Stream) -> Option<CaseToChange> {
    let events = stream.events(None).ok()?;
    let head = stream.rows.last()?.hash?;
    let case = folded(CaseId::new(stream.id), &events).ok()?;
    (!case.is_confidential()).then_some(CaseToChange { case, head })
}

/// Appends to the journals what happened, and brings the read tables up to date; `next_id` gives each event its id, and
/// `updated_at` is when the server wrote them down, in UTC.
///
/// # Errors
/// As of [`crate::case_journal::append`] and [`projection::project`].
pub fn write(
    connection: &mut AnyConnection,
    changes: &[Change],
    rules: &Rules,
    updated_at: DateTime<Utc>,
    next_id: &mut dyn FnMut() -> i64,
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for Change { before: CaseToChange { case, head }, events, .. } in changes {
        let version = i32::try_from(case.version).map_err(|error| StoreError::broken("events", error))?;
        let new = new_events(case.id, None, case.version, events, next_id)?;
        rows.extend(journal::numbered(case.id.get(), version, *head, &new));
    }
    journal::insert_many(connection, &rows)?;
    let states: Vec<(&Case, &Case)> =
        changes.iter().map(|change| (&change.before.case, &change.after)).collect();
    projection::project_all(connection, &states, rules, updated_at)
}
