//! Listing cases: the caller's scope, filtered, sorted, by cursor.

use std::ops::RangeInclusive;

use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, TimeZone, Utc};
use domain::case::backlog::BacklogStage;
use domain::case::content::BacklogGround;
use domain::case::supervision::SupervisionStage;
use domain::case::transitions::IN_CHARGE;
use domain::case::{Channel, Purpose, Source, Status, Track};
use domain::id::{CaseId, OrganisationId, UserId};
use domain::region::RegionCode;
use serde::{Deserialize, Serialize};
use store::case_list::{CaseFilter, CaseSort, Cursor};
use strum::VariantArray;
use utoipa::{IntoParams, ToSchema};

use super::call::CaseCaller;
use super::view::CaseSummary;
use crate::app::App;
use crate::http::problem::documented::ListProblems;
use crate::http::problem::kinds::BAD_PARAMETER;
use crate::http::problem::{FieldError, Problem, field_text};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::cases::{self, PageAsked};

const DEFAULT_PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;
/// The database keeps days as text, which orders as time does within four digits of a year.
const YEARS: RangeInclusive<i32> = 1..=9999;

/// The page size asked for.
///
/// # Errors
/// Not between 1 and 200.
pub fn page_size(limit: Option<u32>) -> Result<u32, Problem> {
    let limit = limit.unwrap_or(DEFAULT_PAGE);
    if (1..=LARGEST_PAGE).contains(&limit) { Ok(limit) } else { Err(bad_parameter("limit", "out_of_range")) }
}

fn bad_parameter(name: &'static str, code: &'static str) -> Problem {
    let error = FieldError {
        pointer: name.to_owned(),
        code: code.into(),
        detail: field_text(code, "is not a value of this parameter"),
    };
    Problem::new(BAD_PARAMETER).naming(vec![error])
}

/// How a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub enum Sort {
    /// Oldest filing first.
    #[serde(rename = "filed_at")]
    FiledAt,
    /// Newest filing first; the default.
    #[serde(rename = "-filed_at")]
    FiledAtDescending,
    /// What is due next first, what has no clock last.
    #[serde(rename = "next_due_on")]
    NextDueOn,
    /// What changed last first.
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
}

impl From<Sort> for CaseSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::FiledAt => Self::OldestFirst,
            Sort::FiledAtDescending => Self::NewestFirst,
            Sort::NextDueOn => Self::DueFirst,
            Sort::UpdatedAtDescending => Self::RecentlyUpdated,
        }
    }
}

/// Which cases; a parameter that may be repeated means "any of".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CasesQuery {
    #[serde(default)]
    status: Vec<Status>,
    #[serde(default)]
    purpose: Vec<Purpose>,
    #[serde(default)]
    channel: Vec<Channel>,
    #[serde(default)]
    source: Vec<Source>,
    /// A region: its own cases and those of every region in it.
    #[param(value_type = Option<String>)]
    region: Option<RegionCode>,
    /// A topic: its own cases and those of every topic below it (2, 4 or 6 digits).
    topic: Option<String>,
    /// The organ that has the case.
    holder: Option<OrganisationId>,
    /// A user who handles the case.
    handler: Option<UserId>,
    /// A user who answers for one of its measures.
    owner: Option<UserId>,
    /// A leader who is in charge of the case.
    leader: Option<UserId>,
    /// A leader whose instruction on the case is not carried out yet.
    instructor: Option<UserId>,
    registered_by: Option<UserId>,
    /// Filed on this day or later.
    filed_from: Option<NaiveDate>,
    /// Filed on this day or earlier.
    filed_to: Option<NaiveDate>,
    /// With a duty of an organ that is due on this day or earlier; a right that lapses, such as an objection, aside.
    due_before: Option<NaiveDate>,
    overdue: Option<bool>,
    /// Stands so as backlog.
    #[serde(default)]
    backlog: Vec<BacklogStage>,
    /// Is, or was last, on the list of this batch of backlog.
    backlog_batch: Option<String>,
    /// Proposed as backlog by this configured rule, and on no list now: `age`, `repeats` or `after_re_review`; not together with
    /// `status`.
    backlog_ground: Option<BacklogGround>,
    /// Supervision waits for this, whatever else it waits for.
    #[serde(default)]
    supervision: Vec<SupervisionStage>,
    matter_resolved: Option<bool>,
    heart_resolved: Option<bool>,
    double_resolved: Option<bool>,
    repeat_of: Option<CaseId>,
    group: Option<bool>,
    anonymous: Option<bool>,
    /// By default `-filed_at`.
    sort: Option<Sort>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
    /// Whether to count what matches, up to 10,000.
    #[serde(default)]
    count: bool,
}

impl CasesQuery {
    fn filter(&self, app: &App) -> Result<CaseFilter, Problem> {
        let zone = app.settings.time_zone;
        if let Some(topic) = &self.topic
            && !(matches!(topic.len(), 2 | 4 | 6) && topic.bytes().all(|digit| digit.is_ascii_digit()))
        {
            return Err(bad_parameter("topic", "invalid_value"));
        }
        let days =
            [("filed_from", self.filed_from), ("filed_to", self.filed_to), ("due_before", self.due_before)];
        if let Some((name, _)) =
            days.iter().find(|(_, day)| day.is_some_and(|day| !YEARS.contains(&day.year())))
        {
            return Err(bad_parameter(name, "out_of_range"));
        }
        let filter = CaseFilter {
            statuses: self.status.clone(),
            purposes: self.purpose.clone(),
            channels: self.channel.clone(),
            sources: self.source.clone(),
            region: self.region.clone(),
            topic: self.topic.as_ref().map(|topic| format!("{topic:0<6}")),
            holder: self.holder,
            handler: self.handler,
            owner: self.owner,
            leader: self.leader,
            instructor: self.instructor,
            registered_by: self.registered_by,
            filed_from: self.filed_from.and_then(|day| midnight(day, zone)),
            filed_to: self.filed_to.and_then(|day| midnight(day_after(day), zone)),
            // The store's bound is open, the parameter's day is included.
            due_before: self.due_before.map(day_after),
            overdue: self.overdue,
            backlog: self.backlog.clone(),
            backlog_batch: self.backlog_batch.clone(),
            supervision: self.supervision.clone(),
            matter_resolved: self.matter_resolved,
            heart_resolved: self.heart_resolved,
            double_resolved: self.double_resolved,
            repeat_of: self.repeat_of,
            group: self.group,
            anonymous: self.anonymous,
            ..CaseFilter::default()
        };
        match self.backlog_ground {
            Some(ground) => proposed_as_backlog(app, ground, filter),
            None => Ok(filter),
        }
    }
}

