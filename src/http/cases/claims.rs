//! The petitioner's requests.

use actix_web::post;
use domain::case::Command;
use domain::case::content::NewClaims;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Add claims
///
/// Further requests of the petitioner; the opinion answers each.
#[utoipa::path(operation_id = "add_claims", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = NewClaims, example = json!({"claims": ["支付逾期利息"]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/claims")]
pub async fn add_claims(call: CaseCall<NewClaims>) -> Result<Answer, Problem> {
    call.give(Command::AddClaims).await
}
