//! Mediation and settlement.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{Mediation, MediationOutcome};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Start a mediation
///
/// With the consent of both sides (Art. 33).
#[utoipa::path(operation_id = "start_mediation", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Mediation, example = json!({"mediator": "县人民调解委员会", "other_party": "某建筑公司", "petitioner_consents": true, "other_party_consents": true})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/mediation")]
pub async fn start_mediation(call: CaseCall<Mediation>) -> Result<Answer, Problem> {
    call.give(Command::StartMediation).await
}

/// Conclude a mediation
///
/// With the agreement, or without one; an agreement on every claim leads to its performance.
#[utoipa::path(operation_id = "conclude_mediation", tag = "handle", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = MediationOutcome, example = json!({"agreement": {"kind": "mediation", "claims": [1], "terms": "公司于3月31日前支付36000元", "signed_on": "2026-03-02", "perform_by": "2026-03-31"}, "remark": "双方自愿达成协议"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/mediation/outcome")]
pub async fn conclude_mediation(call: CaseCall<MediationOutcome>) -> Result<Answer, Problem> {
    call.give(Command::ConcludeMediation).await
}
