//! Plans, evidence and verdicts for the four measures.

use chrono::{Days, NaiveDate};
use domain::case::Command;
use domain::case::content::Reason;
use domain::id::UserId;
use domain::measure::*;

use super::{line, narrative, remark};

pub fn plan(kind: MeasureKind, owner: UserId, today: NaiveDate) -> Command {
    let due_on = today + Days::new(20);
    Command::PlanMeasure(kind, MeasurePlan { owner, plan: remark("按期落实"), due_on })
}

pub fn step(kind: MeasureKind, today: NaiveDate) -> Command {
    Command::AddMeasureStep(kind, MeasureStep { done_on: today, what: remark("上门一次") })
}

/// The evidence that the measure needs; for resolving, of the claims named.
pub fn evidence(kind: MeasureKind, claims: &[u16], today: NaiveDate) -> Evidence {
    match kind {
        MeasureKind::Resolve => Evidence::Resolve(ResolveEvidence {
            actions: claims.iter().map(|claim| carried_out(*claim, today)).collect(),
            petitioner_receipt: PetitionerReceipt::Signed,
            instalments: vec![],
        }),
        MeasureKind::Educate => Evidence::Educate(EducateEvidence {
            talks: vec![Talk {
                official: line("副局长"),
                held_on: today,
                legal_reasons: remark("补偿没有法律依据"),
                present: vec![line("律师")],
                petitioner_reaction: remark("表示理解"),
            }],
            explanation_handed_on: today,
        }),
        MeasureKind::Assist => Evidence::Assist(AssistEvidence {
            grants: vec![AssistGrant {
                kind: AssistKind::TemporaryRelief,
                application_no: line("临救2026-17"),
                granting_organ: line("民政局"),
                amount_fen: Some(300_000),
                granted_on: today,
            }],
        }),
        MeasureKind::LawfulHandling => Evidence::LawfulHandling(LawfulHandlingEvidence {
            dissuasions: vec![Dissuasion {
                official: line("值班领导"),
                done_on: today,
                reaction: remark("当场离开"),
            }],
            proofs: vec![line("监控录像3号")],
            police_referral: None,
        }),
    }
}

fn carried_out(claim: u16, today: NaiveDate) -> ResolveAction {
    ResolveAction {
        claim,
        proof: ResolveProof::RepairPhotos,
        reference: line("照片12张"),
        place: Some(line("三号楼")),
        done_on: today,
    }
}

pub fn report(kind: MeasureKind, claims: &[u16], today: NaiveDate) -> Command {
    let evidence = evidence(kind, claims, today);
    Command::ReportInPlace(kind, InPlaceReport { summary: narrative("已落实。"), evidence })
}

pub fn verify(kind: MeasureKind, passed: bool) -> Command {
    Command::VerifyMeasure(kind, Verification { passed, remark: remark("现场查看") })
}

pub fn not_applicable(kind: MeasureKind) -> Command {
    Command::FindNotApplicable(kind, Reason { reason: remark("没有此情形") })
}
