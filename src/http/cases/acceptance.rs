//! Taking a matter up, or not.

use actix_web::post;
use domain::case::Command;
use domain::case::content::AcceptanceDecision;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Accept, decline, no longer accept, or route out
///
/// The organ's decision on taking the matter up (Art. 23, 31, 36), with the way in which the petitioner was told.
#[utoipa::path(operation_id = "decide_acceptance", tag = "accept", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = AcceptanceDecision, example = json!({"decision": "accept", "notice": "in_person", "document_no": "某人社信受〔2026〕12号"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/acceptance")]
pub async fn decide_acceptance(call: CaseCall<AcceptanceDecision>) -> Result<Answer, Problem> {
    call.give(Command::DecideAcceptance).await
}
