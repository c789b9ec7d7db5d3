//! The orders in which cases are listed, and the place in an order from which the next page goes on.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use strum::{AsRefStr, EnumString, VariantArray};

use crate::cases::CaseRow;
use crate::portable::Instant;

/// An order of cases; equal values are ordered by id, so that each order is total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, AsRefStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum CaseSort {
    /// The last registered first.
    #[default]
    NewestFirst,
    /// The first registered first.
    OldestFirst,
    /// The earliest due date first, and those with none at the end.
    DueFirst,
    /// The last changed first.
    RecentlyUpdated,
}

/// The place of a row in an order; its text can be given out and read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The row's id.
    NewestFirst(i64),
    /// The row's id.
    OldestFirst(i64),
    /// The row's next due date, and its id.
    DueFirst(Option<NaiveDate>, i64),
    /// When the row was last changed, in UTC, and its id.
    RecentlyUpdated(Instant, i64),
}

/// The text is no place in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a place in a list of cases")]
pub struct NotACursor;

impl Cursor {
    /// The place of the row in the order; the next page goes on after the last row of this one.
    pub fn of(row: &CaseRow, sort: CaseSort) -> Self {
        match sort {
            CaseSort::NewestFirst => Self::NewestFirst(row.id),
            CaseSort::OldestFirst => Self::OldestFirst(row.id),
            CaseSort::DueFirst => Self::DueFirst(row.next_due_on, row.id),
            CaseSort::RecentlyUpdated => Self::RecentlyUpdated(row.updated_at, row.id),
        }
    }

    /// The order that the place is in.
    pub const fn sort(&self) -> CaseSort {
        match self {
            Self::NewestFirst(_) => CaseSort::NewestFirst,
            Self::OldestFirst(_) => CaseSort::OldestFirst,
            Self::DueFirst(..) => CaseSort::DueFirst,
            Self::RecentlyUpdated(..) => CaseSort::RecentlyUpdated,
        }
    }

    pub(crate) const fn id(&self) -> i64 {
        match self {
            Self::NewestFirst(id)
            | Self::OldestFirst(id)
            | Self::DueFirst(_, id)
            | Self::RecentlyUpdated(_, id) => *id,
        }
    }

    fn value(&self) -> String {
        match self {
            Self::NewestFirst(_) | Self::OldestFirst(_) | Self::DueFirst(None, _) => String::new(),
            Self::DueFirst(Some(day), _) => day.to_string(),
            Self::RecentlyUpdated(at, _) => DateTime::<Utc>::from(*at).timestamp_micros().to_string(),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.sort().as_ref(), self.value(), self.id())
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.split(':');
        let (Some(sort), Some(value), Some(id), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotACursor);
        };
        let id = id.parse().or(Err(NotACursor))?;
        match (sort.parse().or(Err(NotACursor))?, value) {
            (CaseSort::NewestFirst, "") => Ok(Self::NewestFirst(id)),
            (CaseSort::OldestFirst, "") => Ok(Self::OldestFirst(id)),
            (CaseSort::DueFirst, "") => Ok(Self::DueFirst(None, id)),
            (CaseSort::DueFirst, day) => Ok(Self::DueFirst(Some(day.parse().or(Err(NotACursor))?), id)),
            (CaseSort::RecentlyUpdated, micros) => {
                let micros = micros.parse().or(Err(NotACursor))?;
                let at = DateTime::from_timestamp_micros(micros).ok_or(NotACursor)?;
                Ok(Self::RecentlyUpdated(at.into(), id))
            }
            _ => Err(NotACursor),
        }
    }
}
