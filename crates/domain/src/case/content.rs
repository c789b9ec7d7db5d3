//! What people write into a case: the payload of every command, which is also what its event keeps.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::status::{Cause, Channel, Purpose, Route, Source, Status, Urgency};
use crate::id::{CaseId, OrganisationId, PersonId, UserId};
use crate::region::RegionCode;
use crate::text::{Line, Narrative, Remark};

/// A person or organ that the petition complains of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Respondent {
    /// Name, post or unit as the petitioner gave it.
    pub name: Line,
    /// The organ of the directory, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// The user of this system, where they are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

/// An earlier case of the same person, offered at filing; a person confirms or dismisses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PossibleRepeat {
    pub case: CaseId,
    pub case_no: String,
    /// Where the earlier case stood at filing.
    pub status: Status,
    /// Whether a review had ended the earlier matter for good (Art. 36).
    pub terminated: bool,
}

/// What is registered when a case is filed (登记表).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Filing {
    pub case_no: String,
    /// The petitioner's look-up code; empty where the reader is not to have it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query_code: String,
    /// The organ whose register it enters: it holds the case first.
    pub received_by: OrganisationId,
    /// Whether the competent organ was approached directly, not a petition department: then the notice
    /// (clock B) is due, not the dispatch (clock A).
    pub direct: bool,
    pub purpose: Purpose,
    pub channel: Channel,
    pub source: Source,
    pub subject: Line,
    pub narrative: Narrative,
    /// The claims as stated at filing, in the petitioner's words.
    pub stated_claims: Vec<Remark>,
    /// Where the problem lies (问题属地, Art. 5).
    pub region: RegionCode,
    pub place: Option<Line>,
    /// When the problem happened.
    pub occurred_on: Option<NaiveDate>,
    pub topic: Option<String>,
    pub cause: Option<Cause>,
    pub urgency: Urgency,
    pub anonymous: bool,
    /// Taken down as spoken (Art. 19).
    pub oral_record: bool,
    pub joint_letter: bool,
    pub skip_level: bool,
    /// How many people petition; representatives speak for a group.
    pub head_count: u32,
    pub petitioners: Vec<PersonId>,
    pub representatives: Vec<PersonId>,
    pub respondents: Vec<Respondent>,
    pub possible_repeats: Vec<PossibleRepeat>,
    /// When a device took it down offline; legal clocks run from the server's receipt.
    pub captured_at: Option<DateTime<Utc>>,
    /// The number in the system that it was imported from.
    pub source_no: Option<String>,
}

/// The answer of a person to the possible repeats (初次/重复).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatCheck {
    /// The earlier case of the same matter; null says that this is a first petition.
    pub repeat_of: Option<CaseId>,
    pub reason: Remark,
}

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

/// The organ's decision on taking a matter up (Art. 23, 31, 36).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub enum AcceptanceDecision {
    /// The organ takes the matter on (受理).
    Accept(AcceptancePayload),
    /// Not within petition work or this organ (不予受理).
    Decline(Declining),
    /// Terminated after re-review (不再受理).
    NoLongerAccept(NoLongerAccepting),
    /// Another procedure of law serves it (Art. 31(1)–(5)).
    RouteOut(RoutingOut),
}

/// 受理告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptancePayload {
    pub notice: NoticeWay,
    /// Number of the written notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_no: Option<Line>,
    /// Whether the simple procedure is used.
    #[serde(default)]
    pub simple: bool,
}

/// 不予受理告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declining {
    pub reason: Remark,
    pub legal_basis: Remark,
    /// Where the petitioner can turn instead.
    pub where_to_go: Remark,
    pub notice: NoticeWay,
}

/// 不再受理告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoLongerAccepting {
    pub reason: Remark,
    /// The re-review opinion that ended the matter.
    pub re_review_no: Line,
    pub notice: NoticeWay,
}

/// 程序告知书 (法定途径).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingOut {
    /// One of Art. 31(1)–(5).
    pub route: Route,
    pub reason: Remark,
    /// Where, within what time, and what to bring.
    pub where_to_go: Remark,
    pub notice: NoticeWay,
}

/// Naming who handles a case; each declares that they have no direct interest (Art. 28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    #[schema(min_items = 1, max_items = 10)]
    pub handlers: Vec<HandlerDeclaration>,
    #[serde(default)]
    pub co_organisations: Vec<OrganisationId>,
}

/// A handler and the answer to the question of direct interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandlerDeclaration {
    pub user: UserId,
    /// Whether they have a direct interest in the matter; then they must be recused.
    pub direct_interest: bool,
}

/// Further claims, in the petitioner's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaims {
    #[schema(min_items = 1, max_items = 50)]
    pub claims: Vec<Remark>,
}

/// Starting a mediation with the consent of both sides (Art. 33).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mediation {
    pub mediator: Line,
    /// Who faces the petitioner.
    pub other_party: Line,
    pub petitioner_consents: bool,
    pub other_party_consents: bool,
}

/// How a mediation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationOutcome {
    /// The agreement; null where none was reached.
    pub agreement: Option<Agreement>,
    pub remark: Remark,
}

/// 调解协议书 or 和解协议书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// With a mediator, or between the parties alone.
    pub kind: AgreementKind,
    /// The claims that it settles.
    #[schema(min_items = 1)]
    pub claims: Vec<u16>,
    /// Terms, way and date of performance.
    pub terms: Narrative,
    pub signed_on: NaiveDate,
    pub perform_by: Option<NaiveDate>,
}

/// The two kinds of agreement (Art. 33).
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
pub enum AgreementKind {
    #[strum(props(zh = "调解协议", en = "Mediation agreement"))]
    Mediation,
    #[strum(props(zh = "和解协议", en = "Settlement agreement"))]
    Settlement,
}

/// 听证通知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HearingNotice {
    pub held_on: NaiveDate,
    pub place: Line,
    /// Not an investigator of the case.
    pub chair: UserId,
    #[schema(max_items = 15)]
    pub panel: Vec<Line>,
    pub reason: Remark,
}

/// 听证意见.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HearingOutcome {
    pub finding: Narrative,
    pub concluded_on: NaiveDate,
}

/// Asking for more time (Art. 34).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRequest {
    /// 1 to 30.
    #[schema(minimum = 1, maximum = 30)]
    pub days: u16,
    pub reason: Remark,
}

/// The head's answer (延期告知书).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionDecision {
    pub approved: bool,
    pub reason: Remark,
    /// How the petitioner was told why; required on approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeWay>,
}

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

/// 归档.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Archiving {
    pub retention: Retention,
    pub catalogue: Remark,
}

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

/// An earlier petition from another system, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EarlierReply {
    pub content: Narrative,
    pub replied_on: NaiveDate,
}
