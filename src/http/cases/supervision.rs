//! Supervision (督办, Art. 39, 40).

use actix_web::{post, web};
use domain::case::Command;
use domain::case::content::{
    Escalation, ProposalDismissal, SuggestionsAnswer, SupervisionOrder, SupervisionReport,
    SupervisionVerdict, SupervisorySuggestions,
};

use super::call::{CaseCall, CasePath, KeyHeader, MatchHeader, number_of};
use super::view::CaseView;
use crate::http::answer::Answer;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;

/// Order supervision
///
/// By a supervisor in whose territory the case lies, of an organ that has or had a part in it: never the supervisor's own, and
/// never by somebody with a part in the handling. The organ reports in writing until the day that is named; there is one open order
/// at a time. What the clocks proposed about the organ is decided with it.
#[utoipa::path(operation_id = "order_supervision", tag = "supervise", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = SupervisionOrder, example = json!({"to": "01HZX5TJ4R2QK", "ground": "delay",
        "facts": "超过办理期限十二日仍未作出处理意见", "rule": "《信访工作条例》第三十四条", "demand": "十日内作出处理意见并书面反馈",
        "way": "letter", "document_no": "市信督〔2026〕3号", "report_due_on": "2026-12-31"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision")]
pub async fn order_supervision(call: CaseCall<SupervisionOrder>) -> Result<Answer, Problem> {
    call.give(Command::OrderSupervision).await
}

/// Order nothing for lapsed clocks
///
/// Each clock that an organ lets pass is proposed for an order. A supervisor issues one, which settles all that was proposed about the
/// organ, or says here of which clocks not, and why: never of their own organ's or one above it, nor with a part in the handling.
#[utoipa::path(operation_id = "dismiss_proposals", tag = "supervise", params(CasePath, KeyHeader, MatchHeader),
    request_body(content = ProposalDismissal, example = json!({"deadlines": [3], "reason": "信访人住院，双方商定延后三日面谈，已答复"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision/dismissal")]
pub async fn dismiss_proposals(call: CaseCall<ProposalDismissal>) -> Result<Answer, Problem> {
    call.give(Command::DismissProposals).await
}

/// Report on the order
///
/// By the head of the supervised organ, or in a petition department by whoever passes its papers on.
#[utoipa::path(operation_id = "report_on_supervision", tag = "supervise", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the order")),
    request_body(content = SupervisionReport, example = json!({"done": "已作出处理意见并送达，责任人已作检讨", "outstanding": "赔偿款月底前支付"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision/{no}/report")]
pub async fn report_on_supervision(
    call: CaseCall<SupervisionReport>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let order = number_of(&path)?;
    call.give(|value| Command::ReportOnSupervision(order, value)).await
}

/// Judge the report
///
/// By a supervisor of the organ that ordered, or of one above it, who had no part in the handling and did not report: the order is
/// closed, or the organ reports again. Where no report can come any more, the order is closed without one, with the reason.
#[utoipa::path(operation_id = "judge_supervision", tag = "supervise", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the order")),
    request_body(content = SupervisionVerdict, example = json!({"accepted": false, "reason": "意见未逐项答复诉求", "report_due_on": "2026-12-31"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision/{no}/verdict")]
pub async fn judge_supervision(
    call: CaseCall<SupervisionVerdict>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let order = number_of(&path)?;
    call.give(|value| Command::JudgeSupervision(order, value)).await
}

/// Escalate the order
///
/// For the joint conference, by its decision: a circulated notice, a summons to talk, listed supervision, each higher than the one
/// before. The organ reports until another day; a report that was late by then stays late.
#[utoipa::path(operation_id = "escalate_supervision", tag = "supervise", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the order")),
    request_body(content = Escalation, example = json!({"step": "summons_to_talk", "reason": "逾期未反馈", "decision_no": "市信联办〔2026〕8号",
        "talk": "约谈局长，要求一周内办结", "report_due_on": "2026-12-31"})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision/{no}/escalation")]
pub async fn escalate_supervision(
    call: CaseCall<Escalation>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let order = number_of(&path)?;
    call.give(|value| Command::EscalateSupervision(order, value)).await
}

/// Make suggestions
///
/// To improve the work, to improve a policy, to hold to account: to the supervised organ or to another, which knows of the case
/// from then on and answers in writing whether it adopts them. One letter at a time waits for its answer.
#[utoipa::path(operation_id = "make_suggestions", tag = "supervise", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the order")),
    request_body(content = SupervisorySuggestions, example = json!({"to": "01HZX5TJ4R2QK", "document_no": "市信建〔2026〕1号",
        "suggestions": [{"kind": "improvement", "facts": "今年同类事项七件超期", "basis": "《信访工作条例》第四十条", "advice": "建立限期办结台账，每周通报"}]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision/{no}/suggestions")]
pub async fn make_suggestions(
    call: CaseCall<SupervisorySuggestions>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let order = number_of(&path)?;
    call.give(|value| Command::MakeSuggestions(order, value)).await
}

/// Answer the suggestions
///
/// By the head of the organ that they were addressed to, or in a petition department by whoever passes its papers on: of each whether it is adopted, and what was done or why it is not.
#[utoipa::path(operation_id = "answer_suggestions", tag = "supervise", params(CasePath, KeyHeader, MatchHeader, ("no" = u16, Path, description = "The number of the order")),
    request_body(content = SuggestionsAnswer, example = json!({"document_no": "县住建函〔2026〕9号",
        "answers": [{"kind": "improvement", "adoption": "adopted", "explanation": "已印发台账办法，自下月执行"}]})),
    responses((status = 200, description = "The case", body = CaseView), CommandProblems))]
#[post("/{id}/supervision/{no}/suggestions/answer")]
pub async fn answer_suggestions(
    call: CaseCall<SuggestionsAnswer>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let order = number_of(&path)?;
    call.give(|value| Command::AnswerSuggestions(order, value)).await
}
