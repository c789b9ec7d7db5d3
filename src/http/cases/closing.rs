//! Closing, rating, visiting back, and what comes after.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{
    Aftercare, Archiving, ClosingReport, Evaluation, Pledge, Reopening, VisitBack, Withdrawal,
};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Visit back
///
/// What the petitioner says, in their words; content resolves the heart, discontent undoes it.
#[utoipa::path(operation_id = "record_visit_back", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = VisitBack, example = json!({"visited_on": "2026-03-10", "way": "home", "words": "问题解决了，谢谢", "satisfaction": "satisfied"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/visit-backs")]
pub async fn record_visit_back(call: CaseCall<VisitBack>) -> Result<Answer, Problem> {
    call.give(Command::VisitBack).await
}

/// Take down the petitioner's rating
///
/// Once, within the evaluation window; never by the responsible organ.
#[utoipa::path(operation_id = "evaluate_case", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Evaluation, example = json!({"petition_department": "satisfied", "responsible_unit": "satisfied"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/evaluation")]
pub async fn evaluate_case(call: CaseCall<Evaluation>) -> Result<Answer, Problem> {
    call.give(Command::Evaluate).await
}

/// Record a pledge
///
/// Voluntary, and never the condition of a lawful benefit.
#[utoipa::path(operation_id = "record_pledge", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Pledge, example = json!({"signed_on": "2026-03-10", "received": "工资36000元", "words": "问题已解决，不再信访"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/pledge")]
pub async fn record_pledge(call: CaseCall<Pledge>) -> Result<Answer, Problem> {
    call.give(Command::RecordPledge).await
}

/// Close the case
///
/// With the closing report, when every applicable measure is verified and hardship was checked (Art. 27).
#[utoipa::path(operation_id = "close_case", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ClosingReport, example = json!({"report": "工资已支付，信访人满意", "petitioner_view": "agrees"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/closure")]
pub async fn close_case(call: CaseCall<ClosingReport>) -> Result<Answer, Problem> {
    call.give(Command::Close).await
}

/// Record a withdrawal
///
/// In the petitioner's words; nothing is deleted.
#[utoipa::path(operation_id = "withdraw_case", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Withdrawal, example = json!({"words": "我自愿撤回", "withdrawn_on": "2026-03-02"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/withdrawal")]
pub async fn withdraw_case(call: CaseCall<Withdrawal>) -> Result<Answer, Problem> {
    call.give(Command::Withdraw).await
}

/// Reopen the case
///
/// On new facts, or because supervision found the opinion wrong.
#[utoipa::path(operation_id = "reopen_case", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Reopening, example = json!({"ground": "new_facts", "reasons": "信访人提交了新的工资单"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/reopening")]
pub async fn reopen_case(call: CaseCall<Reopening>) -> Result<Answer, Problem> {
    call.give(Command::Reopen).await
}

/// Archive the file
///
/// With its retention; nothing of it is deleted before the term ends.
#[utoipa::path(operation_id = "archive_case", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Archiving, example = json!({"retention": "thirty_years", "catalogue": "登记表、处理意见书、送达回证、办结报告"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/archive")]
pub async fn archive_case(call: CaseCall<Archiving>) -> Result<Answer, Problem> {
    call.give(Command::Archive).await
}

/// Record aftercare
///
/// What is still done for people after the matter has ended (Art. 37).
#[utoipa::path(operation_id = "record_aftercare", tag = "close", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Aftercare, example = json!({"kind": "guidance", "done_on": "2026-03-10", "summary": "上门疏导"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/aftercare")]
pub async fn record_aftercare(call: CaseCall<Aftercare>) -> Result<Answer, Problem> {
    call.give(Command::RecordAftercare).await
}
