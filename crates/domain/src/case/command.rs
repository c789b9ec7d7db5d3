//! Everything that can be done to a case.

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, Display, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::content::{
    AcceptanceDecision, AccusationResult, Aftercare, Archiving, Assignment, BacklogInspection,
    BacklogListing, BacklogReport, BacklogStrikeOff, Charge, ChargeHandover, ChargeReport, ClosingReport,
    Delivery, Dispatch, DispatchMode, Erasure, Escalation, Evaluation, ExtensionDecision, ExtensionRequest,
    HearingNotice, HearingOutcome, Instruction, InstructionDecision, InstructionReport, LeaderVisit,
    Mediation, MediationOutcome, NewClaims, Objection, ObjectionDecision, OpinionDraft, OpinionIssue, Pledge,
    ProposalDismissal, Reason, Receipt, Recusal, Reopening, RepeatCheck, Reply, Return, ReviewAdmission,
    ReviewDecision, ReviewRequest, Reward, StudyConclusion, SuggestionsAnswer, SupervisionOrder,
    SupervisionReport, SupervisionVerdict, SupervisorySuggestions, VisitBack, Withdrawal,
};
use crate::id::CaseId;
use crate::measure::{Findings, InPlaceReport, MeasureKind, MeasurePlan, MeasureStep, Verification};
use crate::organisation::ReviewStage;
use crate::text::Remark;

/// A command on a case, with what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    ConfirmRepeat(RepeatCheck),
    Dispatch(Dispatch),
    Object(Objection),
    DecideObjection(ObjectionDecision),
    DirectReply(Reply),
    FileOnly(Reason),
    DecideAcceptance(AcceptanceDecision),
    AssignHandlers(Assignment),
    Recuse(Recusal),
    AddClaims(NewClaims),
    RecordFindings(Findings),
    StartMediation(Mediation),
    ConcludeMediation(MediationOutcome),
    ConveneHearing(HearingNotice),
    ConcludeHearing(HearingOutcome),
    RequestExtension(ExtensionRequest),
    DecideExtension(ExtensionDecision),
    DraftOpinion(OpinionDraft),
    ReturnOpinion(Return),
    IssueOpinion(OpinionIssue),
    Deliver(Delivery),
    PlanMeasure(MeasureKind, MeasurePlan),
    AddMeasureStep(MeasureKind, MeasureStep),
    ReportInPlace(MeasureKind, InPlaceReport),
    VerifyMeasure(MeasureKind, Verification),
    FindNotApplicable(MeasureKind, Reason),
    RequestReview(ReviewStage, ReviewRequest),
    DecideAdmission(ReviewStage, ReviewAdmission),
    DecideReview(ReviewStage, ReviewDecision),
    VisitBack(VisitBack),
    Evaluate(Evaluation),
    RecordPledge(Pledge),
    Close(ClosingReport),
    Withdraw(Withdrawal),
    Reopen(Reopening),
    Archive(Archiving),
    ConcludeStudy(StudyConclusion),
    ReplyToSuggestion(Reply),
    RewardSuggestion(Reward),
    AcknowledgeReceipt(Receipt),
    RecordOutcome(AccusationResult),
    RecordAftercare(Aftercare),
    TakeCharge(Charge),
    ReportCharge(ChargeReport),
    HandOverCharge(ChargeHandover),
    ListAsBacklog(BacklogListing),
    ReportOnBacklog(BacklogReport),
    InspectBacklog(BacklogInspection),
    StrikeOffBacklog(BacklogStrikeOff),
    GiveInstruction(Instruction),
    /// On the instruction of that number, as is the next.
    ReportOnInstruction(u16, InstructionReport),
    DecideInstruction(u16, InstructionDecision),
    /// In a session, from whose address it is sent.
    ReceiveVisit(LeaderVisit),
    OrderSupervision(SupervisionOrder),
    /// On the order of that number, as are the next four.
    ReportOnSupervision(u16, SupervisionReport),
    JudgeSupervision(u16, SupervisionVerdict),
    EscalateSupervision(u16, Escalation),
    MakeSuggestions(u16, SupervisorySuggestions),
    AnswerSuggestions(u16, SuggestionsAnswer),
    DismissProposals(ProposalDismissal),
    /// A later case was confirmed as a repeat of this one.
    NoteRepeat(CaseId),
    /// Tell the alarms that have come, and let lapse what lapses.
    Sweep,
    /// Reckon the open deadlines again under the calendar given.
    Recompute(Remark),
    /// Two administrators agreed that its personal data is destroyed.
    Erase(Erasure),
}

