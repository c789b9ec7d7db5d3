//! Backlog.

use crate::case::Case;
use crate::case::backlog::{
    Backlog, BacklogInspectionMade, BacklogReportMade, BacklogStage, BacklogStrikeOffMade,
};
use crate::case::event::{Event, Recorded};

impl Case {
    pub(super) fn apply_backlog(&mut self, recorded: &Recorded) {
        let on = recorded.occurred_on;
        if let Event::BacklogListed(listing) = &recorded.event {
            self.backlog.push(Backlog {
                stage: BacklogStage::Listed,
                listing: listing.clone(),
                listed_by: recorded.actor.organisation(),
                listed_on: on,
                reports: Vec::new(),
                inspections: Vec::new(),
                strike_offs: Vec::new(),
                relapsed_by: None,
                relapsed_on: None,
                report_answered: false,
            });
        }
        let Some(backlog) = self.backlog.last_mut() else { return };
        match &recorded.event {
            Event::BacklogReported(report) => {
                backlog.report_answered = false;
                backlog.reports.push(BacklogReportMade { report: report.clone(), on });
            }
            Event::BacklogInspected(inspection) => {
                backlog.report_answered = true;
                if inspection.passed {
                    backlog.stage = BacklogStage::Inspected;
                }
                let inspectors = [recorded.actor.user(), recorded.actor.on_behalf_of()];
                backlog.inspections.push(BacklogInspectionMade {
                    inspection: inspection.clone(),
                    on,
                    by: recorded.actor.organisation(),
                    inspectors: inspectors.into_iter().flatten().collect(),
                });
            }
            Event::BacklogStrikeOffDecided(decision) => {
                backlog.stage = if decision.agreed { BacklogStage::StruckOff } else { BacklogStage::Listed };
                backlog.strike_offs.push(BacklogStrikeOffMade { decision: decision.clone(), on });
            }
            Event::BacklogRelapsed { by } => {
                backlog.stage = BacklogStage::Relapsed;
                (backlog.relapsed_by, backlog.relapsed_on) = (Some(*by), Some(on));
            }
            _ => {}
        }
    }
}
