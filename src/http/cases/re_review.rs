//! Re-review by the next higher organ again.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{ReviewAdmission, ReviewDecision, ReviewRequest};
use domain::organisation::ReviewStage;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Ask for re-review
///
/// Taken down for the petitioner, within 30 days of receiving the reply (Art. 36); the next higher organ decides.
#[utoipa::path(operation_id = "request_re_review", tag = "review", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ReviewRequest, example = json!({"grounds": "对第一项诉求的认定不服"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/re-review")]
pub async fn request_re_review(call: CaseCall<ReviewRequest>) -> Result<Answer, Problem> {
    call.give(|value| Command::RequestReview(ReviewStage::ReReview, value)).await
}

/// Decide on admission to re-review
///
/// By the next higher organ; a refusal names its ground.
#[utoipa::path(operation_id = "decide_re_review_admission", tag = "review", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ReviewAdmission, example = json!({"admitted": true, "reason": "符合条件", "notice": "post"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/re-review/admission")]
pub async fn decide_re_review_admission(call: CaseCall<ReviewAdmission>) -> Result<Answer, Problem> {
    call.give(|value| Command::DecideAdmission(ReviewStage::ReReview, value)).await
}

/// Decide the re-review
///
/// Uphold, change, or order a remake; by nobody who had a part in the handling.
#[utoipa::path(operation_id = "decide_re_review", tag = "review", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ReviewDecision, example = json!({"outcome": "uphold", "document_no": "某政信复〔2026〕3号", "facts": "事实与原意见一致", "reasons": "适用依据正确", "legal_basis": "《信访工作条例》第三十六条"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/re-review/decision")]
pub async fn decide_re_review(call: CaseCall<ReviewDecision>) -> Result<Answer, Problem> {
    call.give(|value| Command::DecideReview(ReviewStage::ReReview, value)).await
}
