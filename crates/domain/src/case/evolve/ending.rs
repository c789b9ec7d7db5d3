//! Endings, both resolutions, and the other tracks' answers.

use crate::case::event::{Event, Recorded};
use crate::case::{Case, Disposal, Resolution, Status, Track};

impl Case {
    pub(super) fn apply_ending(&mut self, recorded: &Recorded) {
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
                self.archived_on = Some(recorded.occurred_on);
            }
            Event::PersonalDataErased(erasure) => {
                self.erasure = Some(erasure.clone());
                self.erased_on = Some(recorded.occurred_on);
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
}

impl Resolution {
    fn settle(&mut self) {
        self.double_resolved_on = match (self.matter_resolved_on, self.heart_resolved_on) {
            (Some(matter), Some(heart)) => Some(matter.max(heart)),
            _ => None,
        };
    }
}
