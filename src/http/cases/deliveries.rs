//! Proof that a document was handed over.

use actix_web::post;
use domain::case::Command;
use domain::case::content::Delivery;

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Record a delivery
///
/// With its proof: the petitioner's time to ask for review runs from receipt (Art. 35, 36).
#[utoipa::path(operation_id = "record_delivery", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Delivery, example = json!({"document": "handling_opinion", "way": "in_person", "delivered_on": "2026-03-02", "recipient": "张三", "signed": true})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/deliveries")]
pub async fn record_delivery(call: CaseCall<Delivery>) -> Result<Answer, Problem> {
    call.give(Command::Deliver).await
}
