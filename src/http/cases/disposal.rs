//! Endings without a procedure: a direct reply, or filing only.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{Reason, Reply};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Reply directly
///
/// To an enquiry or thanks; a claim gets an opinion.
#[utoipa::path(operation_id = "reply_directly", tag = "dispatch", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Reply, example = json!({"content": "您咨询的参保登记可在县政务服务中心办理。", "way": "phone"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/direct-reply")]
pub async fn reply_directly(call: CaseCall<Reply>) -> Result<Answer, Problem> {
    call.give(Command::DirectReply).await
}

/// File without further procedure
///
/// 存: kept in the register with its reason.
#[utoipa::path(operation_id = "file_only", tag = "dispatch", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Reason, example = json!({"reason": "内容不具体且无法联系信访人"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/filed-only")]
pub async fn file_only(call: CaseCall<Reason>) -> Result<Answer, Problem> {
    call.give(Command::FileOnly).await
}
