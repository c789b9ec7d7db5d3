//! The holiday calendar: what the yearly notices say, and what a change of it does to the deadlines that run.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday};
use domain::audit::AuditedAct;
use domain::deadline::{CalendarDay, DayKind, DueDates, SkippedDay, reckon};
use domain::refusal::FieldCode;
use domain::text::Line;
use serde_json::Value;
use store::calendar::{self, CalendarDayRow};
use store::directory;

use super::{Changed, DirectoryFault, Faults, Versioned, change, read, with_field};
use crate::app::App;
use crate::http::admin::calendar::{CalendarChanged, YearEntry};
use crate::http::answer::Answer;
use crate::http::calendar::CalendarView;
use crate::service::ServiceError;
use crate::service::audit::Acted;
use crate::service::cases::Call;
use crate::worker;

/// Nothing that the office reckons lies before the founding of the state.
const FIRST_YEAR: i32 = 1949;
/// Nobody knows a later notice; a bound on what is stored.
const LAST_YEAR: i32 = 2200;

/// The named days of a year, or of all years, and which years are known.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub async fn list(app: &Arc<App>, year: Option<i32>) -> Result<Versioned<CalendarView>, ServiceError> {
    let inner = Arc::clone(app);
    read(app, move |connection| {
        let office = inner.offices.current(connection)?;
        Ok(CalendarView::of(&office.calendar, year))
    })
    .await
}

/// A limit to reckon.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The day of the event, which is not counted.
    pub from: NaiveDate,
    /// How long.
    pub length: u16,
    /// Whether `length` counts working days.
    pub working_days: bool,
}

/// Both due dates of a limit, and the days of rest that were skipped on the way.
///
/// # Errors
/// What the database says.
pub async fn due(app: &Arc<App>, limit: Limit) -> Result<(DueDates, Vec<SkippedDay>), ServiceError> {
    let inner = Arc::clone(app);
    let (_, reckoned) = read(app, move |connection| {
        let calendar = &inner.offices.current(connection)?.calendar;
        let due = reckon(calendar, limit.from, limit.length, limit.working_days, &[]);
        let counted_from = limit.from.succ_opt().unwrap_or(limit.from);
        let first = if limit.working_days { counted_from } else { due.nominal_due_on };
        let skipped = calendar.skipped_days(first, due.legal_due_on);
        Ok((due, skipped))
    })
    .await?;
    Ok(reckoned)
}

/// Puts these days in the place of the year's and reckons the open deadlines again, as events that give the reason.
///
/// The change and the mark that deadlines are to be recomputed are one transaction; the recomputation follows in
/// slices, and where it breaks off the worker goes on with it.
///
/// # Errors
/// A day does not hold; the version has moved on.
pub async fn replace_year(
    app: &Arc<App>,
    call: Call,
    year: i32,
    entry: YearEntry,
) -> Result<Answer, ServiceError> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return Err(ServiceError::NotFound);
    }
    check(year, &entry.days)?;
    let rows: Vec<CalendarDayRow> = entry.days.iter().map(row).collect();
    let reason = entry.reason;
    let acted = Acted::done(AuditedAct::ReplaceCalendarYear).on(format!("calendar:{year}"));
    let answer = change(app, call, acted, move |connection| {
        calendar::replace_year(connection, year, &rows)?;
        worker::mark_calendar_changed(connection, &reason)?;
        let calendar = directory::load_calendar(connection)?;
        Ok(Changed::there(CalendarChanged::of(&calendar, year)))
    })
    .await?;
    match worker::recompute(app).await {
        Ok(count) => with_field(answer, "recomputed_case_count", Value::from(count)),
        Err(error) => {
            tracing::error!(%error, year, "the recomputation of deadlines broke off; the worker goes on with it");
            Ok(answer)
        }
    }
}

fn check(year: i32, days: &[CalendarDay]) -> Result<(), ServiceError> {
    let mut faults = Faults::default();
    faults.expect(!days.is_empty(), "/days", FieldCode::Required);
    faults.expect(days.len() <= 366, "/days", FieldCode::TooMany);
    let mut seen = HashSet::new();
    for (place, day) in days.iter().take(366).enumerate() {
        let pointer = |field: &str| format!("/days/{place}/{field}");
        faults.expect(day.day.year() == year, pointer("day"), DirectoryFault::NotInTheYear);
        faults.expect(seen.insert(day.day), pointer("day"), FieldCode::Duplicate);
        let is_weekend = matches!(day.day.weekday(), Weekday::Sat | Weekday::Sun);
        let is_possible = day.kind == DayKind::Holiday || is_weekend;
        faults.expect(is_possible, pointer("kind"), DirectoryFault::NotAWeekend);
        faults.expect(Line::parse(&day.name).is_ok(), pointer("name"), FieldCode::Malformed);
        let has_notice = day.notice.is_empty() || Line::parse(&day.notice).is_ok();
        faults.expect(has_notice, pointer("notice"), FieldCode::Malformed);
    }
    faults.finish()
}

fn row(day: &CalendarDay) -> CalendarDayRow {
    CalendarDayRow {
        day: day.day,
        kind: day.kind.as_ref().to_owned(),
        name: day.name.trim().to_owned(),
        notice: day.notice.trim().to_owned(),
    }
}
