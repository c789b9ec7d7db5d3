//! The cases that a user may know of: filtered, ordered, and paged by the last row seen.
//!
//! Every query starts from `visible`, so that no list can be asked for without a scope.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::access::Scope;
use domain::case::{Channel, Purpose, Source, Status};
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use domain::region::RegionCode;

pub use crate::case_order::{CaseSort, Cursor, NotACursor};
use crate::cases::CaseRow;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::portable::Instant;
use crate::projection_of::UserPart;
use crate::schema::{case_organisations, case_people, case_users, cases};

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

type Predicate = Box<dyn BoxableExpression<cases::table, MultiBackend, SqlType = Bool>>;
type CaseQuery = cases::BoxedQuery<'static, MultiBackend>;

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
    if after.is_some_and(|cursor| cursor.sort() != sort) {
        return Err(StoreError::WrongCursor);
    }
    let query = chosen(scope, filter);
    match sort {
        CaseSort::NewestFirst => {
            let query = match after {
                Some(cursor) => query.filter(cases::id.lt(cursor.id())),
                None => query,
            };
            load(connection, query.order(cases::id.desc()), limit)
        }
        CaseSort::OldestFirst => {
            let query = match after {
                Some(cursor) => query.filter(cases::id.gt(cursor.id())),
                None => query,
            };
            load(connection, query.order(cases::id), limit)
        }
        CaseSort::RecentlyUpdated => {
            let query = match after {
                // The first condition says nothing new, but lets the index start at the place.
                Some(Cursor::RecentlyUpdated(at, id)) => query
                    .filter(cases::updated_at.le(*at))
                    .filter(cases::updated_at.lt(*at).or(cases::id.lt(*id))),
                _ => query,
            };
            load(connection, query.order((cases::updated_at.desc(), cases::id.desc())), limit)
        }
        CaseSort::DueFirst => by_due_date(connection, scope, filter, after, limit),
    }
}

/// How many cases of the scope pass the filter.
///
/// # Errors
/// Only what the database says.
pub fn count(connection: &mut AnyConnection, scope: &Scope, filter: &CaseFilter) -> Result<i64, StoreError> {
    Ok(chosen(scope, filter).count().get_result(connection)?)
}

/// What a scope allows, as [`Scope::allows`] says it of one case; a property test holds the two together.
pub(crate) fn visible(scope: &Scope) -> Predicate {
    if scope.nothing {
        return Box::new(false.into_sql::<Bool>());
    }
    let user = scope.user.get();
    let not_secret = cases::confidential.eq(false);
    let took_part = case_users::table.filter(case_users::user_id.eq(user)).select(case_users::case_id);
    let registered = cases::registered_by.assume_not_null().eq(user);
    let mut reached: Predicate = Box::new(not_secret.and(registered));
    reached = Box::new(reached.or(not_secret.and(cases::id.eq_any(took_part))));
    if let Some(territory) = &scope.territory {
        reached = Box::new(reached.or(not_secret.and(inside(territory))));
    }
    if let Some(organisation) = scope.organisation {
        let of_organisation = case_organisations::table
            .filter(case_organisations::organisation_id.eq(organisation.get()))
            .select(case_organisations::case_id);
        let has_part = cases::id.eq_any(of_organisation);
        reached = if scope.accusations {
            Box::new(reached.or(has_part))
        } else {
            Box::new(reached.or(not_secret.and(has_part)))
        };
    }
    let accused = case_users::table
        .filter(case_users::user_id.eq(user))
        .filter(case_users::part.eq(UserPart::Accused.as_ref()))
        .select(case_users::case_id);
    Box::new(reached.and(cases::id.ne_all(accused)))
}

fn chosen(scope: &Scope, filter: &CaseFilter) -> CaseQuery {
    let query = cases::table.into_boxed().filter(visible(scope));
    let query = by_kind(query, filter);
    let query = by_part(query, filter);
    by_time_and_outcome(query, filter)
}

fn words<Word: AsRef<str>>(any_of: &[Word]) -> Vec<String> {
    any_of.iter().map(|word| word.as_ref().to_owned()).collect()
}

fn by_kind(mut query: CaseQuery, filter: &CaseFilter) -> CaseQuery {
    if !filter.statuses.is_empty() {
        query = query.filter(cases::status.eq_any(words(&filter.statuses)));
    }
    if !filter.purposes.is_empty() {
        query = query.filter(cases::purpose.eq_any(words(&filter.purposes)));
    }
    if !filter.channels.is_empty() {
        query = query.filter(cases::channel.eq_any(words(&filter.channels)));
    }
    if !filter.sources.is_empty() {
        query = query.filter(cases::source.eq_any(words(&filter.sources)));
    }
    if let Some(region) = &filter.region {
        query = query.filter(inside(region));
    }
    if let Some(topic) = &filter.topic {
        query = query.filter(at_or_below(topic));
    }
    if let Some(group) = filter.group {
        query = query.filter(cases::group_petition.eq(group));
    }
    if let Some(anonymous) = filter.anonymous {
        query = query.filter(cases::anonymous.eq(anonymous));
    }
    query
}

