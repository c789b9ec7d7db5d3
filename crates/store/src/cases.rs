//! The case as lists and look-ups see it: one row, a projection of its journal.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::case::Status;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Instant, Kept, each_backend};
use crate::schema::cases;

/// One case; enumerations by the words of the domain, days in the office's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true, treat_none_as_default_value = false)]
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

/// Adds a case that is not there yet.
///
/// # Errors
/// [`StoreError::Conflict`] on `cases_case_no_key`, `cases_query_code_key` or `cases_source_no_key`.
pub fn insert(connection: &mut AnyConnection, row: &CaseRow) -> Result<(), StoreError> {
    diesel::insert_into(cases::table).values(row).execute(connection)?;
    Ok(())
}

/// Changes a case to what is given.
///
/// # Errors
/// [`StoreError::NotFound`], and those of [`insert`].
pub fn update(connection: &mut AnyConnection, row: &CaseRow) -> Result<(), StoreError> {
    let update = diesel::update(cases::table.find(row.id)).set(row).returning(cases::id);
    each_backend!(connection, concrete => Kept(update).get_result::<i64>(concrete))?;
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