/// What the rule proposes as backlog, as [`Case::backlog_grounds`](domain::case::Case::backlog_grounds) says it of one case.
fn proposed_as_backlog(app: &App, ground: BacklogGround, filter: CaseFilter) -> Result<CaseFilter, Problem> {
    if !filter.statuses.is_empty() {
        return Err(bad_parameter("status", "not_expected"));
    }
    let of_claims = |purpose: &Purpose| purpose.track() == Track::Claim;
    let asked = if filter.purposes.is_empty() { Purpose::VARIANTS } else { &filter.purposes };
    let purposes: Vec<Purpose> = asked.iter().copied().filter(of_claims).collect();
    if purposes.is_empty() {
        return Err(bad_parameter("purpose", "not_expected"));
    }
    // What is in the archive is listed no more.
    let statuses = Status::VARIANTS.iter().copied().filter(|status| *status != Status::Archived).collect();
    let filter = CaseFilter { statuses, purposes, is_backlog: Some(false), ..filter };
    let rules = &app.settings.rules;
    match ground {
        BacklogGround::Age => {
            let today = app.clock.today(app.settings.time_zone);
            let latest = today.checked_sub_days(Days::new(rules.backlog_age_days.into())).unwrap_or(today);
            let grown_old = midnight(day_after(latest), app.settings.time_zone);
            let statuses = IN_CHARGE.iter().copied().filter(|status| *status != Status::Terminated).collect();
            let filed_to = [filter.filed_to, grown_old].into_iter().flatten().min();
            Ok(CaseFilter { statuses, filed_to, ..filter })
        }
        BacklogGround::Repeats => Ok(CaseFilter { repeats_from: Some(rules.backlog_repeats), ..filter }),
        BacklogGround::AfterReReview => {
            Ok(CaseFilter { repeats_from: Some(1), terminated: Some(true), ..filter })
        }
        BacklogGround::JointConference => Err(bad_parameter("backlog_ground", "invalid_value")),
    }
}

/// The day after, or the last day that the database can order.
fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().filter(|next| YEARS.contains(&next.year())).unwrap_or(day)
}

/// The instant at which a legal day begins.
fn midnight(day: NaiveDate, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let start = zone.from_local_datetime(&day.and_hms_opt(0, 0, 0)?).single()?;
    Some(start.with_timezone(&Utc))
}

/// A page of cases.
#[derive(Serialize, ToSchema)]
pub struct CasesPage {
    /// Up to `limit`; fewer, or none, where a narrow filter keeps few of the cases that one page looks at.
    items: Vec<CaseSummary>,
    /// What to send as `cursor` for the next page, also where this one is short; null at the end of the list.
    next_cursor: Option<String>,
    /// How many match, up to 10,000; null where `count` was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
    /// Whether more match than `count` says; null where it was not asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    count_has_more: Option<bool>,
}

/// List cases
///
/// Those that the caller may know of, filtered and sorted, by cursor; the `Link` header names the next page. A page costs
/// the same however many cases there are: it may be shorter than `limit`, and the list ends only where `next_cursor` is
/// null.
#[utoipa::path(operation_id = "list_cases", tag = "see", params(CasesQuery),
    responses((status = 200, description = "A page of cases", body = CasesPage), ListProblems))]
#[get("")]
pub async fn list_cases(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<CasesQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let limit = page_size(query.limit)?;
    let filter = query.filter(&caller.app)?;
    let sort = CaseSort::from(query.sort.unwrap_or(Sort::FiledAtDescending));
    let after = query.cursor.as_deref().map(|text| read_cursor(text, sort)).transpose()?;
    let language = caller.language;
    let asked = PageAsked { filter, sort, after, limit: i64::from(limit), count: query.count };
    let (page, counted) = cases::list(&caller.app, &caller.caller_key(), caller.actor(), asked).await?;
    let next_cursor = page.next.map(|place| place.to_string());
    let mut response = HttpResponse::Ok();
    if let Some(cursor) = &next_cursor {
        response.insert_header((LINK, next_link(&request, cursor)));
    }
    let items = page.rows.into_iter().map(|row| CaseSummary::of(row, language)).collect();
    Ok(response.json(CasesPage {
        items,
        next_cursor,
        count: counted.map(|counted| counted.count),
        count_has_more: counted.map(|counted| counted.has_more),
    }))
}

fn next_link(request: &HttpRequest, cursor: &str) -> String {
    let others =
        request.query_string().split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let mut query: Vec<_> = others.map(str::to_owned).collect();
    query.push(format!("cursor={cursor}"));
    format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"))
}

fn read_cursor(text: &str, sort: CaseSort) -> Result<Cursor, Problem> {
    text.parse()
        .ok()
        .filter(|cursor: &Cursor| cursor.sort() == sort)
        .ok_or_else(|| bad_parameter("cursor", "invalid_value"))
}
