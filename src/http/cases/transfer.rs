//! Passing a case on.

use actix_web::post;
use domain::case::Command;
use domain::case::content::Dispatch;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Transfer or assign
///
/// Passes the case to another organ (Art. 22); `assign` wants a result by a day. An accusation goes only to a discipline inspection organ, an organisation department or a petition department, and never to the accused (Art. 30).
#[utoipa::path(operation_id = "transfer_case", tag = "dispatch", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Dispatch, example = json!({"mode": "transfer", "to": "01HZX5TJ4R2QK", "reason": "属贵单位职责范围，请依法办理"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/transfer")]
pub async fn transfer_case(call: CaseCall<Dispatch>) -> Result<Answer, Problem> {
    call.give(Command::Dispatch).await
}
