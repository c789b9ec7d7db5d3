//! The opinion on each claim, and the documents that are handed over (Art. 32, 35).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::dispatch::Reason;
use crate::text::{Line, Narrative, Remark};

/// Returning something with a reason.
pub type Return = Reason;

/// The opinion on one claim (Art. 32).
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
pub enum ClaimResult {
    #[strum(props(zh = "予以支持", en = "Support"))]
    Support,
    #[strum(props(zh = "解释说明", en = "Explain"))]
    Explain,
    #[strum(props(zh = "不予支持", en = "Do not support"))]
    NotSupport,
}

/// The answer to one claim: the result always has reasons and a legal basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimAnswer {
    /// Number of the claim.
    pub claim: u16,
    pub result: ClaimResult,
    pub reasons: Remark,
    pub legal_basis: Remark,
}

/// 信访处理意见书 (Art. 32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionDraft {
    pub facts: Narrative,
    #[schema(min_items = 1)]
    pub answers: Vec<ClaimAnswer>,
}

/// Signing an opinion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionIssue {
    /// 文号.
    pub document_no: Line,
}

/// A document of a case (`domain.md` §2.6).
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
pub enum DocumentKind {
    #[strum(props(zh = "登记表", en = "Registration form"))]
    Registration,
    #[strum(props(zh = "转送函", en = "Letter of transfer"))]
    TransferLetter,
    #[strum(props(zh = "交办函", en = "Letter of assignment"))]
    AssignmentLetter,
    #[strum(props(zh = "异议函", en = "Letter of objection"))]
    ObjectionLetter,
    #[strum(props(zh = "受理告知书", en = "Notice of acceptance"))]
    AcceptanceNotice,
    #[strum(props(zh = "不予受理告知书", en = "Notice of non-acceptance"))]
    RefusalNotice,
    #[strum(props(zh = "不再受理告知书", en = "Notice that the matter is no longer accepted"))]
    FinalityNotice,
    #[strum(props(zh = "程序告知书", en = "Notice of the statutory route"))]
    RouteNotice,
    #[strum(props(zh = "延期告知书", en = "Notice of extension"))]
    ExtensionNotice,
    #[strum(props(zh = "听证通知书", en = "Notice of hearing"))]
    HearingNotice,
    #[strum(props(zh = "调解（和解）协议书", en = "Agreement"))]
    Agreement,
    #[strum(props(zh = "信访处理意见书", en = "Handling opinion"))]
    HandlingOpinion,
    #[strum(props(zh = "送达回证", en = "Proof of delivery"))]
    DeliveryProof,
    #[strum(props(zh = "复查申请受理（不予受理）告知书", en = "Notice on the request for review"))]
    ReviewNotice,
    #[strum(props(zh = "复查意见书", en = "Review opinion"))]
    ReviewOpinion,
    #[strum(props(zh = "复核意见书", en = "Re-review opinion"))]
    ReReviewOpinion,
    #[strum(props(zh = "重新办理通知", en = "Notice of reopening"))]
    ReopeningNotice,
    #[strum(props(zh = "办结报告", en = "Closing report"))]
    ClosingReport,
    #[strum(props(zh = "建议答复", en = "Reply to a suggestion"))]
    SuggestionReply,
    #[strum(props(zh = "归档目录", en = "Archive catalogue"))]
    ArchiveCatalogue,
    #[strum(props(zh = "督办函", en = "Letter of supervision"))]
    SupervisionLetter,
    #[strum(props(zh = "三项建议书", en = "Letter of suggestions"))]
    SuggestionsLetter,
}

/// How a document was handed over (送达方式, codes 0/1/2).
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
pub enum DeliveryWay {
    #[strum(props(zh = "当面", en = "In person"))]
    InPerson,
    #[strum(props(zh = "邮寄", en = "By post"))]
    Post,
    #[strum(props(zh = "其他", en = "Other"))]
    Other,
}

/// 送达回证: the appeal clocks start at receipt, so the proof is a record of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub document: DocumentKind,
    pub way: DeliveryWay,
    /// The day on which the recipient received or refused it.
    pub delivered_on: NaiveDate,
    pub recipient: Line,
    /// 签收 (true) or 拒收 (false); a refusal is delivery all the same.
    pub signed: bool,
    /// Postal number, witness or other proof; required when the recipient refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Line>,
}
