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

static KEPT: LazyLock<Shapes> = LazyLock::new(Shapes::default);

/// The shapes with a filter that were asked for first.
#[derive(Default)]
struct Shapes(RwLock<HashSet<Shape>>);

impl Shapes {
    /// Whether the shape is one of the first; it is from now on, where there is room.
    fn keep(&self, shape: Shape) -> bool {
        if self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&shape) {
            return true;
        }
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            return kept.contains(&shape);
        }
        kept.insert(shape);
        true
    }
}

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
            leader,
            instructor,
            registered_by,
            people,
            filed_from,
            filed_to,
            due_before,
            overdue,
            supervision,
            backlog,
            backlog_batch,
            is_backlog,
            terminated,
            repeats_from,
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
            leader.is_some(),
            instructor.is_some(),
            registered_by.is_some(),
            people.is_some(),
            filed_from.is_some(),
            filed_to.is_some(),
            due_before.is_some(),
            overdue.is_some(),
            !supervision.is_empty(),
            !backlog.is_empty(),
            backlog_batch.is_some(),
            is_backlog.is_some(),
            terminated.is_some(),
            repeats_from.is_some(),
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
        self.narrowed_by == 0 || (!is_sqlite && KEPT.keep(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hundred_shapes_are_kept_and_stay_so() {
        let shapes = Shapes::default();
        let shape = |narrowed_by| Shape { narrowed_by, sort: CaseSort::NewestFirst };
        assert!((1..=100).all(|number| shapes.keep(shape(number))));
        assert!(!shapes.keep(shape(101)));
        assert!(!shapes.keep(Shape { sort: CaseSort::DueFirst, ..shape(1) }));
        assert!(shapes.keep(shape(1)) && shapes.keep(shape(100)));
    }

    #[test]
    fn a_list_without_a_filter_is_kept_on_both_engines_and_each_narrowing_is_another_shape() {
        let of = |filter: &CaseFilter| Shape::of(filter, CaseSort::NewestFirst);
        let none = of(&CaseFilter::default());
        assert!(none.is_kept(true) && none.is_kept(false));
        let overdue = of(&CaseFilter { overdue: Some(false), ..CaseFilter::default() });
        let group = of(&CaseFilter { group: Some(true), ..CaseFilter::default() });
        assert!(overdue != none && group != none && overdue != group);
        assert!(!overdue.is_kept(true));
    }
}
