//! Reading one session: itself, what is open to the caller, its journal and its proofs.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::RecordedActor;
use domain::id::ReceptionId;
use domain::language::{Language, label};
use domain::reception::policy::ReceptionCommandKind;
use domain::reception::{ReceptionAction, ReceptionEvent, ReceptionRecorded, ReceptionState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::{KnownBookings, ReceptionView};
use super::{ReceptionPath, id_of};
use crate::http::cases::call::Caller;
use crate::http::cases::list::page_size;
use crate::http::cases::proof::EventProof;
use crate::http::conditional;
use crate::http::problem::documented::ReadProblems;
use crate::http::problem::kinds::{NOT_FOUND, NOT_YET_PROVABLE};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::receptions;

/// Read a session
///
/// With its `ETag`; `If-None-Match` answers 304. Who is booked is shown to those who arrange it, and of these each sees the cases
/// that they may know of.
#[utoipa::path(operation_id = "get_reception", tag = "receive visits", params(ReceptionPath),
    responses((status = 200, description = "The session", body = ReceptionView), ReadProblems))]
#[get("/{id}")]
pub async fn get_reception(
    caller: Caller,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&path)?;
    let (version, view) = receptions::read(&caller.app, caller.actor(), id, caller.language).await?;
    conditional::answer(&request, i64::from(version), &view)
}

/// A command on a session, and whether it is open to the caller now.
#[derive(Serialize, ToSchema)]
pub struct ReceptionActionView {
    command: ReceptionCommandKind,
    label: &'static str,
    /// The number of the booking that it is about, where it is about one.
    booking: Option<u16>,
    method: &'static str,
    href: String,
    allowed: bool,
    /// The reason's code, where it is closed.
    reason: Option<&'static str>,
    /// The reason in words.
    detail: Option<&'static str>,
    article: Option<String>,
    /// The states that allow it, where the state does not.
    #[schema(value_type = Vec<ReceptionState>)]
    allowed_from: Vec<&'static str>,
}

impl ReceptionActionView {
    fn of(action: ReceptionAction, id: ReceptionId, language: Language) -> Self {
        let mut path = action.command.path().unwrap_or_default().to_owned();
        if let Some(no) = action.booking {
            path = path.replace("{no}", &no.to_string());
        }
        let refusal = action.refusal;
        let article = refusal.as_ref().and_then(|refusal| refusal.article);
        Self {
            command: action.command,
            label: label(&action.command, language),
            booking: action.booking,
            method: "POST",
            href: format!("/api/v1/receptions/{id}/{path}"),
            allowed: refusal.is_none(),
            reason: refusal.as_ref().map(|refusal| refusal.code.into()),
            detail: refusal.as_ref().map(|refusal| refusal.code.text(language)),
            article: article.map(|article| article.citation(language)),
            allowed_from: refusal.map(|refusal| refusal.allowed_from).unwrap_or_default(),
        }
    }
}

/// What is open to the caller.
#[derive(Serialize, ToSchema)]
pub struct ReceptionActions {
    items: Vec<ReceptionActionView>,
}

/// List what can be done
///
/// Every command on the session, whether it is open to the caller now, and if not, why. What is about a booking is there for each
/// that is live.
#[utoipa::path(operation_id = "list_reception_actions", tag = "receive visits", params(ReceptionPath),
    responses((status = 200, description = "Every command with its answer", body = ReceptionActions), ReadProblems))]
#[get("/{id}/actions")]
pub async fn list_reception_actions(
    caller: Caller,
    path: web::Path<String>,
) -> Result<web::Json<ReceptionActions>, Problem> {
    let id = id_of(&path)?;
    let language = caller.language;
    let actions = receptions::open_actions(&caller.app, caller.actor(), id).await?;
    let items = actions.into_iter().map(|action| ReceptionActionView::of(action, id, language)).collect();
    Ok(web::Json(ReceptionActions { items }))
}

