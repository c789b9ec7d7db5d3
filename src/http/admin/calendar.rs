//! Keeping the holiday calendar: a year's notice goes in whole, and the deadlines that run are reckoned again.

use actix_web::{put, web};
use domain::deadline::{Calendar, CalendarDay};
use domain::text::Remark;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SystemAdministrator;
use crate::http::answer::Answer;
use crate::http::calendar::CalendarView;
use crate::http::cases::call::{KeyHeader, MatchHeader};
use crate::http::conditional::Expected;
use crate::http::json::Payload;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::http::problem::kinds::NOT_FOUND;
use crate::http::then::Then;
use crate::service::directories::calendar;

/// The days of a year that differ from their weekday.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearEntry {
    /// All of them: what is not here is an ordinary day.
    #[schema(min_items = 1, max_items = 366)]
    pub days: Vec<CalendarDay>,
    /// Why, as the events of the recomputed deadlines will say.
    #[schema(value_type = String, example = "国办发明电〔2026〕9号")]
    pub reason: Remark,
}

/// The year as it is now, and what became of the deadlines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalendarChanged {
    #[serde(flatten)]
    calendar: CalendarView,
    /// How many cases had a deadline that this call moved; null where the recomputation goes on in the background.
    recomputed_case_count: Option<usize>,
}

impl CalendarChanged {
    /// The year before the recomputation.
    pub fn of(calendar: &Calendar, year: i32) -> Self {
        Self { calendar: CalendarView::of(calendar, Some(year)), recomputed_case_count: None }
    }
}

/// Replace a year of the calendar
///
/// Puts the notice's days in the place of the year's. Every open deadline that the change moves gets an event with the
/// reason; dates that have been met stay as they were.
#[utoipa::path(operation_id = "replace_calendar_year", tag = "administer", params(
    ("year" = i32, Path, description = "The year of the days", example = 2027), KeyHeader, MatchHeader,
),
    request_body(content = YearEntry, example = json!({
        "days": [{"day": "2027-01-01", "kind": "holiday", "name": "元旦", "notice": "国办发明电〔2026〕9号"}],
        "reason": "国办发明电〔2026〕9号"
    })),
    responses((status = 200, description = "Replaced", body = CalendarChanged), CommandProblems))]
#[put("/calendar/{year}")]
pub async fn replace_calendar_year(
    Then(administrator, body): Then<SystemAdministrator, Payload<YearEntry>>,
    year: web::Path<String>,
    expected: Expected,
) -> Result<Answer, Problem> {
    let year = year.parse().map_err(|_not_a_year| Problem::new(NOT_FOUND))?;
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(calendar::replace_year(&app, call, year, body.value).await?)
}
