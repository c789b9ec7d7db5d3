//! Proposals to destroy the personal data of a case, and what became of them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::{cases, erasures};

/// A proposal; times in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = erasures, treat_none_as_default_value = false)]
pub struct ErasureRow {
    pub id: i64,
    pub case_id: i64,
    pub reason: String,
    pub proposed_by_id: i64,
    pub proposed_at: Instant,
    /// None while it waits for the other administrator.
    pub agreed: Option<bool>,
    pub remark: Option<String>,
    pub decided_by_id: Option<i64>,
    pub decided_at: Option<Instant>,
}

/// The constraint that is in the way of a second proposal for a case.
pub const PENDING: &str = "erasures_case_id_key";

/// What the other administrator said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub agreed: bool,
    pub remark: String,
    pub by: i64,
    pub at: Instant,
}

/// Adds a proposal.
///
/// # Errors
/// [`StoreError::Conflict`] on [`PENDING`] while another of the case waits.
pub fn insert(connection: &mut AnyConnection, erasure: &ErasureRow) -> Result<(), StoreError> {
    diesel::insert_into(erasures::table).values(erasure).execute(connection)?;
    Ok(())
}

/// The proposal with the id.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<ErasureRow, StoreError> {
    Ok(erasures::table.find(id).select(ErasureRow::as_select()).first(connection)?)
}

/// Decides on a proposal that waits; whether it did.
///
/// # Errors
/// Only what the database says.
pub fn decide(connection: &mut AnyConnection, id: i64, decision: &Decision) -> Result<bool, StoreError> {
    let waiting = erasures::table.find(id).filter(erasures::decided_at.is_null());
    let decided = diesel::update(waiting).set((
        erasures::agreed.eq(Some(decision.agreed)),
        erasures::remark.eq(Some(&decision.remark)),
        erasures::decided_by_id.eq(Some(decision.by)),
        erasures::decided_at.eq(Some(decision.at)),
    ));
    Ok(decided.execute(connection)? == 1)
}

/// Up to `limit` proposals before the id, the newest first; only those that wait, if it is asked so.
///
/// # Errors
/// Only what the database says.
pub fn list(
    connection: &mut AnyConnection,
    only_waiting: bool,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<ErasureRow>, StoreError> {
    let mut found = erasures::table.into_boxed::<MultiBackend>();
    if only_waiting {
        found = found.filter(erasures::decided_at.is_null());
    }
    if let Some(before) = before {
        found = found.filter(erasures::id.lt(before));
    }
    let page = found.order(erasures::id.desc()).limit(limit).select(ErasureRow::as_select());
    Ok(page.load(connection)?)
}

/// A case whose file is in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ArchivedCase {
    pub id: i64,
    pub case_no: String,
}

/// Up to `limit` cases in the archive after the id, in the order of their filing.
///
/// # Errors
/// Only what the database says.
pub fn archived(
    connection: &mut AnyConnection,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<ArchivedCase>, StoreError> {
    // Spelt out, since the index is of these cases alone.
    let further =
        cases::table.filter(sql::<Bool>("status = 'archived'")).filter(cases::id.gt(after.unwrap_or(0)));
    let page = further.order(cases::id).limit(limit).select((cases::id, cases::case_no));
    Ok(page.load(connection)?)
}
