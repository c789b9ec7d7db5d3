//! How a case ends, and what comes after.

use domain::case::Command;
use domain::case::content::{
    Aftercare, AftercareKind, Archiving, ClosingReport, Evaluation, PetitionerView, Pledge, Reopening,
    ReopeningGround, Retention, Satisfaction, VisitBack, VisitWay, Withdrawal,
};

use crate::demo::stage::{PETITIONER, Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// The handler closes.
    pub fn closed(&mut self, report: &str, petitioner_view: PetitionerView) -> Told<'_, Self> {
        let report = ClosingReport { report: words(report)?, petitioner_view, remaining_risk: None };
        self.step(&self.handler(), &Command::Close(report))
    }

    /// The petitioner rates with the code.
    pub fn rated(&mut self, satisfaction: Satisfaction, comment: &str) -> Told<'_, Self> {
        let evaluation = Evaluation {
            petition_department: satisfaction,
            responsible_unit: satisfaction,
            comment: Some(words(comment)?),
        };
        self.step(PETITIONER, &Command::Evaluate(evaluation))
    }

    /// 回访.
    pub fn visited(&mut self, who: &str, satisfaction: Satisfaction, said: &str) -> Told<'_, Self> {
        let visit = VisitBack {
            visited_on: self.today()?,
            way: VisitWay::Home,
            words: words(said)?,
            satisfaction,
            signs: None,
        };
        self.step(who, &Command::VisitBack(visit))
    }

    /// 息访承诺, voluntary.
    pub fn pledged(&mut self, received: &str, said: &str) -> Told<'_, Self> {
        let pledge = Pledge { signed_on: self.today()?, received: words(received)?, words: words(said)? };
        self.step(&self.handler(), &Command::RecordPledge(pledge))
    }

    /// 撤回.
    pub fn withdrawn(&mut self, who: &str, said: &str) -> Told<'_, Self> {
        let withdrawal = Withdrawal { words: words(said)?, withdrawn_on: self.today()? };
        self.step(who, &Command::Withdraw(withdrawal))
    }

    /// 重新办理, on new facts.
    pub fn reopened(&mut self, who: &str, reasons: &str) -> Told<'_, Self> {
        let reopening = Reopening { ground: ReopeningGround::NewFacts, reasons: words(reasons)? };
        self.step(who, &Command::Reopen(reopening))
    }

    /// 归档.
    pub fn archived(&mut self, who: &str) -> Told<'_, Self> {
        let catalogue = words("登记表、受理告知书、处理意见书、送达回证、办结报告")?;
        let archiving = Archiving { retention: Retention::ThirtyYears, catalogue };
        self.step(who, &Command::Archive(archiving))
    }

    /// What the locality still does after the end.
    pub fn cared_for(&mut self, who: &str, kind: AftercareKind, summary: &str) -> Told<'_, Self> {
        let given = Aftercare { kind, done_on: self.today()?, summary: words(summary)? };
        self.step(who, &Command::RecordAftercare(given))
    }
}
