//! Findings, and the measures that they call for.

use crate::case::content::ClaimResult;
use crate::case::event::{Event, Recorded};
use crate::case::{Case, Claim};
use crate::measure::{Findings, Measure, MeasureKind, MeasureState, Reasonableness};
use strum::VariantArray;

impl Case {
    pub(super) fn apply_findings(&mut self, findings: &Findings) {
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
    pub(super) fn reconsider(&mut self, found: Reasonableness) {
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
                    measure.verified_by = None;
                    measure.verified_on_behalf_of = None;
                    measure.verification = None;
                }
            });
        }
    }

    /// Makes the measures that the findings call for apply; takes back those they no longer call for.
    pub(super) fn determine_measures(&mut self) {
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
    pub(in crate::case) fn calls_for(&self, kind: MeasureKind) -> bool {
        match kind {
            MeasureKind::Resolve => self.claims.iter().any(Claim::is_to_be_resolved),
            MeasureKind::Educate => self.claims.iter().any(Claim::is_to_be_explained),
            MeasureKind::Assist => self.hardship.as_ref().is_some_and(|check| check.hardship),
            MeasureKind::LawfulHandling => {
                self.conduct.as_ref().is_some_and(|check| !check.conduct.is_empty())
            }
        }
    }

    pub(super) fn apply_measure(&mut self, recorded: &Recorded) {
        let actor = recorded.actor;
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
                measure.answerable_unit = actor.organisation();
                measure.state = MeasureState::Reported;
            }),
            Event::MeasureVerified { measure, verification } => self.with_measure(*measure, |measure| {
                measure.verification = Some(verification.remark.clone());
                measure.verified_by = actor.user();
                measure.verified_on_behalf_of = actor.on_behalf_of();
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
                measure.found_by = actor.user();
                measure.found_on_behalf_of = actor.on_behalf_of();
                measure.answerable_unit = actor.organisation();
                measure.state = MeasureState::FoundNotApplicable;
            }),
            _ => {}
        }
    }

    pub(super) fn with_measure(&mut self, kind: MeasureKind, change: impl FnOnce(&mut Measure)) {
        change(self.measures.entry(kind).or_insert_with(|| Measure::undetermined(kind)));
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
