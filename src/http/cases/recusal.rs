//! Who has a direct interest has nothing more to do with the case.

use actix_web::post;
use domain::case::Command;
use domain::case::content::Recusal;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Recuse somebody
///
/// Whoever has a direct interest says so themselves; of others the head of the organ, the reviewing organ or a supervisor says
/// so (Art. 28). From then on every command is refused to them, also in a colleague's place; as a handler they are out, and what
/// they answered for and have not reported is planned anew.
#[utoipa::path(operation_id = "recuse", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Recusal, example = json!({"user": "01HZX5TJ4R2QK", "reason": "与信访人是近亲属"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/recusal")]
pub async fn recuse(call: CaseCall<Recusal>) -> Result<Answer, Problem> {
    call.give(Command::Recuse).await
}
