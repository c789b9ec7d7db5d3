//! Handling by the organ: handlers, findings, mediation, hearing, extension, opinion, delivery.

use domain::case::Command;
use domain::case::content::{
    Agreement, AgreementKind, Assignment, ClaimAnswer, ClaimResult, Delivery, DeliveryWay, DocumentKind,
    ExtensionDecision, ExtensionRequest, HandlerDeclaration, Mediation, MediationOutcome, NoticeWay,
    OpinionDraft, OpinionIssue, Reason,
};
use domain::measure::{ClaimFinding, ConductCheck, Findings, HardshipCheck, Reasonableness, UnlawfulConduct};
use domain::text::Line;

use chrono::Datelike;

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

/// What was found of a claim, and how it is answered.
#[derive(Clone, Copy)]
pub struct Answered {
    pub reasonableness: Reasonableness,
    /// What was found.
    pub found: &'static str,
    pub result: ClaimResult,
    pub reasons: &'static str,
    pub basis: &'static str,
}

impl Answered {
    /// A reasonable demand that the law supports.
    pub const fn supported(found: &'static str, reasons: &'static str, basis: &'static str) -> Self {
        let (reasonableness, result) = (Reasonableness::Reasonable, ClaimResult::Support);
        Self { reasonableness, found, result, reasons, basis }
    }

    /// A demand without ground in fact or law.
    pub const fn refused(found: &'static str, reasons: &'static str, basis: &'static str) -> Self {
        let (reasonableness, result) = (Reasonableness::Unreasonable, ClaimResult::NotSupport);
        Self { reasonableness, found, result, reasons, basis }
    }
}

/// What was found of the person, beside the claims.
#[derive(Clone, Copy)]
pub struct Found {
    pub hardship: bool,
    pub circumstances: &'static str,
    pub conduct: &'static [UnlawfulConduct],
}

impl Found {
    /// Neither hardship nor unlawful conduct.
    pub const NOTHING: Self = Self {
        hardship: false,
        circumstances: "入户走访并核对收入，家庭有稳定收入，未见生活困难",
        conduct: &[],
    };
}

impl Story<'_, '_> {
    /// The handler that the stories follow.
    pub fn handler(&self) -> String {
        format!("{}.handler1", self.organ)
    }

    /// Who signs for the organ.
    pub fn head(&self) -> String {
        format!("{}.head", self.organ)
    }

    /// A numbered document of the organ that has the case.
    pub fn numbered(&mut self, of: &str) -> anyhow::Result<Line> {
        let year = self.today()?.year();
        words(&self.stage.document_no(of, year))
    }

