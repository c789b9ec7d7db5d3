//! Three in place and one treatment: planned by the head's order, carried out, verified by somebody else.

use domain::case::Command;
use domain::case::content::Reason;
use domain::measure::{
    AssistEvidence, AssistGrant, AssistKind, Dissuasion, EducateEvidence, Evidence, InPlaceReport,
    LawfulHandlingEvidence, MeasureKind, MeasurePlan, MeasureStep, PetitionerReceipt, PoliceReferral,
    ResolveAction, ResolveEvidence, ResolveProof, Talk, Verification,
};

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// Whoever verifies in the county; not of the organ that answers for the measure.
    fn reviewer(&self) -> String {
        format!("reviewer.{}", self.county)
    }

    /// The head charges the handler with the measure.
    pub fn planned(&mut self, kind: MeasureKind, plan: &str, days: u64) -> Told<'_, Self> {
        let plan = MeasurePlan {
            owner: self.stage.user(&self.handler())?,
            plan: words(plan)?,
            due_on: self.in_days(days)?,
        };
        self.step(&self.head(), &Command::PlanMeasure(kind, plan))
    }

    /// The handler notes a step.
    pub fn advanced(&mut self, kind: MeasureKind, what: &str) -> Told<'_, Self> {
        let step = MeasureStep { done_on: self.today()?, what: words(what)? };
        self.step(&self.handler(), &Command::AddMeasureStep(kind, step))
    }

    /// The reviewer is content.
    pub fn verified(&mut self, kind: MeasureKind, remark: &str) -> Told<'_, Self> {
        let verdict = Verification { passed: true, remark: words(remark)? };
        self.step(&self.reviewer(), &Command::VerifyMeasure(kind, verdict))
    }

    /// The reviewer is not content.
    pub fn sent_back(&mut self, kind: MeasureKind, reason: &str) -> Told<'_, Self> {
        let verdict = Verification { passed: false, remark: words(reason)? };
        self.step(&self.reviewer(), &Command::VerifyMeasure(kind, verdict))
    }

    /// The handler finds that measures do not apply, and the reviewer ticks each.
    pub fn not_applicable(&mut self, kinds: &[MeasureKind]) -> Told<'_, Self> {
        for kind in kinds {
            let reason = match kind {
                MeasureKind::Resolve => "诉求均不予支持，无需解决事项",
                MeasureKind::Educate => "诉求均获支持，无需解释教育",
                MeasureKind::Assist => "经入户核查无生活困难",
                MeasureKind::LawfulHandling => "信访过程中无违法行为",
            };
            let reason = Reason { reason: words(reason)? };
            self.step(&self.handler(), &Command::FindNotApplicable(*kind, reason))?;
            self.verified(*kind, "已查阅认定材料，同意不适用")?;
        }
        Ok(self)
    }

    fn reported(&mut self, kind: MeasureKind, summary: &str, evidence: Evidence) -> Told<'_, Self> {
        let report = InPlaceReport { summary: words(summary)?, evidence };
        self.step(&self.handler(), &Command::ReportInPlace(kind, report))
    }

    /// The demands of those numbers are carried out.
    pub fn resolved(
        &mut self,
        claims: &[u16],
        proof: ResolveProof,
        reference: &str,
        summary: &str,
    ) -> Told<'_, Self> {
        let done_on = self.today()?;
        let actions = claims.iter().map(|claim| {
            let place = if proof == ResolveProof::RepairPhotos {
                Some(words("信访人所反映的现场")?)
            } else {
                None
            };
            Ok(ResolveAction { claim: *claim, proof, reference: words(reference)?, place, done_on })
        });
        let evidence = ResolveEvidence {
            actions: actions.collect::<anyhow::Result<_>>()?,
            petitioner_receipt: PetitionerReceipt::Signed,
            instalments: Vec::new(),
        };
        self.reported(MeasureKind::Resolve, summary, Evidence::Resolve(evidence))
    }

    /// The law is explained, and the explanation handed over in writing.
    pub fn explained(&mut self, legal_reasons: &str, reaction: &str) -> Told<'_, Self> {
        let held_on = self.today()?;
        let talk = Talk {
            official: words("经办人与分管负责人")?,
            held_on,
            legal_reasons: words(legal_reasons)?,
            present: vec![words("村（社区）人民调解员")?, words("信访人家属")?],
            petitioner_reaction: words(reaction)?,
        };
        let evidence = EducateEvidence { talks: vec![talk], explanation_handed_on: held_on };
        let summary = "已当面释法明理并送交书面说明";
        self.reported(MeasureKind::Educate, summary, Evidence::Educate(evidence))
    }

    /// Help is granted, in yuan.
    pub fn helped(&mut self, kind: AssistKind, organ: &str, yuan: u64) -> Told<'_, Self> {
        let application_no = self.numbered("救助")?;
        let grant = AssistGrant {
            kind,
            application_no,
            granting_organ: words(organ)?,
            amount_fen: Some(yuan * 100),
            granted_on: self.today()?,
        };
        let summary = "救助已发放到户，与是否继续信访无关";
        self.reported(MeasureKind::Assist, summary, Evidence::Assist(AssistEvidence { grants: vec![grant] }))
    }

    /// Dissuasion first, then a referral to the police, who decide.
    pub fn treated_lawfully(&mut self, reaction: &str, police_outcome: &str) -> Told<'_, Self> {
        let day = self.today()?;
        let referral_no = self.numbered("移送")?;
        let evidence = LawfulHandlingEvidence {
            dissuasions: vec![Dissuasion {
                official: words("值班负责人")?,
                done_on: day,
                reaction: words(reaction)?,
            }],
            proofs: vec![words("门前监控录像一段")?, words("两名工作人员证言")?],
            police_referral: Some(PoliceReferral {
                referral_no,
                referred_on: day,
                police_outcome: words(police_outcome)?,
            }),
        };
        let summary = "先行劝阻、批评、教育，后移送公安机关";
        self.reported(MeasureKind::LawfulHandling, summary, Evidence::LawfulHandling(evidence))
    }
}
