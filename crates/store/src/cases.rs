//! The case as lists and look-ups see it: one row, a projection of its journal.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use domain::case::Status;
use domain::id;
use serde::Serialize;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Instant, Kept, each_backend, insert_one};
use crate::schema::cases;

/// One case; enumerations by the words of the domain, days in the office's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = cases, treat_none_as_default_value = false)]
pub struct CaseRow {
    pub id: i64,
    pub case_no: String,
    pub query_code: String,
    /// The number of the case's events.
    pub version: i32,
    pub status: String,
    pub purpose: String,
    pub channel: String,
    pub source: String,
    /// None for an accusation: its words stand in no list (Art. 30).
    pub subject: Option<String>,
    pub attribution_region: String,
    pub topic_code: Option<String>,
    pub holder_id: i64,
    /// None if the petitioner filed it.
    pub registered_by: Option<i64>,
    pub filed_at: Instant,
    pub accepted_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    pub matter_resolved_on: Option<NaiveDate>,
    pub heart_resolved_on: Option<NaiveDate>,
    pub double_resolved_on: Option<NaiveDate>,
    pub head_count: i32,
    pub group_petition: bool,
    pub anonymous: bool,
    pub repeat_of: Option<i64>,
    pub confidential: bool,
    pub next_due_on: Option<NaiveDate>,
    pub overdue: bool,
    /// The number of an imported petition in the system that it came from.
    pub source_no: Option<String>,
    pub updated_at: Instant,
    /// The matter ended for good (Art. 36).
    pub terminated_on: Option<NaiveDate>,
    /// The organ whose register it is in.
    pub received_by: i64,
    /// All that supervision waits for (Art. 40), as [`supervision_words`](crate::projection_of::supervision_words) has it.
    pub supervision: Option<String>,
    /// How many later cases were confirmed as repeats of it.
    pub repeat_count: i32,
}

impl CaseRow {
    /// The case's state.
    ///
    /// # Errors
    /// [`StoreError::Broken`] for a word that no state has.
    pub fn status(&self) -> Result<Status, StoreError> {
        let unknown = |_| StoreError::broken("cases", format!("the status {:?} of {}", self.status, self.id));
        self.status.parse().map_err(unknown)
    }
}

/// An identifier of that moment that no case has, for one that was filed elsewhere.
///
/// # Errors
/// Only what the database says.
pub fn free_id_at(connection: &mut AnyConnection, filed_at: DateTime<Utc>) -> Result<i64, StoreError> {
    let lowest = id::lowest_at(filed_at);
    let epoch = DateTime::UNIX_EPOCH + id::EPOCH;
    // Whatever was filed before there were identifiers shares their first day, in the order of its coming.
    let above = if filed_at < epoch {
        id::lowest_at(epoch + TimeDelta::days(1))
    } else {
        lowest.saturating_add(1 << id::BITS_BELOW_TIME)
    };
    let taken = cases::table.filter(cases::id.ge(lowest)).filter(cases::id.lt(above));
    let highest: Option<i64> =
        taken.order(cases::id.desc()).select(cases::id).first(connection).optional()?;
    Ok(highest.map_or(lowest, |id| id.saturating_add(1)))
}

/// Adds a case that is not there yet.
///
/// # Errors
/// [`StoreError::Conflict`] on `cases_case_no_key`, `cases_query_code_key` or `cases_source_no_key`.
pub fn insert(connection: &mut AnyConnection, row: &CaseRow) -> Result<(), StoreError> {
    each_backend!(connection, concrete => insert_one!(concrete, cases, row))?;
    Ok(())
}

/// The columns of a case that events change. Those that indexes are made of are named only where they have changed: each
/// that is named is taken out of its indexes and put in again.
#[derive(AsChangeset)]
#[diesel(table_name = cases)]
struct Change<'row> {
    version: i32,
    updated_at: Instant,
    purpose: &'row str,
    channel: &'row str,
    source: &'row str,
    subject: Option<Option<&'row str>>,
    holder_id: i64,
    accepted_on: Option<Option<NaiveDate>>,
    closed_on: Option<Option<NaiveDate>>,
    matter_resolved_on: Option<Option<NaiveDate>>,
    heart_resolved_on: Option<Option<NaiveDate>>,
    double_resolved_on: Option<Option<NaiveDate>>,
    head_count: i32,
    group_petition: bool,
    anonymous: bool,
    terminated_on: Option<Option<NaiveDate>>,
    status: Option<&'row str>,
    next_due_on: Option<Option<NaiveDate>>,
    overdue: Option<bool>,
    repeat_of: Option<Option<i64>>,
    supervision: Option<Option<&'row str>>,
    repeat_count: Option<i32>,
}