fn by_part(mut query: CaseQuery, filter: &CaseFilter) -> CaseQuery {
    if let Some(holder) = filter.holder {
        query = query.filter(cases::holder_id.eq(holder.get()));
    }
    if let Some(registrar) = filter.registered_by {
        query = query.filter(cases::registered_by.eq(Some(registrar.get())));
    }
    for (user, part) in [(filter.handler, UserPart::Handler), (filter.owner, UserPart::Owner)] {
        if let Some(user) = user {
            let theirs = case_users::table
                .filter(case_users::user_id.eq(user.get()))
                .filter(case_users::part.eq(part.as_ref().to_owned()))
                .select(case_users::case_id);
            query = query.filter(cases::id.eq_any(theirs));
        }
    }
    if let Some(people) = &filter.people {
        let numbers: Vec<i64> = people.iter().map(|person| person.get()).collect();
        let theirs =
            case_people::table.filter(case_people::person_id.eq_any(numbers)).select(case_people::case_id);
        query = query.filter(cases::id.eq_any(theirs));
    }
    query
}

fn by_time_and_outcome(mut query: CaseQuery, filter: &CaseFilter) -> CaseQuery {
    if let Some(from) = filter.filed_from {
        query = query.filter(cases::filed_at.ge(Instant::from(from)));
    }
    if let Some(to) = filter.filed_to {
        query = query.filter(cases::filed_at.lt(Instant::from(to)));
    }
    if let Some(day) = filter.due_before {
        query = query.filter(cases::next_due_on.lt(Some(day)));
    }
    if let Some(overdue) = filter.overdue {
        query = query.filter(cases::overdue.eq(overdue));
    }
    query = match filter.matter_resolved {
        Some(true) => query.filter(cases::matter_resolved_on.is_not_null()),
        Some(false) => query.filter(cases::matter_resolved_on.is_null()),
        None => query,
    };
    query = match filter.heart_resolved {
        Some(true) => query.filter(cases::heart_resolved_on.is_not_null()),
        Some(false) => query.filter(cases::heart_resolved_on.is_null()),
        None => query,
    };
    query = match filter.double_resolved {
        Some(true) => query.filter(cases::double_resolved_on.is_not_null()),
        Some(false) => query.filter(cases::double_resolved_on.is_null()),
        None => query,
    };
    if let Some(earlier) = filter.repeat_of {
        query = query.filter(cases::repeat_of.eq(Some(earlier.get())));
    }
    query
}

/// The problem lies in the region, or in one inside it: a range, which an index serves on both engines.
fn inside(region: &RegionCode) -> Predicate {
    let prefix = region.significant_prefix();
    let from = cases::attribution_region.ge(prefix.to_owned());
    match next_prefix(prefix) {
        Some(end) => Box::new(from.and(cases::attribution_region.lt(end))),
        None => Box::new(from),
    }
}

/// The topic is this one or below it in the tree.
fn at_or_below(topic: &str) -> Predicate {
    let mut prefix = topic;
    while let Some(shorter) = prefix.strip_suffix("00") {
        prefix = shorter;
    }
    let code = cases::topic_code.assume_not_null();
    let known = cases::topic_code.is_not_null();
    if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return Box::new(known.and(code.eq(topic.to_owned())));
    }
    let from = known.and(code.ge(prefix.to_owned()));
    match next_prefix(prefix) {
        Some(end) => Box::new(from.and(code.lt(end))),
        None => Box::new(from),
    }
}

/// The first text of digits after all that begin with these; none after nines.
///
/// It consists of digits as well, so that its place is the same in every collation.
fn next_prefix(digits: &str) -> Option<String> {
    let kept = digits.trim_end_matches('9');
    let mut next = kept.to_owned();
    let last = next.pop()?;
    next.push(char::from_digit(last.to_digit(10)? + 1, 10)?);
    Some(next)
}

fn load(connection: &mut AnyConnection, query: CaseQuery, limit: i64) -> Result<Vec<CaseRow>, StoreError> {
    Ok(query.limit(limit).select(CaseRow::as_select()).load(connection)?)
}

/// First the cases with a due date, in its order, then those without: each part follows an index, and no
/// engine's own place for nulls is asked for.
fn by_due_date(
    connection: &mut AnyConnection,
    scope: &Scope,
    filter: &CaseFilter,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<CaseRow>, StoreError> {
    let due_on = cases::next_due_on.assume_not_null();
    let mut rows = Vec::new();
    if !matches!(after, Some(Cursor::DueFirst(None, _))) {
        let mut due = chosen(scope, filter).filter(cases::next_due_on.is_not_null());
        if let Some(Cursor::DueFirst(Some(day), id)) = after {
            // The first condition says nothing new, but lets the index start at the place.
            due = due.filter(due_on.ge(*day)).filter(due_on.gt(*day).or(cases::id.gt(*id)));
        }
        rows = load(connection, due.order((due_on, cases::id)), limit)?;
    }
    let missing = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    if missing > 0 {
        let mut undated = chosen(scope, filter).filter(cases::next_due_on.is_null());
        if let Some(Cursor::DueFirst(None, id)) = after {
            undated = undated.filter(cases::id.gt(*id));
        }
        rows.extend(load(connection, undated.order(cases::id), missing)?);
    }
    Ok(rows)
}
