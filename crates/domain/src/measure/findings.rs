//! What is found on claims, hardship and conduct (Art. 26, 27).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::text::Remark;

/// Whether a claim is reasonable.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
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
pub enum Reasonableness {
    #[default]
    #[strum(props(zh = "待认定", en = "Not yet found"))]
    Undetermined,
    #[strum(props(zh = "合理", en = "Reasonable"))]
    Reasonable,
    #[strum(props(zh = "部分合理", en = "Partly reasonable"))]
    Partly,
    #[strum(props(zh = "不合理", en = "Unreasonable"))]
    Unreasonable,
}

/// The finding on one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimFinding {
    /// Number of the claim.
    pub claim: u16,
    pub reasonableness: Reasonableness,
    pub facts: Remark,
}

/// The hardship check: the answer "none" is allowed, silence is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HardshipCheck {
    /// Whether real hardship was found.
    pub hardship: bool,
    /// Income, illness, household: what was looked at and found.
    pub circumstances: Remark,
    pub checked_on: NaiveDate,
}

/// The six kinds of forbidden conduct (Art. 26).
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
pub enum UnlawfulConduct {
    #[strum(props(zh = "非法聚集、围堵、冲击、拦截", en = "Unlawful gathering or blocking"))]
    GatheringOrBlocking,
    #[strum(props(zh = "携带危险物品、管制器具", en = "Carrying dangerous goods"))]
    DangerousGoods,
    #[strum(props(
        zh = "侮辱、殴打、威胁、限制人身自由或毁坏财物",
        en = "Insult, assault, threat or damage"
    ))]
    AssaultOrThreat,
    #[strum(props(zh = "滞留、滋事、弃留生活不能自理的人", en = "Lingering, or abandoning dependants"))]
    LingeringOrAbandoning,
    #[strum(props(
        zh = "煽动、串联、胁迫、以财物诱使或借机敛财",
        en = "Inciting, coercing or enriching oneself"
    ))]
    IncitingOrProfiting,
    #[strum(props(zh = "其他扰乱秩序的行为", en = "Other disorder"))]
    OtherDisorder,
}

/// Whether Art. 26 conduct happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConductCheck {
    /// What happened; empty says that nothing did.
    pub conduct: Vec<UnlawfulConduct>,
    pub facts: Remark,
}

/// Findings on the claims, on hardship and on conduct; each part may be sent alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    #[serde(default)]
    pub claims: Vec<ClaimFinding>,
    #[serde(default)]
    pub hardship: Option<HardshipCheck>,
    #[serde(default)]
    pub conduct: Option<ConductCheck>,
}
