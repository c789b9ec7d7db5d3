//! Proposals to destroy the personal data of a case, and what became of them.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::id::PersonId;
use serde_json::Value;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::{cases, erasures};
use crate::sealing::Sealer;
use crate::slice::Range;

/// A proposal; times in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = erasures, treat_none_as_default_value = false)]
pub struct ErasureRow {
    pub id: i64,
    pub case_id: i64,
    /// Legal days.
    pub archived_on: NaiveDate,
    pub retention: String,
    pub retained_until: NaiveDate,
    pub reason: String,
    pub proposed_by_id: i64,
    pub proposed_at: Instant,
    /// None while it waits for the other administrator.
    pub agreed: Option<bool>,
    pub remark: Option<String>,
    pub decided_by_id: Option<i64>,
    pub decided_at: Option<Instant>,
    /// The ids of whose data was destroyed.
    pub people: Option<Value>,
    /// The server's seal on it.
    pub mac: Option<Vec<u8>>,
}

impl ErasureRow {
    /// The ids of whose data was destroyed.
    pub(crate) fn person_ids(&self) -> Vec<i64> {
        self.people.clone().and_then(|ids| serde_json::from_value(ids).ok()).unwrap_or_default()
    }

    /// Whether the server has sealed exactly this.
    pub(crate) fn is_sealed_by(&self, sealer: &Sealer) -> bool {
        let decided_by = self.decided_by_id.unwrap_or_default();
        let made = mac(sealer, self.case_id, [self.proposed_by_id, decided_by], &self.person_ids());
        self.mac.as_ref() == Some(&made)
    }
}

/// Under the key of the blind indexes, which is not in the database and stays when others are rotated.
fn mac(sealer: &Sealer, case: i64, two: [i64; 2], people: &[i64]) -> Vec<u8> {
    let parts: Vec<String> = [case].iter().chain(&two).chain(people).map(i64::to_string).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    sealer.blind_index("erasures.mac", &parts)
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

/// Decides on a proposal that waits; whether it did. Where it is agreed to, these are those whose data is destroyed with it.
///
/// # Errors
/// Only what the database says.
pub fn decide(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    proposed: &ErasureRow,
    decision: &Decision,
    people: &[PersonId],
) -> Result<bool, StoreError> {
    let people: Vec<i64> = people.iter().map(|person| person.get()).collect();
    let two = [proposed.proposed_by_id, decision.by];
    let mac = decision.agreed.then(|| mac(sealer, proposed.case_id, two, &people));
    let people = decision.agreed.then(|| Value::from(people));
    let waiting = erasures::table.find(proposed.id).filter(erasures::decided_at.is_null());
    let decided = diesel::update(waiting).set((
        erasures::agreed.eq(Some(decision.agreed)),
        erasures::remark.eq(Some(&decision.remark)),
        erasures::decided_by_id.eq(Some(decision.by)),
        erasures::decided_at.eq(Some(decision.at)),
        erasures::people.eq(people),
        erasures::mac.eq(mac),
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

/// What was agreed to of these cases.
///
/// # Errors
/// Only what the database says.
pub(crate) fn agreed_of(
    connection: &mut AnyConnection,
    cases: &[i64],
) -> Result<Vec<ErasureRow>, StoreError> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let agreed =
        erasures::table.filter(erasures::case_id.eq_any(cases.to_vec())).filter(erasures::mac.is_not_null());
    Ok(agreed.select(ErasureRow::as_select()).load(connection)?)
}

/// What was agreed to of the cases in the range.
///
/// # Errors
/// Only what the database says.
pub(crate) fn agreed_between(
    connection: &mut AnyConnection,
    range: Range,
) -> Result<Vec<ErasureRow>, StoreError> {
    let agreed = erasures::table
        .filter(erasures::mac.is_not_null())
        .filter(erasures::case_id.gt(range.after()))
        .filter(erasures::case_id.le(range.last()));
    Ok(agreed.select(ErasureRow::as_select()).load(connection)?)
}

/// Up to `limit` cases in the archive after the id, in the order of their filing.
///
/// # Errors
/// Only what the database says.
pub fn archived(
    connection: &mut AnyConnection,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    // Spelt out, since the index is of these cases alone.
    let further =
        cases::table.filter(sql::<Bool>("status = 'archived'")).filter(cases::id.gt(after.unwrap_or(0)));
    Ok(further.order(cases::id).limit(limit).select(cases::id).load(connection)?)
}
