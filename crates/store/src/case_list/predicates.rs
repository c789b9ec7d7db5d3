//! Which cases a scope allows and a filter keeps, as conditions on one case.

use chrono::{DateTime, NaiveDate, TimeDelta};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::access::Scope;
use domain::id::{self, CaseId, UserId};
use domain::region::RegionCode;

use super::CaseFilter;
use super::seek::Table;
use super::way::Condition;
use crate::connection::MultiBackend;
use crate::portable::{Instant, next_prefix};
use crate::projection_of::{UserPart, supervision_words};
use crate::schema::{case_backlog, case_organisations, case_people, case_users, cases};

/// A condition on a case.
pub(crate) type Predicate = Box<dyn BoxableExpression<cases::table, MultiBackend, SqlType = Bool>>;

/// What a scope allows, as [`Scope::allows`] says it of one case; a property test holds the two together.
///
/// Each part is asked of the one case at hand, so that it costs the same however many cases the scope has.
pub(crate) fn visible(scope: &Scope) -> Predicate {
    if scope.nothing {
        return Box::new(false.into_sql::<Bool>());
    }
    let took_part = case_users::table
        .filter(case_users::case_id.eq(cases::id))
        .filter(case_users::user_id.eq(scope.user.get()));
    let mut reached: Predicate = Box::new(not_secret().and(is_registered_by(scope.user)));
    reached = Box::new(reached.or(not_secret().and(exists(took_part))));
    if let Some(territory) = &scope.territory {
        reached = Box::new(reached.or(not_secret().and(inside(territory))));
    }
    if let Some(organisation) = scope.organisation {
        let has_part = exists(
            case_organisations::table
                .filter(case_organisations::case_id.eq(cases::id))
                .filter(case_organisations::organisation_id.eq(organisation.get())),
        );
        reached = if scope.accusations {
            Box::new(reached.or(has_part))
        } else {
            Box::new(reached.or(not_secret().and(has_part)))
        };
    }
    Box::new(reached.and(not_accused(scope)))
}

/// No accusation, which only a need-to-know list knows of (Art. 30).
pub(super) fn not_secret() -> Predicate {
    Box::new(cases::confidential.eq(false))
}

/// Nobody is shown the case that accuses them, nor one that accuses the user in whose place they act.
pub(super) fn not_accused(scope: &Scope) -> Predicate {
    let does_not_accuse = |user: UserId| {
        let accused = case_users::table
            .filter(case_users::case_id.eq(cases::id))
            .filter(case_users::user_id.eq(user.get()))
            .filter(case_users::part.eq(UserPart::Accused.as_ref()));
        not(exists(accused))
    };
    match scope.deputy {
        None => Box::new(does_not_accuse(scope.user)),
        Some(deputy) => Box::new(does_not_accuse(scope.user).and(does_not_accuse(deputy))),
    }
}

pub(super) fn is_registered_by(user: UserId) -> Predicate {
    let registrar = cases::registered_by.assume_not_null();
    Box::new(cases::registered_by.is_not_null().and(registrar.eq(user.get())))
}

pub(super) fn is_due_before(day: NaiveDate) -> Predicate {
    Box::new(cases::next_due_on.is_not_null().and(cases::next_due_on.assume_not_null().lt(day)))
}

pub(super) fn is_repeat_of(earlier: CaseId) -> Predicate {
    Box::new(cases::repeat_of.is_not_null().and(cases::repeat_of.assume_not_null().eq(earlier.get())))
}

/// What the filter asks for.
pub(super) fn matching(filter: &CaseFilter) -> Vec<Predicate> {
    let mut all = by_kind(filter);
    all.extend(by_part(filter));
    all.extend(by_time_and_outcome(filter));
    all
}

/// The stages in which a case is on a list of backlog now.
const ON_THE_LIST: [&str; 2] = ["listed", "inspected"];

