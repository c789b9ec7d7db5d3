//! What a petitioner can do with the query code alone (Art. 21): follow the case, rate it, ask for review.

use actix_web::{HttpRequest, get, post, web};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::access::Actor;
use domain::case::content::{Evaluation, ReviewRequest};
use domain::case::{Case, Command, CommandKind, Event, Purpose, Status, Track};
use domain::deadline::{ClockKind, DeadlineState};
use domain::id::ReceptionId;
use domain::language::{Language, label};
use domain::organisation::ReviewStage;
use domain::reception::{Booking, BookingState};
use domain::text::{Line, Remark};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::cases::call::{KeyHeader, language_of};
use super::idempotency::MaybeKey;
use super::json::Payload;
use super::problem::Problem;
use super::problem::documented::PublicProblems;
use super::receptions::Nothing;
use crate::app::App;
use crate::http::conditional::Expected;
use crate::http::rate::client_address;
use crate::service::audit::Client;
use crate::service::execute::{Circumstances, earlier_of};
use crate::service::public as service;
use crate::service::receptions;
use crate::service::{ServiceError, cases::Call};
use store::{AnyConnection, case_journal, users};

/// How far a case has come, without names.
#[derive(Serialize, ToSchema)]
pub struct Progress {
    case_no: String,
    status: Status,
    status_label: &'static str,
    /// Null for an accusation, of which only the status is told.
    purpose: Option<Purpose>,
    filed_on: NaiveDate,
    /// The organ that has the case; null for an accusation.
    organisation: Option<String>,
    /// What comes next, in a sentence.
    next_step: &'static str,
    /// What the petitioner can do now, by the code alone.
    open_to_you: Vec<OpenToYou>,
    deadlines: Vec<PublicDeadline>,
    steps: Vec<Step>,
    /// Where a leader takes the matter up, or was to, if it was booked; null for an accusation.
    booking: Option<PublicBooking>,
    matter_resolved_on: Option<NaiveDate>,
    heart_resolved_on: Option<NaiveDate>,
}

/// A booking, as its petitioner sees it.
#[derive(Serialize, ToSchema)]
pub struct PublicBooking {
    reception: ReceptionId,
    state: BookingState,
    state_label: &'static str,
    /// How many wait before it, where it waits for a place.
    before_it: Option<usize>,
    leader: String,
    post: Line,
    day: NaiveDate,
    #[schema(value_type = String, format = "time", example = "09:00:00")]
    from: NaiveTime,
    #[schema(value_type = String, format = "time", example = "11:30:00")]
    until: NaiveTime,
    place: Line,
    /// Why the session was changed last, where it was.
    changed_because: Option<Remark>,
    /// Why the booking or its session was cancelled, where the office did it.
    because: Option<Remark>,
}

impl PublicBooking {
    fn of(
        connection: &mut AnyConnection,
        case: &Case,
        language: Language,
    ) -> Result<Option<Self>, ServiceError> {
        let Some((reception, no)) = receptions::last_booked_in(connection, case)? else { return Ok(None) };
        let Some(booking) = reception.booking(no) else { return Ok(None) };
        let leader = reception.host.leader.get();
        let name = users::display_names(connection, [leader])?.remove(&leader).unwrap_or_default();
        let waits = |it: &&Booking| it.state == BookingState::Waiting && it.no < no;
        let before_it = reception.bookings.iter().filter(waits).count();
        Ok(Some(Self {
            reception: reception.id,
            state: booking.state,
            state_label: label(&booking.state, language),
            before_it: Some(before_it).filter(|_| booking.state == BookingState::Waiting),
            leader: name,
            post: reception.host.post.clone(),
            day: reception.arrangement.day,
            from: reception.arrangement.from,
            until: reception.arrangement.until,
            place: reception.arrangement.place.clone(),
            because: booking
                .cancellation
                .as_ref()
                .map(|cancellation| cancellation.reason.clone())
                .or_else(|| reception.cancelled_because.clone().filter(|_| !booking.state.is_live())),
            changed_because: reception.amendments.last().map(|amendment| amendment.reason.clone()),
        }))
    }
}

/// A thing that the petitioner can do.
#[derive(Serialize, ToSchema)]
pub struct OpenToYou {
    command: CommandKind,
    label: &'static str,
    href: String,
    /// The last day on which it can be done.
    until: Option<NaiveDate>,
}

