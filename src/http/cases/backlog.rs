//! Backlog cases (信访积案): listed, reported on, inspected, struck off.

use actix_web::post;
use domain::case::Command;
use domain::case::content::{BacklogInspection, BacklogListing, BacklogReport, BacklogStrikeOff};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// List as backlog
///
/// The configured rules propose (`GET /cases?backlog_ground=`), people list: with the batch and its number, the root cause, the plan
/// and the organ that answers for it, which reports each month from then on. Every ground that is named must hold; the joint
/// conference lists by its own decision.
#[utoipa::path(operation_id = "list_as_backlog", tag = "backlog", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = BacklogListing, example = json!({"batch": "2026年第一批", "list_no": "17", "grounds": ["age", "repeats"],
        "root_cause": "征收时面积测绘有误，补偿标准其后提高", "plan": "重新测绘，按当时标准补差，困难部分救助", "organ": "01HZX5TJ4R2QK", "target_on": "2027-06-30"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/backlog")]
pub async fn list_as_backlog(call: CaseCall<BacklogListing>) -> Result<Answer, Problem> {
    call.give(Command::ListAsBacklog).await
}

/// Report on the backlog case
///
/// By the head of the responsible organ, or in a petition department by whoever passes its papers on. `continued_watching` never counts as resolved: only a report of `resolved` asks for the
/// inspection.
#[utoipa::path(operation_id = "report_on_backlog", tag = "backlog", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = BacklogReport, example = json!({"progress": "unresolved", "done": "已重新测绘，差额正在核算", "ways": ["dialogue", "case_review"]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/backlog/reports")]
pub async fn report_on_backlog(call: CaseCall<BacklogReport>) -> Result<Answer, Problem> {
    call.give(Command::ReportOnBacklog).await
}

/// Inspect the backlog case
///
/// On site, by somebody of another organ who had no part in the handling. It passes only as the case itself shows: the matter resolved
/// and the petitioner content, or withdrawn; an agreement on its end; the end by law with a hearing held and explanation and help in
/// place; or that it left for another procedure, was answered directly or filed. Somebody above the inspector must be there to strike it off.
#[utoipa::path(operation_id = "inspect_backlog", tag = "backlog", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = BacklogInspection, example = json!({"passed": true, "inspected_on": "2026-11-20", "place": "青石乡青石村",
        "findings": "差额已到账，信访人当面确认", "resolution": "petition_ceased"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/backlog/inspections")]
pub async fn inspect_backlog(call: CaseCall<BacklogInspection>) -> Result<Answer, Problem> {
    call.give(Command::InspectBacklog).await
}

/// Strike the backlog case off
///
/// By the level above the inspector's, when the configured time without a repeat is over and the case still stands as it was inspected;
/// `agreed: false` sends it back at once, and the organ reports again. A repeat before or after that makes it `relapsed`.
#[utoipa::path(operation_id = "strike_off_backlog", tag = "backlog", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = BacklogStrikeOff, example = json!({"agreed": true, "decision_no": "市信联办〔2027〕5号", "reason": "半年内未再信访"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/backlog/strike-off")]
pub async fn strike_off_backlog(call: CaseCall<BacklogStrikeOff>) -> Result<Answer, Problem> {
    call.give(Command::StrikeOffBacklog).await
}