/// The columns that hardly any event changes, each of which is in an index.
#[derive(AsChangeset, PartialEq)]
#[diesel(table_name = cases, treat_none_as_null = true)]
struct RareChange<'row> {
    case_no: &'row str,
    query_code: &'row str,
    attribution_region: &'row str,
    topic_code: Option<&'row str>,
    registered_by: Option<i64>,
    received_by: i64,
    filed_at: Instant,
    confidential: bool,
    source_no: Option<&'row str>,
}

impl<'row> RareChange<'row> {
    fn of(row: &'row CaseRow) -> Self {
        Self {
            case_no: &row.case_no,
            query_code: &row.query_code,
            attribution_region: &row.attribution_region,
            topic_code: row.topic_code.as_deref(),
            registered_by: row.registered_by,
            received_by: row.received_by,
            filed_at: row.filed_at,
            confidential: row.confidential,
            source_no: row.source_no.as_deref(),
        }
    }
}

/// Changes a case from what it was to what is given.
///
/// # Errors
/// [`StoreError::NotFound`], and those of [`insert`].
pub fn update(connection: &mut AnyConnection, before: &CaseRow, after: &CaseRow) -> Result<(), StoreError> {
    let change = Change {
        version: after.version,
        updated_at: after.updated_at,
        purpose: &after.purpose,
        channel: &after.channel,
        source: &after.source,
        subject: Some(after.subject.as_deref()),
        holder_id: after.holder_id,
        accepted_on: Some(after.accepted_on),
        closed_on: Some(after.closed_on),
        matter_resolved_on: Some(after.matter_resolved_on),
        heart_resolved_on: Some(after.heart_resolved_on),
        double_resolved_on: Some(after.double_resolved_on),
        head_count: after.head_count,
        group_petition: after.group_petition,
        anonymous: after.anonymous,
        terminated_on: Some(after.terminated_on),
        status: (before.status != after.status).then_some(&after.status),
        next_due_on: (before.next_due_on != after.next_due_on).then_some(after.next_due_on),
        overdue: (before.overdue != after.overdue).then_some(after.overdue),
        repeat_of: (before.repeat_of != after.repeat_of).then_some(after.repeat_of),
        supervision: (before.supervision != after.supervision).then_some(after.supervision.as_deref()),
        repeat_count: (before.repeat_count != after.repeat_count).then_some(after.repeat_count),
    };
    let update = diesel::update(cases::table.find(after.id)).set(change).returning(cases::id);
    each_backend!(connection, concrete => Kept(update).get_result::<i64>(concrete))?;
    let (rare_before, rare_after) = (RareChange::of(before), RareChange::of(after));
    if rare_before != rare_after {
        let update = diesel::update(cases::table.find(after.id)).set(rare_after).returning(cases::id);
        each_backend!(connection, concrete => Kept(update).get_result::<i64>(concrete))?;
    }
    Ok(())
}

/// The case with the id, if it is there; whether the caller may know of it is not asked here.
///
/// # Errors
/// Only what the database says.
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<Option<CaseRow>, StoreError> {
    Ok(cases::table.find(id).select(CaseRow::as_select()).first(connection).optional()?)
}

/// The id of the case with the number that staff use.
///
/// # Errors
/// Only what the database says.
pub fn find_by_case_no(connection: &mut AnyConnection, case_no: &str) -> Result<Option<i64>, StoreError> {
    let found = cases::table.filter(cases::case_no.eq(case_no)).select(cases::id);
    Ok(found.first(connection).optional()?)
}

/// The id of the case with the code that its petitioner was given.
///
/// # Errors
/// Only what the database says.
pub fn find_by_query_code(connection: &mut AnyConnection, code: &str) -> Result<Option<i64>, StoreError> {
    let found = cases::table.filter(cases::query_code.eq(code)).select(cases::id);
    Ok(found.first(connection).optional()?)
}

/// The id of the case that was imported under the number.
///
/// # Errors
/// Only what the database says.
pub fn find_by_source_no(connection: &mut AnyConnection, source_no: &str) -> Result<Option<i64>, StoreError> {
    let found = cases::table.filter(cases::source_no.eq(source_no)).select(cases::id);
    Ok(found.first(connection).optional()?)
}
