//! The cases that a user may know of: filtered, ordered, and paged by the last row seen.
//!
//! A list is the first rows of several ways to come to know of a case, each of which follows an index in the order of
//! the list (`plan`); no way is without the scope. A page costs the same however many cases there are: it ends where it is
//! full, and at the latest where so many cases have been looked at ([`Bounds`](case_list::Bounds)).

mod kind;
mod plan;
pub(crate) mod predicates;
mod seek;
mod shapes;
mod way;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::access::Scope;
use domain::case::backlog::BacklogStage;
use domain::case::supervision::SupervisionStage;
use domain::case::{Channel, Purpose, Source, Status};
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use domain::region::RegionCode;

pub use crate::case_order::{CaseSort, Cursor, NotACursor};
use crate::cases::CaseRow;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::meta;
use crate::projection_of::UserPart;
use crate::schema::cases;
pub use plan::Bounds;
use plan::{Asked, Attempt, Plan};
use seek::{Columns, Seek};
use shapes::Shape;
use way::{Count, IsAmong, Way};

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
    /// Is in charge as a leader.
    pub leader: Option<UserId>,
    /// Gave an instruction as a leader, about which something is still to be done.
    pub instructor: Option<UserId>,
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
    /// Supervision waits for any of these.
    pub supervision: Vec<SupervisionStage>,
    /// Stands so as backlog.
    pub backlog: Vec<BacklogStage>,
    /// Is, or was last, on the list of this batch of backlog.
    pub backlog_batch: Option<String>,
    /// Whether it is on a list of backlog now.
    pub is_backlog: Option<bool>,
    /// Whether the matter has ended for good (Art. 36).
    pub terminated: Option<bool>,
    /// So many later cases, one at least, were confirmed as repeats of it.
    pub repeats_from: Option<u16>,
    pub matter_resolved: Option<bool>,
    pub heart_resolved: Option<bool>,
    pub double_resolved: Option<bool>,
    pub repeat_of: Option<CaseId>,
    pub group: Option<bool>,
    pub anonymous: Option<bool>,
}

