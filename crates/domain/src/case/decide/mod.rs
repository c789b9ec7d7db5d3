//! What a command makes happen: checked, then told as events. Pure: time, calendar, directory and rules
//! come in as arguments.

mod backlog;
mod charge;
mod clocks;
mod ending;
mod filing;
mod handling;
mod instruction;
mod intake;
mod measures;
mod review;
mod story;
mod supervision;
mod visit;

use chrono::{DateTime, NaiveDate, Utc};

pub use self::filing::{decide_filing, decide_import};
use self::story::Story;
use super::command::Command;
use super::event::Recorded;
use super::guard::check;
use super::{Case, Status};
use crate::access::Actor;
use crate::deadline::{Calendar, Rules};
use crate::organisation::Directory;
use crate::refusal::{FieldErrors, Refusal};

/// Where the earlier case of the same matter stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    pub status: Status,
    pub terminated: bool,
}

/// What a decision may know besides the case and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// When it happens, UTC: server receipt, or the historical time in an import.
    pub now: DateTime<Utc>,
    /// The office's legal day of `now`.
    pub today: NaiveDate,
    /// The server's clock, UTC; differs from `now` in an import only.
    pub recorded_at: DateTime<Utc>,
    pub actor: &'a Actor,
    pub directory: &'a Directory,
    pub calendar: &'a Calendar,
    pub rules: &'a Rules,
    /// The earlier case of the same matter, where a person has confirmed one.
    pub earlier: Option<Earlier>,
}

impl Context<'_> {
    /// Notes a date that is not between the founding and today.
    fn expect_past(&self, errors: &mut FieldErrors, pointer: &str, date: NaiveDate) {
        errors.expect_past(pointer, date, self.today);
    }
}

/// Decides on a command: the events that it makes happen, or why it is refused.
///
/// # Errors
/// The first reason of track, state, right and facts that does not hold, or every field that is wrong.
pub fn decide(case: &Case, command: &Command, context: &Context<'_>) -> Result<Vec<Recorded>, Refusal> {
    check(case, command.kind(), command.about(), context)?;
    let mut story = Story::continuing(case, context);
    perform(&mut story, command)?;
    story.run_clocks(command.kind(), case.status);
    Ok(story.into_events())
}

fn perform(story: &mut Story<'_>, command: &Command) -> Result<(), Refusal> {
    match command {
        Command::ConfirmRepeat(check) => intake::confirm_repeat(story, check),
        Command::Dispatch(dispatch) => intake::dispatch(story, dispatch),
        Command::Object(objection) => intake::object(story, objection),
        Command::DecideObjection(decision) => intake::decide_objection(story, decision),
        Command::DirectReply(reply) => intake::reply_directly(story, reply),
        Command::FileOnly(reason) => intake::file_only(story, reason),
        Command::DecideAcceptance(decision) => intake::decide_acceptance(story, decision),
        Command::NoteRepeat(case) => ending::note_repeat(story, *case),
        Command::AcknowledgeReceipt(receipt) => intake::acknowledge(story, receipt),
        Command::RecordOutcome(result) => intake::record_outcome(story, result),
        Command::AssignHandlers(assignment) => handling::assign(story, assignment),
        Command::Recuse(recusal) => handling::recuse(story, recusal),
        Command::AddClaims(added) => handling::add_claims(story, added),
        Command::RecordFindings(findings) => handling::record_findings(story, findings),
        Command::StartMediation(mediation) => handling::start_mediation(story, mediation),
        Command::ConcludeMediation(outcome) => handling::conclude_mediation(story, outcome),
        Command::ConveneHearing(notice) => handling::convene_hearing(story, notice),
        Command::ConcludeHearing(outcome) => handling::conclude_hearing(story, outcome),
        Command::RequestExtension(request) => handling::request_extension(story, request),
        Command::DecideExtension(decision) => handling::decide_extension(story, decision),
        Command::DraftOpinion(draft) => handling::draft_opinion(story, draft),
        Command::ReturnOpinion(back) => handling::return_opinion(story, back),
        Command::IssueOpinion(issue) => handling::issue_opinion(story, issue),
        Command::Deliver(delivery) => review::deliver(story, delivery),
        Command::PlanMeasure(kind, plan) => measures::plan(story, *kind, plan),
        Command::AddMeasureStep(kind, step) => measures::add_step(story, *kind, step),
        Command::ReportInPlace(kind, report) => measures::report(story, *kind, report),
        Command::VerifyMeasure(kind, verdict) => measures::verify(story, *kind, verdict),
        Command::FindNotApplicable(kind, reason) => measures::find_not_applicable(story, *kind, reason),
        Command::RequestReview(stage, request) => review::request(story, *stage, request),
        Command::DecideAdmission(stage, admission) => review::admit(story, *stage, admission),
        Command::DecideReview(stage, decision) => review::decide_review(story, *stage, decision),
        Command::VisitBack(visit) => ending::visit_back(story, visit),
        Command::Evaluate(evaluation) => ending::evaluate(story, evaluation),
        Command::RecordPledge(pledge) => ending::record_pledge(story, pledge),
        Command::Close(report) => ending::close(story, report),
        Command::Withdraw(withdrawal) => ending::withdraw(story, withdrawal),
        Command::Reopen(reopening) => ending::reopen(story, reopening),
        Command::Archive(archiving) => ending::archive(story, archiving),
        Command::ConcludeStudy(conclusion) => ending::conclude_study(story, conclusion),
        Command::ReplyToSuggestion(reply) => ending::reply_to_suggestion(story, reply),
        Command::RewardSuggestion(reward) => ending::reward(story, reward),
        Command::RecordAftercare(given) => ending::record_aftercare(story, given),
        Command::TakeCharge(taken) => charge::take(story, taken),
        Command::ReportCharge(report) => charge::report(story, report),
        Command::HandOverCharge(handover) => charge::hand_over(story, handover),
        Command::ListAsBacklog(listing) => backlog::list(story, listing),
        Command::ReportOnBacklog(report) => backlog::report(story, report),
        Command::InspectBacklog(inspection) => backlog::inspect(story, inspection),
        Command::StrikeOffBacklog(decision) => backlog::strike_off(story, decision),
        Command::GiveInstruction(given) => instruction::give(story, given),
        Command::ReportOnInstruction(no, report) => instruction::report(story, *no, report),
        Command::DecideInstruction(no, decision) => instruction::decide(story, *no, decision),
        Command::ReceiveVisit(received) => visit::receive(story, received),
        Command::OrderSupervision(order) => supervision::order(story, order),
        Command::ReportOnSupervision(order, report) => supervision::report(story, *order, report),
        Command::JudgeSupervision(order, verdict) => supervision::judge(story, *order, verdict),
        Command::EscalateSupervision(order, step) => supervision::escalate(story, *order, step),
        Command::MakeSuggestions(order, made) => supervision::suggest(story, *order, made),
        Command::AnswerSuggestions(order, answer) => supervision::answer(story, *order, answer),
        Command::DismissProposals(dismissal) => supervision::dismiss(story, dismissal),
        Command::Sweep => clocks::sweep(story),
        Command::Recompute(reason) => clocks::recompute(story, reason),
        Command::Erase(erasure) => ending::erase(story, erasure),
    }
}