/// A clock that the petitioner is told of.
#[derive(Serialize, ToSchema)]
pub struct PublicDeadline {
    kind: ClockKind,
    label: &'static str,
    state: DeadlineState,
    due_on: NaiveDate,
    late: bool,
}

/// Something that has happened.
#[derive(Serialize, ToSchema)]
pub struct Step {
    at: DateTime<Utc>,
    label: &'static str,
}

/// Clocks inside the administration are not the petitioner's business.
const TOLD: &[ClockKind] = &[
    ClockKind::Dispatch,
    ClockKind::Notice,
    ClockKind::Handling,
    ClockKind::Extension,
    ClockKind::ReviewRequest,
    ClockKind::Review,
    ClockKind::ReReviewRequest,
    ClockKind::ReReview,
    ClockKind::Evaluation,
];

impl Progress {
    /// The progress of a case.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn of(
        connection: &mut AnyConnection,
        circumstances: &Circumstances<'_>,
        case: &Case,
        language: Language,
    ) -> Result<Self, ServiceError> {
        let sealed = case.track == Track::Accusation;
        let holder = circumstances.office.directory.organisation(case.holder);
        let events = if sealed {
            Vec::new()
        } else {
            case_journal::load_events(connection, &circumstances.app.sealer, case.id)?
        };
        Ok(Self {
            case_no: case.filing.case_no.clone(),
            status: case.status,
            status_label: label(&case.status, language),
            purpose: (!sealed).then_some(case.filing.purpose),
            filed_on: case.filed_on,
            organisation: holder.filter(|_| !sealed).map(|organ| organ.name.clone()),
            next_step: next_step(case, language),
            open_to_you: open_to_petitioner(connection, circumstances, case, language)?,
            deadlines: if sealed { Vec::new() } else { told_deadlines(circumstances, case, language) },
            steps: events
                .iter()
                .filter(|event| is_told(&event.event))
                .map(|event| Step { at: event.occurred_at, label: label(&event.event, language) })
                .collect(),
            booking: if sealed { None } else { PublicBooking::of(connection, case, language)? },
            matter_resolved_on: case.resolution.matter_resolved_on,
            heart_resolved_on: case.resolution.heart_resolved_on,
        })
    }
}

fn told_deadlines(circumstances: &Circumstances<'_>, case: &Case, language: Language) -> Vec<PublicDeadline> {
    let today = circumstances.context(None).today;
    case.deadlines
        .iter()
        .filter(|deadline| TOLD.contains(&deadline.kind))
        .map(|deadline| PublicDeadline {
            kind: deadline.kind,
            label: label(&deadline.kind, language),
            state: deadline.state,
            due_on: deadline.due.legal_due_on,
            late: deadline.is_late(today),
        })
        .collect()
}

/// Steps of the procedure are told; work inside the organ (drafts, steps, alarms) is not.
const fn is_told(event: &Event) -> bool {
    matches!(
        event,
        Event::Filed(_)
            | Event::Dispatched { .. }
            | Event::DirectlyReplied(_)
            | Event::Accepted(_)
            | Event::Declined(_)
            | Event::NoLongerAccepted(_)
            | Event::RoutedOut(_)
            | Event::ExtensionDecided(_)
            | Event::HearingConvened(_)
            | Event::OpinionIssued(_)
            | Event::EarlierReplyRecorded(_)
            | Event::Delivered(_)
            | Event::ReviewRequested { .. }
            | Event::AdmissionDecided { .. }
            | Event::ReviewDecided { .. }
            | Event::Evaluated(_)
            | Event::Closed(_)
            | Event::Withdrawn(_)
            | Event::Reopened(_)
            | Event::Terminated { .. }
            | Event::SuggestionAnswered(_)
    )
}

