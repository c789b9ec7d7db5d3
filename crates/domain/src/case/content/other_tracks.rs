//! What suggestions and accusations have of their own (Art. 29, 30).

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::text::{Line, Narrative, Remark};

/// What became of a suggestion (Art. 29).
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
pub enum Adoption {
    #[strum(props(zh = "采纳", en = "Adopted"))]
    Adopted,
    #[strum(props(zh = "部分采纳", en = "Partly adopted"))]
    Partly,
    #[strum(props(zh = "不采纳", en = "Not adopted"))]
    NotAdopted,
}

/// The conclusion of the study of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StudyConclusion {
    pub adoption: Adoption,
    pub reasons: Narrative,
}

/// A reward for a valuable suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reward {
    pub reward: Line,
    pub reason: Remark,
}

/// The receiving organ acknowledges an accusation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub receipt_no: Line,
}

/// What the competent organ reports back of an accusation: a flag only.
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
pub enum AccusationOutcome {
    #[strum(props(zh = "已办理", en = "Dealt with"))]
    DealtWith,
    #[strum(props(zh = "失实", en = "Not substantiated"))]
    NotSubstantiated,
    #[strum(props(zh = "另行处理", en = "Passed on within discipline organs"))]
    PassedOn,
}

/// The outcome of an accusation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccusationResult {
    pub outcome: AccusationOutcome,
}
