//! What has happened to a case: the journal's entries, from which the case is folded.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::content::{
    AcceptancePayload, AccusationResult, Aftercare, Archiving, Assignment, BacklogInspection, BacklogListing,
    BacklogReport, BacklogStrikeOff, Charge, ChargeHandover, ChargeReport, ClosingReport, Declining,
    Delivery, Dispatch, EarlierReply, Erasure, Escalation, Evaluation, ExtensionDecision, ExtensionRequest,
    Filing, HearingNotice, HearingOutcome, Instruction, InstructionDecision, InstructionReport, LeaderVisit,
    Mediation, MediationOutcome, NewClaims, NoLongerAccepting, Objection, ObjectionDecision, OpinionDraft,
    OpinionIssue, Pledge, ProposalDismissal, Reason, Receipt, Recusal, Reopening, RepeatCheck, Reply, Return,
    ReviewAdmission, ReviewDecision, ReviewRequest, Reward, RoutingOut, StudyConclusion, SuggestionsAnswer,
    SupervisionOrder, SupervisionReport, SupervisionVerdict, SupervisorySuggestions, VisitBack, Withdrawal,
};
use crate::deadline::{Alarm, Deadline, DueDates, PauseReason};
use crate::id::{CaseId, OrganisationId};
use crate::measure::{Findings, InPlaceReport, MeasureKind, MeasurePlan, MeasureStep, Verification};
use crate::organisation::ReviewStage;
use crate::text::Remark;

/// Why a heart counts as resolved, or no longer does (§3.2).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HeartReason {
    /// The petitioner rated the handling.
    #[strum(props(zh = "满意度评价", en = "Rating"))]
    Evaluation,
    /// The petitioner said so when visited.
    #[strum(props(zh = "回访", en = "Visit back"))]
    VisitBack,
    /// The petitioner signed a voluntary pledge.
    #[strum(props(zh = "息访承诺", en = "Pledge"))]
    Pledge,
    /// The same matter was petitioned again within the observation window.
    #[strum(props(zh = "重复信访", en = "Repeat petition"))]
    Repeat,
    /// The case was opened again.
    #[strum(props(zh = "重新办理", en = "Reopening"))]
    Reopened,
}

