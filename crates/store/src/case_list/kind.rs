//! Each way to come by cases, written as SQL: what leads to them, and with all that is asked of them.

use diesel::prelude::*;
use domain::case::Status;
use domain::id::{OrganisationId, UserId};
use strum::VariantArray;

use super::plan::Asked;
use super::predicates::{
    Predicate, at_or_below, filed_within, inside, is_due_before, is_registered_by, is_repeat_of, matching,
    not_accused, not_secret, visible,
};
use super::seek::{Columns, Table};
use super::way::{Column, Condition, Fixed, Group, IsAmong, Rows, Take, Way};
use crate::projection_of::{UserPart, supervision_words};
use crate::schema::{case_backlog, case_organisations, case_people, case_users, cases};

/// What leads to the cases of a territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Order,
    Overdue,
    Supervision,
    Repeats,
    Topic,
    Status,
    DueDate,
}

/// One way, before it is written as SQL.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// What people, an earlier case and a user have a part in are few whoever they are.
    Nature,
    /// Those that a filter's registrar registered, where they are few, as far as the scope allows.
    OfRegistrar(UserId),
    /// Those of a filter's holder, as far as the scope allows.
    OfHolder(OrganisationId),
    /// By somebody who sees no organ's cases, and has registered few.
    Registered,
    /// Of the others an organ's staff know by their organ: what another organ received is hardly anything.
    RegisteredElsewhere(Elsewhere),
    /// In the order of the cases' ids, or all of them: one user takes part in few enough to be sorted.
    TookPart,
    Territory {
        townships: Group,
        by: By,
        is_whole: bool,
    },
    Organisation {
        id: OrganisationId,
        is_whole: bool,
    },
}

/// The words, each once.
fn words<Word: AsRef<str>>(asked: &[Word]) -> Vec<&str> {
    let mut once: Vec<&str> = asked.iter().map(AsRef::as_ref).collect();
    once.sort_unstable();
    once.dedup();
    once
}

/// On which side of the organ's own the receiving organ's identifier is: two ranges of an index, and not a search in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    Below(OrganisationId),
    Above(OrganisationId),
}

const TOOK_PART: Rows = Rows::Users("case_users_user_id_case_id");
const REGISTERED: Rows = Rows::CasesBy("cases_registered_by_received_by_id");

