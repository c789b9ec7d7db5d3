//! Review and re-review (Art. 35, 36).

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::dispatch::NoticeWay;
use super::opinion::ClaimAnswer;
use crate::text::{Line, Narrative, Remark};

/// A petitioner's request for review or re-review (复查、复核申请).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    pub grounds: Narrative,
    /// Why the request comes late, where it does; taken where local rules allow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<Remark>,
}

/// Whether the request is taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewAdmission {
    pub admitted: bool,
    /// Required when not admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<NonAdmission>,
    pub reason: Remark,
    pub notice: NoticeWay,
}

/// Why a request for review is not admitted (*local*, `domain.md` §2.4).
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
pub enum NonAdmission {
    #[strum(props(zh = "不属于复查复核范围", en = "Out of scope"))]
    OutOfScope,
    #[strum(props(zh = "越级", en = "Skipped a level"))]
    SkippedLevel,
    #[strum(props(zh = "逾期且无正当理由", en = "Late without good reason"))]
    Late,
    #[strum(props(zh = "已经受理", en = "Already taken up"))]
    AlreadyTaken,
    #[strum(props(zh = "有其他法定途径", en = "Another statutory route"))]
    StatutoryRoute,
}

/// What a review does with the opinion (`domain.md` §2.4).
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
pub enum ReviewOutcome {
    #[strum(props(zh = "维持", en = "Uphold"))]
    Uphold,
    #[strum(props(zh = "直接变更", en = "Change"))]
    Change,
    #[strum(props(zh = "责令重新办理", en = "Order a remake"))]
    Remake,
}

/// 复查意见书 or 复核意见书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewDecision {
    pub outcome: ReviewOutcome,
    pub document_no: Line,
    pub facts: Narrative,
    pub reasons: Narrative,
    pub legal_basis: Remark,
    /// The new answers; required for `change`, empty otherwise.
    #[serde(default)]
    pub answers: Vec<ClaimAnswer>,
}
