//! The track of suggestions.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{Reply, Reward, StudyConclusion};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Conclude the study of a suggestion
///
/// Adopted, partly, or not, with reasons (Art. 29).
#[utoipa::path(operation_id = "conclude_study", tag = "suggestions", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = StudyConclusion, example = json!({"adoption": "adopted", "reasons": "建议可行，列入年度计划"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/adoption")]
pub async fn conclude_study(call: CaseCall<StudyConclusion>) -> Result<Answer, Problem> {
    call.give(Command::ConcludeStudy).await
}

/// Answer a suggestion
///
/// By the head of the organ.
#[utoipa::path(operation_id = "reply_to_suggestion", tag = "suggestions", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Reply, example = json!({"content": "您的建议已采纳。", "way": "web"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/reply")]
pub async fn reply_to_suggestion(call: CaseCall<Reply>) -> Result<Answer, Problem> {
    call.give(Command::ReplyToSuggestion).await
}

/// Reward a suggestion
///
/// One that was adopted, wholly or partly.
#[utoipa::path(operation_id = "reward_suggestion", tag = "suggestions", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Reward, example = json!({"reward": "荣誉证书", "reason": "建议有价值"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/reward")]
pub async fn reward_suggestion(call: CaseCall<Reward>) -> Result<Answer, Problem> {
    call.give(Command::RewardSuggestion).await
}