impl Asked<'_> {
    /// Whether the way is followed in order, and so has more at its end.
    pub(super) fn is_walked(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Nature | Kind::OfRegistrar(_) | Kind::Registered | Kind::RegisteredElsewhere(_) => false,
            Kind::TookPart => self.seek.columns() == Columns::Id,
            Kind::OfHolder(_) => true,
            Kind::Territory { is_whole, .. } | Kind::Organisation { is_whole, .. } => !*is_whole,
        }
    }

    pub(super) fn group_count(&self, kind: &Kind) -> usize {
        self.groups(kind).iter().map(|group| group.count).product()
    }

    fn groups(&self, kind: &Kind) -> Vec<Group> {
        match kind {
            Kind::Territory { townships, by: By::Status, .. } => {
                vec![townships.clone(), self.statuses(Column::Status)]
            }
            Kind::Territory { townships, by: By::Supervision, .. } => {
                let words = supervision_words(&self.filter.supervision);
                vec![townships.clone(), Group::of(Column::Supervision, &words)]
            }
            Kind::Territory { townships, .. } => vec![townships.clone()],
            Kind::OfHolder(_) | Kind::Organisation { is_whole: false, .. }
                if self.seek.columns() == Columns::Id =>
            {
                vec![self.statuses(Column::StatusOfOrganisation)]
            }
            Kind::Organisation { is_whole: true, .. } => vec![self.statuses(Column::StatusOfOrganisation)],
            _ => Vec::new(),
        }
    }

    /// The states that are asked for, or all that there are.
    fn statuses(&self, column: Column) -> Group {
        let asked = if self.filter.statuses.is_empty() { Status::VARIANTS } else { &self.filter.statuses };
        Group::of(column, &words(asked))
    }

    const fn index_of_organisation(&self) -> &'static str {
        match self.seek.columns() {
            Columns::Id => "case_organisations_organisation_id_status_case_id",
            Columns::NextDueOn => "case_organisations_organisation_id_next_due_on_case_id",
            Columns::UpdatedAt => "case_organisations_organisation_id_updated_at_case_id",
        }
    }

    const fn index_of_townships(&self, by: By) -> &'static str {
        match (by, self.seek.columns()) {
            (By::Order, Columns::Id) => "cases_township_id",
            (By::Order, Columns::NextDueOn) | (By::DueDate, _) => "cases_township_next_due_on_id",
            (By::Order, Columns::UpdatedAt) => "cases_township_updated_at_id",
            (By::Overdue, _) => "cases_township_overdue_id",
            (By::Supervision, _) => "cases_township_supervision_id",
            (By::Repeats, _) => "cases_township_repeated_id",
            (By::Topic, _) => "cases_township_topic_code_id",
            (By::Status, _) => "cases_township_status_id",
        }
    }

    /// What leads to the cases of the way, and nothing else that is asked of them.
    pub(super) fn led(&self, kind: &Kind) -> Way {
        let of_organisation = |id: OrganisationId| -> Vec<Condition> {
            vec![Box::new(case_organisations::organisation_id.eq(id.get()))]
        };
        let (rows, conditions) = match kind {
            Kind::Nature => (Rows::Cases, vec![self.among(self.few_by_nature())]),
            Kind::TookPart => {
                let theirs: Vec<Condition> = vec![Box::new(case_users::user_id.eq(self.scope.user.get()))];
                if self.seek.columns() == Columns::Id {
                    (TOOK_PART, theirs)
                } else {
                    (Rows::Cases, vec![self.among(self.all_of(TOOK_PART, theirs))])
                }
            }
            Kind::OfRegistrar(user) => (REGISTERED, vec![boxed(is_registered_by(*user))]),
            Kind::Registered => (REGISTERED, vec![boxed(is_registered_by(self.scope.user))]),
            Kind::RegisteredElsewhere(elsewhere) => {
                let elsewhere: Condition = match elsewhere {
                    Elsewhere::Below(own) => Box::new(cases::received_by.lt(own.get())),
                    Elsewhere::Above(own) => Box::new(cases::received_by.gt(own.get())),
                };
                (REGISTERED, vec![boxed(is_registered_by(self.scope.user)), elsewhere])
            }
            Kind::OfHolder(id) | Kind::Organisation { id, is_whole: false } => {
                (Rows::Organisations(self.index_of_organisation()), of_organisation(*id))
            }
            Kind::Organisation { id, is_whole: true } => {
                let index = "case_organisations_organisation_id_status_case_id";
                (Rows::Organisations(index), of_organisation(*id))
            }
            Kind::Territory { by, .. } => {
                (Rows::CasesBy(self.index_of_townships(*by)), self.of_townships(*by))
            }
        };
        let groups = self.groups(kind);
        Way {
            is_sqlite: self.is_sqlite,
            rows,
            groups,
            conditions,
            with_cases: false,
            order: "",
            take: Take::All,
        }
    }

    /// Written out, because an index of some rows serves only a condition that each engine sees to be its own.
    fn of_townships(&self, by: By) -> Vec<Condition> {
        let literal = |sqlite: &'static str, postgres: &'static str| -> Condition {
            Box::new(Fixed(if self.is_sqlite { sqlite } else { postgres }))
        };
        let mut conditions = vec![literal("cases.confidential = 0", "NOT cases.confidential")];
        match by {
            By::Overdue => conditions.push(literal("cases.overdue = 1", "cases.overdue")),
            By::Supervision => conditions.push(Box::new(Fixed("cases.supervision IS NOT NULL"))),
            By::Repeats => conditions.push(Box::new(Fixed("cases.repeat_count > 0"))),
            By::Topic => conditions.extend(self.filter.topic.as_deref().map(at_or_below).map(boxed)),
            By::DueDate => conditions.extend(self.filter.due_before.map(is_due_before).map(boxed)),
            By::Order | By::Status => {}
        }
        conditions
    }

    fn among(&self, way: Way) -> Condition {
        Box::new(IsAmong { ways: vec![way], is_kept: self.is_kept })
    }

    fn all_of(&self, rows: Rows, conditions: Vec<Condition>) -> Way {
        let (groups, take) = (Vec::new(), Take::All);
        Way { is_sqlite: self.is_sqlite, rows, groups, conditions, with_cases: false, order: "", take }
    }

    fn few_by_nature(&self) -> Way {
        let filter = self.filter;
        if let Some(people) = &filter.people {
            let numbers: Vec<i64> = people.iter().map(|person| person.get()).collect();
            let theirs: Vec<Condition> = vec![Box::new(case_people::person_id.eq_any(numbers))];
            return self.all_of(Rows::People("case_people_person_id_case_id"), theirs);
        }
        if let Some(earlier) = filter.repeat_of {
            return self.all_of(Rows::CasesBy("cases_repeat_of"), vec![boxed(is_repeat_of(earlier))]);
        }
        if let Some(batch) = &filter.backlog_batch {
            let of_batch: Vec<Condition> = vec![Box::new(case_backlog::batch.eq(batch.clone()))];
            return self.all_of(Rows::Backlog("case_backlog_batch_case_id"), of_batch);
        }
        if !filter.backlog.is_empty() {
            let stages: Vec<String> = words(&filter.backlog).into_iter().map(str::to_owned).collect();
            let of_stages: Vec<Condition> = vec![Box::new(case_backlog::stage.eq_any(stages))];
            return self.all_of(Rows::Backlog("case_backlog_stage_case_id"), of_stages);
        }
        let (user, part) = filter.by_user().next().unwrap_or((UserId::new(0), UserPart::Handler));
        let theirs: Vec<Condition> = vec![
            Box::new(case_users::user_id.eq(user.get())),
            Box::new(case_users::part.eq(part.as_ref().to_owned())),
        ];
        self.all_of(TOOK_PART, theirs)
    }

    /// The way, with all that is asked of its cases, up to the end of the page.
    pub(super) fn listed(&self, kind: &Kind) -> Way {
        let mut way = self.led(kind);
        way.conditions.extend(self.placed(&way));
        way.conditions.extend(self.seek.up_to(way.table()));
        match kind {
            Kind::Nature | Kind::OfRegistrar(_) | Kind::OfHolder(_) => {
                way.conditions.push(boxed(visible(self.scope)));
            }
            Kind::Organisation { .. } if self.scope.accusations => {}
            Kind::Organisation { .. } | Kind::Registered | Kind::RegisteredElsewhere(_) | Kind::TookPart => {
                way.conditions.push(boxed(not_secret()));
            }
            // Their indexes have no accusations, but all of the township.
            Kind::Territory { .. } => way.conditions.extend(self.territory().map(inside).map(boxed)),
        }
        if self.seek.is_of_undated() {
            way.conditions.push(boxed(Box::new(cases::next_due_on.is_null())));
        }
        way.conditions.extend(matching(self.filter).into_iter().map(boxed));
        way.conditions.push(boxed(not_accused(self.scope)));
        let order = self.seek.order(way.table());
        Way { with_cases: way.table() != Table::Cases, order, take: Take::First(self.limit), ..way }
    }

    /// The place in the way at which it is left off.
    pub(super) fn place(&self, kind: &Kind, depth: i64) -> Way {
        let mut way = self.led(kind);
        way.conditions.extend(self.placed(&way));
        let order = self.seek.order(way.table());
        Way { order, take: Take::AtPlace(depth), ..way }
    }

    /// From where the list goes on, and what its order itself leaves out.
    fn placed(&self, way: &Way) -> Vec<Condition> {
        let mut conditions: Vec<Condition> = Vec::new();
        conditions.extend(self.seek.after(way.table()));
        match self.seek.columns() {
            Columns::Id if self.numbered_by_filing => {
                conditions.extend(filed_within(self.filter, way.table()));
            }
            Columns::NextDueOn => match (way.table(), self.filter.due_before) {
                (Table::Cases, Some(day)) => conditions.push(boxed(is_due_before(day))),
                (Table::Organisations, Some(day)) => {
                    let due_on = case_organisations::next_due_on;
                    let is_due = due_on.is_not_null().and(due_on.assume_not_null().lt(day));
                    conditions.push(Box::new(is_due));
                }
                _ => {}
            },
            _ => {}
        }
        conditions
    }
}

fn boxed(predicate: Predicate) -> Condition {
    Box::new(predicate)
}
