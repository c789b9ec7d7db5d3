//! What each event changes. No rule is checked here: what is in the journal has happened. One file a stage.

mod backlog;
mod charge;
mod deadlines;
mod ending;
mod handling;
mod instruction;
mod intake;
mod measures;
mod review;
mod supervision;

use super::event::{Event, Recorded};
use super::{Case, Resolution, Status, Track};
use crate::id::CaseId;
use crate::measure::{Measure, MeasureKind};
use std::collections::BTreeSet;
use strum::VariantArray;

/// A journal that does not make a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No event at all.
    #[error("the journal of the case is empty")]
    Empty,
    /// The first event is not the filing.
    #[error("the journal of the case does not begin with its filing")]
    NotFiledFirst,
}

/// Folds a journal into its case.
///
/// # Errors
/// The journal is empty or does not begin with the filing.
pub fn fold<'a>(id: CaseId, events: impl IntoIterator<Item = &'a Recorded>) -> Result<Case, Unreadable> {
    let mut events = events.into_iter();
    let mut case = Case::filed(id, events.next().ok_or(Unreadable::Empty)?)?;
    for event in events {
        case.apply(event);
    }
    Ok(case)
}

impl Case {
    fn filed(id: CaseId, first: &Recorded) -> Result<Self, Unreadable> {
        let Event::Filed(filing) = &first.event else { return Err(Unreadable::NotFiledFirst) };
        let track = filing.purpose.track();
        let mut case = Self {
            id,
            version: first.seq,
            status: if filing.direct && track != Track::Accusation {
                Status::PendingAcceptance
            } else {
                Status::Registered
            },
            track,
            filing: (**filing).clone(),
            registered_by: first.actor.principal(),
            filed_at: first.occurred_at,
            filed_on: first.occurred_on,
            holder: filing.received_by,
            repeat_check: None,
            repeated_by: Vec::new(),
            dispatches: Vec::new(),
            objection: None,
            simple_procedure: false,
            acceptance: None,
            accepted_on: None,
            disposal: None,
            handlers: Vec::new(),
            recusals: Vec::new(),
            took_part: BTreeSet::new(),
            answerable: BTreeSet::new(),
            returned_drafts: Vec::new(),
            co_organisations: Vec::new(),
            claims: Vec::new(),
            hardship: None,
            conduct: None,
            measures: MeasureKind::VARIANTS
                .iter()
                .map(|kind| (*kind, Measure::undetermined(*kind)))
                .collect(),
            mediation: None,
            agreements: Vec::new(),
            hearings: Vec::new(),
            extension: None,
            draft: None,
            opinions: Vec::new(),
            deliveries: Vec::new(),
            reviews: Vec::new(),
            visit_backs: Vec::new(),
            evaluation: None,
            pledge: None,
            closing_report: None,
            closed_on: None,
            terminated_on: None,
            reopenings: Vec::new(),
            archiving: None,
            archived_on: None,
            erasure: None,
            erased_on: None,
            study: None,
            suggestion_reply: None,
            reward: None,
            receipt_no: None,
            outcome: None,
            aftercare: Vec::new(),
            aftercare_due: Vec::new(),
            earlier_reply: None,
            resolution: Resolution::default(),
            in_charge: None,
            backlog: Vec::new(),
            instructions: Vec::new(),
            visits: Vec::new(),
            supervision_proposals: Vec::new(),
            supervisions: Vec::new(),
            deadlines: Vec::new(),
        };
        case.add_claims(&filing.stated_claims);
        Ok(case)
    }

    /// The case after further events.
    #[must_use]
    pub fn advanced(&self, events: &[Recorded]) -> Self {
        let mut case = self.clone();
        for event in events {
            case.apply(event);
        }
        case
    }

    /// Applies one event.
    pub(super) fn apply(&mut self, recorded: &Recorded) {
        self.version = recorded.seq;
        self.note_part(recorded);
        self.note_answerable(recorded);
        self.apply_intake(recorded);
        self.apply_handling(recorded);
        self.apply_measure(recorded);
        self.apply_review(recorded);
        self.apply_ending(recorded);
        self.apply_charge(recorded);
        self.apply_backlog(recorded);
        self.apply_instruction(recorded);
        self.apply_supervision(recorded);
        self.apply_deadline(&recorded.event);
    }

    fn note_answerable(&mut self, recorded: &Recorded) {
        let decides = matches!(
            recorded.event,
            Event::Accepted(_)
                | Event::Declined(_)
                | Event::NoLongerAccepted(_)
                | Event::RoutedOut(_)
                | Event::ExtensionDecided(_)
                | Event::AdmissionDecided { .. }
                | Event::ReviewDecided { .. }
                | Event::SupervisionReported { .. }
                | Event::SuggestionsAnswered { .. }
                | Event::InstructionReported { .. }
                | Event::BacklogReported(_)
        );
        if decides {
            self.answerable
                .extend([recorded.actor.user(), recorded.actor.on_behalf_of()].into_iter().flatten());
        }
    }

    fn note_part(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::HandlersAssigned(assignment) => {
                self.took_part.extend(assignment.handlers.iter().map(|handler| handler.user));
            }
            Event::MeasurePlanned { plan, .. } => {
                self.took_part.insert(plan.owner);
            }
            Event::ChargeTaken(charge) => {
                self.took_part.insert(charge.leader);
            }
            Event::ChargeHandedOver(handover) => {
                self.took_part.insert(handover.to);
            }
            Event::InstructionGiven { instruction, .. } => {
                self.took_part.insert(instruction.leader);
            }
            Event::LeaderVisitReceived(visit) => {
                self.took_part.insert(visit.leader);
            }
            Event::OpinionDrafted(_) | Event::OpinionReturned(_) | Event::OpinionIssued(_) => {
                self.took_part.extend(recorded.actor.principal());
            }
            _ => {}
        }
        // Whoever did it in the place of somebody who has a part has that part too.
        if recorded.actor.on_behalf_of().is_some_and(|principal| self.took_part.contains(&principal)) {
            self.took_part.extend(recorded.actor.user());
        }
    }
}
