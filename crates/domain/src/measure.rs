//! Three in place and one treatment (Art. 27): findings, the measures that follow, and their evidence.

mod evidence;
mod findings;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, Display, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::{OrganisationId, UserId};
use crate::text::{Narrative, Remark};

pub use self::evidence::{
    AssistEvidence, AssistGrant, AssistKind, Dissuasion, EducateEvidence, Evidence, Instalment,
    LawfulHandlingEvidence, PetitionerReceipt, PoliceReferral, ResolveAction, ResolveEvidence, ResolveProof,
    Talk,
};
pub use self::findings::{
    ClaimFinding, ConductCheck, Findings, HardshipCheck, Reasonableness, UnlawfulConduct,
};

/// One of the four obligations of Art. 27.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    Display,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MeasureKind {
    /// 诉求合理的解决问题到位.
    #[strum(props(zh = "解决问题到位", en = "Resolve the reasonable demand"))]
    Resolve,
    /// 诉求无理的思想教育到位.
    #[strum(props(zh = "思想教育到位", en = "Explain the unreasonable demand"))]
    Educate,
    /// 生活困难的帮扶救助到位.
    #[strum(props(zh = "帮扶救助到位", en = "Help in hardship"))]
    Assist,
    /// 行为违法的依法处理.
    #[strum(props(zh = "依法处理", en = "Treat unlawful conduct according to law"))]
    LawfulHandling,
}

/// How far a measure has come.
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
pub enum MeasureState {
    /// The findings are not there yet, or do not call for it and nobody has said so.
    #[strum(props(zh = "待认定", en = "Not determined"))]
    Undetermined,
    /// Said not to apply, with a reason; waits for a reviewer's tick.
    #[strum(props(zh = "拟不适用", en = "Found not applicable"))]
    FoundNotApplicable,
    /// Confirmed not to apply.
    #[strum(props(zh = "不适用", en = "Not applicable"))]
    NotApplicable,
    #[strum(props(zh = "适用", en = "Applies"))]
    Applies,
    #[strum(props(zh = "已计划", en = "Planned"))]
    Planned,
    #[strum(props(zh = "已报告到位", en = "Reported in place"))]
    Reported,
    #[strum(props(zh = "核验退回", en = "Sent back"))]
    SentBack,
    #[strum(props(zh = "已核验到位", en = "Verified in place"))]
    Verified,
}

impl MeasureState {
    /// Whether nothing is left to do.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Verified | Self::NotApplicable)
    }

    /// Whether the measure is called for.
    pub const fn applies(self) -> bool {
        matches!(self, Self::Applies | Self::Planned | Self::Reported | Self::SentBack | Self::Verified)
    }
}

/// One obligation of one case, with all that was done for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Measure {
    pub kind: MeasureKind,
    pub state: MeasureState,
    pub owner: Option<UserId>,
    pub plan: Option<Remark>,
    pub due_on: Option<NaiveDate>,
    pub steps: Vec<MeasureStep>,
    pub in_place: Option<InPlaceReport>,
    /// The unit of whoever reported or found, at that time: moving them later frees nobody of the unit to verify.
    pub answerable_unit: Option<OrganisationId>,
    /// Why the measure does not apply, and who found so.
    pub not_applicable: Option<Remark>,
    pub found_by: Option<UserId>,
    /// In whose place, where a deputy found so.
    pub found_on_behalf_of: Option<UserId>,
    pub verified_by: Option<UserId>,
    /// In whose place, where a deputy verified.
    pub verified_on_behalf_of: Option<UserId>,
    pub verified_on: Option<NaiveDate>,
    /// The remark of the last verification, the reason when it was sent back.
    pub verification: Option<Remark>,
}

impl Measure {
    /// A measure of which nothing is known yet.
    pub const fn undetermined(kind: MeasureKind) -> Self {
        Self {
            kind,
            state: MeasureState::Undetermined,
            owner: None,
            plan: None,
            due_on: None,
            steps: Vec::new(),
            in_place: None,
            answerable_unit: None,
            not_applicable: None,
            found_by: None,
            found_on_behalf_of: None,
            verified_by: None,
            verified_on_behalf_of: None,
            verified_on: None,
            verification: None,
        }
    }
}

/// Who does what by when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasurePlan {
    pub owner: UserId,
    pub plan: Remark,
    pub due_on: NaiveDate,
}

/// One step done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeasureStep {
    pub done_on: NaiveDate,
    pub what: Remark,
}

/// "In place", with the proof that §3.1 names for the measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InPlaceReport {
    pub summary: Narrative,
    pub evidence: Evidence,
}

/// The verdict on a measure, or on the finding that it does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    pub passed: bool,
    /// What was checked; the reason when it is sent back.
    pub remark: Remark,
}
