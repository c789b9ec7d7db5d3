//! Reading one case: itself, its journal, what is open to the caller, and its deadlines explained.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::id::CaseId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::{CaseCaller, CasePath};
use super::purpose::{PurposeQuery, stated};
use super::view::{ActionView, CaseView, DeadlineView, EventView};
use crate::http::conditional;
use crate::http::problem::Problem;
use crate::http::problem::documented::ReadProblems;
use crate::http::problem::kinds::NOT_FOUND;
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::cases::{self, Seeing};

fn id_of(path: &web::Path<String>) -> Result<CaseId, Problem> {
    path.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))
}

/// Read a case
///
/// With its `ETag`; `If-None-Match` answers 304. Personal data is masked. An accusation is shown for a stated purpose only,
/// and each reading of one is recorded.
#[utoipa::path(operation_id = "get_case", tag = "see", params(CasePath, PurposeQuery),
    responses((status = 200, description = "The case", body = CaseView), ReadProblems))]
#[get("/{id}")]
pub async fn get_case(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<PurposeQuery>>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&path)?;
    let seeing = Seeing { client: caller.client, purpose: query.0.stated()? };
    let (version, body) = cases::shown(&caller.app, &caller.signed_in, id, caller.language, seeing).await?;
    conditional::answer_written(&request, i64::from(version), body)
}

/// Which part of a journal to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only entries after this place.
    after: Option<u32>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// What the reading is for, 1 to 200 characters; required for an accusation, and recorded.
    #[param(example = "核对办理过程")]
    purpose: Option<String>,
}

/// A page of a journal.
#[derive(Serialize, ToSchema)]
pub struct EventsPage {
    items: Vec<EventView>,
    /// What to send as `after` for the next page; null at the end.
    next_after: Option<u32>,
}

/// Read a case's journal
///
/// Who did what, when it happened and when it was recorded, in order.
#[utoipa::path(operation_id = "list_case_events", tag = "see", params(CasePath, EventsQuery),
    responses((status = 200, description = "A page of the journal", body = EventsPage), ReadProblems))]
#[get("/{id}/events")]
pub async fn list_case_events(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<EventsQuery>>,
    path: web::Path<String>,
) -> Result<web::Json<EventsPage>, Problem> {
    let id = id_of(&path)?;
    let limit = super::list::page_size(query.0.limit)?;
    let after = query.0.after.unwrap_or_default();
    let language = caller.language;
    let seeing = Seeing { client: caller.client, purpose: stated(query.0.purpose.as_deref())? };
    let events = cases::events(&caller.app, caller.actor(), id, after, limit, seeing).await?;
    let is_full = u32::try_from(events.len()).is_ok_and(|count| count == limit);
    let next_after = events.last().map(|event| event.seq).filter(|_| is_full);
    let items = events.into_iter().map(|event| EventView::of(event, language)).collect();
    Ok(web::Json(EventsPage { items, next_after }))
}

/// What is open to the caller.
#[derive(Serialize, ToSchema)]
pub struct Actions {
    items: Vec<ActionView>,
}

/// List what can be done
///
/// Every command, whether it is open to the caller on this case now, and if not, why and under which article. A
/// client can draw its buttons from it. What is about an instruction or an order of supervision is there for each that is open.
#[utoipa::path(operation_id = "list_case_actions", tag = "see", params(CasePath, PurposeQuery),
    responses((status = 200, description = "Every command with its answer", body = Actions), ReadProblems))]
#[get("/{id}/actions")]
pub async fn list_case_actions(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<PurposeQuery>>,
    path: web::Path<String>,
) -> Result<web::Json<Actions>, Problem> {
    let id = id_of(&path)?;
    let language = caller.language;
    let seeing = Seeing { client: caller.client, purpose: query.0.stated()? };
    let actions = cases::actions(&caller.app, caller.actor(), id, seeing).await?;
    let items = actions.into_iter().map(|action| ActionView::of(action, id, language)).collect();
    Ok(web::Json(Actions { items }))
}

/// The clocks of a case.
#[derive(Serialize, ToSchema)]
pub struct Deadlines {
    items: Vec<DeadlineView>,
}

/// Explain a case's deadlines
///
/// Each with its start, its rule and article, the days skipped, its pauses and both due dates.
#[utoipa::path(operation_id = "list_case_deadlines", tag = "see", params(CasePath, PurposeQuery),
    responses((status = 200, description = "Every clock, explained", body = Deadlines), ReadProblems))]
#[get("/{id}/deadlines")]
pub async fn list_case_deadlines(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<PurposeQuery>>,
    path: web::Path<String>,
) -> Result<web::Json<Deadlines>, Problem> {
    let id = id_of(&path)?;
    let language = caller.language;
    let seeing = Seeing { client: caller.client, purpose: query.0.stated()? };
    let items = cases::see(&caller.app, caller.actor(), id, seeing, move |_, circumstances, case| {
        Ok(case.deadlines.iter().map(|one| DeadlineView::of(one, circumstances, language)).collect())
    })
    .await?;
    Ok(web::Json(Deadlines { items }))
}
