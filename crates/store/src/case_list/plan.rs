//! By which ways a list comes by its cases: each follows an index in the order of the list, or has all of what is known
//! to be few.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::access::Scope;
use domain::case::Status;
use domain::id::{OrganisationId, UserId};
use domain::region::RegionCode;
use strum::VariantArray;

use super::CaseFilter;
use super::predicates::{
    Predicate, at_or_below, filed_within, inside, is_due_before, is_exact, is_registered_by, is_repeat_of,
    matching, not_accused, not_secret, visible,
};
use super::seek::{Columns, Seek};
use super::way::{Column, Condition, Count, Group, IsAmong, Rows, Take, Townships, Way};
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::next_prefix;
use crate::projection_of::UserPart;
use crate::schema::{case_organisations, case_people, case_users};

/// How far a list goes for one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// What is few: read whole and sorted, where more is read in the order of the list and only as far as the page goes.
    pub few: i64,
    /// How many cases are looked at for one page; where fewer than a page of them pass the filter, the page is shorter.
    pub examined: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { few: 2_000, examined: 5_000 }
    }
}

/// What is asked of the plan.
pub(super) struct Asked<'a> {
    pub(super) is_sqlite: bool,
    pub(super) bounds: Bounds,
    pub(super) scope: &'a Scope,
    pub(super) filter: &'a CaseFilter,
    /// Whether identifiers tell when cases were filed.
    pub(super) numbered_by_filing: bool,
    pub(super) seek: Seek,
    pub(super) limit: i64,
}

/// What leads to the cases of a territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Order,
    Overdue,
    Topic,
    Status,
    DueDate,
}

