//! One direction in which an index is followed, and the place in it from which it goes on.

use diesel::prelude::*;

use super::way::Condition;
use crate::case_order::{CaseSort, Cursor};
use crate::schema::{case_organisations, case_users, cases};

/// A part of an order that one index serves: what has a due date is listed before what has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Newest,
    Oldest,
    Dated,
    Undated,
    Updated,
}

/// What comes after a seek's place; a macro, because the columns of each table are types of their own.
macro_rules! after {
    ($seek:expr, $id:path, $next_due_on:path, $updated_at:path) => {{
        let due_on = $next_due_on.assume_not_null();
        let condition: Condition = match ($seek.order, $seek.after) {
            (Order::Newest, Some(after)) => Box::new($id.lt(after.id())),
            (Order::Oldest, Some(after)) => Box::new($id.gt(after.id())),
            (Order::Undated, Some(after)) => Box::new($id.gt(after.id())),
            // The first condition says nothing new, but lets the index start at the place.
            (Order::Dated, Some(Cursor::DueFirst(Some(day), id))) => {
                Box::new($next_due_on.is_not_null().and(due_on.ge(day)).and(due_on.gt(day).or($id.gt(id))))
            }
            (Order::Dated, _) => Box::new($next_due_on.is_not_null()),
            (Order::Updated, Some(Cursor::RecentlyUpdated(at, id))) => {
                Box::new($updated_at.le(at).and($updated_at.lt(at).or($id.lt(id))))
            }
            (Order::Newest | Order::Oldest | Order::Undated | Order::Updated, _) => return None,
        };
        Some(condition)
    }};
}

/// What comes no later than a seek's end.
macro_rules! up_to {
    ($seek:expr, $id:path, $next_due_on:path, $updated_at:path) => {{
        let due_on = $next_due_on.assume_not_null();
        let condition: Condition = match ($seek.order, $seek.up_to?) {
            (Order::Newest, end) => Box::new($id.ge(end.id())),
            (Order::Oldest | Order::Undated, end) => Box::new($id.le(end.id())),
            (Order::Dated, Cursor::DueFirst(Some(day), id)) => {
                Box::new($next_due_on.is_not_null().and(due_on.le(day)).and(due_on.lt(day).or($id.le(id))))
            }
            (Order::Updated, Cursor::RecentlyUpdated(at, id)) => {
                Box::new($updated_at.ge(at).and($updated_at.gt(at).or($id.ge(id))))
            }
            (Order::Dated | Order::Updated, _) => return None,
        };
        Some(condition)
    }};
}

/// Where a list goes on, and in which direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seek {
    order: Order,
    after: Option<Cursor>,
    /// The last place that is looked at, which belongs to the list.
    up_to: Option<Cursor>,
}

impl Seek {
    /// From the newest case on.
    pub(super) const NEWEST: Self = Self { order: Order::Newest, after: None, up_to: None };

    /// The parts of the order from the place on, one after the other.
    pub(super) fn parts(sort: CaseSort, after: Option<&Cursor>) -> Vec<Self> {
        let after = after.copied();
        let from_here = |order| Self { order, after, up_to: None };
        match (sort, after) {
            (CaseSort::NewestFirst, _) => vec![from_here(Order::Newest)],
            (CaseSort::OldestFirst, _) => vec![from_here(Order::Oldest)],
            (CaseSort::RecentlyUpdated, _) => vec![from_here(Order::Updated)],
            (CaseSort::DueFirst, Some(Cursor::DueFirst(None, _))) => vec![from_here(Order::Undated)],
            (CaseSort::DueFirst, _) => {
                vec![from_here(Order::Dated), Self { order: Order::Undated, after: None, up_to: None }]
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

    /// The order in SQL.
    pub(super) const fn order(self, of: Table) -> &'static str {
        match (of, self.order) {
            (Table::Cases, Order::Newest) => "cases.id DESC",
            (Table::Cases, Order::Oldest | Order::Undated) => "cases.id",
            (Table::Cases, Order::Dated) => "cases.next_due_on, cases.id",
            (Table::Cases, Order::Updated) => "cases.updated_at DESC, cases.id DESC",
            (Table::Organisations, Order::Newest) => "case_organisations.case_id DESC",
            (Table::Organisations, Order::Oldest | Order::Undated) => "case_organisations.case_id",
            (Table::Organisations, Order::Dated) => {
                "case_organisations.next_due_on, case_organisations.case_id"
            }
            (Table::Organisations, Order::Updated) => {
                "case_organisations.updated_at DESC, case_organisations.case_id DESC"
            }
            (Table::Users, Order::Newest | Order::Updated) => "case_users.case_id DESC",
            (Table::Users, Order::Oldest | Order::Undated | Order::Dated) => "case_users.case_id",
        }
    }

    /// The same, no further than the place.
    pub(super) const fn until(self, up_to: Option<Cursor>) -> Self {
        Self { up_to, ..self }
    }

    pub(super) const fn is_descending(self) -> bool {
        matches!(self.order, Order::Newest | Order::Updated)
    }

    /// Whether only cases without a due date are asked for, whose order other cases are in as well.
    pub(super) fn is_of_undated(self) -> bool {
        self.order == Order::Undated
    }

    /// The cases of this part, after the place.
    pub(super) fn after(self, of: Table) -> Option<Condition> {
        match of {
            Table::Cases => after!(self, cases::id, cases::next_due_on, cases::updated_at),
            Table::Organisations => after!(
                self,
                case_organisations::case_id,
                case_organisations::next_due_on,
                case_organisations::updated_at
            ),
            Table::Users => {
                let after = self.after?.id();
                Some(if self.is_descending() {
                    Box::new(case_users::case_id.lt(after))
                } else {
                    Box::new(case_users::case_id.gt(after))
                })
            }
        }
    }

    /// Those up to the end, which belongs to them.
    pub(super) fn up_to(self, of: Table) -> Option<Condition> {
        match of {
            Table::Cases => up_to!(self, cases::id, cases::next_due_on, cases::updated_at),
            Table::Organisations => up_to!(
                self,
                case_organisations::case_id,
                case_organisations::next_due_on,
                case_organisations::updated_at
            ),
            Table::Users => {
                let end = self.up_to?.id();
                Some(if self.is_descending() {
                    Box::new(case_users::case_id.ge(end))
                } else {
                    Box::new(case_users::case_id.le(end))
                })
            }
        }
    }
}

/// The table whose index a way follows; that of users has cases in the order of their ids alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Cases,
    Organisations,
    Users,
}

/// The columns by which an index is ordered, after what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    Id,
    NextDueOn,
    UpdatedAt,
}
