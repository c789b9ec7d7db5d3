//! What a leader in charge does (包案).

use domain::case::Command;
use domain::case::content::{Charge, ChargeReport, Commitment};
use strum::VariantArray;

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// The leader takes the case in charge, to resolve it within so many days.
    pub fn taken_in_charge(&mut self, who: &str, within_days: u64, plan: &str) -> Told<'_, Self> {
        let leader = self.stage.user(who)?;
        let target_on = self.in_days(within_days)?;
        let commitments = Commitment::VARIANTS.to_vec();
        self.step(who, &Command::TakeCharge(Charge { leader, commitments, plan: words(plan)?, target_on }))
    }

    /// The leader reports, with what is kept of the four commitments by now.
    pub fn charge_reported(&mut self, who: &str, kept: &[Commitment], progress: &str) -> Told<'_, Self> {
        let report = ChargeReport { progress: words(progress)?, kept: kept.to_vec(), target_on: None };
        self.step(who, &Command::ReportCharge(report))
    }
}
