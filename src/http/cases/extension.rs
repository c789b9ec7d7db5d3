//! More time, once.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{ExtensionDecision, ExtensionRequest};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Ask for an extension
///
/// Once, by at most 30 days, before the handling limit passes (Art. 34).
#[utoipa::path(operation_id = "request_extension", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ExtensionRequest, example = json!({"days": 30, "reason": "需要司法鉴定"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/extension")]
pub async fn request_extension(call: CaseCall<ExtensionRequest>) -> Result<Answer, Problem> {
    call.give(Command::RequestExtension).await
}

/// Decide on an extension
///
/// By the head of the organ, who is not the one who asked; the petitioner is told why.
#[utoipa::path(operation_id = "decide_extension", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ExtensionDecision, example = json!({"approved": true, "reason": "情况复杂，同意延期", "notice": "in_person"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/extension/decision")]
pub async fn decide_extension(call: CaseCall<ExtensionDecision>) -> Result<Answer, Problem> {
    call.give(Command::DecideExtension).await
}
