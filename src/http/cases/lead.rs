//! Leaders in charge (包案, Art. 18).

use actix_web::post;
use domain::case::Command;
use domain::case::content::{Charge, ChargeHandover, ChargeReport};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Take the case in charge
///
/// A leading cadre who may know of the case answers for it with the four commitments (四包), a plan and a target; the petition
/// department can enter whom the office put in charge. From then on a report is due each month until the case is closed. Whoever is
/// in charge may know of the case and reach the petitioner, and neither verifies nor reviews it (Art. 28).
#[utoipa::path(operation_id = "take_charge", tag = "lead", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Charge, example = json!({"leader": "01HZX5TJ4R2QK",
        "commitments": ["know", "explain", "resolve", "end"], "plan": "每周约谈一次，协调住建部门年底前化解", "target_on": "2026-12-31"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/lead")]
pub async fn take_charge(call: CaseCall<Charge>) -> Result<Answer, Problem> {
    call.give(Command::TakeCharge).await
}

/// Report as the leader in charge
///
/// How far the case has come, which of the commitments are kept, and another target where the plan no longer holds. The next report
/// is due a month later.
#[utoipa::path(operation_id = "report_charge", tag = "lead", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ChargeReport, example = json!({"progress": "已与信访人见面两次，补偿方案报县政府审定", "kept": ["know", "explain"]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/lead/reports")]
pub async fn report_charge(call: CaseCall<ChargeReport>) -> Result<Answer, Problem> {
    call.give(Command::ReportCharge).await
}

/// Hand the charge over
///
/// To another leading cadre of the same organ who may know of the case, or by the petition department to one of another organ, with what
/// is still open and what the petitioner has been promised. A report that is late by then stays late.
#[utoipa::path(operation_id = "hand_charge_over", tag = "lead", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ChargeHandover, example = json!({"to": "01HZX5TJ4R2QK", "reason": "工作调整", "open_matters": "已承诺月底前答复补偿方案"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/lead/handover")]
pub async fn hand_charge_over(call: CaseCall<ChargeHandover>) -> Result<Answer, Problem> {
    call.give(Command::HandOverCharge).await
}