/// One way, before it is written as SQL.
#[derive(Debug, Clone)]
enum Kind {
    /// What people, an earlier case and a user have a part in are few whoever they are.
    Nature,
    /// Those that a filter's registrar registered, as far as the scope allows.
    OfRegistrar(UserId),
    /// Those of a filter's holder, as far as the scope allows.
    OfHolder(OrganisationId),
    Registered,
    /// A user has a part in few cases.
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

/// The ways that together have the cases of a list.
pub(super) struct Plan {
    kinds: Vec<Kind>,
    /// Whether some cases on the ways do not belong to the list.
    is_filtered: bool,
}

/// Up to so many groups it costs less to read the first cases of each than to find out how far to go.
const FEW_GROUPS: usize = 12;
/// How much further each attempt goes.
const STEP: i64 = 5;

/// How far along the ways an attempt goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attempt(u32);

impl Attempt {
    pub(super) const FIRST: Self = Self(0);

    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Plan {
    /// Decides on the ways.
    ///
    /// # Errors
    /// Only what the database says.
    pub(super) fn of(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Self, StoreError> {
        let (scope, filter) = (asked.scope, asked.filter);
        let mut is_filtered = *filter != CaseFilter::default();
        if scope.nothing {
            return Ok(Self { kinds: Vec::new(), is_filtered });
        }
        let leading = if is_few_by_nature(filter) {
            Some(Kind::Nature)
        } else if let Some(registrar) = filter.registered_by {
            Some(Kind::OfRegistrar(registrar))
        } else {
            filter.holder.map(Kind::OfHolder)
        };
        if let Some(kind) = leading {
            return Ok(Self { kinds: vec![kind], is_filtered: true });
        }
        let mut kinds = vec![Kind::Registered, Kind::TookPart];
        if let Some(territory) = asked.territory() {
            is_filtered |= territory.significant_prefix().len() > TOWNSHIP;
            let townships = townships(connection, asked, territory)?;
            if townships.count > 0 {
                kinds.push(of_territory(connection, asked, townships)?);
            }
        }
        if let Some(id) = scope.organisation {
            let is_whole = asked.is_whole_of_organisation(connection, id)?;
            kinds.push(Kind::Organisation { id, is_whole });
        }
        Ok(Self { kinds, is_filtered })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The first cases of each way, up to the end of the page.
    pub(super) fn ways(&self, asked: &Asked<'_>) -> Vec<Way> {
        self.kinds.iter().map(|kind| asked.listed(kind)).collect()
    }

    /// Every case of each way, up to a limit, in no order.
    pub(super) fn counted(&self, asked: &Asked<'_>) -> Vec<Way> {
        let any = |kind: &Kind| Way { take: Take::Any(asked.limit), order: "", ..asked.listed(kind) };
        self.kinds.iter().map(any).collect()
    }

    /// Where each way is left off at this attempt; none where the page needs no end but its own.
    pub(super) fn places(&self, asked: &Asked<'_>, attempt: Attempt) -> Vec<Way> {
        let walked: Vec<&Kind> = self.kinds.iter().filter(|kind| kind.is_walked()).collect();
        let depths: Vec<i64> = walked.iter().map(|kind| self.depth(asked, kind, attempt)).collect();
        let has_few_groups = walked.iter().all(|kind| asked.group_count(kind) <= FEW_GROUPS);
        let reaches_the_end = depths.iter().all(|depth| *depth >= asked.limit);
        if !self.is_filtered && (has_few_groups || reaches_the_end) {
            return Vec::new();
        }
        walked.into_iter().zip(depths).map(|(kind, depth)| asked.place(kind, depth)).collect()
    }

    /// Whether the next attempt goes no further.
    pub(super) fn is_last(&self, asked: &Asked<'_>, attempt: Attempt) -> bool {
        let walked = self.kinds.iter().filter(|kind| kind.is_walked());
        walked
            .into_iter()
            .all(|kind| self.depth(asked, kind, attempt) == self.depth(asked, kind, attempt.next()))
    }

    /// How many cases of each group are looked at.
    fn depth(&self, asked: &Asked<'_>, kind: &Kind, attempt: Attempt) -> i64 {
        let count = |number: usize| i64::try_from(number.max(1)).unwrap_or(i64::MAX);
        let groups = count(asked.group_count(kind));
        let walked = count(self.kinds.iter().filter(|kind| kind.is_walked()).count());
        let first = (asked.limit.saturating_mul(4) / groups).max(8);
        let wanted = first.saturating_mul(STEP.saturating_pow(attempt.0));
        let most = (asked.bounds.examined / walked / groups).max(1);
        let unfiltered = if self.is_filtered { 0 } else { asked.limit };
        wanted.min(most.max(unfiltered))
    }
}

impl Kind {
    /// Whether the way is followed in order, and so has more at its end.
    const fn is_walked(&self) -> bool {
        match self {
            Self::Nature | Self::TookPart => false,
            Self::OfRegistrar(_) | Self::OfHolder(_) | Self::Registered => true,
            Self::Territory { is_whole, .. } | Self::Organisation { is_whole, .. } => !*is_whole,
        }
    }
}

/// The digits of a township's code.
const TOWNSHIP: usize = 9;

fn townships(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    territory: &RegionCode,
) -> Result<Group, StoreError> {
    let prefix = territory.significant_prefix();
    if let Some(township) = prefix.get(..TOWNSHIP) {
        return Ok(Group::of(Column::Township, &[township]));
    }
    // After nines comes what no code begins with.
    let before = next_prefix(prefix).unwrap_or_else(|| ":".to_owned());
    let found = Townships { is_sqlite: asked.is_sqlite, from: prefix.to_owned(), before };
    let codes: Vec<String> = found.load(connection)?;
    Ok(Group::of(Column::Township, &codes))
}

fn of_territory(
    connection: &mut AnyConnection,
    asked: &Asked<'_>,
    townships: Group,
) -> Result<Kind, StoreError> {
    let is_by_id = asked.seek.columns() == Columns::Id;
    for by in [By::Overdue, By::Topic, By::Status, By::DueDate] {
        let leads_in_order = is_by_id && asked.is_in_order(by);
        if asked.has(by) && !(leads_in_order && asked.is_only(by)) {
            let kind = Kind::Territory { townships: townships.clone(), by, is_whole: true };
            if are_few(connection, asked, &kind)? {
                return Ok(kind);
            }
        }
    }
    let in_order = [By::Overdue, By::Topic, By::Status].into_iter();
    let leading = in_order.filter(|by| is_by_id && asked.has(*by) && asked.is_in_order(*by)).next();
    Ok(Kind::Territory { townships, by: leading.unwrap_or(By::Order), is_whole: false })
}

/// Whether all cases of the way are no more than what is few.
fn are_few(connection: &mut AnyConnection, asked: &Asked<'_>, kind: &Kind) -> Result<bool, StoreError> {
    let most = asked.bounds.few;
    let beyond = most.saturating_add(1);
    let way = Way { take: Take::Any(beyond), ..asked.led(kind) };
    let count: i64 = Count { ways: vec![way], each_once: false, most: beyond }.get_result(connection)?;
    Ok(count <= most)
}

impl<'a> Asked<'a> {
    /// The part of the scope's territory that is asked for.
    fn territory(&self) -> Option<&'a RegionCode> {
        let territory = self.scope.territory.as_ref()?;
        match &self.filter.region {
            None => Some(territory),
            Some(region) if territory.contains(region) => Some(region),
            Some(region) => Some(territory).filter(|territory| region.contains(territory)),
        }
    }

    /// Whether the filter asks for what leads there.
    fn has(&self, by: By) -> bool {
        match by {
            By::Order => true,
            By::Overdue => self.filter.overdue == Some(true),
            By::Topic => self.filter.topic.is_some(),
            By::Status => !self.filter.statuses.is_empty(),
            By::DueDate => self.filter.due_before.is_some(),
        }
    }

    /// Whether its index has the cases in the order of their ids.
    fn is_in_order(&self, by: By) -> bool {
        match by {
            By::Order | By::Overdue | By::Status => true,
            By::Topic => self.filter.topic.as_deref().is_some_and(is_exact),
            By::DueDate => false,
        }
    }

    /// Whether the filter asks for nothing else.
    fn is_only(&self, by: By) -> bool {
        let rest = match by {
            By::Order => self.filter.clone(),
            By::Overdue => CaseFilter { overdue: None, ..self.filter.clone() },
            By::Topic => CaseFilter { topic: None, ..self.filter.clone() },
            By::Status => CaseFilter { statuses: Vec::new(), ..self.filter.clone() },
            By::DueDate => CaseFilter { due_before: None, ..self.filter.clone() },
        };
        CaseFilter { region: None, ..rest } == CaseFilter::default()
    }

    fn is_whole_of_organisation(
        &self,
        connection: &mut AnyConnection,
        id: OrganisationId,
    ) -> Result<bool, StoreError> {
        let is_led_in_order = self.seek.columns() == Columns::Id && self.is_only(By::Status);
        if self.filter.statuses.is_empty() || is_led_in_order {
            return Ok(false);
        }
        are_few(connection, self, &Kind::Organisation { id, is_whole: true })
    }

    fn group_count(&self, kind: &Kind) -> usize {
        self.groups(kind).iter().map(|group| group.count).product()
    }

    fn groups(&self, kind: &Kind) -> Vec<Group> {
        match kind {
            Kind::Territory { townships, by: By::Status, .. } => {
                vec![townships.clone(), self.statuses(Column::Status)]
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
        let mut once: Vec<&str> = asked.iter().map(AsRef::as_ref).collect();
        once.sort_unstable();
        once.dedup();
        Group::of(column, &once)
    }

    const fn index_of_registrar(&self) -> &'static str {
        match self.seek.columns() {
            Columns::Id => "cases_registered_by_id",
            Columns::NextDueOn => "cases_registered_by_next_due_on_id",
            Columns::UpdatedAt => "cases_registered_by_updated_at_id",
        }
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
            (By::Topic, _) => "cases_township_topic_code_id",
            (By::Status, _) => "cases_township_status_id",
        }
    }

    /// What leads to the cases of the way, and nothing else that is asked of them.
    fn led(&self, kind: &Kind) -> Way {
        let of_organisation = |id: OrganisationId| -> Vec<Condition> {
            vec![Box::new(case_organisations::organisation_id.eq(id.get()))]
        };
        let (rows, conditions) = match kind {
            Kind::Nature => (Rows::Cases, vec![Box::new(IsAmong(vec![self.few_by_nature()])) as Condition]),
            Kind::TookPart => {
                let theirs: Vec<Condition> = vec![Box::new(case_users::user_id.eq(self.scope.user.get()))];
                let theirs = self.all_of(Rows::Users("case_users_user_id_case_id"), theirs);
                (Rows::Cases, vec![Box::new(IsAmong(vec![theirs])) as Condition])
            }
            Kind::OfRegistrar(user) => {
                (Rows::CasesBy(self.index_of_registrar()), vec![boxed(is_registered_by(*user))])
            }
            Kind::Registered => {
                (Rows::CasesBy(self.index_of_registrar()), vec![boxed(is_registered_by(self.scope.user))])
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
            Box::new(sql::<Bool>(if self.is_sqlite { sqlite } else { postgres }))
        };
        let mut conditions = vec![literal("cases.confidential = 0", "NOT cases.confidential")];
        match by {
            By::Overdue => conditions.push(literal("cases.overdue = 1", "cases.overdue")),
            By::Topic => conditions.extend(self.filter.topic.as_deref().map(at_or_below).map(boxed)),
            By::DueDate => conditions.extend(self.filter.due_before.map(is_due_before).map(boxed)),
            By::Order | By::Status => {}
        }
        conditions
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
        let (user, part) = match (filter.handler, filter.owner) {
            (Some(handler), _) => (Some(handler), UserPart::Handler),
            (None, owner) => (owner, UserPart::Owner),
        };
        let theirs: Vec<Condition> = vec![
            Box::new(case_users::user_id.eq(user.map_or(0, UserId::get))),
            Box::new(case_users::part.eq(part.as_ref().to_owned())),
        ];
        self.all_of(Rows::Users("case_users_user_id_case_id"), theirs)
    }

    /// The way, with all that is asked of its cases, up to the end of the page.
    fn listed(&self, kind: &Kind) -> Way {
        let mut way = self.led(kind);
        way.conditions.extend(self.placed(&way));
        way.conditions.extend(self.seek.up_to(way.is_of_organisations()));
        match kind {
            Kind::Nature | Kind::OfRegistrar(_) | Kind::OfHolder(_) => {
                way.conditions.push(boxed(visible(self.scope)));
            }
            Kind::Organisation { .. } if self.scope.accusations => {}
            Kind::Organisation { .. } | Kind::Registered | Kind::TookPart => {
                way.conditions.push(boxed(not_secret()));
            }
            // Their indexes have no accusations, but all of the township.
            Kind::Territory { .. } => way.conditions.extend(self.territory().map(inside).map(boxed)),
        }
        way.conditions.extend(matching(self.filter).into_iter().map(boxed));
        way.conditions.push(boxed(not_accused(self.scope.user)));
        let order = self.order_of(&way);
        Way { with_cases: way.is_of_organisations(), order, take: Take::First(self.limit), ..way }
    }

    /// The place in the way at which it is left off.
    fn place(&self, kind: &Kind, depth: i64) -> Way {
        let mut way = self.led(kind);
        way.conditions.extend(self.placed(&way));
        let order = self.order_of(&way);
        Way { order, take: Take::AtPlace(depth), ..way }
    }

    const fn order_of(&self, way: &Way) -> &'static str {
        if way.is_of_organisations() {
            self.seek.order_of_organisations()
        } else {
            self.seek.order_of_cases()
        }
    }

    /// From where the list goes on, and what its order itself leaves out.
    fn placed(&self, way: &Way) -> Vec<Condition> {
        let mut conditions: Vec<Condition> = Vec::new();
        conditions.extend(self.seek.after(way.is_of_organisations()));
        match self.seek.columns() {
            Columns::Id if self.numbered_by_filing => {
                conditions.extend(filed_within(self.filter, way.is_of_organisations()));
            }
            Columns::NextDueOn if !way.is_of_organisations() => {
                conditions.extend(self.filter.due_before.map(is_due_before).map(boxed));
            }
            _ => {}
        }
        conditions
    }
}

fn is_few_by_nature(filter: &CaseFilter) -> bool {
    filter.people.is_some()
        || filter.repeat_of.is_some()
        || filter.handler.is_some()
        || filter.owner.is_some()
}

fn boxed(predicate: Predicate) -> Condition {
    Box::new(predicate)
}