fn words<Word: AsRef<str>>(any_of: &[Word]) -> Vec<String> {
    any_of.iter().map(|word| word.as_ref().to_owned()).collect()
}

fn by_kind(filter: &CaseFilter) -> Vec<Predicate> {
    let mut all: Vec<Predicate> = Vec::new();
    if !filter.statuses.is_empty() {
        all.push(Box::new(cases::status.eq_any(words(&filter.statuses))));
    }
    if !filter.purposes.is_empty() {
        all.push(Box::new(cases::purpose.eq_any(words(&filter.purposes))));
    }
    if !filter.channels.is_empty() {
        all.push(Box::new(cases::channel.eq_any(words(&filter.channels))));
    }
    if !filter.sources.is_empty() {
        all.push(Box::new(cases::source.eq_any(words(&filter.sources))));
    }
    if let Some(region) = &filter.region {
        all.push(inside(region));
    }
    if let Some(topic) = &filter.topic {
        all.push(at_or_below(topic));
    }
    if let Some(group) = filter.group {
        all.push(Box::new(cases::group_petition.eq(group)));
    }
    if let Some(anonymous) = filter.anonymous {
        all.push(Box::new(cases::anonymous.eq(anonymous)));
    }
    all
}

fn by_part(filter: &CaseFilter) -> Vec<Predicate> {
    let mut all: Vec<Predicate> = Vec::new();
    if let Some(holder) = filter.holder {
        all.push(Box::new(cases::holder_id.eq(holder.get())));
    }
    if let Some(registrar) = filter.registered_by {
        all.push(is_registered_by(registrar));
    }
    for (user, part) in filter.by_user() {
        let theirs = case_users::table
            .filter(case_users::case_id.eq(cases::id))
            .filter(case_users::user_id.eq(user.get()))
            .filter(case_users::part.eq(part.as_ref().to_owned()));
        all.push(Box::new(exists(theirs)));
    }
    if let Some(people) = &filter.people {
        let numbers: Vec<i64> = people.iter().map(|person| person.get()).collect();
        let theirs = case_people::table
            .filter(case_people::case_id.eq(cases::id))
            .filter(case_people::person_id.eq_any(numbers));
        all.push(Box::new(exists(theirs)));
    }
    all
}

fn by_time_and_outcome(filter: &CaseFilter) -> Vec<Predicate> {
    let mut all: Vec<Predicate> = Vec::new();
    if let Some(from) = filter.filed_from {
        all.push(Box::new(cases::filed_at.ge(Instant::from(from))));
    }
    if let Some(to) = filter.filed_to {
        all.push(Box::new(cases::filed_at.lt(Instant::from(to))));
    }
    if let Some(day) = filter.due_before {
        all.push(is_due_before(day));
    }
    let on_a_list = || case_backlog::table.filter(case_backlog::case_id.eq(cases::id));
    if !filter.backlog.is_empty() {
        all.push(Box::new(exists(on_a_list().filter(case_backlog::stage.eq_any(words(&filter.backlog))))));
    }
    if let Some(batch) = &filter.backlog_batch {
        all.push(Box::new(exists(on_a_list().filter(case_backlog::batch.eq(batch.clone())))));
    }
    match filter.is_backlog {
        Some(true) => all.push(Box::new(exists(on_a_list().filter(case_backlog::stage.eq_any(ON_THE_LIST))))),
        Some(false) => {
            all.push(Box::new(not(exists(on_a_list().filter(case_backlog::stage.eq_any(ON_THE_LIST))))));
        }
        None => {}
    }
    match filter.terminated {
        Some(true) => all.push(Box::new(cases::terminated_on.is_not_null())),
        Some(false) => all.push(Box::new(cases::terminated_on.is_null())),
        None => {}
    }
    if let Some(repeats) = filter.repeats_from {
        all.push(Box::new(cases::repeat_count.ge(i32::from(repeats.max(1)))));
    }
    if !filter.supervision.is_empty() {
        let words = supervision_words(&filter.supervision);
        let is_any = cases::supervision.assume_not_null().eq_any(words);
        all.push(Box::new(cases::supervision.is_not_null().and(is_any)));
    }
    if let Some(overdue) = filter.overdue {
        all.push(Box::new(cases::overdue.eq(overdue)));
    }
    match filter.matter_resolved {
        Some(true) => all.push(Box::new(cases::matter_resolved_on.is_not_null())),
        Some(false) => all.push(Box::new(cases::matter_resolved_on.is_null())),
        None => {}
    }
    match filter.heart_resolved {
        Some(true) => all.push(Box::new(cases::heart_resolved_on.is_not_null())),
        Some(false) => all.push(Box::new(cases::heart_resolved_on.is_null())),
        None => {}
    }
    match filter.double_resolved {
        Some(true) => all.push(Box::new(cases::double_resolved_on.is_not_null())),
        Some(false) => all.push(Box::new(cases::double_resolved_on.is_null())),
        None => {}
    }
    if let Some(earlier) = filter.repeat_of {
        all.push(is_repeat_of(earlier));
    }
    all
}

