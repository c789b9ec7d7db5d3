//! A session: planned, published, changed, swapped, cancelled, recorded.

use actix_web::post;
use domain::reception::ReceptionCommand;
use domain::reception::content::{
    LeaderSwap, ReceptionCancellation, ReceptionChange, ReceptionPlan, ReceptionRecord,
};

use super::view::ReceptionView;
use super::{Nothing, ReceptionCall, ReceptionPath};
use crate::http::answer::Answer;
use crate::http::cases::call::{Caller, KeyHeader, MatchHeader};
use crate::http::conditional::Expected;
use crate::http::json::Payload;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::http::then::Then;
use crate::service::receptions;

/// Plan a session
///
/// By the leader, their office, or the petition department of the place. Until it is published a scheduled session is known to
/// those alone; the other kinds are never published, since they would tell whose matter is taken up. `on_scene_reception` is
/// entered when it has begun. A leader has one session at a time.
#[utoipa::path(operation_id = "plan_reception", tag = "receive visits", params(KeyHeader),
    request_body(content = ReceptionPlan, example = json!({"kind": "scheduled_reception",
        "host": {"leader": "01HZX5TJ4R2QK", "post": "副县长", "responsibilities": "分管住建、交通"},
        "arrangement": {"day": "2026-12-15", "from": "09:00", "until": "11:30", "place": "县信访接待大厅", "capacity": 12,
            "waiting_places": 4, "companions": [{"name": "李律师", "post": "律师"}]}})),
    responses((status = 201, description = "Planned", body = ReceptionView), CommandProblems))]
#[post("")]
pub async fn plan_reception(
    Then(caller, body): Then<Caller, Payload<ReceptionPlan>>,
) -> Result<Answer, Problem> {
    let (app, call) = caller.call(body.fingerprint, Expected::Any);
    Ok(receptions::make(&app, call, body.value).await?)
}

/// Publish the session
///
/// With the leader's name, post and duties, time, place and form: so many days before its day as the office has set, and at
/// least one. From then on everybody sees it, and petitioners book.
#[utoipa::path(operation_id = "publish_reception", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = Nothing, example = json!({})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/publication")]
pub async fn publish_reception(call: ReceptionCall<Nothing>) -> Result<Answer, Problem> {
    let (app, call, id, _) = call.parts();
    Ok(receptions::command(&app, call, id, ReceptionCommand::Publish).await?)
}

/// Change the session
///
/// The whole of it as it is to be from now on, with the reason, which is shown with it. Whoever is booked keeps the place and
/// is to be told again. Another day of a published session is as far ahead as its publication had to be; another leader must be
/// one who may receive every matter that is booked.
#[utoipa::path(operation_id = "change_reception", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = ReceptionChange, example = json!({
        "host": {"leader": "01HZX5TJ4R2QK", "post": "副县长", "responsibilities": "分管住建、交通"},
        "arrangement": {"day": "2026-12-16", "from": "09:00", "until": "11:30", "place": "县信访接待大厅", "capacity": 16},
        "reason": "领导出差，顺延一日"})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/change")]
pub async fn change_reception(call: ReceptionCall<ReceptionChange>) -> Result<Answer, Problem> {
    let (app, call, id, change) = call.parts();
    Ok(receptions::command(&app, call, id, ReceptionCommand::Change(change)).await?)
}

/// Swap the leaders of two sessions
///
/// Before either begins, with the reason. Both are changed, or neither.
#[utoipa::path(operation_id = "swap_leaders", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = LeaderSwap, example = json!({"with": "01HZX5TJ4R2QM", "reason": "与下月接访对调"})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/swap")]
pub async fn swap_leaders(call: ReceptionCall<LeaderSwap>) -> Result<Answer, Problem> {
    let (app, call, id, swap) = call.parts();
    Ok(receptions::swap(&app, call, id, swap).await?)
}

/// Cancel the session
///
/// With the reason. What was booked falls through, and can be booked elsewhere.
#[utoipa::path(operation_id = "cancel_reception", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = ReceptionCancellation, example = json!({"reason": "防汛应急，另行安排"})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/cancellation")]
pub async fn cancel_reception(call: ReceptionCall<ReceptionCancellation>) -> Result<Answer, Problem> {
    let (app, call, id, cancellation) = call.parts();
    Ok(receptions::command(&app, call, id, ReceptionCommand::Cancel(cancellation)).await?)
}

/// Record the session
///
/// When it really began and ended, and who was at the leader's side. Whoever was booked and was not received is a no-show from
/// then on. A session that nobody came to is recorded, too.
#[utoipa::path(operation_id = "record_reception", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = ReceptionRecord, example = json!({"from": "09:00", "until": "11:10", "remark": "无人来访"})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/record")]
pub async fn record_reception(call: ReceptionCall<ReceptionRecord>) -> Result<Answer, Problem> {
    let (app, call, id, record) = call.parts();
    Ok(receptions::command(&app, call, id, ReceptionCommand::Record(record)).await?)
}
