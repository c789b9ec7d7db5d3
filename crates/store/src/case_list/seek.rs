//! One direction in which an index is followed, and the place in it from which it goes on.

use diesel::prelude::*;

use super::predicates::Predicate;
use super::source::Condition;
use crate::case_order::{CaseSort, Cursor};
use crate::schema::{case_organisations, cases};

/// A part of an order that one index serves: what has a due date is listed before what has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Newest,
    Oldest,
    Dated,
    Undated,
    Updated,
}

/// Where a list goes on, and in which direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seek {
    order: Order,
    after: Option<Cursor>,
}

impl Seek {
    /// The parts of the order from the place on, one after the other.
    pub(super) fn parts(sort: CaseSort, after: Option<&Cursor>) -> Vec<Self> {
        let after = after.copied();
        let from_here = |order| Self { order, after };
        match (sort, after) {
            (CaseSort::NewestFirst, _) => vec![from_here(Order::Newest)],
            (CaseSort::OldestFirst, _) => vec![from_here(Order::Oldest)],
            (CaseSort::RecentlyUpdated, _) => vec![from_here(Order::Updated)],
            (CaseSort::DueFirst, Some(Cursor::DueFirst(None, _))) => vec![from_here(Order::Undated)],
            (CaseSort::DueFirst, _) => {
                vec![from_here(Order::Dated), Self { order: Order::Undated, after: None }]
            }
        }
    }

    /// What the name of an index in this order ends with.
    pub(super) const fn columns(self) -> Columns {
        match self.order {
            Order::Newest | Order::Oldest | Order::Undated => Columns::Id,
            Order::Dated => Columns::NextDueOn,
            Order::Updated => Columns::UpdatedAt,
        }
    }

    pub(super) const fn order_of_cases(self) -> &'static str {
        match self.order {
            Order::Newest => "cases.id DESC",
            Order::Oldest | Order::Undated => "cases.id",
            Order::Dated => "cases.next_due_on, cases.id",
            Order::Updated => "cases.updated_at DESC, cases.id DESC",
        }
    }

    pub(super) const fn order_of_organisations(self) -> &'static str {
        match self.order {
            Order::Newest => "case_organisations.case_id DESC",
            Order::Oldest | Order::Undated => "case_organisations.case_id",
            Order::Dated => "case_organisations.next_due_on, case_organisations.case_id",
            Order::Updated => "case_organisations.updated_at DESC, case_organisations.case_id DESC",
        }
    }

    /// The cases of this part, after the place.
    pub(super) fn of_cases(self) -> Option<Predicate> {
        let due_on = cases::next_due_on.assume_not_null();
        Some(match (self.order, self.after) {
            (Order::Newest, Some(after)) => Box::new(cases::id.lt(after.id())),
            (Order::Oldest, Some(after)) => Box::new(cases::id.gt(after.id())),
            (Order::Undated, Some(after)) => {
                Box::new(cases::next_due_on.is_null().and(cases::id.gt(after.id())))
            }
            (Order::Undated, None) => Box::new(cases::next_due_on.is_null()),
            // The first condition says nothing new, but lets the index start at the place.
            (Order::Dated, Some(Cursor::DueFirst(Some(day), id))) => Box::new(
                cases::next_due_on.is_not_null().and(due_on.ge(day)).and(due_on.gt(day).or(cases::id.gt(id))),
            ),
            (Order::Dated, _) => Box::new(cases::next_due_on.is_not_null()),
            (Order::Updated, Some(Cursor::RecentlyUpdated(at, id))) => {
                Box::new(cases::updated_at.le(at).and(cases::updated_at.lt(at).or(cases::id.lt(id))))
            }
            (Order::Newest | Order::Oldest | Order::Updated, _) => return None,
        })
    }

    /// The same, of the rows of organs.
    pub(super) fn of_organisations(self) -> Option<Condition> {
        use case_organisations::{case_id, next_due_on, updated_at};
        let due_on = next_due_on.assume_not_null();
        Some(match (self.order, self.after) {
            (Order::Newest, Some(after)) => Box::new(case_id.lt(after.id())),
            (Order::Oldest, Some(after)) => Box::new(case_id.gt(after.id())),
            (Order::Undated, Some(after)) => Box::new(next_due_on.is_null().and(case_id.gt(after.id()))),
            (Order::Undated, None) => Box::new(next_due_on.is_null()),
            (Order::Dated, Some(Cursor::DueFirst(Some(day), id))) => {
                Box::new(next_due_on.is_not_null().and(due_on.ge(day)).and(due_on.gt(day).or(case_id.gt(id))))
            }
            (Order::Dated, _) => Box::new(next_due_on.is_not_null()),
            (Order::Updated, Some(Cursor::RecentlyUpdated(at, id))) => {
                Box::new(updated_at.le(at).and(updated_at.lt(at).or(case_id.lt(id))))
            }
            (Order::Newest | Order::Oldest | Order::Updated, _) => return None,
        })
    }
}

/// The columns by which an index is ordered, after what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    Id,
    NextDueOn,
    UpdatedAt,
}