/// An entry of the journal of one case.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsRefStr, IntoStaticStr, EnumProperty,
)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    #[strum(props(zh = "登记", en = "Filed"))]
    Filed(Box<Filing>),
    /// An earlier petition was taken over from another system with its answer.
    #[strum(props(zh = "补录答复", en = "Earlier reply recorded"))]
    EarlierReplyRecorded(EarlierReply),
    #[strum(props(zh = "核对重复信访", en = "Repeat checked"))]
    RepeatChecked(RepeatCheck),
    #[strum(props(zh = "转送交办", en = "Dispatched"))]
    Dispatched { from: OrganisationId, dispatch: Dispatch },
    #[strum(props(zh = "提出异议", en = "Objected"))]
    Objected(Objection),
    #[strum(props(zh = "审核异议", en = "Objection decided"))]
    ObjectionDecided(ObjectionDecision),
    #[strum(props(zh = "直接回复", en = "Replied directly"))]
    DirectlyReplied(Reply),
    #[strum(props(zh = "存", en = "Filed only"))]
    FiledOnly(Reason),
    #[strum(props(zh = "受理", en = "Accepted"))]
    Accepted(AcceptancePayload),
    #[strum(props(zh = "不予受理", en = "Declined"))]
    Declined(Declining),
    #[strum(props(zh = "不再受理", en = "No longer accepted"))]
    NoLongerAccepted(NoLongerAccepting),
    #[strum(props(zh = "导入法定途径", en = "Routed out"))]
    RoutedOut(RoutingOut),
    #[strum(props(zh = "指定经办人", en = "Handlers assigned"))]
    HandlersAssigned(Assignment),
    #[strum(props(zh = "回避", en = "Somebody recused"))]
    Recused(Recusal),
    #[strum(props(zh = "补充诉求", en = "Claims added"))]
    ClaimsAdded(NewClaims),
    #[strum(props(zh = "认定", en = "Findings recorded"))]
    FindingsRecorded(Findings),
    #[strum(props(zh = "启动调解", en = "Mediation started"))]
    MediationStarted(Mediation),
    #[strum(props(zh = "调解结果", en = "Mediation concluded"))]
    MediationConcluded(MediationOutcome),
    #[strum(props(zh = "召集听证", en = "Hearing convened"))]
    HearingConvened(HearingNotice),
    #[strum(props(zh = "听证意见", en = "Hearing concluded"))]
    HearingConcluded(HearingOutcome),
    #[strum(props(zh = "申请延期", en = "Extension requested"))]
    ExtensionRequested(ExtensionRequest),
    #[strum(props(zh = "审批延期", en = "Extension decided"))]
    ExtensionDecided(ExtensionDecision),
    #[strum(props(zh = "起草处理意见", en = "Opinion drafted"))]
    OpinionDrafted(OpinionDraft),
    #[strum(props(zh = "退回修改", en = "Draft returned"))]
    OpinionReturned(Return),
    #[strum(props(zh = "出具处理意见", en = "Opinion issued"))]
    OpinionIssued(OpinionIssue),
    #[strum(props(zh = "送达", en = "Delivered"))]
    Delivered(Delivery),
    #[strum(props(zh = "措施计划", en = "Measure planned"))]
    MeasurePlanned { measure: MeasureKind, plan: MeasurePlan },
    #[strum(props(zh = "措施进展", en = "Measure step recorded"))]
    MeasureStepAdded { measure: MeasureKind, step: MeasureStep },
    #[strum(props(zh = "报告到位", en = "Measure reported in place"))]
    MeasureReported { measure: MeasureKind, report: InPlaceReport },
    #[strum(props(zh = "核验", en = "Measure verified or sent back"))]
    MeasureVerified { measure: MeasureKind, verification: Verification },
    #[strum(props(zh = "认定不适用", en = "Measure found not applicable"))]
    MeasureFoundNotApplicable { measure: MeasureKind, reason: Remark },
    #[strum(props(zh = "请求复查（复核）", en = "Review requested"))]
    ReviewRequested { stage: ReviewStage, organ: OrganisationId, request: ReviewRequest },
    #[strum(props(zh = "审查复查（复核）请求", en = "Admission decided"))]
    AdmissionDecided { stage: ReviewStage, admission: ReviewAdmission },
    #[strum(props(zh = "作出复查（复核）意见", en = "Review decided"))]
    ReviewDecided { stage: ReviewStage, decision: ReviewDecision },
    #[strum(props(zh = "回访", en = "Visited back"))]
    VisitedBack(VisitBack),
    #[strum(props(zh = "满意度评价", en = "Rated"))]
    Evaluated(Evaluation),
    #[strum(props(zh = "息访承诺", en = "Pledge recorded"))]
    PledgeRecorded(Pledge),
    #[strum(props(zh = "办结", en = "Closed"))]
    Closed(ClosingReport),
    #[strum(props(zh = "撤回", en = "Withdrawn"))]
    Withdrawn(Withdrawal),
    #[strum(props(zh = "重新办理", en = "Reopened"))]
    Reopened(Reopening),
    #[strum(props(zh = "归档", en = "Archived"))]
    Archived(Archiving),
    #[strum(props(zh = "研究结论", en = "Study concluded"))]
    StudyConcluded(StudyConclusion),
    #[strum(props(zh = "答复建议", en = "Suggestion answered"))]
    SuggestionAnswered(Reply),
    #[strum(props(zh = "奖励", en = "Suggestion rewarded"))]
    SuggestionRewarded(Reward),
    #[strum(props(zh = "签收检举控告", en = "Receipt acknowledged"))]
    ReceiptAcknowledged(Receipt),
    #[strum(props(zh = "反馈结果", en = "Outcome recorded"))]
    OutcomeRecorded(AccusationResult),
    #[strum(props(zh = "终结后帮扶", en = "Aftercare given"))]
    AftercareGiven(Aftercare),
    #[strum(props(zh = "领导包案", en = "Leader in charge"))]
    ChargeTaken(Charge),
    #[strum(props(zh = "包案进展", en = "Leader in charge reported"))]
    ChargeReported(ChargeReport),
    #[strum(props(zh = "包案交接", en = "Charge handed over"))]
    ChargeHandedOver(ChargeHandover),
    #[strum(props(zh = "列为积案", en = "Listed as backlog"))]
    BacklogListed(BacklogListing),
    #[strum(props(zh = "积案进展", en = "Backlog case reported on"))]
    BacklogReported(BacklogReport),
    #[strum(props(zh = "积案验收", en = "Backlog case inspected"))]
    BacklogInspected(BacklogInspection),
    #[strum(props(zh = "积案销号审核", en = "Strike-off decided"))]
    BacklogStrikeOffDecided(BacklogStrikeOff),
    /// The matter was petitioned again, by the case that is named.
    #[strum(props(zh = "积案反弹", en = "Backlog case relapsed"))]
    BacklogRelapsed { by: CaseId },
    #[strum(props(zh = "领导批示", en = "Instruction given"))]
    InstructionGiven { no: u16, instruction: Instruction },
    #[strum(props(zh = "反馈批示落实情况", en = "Instruction reported on"))]
    InstructionReported { no: u16, report: InstructionReport },
    #[strum(props(zh = "审定批示反馈", en = "Report on the instruction accepted or returned"))]
    InstructionDecided { no: u16, decision: InstructionDecision },
    #[strum(props(zh = "领导接访", en = "Visit received by a leader"))]
    LeaderVisitReceived(LeaderVisit),
    /// An organ let the clock of that number pass.
    #[strum(props(zh = "建议督办", en = "Supervision proposed"))]
    SupervisionProposed { deadline: u16, organisation: OrganisationId },
    #[strum(props(zh = "不予督办", en = "Proposed supervision dismissed"))]
    ProposalsDismissed(ProposalDismissal),
    #[strum(props(zh = "督办", en = "Supervision ordered"))]
    SupervisionOrdered { no: u16, order: SupervisionOrder },
    #[strum(props(zh = "反馈督办情况", en = "Supervised organ reported"))]
    SupervisionReported { no: u16, report: SupervisionReport },
    #[strum(props(zh = "审核督办反馈", en = "Report on supervision judged"))]
    SupervisionJudged { no: u16, verdict: SupervisionVerdict },
    #[strum(props(zh = "督办升级", en = "Supervision escalated"))]
    SupervisionEscalated { no: u16, escalation: Escalation },
    #[strum(props(zh = "提出三项建议", en = "Suggestions made"))]
    SuggestionsMade { no: u16, suggestions: SupervisorySuggestions },
    #[strum(props(zh = "答复三项建议", en = "Suggestions answered"))]
    SuggestionsAnswered { no: u16, answer: SuggestionsAnswer },
    #[strum(props(zh = "销毁个人信息", en = "Personal data destroyed"))]
    PersonalDataErased(Erasure),
    #[strum(props(zh = "关联重复信访", en = "Repeat noted"))]
    RepeatNoted { case: CaseId },
    #[strum(props(zh = "事已解", en = "Matter resolved"))]
    MatterResolved { on: NaiveDate },
    #[strum(props(zh = "心已解", en = "Heart resolved"))]
    HeartResolved { on: NaiveDate, because: HeartReason, observed_until: NaiveDate },
    #[strum(props(zh = "事未解", en = "Matter no longer resolved"))]
    MatterUnresolved { on: NaiveDate },
    #[strum(props(zh = "心未解", en = "Heart no longer resolved"))]
    HeartUnresolved { on: NaiveDate, because: HeartReason },
    #[strum(props(zh = "终结", en = "Terminated"))]
    Terminated { on: NaiveDate },
    #[strum(props(zh = "期限起算", en = "Deadline started"))]
    DeadlineStarted(Deadline),
    #[strum(props(zh = "期限停止计算", en = "Deadline paused"))]
    DeadlinePaused { no: u16, reason: PauseReason, from_on: NaiveDate },
    #[strum(props(zh = "期限恢复计算", en = "Deadline resumed"))]
    DeadlineResumed { no: u16, until_on: NaiveDate, due: DueDates },
    #[strum(props(zh = "期限已办", en = "Deadline met"))]
    DeadlineMet { no: u16, on: NaiveDate },
    #[strum(props(zh = "期限不再需要", en = "Deadline cancelled"))]
    DeadlineCancelled { no: u16, on: NaiveDate },
    #[strum(props(zh = "期限提醒", en = "Deadline alarm"))]
    DeadlineTold { no: u16, alarm: Alarm },
    #[strum(props(zh = "期限过期失效", en = "Deadline lapsed"))]
    DeadlineLapsed { no: u16, on: NaiveDate },
    /// `told` is what has come by then under the new dates, so that what has not can still be told.
    #[strum(props(zh = "期限重算", en = "Deadline recomputed"))]
    DeadlineRecomputed { no: u16, was: DueDates, due: DueDates, told: Option<Alarm>, reason: Remark },
}

/// An event of a case in its place in the journal.
pub type Recorded = crate::journal::Recorded<Event>;
