//! Backlog cases (信访积案): old or returning matters that are listed, worked through and struck off (`domain.md` §3.3).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::OrganisationId;
use crate::text::{Line, Narrative, Remark};

/// Why a case is backlog; all but the last are what the configured rules propose.
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
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BacklogGround {
    /// Unanswered for the configured days, a year by default.
    #[strum(props(zh = "长期未办结", en = "Open for long"))]
    Age,
    /// Petitioned again the configured number of times, three by default.
    #[strum(props(zh = "多次重复信访", en = "Petitioned again and again"))]
    Repeats,
    /// Petitioned again after the matter had ended by re-review.
    #[strum(props(zh = "复核终结后仍信访", en = "Petitioned again after re-review"))]
    AfterReReview,
    /// The joint conference put it on its list.
    #[strum(props(zh = "联席会议交办", en = "Listed by the joint conference"))]
    JointConference,
}

/// That a case is put on a list of backlog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacklogListing {
    /// The batch, as the office names it.
    pub batch: Line,
    /// The number on the batch's list.
    pub list_no: Line,
    /// At least one; each must hold.
    #[schema(min_items = 1, max_items = 4)]
    pub grounds: Vec<BacklogGround>,
    /// Of the joint conference; required for `joint_conference`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_no: Option<Line>,
    /// What keeps it from being resolved (症结).
    pub root_cause: Narrative,
    /// How it is to be resolved (化解方案).
    pub plan: Narrative,
    /// The organ that answers for it: one that has or had a part in the case.
    pub organ: OrganisationId,
    /// When it is to be resolved: within two years.
    pub target_on: NaiveDate,
}

/// How a backlog case is worked on.
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
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum BacklogWay {
    #[strum(props(zh = "对话", en = "Dialogue"))]
    Dialogue,
    #[strum(props(zh = "听证", en = "Hearing"))]
    Hearing,
    #[strum(props(zh = "救助", en = "Relief"))]
    Relief,
    #[strum(props(zh = "评查", en = "Looking over the earlier handling"))]
    CaseReview,
}

/// How far the responsible organ says it has come.
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
pub enum BacklogProgress {
    #[strum(props(zh = "未化解", en = "Not resolved"))]
    Unresolved,
    /// Never counts as resolved.
    #[strum(props(zh = "持续稳控", en = "Continued watching"))]
    ContinuedWatching,
    /// Asks for the inspection on site.
    #[strum(props(zh = "已化解，申请验收", en = "Resolved, inspection asked for"))]
    Resolved,
}

/// The responsible organ's monthly report, signed by its head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacklogReport {
    pub progress: BacklogProgress,
    pub done: Narrative,
    #[serde(default)]
    pub ways: Vec<BacklogWay>,
}

/// By what a backlog case counts as resolved.
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
pub enum BacklogResolution {
    /// The matter is resolved and the petitioner content, or they have withdrawn it.
    #[strum(props(zh = "息诉罢访", en = "Petitioning ceased"))]
    PetitionCeased,
    /// The matter is resolved, and an agreement on its end was signed.
    #[strum(props(zh = "签订息访协议", en = "Agreement signed"))]
    AgreementSigned,
    /// The matter ended by re-review, a hearing was held (unless configured otherwise), and explanation and help are in place.
    #[strum(props(zh = "依法终结", en = "Ended by law"))]
    LawfulFinality,
    /// It has left the petition procedure: answered directly, filed, or for a statutory route.
    #[strum(props(zh = "依法分流", en = "Left for another procedure"))]
    LeftTheProcedure,
}

/// The inspection on site (验收).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacklogInspection {
    /// Otherwise the organ goes on.
    pub passed: bool,
    pub inspected_on: NaiveDate,
    pub place: Line,
    pub findings: Narrative,
    /// By what it counts as resolved; required where it passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<BacklogResolution>,
}

/// The higher level's decision to strike the case off the list (销号).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacklogStrikeOff {
    /// Otherwise it stays on the list, and the organ goes on.
    pub agreed: bool,
    pub decision_no: Line,
    pub reason: Remark,
}
