//! The holiday calendar of mainland China, and limits reckoned by it, for whoever is signed in.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{Datelike, NaiveDate};
use domain::deadline::{Calendar, CalendarDay, DueDates, SkippedDay};
use domain::language::Language;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cases::call::Caller;
use super::directory;
use super::paging::bad_parameter;
use super::problem::Problem;
use super::problem::documented::ListProblems;
use super::query::Query;
use super::then::Then;
use crate::service::directories::calendar::{self, Limit};

/// No limit of the Regulation comes near; a bound on what is counted.
const LONGEST_LIMIT: u16 = 3660;
/// The years in which a limit may begin.
const YEARS: std::ops::RangeInclusive<i32> = 1949..=2200;

/// Days that differ from their weekday.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Calendar)]
pub struct CalendarView {
    /// The year asked for; null for all.
    pub year: Option<i32>,
    /// Whether its notice is known; where it is not, Monday to Friday are taken for working days. Null for all years.
    pub is_known: Option<bool>,
    /// The years whose notices are known.
    pub known_years: Vec<i32>,
    /// Holidays, and weekend days swapped into working days, in order.
    pub days: Vec<CalendarDay>,
}

impl CalendarView {
    /// The days of a year, or of all.
    pub fn of(calendar: &Calendar, year: Option<i32>) -> Self {
        let days = calendar.days().filter(|day| year.is_none_or(|year| day.day.year() == year));
        Self {
            year,
            is_known: year.map(|year| calendar.is_known(year)),
            known_years: calendar.known_years().collect(),
            days: days.cloned().collect(),
        }
    }
}

/// Which year to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarQuery {
    /// By default all.
    #[param(example = 2026)]
    year: Option<i32>,
}

/// Read the calendar
///
/// The State Council's yearly notices: days off, and weekend days on which offices work.
#[utoipa::path(operation_id = "get_calendar", tag = "directories", params(CalendarQuery), responses(
    (status = 200, description = "The days that differ from their weekday", body = CalendarView), ListProblems,
))]
#[get("/calendar")]
pub async fn get_calendar(
    Then(caller, query): Then<Caller, Query<CalendarQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (version, view) = calendar::list(&caller.app, query.0.year).await?;
    directory::answer(&request, version, &view, None)
}

/// A limit to reckon: `days` or `working_days`, one of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DueQuery {
    /// The day of the event, which is not counted.
    from: NaiveDate,
    /// So many calendar days.
    #[param(maximum = 3660)]
    days: Option<u16>,
    /// So many working days.
    #[param(maximum = 3660)]
    working_days: Option<u16>,
}

/// When a limit is due.
#[derive(Serialize, ToSchema)]
pub struct DueView {
    from: NaiveDate,
    length: u16,
    /// Whether `length` counts working days.
    working_days: bool,
    #[serde(flatten)]
    due: DueDates,
    /// The days of rest that were skipped: those that move the legal due date, and in working days all on the way.
    skipped_days: Vec<SkippedDay>,
    /// What to know before relying on the dates.
    warning: Option<String>,
}

/// Reckon a due date
///
/// Both due dates of a limit in calendar days or working days: nominal, and legal where the last day is one of rest.
#[utoipa::path(operation_id = "get_due_date", tag = "directories", params(DueQuery), responses(
    (status = 200, description = "Both due dates", body = DueView), ListProblems,
))]
#[get("/calendar/due")]
pub async fn get_due_date(
    Then(caller, query): Then<Caller, Query<DueQuery>>,
) -> Result<web::Json<DueView>, Problem> {
    let (name, length, working_days) = match (query.0.days, query.0.working_days) {
        (Some(days), None) => ("days", days, false),
        (None, Some(days)) => ("working_days", days, true),
        (Some(_), Some(_)) => return Err(bad_parameter("working_days", "one_of_two")),
        (None, None) => return Err(bad_parameter("days", "missing_parameter")),
    };
    if length > LONGEST_LIMIT {
        return Err(bad_parameter(name, "out_of_range"));
    }
    let from = query.0.from;
    if !YEARS.contains(&from.year()) {
        return Err(bad_parameter("from", "out_of_range"));
    }
    let (due, skipped_days) = calendar::due(&caller.app, Limit { from, length, working_days }).await?;
    let warning = warning(&due.unknown_years, caller.language);
    Ok(web::Json(DueView { from, length, working_days, due, skipped_days, warning }))
}

/// What to say where a date was reckoned without the notice of a year.
fn warning(unknown_years: &[i32], language: Language) -> Option<String> {
    if unknown_years.is_empty() {
        return None;
    }
    let years: Vec<_> = unknown_years.iter().map(ToString::to_string).collect();
    let years = years.join(", ");
    Some(match language {
        Language::Chinese => format!("{years} 年的放假安排尚未录入，暂按周一至周五为工作日计算"),
        Language::English => {
            format!("The holidays of {years} are not known yet; Monday to Friday were taken for working days")
        }
    })
}
