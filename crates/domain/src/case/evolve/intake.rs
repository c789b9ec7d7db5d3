//! From filing to acceptance: what the events of the register change.

use crate::case::content::DispatchMode;
use crate::case::event::{Event, Recorded};
use crate::case::{Case, Claim, DispatchMade, Disposal, PendingObjection, Status, Track};
use crate::measure::Reasonableness;
use crate::text::Remark;

impl Case {
    pub(super) fn apply_intake(&mut self, recorded: &Recorded) {
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
                    (_, DispatchMode::Transfer) => Status::Transferred,
                    (_, DispatchMode::Assign) => Status::Assigned,
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

    pub(super) fn dispose(&mut self, status: Status, disposal: Disposal) {
        self.status = status;
        self.disposal = Some(disposal);
    }

    pub(super) fn add_claims(&mut self, texts: &[Remark]) {
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
}
