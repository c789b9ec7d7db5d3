//! Delivery, review and re-review, and beginning again.

use crate::case::content::{AftercareKind, ClaimAnswer, ClaimResult, DocumentKind, ReviewOutcome};
use crate::case::event::{Event, Recorded};
use crate::case::{Case, Review, Status};
use crate::measure::{Measure, MeasureKind, Reasonableness};
use crate::organisation::ReviewStage;
use chrono::NaiveDate;
use strum::VariantArray;

impl Case {
    pub(super) fn apply_review(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        match &recorded.event {
            Event::Delivered(delivery) => {
                self.deliveries.push(delivery.clone());
                self.apply_delivery(delivery.document, delivery.delivered_on);
            }
            Event::ReviewRequested { stage, organ, request } => {
                self.reviews.push(Review {
                    stage: *stage,
                    organ: *organ,
                    opinion_no: self.opinions.len(),
                    requested_on: on,
                    request: request.clone(),
                    from: self.status,
                    admission: None,
                    decision: None,
                    decided_by: None,
                    decided_on_behalf_of: None,
                    decided_on: None,
                    delivered_on: None,
                });
                self.status = match stage {
                    ReviewStage::Review => Status::Reviewing,
                    ReviewStage::ReReview => Status::ReReviewing,
                };
            }
            Event::AdmissionDecided { admission, .. } => {
                let Some(review) = self.reviews.last_mut() else { return };
                review.admission = Some(admission.clone());
                if !admission.admitted {
                    self.status = review.from;
                }
            }
            Event::ReviewDecided { stage, decision } => {
                let Some(review) = self.reviews.last_mut() else { return };
                review.decided_by = recorded.actor.user();
                review.decided_on_behalf_of = recorded.actor.on_behalf_of();
                review.decided_on = Some(on);
                review.decision = Some(decision.clone());
                self.status = match (decision.outcome, stage) {
                    (ReviewOutcome::Remake, _) => Status::ReturnedForRework,
                    (_, ReviewStage::Review) => Status::ReviewIssued,
                    (_, ReviewStage::ReReview) => Status::ReReviewIssued,
                };
                match decision.outcome {
                    ReviewOutcome::Uphold => {}
                    ReviewOutcome::Change => self.change_answers(&decision.answers),
                    ReviewOutcome::Remake => self.begin_again(),
                }
            }
            Event::Terminated { on } => {
                self.status = Status::Terminated;
                self.terminated_on = Some(*on);
                self.aftercare_due = AftercareKind::VARIANTS.to_vec();
            }
            Event::AftercareGiven(given) => {
                self.aftercare_due.retain(|kind| *kind != given.kind);
                self.aftercare.push(given.clone());
            }
            _ => {}
        }
    }

    pub(super) fn apply_delivery(&mut self, document: DocumentKind, on: NaiveDate) {
        match (document, self.status) {
            (DocumentKind::HandlingOpinion, Status::OpinionIssued) => {
                if let Some(opinion) = self.opinions.last_mut() {
                    opinion.delivered_on = Some(on);
                }
                let resolve = self.measure(MeasureKind::Resolve).map(|measure| measure.state);
                let to_execute = resolve.is_some_and(|state| state.applies() && !state.is_settled());
                self.status = if to_execute { Status::Executing } else { Status::Delivered };
            }
            (DocumentKind::ReviewOpinion, Status::ReviewIssued)
            | (DocumentKind::ReReviewOpinion, Status::ReReviewIssued) => {
                if let Some(review) = self.reviews.last_mut() {
                    review.delivered_on = Some(on);
                }
            }
            _ => {}
        }
    }

    /// A review changed the answers: what it supports is a reasonable demand, what it does not is to be
    /// explained, and both are put in place anew.
    pub(super) fn change_answers(&mut self, answers: &[ClaimAnswer]) {
        for answer in answers {
            let Some(claim) = self.claims.iter_mut().find(|claim| claim.no == answer.claim) else { continue };
            let supported = answer.result == ClaimResult::Support;
            claim.reasonableness = match (supported, claim.reasonableness) {
                (true, Reasonableness::Partly) => Reasonableness::Partly,
                (true, _) => Reasonableness::Reasonable,
                (false, _) => Reasonableness::Unreasonable,
            };
            let found = claim.reasonableness;
            claim.answer = Some(answer.clone());
            self.reconsider(found);
        }
        self.determine_measures();
    }

    /// A new round of handling: the old opinion is set aside, its answers with it.
    pub(super) fn begin_again(&mut self) {
        if let Some(opinion) = self.opinions.last_mut() {
            opinion.set_aside = true;
        }
        for claim in &mut self.claims {
            claim.answer = None;
        }
        for kind in [MeasureKind::Resolve, MeasureKind::Educate] {
            self.measures.insert(kind, Measure::undetermined(kind));
        }
        self.determine_measures();
        self.extension = None;
        self.draft = None;
        self.returned_drafts.clear();
        self.closing_report = None;
        self.closed_on = None;
        self.evaluation = None;
    }
}
