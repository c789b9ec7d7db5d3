//! Leaders' instructions on a case (领导批示).

use actix_web::{post, web};
use domain::case::Command;
use domain::case::content::{Instruction, InstructionDecision, InstructionReport};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader, number_of};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Give an instruction
///
/// A leading cadre who may know of the case says what is to be done, which organ answers for it, and until when it reports; the
/// petition department can enter a leader's paper. The organ has a part in the case or is of the leader's territory, and knows of the
/// case from then on. Several instructions may be open at once.
#[utoipa::path(operation_id = "give_instruction", tag = "lead", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = Instruction, example = json!({"leader": "01HZX5TJ4R2QK", "text": "请住建局牵头，十日内现场解决并报我",
        "to": "01HZX5TJ4R2QM", "report_due_on": "2026-12-31", "visit_back": true})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/instructions")]
pub async fn give_instruction(call: CaseCall<Instruction>) -> Result<Answer, Problem> {
    call.give(Command::GiveInstruction).await
}

/// Report on the instruction
///
/// By the head of the responsible organ, or in a petition department by whoever passes its papers on.
#[utoipa::path(operation_id = "report_on_instruction", tag = "lead", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the instruction")),
    request_body(content = InstructionReport, example = json!({"result": "已现场解决，信访人签字认可"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/instructions/{no}/report")]
pub async fn report_on_instruction(
    call: CaseCall<InstructionReport>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let no = number_of(&path)?;
    call.give(|value| Command::ReportOnInstruction(no, value)).await
}

/// Accept or return the report
///
/// By the leader, or the petition department for them; never by whoever reported. Where no report can come any more,
/// `accepted: true` ends the instruction, with the reason. After an accepted report the petitioner is visited,
/// where the leader wants that: the instruction is carried out with the next `visit-backs` from then on.
#[utoipa::path(operation_id = "decide_instruction", tag = "lead", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the instruction")),
    request_body(content = InstructionDecision, example = json!({"accepted": false, "reason": "没有说清责任", "report_due_on": "2026-12-31"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/instructions/{no}/decision")]
pub async fn decide_instruction(
    call: CaseCall<InstructionDecision>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let no = number_of(&path)?;
    call.give(|value| Command::DecideInstruction(no, value)).await
}
