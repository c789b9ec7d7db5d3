//! A leader's instruction: given, reported on, accepted or returned.

use chrono::NaiveDate;

use super::charge::{expect_leader, may_name};
use super::story::Story;
use super::supervision::expect_staffed_by;
use crate::case::Event;
use crate::case::content::{Instruction, InstructionDecision, InstructionReport};
use crate::case::instruction::InstructionState;
use crate::refusal::{FieldCode, FieldErrors, Refusal};

pub(super) fn give(story: &mut Story<'_>, instruction: &Instruction) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    expect_leader(story, &mut errors, "/leader", instruction.leader);
    errors.expect(may_name(story, instruction.leader), "/leader", FieldCode::NotYourInstruction);
    // Whoever instructs does not report on it.
    let free = |user| user != instruction.leader && !story.case.has_interest(user);
    expect_staffed_by(story, &mut errors, "/to", instruction.to, free);
    errors.expect(!is_above_leader(story, instruction), "/to", FieldCode::OfAHigherLevel);
    errors.expect(may_be_instructed(story, instruction), "/to", FieldCode::NoPartInTheCase);
    let visited = instruction.visit_back && story.case.filing.anonymous;
    errors.expect(!visited, "/visit_back", FieldCode::AnonymousMismatch);
    expect_limit(story, &mut errors, instruction.report_due_on);
    errors.finish()?;
    let no = u16::try_from(story.case.instructions.len() + 1).unwrap_or(u16::MAX);
    story.written_due_on = Some(instruction.report_due_on);
    story.happen(Event::InstructionGiven { no, instruction: instruction.clone() });
    Ok(())
}

#[expect(clippy::unnecessary_wraps, reason = "every command's function has one shape")]
pub(super) fn report(story: &mut Story<'_>, no: u16, report: &InstructionReport) -> Result<(), Refusal> {
    story.clock_concerned = story.case.instruction(no).and_then(|given| given.deadline);
    story.happen(Event::InstructionReported { no, report: report.clone() });
    Ok(())
}

pub(super) fn decide(story: &mut Story<'_>, no: u16, decision: &InstructionDecision) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    let given = story.case.instruction(no);
    let reported = given.is_some_and(|given| given.state == InstructionState::AwaitingDecision);
    errors.expect(decision.accepted || reported, "/accepted", FieldCode::NothingReported);
    let code = if decision.accepted { FieldCode::NotExpected } else { FieldCode::Required };
    errors.expect(decision.accepted == decision.report_due_on.is_none(), "/report_due_on", code);
    if let Some(due) = decision.report_due_on {
        expect_limit(story, &mut errors, due);
    }
    errors.finish()?;
    story.written_due_on = decision.report_due_on;
    story.clock_concerned = story.case.instruction(no).and_then(|given| given.deadline);
    story.happen(Event::InstructionDecided { no, decision: decision.clone() });
    Ok(())
}

/// An organ with a part in the case, or of the place that the leader works for.
fn may_be_instructed(story: &Story<'_>, instruction: &Instruction) -> bool {
    let directory = story.context.directory;
    let has_part = story.case.organisations().any(|organ| organ == instruction.to);
    let territory = directory.staff(instruction.leader).and_then(|leader| leader.territory.as_ref());
    let place = directory.organisation(instruction.to).map(|organ| &organ.region);
    has_part || territory.zip(place).is_some_and(|(territory, place)| territory.contains(place))
}

fn is_above_leader(story: &Story<'_>, instruction: &Instruction) -> bool {
    let directory = story.context.directory;
    let level = |organ| directory.organisation(organ).map(|organ| organ.level);
    let own = directory.staff(instruction.leader).and_then(|leader| level(leader.organisation));
    level(instruction.to).zip(own).is_some_and(|(level, own)| level < own)
}

pub(super) fn expect_limit(story: &Story<'_>, errors: &mut FieldErrors, due: NaiveDate) {
    errors.expect_ahead("/report_due_on", due, story.context.today, 366);
}
