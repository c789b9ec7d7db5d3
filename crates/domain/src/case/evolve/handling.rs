//! Handling, from the handlers to the opinion.

use crate::case::content::{MediationOutcome, Recusal};
use crate::case::event::{Event, Recorded};
use crate::case::{Case, Draft, Extension, Hearing, IssuedOpinion, Status};
use crate::measure::{Measure, MeasureState};

impl Case {
    pub(super) fn apply_handling(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::HandlersAssigned(assignment) => {
                self.handlers = assignment.handlers.iter().map(|handler| handler.user).collect();
                self.co_organisations.clone_from(&assignment.co_organisations);
                if matches!(self.status, Status::Accepted | Status::ReturnedForRework) {
                    self.status = Status::InHandling;
                }
            }
            Event::Recused(recusal) => self.apply_recusal(recusal),
            Event::ClaimsAdded(added) => self.add_claims(&added.claims),
            Event::FindingsRecorded(findings) => self.apply_findings(findings),
            Event::MediationStarted(mediation) => {
                self.status = Status::Mediating;
                self.mediation = Some(mediation.clone());
            }
            Event::MediationConcluded(outcome) => self.apply_mediation(outcome),
            Event::HearingConvened(notice) => self.hearings.push(Hearing {
                notice: notice.clone(),
                convened_on: recorded.occurred_on,
                outcome: None,
            }),
            Event::HearingConcluded(outcome) => {
                if let Some(hearing) = self.hearings.last_mut() {
                    hearing.outcome = Some(outcome.clone());
                }
            }
            Event::ExtensionRequested(request) => {
                self.extension = Some(Extension {
                    request: request.clone(),
                    proposed_by: recorded.actor.user(),
                    proposed_on_behalf_of: recorded.actor.on_behalf_of(),
                    approved: None,
                });
            }
            Event::ExtensionDecided(decision) => {
                if let Some(extension) = &mut self.extension {
                    extension.approved = Some(decision.approved);
                }
            }
            Event::OpinionDrafted(draft) => {
                self.status = Status::OpinionReview;
                self.draft = Some(Draft {
                    draft: draft.clone(),
                    drafted_by: recorded.actor.user(),
                    drafted_on_behalf_of: recorded.actor.on_behalf_of(),
                    returned: None,
                });
            }
            Event::OpinionReturned(back) => {
                self.status = Status::OpinionDraft;
                if let Some(draft) = &mut self.draft {
                    draft.returned = Some(back.reason.clone());
                    self.returned_drafts.push(draft.clone());
                }
            }
            Event::OpinionIssued(issue) => self.apply_issue(recorded, issue.document_no.to_string()),
            _ => {}
        }
    }

    /// Whoever is recused handles nothing any more, and what they answered for is planned anew unless it is reported.
    fn apply_recusal(&mut self, recusal: &Recusal) {
        self.handlers.retain(|handler| *handler != recusal.user);
        for measure in self.measures.values_mut() {
            let is_open = matches!(measure.state, MeasureState::Planned | MeasureState::SentBack);
            if is_open && measure.owner == Some(recusal.user) {
                *measure = Measure {
                    steps: measure.steps.clone(),
                    verification: measure.verification.clone(),
                    state: MeasureState::Applies,
                    ..Measure::undetermined(measure.kind)
                };
            }
        }
        self.recusals.push(recusal.clone());
    }

    pub(super) fn apply_issue(&mut self, recorded: &Recorded, document_no: String) {
        self.status = Status::OpinionIssued;
        let Some(draft) = self.draft.take() else { return };
        for answer in &draft.draft.answers {
            if let Some(claim) = self.claims.iter_mut().find(|claim| claim.no == answer.claim) {
                claim.answer = Some(answer.clone());
            }
        }
        self.determine_measures();
        self.opinions.push(IssuedOpinion {
            opinion: draft.draft,
            document_no,
            issued_by: self.holder,
            drafted_by: draft.drafted_by,
            drafted_on_behalf_of: draft.drafted_on_behalf_of,
            signed_by: recorded.actor.user(),
            signed_on_behalf_of: recorded.actor.on_behalf_of(),
            issued_on: recorded.occurred_on,
            delivered_on: None,
            set_aside: false,
        });
    }

    pub(super) fn apply_mediation(&mut self, outcome: &MediationOutcome) {
        self.status = Status::InHandling;
        let Some(agreement) = &outcome.agreement else { return };
        for claim in &mut self.claims {
            claim.settled |= agreement.claims.contains(&claim.no);
        }
        self.agreements.push(agreement.clone());
        if self.claims.iter().all(|claim| claim.settled) {
            self.status = Status::Executing;
        }
        self.determine_measures();
    }
}