/// By how much a clock may have been wrong when a case got its number.
const SLACK: TimeDelta = TimeDelta::days(1);

/// The filing's own bounds on the identifier, which is the time of filing.
pub(super) fn filed_within(filter: &CaseFilter, of: Table) -> Vec<Condition> {
    let from = filter.filed_from.and_then(|from| from.checked_sub_signed(SLACK)).map(id::lowest_at);
    // What was filed before there were identifiers has the first ones.
    let first = id::lowest_at(DateTime::UNIX_EPOCH + id::EPOCH + SLACK);
    let to =
        filter.filed_to.and_then(|to| to.checked_add_signed(SLACK)).map(|to| id::lowest_at(to).max(first));
    let at_least = |from: i64| -> Condition {
        match of {
            Table::Cases => Box::new(cases::id.ge(from)),
            Table::Organisations => Box::new(case_organisations::case_id.ge(from)),
            Table::Users => Box::new(case_users::case_id.ge(from)),
        }
    };
    let below = |to: i64| -> Condition {
        match of {
            Table::Cases => Box::new(cases::id.lt(to)),
            Table::Organisations => Box::new(case_organisations::case_id.lt(to)),
            Table::Users => Box::new(case_users::case_id.lt(to)),
        }
    };
    from.map(at_least).into_iter().chain(to.map(below)).collect()
}

/// The problem lies in the region, or in one inside it: a range, which an index serves on both engines.
pub(super) fn inside(region: &RegionCode) -> Predicate {
    let prefix = region.significant_prefix();
    let from = cases::attribution_region.ge(prefix.to_owned());
    match next_prefix(prefix) {
        Some(end) => Box::new(from.and(cases::attribution_region.lt(end))),
        None => Box::new(from),
    }
}

/// The digits that all codes at or below the topic begin with.
fn prefix_of(topic: &str) -> &str {
    let mut prefix = topic;
    while let Some(shorter) = prefix.strip_suffix("00") {
        prefix = shorter;
    }
    prefix
}

/// Whether there is no topic below this one.
pub(super) fn is_exact(topic: &str) -> bool {
    let prefix = prefix_of(topic);
    prefix.is_empty() || prefix == topic || !prefix.bytes().all(|byte| byte.is_ascii_digit())
}

/// The topic is this one or below it in the tree.
pub(super) fn at_or_below(topic: &str) -> Predicate {
    let prefix = prefix_of(topic);
    let code = cases::topic_code.assume_not_null();
    let known = cases::topic_code.is_not_null();
    if is_exact(topic) {
        return Box::new(known.and(code.eq(topic.to_owned())));
    }
    let from = known.and(code.ge(prefix.to_owned()));
    match next_prefix(prefix) {
        Some(end) => Box::new(from.and(code.lt(end))),
        None => Box::new(from),
    }
}
