//! Hearings.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{HearingNotice, HearingOutcome};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Convene a hearing
///
/// Chaired by somebody who does not investigate the case; its time is taken out of the re-review clock only (Art. 36).
#[utoipa::path(operation_id = "convene_hearing", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = HearingNotice, example = json!({"held_on": "2026-03-20", "place": "县信访局听证室", "chair": "01HZX5TJ4R2QK", "panel": ["县人大代表"], "reason": "事项复杂"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/hearing")]
pub async fn convene_hearing(call: CaseCall<HearingNotice>) -> Result<Answer, Problem> {
    call.give(Command::ConveneHearing).await
}

/// Conclude a hearing
///
/// With its finding.
#[utoipa::path(operation_id = "conclude_hearing", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = HearingOutcome, example = json!({"finding": "应当支付拖欠工资", "concluded_on": "2026-03-20"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/hearing/outcome")]
pub async fn conclude_hearing(call: CaseCall<HearingOutcome>) -> Result<Answer, Problem> {
    call.give(Command::ConcludeHearing).await
}
