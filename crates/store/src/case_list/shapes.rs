//! Which lists' statements stay prepared.
//!
//! PostgreSQL takes as long to plan a list as to run it, and each connection keeps what it has planned for as long as it
//! lives; of filters there are more combinations than memory. Offices ask for few of them, and those come first.

use std::collections::HashSet;
use std::sync::{LazyLock, PoisonError, RwLock};

use super::CaseFilter;
use crate::case_order::CaseSort;

/// How many shapes of lists are kept, each of which has a few statements.
const MOST_KEPT: usize = 100;

static KEPT: LazyLock<RwLock<HashSet<Shape>>> = LazyLock::new(RwLock::default);

/// What of a list makes its statement another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// A bit for each part of the filter that narrows the list.
    narrowed_by: u32,
    sort: CaseSort,
}

impl Shape {
    pub(super) fn of(filter: &CaseFilter, sort: CaseSort) -> Self {
        let CaseFilter {
            statuses,
            purposes,
            channels,
            sources,
            region,
            topic,
            holder,
            handler,
            owner,
            registered_by,
            people,
            filed_from,
            filed_to,
            due_before,
            overdue,
            matter_resolved,
            heart_resolved,
            double_resolved,
            repeat_of,
            group,
            anonymous,
        } = filter;
        let parts = [
            !statuses.is_empty(),
            !purposes.is_empty(),
            !channels.is_empty(),
            !sources.is_empty(),
            region.is_some(),
            topic.is_some(),
            holder.is_some(),
            handler.is_some(),
            owner.is_some(),
            registered_by.is_some(),
            people.is_some(),
            filed_from.is_some(),
            filed_to.is_some(),
            due_before.is_some(),
            overdue.is_some(),
            matter_resolved.is_some(),
            heart_resolved.is_some(),
            double_resolved.is_some(),
            repeat_of.is_some(),
            group.is_some(),
            anonymous.is_some(),
        ];
        let narrowed_by = parts.into_iter().fold(0, |bits, narrows| bits << 1 | u32::from(narrows));
        Self { narrowed_by, sort }
    }

    /// Whether statements of the shape stay prepared: all without a filter, and on PostgreSQL the first so many others.
    pub(super) fn is_kept(self, is_sqlite: bool) -> bool {
        if self.narrowed_by == 0 {
            return true;
        }
        if is_sqlite {
            return false;
        }
        if KEPT.read().unwrap_or_else(PoisonError::into_inner).contains(&self) {
            return true;
        }
        let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
        kept.len() < MOST_KEPT && {
            kept.insert(self);
            true
        }
    }
}
