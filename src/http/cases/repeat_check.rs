//! First or repeated petition.

use actix_web::post;
use domain::case::Command;
use domain::case::content::RepeatCheck;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Confirm or dismiss a repeat
///
/// Says whether the case repeats an earlier one; a confirmed repeat undoes the resolved heart of the earlier case within its observation window.
#[utoipa::path(operation_id = "confirm_repeat", tag = "dispatch", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = RepeatCheck, example = json!({"repeat_of": null, "reason": "经核对，与此前事项不是同一事项"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/repeat-check")]
pub async fn confirm_repeat(call: CaseCall<RepeatCheck>) -> Result<Answer, Problem> {
    call.give(Command::ConfirmRepeat).await
}