/// The kind of a command: what the table of transitions and the table of grants are about.
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
    Display,
    EnumString,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CommandKind {
    #[strum(props(zh = "核对重复信访", en = "Confirm or dismiss a repeat", path = "repeat-check"))]
    ConfirmRepeat,
    #[strum(props(zh = "转送", en = "Transfer", path = "transfer"))]
    Transfer,
    #[strum(props(zh = "交办", en = "Assign", path = "transfer"))]
    Assign,
    #[strum(props(zh = "提出异议", en = "Object", path = "objection"))]
    Object,
    #[strum(props(zh = "审核异议", en = "Decide on the objection", path = "objection/decision"))]
    DecideObjection,
    #[strum(props(zh = "直接回复", en = "Reply directly", path = "direct-reply"))]
    DirectReply,
    #[strum(props(zh = "存", en = "File only", path = "filed-only"))]
    FileOnly,
    #[strum(props(zh = "受理", en = "Accept", path = "acceptance"))]
    Accept,
    #[strum(props(zh = "不予受理", en = "Decline", path = "acceptance"))]
    Decline,
    #[strum(props(zh = "不再受理", en = "No longer accept", path = "acceptance"))]
    NoLongerAccept,
    #[strum(props(zh = "导入法定途径", en = "Route out", path = "acceptance"))]
    RouteOut,
    #[strum(props(zh = "指定经办人", en = "Name the handlers", path = "assignment"))]
    AssignHandlers,
    #[strum(props(zh = "回避", en = "Recuse", path = "recusal"))]
    Recuse,
    #[strum(props(zh = "补充诉求", en = "Add claims", path = "claims"))]
    AddClaims,
    #[strum(props(zh = "认定", en = "Record findings", path = "findings"))]
    RecordFindings,
    #[strum(props(zh = "启动调解", en = "Start mediation", path = "mediation"))]
    StartMediation,
    #[strum(props(zh = "结束调解", en = "Conclude mediation", path = "mediation/outcome"))]
    ConcludeMediation,
    #[strum(props(zh = "召集听证", en = "Convene a hearing", path = "hearing"))]
    ConveneHearing,
    #[strum(props(zh = "听证意见", en = "Conclude the hearing", path = "hearing/outcome"))]
    ConcludeHearing,
    #[strum(props(zh = "申请延期", en = "Ask for an extension", path = "extension"))]
    RequestExtension,
    #[strum(props(zh = "审批延期", en = "Decide on the extension", path = "extension/decision"))]
    DecideExtension,
    #[strum(props(zh = "起草处理意见", en = "Draft the opinion", path = "opinion"))]
    DraftOpinion,
    #[strum(props(zh = "退回修改", en = "Return the draft", path = "opinion/return"))]
    ReturnOpinion,
    #[strum(props(zh = "签发处理意见", en = "Issue the opinion", path = "opinion/issue"))]
    IssueOpinion,
    #[strum(props(zh = "送达", en = "Record a delivery", path = "deliveries"))]
    Deliver,
    #[strum(props(zh = "制定措施计划", en = "Plan the measure", path = "measures/{kind}/plan"))]
    PlanMeasure,
    #[strum(props(zh = "记录措施进展", en = "Record a step", path = "measures/{kind}/steps"))]
    AddMeasureStep,
    #[strum(props(zh = "报告到位", en = "Report in place", path = "measures/{kind}/in-place"))]
    ReportInPlace,
    #[strum(props(zh = "核验", en = "Verify", path = "measures/{kind}/verification"))]
    VerifyMeasure,
    #[strum(props(zh = "认定不适用", en = "Find not applicable", path = "measures/{kind}/not-applicable"))]
    FindNotApplicable,
    #[strum(props(zh = "请求复查", en = "Ask for review", path = "review"))]
    RequestReview,
    #[strum(props(zh = "审查复查请求", en = "Decide on admission to review", path = "review/admission"))]
    AdmitReview,
    #[strum(props(zh = "作出复查意见", en = "Decide the review", path = "review/decision"))]
    DecideReview,
    #[strum(props(zh = "请求复核", en = "Ask for re-review", path = "re-review"))]
    RequestReReview,
    #[strum(props(
        zh = "审查复核请求",
        en = "Decide on admission to re-review",
        path = "re-review/admission"
    ))]
    AdmitReReview,
    #[strum(props(zh = "作出复核意见", en = "Decide the re-review", path = "re-review/decision"))]
    DecideReReview,
    #[strum(props(zh = "回访", en = "Visit back", path = "visit-backs"))]
    VisitBack,
    #[strum(props(zh = "满意度评价", en = "Rate", path = "evaluation"))]
    Evaluate,
    #[strum(props(zh = "息访承诺", en = "Record a pledge", path = "pledge"))]
    RecordPledge,
    #[strum(props(zh = "办结", en = "Close", path = "closure"))]
    Close,
    #[strum(props(zh = "撤回", en = "Withdraw", path = "withdrawal"))]
    Withdraw,
    #[strum(props(zh = "重新办理", en = "Reopen", path = "reopening"))]
    Reopen,
    #[strum(props(zh = "归档", en = "Archive", path = "archive"))]
    Archive,
    #[strum(props(zh = "研究结论", en = "Conclude the study", path = "adoption"))]
    ConcludeStudy,
    #[strum(props(zh = "答复建议", en = "Reply to the suggestion", path = "reply"))]
    ReplyToSuggestion,
    #[strum(props(zh = "奖励", en = "Reward", path = "reward"))]
    RewardSuggestion,
    #[strum(props(zh = "签收检举控告", en = "Acknowledge receipt", path = "receipt"))]
    AcknowledgeReceipt,
    #[strum(props(zh = "反馈结果", en = "Record the outcome", path = "outcome"))]
    RecordOutcome,
    #[strum(props(zh = "终结后帮扶", en = "Record aftercare", path = "aftercare"))]
    RecordAftercare,
    #[strum(props(zh = "领导包案", en = "Take the case in charge", path = "lead"))]
    TakeCharge,
    #[strum(props(zh = "报告包案进展", en = "Report as the leader in charge", path = "lead/reports"))]
    ReportCharge,
    #[strum(props(zh = "交接包案", en = "Hand the charge over", path = "lead/handover"))]
    HandOverCharge,
    #[strum(props(zh = "列为积案", en = "List as backlog", path = "backlog"))]
    ListAsBacklog,
    #[strum(props(zh = "报告积案进展", en = "Report on the backlog case", path = "backlog/reports"))]
    ReportOnBacklog,
    #[strum(props(zh = "积案验收", en = "Inspect the backlog case", path = "backlog/inspections"))]
    InspectBacklog,
    #[strum(props(zh = "积案销号", en = "Strike the backlog case off", path = "backlog/strike-off"))]
    StrikeOffBacklog,
    #[strum(props(zh = "领导批示", en = "Give an instruction", path = "instructions"))]
    GiveInstruction,
    #[strum(props(
        zh = "反馈批示落实情况",
        en = "Report on the instruction",
        path = "instructions/{no}/report"
    ))]
    ReportOnInstruction,
    #[strum(props(
        zh = "审定批示反馈",
        en = "Accept or return the report",
        path = "instructions/{no}/decision"
    ))]
    DecideInstruction,
    /// Sent to the session; see [`crate::reception`].
    #[strum(props(zh = "领导接访", en = "Receive a visit"))]
    ReceiveVisit,
    #[strum(props(zh = "督办", en = "Order supervision", path = "supervision"))]
    OrderSupervision,
    #[strum(props(zh = "反馈督办情况", en = "Report on the order", path = "supervision/{no}/report"))]
    ReportOnSupervision,
    #[strum(props(zh = "审核督办反馈", en = "Judge the report", path = "supervision/{no}/verdict"))]
    JudgeSupervision,
    #[strum(props(zh = "通报约谈挂牌督办", en = "Escalate the order", path = "supervision/{no}/escalation"))]
    EscalateSupervision,
    #[strum(props(zh = "提出三项建议", en = "Make suggestions", path = "supervision/{no}/suggestions"))]
    MakeSuggestions,
    #[strum(props(
        zh = "答复三项建议",
        en = "Answer the suggestions",
        path = "supervision/{no}/suggestions/answer"
    ))]
    AnswerSuggestions,
    #[strum(props(zh = "不予督办", en = "Order nothing for lapsed clocks", path = "supervision/dismissal"))]
    DismissProposals,
    #[strum(props(zh = "关联重复信访", en = "Note a repeat"))]
    NoteRepeat,
    #[strum(props(zh = "期限巡检", en = "Sweep deadlines"))]
    Sweep,
    #[strum(props(zh = "重算期限", en = "Recompute deadlines"))]
    Recompute,
    #[strum(props(zh = "销毁个人信息", en = "Destroy personal data"))]
    Erase,
}

