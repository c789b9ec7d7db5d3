//! The working calendar: which days are working days, and where a count of days ends.
//!
//! The State Council decides it every year, so it is data (architecture decision 6). For a year that has
//! no data, Monday to Friday are taken for working days and every answer names that year, so that the
//! caller can warn. Counting follows 民法典 201–203 by analogy (domain.md §1.1): the day of the event is
//! not counted, and a period that ends on a day off ends on the first working day after it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// What a notice makes of a day.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::AsRefStr,
    strum::IntoStaticStr,
    strum::VariantArray,
    strum::EnumProperty,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DayKind {
    /// A day off, weekend days inside a holiday included.
    #[strum(props(zh = "放假", en = "Holiday"))]
    Holiday,
    /// A weekend day swapped into a working day (调休上班).
    #[strum(props(zh = "调休上班", en = "Working weekend"))]
    Workday,
}

/// One day that a notice names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    /// The day.
    pub day: NaiveDate,
    /// What the notice makes of it.
    pub kind: DayKind,
    /// The Chinese name of the holiday to which it belongs.
    #[schema(examples("劳动节"))]
    pub name: String,
    /// The number of the notice; empty where it is not known.
    #[schema(examples("国办发明电〔2025〕7号"))]
    pub notice: String,
}

/// A line of a calendar file that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CalendarError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: CalendarFault,
}

/// What can be wrong with a line of a calendar file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// The first line is another.
    #[error("the header must be {HEADER}")]
    Header,
    /// More or fewer fields than the header.
    #[error("a line has four fields without quotes")]
    Fields,
    /// The first field is no date.
    #[error("the day must be written YYYY-MM-DD")]
    Day,
    /// The second field is no kind.
    #[error("the kind must be holiday or workday")]
    Kind,
    /// The holiday has no name.
    #[error("the name must not be empty")]
    Name,
    /// A day from Monday to Friday is marked as swapped in.
    #[error("only a Saturday or Sunday can be swapped into a working day")]
    NotAWeekend,
    /// An earlier line names the same day.
    #[error("the day stands in the file twice")]
    Repeated,
}

const HEADER: &str = "day,kind,name,notice";

impl CalendarDay {
    /// Reads a calendar file: the header `day,kind,name,notice`, then one day a line, in UTF-8 without quotes.
    ///
    /// # Errors
    /// The first line that cannot be read, and why.
    pub fn parse_csv(text: &str) -> Result<Vec<Self>, CalendarError> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
        if lines.next().is_none_or(|(header, _)| header.trim_end() != HEADER) {
            return Err(CalendarError { line: 1, reason: CalendarFault::Header });
        }
        let mut days = Vec::new();
        let mut seen = BTreeSet::new();
        for (text, line) in lines.filter(|(text, _)| !text.trim().is_empty()) {
            let day = Self::parse_line(text).map_err(|reason| CalendarError { line, reason })?;
            if !seen.insert(day.day) {
                return Err(CalendarError { line, reason: CalendarFault::Repeated });
            }
            days.push(day);
        }
        Ok(days)
    }

    fn parse_line(line: &str) -> Result<Self, CalendarFault> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let [day, kind, name, notice] = fields.as_slice() else {
            return Err(CalendarFault::Fields);
        };
        if line.contains('"') {
            return Err(CalendarFault::Fields);
        }
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").or(Err(CalendarFault::Day))?;
        let kind: DayKind = kind.parse().or(Err(CalendarFault::Kind))?;
        if name.is_empty() {
            return Err(CalendarFault::Name);
        }
        if kind == DayKind::Workday && !is_weekend(day) {
            return Err(CalendarFault::NotAWeekend);
        }
        Ok(Self { day, kind, name: (*name).to_owned(), notice: (*notice).to_owned() })
    }
}

/// A day found by counting, and the years without data that were counted through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// The day found.
    pub on: NaiveDate,
    /// The years for which Monday to Friday were taken for working days, ascending; empty when nothing was assumed.
    pub unknown_years: Vec<i32>,
}

/// A day in a period on which nobody works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SkippedDay {
    /// The day.
    pub day: NaiveDate,
    /// The Chinese name of the holiday; none for an ordinary weekend.
    pub name: Option<String>,
}

/// The days that notices name, by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    days: BTreeMap<NaiveDate, CalendarDay>,
    known_years: BTreeSet<i32>,
}

impl Calendar {
    /// Takes the days of any number of years; of two records of a day the later one holds.
    pub fn from_days(days: impl IntoIterator<Item = CalendarDay>) -> Self {
        let days: BTreeMap<_, _> = days.into_iter().map(|day| (day.day, day)).collect();
        let known_years =
            days.keys().filter(|day| !belongs_to_next_notice(**day)).map(Datelike::year).collect();
        Self { days, known_years }
    }

    /// Every named day, ascending.
    pub fn days(&self) -> impl Iterator<Item = &CalendarDay> {
        self.days.values()
    }

    /// The years for which there is data, ascending.
    pub fn known_years(&self) -> impl Iterator<Item = i32> {
        self.known_years.iter().copied()
    }

    /// Whether there is data for the year.
    pub fn is_known(&self, year: i32) -> bool {
        self.known_years.contains(&year)
    }

    /// Whether offices work on the day; in a year without data, Monday to Friday.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.days.get(&day).map_or_else(|| !is_weekend(day), |named| named.kind == DayKind::Workday)
    }

    /// The day itself if it is a working day, else the first one after it.
    pub fn next_working_day_on_or_after(&self, day: NaiveDate) -> Computed {
        let on = self.first_working_day(day);
        self.computed(day, on)
    }

    /// The day `count` calendar days after the event's, which is not counted; not moved off a day off.
    pub fn add_calendar_days(&self, start: NaiveDate, count: u32) -> Computed {
        let on = start.checked_add_days(Days::new(count.into())).unwrap_or(NaiveDate::MAX);
        Computed { on, unknown_years: Vec::new() }
    }

    /// The `count`th working day after the event's, which is not counted; for none, the event's day or the first working day after it.
    pub fn add_working_days(&self, start: NaiveDate, count: u32) -> Computed {
        let Some(following) = start.succ_opt().filter(|_| count > 0) else {
            return self.next_working_day_on_or_after(start);
        };
        let mut on = self.first_working_day(following);
        for _ in 1..count {
            on = on.succ_opt().map_or(on, |next| self.first_working_day(next));
        }
        self.computed(following, on)
    }

    /// The days off from one day to another, both included.
    pub fn skipped_days(&self, from: NaiveDate, to: NaiveDate) -> Vec<SkippedDay> {
        from.iter_days()
            .take_while(|day| *day <= to)
            .filter(|day| !self.is_working_day(*day))
            .map(|day| SkippedDay { day, name: self.days.get(&day).map(|named| named.name.clone()) })
            .collect()
    }

    fn first_working_day(&self, from: NaiveDate) -> NaiveDate {
        from.iter_days().find(|day| self.is_working_day(*day)).unwrap_or(NaiveDate::MAX)
    }

    fn computed(&self, from: NaiveDate, on: NaiveDate) -> Computed {
        let unknown_years = (from.year()..=on.year()).filter(|year| !self.is_known(*year)).collect();
        Computed { on, unknown_years }
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A notice reaches back into the last days of the year before (New Year's swaps), which says nothing about that year.
fn belongs_to_next_notice(day: NaiveDate) -> bool {
    day.month() == 12 && day.day() >= 25
}

#[cfg(test)]
mod tests;