/// An entry of the session's journal with its label.
#[derive(Serialize, ToSchema)]
pub struct ReceptionEventView {
    /// Place in the journal, from 1.
    seq: u32,
    /// The kind in the words of the journal, and what it says; null of a case that the caller may not know of.
    #[serde(flatten)]
    #[schema(value_type = ReceptionEvent)]
    event: Told,
    label: &'static str,
    actor: RecordedActor,
    occurred_at: DateTime<Utc>,
    /// The office's day.
    occurred_on: NaiveDate,
    recorded_at: DateTime<Utc>,
}

impl ReceptionEventView {
    fn of(recorded: ReceptionRecorded, known: &KnownBookings, language: Language) -> Self {
        let ReceptionRecorded { seq, event, actor, occurred_at, occurred_on, recorded_at } = recorded;
        let label = label(&event, language);
        let kind = event.as_ref().to_owned();
        let event = if known.may_know(&event) { Told::Whole(event) } else { Told::Kind { kind, data: () } };
        Self { seq, label, event, actor, occurred_at, occurred_on, recorded_at }
    }
}

/// As much of an event as the caller may know.
#[derive(Serialize)]
#[serde(untagged)]
enum Told {
    Whole(ReceptionEvent),
    Kind { kind: String, data: () },
}

/// Which part of a journal to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceptionEventsQuery {
    /// Only entries after this place.
    after: Option<u32>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A page of the journal of a session.
#[derive(Serialize, ToSchema)]
pub struct ReceptionEvents {
    items: Vec<ReceptionEventView>,
    /// What to send as `after` for the next page; null at the end.
    next_after: Option<u32>,
}

/// Read a session's journal
///
/// Who did what, and when, in order: for those who arrange the session. Of a booking or a visit about a case that the caller may
/// not know of only the kind is told.
#[utoipa::path(operation_id = "list_reception_events", tag = "receive visits", params(ReceptionPath, ReceptionEventsQuery),
    responses((status = 200, description = "A page of the journal", body = ReceptionEvents), ReadProblems))]
#[get("/{id}/events")]
pub async fn list_reception_events(
    Then(caller, query): Then<Caller, Query<ReceptionEventsQuery>>,
    path: web::Path<String>,
) -> Result<web::Json<ReceptionEvents>, Problem> {
    let id = id_of(&path)?;
    let (language, limit) = (caller.language, page_size(query.0.limit)?);
    let page = (query.0.after.unwrap_or_default(), limit);
    let (events, known) = receptions::events(&caller.app, caller.actor(), id, page).await?;
    let is_full = u32::try_from(events.len()).is_ok_and(|count| count == limit);
    let next_after = events.last().map(|event| event.seq).filter(|_| is_full);
    let items = events.into_iter().map(|event| ReceptionEventView::of(event, &known, language)).collect();
    Ok(web::Json(ReceptionEvents { items, next_after }))
}

/// The path of an event.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ReceptionEventPath {
    /// The session's identifier.
    #[param(example = "01HZX5TJ4R2QK")]
    #[expect(dead_code, reason = "only described; the handler reads the path")]
    id: String,
    /// The event's number in its session.
    #[param(example = 1)]
    #[expect(dead_code, reason = "only described; the handler reads the path")]
    seq: u32,
}

/// Prove an event of a session
///
/// As of a case: that it stands in the journal as it stood when a checkpoint was signed.
#[utoipa::path(operation_id = "prove_reception_event", tag = "receive visits", params(ReceptionEventPath),
    responses((status = 200, description = "The proof", body = EventProof),
        (status = 409, description = "No checkpoint has the event yet", body = ProblemBody<'static>,
            content_type = "application/problem+json"), ReadProblems))]
#[get("/{id}/events/{seq}/proof")]
pub async fn prove_reception_event(
    caller: Caller,
    path: web::Path<(String, String)>,
) -> Result<web::Json<EventProof>, Problem> {
    let (id, seq) = path.into_inner();
    let id: ReceptionId = id.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))?;
    let seq: u32 = seq.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))?;
    let proof = receptions::prove(&caller.app, caller.actor(), id, seq).await?;
    Ok(web::Json(proof.ok_or_else(|| Problem::new(NOT_YET_PROVABLE))?.into()))
}
