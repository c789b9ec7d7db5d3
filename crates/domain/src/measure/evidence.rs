//! The evidence that each measure needs (`domain.md` §3.1).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::MeasureKind;
use crate::refusal::{FOUNDING, FieldCode, FieldErrors};
use crate::text::{Line, Remark};

/// The evidence of each measure (`domain.md` §3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    Resolve(ResolveEvidence),
    Educate(EducateEvidence),
    Assist(AssistEvidence),
    LawfulHandling(LawfulHandlingEvidence),
}

/// Proof that what was supported has been done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveEvidence {
    #[schema(min_items = 1)]
    pub actions: Vec<ResolveAction>,
    /// Whether the petitioner signed for it; a refusal is noted.
    pub petitioner_receipt: PetitionerReceipt,
    /// The schedule where money is paid in stages; every stage must be paid.
    #[serde(default)]
    pub instalments: Vec<Instalment>,
}

/// An act that carried a claim out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveAction {
    /// Number of the claim.
    pub claim: u16,
    pub proof: ResolveProof,
    /// Voucher, permit number or photographs, by their reference.
    pub reference: Line,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Line>,
    pub done_on: NaiveDate,
}

/// What proves that a demand was carried out.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResolveProof {
    #[strum(props(zh = "付款凭证", en = "Payment voucher"))]
    PaymentVoucher,
    #[strum(props(zh = "证照文号", en = "Permit number"))]
    PermitNumber,
    #[strum(props(zh = "整改照片和地点", en = "Photographs and place of the repair"))]
    RepairPhotos,
    #[strum(props(zh = "其他书证", en = "Other document"))]
    OtherDocument,
}

/// Whether the petitioner signed for what was done.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PetitionerReceipt {
    #[strum(props(zh = "签收", en = "Signed"))]
    Signed,
    #[strum(props(zh = "拒签", en = "Refused"))]
    Refused,
}

/// One stage of a staged payment; amounts in fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instalment {
    /// In fen (1/100 yuan).
    #[schema(minimum = 1)]
    pub amount_fen: u64,
    pub due_on: NaiveDate,
    pub paid_on: Option<NaiveDate>,
    pub voucher: Option<Line>,
}

/// Proof that the law was explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EducateEvidence {
    #[schema(min_items = 1)]
    pub talks: Vec<Talk>,
    /// When the written explanation was handed over.
    pub explanation_handed_on: NaiveDate,
}

/// A talk by a named official.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    pub official: Line,
    pub held_on: NaiveDate,
    /// The legal reasons, in plain words.
    pub legal_reasons: Remark,
    /// Family, lawyer, delegates and others who were there.
    #[serde(default)]
    pub present: Vec<Line>,
    pub petitioner_reaction: Remark,
}

/// Proof that help was given; never tied to a promise to stop petitioning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistEvidence {
    #[schema(min_items = 1)]
    pub grants: Vec<AssistGrant>,
}

/// A kind of help.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AssistKind {
    #[strum(props(zh = "最低生活保障", en = "Subsistence allowance"))]
    SubsistenceAllowance,
    #[strum(props(zh = "临时救助", en = "Temporary relief"))]
    TemporaryRelief,
    #[strum(props(zh = "医疗救助", en = "Medical help"))]
    Medical,
    #[strum(props(zh = "教育救助", en = "Help with schooling"))]
    Education,
    #[strum(props(zh = "就业帮扶", en = "Help with work"))]
    Employment,
    #[strum(props(zh = "司法救助", en = "Judicial relief"))]
    Judicial,
    #[strum(props(zh = "爱心帮扶", en = "Charity"))]
    Charity,
}

/// Help that was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistGrant {
    pub kind: AssistKind,
    pub application_no: Line,
    pub granting_organ: Line,
    /// In fen (1/100 yuan); none where the help is not money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<u64>,
    pub granted_on: NaiveDate,
}

/// Proof of lawful treatment: dissuasion first, then the police, who decide (Art. 47).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LawfulHandlingEvidence {
    /// 劝阻、批评、教育.
    #[schema(min_items = 1)]
    pub dissuasions: Vec<Dissuasion>,
    /// Video, witnesses and other proof, by their reference.
    #[schema(min_items = 1)]
    pub proofs: Vec<Line>,
    /// The referral; none where dissuasion ended the conduct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub police_referral: Option<PoliceReferral>,
}

/// Dissuading, criticising or educating.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dissuasion {
    pub official: Line,
    pub done_on: NaiveDate,
    pub reaction: Remark,
}

