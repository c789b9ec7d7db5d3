//! The leader in charge.

use crate::case::event::{Event, Recorded};
use crate::case::{Case, FormerLeader, LeaderInCharge};

impl Case {
    pub(super) fn apply_charge(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        match &recorded.event {
            Event::ChargeTaken(charge) => {
                self.in_charge = Some(LeaderInCharge {
                    leader: charge.leader,
                    since_on: on,
                    plan: charge.plan.clone(),
                    target_on: charge.target_on,
                    kept: Vec::new(),
                    reported_on: None,
                    predecessors: Vec::new(),
                });
            }
            Event::ChargeReported(report) => {
                if let Some(charge) = &mut self.in_charge {
                    charge.kept.clone_from(&report.kept);
                    charge.reported_on = Some(on);
                    charge.target_on = report.target_on.unwrap_or(charge.target_on);
                }
            }
            Event::ChargeHandedOver(handover) => {
                if let Some(charge) = &mut self.in_charge {
                    charge.predecessors.push(FormerLeader {
                        leader: charge.leader,
                        since_on: charge.since_on,
                        until_on: on,
                    });
                    charge.leader = handover.to;
                    charge.since_on = on;
                }
            }
            Event::Recused(recusal) => {
                self.in_charge.take_if(|charge| charge.leader == recusal.user);
            }
            _ => {}
        }
    }
}
