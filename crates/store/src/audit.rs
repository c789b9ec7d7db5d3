//! The audit trail: who did, saw or tried what outside the journals of cases. Append-only.

use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;

use crate::connection::{AnyConnection, MultiBackend};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal::end_of_the_settled;
use crate::portable::{Instant, insert_one};
use crate::schema::audit_entries;

/// An entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct EntryRow {
    pub id: i64,
    /// Server clock, UTC.
    pub recorded_at: Instant,
    /// What was done or tried, as one word.
    pub act: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Whose account it was, if there is one.
    pub user_id: Option<i64>,
    /// The network address of the client.
    pub address: Option<String>,
    /// The case that was looked into.
    pub case_id: Option<i64>,
    /// What else was acted on, as `kind:id`.
    pub subject: Option<String>,
    /// Why, in the words of who did it.
    pub purpose: Option<String>,
    /// JSON: what was changed, or which fields were shown; never their values where they are personal.
    pub details: String,
    /// In whose place a deputy acted; not in the digests of entries from before there were deputies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of_id: Option<i64>,
}

/// The digest of an entry, of which checkpoints are made; a change of the format is another first word.
pub fn digest(entry: &EntryRow) -> Result<Digest, StoreError> {
    let text = serde_json::to_vec(&("daowei audit entry 1", entry));
    Ok(Digest::of(&[&text.map_err(|error| StoreError::broken("audit_entries", error))?]))
}

/// Writes an entry at the end of the trail.
///
/// # Errors
/// Only what the database says.
pub fn record(connection: &mut AnyConnection, entry: &EntryRow) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(concrete) => {
            insert_one!(concrete, audit_entries, entry)?;
        }
        AnyConnection::Sqlite(concrete) => {
            // Whoever is here has the only write lock, so the next position is nobody else's.
            let last: Option<i64> =
                audit_entries::table.select(max(audit_entries::position)).first(concrete)?;
            let position = audit_entries::position.eq(last.unwrap_or(0).saturating_add(1));
            insert_one!(concrete, audit_entries, (entry, position))?;
        }
    }
    Ok(())
}

/// Which entries are asked for; all conditions hold at once.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub user_id: Option<i64>,
    pub on_behalf_of_id: Option<i64>,
    pub case_id: Option<i64>,
    pub act: Option<String>,
    pub subject: Option<String>,
    pub outcome: Option<String>,
    /// Recorded at or after, UTC.
    pub from: Option<Instant>,
    /// Recorded before, UTC.
    pub until: Option<Instant>,
    /// Only entries older than this one.
    pub before: Option<i64>,
}

/// Up to `limit` entries, the newest first.
///
/// # Errors
/// Only what the database says.
pub fn search(
    connection: &mut AnyConnection,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<EntryRow>, StoreError> {
    let mut found = audit_entries::table.into_boxed::<MultiBackend>();
    if let Some(user) = wanted.user_id {
        found = found.filter(audit_entries::user_id.eq(user));
    }
    if let Some(principal) = wanted.on_behalf_of_id {
        found = found.filter(audit_entries::on_behalf_of_id.eq(principal));
    }
    if let Some(case) = wanted.case_id {
        found = found.filter(audit_entries::case_id.eq(case));
    }
    if let Some(act) = &wanted.act {
        found = found.filter(audit_entries::act.eq(act.clone()));
    }
    if let Some(subject) = &wanted.subject {
        found = found.filter(audit_entries::subject.eq(subject.clone()));
    }
    if let Some(outcome) = &wanted.outcome {
        found = found.filter(audit_entries::outcome.eq(outcome.clone()));
    }
    if let Some(from) = wanted.from {
        found = found.filter(audit_entries::recorded_at.ge(from));
    }
    if let Some(until) = wanted.until {
        found = found.filter(audit_entries::recorded_at.lt(until));
    }
    if let Some(before) = wanted.before {
        found = found.filter(audit_entries::id.lt(before));
    }
    let page = found.order(audit_entries::id.desc()).limit(limit).select(EntryRow::as_select());
    Ok(page.load(connection)?)
}

/// An entry's place in the order of the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) position: i64,
    pub(crate) id: i64,
}

/// Up to `limit` entries after the place, in an order before which no entry will ever be put.
pub(crate) fn follow(
    connection: &mut AnyConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, EntryRow)>, StoreError> {
    let end = end_of_the_settled(connection)?;
    places_of(connection, all_after(after, limit).filter(audit_entries::position.lt(end)))
}

/// As [`follow`], also what may still get others before it: what was under a checkpoint has none to wait for.
pub(crate) fn written_after(
    connection: &mut AnyConnection,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<(Place, EntryRow)>, StoreError> {
    places_of(connection, all_after(after, limit))
}

fn all_after(after: Option<Place>, limit: i64) -> audit_entries::BoxedQuery<'static, MultiBackend> {
    let after = after.unwrap_or(Place { position: i64::MIN, id: i64::MIN });
    let all = audit_entries::table
        .filter(audit_entries::position.ge(after.position))
        .filter(audit_entries::position.gt(after.position).or(audit_entries::id.gt(after.id)))
        .order((audit_entries::position, audit_entries::id))
        .limit(limit);
    all.into_boxed()
}

fn places_of(
    connection: &mut AnyConnection,
    entries: audit_entries::BoxedQuery<'static, MultiBackend>,
) -> Result<Vec<(Place, EntryRow)>, StoreError> {
    let found = entries.select((audit_entries::position, EntryRow::as_select()));
    let found: Vec<(i64, EntryRow)> = found.load(connection)?;
    Ok(found.into_iter().map(|(position, row)| (Place { position, id: row.id }, row)).collect())
}

/// Where the entry stands, if it is there.
pub(crate) fn place_of(connection: &mut AnyConnection, id: i64) -> Result<Option<Place>, StoreError> {
    let position = audit_entries::table.find(id).select(audit_entries::position);
    let position: Option<i64> = position.first(connection).optional()?;
    Ok(position.map(|position| Place { position, id }))
}
