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
/// Whoever has a direct interest says so themselves; of those who handle the head of the organ or a supervisor says so, of the leader in charge a supervisor, of reviewers
/// somebody of the reviewing organ (Art. 28). From then on every command is refused to them, also in a colleague's place, and an
/// accusation is not shown to them; as a handler or as the leader in charge they are out, what they answered for and have not reported is planned anew, and
/// their draft is not signed. It is not taken back: where nobody else has the duty, a security administrator charges somebody.
#[utoipa::path(operation_id = "recuse", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Recusal, example = json!({"user": "01HZX5TJ4R2QK", "reason": "与信访人是近亲属"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/recusal")]
pub async fn recuse(call: CaseCall<Recusal>) -> Result<Answer, Problem> {
    call.give(Command::Recuse).await
}
