//! Objecting to a transfer, and the sender's answer.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{Objection, ObjectionDecision};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Object to a transfer
///
/// Within 5 working days of receipt, with detailed reasons (Art. 23).
#[utoipa::path(operation_id = "object_to_transfer", tag = "dispatch", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Objection, example = json!({"reasons": "该工程由另一机关监管，不属本机关职责范围"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/objection")]
pub async fn object_to_transfer(call: CaseCall<Objection>) -> Result<Answer, Problem> {
    call.give(Command::Object).await
}

/// Decide on an objection
///
/// By the sender; when it is upheld the case comes back and is dispatched again.
#[utoipa::path(operation_id = "decide_objection", tag = "dispatch", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ObjectionDecision, example = json!({"upheld": true, "reasons": "经核实，确不属该机关职责范围"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/objection/decision")]
pub async fn decide_objection(call: CaseCall<ObjectionDecision>) -> Result<Answer, Problem> {
    call.give(Command::DecideObjection).await
}
