//! Closure, rating, visiting back, withdrawal, reopening, archive, aftercare (Art. 21, 27, 37).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::UserId;
use crate::text::{Narrative, Remark};

/// How content the petitioner is (three steps).
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
pub enum Satisfaction {
    #[strum(props(zh = "满意", en = "Satisfied"))]
    Satisfied,
    #[strum(props(zh = "基本满意", en = "Basically satisfied"))]
    BasicallySatisfied,
    #[strum(props(zh = "不满意", en = "Not satisfied"))]
    NotSatisfied,
}

impl Satisfaction {
    /// Whether the answer is a yes, full or nearly.
    pub const fn is_content(self) -> bool {
        matches!(self, Self::Satisfied | Self::BasicallySatisfied)
    }
}

/// 回访.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitBack {
    pub visited_on: NaiveDate,
    pub way: VisitWay,
    /// What the petitioner said, in their words.
    pub words: Remark,
    pub satisfaction: Satisfaction,
    /// New signs that call for attention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signs: Option<Remark>,
}

/// How somebody was visited.
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
pub enum VisitWay {
    #[strum(props(zh = "上门", en = "At home"))]
    Home,
    #[strum(props(zh = "电话", en = "Phone"))]
    Phone,
    #[strum(props(zh = "来访", en = "At the office"))]
    Office,
    #[strum(props(zh = "网上", en = "Online"))]
    Online,
}

/// The petitioner's rating: once for the petition department, once for the responsible unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    pub petition_department: Satisfaction,
    pub responsible_unit: Satisfaction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Remark>,
}

/// 息访承诺书: voluntary, never the condition of a lawful benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pledge {
    pub signed_on: NaiveDate,
    /// What the petitioner received.
    pub received: Remark,
    /// The petitioner's words.
    pub words: Remark,
}

/// 办结报告.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosingReport {
    /// What was done for each claim.
    pub report: Narrative,
    pub petitioner_view: PetitionerView,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_risk: Option<Remark>,
}

/// The petitioner's view of the result (codes 0, 1, 9).
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
pub enum PetitionerView {
    #[strum(props(zh = "同意", en = "Agrees"))]
    Agrees,
    #[strum(props(zh = "不同意", en = "Disagrees"))]
    Disagrees,
    #[strum(props(zh = "无明确意见", en = "No clear view"))]
    Unclear,
}

/// The petitioner takes the petition back; nothing is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The petitioner's words.
    pub words: Remark,
    pub withdrawn_on: NaiveDate,
}

/// 重新办理通知.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reopening {
    pub ground: ReopeningGround,
    pub reasons: Remark,
}

/// Why a closed case is opened again.
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
pub enum ReopeningGround {
    #[strum(props(zh = "新的事实和理由", en = "New facts or reasons"))]
    NewFacts,
    #[strum(props(zh = "督查发现原意见有误", en = "Supervision found the opinion wrong"))]
    FoundWrong,
}

/// How long the file is kept.
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
pub enum Retention {
    #[strum(props(zh = "永久", en = "Permanent"))]
    Permanent,
    #[strum(props(zh = "30年", en = "30 years"))]
    ThirtyYears,
    #[strum(props(zh = "10年", en = "10 years"))]
    TenYears,
}

impl Retention {
    /// For how many years a file is kept; none where it is kept for good.
    pub const fn years(self) -> Option<i32> {
        match self {
            Self::Permanent => None,
            Self::ThirtyYears => Some(30),
            Self::TenYears => Some(10),
        }
    }
}

/// 销毁个人信息: that the sealed data of everybody in the case is destroyed (个人信息保护法 Art. 19, 47).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The administrator who proposed it.
    pub proposed_by: UserId,
    /// The other administrator, who agreed.
    pub agreed_by: UserId,
    pub reason: Remark,
}

/// 归档.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Archiving {
    pub retention: Retention,
    pub catalogue: Remark,
}

/// What is still done for people after a matter has ended (Art. 37).
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
pub enum AftercareKind {
    #[strum(props(zh = "疏导教育", en = "Guidance and education"))]
    Guidance,
    #[strum(props(zh = "矛盾化解", en = "Resolving the dispute"))]
    DisputeResolution,
    #[strum(props(zh = "帮扶救助", en = "Help and relief"))]
    Help,
}

/// Aftercare that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Aftercare {
    pub kind: AftercareKind,
    pub done_on: NaiveDate,
    pub summary: Remark,
}
