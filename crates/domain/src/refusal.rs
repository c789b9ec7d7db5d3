//! Why a command is refused: one table of reasons, each with its texts and the article where the law refuses.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantArray};

use crate::language::{Language, label};

/// An article of 《信访工作条例》 (2022).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Article(pub u8);

impl Article {
    /// How the article is cited.
    pub fn citation(self, language: Language) -> String {
        match language {
            Language::Chinese => format!("《信访工作条例》第{}条", self.0),
            Language::English => format!("Regulation on Petition Work, Art. {}", self.0),
        }
    }
}

/// What kind of refusal a reason is; the API derives its status from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// The case's state does not allow it now.
    State,
    /// The caller may not do it.
    Right,
    /// What was sent does not hold.
    Fields,
}

/// A reason for refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsRefStr, IntoStaticStr, EnumProperty, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RefusalCode {
    // Rights.
    #[strum(props(
        class = "right",
        zh = "提出销毁的人不得自行同意",
        en = "Nobody agrees to the destruction that they proposed themselves"
    ))]
    AgreesToOwnProposal,
    #[strum(props(
        class = "right",
        zh = "您的职责或与本件的关系不允许此操作",
        en = "Your duties or your relation to this case do not allow this"
    ))]
    NotYours,
    #[strum(props(class = "right", zh = "签发人不得是起草人", en = "The signer must not be the drafter"))]
    SignerIsDrafter,
    #[strum(props(class = "right", zh = "核验人不得是措施责任人", en = "Nobody verifies their own measure"))]
    VerifierIsOwner,
    #[strum(props(
        class = "right",
        zh = "核验人不得来自措施责任人所在单位",
        en = "The verifier must not be from the owner's unit"
    ))]
    VerifierFromOwnersUnit,
    #[strum(props(
        class = "right",
        zh = "认定不适用的人不得自行确认",
        en = "Whoever finds a measure not applicable does not confirm it"
    ))]
    VerifierIsFinder,
    #[strum(props(
        class = "right",
        zh = "复查复核人员不得审查本人参与办理的意见",
        en = "Nobody reviews a decision that they had a part in"
    ))]
    ReviewerTookPart,
    #[strum(props(
        class = "right",
        zh = "复查复核机关不得审查本机关作出的意见",
        en = "An organ does not review its own decision"
    ))]
    ReviewOrganTookPart,
    #[strum(props(
        class = "right",
        zh = "批准人不得是延期申请人",
        en = "Whoever asks for an extension does not approve it"
    ))]
    ApproverIsProposer,
    #[strum(props(
        class = "right",
        zh = "本人是被检举控告人或者与本件有直接利害关系，应当回避",
        en = "The person has a direct interest and must be recused"
    ))]
    MustBeRecused,
    #[strum(props(
        class = "right",
        zh = "仅措施责任人可以报告",
        en = "Only the owner of the measure reports on it"
    ))]
    NotTheOwner,
    #[strum(props(
        class = "right",
        zh = "参与过办理的人不得核验",
        en = "Whoever had a part in the handling does not verify it"
    ))]
    VerifierTookPart,
    #[strum(props(
        class = "right",
        zh = "责任单位不得代为评价本单位的办理",
        en = "The responsible organ does not record the rating of its own work"
    ))]
    RatesOwnWork,
    #[strum(props(
        class = "right",
        zh = "不得验收本人所在机关的积案",
        en = "Nobody inspects the backlog of the organ that they work for"
    ))]
    InspectsOwnOrgan,
    #[strum(props(
        class = "right",
        zh = "销号须由验收机关的上级作出",
        en = "The level above the inspector's strikes off"
    ))]
    NotOfTheHigherLevel,
    #[strum(props(
        class = "right",
        zh = "反馈人不得自行审定",
        en = "Nobody accepts the report that they made themselves"
    ))]
    AcceptsOwnReport,
    #[strum(props(
        class = "right",
        zh = "不得督办本人所在机关",
        en = "Nobody supervises the organ that they work for"
    ))]
    SupervisesOwnOrgan,
    #[strum(props(
        class = "right",
        zh = "只能由作出督办的机关或其上级审核、升级督办",
        en = "The organ that ordered, or one above it, goes on with the order"
    ))]
    NotTheSupervisingOrgan,
    #[strum(props(
        class = "right",
        zh = "参与过办理的人不得督办",
        en = "Whoever had a part in the handling does not supervise it"
    ))]
    SupervisorTookPart,

    // State.
    #[strum(props(
        class = "state",
        zh = "信访件当前状态不允许此操作",
        en = "The state of the case does not allow this now"
    ))]
    StateForbids,
    #[strum(props(
        class = "state",
        zh = "此操作不适用于本类信访事项",
        en = "This does not apply to a matter of this purpose"
    ))]
    WrongTrack,
    #[strum(props(
        class = "state",
        zh = "信访工作部门负责转送交办，不直接受理办理；请转送有权处理的机关",
        en = "A petition department routes and does not handle: transfer the case to the competent organ"
    ))]
    PetitionDepartmentRoutes,
    #[strum(props(
        class = "state",
        zh = "疑似重复的事项已经终结，须先由人工确认是否为同一事项",
        en = "A possible repeat of a terminated matter must first be confirmed or dismissed by a person"
    ))]
    RepeatCheckMissing,
    #[strum(props(
        class = "state",
        zh = "同一事项已经复核终结，不再受理",
        en = "The same matter has been terminated after re-review and is no longer accepted"
    ))]
    MatterTerminated,
    #[strum(props(
        class = "state",
        zh = "已确认为重复信访，对前一事项的影响已经记录",
        en = "The repeat has been confirmed, and what it does to the earlier matter is on record"
    ))]
    RepeatConfirmed,
    #[strum(props(
        class = "state",
        zh = "同一事项正在办理中，不重复受理",
        en = "The same matter is already in process elsewhere and is not accepted again"
    ))]
    SameMatterInProcess,
    #[strum(props(
        class = "state",
        zh = "未确认与已终结事项为同一事项，不得作不再受理",
        en = "Only the confirmed repeat of a terminated matter is no longer accepted"
    ))]
    NotARepeatOfTerminated,
    #[strum(props(
        class = "state",
        zh = "已超过5个工作日的异议期限",
        en = "The 5 working days for an objection have passed"
    ))]
    ObjectionTooLate,
    #[strum(props(
        class = "state",
        zh = "申诉求决应当作出处理意见，不得以直接回复代替",
        en = "A claim gets a handling opinion; a direct reply is for enquiries and thanks"
    ))]
    ClaimNeedsOpinion,
    #[strum(props(class = "state", zh = "延期只能一次", en = "Handling is extended once only"))]
    AlreadyExtended,
    #[strum(props(
        class = "state",
        zh = "办理期限已届满，不能再申请延期",
        en = "The handling limit has passed; an extension comes before it"
    ))]
    HandlingLimitPassed,
    #[strum(props(class = "state", zh = "没有正在计算的办理期限", en = "No handling limit is running"))]
    NoHandlingClock,
    #[strum(props(
        class = "state",
        zh = "没有待决的延期申请",
        en = "No extension is waiting for a decision"
    ))]
    NoExtensionRequested,
    #[strum(props(class = "state", zh = "没有进行中的听证", en = "No hearing is open"))]
    NoHearing,
    #[strum(props(class = "state", zh = "已有进行中的听证", en = "A hearing is already open"))]
    HearingOpen,
    #[strum(props(
        class = "state",
        zh = "本机关没有可以办理的工作人员",
        en = "The organ has nobody to handle it; let it object, or name a handler first"
    ))]
    NobodyToHandle,
    #[strum(props(
        class = "state",
        zh = "尚未认定诉求合理性",
        en = "The reasonableness of every claim must be found first"
    ))]
    FindingsMissing,
    #[strum(props(class = "state", zh = "本件没有诉求", en = "The case has no claim"))]
    NoClaims,
    #[strum(props(
        class = "state",
        zh = "该项措施不适用或尚未认定",
        en = "The measure does not apply, or the findings are missing"
    ))]
    MeasureNotApplicable,
    #[strum(props(class = "state", zh = "该项措施尚无计划", en = "The measure has no plan yet"))]
    MeasureNotPlanned,
    #[strum(props(
        class = "state",
        zh = "该项措施尚未报告到位",
        en = "The measure has not been reported in place"
    ))]
    MeasureNotReported,
    #[strum(props(class = "state", zh = "该项措施已经核验", en = "The measure has already been verified"))]
    MeasureVerified,
    #[strum(props(
        class = "state",
        zh = "认定结果要求采取该项措施",
        en = "The findings require the measure"
    ))]
    MeasureRequired,
    #[strum(props(
        class = "state",
        zh = "支持该诉求的处理意见或者协议尚未作出",
        en = "No opinion or agreement yet supports the claim that would be resolved"
    ))]
    NothingToExecute,
    #[strum(props(
        class = "state",
        zh = "适用的措施尚未全部核验到位",
        en = "An applicable measure has not been verified in place"
    ))]
    MeasuresUnverified,
    #[strum(props(class = "state", zh = "未记录生活困难核查", en = "No hardship check has been recorded"))]
    HardshipCheckMissing,
    #[strum(props(
        class = "state",
        zh = "请求复查的30日期限已过",
        en = "The 30 days for asking for review have passed"
    ))]
    ReviewRequestTooLate,
    #[strum(props(
        class = "state",
        zh = "请求复核的30日期限已过",
        en = "The 30 days for asking for re-review have passed"
    ))]
    ReReviewRequestTooLate,
    #[strum(props(
        class = "state",
        zh = "本轮处理意见已经复查（复核）",
        en = "This opinion has already been reviewed"
    ))]
    ReviewedAlready,
    #[strum(props(
        class = "state",
        zh = "答复尚未送达，请求期限尚未起算",
        en = "The reply has not been delivered, so the time to ask has not begun"
    ))]
    NotYetDelivered,
    #[strum(props(
        class = "state",
        zh = "没有可以受理复查复核的上一级机关",
        en = "No next higher organ is known to review this"
    ))]
    NoReviewAuthority,
    #[strum(props(
        class = "state",
        zh = "复查复核请求尚未受理",
        en = "The request for review has not been admitted"
    ))]
    ReviewNotAdmitted,
    #[strum(props(
        class = "state",
        zh = "复查复核请求已经受理",
        en = "The request for review has already been admitted"
    ))]
    ReviewAlreadyAdmitted,
    #[strum(props(class = "state", zh = "当前不在评价期内", en = "The evaluation window is not open"))]
    EvaluationClosed,
    #[strum(props(class = "state", zh = "已经评价", en = "The case has already been rated"))]
    AlreadyEvaluated,
    #[strum(props(
        class = "state",
        zh = "档案保管期限未满或者永久保管，不得销毁个人信息",
        en = "The file's retention term is not over, or it is kept for good"
    ))]
    RetentionNotOver,
    #[strum(props(class = "state", zh = "个人信息已经销毁", en = "The personal data was destroyed before"))]
    AlreadyErased,
    #[strum(props(
        class = "state",
        zh = "起草人已回避，须退回并由他人重新起草",
        en = "The drafter was recused: return the draft, and let somebody else write it"
    ))]
    DrafterRecused,
    #[strum(props(
        class = "state",
        zh = "听证主持人已回避，须另行召集听证",
        en = "The chair of the hearing was recused: convene another"
    ))]
    ChairRecused,
    #[strum(props(class = "state", zh = "本件已有包案领导", en = "The case has a leader in charge already"))]
    AlreadyInCharge,
    #[strum(props(class = "state", zh = "本件没有包案领导", en = "The case has no leader in charge"))]
    NobodyInCharge,
    #[strum(props(
        class = "state",
        zh = "事项已经解决，不再包案",
        en = "The matter is resolved, and needs nobody in charge"
    ))]
    MatterResolvedAlready,
    #[strum(props(
        class = "state",
        zh = "本件在积案清单上，尚未销号",
        en = "The case is on a list of backlog, and not struck off yet"
    ))]
    BacklogOpen,
    #[strum(props(class = "state", zh = "本件不是在册积案", en = "The case is on no list of backlog"))]
    NotOnTheBacklog,
    #[strum(props(
        class = "state",
        zh = "责任单位最近一次报告不是已化解；持续稳控不算化解",
        en = "The organ's last report is not that it is resolved; continued watching is not"
    ))]
    BacklogNotReportedResolved,
    #[strum(props(
        class = "state",
        zh = "积案尚未通过验收",
        en = "The backlog case has not passed its inspection"
    ))]
    BacklogNotInspected,
    #[strum(props(
        class = "state",
        zh = "没有可以销号的上级，须由下级机关验收",
        en = "Nobody of a higher level could strike it off: a lower organ inspects"
    ))]
    NobodyAbove,
    #[strum(props(
        class = "state",
        zh = "本件有未落实的领导批示",
        en = "An instruction on this case is not carried out yet"
    ))]
    InstructionOpen,
    #[strum(props(class = "state", zh = "本件没有这一批示", en = "The case has no such instruction"))]
    NotInstructed,
    #[strum(props(
        class = "state",
        zh = "批示落实情况已经反馈，等待审定",
        en = "The organ has reported on the instruction"
    ))]
    InstructionReported,
    #[strum(props(
        class = "state",
        zh = "批示落实情况已经审定",
        en = "The report on the instruction was accepted"
    ))]
    InstructionDecided,
    #[strum(props(
        class = "state",
        zh = "本件有未办结的督办",
        en = "An order of supervision on this case is open: judge or escalate it"
    ))]
    SupervisionOpen,
    #[strum(props(
        class = "state",
        zh = "本件没有这一督办",
        en = "The case has no such order of supervision"
    ))]
    NotSupervised,
    #[strum(props(class = "state", zh = "该督办已经办结", en = "The order of supervision is closed"))]
    SupervisionClosed,
    #[strum(props(
        class = "state",
        zh = "督办情况已经反馈，等待审核",
        en = "The organ has reported, and a supervisor judges it"
    ))]
    SupervisionReported,
    #[strum(props(
        class = "state",
        zh = "没有待决定的督办建议",
        en = "No lapsed clock waits for a supervisor's decision"
    ))]
    NoSupervisionProposed,
    #[strum(props(
        class = "state",
        zh = "此前的三项建议尚未答复",
        en = "Suggestions that were made before are not answered yet"
    ))]
    SuggestionsUnanswered,
    #[strum(props(class = "state", zh = "没有待答复的三项建议", en = "No suggestions wait for an answer"))]
    NoSuggestionsToAnswer,
    #[strum(props(class = "state", zh = "尚有期限在计算中", en = "A clock of the case is still running"))]
    ClocksRunning,
    #[strum(props(
        class = "fields",
        zh = "已终结事项的新事实应当作为新的信访事项提出",
        en = "New facts after termination are filed as a new matter"
    ))]
    FileAsNewMatter,
    #[strum(props(
        class = "fields",
        zh = "重新办理不得以同一事实作出相同或者基本相同的意见",
        en = "A remade opinion must not repeat the one that was set aside"
    ))]
    SameOpinionAgain,
    #[strum(props(
        class = "fields",
        zh = "同一机关不得接收自己转出的事项",
        en = "The case is already with this organ"
    ))]
    AlreadyThere,
    #[strum(props(
        class = "fields",
        zh = "交办事项和疑难事项不适用简易办理",
        en = "The simple procedure does not apply to this matter"
    ))]
    NotSimple,
    #[strum(props(
        class = "fields",
        zh = "退回须提出异议并经转送机关同意，不得直接转回",
        en = "Papers go back by an objection that the sender upholds, not by a transfer"
    ))]
    ReturnNeedsObjection,
    #[strum(props(
        class = "fields",
        zh = "认定原意见有误须由督查人员提出",
        en = "That an opinion was wrong is for supervision to find"
    ))]
    SupervisionRequired,

    #[strum(props(
        class = "state",
        zh = "该场接访当前状态不允许此操作",
        en = "The state of the session does not allow this now"
    ))]
    ReceptionStateForbids,
    #[strum(props(
        class = "state",
        zh = "此操作不适用于这类接访",
        en = "This does not apply to a session of this kind"
    ))]
    WrongReceptionKind,
    #[strum(props(
        class = "state",
        zh = "接访安排须在接访日之前按规定天数公布",
        en = "A session is published so many days before its day, and there are too few left"
    ))]
    PublishedTooLate,
    #[strum(props(
        class = "state",
        zh = "本场已接待来访，不再变更或者取消，请填写接访记录",
        en = "Visits were received in this session: it is recorded, and not changed or cancelled"
    ))]
    VisitsReceived,
    #[strum(props(
        class = "state",
        zh = "已超过补录接待情况的30日期限",
        en = "The 30 days in which a visit is written down have passed"
    ))]
    TooLateToEnter,
    #[strum(props(
        class = "state",
        zh = "同一事项已三次取消本场预约，请另选场次",
        en = "The matter has given this session up three times: choose another session"
    ))]
    BookedTooOften,
    #[strum(props(class = "state", zh = "接访已经开始", en = "The session has begun"))]
    ReceptionBegun,
    #[strum(props(class = "state", zh = "接访尚未开始", en = "The session has not begun"))]
    ReceptionNotBegun,
    #[strum(props(
        class = "state",
        zh = "预约和候补均已满",
        en = "All places and the waiting list are taken"
    ))]
    FullyBooked,
    #[strum(props(
        class = "state",
        zh = "同一信访事项已有有效预约",
        en = "The matter has a booking already; cancel it first"
    ))]
    MatterBooked,
    #[strum(props(
        class = "state",
        zh = "信访人同一时间已有其他预约",
        en = "A petitioner of this case is booked elsewhere at that time"
    ))]
    PetitionerBooked,
    #[strum(props(
        class = "state",
        zh = "接访领导与本件有直接利害关系，应当回避",
        en = "The leader has a direct interest in this case: choose another session"
    ))]
    LeaderHasInterest,
    #[strum(props(
        class = "state",
        zh = "本件不属于该领导分管的地区或者单位",
        en = "This case is not of the leader's place or organ: choose another session"
    ))]
    LeaderOutOfReach,
    #[strum(props(
        class = "state",
        zh = "没有这一预约，或者预约已经结束",
        en = "There is no such booking, or it is over"
    ))]
    NotBooked,

    // Fields.
    #[strum(props(class = "fields", zh = "填写内容有误", en = "Some fields are wrong"))]
    InvalidFields,
    #[strum(props(
        class = "fields",
        zh = "不得将检举控告材料转给被检举控告的人员、单位或其下属单位",
        en = "An accusation is never passed to the accused, their unit or a unit below it"
    ))]
    ReceiverIsAccused,
    #[strum(props(
        class = "fields",
        zh = "检举控告只能转送纪检监察机关或组织人事部门",
        en = "An accusation goes to a discipline inspection organ or an organisation department"
    ))]
    ReceiverNotForAccusations,
}

