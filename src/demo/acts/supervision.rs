//! What supervisors do, and what the supervised answer (督办).

use domain::case::Command;
use domain::case::content::{
    Adoption, Escalation, EscalationStep, SuggestionAnswer, SuggestionsAnswer, SupervisionGround,
    SupervisionOrder, SupervisionReport, SupervisionVerdict, SupervisionWay, SupervisorySuggestion,
    SupervisorySuggestionKind, SupervisorySuggestions,
};

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

/// Who supervises in the stories: the city's, over both counties.
const SUPERVISOR: &str = "reviewer.city";
/// The rule of the stories in which an organ is late.
const RULE: &str = "《信访工作条例》第三十四条";

impl Story<'_, '_> {
    /// The organ that handles the case is to report within so many days.
    pub fn supervised(&mut self, within_days: u64, facts: &str, demand: &str) -> Told<'_, Self> {
        let to = self.stage.organ(&self.organ)?;
        let document_no = self.numbered("市信督")?;
        let order = SupervisionOrder {
            to,
            ground: SupervisionGround::Delay,
            facts: words(facts)?,
            rule: words(RULE)?,
            demand: words(demand)?,
            way: SupervisionWay::Letter,
            document_no: Some(document_no),
            report_due_on: self.in_days(within_days)?,
        };
        self.step(SUPERVISOR, &Command::OrderSupervision(order))
    }

    /// The joint conference presses the order, with another limit of so many days.
    pub fn escalated(&mut self, step: EscalationStep, within_days: u64, reason: &str) -> Told<'_, Self> {
        let decision_no = self.numbered("市信联办")?;
        let talks = step == EscalationStep::SummonsToTalk;
        let talk = talks.then(|| words("约谈单位主要负责人，本人承认重视不够，承诺限期办结")).transpose()?;
        let report_due_on = self.in_days(within_days)?;
        let reason = words(reason)?;
        let escalation = Escalation { step, reason, decision_no, talk, report_due_on };
        self.step(SUPERVISOR, &Command::EscalateSupervision(1, escalation))
    }

    /// The head of the organ reports.
    pub fn supervision_reported(&mut self, done: &str) -> Told<'_, Self> {
        let head = self.head();
        let report = SupervisionReport { done: words(done)?, outstanding: None };
        self.step(&head, &Command::ReportOnSupervision(1, report))
    }

    /// The supervisor sends the report back, for another within so many days.
    pub fn supervision_returned(&mut self, within_days: u64, reason: &str) -> Told<'_, Self> {
        let report_due_on = Some(self.in_days(within_days)?);
        let verdict = SupervisionVerdict { accepted: false, reason: words(reason)?, report_due_on };
        self.step(SUPERVISOR, &Command::JudgeSupervision(1, verdict))
    }

    /// The supervisor accepts the report.
    pub fn supervision_closed(&mut self, reason: &str) -> Told<'_, Self> {
        let verdict = SupervisionVerdict { accepted: true, reason: words(reason)?, report_due_on: None };
        self.step(SUPERVISOR, &Command::JudgeSupervision(1, verdict))
    }

    /// The supervisor suggests to improve the work.
    pub fn advised(&mut self, facts: &str, advice: &str) -> Told<'_, Self> {
        let to = self.stage.organ(&self.organ)?;
        let document_no = self.numbered("市信建")?;
        let suggestion = SupervisorySuggestion {
            kind: SupervisorySuggestionKind::Improvement,
            facts: words(facts)?,
            basis: words("《信访工作条例》第四十条")?,
            advice: words(advice)?,
        };
        let suggestions = SupervisorySuggestions { to, document_no, suggestions: vec![suggestion] };
        self.step(SUPERVISOR, &Command::MakeSuggestions(1, suggestions))
    }

    /// The head of the organ answers that the suggestion is adopted.
    pub fn advice_adopted(&mut self, explanation: &str) -> Told<'_, Self> {
        let head = self.head();
        let document_no = self.numbered("信访建议复函")?;
        let answer = SuggestionAnswer {
            kind: SupervisorySuggestionKind::Improvement,
            adoption: Adoption::Adopted,
            explanation: words(explanation)?,
        };
        let answer = SuggestionsAnswer { document_no, answers: vec![answer] };
        self.step(&head, &Command::AnswerSuggestions(1, answer))
    }
}