/// What the petitioner can expect next.
fn next_step(case: &Case, language: Language) -> &'static str {
    let told = case.reviews.last().is_some_and(|review| review.delivered_on.is_some());
    let (chinese, english) = match case.status {
        Status::ReviewIssued if told => (
            "复查意见已送达；不服的可以在期限内请求复核",
            "The review opinion was delivered; you can ask for re-review in time if you disagree",
        ),
        Status::Registered | Status::Screening | Status::Objected => (
            "信访工作部门将把事项转送有权处理的机关",
            "The petition department passes the matter to the competent organ",
        ),
        Status::Transferred | Status::Assigned | Status::PendingAcceptance => {
            ("收到事项的机关将告知您是否受理", "The organ that received it tells you whether it is accepted")
        }
        Status::Accepted
        | Status::InHandling
        | Status::Mediating
        | Status::OpinionDraft
        | Status::OpinionReview
        | Status::ReturnedForRework => {
            ("受理机关正在办理并将出具处理意见", "The organ is handling the matter and will give its opinion")
        }
        Status::OpinionIssued | Status::ReviewIssued | Status::ReReviewIssued => {
            ("书面意见将送达给您", "The written opinion is being delivered to you")
        }
        Status::Delivered | Status::Executing => (
            "您可以评价，不服的可以在期限内请求复查",
            "You can rate the handling, or ask for review in time if you disagree",
        ),
        Status::Reviewing | Status::ReReviewing => {
            ("上一级机关正在审查", "The next higher organ is looking at it")
        }
        Status::Closed | Status::Archived => ("事项已办结", "The matter is concluded"),
        Status::Terminated => (
            "信访程序已经终结，同一事项不再受理；帮扶仍可继续",
            "The procedure has ended for this matter; help goes on where it is needed",
        ),
        Status::NotAccepted | Status::NoLongerAccepted | Status::RoutedOut => {
            ("请按告知书载明的途径办理", "Please follow the way that the notice names")
        }
        Status::DirectReply | Status::Replied => ("已经答复", "It has been answered"),
        Status::FiledOnly => ("已登记留存", "It is kept in the register"),
        Status::Withdrawn => ("已按您的意愿撤回", "It was withdrawn as you wished"),
        Status::Studying | Status::StudyConcluded => {
            ("有关机关正在研究您的建议", "The organ is studying your suggestion")
        }
        Status::Forwarded | Status::ReceiptAcknowledged | Status::OutcomeRecorded => {
            ("有权机关依规依纪依法办理", "The competent organ deals with it under its own rules")
        }
    };
    language.choose(chinese, english)
}

fn open_to_petitioner(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: &Case,
    language: Language,
) -> Result<Vec<OpenToYou>, ServiceError> {
    let earlier = earlier_of(connection, case)?;
    let petitioner = circumstances.as_actor(&Actor::Petitioner);
    let today = petitioner.context(earlier).today;
    let code = &case.filing.query_code;
    let offered = [
        (CommandKind::Evaluate, ClockKind::Evaluation, "evaluation"),
        (CommandKind::RequestReview, ClockKind::ReviewRequest, "review-request"),
        (CommandKind::RequestReReview, ClockKind::ReReviewRequest, "review-request"),
    ];
    let actions = domain::case::actions(case, &petitioner.context(earlier));
    Ok(offered
        .into_iter()
        .filter(|(command, _, _)| {
            actions.iter().any(|action| action.command == *command && action.refusal.is_none())
        })
        .map(|(command, clock, path)| OpenToYou {
            command,
            label: label(&command, language),
            href: format!("/api/v1/public/cases/{code}/{path}"),
            until: case
                .open_deadline(clock)
                .map(|deadline| deadline.due.legal_due_on)
                .filter(|until| *until >= today),
        })
        .collect())
}

/// Follow a case
///
/// By the code that the petitioner was given: how far it has come, its limits, and what the petitioner can do now.
#[utoipa::path(operation_id = "get_progress", tag = "petitioner", security(()),
    params(("query_code" = String, Path, description = "The petitioner's code", example = "7Q2M9XK4T1BD")),
    responses((status = 200, description = "The progress", body = Progress), PublicProblems))]
#[get("/cases/{query_code}")]
pub async fn get_progress(
    app: web::Data<App>,
    code: web::Path<String>,
    request: HttpRequest,
) -> Result<web::Json<Progress>, Problem> {
    let language = language_of(&request);
    Ok(web::Json(service::progress(&app.into_inner(), code.into_inner(), language).await?))
}

/// Rate the handling
///
/// Once, within the evaluation window: the petition department and the responsible unit each.
#[utoipa::path(operation_id = "evaluate_by_code", tag = "petitioner", security(()), params(
    KeyHeader, ("query_code" = String, Path, description = "The petitioner's code", example = "7Q2M9XK4T1BD")),
    request_body(content = Evaluation, example = json!({
        "petition_department": "satisfied", "responsible_unit": "satisfied", "comment": "问题解决了"
    })),
    responses((status = 200, description = "The progress", body = Progress), PublicProblems))]