impl RefusalCode {
    /// What kind of refusal this is.
    pub fn class(self) -> RefusalClass {
        match self.get_str("class") {
            Some("right") => RefusalClass::Right,
            Some("fields") => RefusalClass::Fields,
            _ => RefusalClass::State,
        }
    }

    /// The reason in words.
    pub fn text(self, language: Language) -> &'static str {
        label(&self, language)
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsRefStr, IntoStaticStr, EnumProperty, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum FieldCode {
    #[strum(props(zh = "不得晚于今天", en = "must not be in the future"))]
    InFuture,
    #[strum(props(zh = "不得早于1949年10月1日", en = "must not be before 1 October 1949"))]
    BeforeFounding,
    #[strum(props(zh = "不得早于今天", en = "must not be in the past"))]
    InPast,
    #[strum(props(zh = "不得早于前一步骤的日期", en = "must not be before the step that it follows"))]
    BeforeCause,
    #[strum(props(zh = "必填", en = "is required"))]
    Required,
    #[strum(props(zh = "最多5名代表", en = "a group has at most 5 representatives"))]
    TooManyRepresentatives,
    #[strum(props(zh = "条目过多", en = "has too many entries"))]
    TooMany,
    #[strum(props(zh = "超出允许范围", en = "is out of range"))]
    OutOfRange,
    #[strum(props(zh = "重复", en = "is given twice"))]
    Duplicate,
    #[strum(props(zh = "没有这一诉求", en = "is not a claim of this case"))]
    UnknownClaim,
    #[strum(props(zh = "每项诉求都须答复", en = "every claim must be answered"))]
    ClaimUnanswered,
    #[strum(props(zh = "没有这一用户或已停用", en = "is not an active user"))]
    UnknownUser,
    #[strum(props(zh = "没有这一机关或已停用", en = "is not an active organisation"))]
    UnknownOrganisation,
    #[strum(props(zh = "没有这一区划或已撤销", en = "is not a region in force"))]
    UnknownRegion,
    #[strum(props(zh = "没有这一内容分类", en = "is not a topic"))]
    UnknownTopic,
    #[strum(props(zh = "没有这一信访件", en = "is not a case that you may know of"))]
    UnknownCase,
    #[strum(props(zh = "须是本机关的工作人员", en = "must be of the organisation that holds the case"))]
    NotOfTheHolder,
    #[strum(props(zh = "存在直接利害关系，应当回避", en = "has a direct interest and must be recused"))]
    HasInterest,
    #[strum(props(zh = "须经双方同意", en = "both sides must consent"))]
    ConsentMissing,
    #[strum(props(zh = "证明材料与措施不符", en = "is not the evidence that this measure needs"))]
    WrongEvidence,
    #[strum(props(zh = "尚未完成", en = "is not finished"))]
    Unfinished,
    #[strum(props(zh = "与姓名匿名状态不符", en = "does not fit the anonymous flag"))]
    AnonymousMismatch,
    #[strum(props(zh = "主持人不得是本件经办人", en = "the chair must not be an investigator of the case"))]
    ChairIsHandler,
    #[strum(props(zh = "须先劝阻、批评、教育", en = "dissuasion, criticism and education come first"))]
    DissuasionFirst,
    #[strum(props(zh = "格式不正确", en = "is not well formed"))]
    Malformed,
    #[strum(props(zh = "文书与当前阶段不符", en = "is not the document of this stage"))]
    WrongDocument,
    #[strum(props(zh = "此处不应填写", en = "is not expected here"))]
    NotExpected,
    #[strum(props(zh = "该机关没有可以办理的工作人员", en = "has nobody who could take it up"))]
    NobodyThere,
    #[strum(props(
        zh = "须是同一机关的其他在职人员，且网格员只能由网格员代理",
        en = "must be another user of the same organisation, and for a grid member another grid member"
    ))]
    NotAColleague,
    #[strum(props(
        zh = "只能由本人、其承办机关负责人、同一复查复核机关人员或督查人员提出",
        en = "is said by the user themselves; of those who handle by their head or a supervisor, of reviewers by their organ"
    ))]
    NotYourself,
    #[strum(props(
        zh = "须是可以了解本件的在职领导干部",
        en = "must be a leading cadre who may know of the case"
    ))]
    NotALeadingCadre,
    #[strum(props(
        zh = "核验、审查过本件或者主持听证的人不得包案",
        en = "has verified, reviewed or chaired a hearing in this case"
    ))]
    JudgedTheCase,
    #[strum(props(
        zh = "只能由领导干部本人包案，或者由信访工作部门录入",
        en = "is the leader themselves, or entered by the petition department"
    ))]
    NotYourCharge,
    #[strum(props(zh = "本件不符合这一列入条件", en = "does not hold for this case"))]
    GroundDoesNotHold,
    #[strum(props(
        zh = "本件现状不符合这一化解标准",
        en = "is not how the case stands: the matter, the petitioner's word, the hearing, explanation or help is missing"
    ))]
    NotSoResolved,
    #[strum(props(
        zh = "只能由领导干部本人批示，或者由信访工作部门录入",
        en = "is the leader themselves, or whose paper the petition department enters"
    ))]
    NotYourInstruction,
    #[strum(props(zh = "该机关未参与本件办理", en = "has no part in the case"))]
    NoPartInTheCase,
    #[strum(props(zh = "不得是督办人所在机关", en = "is the supervisor's own organ"))]
    OwnOrgan,
    #[strum(props(zh = "是上级机关", en = "is of a higher level"))]
    OfAHigherLevel,
    #[strum(props(zh = "验收后的观察期未满", en = "comes before the time without a repeat is over"))]
    NotQuietYet,
    #[strum(props(zh = "尚无可以退回的反馈", en = "sends back a report that has not come"))]
    NothingReported,
    #[strum(props(zh = "须高于已经采取的措施", en = "must be a higher step than those taken before"))]
    NotAHigherStep,
    #[strum(props(zh = "每项建议都须答复", en = "every suggestion must be answered"))]
    SuggestionUnanswered,
    #[strum(props(zh = "不是待决定的督办建议", en = "is no lapsed clock that waits for a decision"))]
    NothingProposed,
    #[strum(props(zh = "已经过去", en = "has passed"))]
    Passed,
    #[strum(props(zh = "领导同一时间已有其他接访安排", en = "has another session at that time"))]
    Engaged,
    #[strum(props(zh = "少于已预约的人数", en = "is less than what is booked"))]
    BelowBookings,
    #[strum(props(zh = "不得早于公布所需的天数", en = "is too soon to be published before it"))]
    TooSoonToPublish,
    #[strum(props(zh = "没有这一场接访", en = "is not a session that you may know of"))]
    UnknownReception,
    #[strum(props(
        zh = "有已预约的信访件不属于该领导分管，或者与该领导有利害关系",
        en = "is not to receive one of the matters that are booked, or has an interest in it"
    ))]
    NotForThoseBooked,
    #[strum(props(
        zh = "只能安排本人、本单位领导，或者由信访工作部门安排",
        en = "is the leader themselves, a leader of your own organ, or of the petition department's place"
    ))]
    NotYourLeader,
    #[strum(props(zh = "须晚于开始时间", en = "is not after the beginning"))]
    EndsBeforeItBegins,
    #[strum(props(zh = "委托人没有这一职责", en = "has a duty that is not the user's own"))]
    NotOwnDuty,
    #[strum(props(
        zh = "受托人未获准接触检举控告",
        en = "has the accusations, for which the deputy is not cleared"
    ))]
    NotCleared,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON Pointer into the request's body.
    pub pointer: String,
    pub code: FieldCode,
}

