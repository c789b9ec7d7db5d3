//! Naming who handles a case.

use actix_web::post;
use domain::case::Command;
use domain::case::content::Assignment;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Name the handlers
///
/// Each declares whether they have a direct interest; then they must be recused (Art. 28).
#[utoipa::path(operation_id = "assign_handlers", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Assignment, example = json!({"handlers": [{"user": "01HZX5TJ4R2QK", "direct_interest": false}]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/assignment")]
pub async fn assign_handlers(call: CaseCall<Assignment>) -> Result<Answer, Problem> {
    call.give(Command::AssignHandlers).await
}
