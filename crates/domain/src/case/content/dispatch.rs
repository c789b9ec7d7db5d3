//! Passing a case on, objecting to it, and the endings without a procedure (Art. 22, 23).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::OrganisationId;
use crate::text::{Narrative, Remark};

/// How a case is passed on (Art. 22).
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
pub enum DispatchMode {
    #[strum(props(zh = "转送", en = "Transfer"))]
    Transfer,
    #[strum(props(zh = "交办", en = "Assign, with a limit and a report due"))]
    Assign,
}

/// Passing a case on (转送函, 交办函).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    pub mode: DispatchMode,
    /// The organ that is to have the case.
    pub to: OrganisationId,
    pub reason: Remark,
    /// The limit for the report; required for `assign`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback_due_on: Option<NaiveDate>,
    /// Whether the matter goes by the simple procedure (简易办理).
    #[serde(default)]
    pub simple: bool,
}

/// "Not ours", with detailed reasons (异议函, Art. 23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    pub reasons: Remark,
    /// The organ that is competent in the objector's view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<OrganisationId>,
}

/// The sender's answer to an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectionDecision {
    /// Whether the case comes back to the sender.
    pub upheld: bool,
    pub reasons: Remark,
}

/// An answer without a handling opinion: to an enquiry or thanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    pub content: Narrative,
    pub way: NoticeWay,
}

/// A reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub reason: Remark,
}

/// How the petitioner was told.
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
pub enum NoticeWay {
    #[strum(props(zh = "当场", en = "On the spot"))]
    OnTheSpot,
    #[strum(props(zh = "当面", en = "In person"))]
    InPerson,
    #[strum(props(zh = "邮寄", en = "By post"))]
    Post,
    #[strum(props(zh = "短信", en = "Text message"))]
    Message,
    #[strum(props(zh = "电话", en = "Phone"))]
    Phone,
    #[strum(props(zh = "网上", en = "Web"))]
    Web,
    /// The name or address is unclear: no notice is needed (Art. 23).
    #[strum(props(zh = "姓名或住址不清，免予告知", en = "Exempt: name or address unclear"))]
    Exempt,
}
