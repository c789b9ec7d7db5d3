//! Visits that leaders received, and their instructions.

use chrono::NaiveDate;

use crate::case::Case;
use crate::case::event::{Event, Recorded};
use crate::case::instruction::{InstructionGiven, InstructionRound, InstructionState, VisitReceived};
use crate::deadline::ClockKind;

impl Case {
    /// Before the event's own deadline is added: the clock of a report belongs to the instruction that has none yet.
    pub(super) fn apply_instruction(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        match &recorded.event {
            Event::InstructionGiven { no, instruction } => self.instructions.push(InstructionGiven {
                no: *no,
                state: InstructionState::AwaitingReport,
                instruction: instruction.clone(),
                given_on: on,
                deadline: None,
                rounds: Vec::new(),
                visited_back_on: None,
            }),
            Event::InstructionReported { no, report } => {
                if let Some(given) = self.instruction_mut(*no) {
                    given.state = InstructionState::AwaitingDecision;
                    given.rounds.push(InstructionRound {
                        report: report.clone(),
                        reported_by: recorded.actor.user(),
                        reported_on_behalf_of: recorded.actor.on_behalf_of(),
                        reported_on: on,
                        decision: None,
                        decided_on: None,
                    });
                }
            }
            Event::InstructionDecided { no, decision } => {
                if let Some(given) = self.instruction_mut(*no) {
                    let unreported = given.state == InstructionState::AwaitingReport;
                    given.state = match (decision.accepted, given.instruction.visit_back) {
                        _ if unreported => InstructionState::EndedUnreported,
                        (false, _) => InstructionState::AwaitingReport,
                        (true, true) => InstructionState::AwaitingVisitBack,
                        (true, false) => InstructionState::CarriedOut,
                    };
                    if let Some(round) = given.rounds.last_mut().filter(|_| !unreported) {
                        (round.decision, round.decided_on) = (Some(decision.clone()), Some(on));
                    }
                }
            }
            Event::LeaderVisitReceived(visit) => {
                self.visits.push(VisitReceived { visit: visit.clone(), received_on: on });
            }
            Event::VisitedBack(visit) => self.note_visit_back(visit.visited_on),
            Event::DeadlineStarted(deadline) if deadline.kind == ClockKind::InstructionReport => {
                let waiting = self.unclocked_instruction().map(|given| given.no);
                if let Some(given) = waiting.and_then(|no| self.instruction_mut(no)) {
                    given.deadline = Some(deadline.no);
                }
            }
            _ => {}
        }
    }

    fn instruction_mut(&mut self, no: u16) -> Option<&mut InstructionGiven> {
        self.instructions.iter_mut().find(|given| given.no == no)
    }

    /// A visit ends what was accepted by then.
    fn note_visit_back(&mut self, visited_on: NaiveDate) {
        let waiting = self.instructions.iter_mut().filter(|given| {
            let accepted_on = given.rounds.last().and_then(|round| round.decided_on);
            given.state == InstructionState::AwaitingVisitBack && accepted_on <= Some(visited_on)
        });
        for given in waiting {
            given.state = InstructionState::CarriedOut;
            given.visited_back_on = Some(visited_on);
        }
    }
}
