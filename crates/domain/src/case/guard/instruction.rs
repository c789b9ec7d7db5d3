//! Who goes on with a leader's instruction, and when.

use super::supervision::answers_for;
use super::unless;
use crate::access::Duty;
use crate::case::Case;
use crate::case::command::{About, CommandKind};
use crate::case::decide::Context;
use crate::case::instruction::InstructionState;
use crate::refusal::{Refusal, RefusalCode};

/// Refuses while an instruction is not carried out.
pub(super) fn none_is_open(case: &Case) -> Result<(), Refusal> {
    unless(case.open_instructions().next().is_some(), RefusalCode::InstructionOpen, 18)
}

/// Whatever is sent: who goes on with an instruction, and when.
pub(super) fn facts(
    case: &Case,
    command: CommandKind,
    about: About,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let given = match about {
        About::Instruction(no) => case.instruction(no),
        About::Case | About::Measure(_) | About::Order(_) => None,
    };
    let Some(given) = given else {
        return Err(Refusal::under(RefusalCode::NotInstructed, 18));
    };
    let decided = given.state == InstructionState::AwaitingVisitBack || !given.is_open();
    unless(decided, RefusalCode::InstructionDecided, 18)?;
    let reported = given.state == InstructionState::AwaitingDecision;
    if command == CommandKind::ReportOnInstruction {
        unless(reported, RefusalCode::InstructionReported, 18)?;
        let is_leader = context.actor.is_among([given.instruction.leader]);
        unless(is_leader, RefusalCode::AcceptsOwnReport, 18)?;
        return unless(!answers_for(given.instruction.to, context), RefusalCode::NotYours, 18);
    }
    let reporters = given.rounds.last().map(|round| [round.reported_by, round.reported_on_behalf_of]);
    let is_reporter = context.actor.is_among(reporters.into_iter().flatten().flatten());
    unless(is_reporter, RefusalCode::AcceptsOwnReport, 18)?;
    let is_leader = context.actor.user() == Some(given.instruction.leader);
    let staff = context.actor.staff();
    let enters = staff.is_some_and(|it| it.has(Duty::Dispatch) && it.organisation != given.instruction.to);
    unless(!is_leader && !enters, RefusalCode::NotYours, 18)
}
