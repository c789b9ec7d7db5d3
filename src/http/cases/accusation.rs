//! The track of accusations after their forwarding.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{AccusationResult, Receipt};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Acknowledge an accusation
///
/// By the organ that received it (Art. 30).
#[utoipa::path(operation_id = "acknowledge_accusation", tag = "accusations", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Receipt, example = json!({"receipt_no": "某纪信收〔2026〕5号"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/receipt")]
pub async fn acknowledge_accusation(call: CaseCall<Receipt>) -> Result<Answer, Problem> {
    call.give(Command::AcknowledgeReceipt).await
}

/// Record the outcome of an accusation
///
/// A flag only.
#[utoipa::path(operation_id = "record_accusation_outcome", tag = "accusations", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = AccusationResult, example = json!({"outcome": "dealt_with"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/outcome")]
pub async fn record_accusation_outcome(call: CaseCall<AccusationResult>) -> Result<Answer, Problem> {
    call.give(Command::RecordOutcome).await
}