/// A command that was not carried out; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", code.as_ref())]
pub struct Refusal {
    pub code: RefusalCode,
    pub article: Option<Article>,
    pub fields: Vec<FieldError>,
    /// The states from which the command is open, where the state forbids it, in the words of their enumeration.
    pub allowed_from: Vec<&'static str>,
}

impl Refusal {
    /// A refusal without an article.
    pub const fn new(code: RefusalCode) -> Self {
        Self { code, article: None, fields: Vec::new(), allowed_from: Vec::new() }
    }

    /// A refusal by law.
    pub const fn under(code: RefusalCode, article: u8) -> Self {
        Self { code, article: Some(Article(article)), fields: Vec::new(), allowed_from: Vec::new() }
    }

    /// A refusal of one field.
    pub fn field(pointer: impl Into<String>, code: FieldCode) -> Self {
        Self {
            fields: vec![FieldError { pointer: pointer.into(), code }],
            ..Self::new(RefusalCode::InvalidFields)
        }
    }

    /// The same refusal with the article it comes from.
    #[must_use]
    pub const fn by(mut self, article: u8) -> Self {
        self.article = Some(Article(article));
        self
    }
}

/// The founding of the state, 1 October 1949: no date in a case can be earlier.
pub const FOUNDING: NaiveDate = match NaiveDate::from_ymd_opt(1949, 10, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Collects what is wrong with the fields of a payload, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct FieldErrors {
    errors: Vec<FieldError>,
    article: Option<Article>,
}

impl FieldErrors {
    /// Notes that `pointer` is wrong unless `holds`.
    pub fn expect(&mut self, holds: bool, pointer: impl Into<String>, code: FieldCode) {
        if !holds {
            self.errors.push(FieldError { pointer: pointer.into(), code });
        }
    }

    /// As [`Self::expect`], citing the article that asks for it.
    pub fn expect_by(&mut self, holds: bool, pointer: impl Into<String>, code: FieldCode, article: u8) {
        if !holds {
            self.article = Some(Article(article));
        }
        self.expect(holds, pointer, code);
    }

    /// Notes a date that is not between the founding of the state and `today`.
    pub fn expect_past(&mut self, pointer: impl Into<String>, date: NaiveDate, today: NaiveDate) {
        let pointer = pointer.into();
        self.expect(date <= today, pointer.clone(), FieldCode::InFuture);
        self.expect(date >= FOUNDING, pointer, FieldCode::BeforeFounding);
    }

    /// Notes a date that is before `today`, or more than `most_days` after it.
    pub fn expect_ahead(&mut self, pointer: &str, date: NaiveDate, today: NaiveDate, most_days: i64) {
        self.expect(date >= today, pointer, FieldCode::InPast);
        self.expect((date - today).num_days() <= most_days, pointer, FieldCode::OutOfRange);
    }

    /// Notes that something is given twice.
    pub fn expect_each_once<T: Ord>(&mut self, pointer: &str, values: &[T]) {
        let once: BTreeSet<&T> = values.iter().collect();
        self.expect(once.len() == values.len(), pointer, FieldCode::Duplicate);
    }

    /// Refuses if anything was noted.
    ///
    /// # Errors
    /// [`RefusalCode::InvalidFields`] with every field noted.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(Refusal {
            code: RefusalCode::InvalidFields,
            article: self.article,
            fields: self.errors,
            allowed_from: Vec::new(),
        })
    }
}
