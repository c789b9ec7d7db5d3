//! By which ways a list comes by its cases: each follows an index in the order of the list, or sorts what is known
//! to be few.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Bool, Text};
use domain::access::Scope;
use domain::id::OrganisationId;
use domain::region::RegionCode;

use super::CaseFilter;
use super::predicates::{
    at_or_below, has_status, inside, is_due_before, is_registered_by, is_repeat_of, matching, not_accused,
    not_secret, visible,
};
use super::seek::{Columns, Seek};
use super::source::{Condition, Count, IsAmong, Rows, Source};
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::portable::Instant;
use crate::projection_of::UserPart;
use crate::schema::{case_organisations, case_people, case_users, cases};

/// What is few: read whole and sorted, where more is read in the order of the list and only as far as the page goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Few {
    /// Cases that are looked up one by one.
    pub cases: i64,
    /// Entries of an index that has all that is asked.
    pub entries: i64,
}

impl Default for Few {
    fn default() -> Self {
        Self { cases: 2_000, entries: 20_000 }
    }
}

/// What is asked of the plan.
pub(super) struct Asked<'a> {
    pub(super) is_sqlite: bool,
    pub(super) few: Few,
    pub(super) scope: &'a Scope,
    pub(super) filter: &'a CaseFilter,
    pub(super) seek: Seek,
    pub(super) limit: i64,
}

/// The conditions that the cases of one index meet, and the index.
struct Key {
    rows: Rows,
    conditions: Vec<Condition>,
}

/// The sources that together have the first cases of the list; none where there can be no case.
///
/// # Errors
/// Only what the database says.
pub(super) fn sources(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<Source>, StoreError> {
    if asked.scope.nothing {
        return Ok(Vec::new());
    }
    if let Some(key) = few_by_filter(connection, asked)? {
        let few = Source {
            is_sqlite: asked.is_sqlite,
            rows: key.rows,
            conditions: key.conditions,
            seek: None,
            limit: None,
        };
        let conditions: Vec<Condition> = vec![Box::new(IsAmong(vec![few])), Box::new(visible(asked.scope))];
        return Ok(vec![asked.of_cases(Rows::Cases(None), conditions)]);
    }
    if let Some(registrar) = asked.filter.registered_by {
        let conditions: Vec<Condition> =
            vec![Box::new(is_registered_by(registrar)), Box::new(visible(asked.scope))];
        return Ok(vec![asked.of_cases(Rows::Cases(Some(asked.index_of_registrar())), conditions)]);
    }
    let mut sources = vec![asked.registered(), asked.took_part()];
    if let Some(territory) = asked.territory() {
        sources.push(of_territory(connection, asked, territory)?);
    }
    if let Some(organisation) = asked.scope.organisation {
        sources.push(of_organisation(connection, asked, organisation)?);
    }
    Ok(sources)
}

impl<'a> Asked<'a> {
    /// A source of cases with all that the filter asks for, from the place on.
    fn of_cases(&self, rows: Rows, mut conditions: Vec<Condition>) -> Source {
        conditions.push(Box::new(not_accused(self.scope.user)));
        conditions
            .extend(matching(self.filter).into_iter().map(|predicate| Box::new(predicate) as Condition));
        if let Rows::Organisations(_) = rows {
            conditions.extend(self.seek.of_organisations());
        } else {
            conditions.extend(self.seek.of_cases().map(|predicate| Box::new(predicate) as Condition));
        }
        Source { is_sqlite: self.is_sqlite, rows, conditions, seek: Some(self.seek), limit: Some(self.limit) }
    }

    fn registered(&self) -> Source {
        let conditions: Vec<Condition> =
            vec![Box::new(is_registered_by(self.scope.user)), Box::new(not_secret())];
        self.of_cases(Rows::Cases(Some(self.index_of_registrar())), conditions)
    }

    /// A user has a part in few cases.
    fn took_part(&self) -> Source {
        let theirs = Key {
            rows: Rows::Users("case_users_user_id_case_id"),
            conditions: vec![Box::new(case_users::user_id.eq(self.scope.user.get()))],
        };
        let few = Source {
            is_sqlite: self.is_sqlite,
            rows: theirs.rows,
            conditions: theirs.conditions,
            seek: None,
            limit: None,
        };
        self.of_cases(Rows::Cases(None), vec![Box::new(IsAmong(vec![few])), Box::new(not_secret())])
    }

    const fn index_of_registrar(&self) -> &'static str {
        match self.seek.columns() {
            Columns::Id => "cases_registered_by_id",
            Columns::NextDueOn => "cases_registered_by_next_due_on_id",
            Columns::UpdatedAt => "cases_registered_by_updated_at_id",
        }
    }

    /// The part of the scope's territory that is asked for.
    fn territory(&self) -> Option<&'a RegionCode> {
        let territory = self.scope.territory.as_ref()?;
        match &self.filter.region {
            None => Some(territory),
            Some(region) if territory.contains(region) => Some(region),
            Some(region) => Some(territory).filter(|territory| region.contains(territory)),
        }
    }

    fn count(&self, key: Key, limit: i64) -> Count {
        let limit = Some(limit.saturating_add(1));
        Count(vec![Source {
            is_sqlite: self.is_sqlite,
            rows: key.rows,
            conditions: key.conditions,
            seek: None,
            limit,
        }])
    }
}

