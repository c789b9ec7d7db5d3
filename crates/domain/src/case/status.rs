//! The states of a case and the words that classify it.

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

/// Where a case stands (`domain.md` §2.1).
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
pub enum Status {
    #[strum(props(zh = "已登记", en = "Registered"))]
    Registered,
    #[strum(props(zh = "甄别", en = "Screening"))]
    Screening,
    #[strum(props(zh = "已转送", en = "Transferred"))]
    Transferred,
    #[strum(props(zh = "已交办", en = "Assigned"))]
    Assigned,
    #[strum(props(zh = "异议待审", en = "Objected"))]
    Objected,
    #[strum(props(zh = "待受理", en = "Pending acceptance"))]
    PendingAcceptance,
    #[strum(props(zh = "已受理", en = "Accepted"))]
    Accepted,
    #[strum(props(zh = "办理中", en = "In handling"))]
    InHandling,
    #[strum(props(zh = "调解中", en = "Mediating"))]
    Mediating,
    #[strum(props(zh = "拟稿", en = "Opinion draft"))]
    OpinionDraft,
    #[strum(props(zh = "审签", en = "Opinion under examination"))]
    OpinionReview,
    #[strum(props(zh = "已出具处理意见", en = "Opinion issued"))]
    OpinionIssued,
    #[strum(props(zh = "已送达", en = "Delivered"))]
    Delivered,
    #[strum(props(zh = "执行中", en = "Executing"))]
    Executing,
    #[strum(props(zh = "办结", en = "Closed"))]
    Closed,
    #[strum(props(zh = "复查中", en = "Under review"))]
    Reviewing,
    #[strum(props(zh = "已出具复查意见", en = "Review issued"))]
    ReviewIssued,
    #[strum(props(zh = "复核中", en = "Under re-review"))]
    ReReviewing,
    #[strum(props(zh = "已出具复核意见", en = "Re-review issued"))]
    ReReviewIssued,
    #[strum(props(zh = "重新办理", en = "Returned for rework"))]
    ReturnedForRework,
    #[strum(props(zh = "终结", en = "Terminated"))]
    Terminated,
    #[strum(props(zh = "不予受理", en = "Not accepted"))]
    NotAccepted,
    #[strum(props(zh = "不再受理", en = "No longer accepted"))]
    NoLongerAccepted,
    #[strum(props(zh = "导入法定途径", en = "Routed out"))]
    RoutedOut,
    #[strum(props(zh = "直接回复", en = "Direct reply"))]
    DirectReply,
    #[strum(props(zh = "存", en = "Filed only"))]
    FiledOnly,
    #[strum(props(zh = "已撤回", en = "Withdrawn"))]
    Withdrawn,
    #[strum(props(zh = "研究论证", en = "Studying"))]
    Studying,
    #[strum(props(zh = "已有研究结论", en = "Study concluded"))]
    StudyConcluded,
    #[strum(props(zh = "已答复", en = "Replied"))]
    Replied,
    #[strum(props(zh = "已转有权机关", en = "Forwarded"))]
    Forwarded,
    #[strum(props(zh = "已签收", en = "Receipt acknowledged"))]
    ReceiptAcknowledged,
    #[strum(props(zh = "已反馈结果", en = "Outcome recorded"))]
    OutcomeRecorded,
    #[strum(props(zh = "归档", en = "Archived"))]
    Archived,
}

impl Status {
    /// Whether an organ is working on the matter, so that another does not take it up (Art. 19).
    pub const fn is_in_process(self) -> bool {
        matches!(
            self,
            Self::Accepted
                | Self::InHandling
                | Self::Mediating
                | Self::OpinionDraft
                | Self::OpinionReview
                | Self::OpinionIssued
                | Self::Reviewing
                | Self::ReReviewing
                | Self::ReturnedForRework
        )
    }
}

/// What the petitioner wants (信访目的).
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
pub enum Purpose {
    #[strum(props(zh = "求决", en = "Claim"))]
    Claim,
    #[strum(props(zh = "申诉", en = "Appeal against a decision"))]
    Appeal,
    #[strum(props(zh = "意见建议", en = "Suggestion"))]
    Suggestion,
    #[strum(props(zh = "检举控告", en = "Accusation"))]
    Accusation,
    #[strum(props(zh = "咨询", en = "Enquiry"))]
    Enquiry,
    #[strum(props(zh = "其他", en = "Other"))]
    Other,
}

