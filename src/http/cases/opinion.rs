//! The handling opinion, from draft to signature.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{OpinionDraft, OpinionIssue, Return};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Draft the opinion
///
/// Facts, and for every claim the result with its reasons and legal basis (Art. 32).
#[utoipa::path(operation_id = "draft_opinion", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = OpinionDraft, example = json!({"facts": "经查，公司拖欠三个月工资属实。", "answers": [{"claim": 1, "result": "support", "reasons": "事实清楚", "legal_basis": "《劳动法》第五十条"}]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/opinion")]
pub async fn draft_opinion(call: CaseCall<OpinionDraft>) -> Result<Answer, Problem> {
    call.give(Command::DraftOpinion).await
}

/// Return the draft
///
/// To the drafter, with a reason.
#[utoipa::path(operation_id = "return_opinion", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Return, example = json!({"reason": "请补充法律依据"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/opinion/return")]
pub async fn return_opinion(call: CaseCall<Return>) -> Result<Answer, Problem> {
    call.give(Command::ReturnOpinion).await
}

/// Issue the opinion
///
/// Signed by the head, who is not the drafter (Art. 32).
#[utoipa::path(operation_id = "issue_opinion", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = OpinionIssue, example = json!({"document_no": "某人社信处〔2026〕12号"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/opinion/issue")]
pub async fn issue_opinion(call: CaseCall<OpinionIssue>) -> Result<Answer, Problem> {
    call.give(Command::IssueOpinion).await
}
