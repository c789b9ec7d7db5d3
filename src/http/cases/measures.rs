//! The four obligations of Art. 27, from plan to verification.

use actix_web::{post, web};
use domain::case::Command;
use domain::case::content::Reason;
use domain::measure::{InPlaceReport, MeasureKind, MeasurePlan, MeasureStep, Verification};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::http::problem::kinds::NOT_FOUND;

/// Plan a measure
///
/// Owner, plan and due date.
#[utoipa::path(operation_id = "plan_measure", tag = "put in place", params(CasePath, KeyHeader, MatchHeader, ("kind" = MeasureKind, Path, description = "The obligation")),
    request_body(content = MeasurePlan, example = json!({"owner": "01HZX5TJ4R2QK", "plan": "督促公司支付工资", "due_on": "2026-12-31"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/measures/{kind}/plan")]
pub async fn plan_measure(
    call: CaseCall<MeasurePlan>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let kind = kind_of(&path)?;
    call.give(|value| Command::PlanMeasure(kind, value)).await
}

/// Record a step
///
/// By the owner.
#[utoipa::path(operation_id = "add_measure_step", tag = "put in place", params(CasePath, KeyHeader, MatchHeader, ("kind" = MeasureKind, Path, description = "The obligation")),
    request_body(content = MeasureStep, example = json!({"done_on": "2026-03-03", "what": "约谈公司负责人"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/measures/{kind}/steps")]
pub async fn add_measure_step(
    call: CaseCall<MeasureStep>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let kind = kind_of(&path)?;
    call.give(|value| Command::AddMeasureStep(kind, value)).await
}

/// Report in place
///
/// By the owner, with the evidence that the measure needs; `evidence.kind` equals the kind of the path.
#[utoipa::path(operation_id = "report_in_place", tag = "put in place", params(CasePath, KeyHeader, MatchHeader, ("kind" = MeasureKind, Path, description = "The obligation")),
    request_body(content = InPlaceReport, example = json!({"summary": "工资已全部支付", "evidence": {"kind": "resolve", "actions": [{"claim": 1, "proof": "payment_voucher", "reference": "转账凭证 20260303-1", "done_on": "2026-03-03"}], "petitioner_receipt": "signed"}})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/measures/{kind}/in-place")]
pub async fn report_in_place(
    call: CaseCall<InPlaceReport>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let kind = kind_of(&path)?;
    call.give(|value| Command::ReportInPlace(kind, value)).await
}

/// Verify a measure
///
/// Or a finding that it does not apply; by somebody who is neither its owner nor of the owner's unit. `passed: false` sends it back.
#[utoipa::path(operation_id = "verify_measure", tag = "put in place", params(CasePath, KeyHeader, MatchHeader, ("kind" = MeasureKind, Path, description = "The obligation")),
    request_body(content = Verification, example = json!({"passed": true, "remark": "凭证属实，已电话核实"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/measures/{kind}/verification")]
pub async fn verify_measure(
    call: CaseCall<Verification>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let kind = kind_of(&path)?;
    call.give(|value| Command::VerifyMeasure(kind, value)).await
}

/// Find a measure not applicable
///
/// With the reason; a reviewer confirms it with `verification`.
#[utoipa::path(operation_id = "find_not_applicable", tag = "put in place", params(CasePath, KeyHeader, MatchHeader, ("kind" = MeasureKind, Path, description = "The obligation")),
    request_body(content = Reason, example = json!({"reason": "经核查无生活困难"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/measures/{kind}/not-applicable")]
pub async fn find_not_applicable(
    call: CaseCall<Reason>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let kind = kind_of(&path)?;
    call.give(|value| Command::FindNotApplicable(kind, value)).await
}

/// The measure that the path names.
fn kind_of(path: &web::Path<(String, String)>) -> Result<MeasureKind, Problem> {
    path.1.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))
}
