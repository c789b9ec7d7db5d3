//! What each event changes. No rule is checked here: what is in the journal has happened.

use std::collections::BTreeSet;

use super::content::{
    AftercareKind, ClaimAnswer, ClaimResult, DocumentKind, MediationOutcome, ReviewOutcome,
};
use super::event::{Event, Recorded};
use super::{
    Case, Claim, DispatchMade, Disposal, Draft, Extension, Hearing, IssuedOpinion, PendingObjection,
    Resolution, Review, Status, Track,
};
use crate::access::RecordedActor;
use crate::deadline::{Deadline, DeadlineState, Pause};
use crate::id::{CaseId, UserId};
use crate::measure::{Findings, Measure, MeasureKind, MeasureState, Reasonableness};
use crate::organisation::ReviewStage;
use crate::text::Remark;
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

const fn user_of(actor: RecordedActor) -> Option<UserId> {
    match actor {
        RecordedActor::Staff { user, .. } => Some(user),
        RecordedActor::Petitioner | RecordedActor::System => None,
    }
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
            registered_by: user_of(first.actor),
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
            took_part: BTreeSet::new(),
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
            study: None,
            suggestion_reply: None,
            reward: None,
            receipt_no: None,
            outcome: None,
            aftercare: Vec::new(),
            aftercare_due: Vec::new(),
            earlier_reply: None,
            resolution: Resolution::default(),
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
        self.apply_intake(recorded);
        self.apply_handling(recorded);
        self.apply_measure(recorded);
        self.apply_review(recorded);
        self.apply_ending(recorded);
        self.apply_deadline(&recorded.event);
    }

    fn apply_intake(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        match &recorded.event {
            Event::RepeatChecked(check) => {
                self.repeat_check = Some(check.clone());
                if self.status == Status::Registered {
                    self.status = Status::Screening;
                }
            }
            Event::Dispatched { from, dispatch } => {
                self.status = match (self.track, dispatch.mode) {
                    (Track::Accusation, _) => Status::Forwarded,
                    (_, super::content::DispatchMode::Transfer) => Status::Transferred,
                    (_, super::content::DispatchMode::Assign) => Status::Assigned,
                };
                self.holder = dispatch.to;
                self.simple_procedure = dispatch.simple;
                self.dispatches.push(DispatchMade { from: *from, dispatch: dispatch.clone(), on });
            }
            Event::Objected(objection) => {
                self.status = Status::Objected;
                self.objection = Some(PendingObjection { by: self.holder, objection: objection.clone(), on });
            }
            Event::ObjectionDecided(decision) => {
                self.objection = None;
                if decision.upheld {
                    self.status = Status::Screening;
                    self.holder = self.sender().unwrap_or(self.holder);
                } else {
                    self.status = Status::PendingAcceptance;
                }
            }
            Event::DirectlyReplied(reply) => {
                self.dispose(Status::DirectReply, Disposal::DirectReply(reply.clone()));
            }
            Event::FiledOnly(reason) => self.dispose(Status::FiledOnly, Disposal::FiledOnly(reason.clone())),
            Event::Accepted(acceptance) => {
                self.status =
                    if self.track == Track::Suggestion { Status::Studying } else { Status::Accepted };
                self.simple_procedure = acceptance.simple;
                self.acceptance = Some(acceptance.clone());
                self.accepted_on = Some(on);
            }
            Event::Declined(declining) => {
                self.dispose(Status::NotAccepted, Disposal::Declined(declining.clone()));
            }
            Event::NoLongerAccepted(refusal) => {
                self.dispose(Status::NoLongerAccepted, Disposal::NoLongerAccepted(refusal.clone()));
            }
            Event::RoutedOut(routing) => {
                self.dispose(Status::RoutedOut, Disposal::RoutedOut(routing.clone()));
            }
            Event::RepeatNoted { case } => self.repeated_by.push(*case),
            Event::ReceiptAcknowledged(receipt) => {
                self.status = Status::ReceiptAcknowledged;
                self.receipt_no = Some(receipt.receipt_no.to_string());
            }
            Event::OutcomeRecorded(result) => {
                self.status = Status::OutcomeRecorded;
                self.outcome = Some(result.outcome);
            }
            Event::EarlierReplyRecorded(reply) => {
                self.status = Status::Delivered;
                self.earlier_reply = Some(reply.clone());
            }
            _ => {}
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
            Event::OpinionDrafted(_) | Event::OpinionReturned(_) | Event::OpinionIssued(_) => {
                self.took_part.extend(user_of(recorded.actor));
            }
            _ => {}
        }
    }

    fn apply_handling(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::HandlersAssigned(assignment) => {
                self.handlers = assignment.handlers.iter().map(|handler| handler.user).collect();
                self.co_organisations.clone_from(&assignment.co_organisations);
                if matches!(self.status, Status::Accepted | Status::ReturnedForRework) {
                    self.status = Status::InHandling;
                }
            }
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
                    proposed_by: user_of(recorded.actor),
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
                self.draft =
                    Some(Draft { draft: draft.clone(), drafted_by: user_of(recorded.actor), returned: None });
            }
            Event::OpinionReturned(back) => {
                self.status = Status::OpinionDraft;
                if let Some(draft) = &mut self.draft {
                    draft.returned = Some(back.reason.clone());
                }
            }
            Event::OpinionIssued(issue) => self.apply_issue(recorded, issue.document_no.to_string()),
            _ => {}
        }
    }

    fn apply_issue(&mut self, recorded: &Recorded, document_no: String) {
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
            signed_by: user_of(recorded.actor),
            issued_on: recorded.occurred_on,
            delivered_on: None,
            set_aside: false,
        });
    }

    fn apply_mediation(&mut self, outcome: &MediationOutcome) {
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

    fn apply_findings(&mut self, findings: &Findings) {
        for finding in &findings.claims {
            self.reconsider(finding.reasonableness);
            if let Some(claim) = self.claims.iter_mut().find(|claim| claim.no == finding.claim) {
                claim.reasonableness = finding.reasonableness;
                claim.facts = Some(finding.facts.clone());
            }
        }
        if let Some(hardship) = &findings.hardship {
            self.hardship = Some(hardship.clone());
        }
        if let Some(conduct) = &findings.conduct {
            self.conduct = Some(conduct.clone());
        }
        self.determine_measures();
    }

    /// A new finding on a claim opens again what had been verified before it.
    fn reconsider(&mut self, found: Reasonableness) {
        let kinds: &[MeasureKind] = match found {
            Reasonableness::Undetermined => &[],
            Reasonableness::Reasonable => &[MeasureKind::Resolve],
            Reasonableness::Unreasonable => &[MeasureKind::Educate],
            Reasonableness::Partly => &[MeasureKind::Resolve, MeasureKind::Educate],
        };
        for kind in kinds {
            self.with_measure(*kind, |measure| {
                if measure.state == MeasureState::Verified {
                    measure.state = MeasureState::Applies;
                    measure.verified_on = None;
                }
            });
        }
    }

    /// Makes the measures that the findings call for apply; takes back those they no longer call for.
    fn determine_measures(&mut self) {
        for kind in MeasureKind::VARIANTS {
            let called_for = self.calls_for(*kind);
            let Some(measure) = self.measures.get_mut(kind) else { continue };
            match (called_for, measure.state) {
                (
                    true,
                    MeasureState::Undetermined
                    | MeasureState::FoundNotApplicable
                    | MeasureState::NotApplicable,
                ) => {
                    *measure = Measure { state: MeasureState::Applies, ..Measure::undetermined(*kind) };
                }
                (false, state) if state.applies() && state != MeasureState::Verified => {
                    measure.state = MeasureState::Undetermined;
                }
                _ => {}
            }
        }
    }

    /// Whether the findings, and once there are answers the answers, call for the measure (§3.1).
    pub(super) fn calls_for(&self, kind: MeasureKind) -> bool {
        match kind {
            MeasureKind::Resolve => self.claims.iter().any(Claim::is_to_be_resolved),
            MeasureKind::Educate => self.claims.iter().any(Claim::is_to_be_explained),
            MeasureKind::Assist => self.hardship.as_ref().is_some_and(|check| check.hardship),
            MeasureKind::LawfulHandling => {
                self.conduct.as_ref().is_some_and(|check| !check.conduct.is_empty())
            }
        }
    }

    fn apply_measure(&mut self, recorded: &Recorded) {
        let by = user_of(recorded.actor);
        match &recorded.event {
            Event::MeasurePlanned { measure, plan } => self.with_measure(*measure, |measure| {
                measure.owner = Some(plan.owner);
                measure.plan = Some(plan.plan.clone());
                measure.due_on = Some(plan.due_on);
                measure.state = MeasureState::Planned;
            }),
            Event::MeasureStepAdded { measure, step } => {
                self.with_measure(*measure, |measure| measure.steps.push(step.clone()));
            }
            Event::MeasureReported { measure, report } => self.with_measure(*measure, |measure| {
                measure.in_place = Some(report.clone());
                measure.state = MeasureState::Reported;
            }),
            Event::MeasureVerified { measure, verification } => self.with_measure(*measure, |measure| {
                measure.verification = Some(verification.remark.clone());
                measure.verified_by = by;
                measure.verified_on = verification.passed.then_some(recorded.occurred_on);
                measure.state = match (verification.passed, measure.state) {
                    (true, MeasureState::FoundNotApplicable) => MeasureState::NotApplicable,
                    (true, _) => MeasureState::Verified,
                    (false, MeasureState::FoundNotApplicable) => MeasureState::Undetermined,
                    (false, _) => MeasureState::SentBack,
                };
            }),
            Event::MeasureFoundNotApplicable { measure, reason } => self.with_measure(*measure, |measure| {
                measure.not_applicable = Some(reason.clone());
                measure.found_by = by;
                measure.state = MeasureState::FoundNotApplicable;
            }),
            _ => {}
        }
    }

    fn with_measure(&mut self, kind: MeasureKind, change: impl FnOnce(&mut Measure)) {
        change(self.measures.entry(kind).or_insert_with(|| Measure::undetermined(kind)));
    }

    fn apply_review(&mut self, recorded: &Recorded) {
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
                review.decided_by = user_of(recorded.actor);
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

    fn apply_delivery(&mut self, document: DocumentKind, on: chrono::NaiveDate) {
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
    fn change_answers(&mut self, answers: &[ClaimAnswer]) {
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
    fn begin_again(&mut self) {
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
        self.closing_report = None;
        self.closed_on = None;
        self.evaluation = None;
    }

    fn apply_ending(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::VisitedBack(visit) => self.visit_backs.push(visit.clone()),
            Event::Evaluated(evaluation) => self.evaluation = Some(evaluation.clone()),
            Event::PledgeRecorded(pledge) => self.pledge = Some(pledge.clone()),
            Event::Closed(report) => {
                self.status = Status::Closed;
                self.closing_report = Some(report.clone());
                self.closed_on = Some(recorded.occurred_on);
            }
            Event::Withdrawn(withdrawal) => {
                self.objection = None;
                self.dispose(Status::Withdrawn, Disposal::Withdrawn(withdrawal.clone()));
            }
            Event::Reopened(reopening) => {
                self.reopenings.push(reopening.clone());
                self.disposal = None;
                self.terminated_on = None;
                self.aftercare_due.clear();
                if self.track == Track::Claim && self.accepted_on.is_some() {
                    self.begin_again();
                    self.status = Status::ReturnedForRework;
                } else {
                    self.status = Status::Screening;
                }
            }
            Event::Archived(archiving) => {
                self.status = Status::Archived;
                self.archiving = Some(archiving.clone());
            }
            Event::StudyConcluded(conclusion) => {
                self.status = Status::StudyConcluded;
                self.study = Some(conclusion.clone());
            }
            Event::SuggestionAnswered(reply) => {
                self.status = Status::Replied;
                self.suggestion_reply = Some(reply.clone());
            }
            Event::SuggestionRewarded(reward) => self.reward = Some(reward.clone()),
            Event::MatterResolved { on } => {
                self.resolution.matter_resolved_on = Some(*on);
                self.resolution.settle();
            }
            Event::MatterUnresolved { .. } => {
                self.resolution.matter_resolved_on = None;
                self.resolution.settle();
            }
            Event::HeartResolved { on, observed_until, .. } => {
                self.resolution.heart_resolved_on = Some(*on);
                self.resolution.observed_until = Some(*observed_until);
                self.resolution.settle();
            }
            Event::HeartUnresolved { .. } => {
                self.resolution.heart_resolved_on = None;
                self.resolution.observed_until = None;
                self.resolution.settle();
            }
            _ => {}
        }
    }

    fn dispose(&mut self, status: Status, disposal: Disposal) {
        self.status = status;
        self.disposal = Some(disposal);
    }

    fn add_claims(&mut self, texts: &[Remark]) {
        for text in texts {
            let no = u16::try_from(self.claims.len() + 1).unwrap_or(u16::MAX);
            self.claims.push(Claim {
                no,
                text: text.clone(),
                reasonableness: Reasonableness::Undetermined,
                facts: None,
                answer: None,
                settled: false,
            });
        }
    }

    fn apply_deadline(&mut self, event: &Event) {
        match event {
            Event::DeadlineStarted(deadline) => self.deadlines.push(deadline.clone()),
            Event::DeadlinePaused { no, reason, from_on } => self.with_deadline(*no, |deadline| {
                deadline.state = DeadlineState::Paused;
                deadline.pauses.push(Pause { reason: *reason, from_on: *from_on, until_on: None });
            }),
            Event::DeadlineResumed { no, until_on, due } => self.with_deadline(*no, |deadline| {
                deadline.state = DeadlineState::Running;
                deadline.due = due.clone();
                if let Some(pause) = deadline.pauses.last_mut() {
                    pause.until_on = Some(*until_on);
                }
            }),
            Event::DeadlineMet { no, on } => self.end_deadline(*no, DeadlineState::Met, *on),
            Event::DeadlineCancelled { no, on } => self.end_deadline(*no, DeadlineState::Cancelled, *on),
            Event::DeadlineLapsed { no, on } => self.end_deadline(*no, DeadlineState::Lapsed, *on),
            Event::DeadlineTold { no, alarm } => {
                self.with_deadline(*no, |deadline| deadline.told = Some(*alarm));
            }
            Event::DeadlineRecomputed { no, due, told, .. } => self.with_deadline(*no, |deadline| {
                deadline.due = due.clone();
                deadline.told = *told;
            }),
            _ => {}
        }
    }

    fn end_deadline(&mut self, no: u16, state: DeadlineState, on: chrono::NaiveDate) {
        self.with_deadline(no, |deadline| {
            deadline.state = state;
            deadline.ended_on = Some(on);
        });
    }

    fn with_deadline(&mut self, no: u16, change: impl FnOnce(&mut Deadline)) {
        if let Some(deadline) = self.deadlines.iter_mut().find(|deadline| deadline.no == no) {
            change(deadline);
        }
    }
}

impl Claim {
    /// A reasonable claim without a legal basis is explained, not carried out (Art. 32): once there is an
    /// answer it decides.
    fn is_to_be_resolved(&self) -> bool {
        let reasonable = matches!(self.reasonableness, Reasonableness::Reasonable | Reasonableness::Partly);
        self.settled
            || self.answer.as_ref().map_or(reasonable, |answer| answer.result == ClaimResult::Support)
    }

    fn is_to_be_explained(&self) -> bool {
        let unreasonable =
            matches!(self.reasonableness, Reasonableness::Unreasonable | Reasonableness::Partly);
        unreasonable || self.answer.as_ref().is_some_and(|answer| answer.result != ClaimResult::Support)
    }
}

impl Resolution {
    fn settle(&mut self) {
        self.double_resolved_on = match (self.matter_resolved_on, self.heart_resolved_on) {
            (Some(matter), Some(heart)) => Some(matter.max(heart)),
            _ => None,
        };
    }
}
