//! Lists of sessions: for staff those that they may know of, for everybody those that are published.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use domain::access::Actor;
use domain::id::{OrganisationId, ReceptionId, UserId};
use domain::reception::ReceptionState;
use domain::reception::content::ReceptionKind;
use domain::region::RegionCode;
use serde::{Deserialize, Serialize};
use store::reception_list::{ReceptionFilter, ReceptionPlace};
use utoipa::{IntoParams, ToSchema};

use super::view::ReceptionSummary;
use crate::app::App;
use crate::http::cases::call::Caller;
use crate::http::paging::{Wanted, bad_parameter, next_link};
use crate::http::problem::Problem;
use crate::http::problem::documented::{LimitProblems, ListProblems};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::receptions::{self, Listed};

/// Which sessions; a parameter that may be repeated means "any of".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceptionsQuery {
    /// From this day on; by default from today, with `to_be_told` from thirty days ago.
    from: Option<NaiveDate>,
    /// Up to this day.
    until: Option<NaiveDate>,
    leader: Option<UserId>,
    /// Of leaders of this organ.
    organisation: Option<OrganisationId>,
    #[serde(default)]
    kind: Vec<ReceptionKind>,
    #[serde(default)]
    state: Vec<ReceptionState>,
    /// Of organs of this region and every region in it.
    #[param(value_type = Option<String>)]
    region: Option<RegionCode>,
    /// With somebody booked who has to be told still.
    #[serde(default)]
    to_be_told: bool,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of sessions, in the order of their days and times.
#[derive(Serialize, ToSchema)]
pub struct ReceptionsPage {
    items: Vec<ReceptionSummary>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List sessions
///
/// Those that are published, and of the others those that the caller arranges, in the order of their days and times.
#[utoipa::path(operation_id = "list_receptions", tag = "receive visits", params(ReceptionsQuery), responses(
    (status = 200, description = "A page of sessions", body = ReceptionsPage), ListProblems,
))]
#[get("")]
pub async fn list_receptions(
    Then(caller, query): Then<Caller, Query<ReceptionsQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked = query.0;
    let page = Wanted::read(asked.limit, asked.cursor.as_deref())?;
    let filter = ReceptionFilter {
        from: asked.from,
        until: asked.until,
        leader: asked.leader,
        organisation: asked.organisation,
        kinds: asked.kind,
        states: asked.state,
        region: asked.region,
        to_be_told: asked.to_be_told,
    };
    let found = receptions::list(&caller.app, caller.actor(), filter, place(&page)?, page.fetched()).await?;
    Ok(answer(&request, &page, found))
}

/// Which published sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublishedQuery {
    /// Of organs of this region and every region in it.
    #[param(value_type = Option<String>)]
    region: Option<RegionCode>,
    /// From this day on, and from today at the earliest.
    from: Option<NaiveDate>,
    /// Up to this day.
    until: Option<NaiveDate>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// List published sessions
///
/// Which leader receives when and where, and how many places are left, for everybody; those that are still to come.
#[utoipa::path(operation_id = "list_published_receptions", tag = "petitioner", security(()), params(PublishedQuery),
    responses((status = 200, description = "A page of sessions", body = ReceptionsPage),
        (status = 400, description = "A parameter is wrong; `errors` names it", body = crate::http::problem::ProblemBody<'static>,
            content_type = "application/problem+json"), LimitProblems))]
#[get("/receptions")]
pub async fn list_published_receptions(
    app: web::Data<App>,
    query: Query<PublishedQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let PublishedQuery { region, from, until, limit, cursor } = query.0;
    let page = Wanted::read(limit, cursor.as_deref())?;
    let filter = ReceptionFilter {
        from,
        until,
        states: vec![ReceptionState::Published],
        region,
        ..ReceptionFilter::default()
    };
    let after = place(&page)?;
    let found = receptions::list(&app.into_inner(), Actor::Petitioner, filter, after, page.fetched()).await?;
    Ok(answer(&request, &page, found))
}

fn answer(request: &HttpRequest, page: &Wanted, found: Vec<Listed>) -> HttpResponse {
    let (found, next_cursor) = page.cut(found, |listed| {
        let row = &listed.row;
        format!("{} {} {}", row.day, row.begins_at, ReceptionId::new(row.id))
    });
    let link = next_link(request, next_cursor.as_deref());
    let items = found.into_iter().map(ReceptionSummary::from).collect();
    let mut response = HttpResponse::Ok().json(ReceptionsPage { items, next_cursor });
    if let Some((name, link)) = link {
        response.headers_mut().insert(name, link);
    }
    response
}

fn place(page: &Wanted) -> Result<Option<ReceptionPlace>, Problem> {
    let read = |key: &String| {
        let mut parts = key.split(' ');
        let place = ReceptionPlace {
            day: parts.next()?.parse().ok()?,
            begins_at: parts.next()?.parse().ok()?,
            id: parts.next()?.parse::<ReceptionId>().ok()?.get(),
        };
        parts.next().is_none().then_some(place)
    };
    let place = |key| read(key).ok_or_else(|| bad_parameter("cursor", "invalid_value"));
    page.after.as_ref().map(place).transpose()
}