/// A referral to the police, whose outcome it is to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoliceReferral {
    pub referral_no: Line,
    pub referred_on: NaiveDate,
    pub police_outcome: Remark,
}

impl Evidence {
    /// The measure that the evidence is for.
    pub const fn kind(&self) -> MeasureKind {
        match self {
            Self::Resolve(_) => MeasureKind::Resolve,
            Self::Educate(_) => MeasureKind::Educate,
            Self::Assist(_) => MeasureKind::Assist,
            Self::LawfulHandling(_) => MeasureKind::LawfulHandling,
        }
    }

    /// Notes every field that does not prove what it should; `today` is the office's day.
    pub fn check(&self, claims: &[u16], today: NaiveDate, errors: &mut FieldErrors) {
        match self {
            Self::Resolve(evidence) => evidence.check(claims, today, errors),
            Self::Educate(evidence) => evidence.check(today, errors),
            Self::Assist(evidence) => evidence.check(today, errors),
            Self::LawfulHandling(evidence) => evidence.check(today, errors),
        }
    }
}

impl ResolveEvidence {
    fn check(&self, claims: &[u16], today: NaiveDate, errors: &mut FieldErrors) {
        for claim in claims {
            let carried_out = self.actions.iter().any(|action| action.claim == *claim);
            errors.expect_by(carried_out, "/evidence/actions", FieldCode::ClaimUnanswered, 27);
        }
        errors.expect(!self.actions.is_empty(), "/evidence/actions", FieldCode::Required);
        for (place, action) in self.actions.iter().enumerate() {
            let at = |field: &str| format!("/evidence/actions/{place}/{field}");
            errors.expect(claims.contains(&action.claim), at("claim"), FieldCode::UnknownClaim);
            errors.expect_past(at("done_on"), action.done_on, today);
            let placed = action.proof != ResolveProof::RepairPhotos || action.place.is_some();
            errors.expect(placed, at("place"), FieldCode::Required);
        }
        for (place, instalment) in self.instalments.iter().enumerate() {
            let at = |field: &str| format!("/evidence/instalments/{place}/{field}");
            let paid = instalment.paid_on.is_some_and(|paid| paid <= today);
            errors.expect(paid, at("paid_on"), FieldCode::Unfinished);
            errors.expect(instalment.paid_on >= Some(FOUNDING), at("paid_on"), FieldCode::BeforeFounding);
            errors.expect(instalment.voucher.is_some(), at("voucher"), FieldCode::Required);
            errors.expect(instalment.amount_fen > 0, at("amount_fen"), FieldCode::OutOfRange);
        }
    }
}

impl EducateEvidence {
    fn check(&self, today: NaiveDate, errors: &mut FieldErrors) {
        errors.expect(!self.talks.is_empty(), "/evidence/talks", FieldCode::Required);
        for (place, talk) in self.talks.iter().enumerate() {
            let pointer = format!("/evidence/talks/{place}/held_on");
            errors.expect_past(pointer, talk.held_on, today);
        }
        errors.expect_past("/evidence/explanation_handed_on", self.explanation_handed_on, today);
    }
}

impl AssistEvidence {
    fn check(&self, today: NaiveDate, errors: &mut FieldErrors) {
        errors.expect(!self.grants.is_empty(), "/evidence/grants", FieldCode::Required);
        for (place, grant) in self.grants.iter().enumerate() {
            let pointer = format!("/evidence/grants/{place}/granted_on");
            errors.expect_past(pointer, grant.granted_on, today);
        }
    }
}

impl LawfulHandlingEvidence {
    fn check(&self, today: NaiveDate, errors: &mut FieldErrors) {
        let dissuaded = !self.dissuasions.is_empty();
        errors.expect_by(dissuaded, "/evidence/dissuasions", FieldCode::DissuasionFirst, 47);
        errors.expect(!self.proofs.is_empty(), "/evidence/proofs", FieldCode::Required);
        for (place, dissuasion) in self.dissuasions.iter().enumerate() {
            let pointer = format!("/evidence/dissuasions/{place}/done_on");
            errors.expect_past(pointer, dissuasion.done_on, today);
        }
        let Some(referral) = &self.police_referral else { return };
        let pointer = "/evidence/police_referral/referred_on";
        errors.expect_past(pointer, referral.referred_on, today);
        let after = self.dissuasions.iter().any(|dissuasion| dissuasion.done_on <= referral.referred_on);
        errors.expect_by(after, pointer, FieldCode::DissuasionFirst, 47);
    }
}