    /// Names the handlers, who declare no interest.
    pub fn given_to_handler(&mut self) -> Told<'_, Self> {
        let user = self.stage.user(&self.handler())?;
        let assignment = Assignment {
            handlers: vec![HandlerDeclaration { user, direct_interest: false }],
            co_organisations: Vec::new(),
        };
        self.step(&self.registrar(), &Command::AssignHandlers(assignment))
    }

    /// Findings on the claims in their order, on hardship, and on conduct.
    pub fn found(&mut self, answers: &[Answered], person: Found) -> Told<'_, Self> {
        let claims = answers.iter().zip(1..).map(|(answer, claim)| {
            let (reasonableness, facts) = (answer.reasonableness, words(answer.found)?);
            Ok(ClaimFinding { claim, reasonableness, facts })
        });
        let conduct_facts =
            if person.conduct.is_empty() { "未发现违法行为" } else { "有现场记录和证人" };
        let findings = Findings {
            claims: claims.collect::<anyhow::Result<_>>()?,
            hardship: Some(HardshipCheck {
                hardship: person.hardship,
                circumstances: words(person.circumstances)?,
                checked_on: self.today()?,
            }),
            conduct: Some(ConductCheck { conduct: person.conduct.to_vec(), facts: words(conduct_facts)? }),
        };
        self.step(&self.handler(), &Command::RecordFindings(findings))
    }

    /// Drafts the opinion.
    pub fn drafted(&mut self, facts: &str, answers: &[Answered]) -> Told<'_, Self> {
        let draft = OpinionDraft { facts: words(facts)?, answers: claim_answers(answers)? };
        self.step(&self.handler(), &Command::DraftOpinion(draft))
    }

    /// The examiner returns the draft.
    pub fn draft_returned(&mut self, reason: &str) -> Told<'_, Self> {
        let who = format!("{}.examiner", self.organ);
        self.step(&who, &Command::ReturnOpinion(Reason { reason: words(reason)? }))
    }

    /// The head signs.
    pub fn issued(&mut self) -> Told<'_, Self> {
        let document_no = self.numbered("信处")?;
        self.step(&self.head(), &Command::IssueOpinion(OpinionIssue { document_no }))
    }

    /// The handling opinion reaches the petitioner.
    pub fn delivered(&mut self) -> Told<'_, Self> {
        let who = self.registrar();
        self.handed_over(&who, DocumentKind::HandlingOpinion)
    }

    /// A document reaches the petitioner.
    pub fn handed_over(&mut self, who: &str, document: DocumentKind) -> Told<'_, Self> {
        let delivery = Delivery {
            document,
            way: DeliveryWay::InPerson,
            delivered_on: self.today()?,
            recipient: words("信访人本人")?,
            signed: true,
            proof: None,
        };
        self.step(who, &Command::Deliver(delivery))
    }

    /// From acceptance to the delivered opinion in a month: accepted, found, drafted, signed, delivered.
    pub fn answered(&mut self, facts: &str, answers: &[Answered], person: Found) -> Told<'_, Self> {
        self.accepted()?.later(1)?.given_to_handler()?;
        self.later(9)?.found(answers, person)?;
        self.later(10)?.drafted(facts, answers)?;
        self.later(3)?.issued()?;
        self.later(2)?.delivered()
    }

    /// Both sides agree to mediate.
    pub fn mediation_started(&mut self, mediator: &str, other_party: &str) -> Told<'_, Self> {
        let mediation = Mediation {
            mediator: words(mediator)?,
            other_party: words(other_party)?,
            petitioner_consents: true,
            other_party_consents: true,
        };
        self.step(&self.handler(), &Command::StartMediation(mediation))
    }

    /// They agree on every claim up to that number.
    pub fn agreed(&mut self, claims: u16, terms: &str, days: u64) -> Told<'_, Self> {
        let agreement = Agreement {
            kind: AgreementKind::Mediation,
            claims: (1..=claims).collect(),
            terms: words(terms)?,
            signed_on: self.today()?,
            perform_by: Some(self.in_days(days)?),
        };
        let outcome = MediationOutcome {
            agreement: Some(agreement),
            remark: words("双方自愿达成协议，当场签字")?,
        };
        self.step(&self.handler(), &Command::ConcludeMediation(outcome))
    }

    /// The handler asks for more days, and the head approves.
    pub fn extended(&mut self, days: u16, reason: &str) -> Told<'_, Self> {
        let request = ExtensionRequest { days, reason: words(reason)? };
        self.step(&self.handler(), &Command::RequestExtension(request))?;
        let decision = ExtensionDecision {
            approved: true,
            reason: words("情况复杂，同意延期")?,
            notice: Some(NoticeWay::Post),
        };
        self.step(&self.head(), &Command::DecideExtension(decision))
    }
}

/// The answers to the claims in their order.
pub(super) fn claim_answers(answers: &[Answered]) -> anyhow::Result<Vec<ClaimAnswer>> {
    let answer = |(answer, claim): (&Answered, u16)| {
        let (reasons, legal_basis) = (words(answer.reasons)?, words(answer.basis)?);
        Ok(ClaimAnswer { claim, result: answer.result, reasons, legal_basis })
    };
    answers.iter().zip(1..).map(answer).collect()
}