impl CaseFilter {
    /// Whose part in the cases is asked for, and which.
    fn by_user(&self) -> impl Iterator<Item = (UserId, UserPart)> + use<> {
        let parts = [
            (self.handler, UserPart::Handler),
            (self.owner, UserPart::Owner),
            (self.leader, UserPart::Leader),
            (self.instructor, UserPart::Instructor),
        ];
        parts.into_iter().filter_map(|(user, part)| Some((user?, part)))
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order of the list. Few pass a narrow filter, and the page may be shorter than its limit, or empty, before the
    /// list has ended.
    pub rows: Vec<CaseRow>,
    /// Where the next page goes on; none at the end of the list.
    pub next: Option<Cursor>,
}

/// Whether the scope has the case, by the read tables alone.
///
/// # Errors
/// Only what the database says.
pub fn has(connection: &mut AnyConnection, scope: &Scope, case: CaseId) -> Result<bool, StoreError> {
    let found = cases::table.filter(cases::id.eq(case.get())).filter(predicates::visible(scope)).count();
    Ok(found.get_result::<i64>(connection)? > 0)
}

/// Those of the cases that the scope has, each with its number and subject.
///
/// # Errors
/// Only what the database says.
pub fn known_among(
    connection: &mut AnyConnection,
    scope: &Scope,
    ids: Vec<i64>,
) -> Result<BTreeMap<CaseId, (String, Option<String>)>, StoreError> {
    let found = cases::table.filter(cases::id.eq_any(ids)).filter(predicates::visible(scope)).select((
        cases::id,
        cases::case_no,
        cases::subject,
    ));
    let found: Vec<(i64, String, Option<String>)> = found.load(connection)?;
    Ok(found.into_iter().map(|(id, case_no, subject)| (CaseId::new(id), (case_no, subject))).collect())
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
) -> Result<Page, StoreError> {
    list_within(connection, Bounds::default(), scope, filter, sort, after, limit)
}

/// As [`list`], within other bounds: the list is the same, and a test goes every way to it.
///
/// # Errors
/// As [`list`].
pub fn list_within(
    connection: &mut AnyConnection,
    bounds: Bounds,
    scope: &Scope,
    filter: &CaseFilter,
    sort: CaseSort,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Page, StoreError> {
    if after.is_some_and(|cursor| cursor.sort() != sort) {
        return Err(StoreError::WrongCursor);
    }
    let numbered_by_filing = is_numbered_by_filing(connection, filter)?;
    let is_sqlite = matches!(connection, AnyConnection::Sqlite(_));
    let is_kept = Shape::of(filter, sort).is_kept(is_sqlite);
    let mut page = Page { rows: Vec::new(), next: None };
    // What is due before a day, or overdue, has a due date.
    let has_due_date = filter.due_before.is_some() || filter.overdue == Some(true);
    for seek in Seek::parts(sort, after) {
        if seek.is_of_undated() && has_due_date {
            continue;
        }
        let missing = limit.saturating_sub(i64::try_from(page.rows.len()).unwrap_or(i64::MAX));
        let limit = missing;
        let asked = Asked { is_sqlite, is_kept, bounds, scope, filter, numbered_by_filing, seek, limit };
        let Page { rows, next } = part(connection, asked, sort)?;
        page.rows.extend(rows);
        page.next = next;
        if page.next.is_some() {
            break;
        }
    }
    Ok(page)
}

/// Goes along the ways, further with each attempt, until the page is full, the ways end, or enough was looked at.
fn part(connection: &mut AnyConnection, mut asked: Asked<'_>, sort: CaseSort) -> Result<Page, StoreError> {
    let plan = Plan::of(connection, &asked)?;
    if plan.is_empty() {
        return Ok(Page { rows: Vec::new(), next: None });
    }
    let mut attempt = Attempt::FIRST;
    loop {
        let end = nearest(connection, plan.places(&asked, attempt), &asked, sort)?;
        asked.seek = asked.seek.until(end);
        let among = IsAmong { ways: plan.ways(&asked), is_kept: asked.is_kept };
        let query = cases::table.into_boxed().filter(among).limit(asked.limit);
        let rows = in_order(query, asked.seek).select(CaseRow::as_select()).load(connection)?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= asked.limit);
        if is_full {
            let next = rows.last().map(|last| Cursor::of(last, sort));
            return Ok(Page { rows, next });
        }
        if end.is_none() || plan.is_last(&asked, attempt) {
            return Ok(Page { rows, next: end });
        }
        attempt = attempt.next();
    }
}

/// The first of the places at which the ways are left off: up to there the list is whole.
fn nearest(
    connection: &mut AnyConnection,
    places: Vec<Way>,
    asked: &Asked<'_>,
    sort: CaseSort,
) -> Result<Option<Cursor>, StoreError> {
    if places.is_empty() {
        return Ok(None);
    }
    let among = IsAmong { ways: places, is_kept: asked.is_kept };
    let query = cases::table.into_boxed().filter(among).limit(1);
    let row = in_order(query, asked.seek).select(CaseRow::as_select()).first(connection).optional()?;
    Ok(row.map(|row| match asked.seek.is_of_undated() {
        // Cases with a due date are in this order as well, and have been listed.
        true => Cursor::DueFirst(None, row.id),
        false => Cursor::of(&row, sort),
    }))
}

fn in_order<'a>(
    query: cases::BoxedQuery<'a, MultiBackend>,
    seek: Seek,
) -> cases::BoxedQuery<'a, MultiBackend> {
    match (seek.columns(), seek.is_descending()) {
        (Columns::Id, true) => query.order(cases::id.desc()),
        (Columns::Id, false) => query.order(cases::id),
        (Columns::UpdatedAt, _) => query.order((cases::updated_at.desc(), cases::id.desc())),
        (Columns::NextDueOn, _) => query.order((cases::next_due_on.assume_not_null(), cases::id)),
    }
}

/// Whether an identifier tells when its case was filed; earlier versions gave those of an import by the time of the import.
fn is_numbered_by_filing(connection: &mut AnyConnection, filter: &CaseFilter) -> Result<bool, StoreError> {
    if filter.filed_from.is_none() && filter.filed_to.is_none() {
        return Ok(false);
    }
    Ok(meta::get(connection, NUMBERED_LATE)?.is_none())
}

/// Under this key a migration says that it found cases whose identifiers are later than their filing.
const NUMBERED_LATE: &str = "cases_numbered_late";

/// The most that is counted: further on a number tells nobody more, and costs the more the larger it is.
pub const MOST_COUNTED: i64 = 10_000;

/// How many cases there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Up to [`MOST_COUNTED`].
    pub count: i64,
    /// Whether there are more than that.
    pub has_more: bool,
}

/// How many cases of the scope pass the filter.
///
/// # Errors
/// Only what the database says.
pub fn count(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &CaseFilter,
) -> Result<Counted, StoreError> {
    let is_sqlite = matches!(connection, AnyConnection::Sqlite(_));
    let limit = MOST_COUNTED + 1;
    let numbered_by_filing = is_numbered_by_filing(connection, filter)?;
    let (bounds, seek) = (Bounds::default(), Seek::NEWEST);
    let is_kept = Shape::of(filter, CaseSort::NewestFirst).is_kept(is_sqlite);
    let asked = Asked { is_sqlite, is_kept, bounds, scope, filter, numbered_by_filing, seek, limit };
    let plan = Plan::of(connection, &asked)?;
    let counted: i64 = if plan.is_empty() {
        0
    } else {
        Count { ways: plan.counted(&asked), each_once: true, most: limit, is_kept: asked.is_kept }
            .get_result(connection)?
    };
    Ok(Counted { count: counted.min(MOST_COUNTED), has_more: counted > MOST_COUNTED })
}