impl CommandKind {
    /// The command's address below `/cases/{id}/`; none where only the system gives it.
    pub fn path(self) -> Option<&'static str> {
        self.get_str("path")
    }

    /// Whether the command is about one of the four measures.
    pub const fn is_about_a_measure(self) -> bool {
        matches!(
            self,
            Self::PlanMeasure
                | Self::AddMeasureStep
                | Self::ReportInPlace
                | Self::VerifyMeasure
                | Self::FindNotApplicable
        )
    }

    /// Whether the command is about one of the leaders' instructions.
    pub const fn is_about_an_instruction(self) -> bool {
        matches!(self, Self::ReportOnInstruction | Self::DecideInstruction)
    }

    /// Whether the command is about one of the orders of supervision.
    pub const fn is_about_an_order(self) -> bool {
        matches!(
            self,
            Self::ReportOnSupervision
                | Self::JudgeSupervision
                | Self::EscalateSupervision
                | Self::MakeSuggestions
                | Self::AnswerSuggestions
        )
    }
}

/// What of the case a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// What its kind says.
    Case,
    Measure(MeasureKind),
    /// The instruction of that number.
    Instruction(u16),
    /// The order of supervision of that number.
    Order(u16),
}

impl Command {
    /// The kind of the command.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::ConfirmRepeat(_) => CommandKind::ConfirmRepeat,
            Self::Dispatch(Dispatch { mode: DispatchMode::Transfer, .. }) => CommandKind::Transfer,
            Self::Dispatch(Dispatch { mode: DispatchMode::Assign, .. }) => CommandKind::Assign,
            Self::Object(_) => CommandKind::Object,
            Self::DecideObjection(_) => CommandKind::DecideObjection,
            Self::DirectReply(_) => CommandKind::DirectReply,
            Self::FileOnly(_) => CommandKind::FileOnly,
            Self::DecideAcceptance(AcceptanceDecision::Accept(_)) => CommandKind::Accept,
            Self::DecideAcceptance(AcceptanceDecision::Decline(_)) => CommandKind::Decline,
            Self::DecideAcceptance(AcceptanceDecision::NoLongerAccept(_)) => CommandKind::NoLongerAccept,
            Self::DecideAcceptance(AcceptanceDecision::RouteOut(_)) => CommandKind::RouteOut,
            Self::AssignHandlers(_) => CommandKind::AssignHandlers,
            Self::Recuse(_) => CommandKind::Recuse,
            Self::AddClaims(_) => CommandKind::AddClaims,
            Self::RecordFindings(_) => CommandKind::RecordFindings,
            Self::StartMediation(_) => CommandKind::StartMediation,
            Self::ConcludeMediation(_) => CommandKind::ConcludeMediation,
            Self::ConveneHearing(_) => CommandKind::ConveneHearing,
            Self::ConcludeHearing(_) => CommandKind::ConcludeHearing,
            Self::RequestExtension(_) => CommandKind::RequestExtension,
            Self::DecideExtension(_) => CommandKind::DecideExtension,
            Self::DraftOpinion(_) => CommandKind::DraftOpinion,
            Self::ReturnOpinion(_) => CommandKind::ReturnOpinion,
            Self::IssueOpinion(_) => CommandKind::IssueOpinion,
            Self::Deliver(_) => CommandKind::Deliver,
            Self::PlanMeasure(..) => CommandKind::PlanMeasure,
            Self::AddMeasureStep(..) => CommandKind::AddMeasureStep,
            Self::ReportInPlace(..) => CommandKind::ReportInPlace,
            Self::VerifyMeasure(..) => CommandKind::VerifyMeasure,
            Self::FindNotApplicable(..) => CommandKind::FindNotApplicable,
            Self::RequestReview(ReviewStage::Review, _) => CommandKind::RequestReview,
            Self::RequestReview(ReviewStage::ReReview, _) => CommandKind::RequestReReview,
            Self::DecideAdmission(ReviewStage::Review, _) => CommandKind::AdmitReview,
            Self::DecideAdmission(ReviewStage::ReReview, _) => CommandKind::AdmitReReview,
            Self::DecideReview(ReviewStage::Review, _) => CommandKind::DecideReview,
            Self::DecideReview(ReviewStage::ReReview, _) => CommandKind::DecideReReview,
            Self::VisitBack(_) => CommandKind::VisitBack,
            Self::Evaluate(_) => CommandKind::Evaluate,
            Self::RecordPledge(_) => CommandKind::RecordPledge,
            Self::Close(_) => CommandKind::Close,
            Self::Withdraw(_) => CommandKind::Withdraw,
            Self::Reopen(_) => CommandKind::Reopen,
            Self::Archive(_) => CommandKind::Archive,
            Self::ConcludeStudy(_) => CommandKind::ConcludeStudy,
            Self::ReplyToSuggestion(_) => CommandKind::ReplyToSuggestion,
            Self::RewardSuggestion(_) => CommandKind::RewardSuggestion,
            Self::AcknowledgeReceipt(_) => CommandKind::AcknowledgeReceipt,
            Self::RecordOutcome(_) => CommandKind::RecordOutcome,
            Self::RecordAftercare(_) => CommandKind::RecordAftercare,
            Self::TakeCharge(_) => CommandKind::TakeCharge,
            Self::ReportCharge(_) => CommandKind::ReportCharge,
            Self::HandOverCharge(_) => CommandKind::HandOverCharge,
            Self::ListAsBacklog(_) => CommandKind::ListAsBacklog,
            Self::ReportOnBacklog(_) => CommandKind::ReportOnBacklog,
            Self::InspectBacklog(_) => CommandKind::InspectBacklog,
            Self::StrikeOffBacklog(_) => CommandKind::StrikeOffBacklog,
            Self::GiveInstruction(_) => CommandKind::GiveInstruction,
            Self::ReportOnInstruction(..) => CommandKind::ReportOnInstruction,
            Self::DecideInstruction(..) => CommandKind::DecideInstruction,
            Self::ReceiveVisit(_) => CommandKind::ReceiveVisit,
            Self::OrderSupervision(_) => CommandKind::OrderSupervision,
            Self::ReportOnSupervision(..) => CommandKind::ReportOnSupervision,
            Self::JudgeSupervision(..) => CommandKind::JudgeSupervision,
            Self::EscalateSupervision(..) => CommandKind::EscalateSupervision,
            Self::MakeSuggestions(..) => CommandKind::MakeSuggestions,
            Self::AnswerSuggestions(..) => CommandKind::AnswerSuggestions,
            Self::DismissProposals(_) => CommandKind::DismissProposals,
            Self::NoteRepeat(_) => CommandKind::NoteRepeat,
            Self::Sweep => CommandKind::Sweep,
            Self::Recompute(_) => CommandKind::Recompute,
            Self::Erase(_) => CommandKind::Erase,
        }
    }

    /// What of the case the command is about.
    pub const fn about(&self) -> About {
        match self {
            Self::PlanMeasure(kind, _)
            | Self::AddMeasureStep(kind, _)
            | Self::ReportInPlace(kind, _)
            | Self::VerifyMeasure(kind, _)
            | Self::FindNotApplicable(kind, _) => About::Measure(*kind),
            Self::ReportOnInstruction(no, _) | Self::DecideInstruction(no, _) => About::Instruction(*no),
            Self::ReportOnSupervision(no, _)
            | Self::JudgeSupervision(no, _)
            | Self::EscalateSupervision(no, _)
            | Self::MakeSuggestions(no, _)
            | Self::AnswerSuggestions(no, _) => About::Order(*no),
            _ => About::Case,
        }
    }
}