fn is_few(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    key: Key,
    most: i64,
) -> Result<bool, StoreError> {
    Ok(asked.count(key, most).get_result::<i64>(connection)? <= most)
}

/// The cases that one of the filters alone keeps, if they are few.
fn few_by_filter(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Option<Key>, StoreError> {
    if let Some(key) = few_by_nature(asked.filter) {
        return Ok(Some(key));
    }
    let keys = [by_topic, by_overdue, by_due_date, by_status, by_holder, by_region, by_filing];
    for key in keys {
        if let Some(found) = key(asked)
            && is_few(connection, asked, found, asked.few.cases)?
        {
            return Ok(key(asked));
        }
    }
    Ok(None)
}

/// What people, an earlier case and a user have a part in are few whoever they are.
fn few_by_nature(filter: &CaseFilter) -> Option<Key> {
    if let Some(people) = &filter.people {
        let numbers: Vec<i64> = people.iter().map(|person| person.get()).collect();
        return Some(Key {
            rows: Rows::People("case_people_person_id_case_id"),
            conditions: vec![Box::new(case_people::person_id.eq_any(numbers))],
        });
    }
    if let Some(earlier) = filter.repeat_of {
        return Some(key("cases_repeat_of", is_repeat_of(earlier)));
    }
    let (user, part) = match (filter.handler, filter.owner) {
        (Some(handler), _) => (handler, UserPart::Handler),
        (None, Some(owner)) => (owner, UserPart::Owner),
        (None, None) => return None,
    };
    Some(Key {
        rows: Rows::Users("case_users_user_id_case_id"),
        conditions: vec![
            Box::new(case_users::user_id.eq(user.get())),
            Box::new(case_users::part.eq(part.as_ref().to_owned())),
        ],
    })
}

fn key(index: &'static str, condition: impl QueryFragment<MultiBackend> + Send + 'static) -> Key {
    Key { rows: Rows::Cases(Some(index)), conditions: vec![Box::new(condition)] }
}

fn by_topic(asked: &Asked<'_>) -> Option<Key> {
    let topic = asked.filter.topic.as_ref()?;
    Some(key("cases_topic_code_attribution_region", at_or_below(topic)))
}

/// Written out, because an index of some rows serves only a condition that each engine sees to be its own.
fn by_overdue(asked: &Asked<'_>) -> Option<Key> {
    asked.filter.overdue.filter(|overdue| *overdue)?;
    let overdue = if asked.is_sqlite { "cases.overdue = 1" } else { "cases.overdue" };
    Some(key("cases_overdue_attribution_region", sql::<Bool>(overdue)))
}

fn by_due_date(asked: &Asked<'_>) -> Option<Key> {
    let day = asked.filter.due_before?;
    Some(key("cases_next_due_on_id", is_due_before(day)))
}

fn by_status(asked: &Asked<'_>) -> Option<Key> {
    let statuses = Some(&asked.filter.statuses).filter(|any_of| !any_of.is_empty())?;
    Some(key("cases_status_attribution_region", has_status(statuses)))
}

fn by_holder(asked: &Asked<'_>) -> Option<Key> {
    let holder = asked.filter.holder?;
    Some(key("cases_holder_id_id", cases::holder_id.eq(holder.get())))
}

fn by_region(asked: &Asked<'_>) -> Option<Key> {
    let region = asked.filter.region.as_ref()?;
    Some(key("cases_attribution_region_id", inside(region)))
}

fn by_filing(asked: &Asked<'_>) -> Option<Key> {
    let index = "cases_filed_at_id";
    let from = asked.filter.filed_from.map(Instant::from);
    let to = asked.filter.filed_to.map(Instant::from);
    match (from, to) {
        (Some(from), Some(to)) => Some(key(index, cases::filed_at.ge(from).and(cases::filed_at.lt(to)))),
        (Some(from), None) => Some(key(index, cases::filed_at.ge(from))),
        (None, Some(to)) => Some(key(index, cases::filed_at.lt(to))),
        (None, None) => None,
    }
}

fn of_territory(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    territory: &RegionCode,
) -> Result<Source, StoreError> {
    let most = if is_one_filter(asked.filter) { asked.few.entries } else { asked.few.cases };
    for key in [by_overdue, by_topic, by_status] {
        let inside_it = |asked| {
            key(asked).map(|mut key| {
                key.conditions.push(Box::new(inside(territory)));
                key
            })
        };
        if let Some(found) = inside_it(asked)
            && is_few(connection, asked, found, most)?
            && let Some(mut key) = inside_it(asked)
        {
            key.conditions.push(Box::new(not_secret()));
            return Ok(asked.of_cases(key.rows, key.conditions));
        }
    }
    let (index, condition) = in_order(asked, territory);
    Ok(asked.of_cases(Rows::Cases(index), vec![condition, Box::new(not_secret())]))
}

/// Whether what the filter asks for is in the index of one column alone.
fn is_one_filter(filter: &CaseFilter) -> bool {
    let only = |one: CaseFilter| CaseFilter { region: filter.region.clone(), ..one } == *filter;
    let none = CaseFilter::default;
    only(CaseFilter { statuses: filter.statuses.clone(), ..none() })
        || only(CaseFilter { topic: filter.topic.clone(), ..none() })
        || only(CaseFilter { overdue: filter.overdue, ..none() })
}

/// The index that has a territory's cases in the order of the list.
fn in_order(asked: &Asked<'_>, territory: &RegionCode) -> (Option<&'static str>, Condition) {
    let prefix = territory.significant_prefix();
    let begins =
        |sql_text: &str| Box::new(sql::<Bool>(sql_text).bind::<Text, _>(prefix.to_owned())) as Condition;
    match (prefix.len(), asked.seek.columns()) {
        (4, columns) => {
            let index = match columns {
                Columns::Id => "cases_city_id",
                Columns::NextDueOn => "cases_city_next_due_on_id",
                Columns::UpdatedAt => "cases_city_updated_at_id",
            };
            (Some(index), begins("substr(cases.attribution_region, 1, 4) = "))
        }
        (6, columns) => {
            let index = match columns {
                Columns::Id => "cases_county_id",
                Columns::NextDueOn => "cases_county_next_due_on_id",
                Columns::UpdatedAt => "cases_county_updated_at_id",
            };
            (Some(index), begins("substr(cases.attribution_region, 1, 6) = "))
        }
        (9, columns) => {
            let index = match columns {
                Columns::Id => "cases_township_id",
                Columns::NextDueOn => "cases_township_next_due_on_id",
                Columns::UpdatedAt => "cases_township_updated_at_id",
            };
            (Some(index), begins("substr(cases.attribution_region, 1, 9) = "))
        }
        // A village has few, and a province is most of the table.
        (10.., _) => (Some("cases_attribution_region_id"), Box::new(inside(territory))),
        (_, Columns::Id) => {
            let by_status = asked.filter.statuses.len() == 1;
            (by_status.then_some("cases_status_id"), Box::new(inside(territory)))
        }
        (_, Columns::NextDueOn) => (Some("cases_next_due_on_id"), Box::new(inside(territory))),
        (_, Columns::UpdatedAt) => (Some("cases_updated_at_id"), Box::new(inside(territory))),
    }
}

fn of_organisation(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    organisation: OrganisationId,
) -> Result<Source, StoreError> {
    let mut conditions: Vec<Condition> =
        vec![Box::new(case_organisations::organisation_id.eq(organisation.get()))];
    if !asked.scope.accusations {
        conditions.push(Box::new(not_secret()));
    }
    let index = match asked.seek.columns() {
        Columns::Id => "case_organisations_organisation_id_case_id",
        Columns::NextDueOn => "case_organisations_organisation_id_next_due_on_case_id",
        Columns::UpdatedAt => "case_organisations_organisation_id_updated_at_case_id",
    };
    if asked.filter.statuses.is_empty() {
        return Ok(asked.of_cases(Rows::Organisations(index), conditions));
    }
    let words: Vec<String> = asked.filter.statuses.iter().map(|status| status.as_ref().to_owned()).collect();
    let by_status = Key {
        rows: Rows::OrganisationsAlone("case_organisations_organisation_id_status"),
        conditions: vec![
            Box::new(case_organisations::organisation_id.eq(organisation.get())),
            Box::new(case_organisations::status.eq_any(words.clone())),
        ],
    };
    conditions.push(Box::new(case_organisations::status.eq_any(words)));
    let index = if is_few(connection, asked, by_status, asked.few.cases)? {
        "case_organisations_organisation_id_status"
    } else {
        index
    };
    Ok(asked.of_cases(Rows::Organisations(index), conditions))
}
