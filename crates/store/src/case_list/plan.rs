//! By which ways a list comes by its cases: each follows an index in the order of the list, or has all of what is known
//! to be few.

use diesel::prelude::*;
use domain::access::Scope;
use domain::id::OrganisationId;
use domain::region::RegionCode;

use super::CaseFilter;
use super::kind::{By, Elsewhere, Kind};
use super::predicates::is_exact;
use super::seek::{Columns, Seek};
use super::way::{Column, Count, Group, Take, Townships, Way};
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::next_prefix;

/// How far a list goes for one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// What is few: read whole and sorted, where more is read in the order of the list and only as far as the page goes.
    pub few: i64,
    /// About how many cases are looked at for one page, and at least as many as it has; where fewer than a page of them pass
    /// the filter, the page is shorter.
    pub examined: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { few: 1_000, examined: 2_000 }
    }
}

/// What is asked of the plan.
pub(super) struct Asked<'a> {
    pub(super) is_sqlite: bool,
    /// Whether its statements stay prepared.
    pub(super) is_kept: bool,
    pub(super) bounds: Bounds,
    pub(super) scope: &'a Scope,
    pub(super) filter: &'a CaseFilter,
    /// Whether identifiers tell when cases were filed.
    pub(super) numbered_by_filing: bool,
    pub(super) seek: Seek,
    pub(super) limit: i64,
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
        let mut is_filtered = *filter != CaseFilter::default() || asked.seek.is_of_undated();
        if scope.nothing {
            return Ok(Self { kinds: Vec::new(), is_filtered });
        }
        if let Some(kind) = asked.leading(connection)? {
            return Ok(Self { kinds: vec![kind], is_filtered: true });
        }
        let mut kinds = vec![Kind::TookPart];
        kinds.extend(match scope.organisation {
            None => vec![Kind::Registered],
            Some(own) => vec![
                Kind::RegisteredElsewhere(Elsewhere::Below(own)),
                Kind::RegisteredElsewhere(Elsewhere::Above(own)),
            ],
        });
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
        let walked: Vec<&Kind> = self.kinds.iter().filter(|kind| asked.is_walked(kind)).collect();
        let depths: Vec<i64> = walked.iter().map(|kind| self.depth(asked, kind, attempt)).collect();
        let has_few_groups = walked.iter().all(|kind| asked.group_count(kind) <= FEW_GROUPS);
        let covers_the_page = depths.iter().all(|depth| *depth >= asked.limit);
        if !self.is_filtered && (has_few_groups || covers_the_page) {
            return Vec::new();
        }
        walked.into_iter().zip(depths).map(|(kind, depth)| asked.place(kind, depth)).collect()
    }

    /// Whether the next attempt goes no further.
    pub(super) fn is_last(&self, asked: &Asked<'_>, attempt: Attempt) -> bool {
        let mut walked = self.kinds.iter().filter(|kind| asked.is_walked(kind));
        walked.all(|kind| self.depth(asked, kind, attempt) == self.depth(asked, kind, attempt.next()))
    }

    /// How many cases of each group are looked at.
    fn depth(&self, asked: &Asked<'_>, kind: &Kind, attempt: Attempt) -> i64 {
        let count = |number: usize| i64::try_from(number.max(1)).unwrap_or(i64::MAX);
        let groups = count(asked.group_count(kind));
        let walked = count(self.kinds.iter().filter(|kind| asked.is_walked(kind)).count());
        let first = (asked.limit.saturating_mul(4) / groups).max(8);
        let wanted = first.saturating_mul(STEP.saturating_pow(attempt.0));
        let most = asked.bounds.examined / walked / groups;
        // However many groups there are, each page gets as far as a page of the busiest.
        wanted.min(most.max(asked.limit))
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
    for by in [By::Overdue, By::Supervision, By::Repeats, By::Topic, By::Status, By::DueDate] {
        let leads_in_order = is_by_id && asked.is_in_order(by);
        if asked.has(by) && !(leads_in_order && asked.is_only(by)) {
            let kind = Kind::Territory { townships: townships.clone(), by, is_whole: true };
            if are_few(connection, asked, &kind)? {
                return Ok(kind);
            }
        }
    }
    let mut in_order = [By::Overdue, By::Supervision, By::Repeats, By::Topic, By::Status].into_iter();
    let leading = in_order.find(|by| is_by_id && asked.has(*by) && asked.is_in_order(*by));
    Ok(Kind::Territory { townships, by: leading.unwrap_or(By::Order), is_whole: false })
}

/// Whether all cases of the way are no more than what is few.
fn are_few(connection: &mut AnyConnection, asked: &Asked<'_>, kind: &Kind) -> Result<bool, StoreError> {
    let most = asked.bounds.few;
    let beyond = most.saturating_add(1);
    let way = Way { take: Take::Any(beyond), ..asked.led(kind) };
    let count: i64 =
        Count { ways: vec![way], each_once: false, most: beyond, is_kept: true }.get_result(connection)?;
    Ok(count <= most)
}

impl<'a> Asked<'a> {
    /// The part of the scope's territory that is asked for.
    pub(super) fn territory(&self) -> Option<&'a RegionCode> {
        let territory = self.scope.territory.as_ref()?;
        match &self.filter.region {
            None => Some(territory),
            Some(region) if territory.contains(region) => Some(region),
            Some(region) => Some(territory).filter(|territory| region.contains(territory)),
        }
    }

    /// What a filter leads to by itself, whatever the scope.
    fn leading(&self, connection: &mut AnyConnection) -> Result<Option<Kind>, StoreError> {
        if is_few_by_nature(self.filter) {
            return Ok(Some(Kind::Nature));
        }
        if let Some(kind) = self.filter.registered_by.map(Kind::OfRegistrar)
            && are_few(connection, self, &kind)?
        {
            return Ok(Some(kind));
        }
        Ok(self.filter.holder.map(Kind::OfHolder))
    }

    /// Whether the filter asks for what leads there.
    fn has(&self, by: By) -> bool {
        match by {
            By::Order => true,
            By::Overdue => self.filter.overdue == Some(true),
            By::Supervision => !self.filter.supervision.is_empty(),
            By::Repeats => self.filter.repeats_from.is_some(),
            By::Topic => self.filter.topic.is_some(),
            By::Status => !self.filter.statuses.is_empty(),
            By::DueDate => self.filter.due_before.is_some(),
        }
    }

    /// Whether its index has the cases in the order of their ids.
    fn is_in_order(&self, by: By) -> bool {
        match by {
            By::Order | By::Overdue | By::Supervision | By::Repeats | By::Status => true,
            By::Topic => self.filter.topic.as_deref().is_some_and(is_exact),
            By::DueDate => false,
        }
    }

    /// Whether the filter asks for nothing else.
    fn is_only(&self, by: By) -> bool {
        let rest = match by {
            By::Order => self.filter.clone(),
            By::Overdue => CaseFilter { overdue: None, ..self.filter.clone() },
            By::Repeats => CaseFilter { repeats_from: None, ..self.filter.clone() },
            By::Supervision => CaseFilter { supervision: Vec::new(), ..self.filter.clone() },
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
}

fn is_few_by_nature(filter: &CaseFilter) -> bool {
    filter.people.is_some()
        || filter.repeat_of.is_some()
        || filter.by_user().next().is_some()
        || filter.backlog_batch.is_some()
        || !filter.backlog.is_empty()
}
