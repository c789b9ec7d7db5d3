//! What leaders instruct, and what becomes of it (批示).

use domain::case::Command;
use domain::case::content::{Instruction, InstructionDecision, InstructionReport};

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// The leader instructs the organ that handles the case, to report within so many days.
    pub fn instructed(&mut self, who: &str, within_days: u64, text: &str) -> Told<'_, Self> {
        let leader = self.stage.user(who)?;
        let to = self.stage.organ(&self.organ)?;
        let report_due_on = self.in_days(within_days)?;
        let text = words(text)?;
        let instruction = Instruction { leader, text, to, report_due_on, visit_back: true };
        self.step(who, &Command::GiveInstruction(instruction))
    }

    /// The head of the organ reports on it.
    pub fn instruction_reported(&mut self, result: &str) -> Told<'_, Self> {
        let head = self.head();
        self.step(&head, &Command::ReportOnInstruction(1, InstructionReport { result: words(result)? }))
    }

    /// The leader accepts the report.
    pub fn instruction_accepted(&mut self, who: &str, reason: &str) -> Told<'_, Self> {
        let decision = InstructionDecision { accepted: true, reason: words(reason)?, report_due_on: None };
        self.step(who, &Command::DecideInstruction(1, decision))
    }
}
