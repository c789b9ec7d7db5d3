//! The cases that a user may know of: filtered, ordered, and paged by the last row seen.
//!
//! A list is the first rows of several ways to come to know of a case, each of which follows an index in the order of
//! the list and stops at the end of the page (`plan`); no way is without the scope.

mod plan;
mod predicates;
mod seek;
mod source;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::access::Scope;
use domain::case::{Channel, Purpose, Source, Status};
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use domain::region::RegionCode;

pub use crate::case_order::{CaseSort, Cursor, NotACursor};
use crate::cases::CaseRow;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::schema::cases;
use plan::Asked;
pub use plan::Few;
use seek::{Columns, Seek};
use source::{Count, IsAmong};

/// What a list is narrowed to; an empty list of words and a None do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Any of these.
    pub statuses: Vec<Status>,
    /// Any of these.
    pub purposes: Vec<Purpose>,
    /// Any of these.
    pub channels: Vec<Channel>,
    /// Any of these.
    pub sources: Vec<Source>,
    /// The problem lies in this region, or in one inside it.
    pub region: Option<RegionCode>,
    /// The topic, or one below it: six digits, of which trailing pairs of zeros stand for all.
    pub topic: Option<String>,
    pub holder: Option<OrganisationId>,
    pub handler: Option<UserId>,
    /// Answers for one of the measures.
    pub owner: Option<UserId>,
    pub registered_by: Option<UserId>,
    /// Any of these petitions or represents; an empty list is nobody, as when a search found no person.
    pub people: Option<Vec<PersonId>>,
    /// Filed at this instant or later, in UTC.
    pub filed_from: Option<DateTime<Utc>>,
    /// Filed before this instant, in UTC.
    pub filed_to: Option<DateTime<Utc>>,
    /// The next nominal due date of an organ is before this day.
    pub due_before: Option<NaiveDate>,
    pub overdue: Option<bool>,
    pub matter_resolved: Option<bool>,
    pub heart_resolved: Option<bool>,
    pub double_resolved: Option<bool>,
    pub repeat_of: Option<CaseId>,
    pub group: Option<bool>,
    pub anonymous: Option<bool>,
}

/// Up to `limit` cases of the scope that pass the filter, in the order, after the place.
///
/// # Errors
/// [`StoreError::WrongCursor`] if the place is one of another order.
pub fn list(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &CaseFilter,
    sort: CaseSort,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    list_with(connection, Few::default(), scope, filter, sort, after, limit)
}

/// As [`list`], with another measure of what is few: the list is the same, and a test goes every way to it.
///
/// # Errors
/// As [`list`].
pub fn list_with(
    connection: &mut AnyConnection,
    few: Few,
    scope: &Scope,
    filter: &CaseFilter,
    sort: CaseSort,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    if after.is_some_and(|cursor| cursor.sort() != sort) {
        return Err(StoreError::WrongCursor);
    }
    let mut rows = Vec::new();
    for seek in Seek::parts(sort, after) {
        let missing = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        if missing > 0 {
            let is_sqlite = matches!(connection, AnyConnection::Sqlite(_));
            let asked = Asked { is_sqlite, few, scope, filter, seek, limit: missing };
            rows.extend(part(connection, &asked, sort)?);
        }
    }
    Ok(rows)
}

fn part(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    sort: CaseSort,
) -> Result<Vec<CaseRow>, StoreError> {
    let sources = plan::sources(connection, asked)?;
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let query = cases::table.into_boxed().filter(IsAmong(sources)).limit(asked.limit);
    let query = match (sort, asked.seek.columns()) {
        (CaseSort::NewestFirst, _) => query.order(cases::id.desc()),
        (CaseSort::RecentlyUpdated, _) => query.order((cases::updated_at.desc(), cases::id.desc())),
        (_, Columns::NextDueOn) => query.order((cases::next_due_on.assume_not_null(), cases::id)),
        (CaseSort::OldestFirst | CaseSort::DueFirst, _) => query.order(cases::id),
    };
    Ok(query.select(CaseRow::as_select()).load(connection)?)
}

/// The most that is counted; an office that has more is told that there are more.
pub const MOST_COUNTED: i64 = 10_000;

/// How many cases of the scope pass the filter: up to [`MOST_COUNTED`], or one more for any larger number.
///
/// # Errors
/// Only what the database says.
pub fn count(connection: &mut AnyConnection, scope: &Scope, filter: &CaseFilter) -> Result<i64, StoreError> {
    let is_sqlite = matches!(connection, AnyConnection::Sqlite(_));
    let limit = MOST_COUNTED + 1;
    let mut counted = 0;
    for seek in Seek::parts(CaseSort::NewestFirst, None) {
        let sources =
            plan::sources(connection, &Asked { is_sqlite, few: Few::default(), scope, filter, seek, limit })?;
        if !sources.is_empty() {
            counted = Count(sources).get_result::<i64>(connection)?;
        }
    }
    Ok(counted.min(limit))
}
