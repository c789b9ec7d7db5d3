//! Supervision (督办): pressing a faulty handling, and the three suggestions (Art. 39, 40).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::other_tracks::Adoption;
use crate::id::OrganisationId;
use crate::text::{Line, Narrative, Remark};

/// Why an organ is supervised (Art. 40, and what practice adds under its "等情形").
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
pub enum SupervisionGround {
    #[strum(props(zh = "违反规定受理", en = "Acceptance against the rules"))]
    AcceptanceAgainstRules,
    #[strum(props(zh = "违反规定办理", en = "Handling against the rules"))]
    HandlingAgainstRules,
    #[strum(props(zh = "推诿", en = "Passing the buck"))]
    BuckPassing,
    #[strum(props(zh = "敷衍", en = "Perfunctory work"))]
    Perfunctory,
    #[strum(props(zh = "拖延", en = "Delay"))]
    Delay,
    #[strum(props(zh = "弄虚作假", en = "Falsification"))]
    Falsification,
    #[strum(props(zh = "拒不执行信访处理意见", en = "Refusing to carry out an opinion"))]
    OpinionNotCarriedOut,
    #[strum(props(zh = "处理意见明显不当", en = "An opinion that is plainly improper"))]
    ImproperOpinion,
    #[strum(props(zh = "其他情形", en = "Other"))]
    Other,
}

/// How an organ is supervised.
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
pub enum SupervisionWay {
    #[strum(props(zh = "发函督办", en = "By letter"))]
    Letter,
    #[strum(props(zh = "电话督办", en = "By phone"))]
    Phone,
    #[strum(props(zh = "约见督办", en = "By interview"))]
    Interview,
    #[strum(props(zh = "实地督办", en = "On site"))]
    OnSite,
}

/// An order of supervision (督办函).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionOrder {
    /// The organ that is supervised: one that has or had a part in the case.
    pub to: OrganisationId,
    pub ground: SupervisionGround,
    pub facts: Narrative,
    /// The rule that was broken.
    pub rule: Remark,
    pub demand: Narrative,
    pub way: SupervisionWay,
    /// Of the letter; required for `letter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_no: Option<Line>,
    /// Until when the organ reports in writing: within a year.
    pub report_due_on: NaiveDate,
}

/// What the supervised organ reports, answered for by its head, or in a petition department by whoever passes its papers on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionReport {
    pub done: Narrative,
    /// What is still to be done, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outstanding: Option<Remark>,
}

/// Whether what the organ reports meets the demand, or that an order ends without a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionVerdict {
    /// The order is closed, also where no report can come any more; otherwise the organ, which has reported, reports again.
    pub accepted: bool,
    pub reason: Remark,
    /// Until when the organ reports again; required unless accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_due_on: Option<NaiveDate>,
}

/// What the joint conference does about an organ that an order does not move, the mildest first (Art. 39).
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
pub enum EscalationStep {
    #[strum(props(zh = "通报", en = "Circulated notice"))]
    CirculatedNotice,
    #[strum(props(zh = "约谈", en = "Summons to talk"))]
    SummonsToTalk,
    #[strum(props(zh = "挂牌督办", en = "Listed supervision"))]
    ListedSupervision,
}

/// That the joint conference presses an order further, with a new limit (限期整改, Art. 39).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Higher than any step before it.
    pub step: EscalationStep,
    pub reason: Remark,
    /// The number of the joint conference's decision.
    pub decision_no: Line,
    /// Whom the conference talked with, and what was said; required for `summons_to_talk`, not expected otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub talk: Option<Remark>,
    pub report_due_on: NaiveDate,
}

/// The three suggestions (三项建议, Art. 40).
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
pub enum SupervisorySuggestionKind {
    #[strum(props(zh = "改进工作建议", en = "To improve the work"))]
    Improvement,
    #[strum(props(zh = "完善政策建议", en = "To improve a policy"))]
    Policy,
    #[strum(props(zh = "追究责任建议", en = "To hold to account"))]
    Accountability,
}

/// One of the three suggestions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisorySuggestion {
    pub kind: SupervisorySuggestionKind,
    pub facts: Remark,
    pub basis: Remark,
    pub advice: Remark,
}

/// A letter with suggestions (三项建议书), which wants a written answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisorySuggestions {
    /// The organ that is to answer.
    pub to: OrganisationId,
    pub document_no: Line,
    /// One to three, each kind once.
    #[schema(min_items = 1, max_items = 3)]
    pub suggestions: Vec<SupervisorySuggestion>,
}

/// Whether one suggestion is adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestionAnswer {
    pub kind: SupervisorySuggestionKind,
    pub adoption: Adoption,
    /// What was done, or why it is not adopted.
    pub explanation: Remark,
}

/// The organ's written answer whether the suggestions are adopted (Art. 40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestionsAnswer {
    pub document_no: Line,
    /// One for each suggestion of the letter.
    #[schema(min_items = 1, max_items = 3)]
    pub answers: Vec<SuggestionAnswer>,
}

/// That a supervisor issues no order for clocks that organs let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalDismissal {
    /// The numbers of the deadlines that this decides on.
    #[schema(min_items = 1)]
    pub deadlines: Vec<u16>,
    pub reason: Remark,
}
