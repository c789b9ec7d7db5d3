//! Supervision.

use crate::case::Case;
use crate::case::content::SupervisionVerdict;
use crate::case::event::{Event, Recorded};
use crate::case::supervision::{
    EscalationMade, OrderState, SuggestionsMade, Supervision, SupervisionProposal, SupervisionRound,
};
use crate::deadline::{Alarm, ClockKind};

impl Case {
    pub(super) fn apply_supervision(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        match &recorded.event {
            Event::SupervisionProposed { deadline: no, organisation } => {
                let Some(deadline) = self.deadlines.iter().find(|deadline| deadline.no == *no) else {
                    return;
                };
                let (organisation, clock) = (*organisation, deadline.kind);
                let proposal = SupervisionProposal { organisation, deadline: *no, clock, proposed_on: on };
                self.supervision_proposals.push(proposal);
            }
            Event::ProposalsDismissed(dismissal) => {
                self.supervision_proposals.retain(|it| !dismissal.deadlines.contains(&it.deadline));
            }
            // Under the new dates nobody has let the clock pass.
            Event::DeadlineRecomputed { no, told, .. } if *told < Some(Alarm::Overdue) => {
                self.supervision_proposals.retain(|it| it.deadline != *no);
            }
            Event::SupervisionOrdered { no, order } => {
                self.supervision_proposals.retain(|it| it.organisation != order.to);
                self.supervisions.push(Supervision {
                    no: *no,
                    state: OrderState::AwaitingReport,
                    order: order.clone(),
                    ordered_by: recorded.actor.organisation(),
                    ordered_on: on,
                    rounds: Vec::new(),
                    escalations: Vec::new(),
                    suggestions: Vec::new(),
                });
            }
            _ => self.apply_to_supervision(recorded),
        }
    }

    fn apply_to_supervision(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        let no = match &recorded.event {
            Event::SupervisionReported { no, .. }
            | Event::SupervisionJudged { no, .. }
            | Event::SupervisionEscalated { no, .. }
            | Event::SuggestionsMade { no, .. }
            | Event::SuggestionsAnswered { no, .. } => *no,
            _ => return,
        };
        let Some(supervision) = self.supervisions.iter_mut().find(|it| it.no == no) else { return };
        match &recorded.event {
            Event::SupervisionReported { report, .. } => {
                supervision.state = OrderState::AwaitingVerdict;
                supervision.rounds.push(SupervisionRound {
                    report: report.clone(),
                    reported_by: recorded.actor.user(),
                    reported_on: on,
                    verdict: None,
                    judged_on: None,
                });
            }
            Event::SupervisionJudged { verdict, .. } => {
                supervision.state = state_after(verdict);
                if let Some(round) = supervision.rounds.last_mut() {
                    (round.verdict, round.judged_on) = (Some(verdict.clone()), Some(on));
                }
                // Whoever judges knows how late the report came.
                let organ = supervision.order.to;
                let is_of_the_report = |it: &SupervisionProposal| {
                    it.organisation == organ && it.clock == ClockKind::SupervisionReport
                };
                self.supervision_proposals.retain(|it| !is_of_the_report(it));
            }
            Event::SupervisionEscalated { escalation, .. } => {
                supervision.state = OrderState::AwaitingReport;
                supervision.escalations.push(EscalationMade { escalation: escalation.clone(), on });
                // What the clock said of the organ has been acted upon.
                let organ = supervision.order.to;
                self.supervision_proposals.retain(|it| it.organisation != organ);
            }
            Event::SuggestionsMade { suggestions, .. } => supervision.suggestions.push(SuggestionsMade {
                suggestions: suggestions.clone(),
                on,
                answer: None,
                answered_on: None,
            }),
            Event::SuggestionsAnswered { answer, .. } => {
                if let Some(made) = supervision.suggestions.iter_mut().find(|made| made.answer.is_none()) {
                    (made.answer, made.answered_on) = (Some(answer.clone()), Some(on));
                }
            }
            _ => {}
        }
    }
}

const fn state_after(verdict: &SupervisionVerdict) -> OrderState {
    if verdict.accepted { OrderState::Closed } else { OrderState::AwaitingReport }
}