/// Which of the three procedures a matter follows (Art. 29, 30, 31).
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
pub enum Track {
    #[strum(props(zh = "申诉求决类", en = "Claims"))]
    Claim,
    #[strum(props(zh = "意见建议类", en = "Suggestions"))]
    Suggestion,
    #[strum(props(zh = "检举控告类", en = "Accusations"))]
    Accusation,
}

impl Purpose {
    /// The procedure of the purpose.
    pub const fn track(self) -> Track {
        match self {
            Self::Suggestion => Track::Suggestion,
            Self::Accusation => Track::Accusation,
            Self::Claim | Self::Appeal | Self::Enquiry | Self::Other => Track::Claim,
        }
    }
}

/// The form in which a petition arrives (信访形式, Art. 17).
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
pub enum Channel {
    #[strum(props(zh = "来信", en = "Letter"))]
    Letter,
    #[strum(props(zh = "来访", en = "Visit"))]
    Visit,
    #[strum(props(zh = "来电", en = "Call"))]
    Call,
    #[strum(props(zh = "传真", en = "Fax"))]
    Fax,
    #[strum(props(zh = "网上信访", en = "Web"))]
    Web,
}

/// How it came to this organ.
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
pub enum Source {
    #[default]
    #[strum(props(zh = "信访人直接提出", en = "From the petitioner"))]
    Petitioner,
    #[strum(props(zh = "网格上报", en = "Reported by a grid member"))]
    GridReport,
    #[strum(props(zh = "上级交办转送", en = "From a higher level"))]
    HigherLevel,
    #[strum(props(zh = "领导批示", en = "Leader's instruction"))]
    LeaderInstruction,
    #[strum(props(zh = "12345热线", en = "12345 hotline"))]
    Hotline,
    #[strum(props(zh = "其他", en = "Other"))]
    Other,
}

/// How pressing a matter is.
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
pub enum Urgency {
    #[default]
    #[strum(props(zh = "一般", en = "Normal"))]
    Normal,
    #[strum(props(zh = "紧急", en = "Urgent"))]
    Urgent,
    #[strum(props(zh = "重大紧急", en = "Grave and urgent"))]
    GraveUrgent,
}

/// Why people petition (信访原因).
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
pub enum Cause {
    #[strum(props(zh = "参政议政", en = "Taking part in public affairs"))]
    PublicAffairs,
    #[strum(props(zh = "政策法规", en = "Policy and law"))]
    PolicyAndLaw,
    #[strum(props(zh = "工作原因", en = "Conduct of work"))]
    Work,
    #[strum(props(zh = "干部作风", en = "Cadres' style of work"))]
    CadreStyle,
    #[strum(props(zh = "信访人因素", en = "The petitioner's own circumstances"))]
    Petitioner,
    #[strum(props(zh = "自然灾害", en = "Natural disaster"))]
    NaturalDisaster,
    #[strum(props(zh = "涉外因素", en = "Foreign-related"))]
    Foreign,
    #[strum(props(zh = "其他", en = "Other"))]
    Other,
}

/// The six routes of a claim (Art. 31).
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
pub enum Route {
    #[strum(props(zh = "诉讼等政法机关程序", en = "Litigation and the like, Art. 31(1)"))]
    Litigation,
    #[strum(props(zh = "仲裁", en = "Arbitration, Art. 31(2)"))]
    Arbitration,
    #[strum(props(zh = "党员申诉、申请复审", en = "Party members' appeal, Art. 31(3)"))]
    PartyAppeal,
    #[strum(props(zh = "行政复议、裁决、确认、许可、处罚等", en = "Administrative procedures, Art. 31(4)"))]
    Administrative,
    #[strum(props(zh = "履行法定职责", en = "Performance of a statutory duty, Art. 31(5)"))]
    StatutoryDuty,
    #[strum(props(zh = "信访程序", en = "The petition procedure, Art. 31(6)"))]
    PetitionProcedure,
}
