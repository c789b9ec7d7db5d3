//! Holidays and swapped working days, as the State Council's yearly notices give them.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::meta;
use crate::schema::calendar_days;

/// A day that differs from its weekday.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_days)]
pub struct CalendarDayRow {
    pub day: NaiveDate,
    /// `holiday` or `workday`.
    pub kind: String,
    pub name: String,
    /// The notice that says so.
    pub notice: String,
}

/// Every such day, in order.
///
/// # Errors
/// Only what the database says.
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<CalendarDayRow>, StoreError> {
    let days = calendar_days::table.order(calendar_days::day).select(CalendarDayRow::as_select());
    Ok(days.load(connection)?)
}

/// Whether any day of the year is there.
///
/// # Errors
/// [`StoreError::Broken`] for a year that no calendar has.
pub fn has_year(connection: &mut AnyConnection, year: i32) -> Result<bool, StoreError> {
    let (first, last) = bounds(year)?;
    let days = calendar_days::table.filter(calendar_days::day.between(first, last));
    Ok(diesel::select(diesel::dsl::exists(days)).get_result(connection)?)
}

fn bounds(year: i32) -> Result<(NaiveDate, NaiveDate), StoreError> {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| not_days_of(year));
    Ok((day(1, 1)?, day(12, 31)?))
}

fn not_days_of(year: i32) -> StoreError {
    StoreError::broken("calendar_days", format!("not days of the year {year}"))
}

/// Puts these days in the place of all days of the year.
///
/// # Errors
/// [`StoreError::Broken`] if a day is of another year, [`StoreError::Conflict`] if one comes twice.
pub fn replace_year(
    connection: &mut AnyConnection,
    year: i32,
    days: &[CalendarDayRow],
) -> Result<(), StoreError> {
    let (first, last) = bounds(year)?;
    if days.iter().any(|each| each.day < first || each.day > last) {
        return Err(not_days_of(year));
    }
    let earlier = calendar_days::table.filter(calendar_days::day.between(first, last));
    diesel::delete(earlier).execute(connection)?;
    for day in days {
        diesel::insert_into(calendar_days::table).values(day).execute(connection)?;
    }
    meta::bump_directory_version(connection)
}