#[post("/cases/{query_code}/evaluation")]
pub async fn evaluate_by_code(
    app: web::Data<App>,
    code: web::Path<String>,
    key: MaybeKey,
    request: HttpRequest,
    body: Payload<Evaluation>,
) -> Result<Answer, Problem> {
    let call = call_of(&app, &code, key, body.fingerprint, &request);
    let command = move |_: &Case| Command::Evaluate(body.value.clone());
    Ok(service::command(&app.into_inner(), call, code.into_inner(), command).await?)
}

/// Ask for review
///
/// Of the handling opinion, or, once that has been reviewed, re-review of it: within 30 days of receiving the reply
/// (Art. 35, 36). The next higher organ decides.
#[utoipa::path(operation_id = "request_review_by_code", tag = "petitioner", security(()), params(
    KeyHeader, ("query_code" = String, Path, description = "The petitioner's code", example = "7Q2M9XK4T1BD")),
    request_body(content = ReviewRequest, example = json!({"grounds": "对第一项诉求的认定不服"})),
    responses((status = 200, description = "The progress", body = Progress), PublicProblems))]
#[post("/cases/{query_code}/review-request")]
pub async fn request_review_by_code(
    app: web::Data<App>,
    code: web::Path<String>,
    key: MaybeKey,
    request: HttpRequest,
    body: Payload<ReviewRequest>,
) -> Result<Answer, Problem> {
    let call = call_of(&app, &code, key, body.fingerprint, &request);
    let command = move |case: &Case| Command::RequestReview(stage_to_ask_for(case), body.value.clone());
    Ok(service::command(&app.into_inner(), call, code.into_inner(), command).await?)
}

/// A session that a petitioner chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingWish {
    /// From the list of published sessions.
    reception: ReceptionId,
}

/// Book a leader's session
///
/// One that is published and has not begun. Where no place is free the matter waits for one. A matter has one live booking.
#[utoipa::path(operation_id = "book_by_code", tag = "petitioner", security(()), params(
    KeyHeader, ("query_code" = String, Path, description = "The petitioner's code", example = "7Q2M9XK4T1BD")),
    request_body(content = BookingWish, example = json!({"reception": "01HZX5TJ4R2QK"})),
    responses((status = 200, description = "The progress", body = Progress), PublicProblems))]
#[post("/cases/{query_code}/booking")]
pub async fn book_by_code(
    app: web::Data<App>,
    code: web::Path<String>,
    key: MaybeKey,
    request: HttpRequest,
    body: Payload<BookingWish>,
) -> Result<Answer, Problem> {
    let call = call_of(&app, &code, key, body.fingerprint, &request);
    Ok(receptions::book_by_code(&app.into_inner(), call, code.into_inner(), body.value.reception).await?)
}

/// Cancel the booking
///
/// The live one of the matter, without giving a reason. The place goes to whoever has waited longest.
#[utoipa::path(operation_id = "cancel_booking_by_code", tag = "petitioner", security(()), params(
    KeyHeader, ("query_code" = String, Path, description = "The petitioner's code", example = "7Q2M9XK4T1BD")),
    request_body(content = Nothing, example = json!({})),
    responses((status = 200, description = "The progress", body = Progress), PublicProblems))]
#[post("/cases/{query_code}/booking/cancellation")]
pub async fn cancel_booking_by_code(
    app: web::Data<App>,
    code: web::Path<String>,
    key: MaybeKey,
    request: HttpRequest,
    body: Payload<Nothing>,
) -> Result<Answer, Problem> {
    let call = call_of(&app, &code, key, body.fingerprint, &request);
    Ok(receptions::cancel_by_code(&app.into_inner(), call, code.into_inner()).await?)
}

/// Re-review is of a review; before one was decided, the petitioner asks for review.
fn stage_to_ask_for(case: &Case) -> ReviewStage {
    match case.decided_review() {
        Some(_) => ReviewStage::ReReview,
        None => ReviewStage::Review,
    }
}

fn call_of(
    app: &App,
    code: &str,
    key: MaybeKey,
    fingerprint: super::json::Fingerprint,
    request: &HttpRequest,
) -> Call {
    let address = client_address(request, app.settings.trusted_proxy_count);
    Call {
        actor: Actor::Petitioner,
        client: Client::at(address, None),
        caller_key: format!("petitioner:{code}"),
        key: key.0,
        fingerprint,
        expected: Expected::Any,
        language: language_of(request),
    }
}
