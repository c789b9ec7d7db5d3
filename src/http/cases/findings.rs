//! What was found on claims, hardship and conduct.

use actix_web::post;
use domain::case::Command;
use domain::measure::Findings;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Record findings
///
/// On the reasonableness of each claim, on hardship and on conduct; they decide which measures apply (Art. 27).
#[utoipa::path(operation_id = "record_findings", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Findings, example = json!({"claims": [{"claim": 1, "reasonableness": "reasonable", "facts": "用工和欠薪属实"}], "hardship": {"hardship": false, "circumstances": "家庭有其他收入", "checked_on": "2026-03-02"}, "conduct": {"conduct": [], "facts": "无"}})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/findings")]
pub async fn record_findings(call: CaseCall<Findings>) -> Result<Answer, Problem> {
    call.give(Command::RecordFindings).await
}
