//! What people write in the stories, short enough that a story stays readable.

mod measures;

use chrono::NaiveDate;
use domain::case::Command;
use domain::case::content::*;
use domain::case::{Channel, Purpose, Route, Source, Urgency};
use domain::id::{CaseId, OrganisationId, PersonId, ReceptionId, UserId};
use domain::measure::*;
use domain::organisation::ReviewStage;
use domain::text::{Line, Narrative, Remark};
use strum::VariantArray;

pub use self::measures::*;
use crate::municipality::{COUNTY_PETITIONS, GRID, region};

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub fn remark(text: &str) -> Remark {
    Remark::parse(text).unwrap()
}

pub fn narrative(text: &str) -> Narrative {
    Narrative::parse(text).unwrap()
}

/// A petition of one person about a leaking roof and a compensation, filed at the county's petition
/// department.
pub fn petition(purpose: Purpose) -> Filing {
    Filing {
        case_no: "340121-2026-000001".into(),
        query_code: "K7M2P9".into(),
        received_by: COUNTY_PETITIONS,
        direct: false,
        purpose,
        channel: Channel::Visit,
        source: Source::default(),
        subject: line("屋顶漏水"),
        narrative: narrative("屋顶漏水三年，请求维修并补偿。"),
        stated_claims: vec![remark("维修屋顶"), remark("补偿十万元")],
        region: region(GRID),
        place: None,
        occurred_on: None,
        topic: None,
        cause: None,
        urgency: Urgency::Normal,
        anonymous: false,
        oral_record: false,
        joint_letter: false,
        skip_level: false,
        head_count: 1,
        petitioners: vec![PersonId::new(500)],
        representatives: vec![],
        respondents: vec![],
        possible_repeats: vec![],
        captured_at: None,
        source_no: None,
    }
}

pub fn first_petition() -> Command {
    Command::ConfirmRepeat(RepeatCheck { repeat_of: None, reason: remark("初次") })
}

pub fn repeat_of(earlier: CaseId) -> Command {
    Command::ConfirmRepeat(RepeatCheck { repeat_of: Some(earlier), reason: remark("同一事项") })
}

pub fn transfer(to: OrganisationId) -> Command {
    Command::Dispatch(Dispatch {
        mode: DispatchMode::Transfer,
        to,
        reason: remark("属于其职责"),
        feedback_due_on: None,
        simple: false,
    })
}

pub fn assign_matter(to: OrganisationId, due: NaiveDate) -> Command {
    Command::Dispatch(Dispatch {
        mode: DispatchMode::Assign,
        to,
        reason: remark("需要结果"),
        feedback_due_on: Some(due),
        simple: false,
    })
}

pub fn simply_transfer(to: OrganisationId) -> Command {
    let Command::Dispatch(dispatch) = transfer(to) else { unreachable!() };
    Command::Dispatch(Dispatch { simple: true, ..dispatch })
}

pub fn object() -> Command {
    Command::Object(Objection { reasons: remark("不属于本机关职责"), proposed: None })
}

pub fn decide_objection(upheld: bool) -> Command {
    Command::DecideObjection(ObjectionDecision { upheld, reasons: remark("经核实") })
}

pub fn reply() -> Reply {
    Reply { content: narrative("感谢来信。"), way: NoticeWay::Post }
}

pub fn file_only() -> Command {
    Command::FileOnly(Reason { reason: remark("内容不清") })
}

pub fn accept() -> Command {
    Command::DecideAcceptance(AcceptanceDecision::Accept(AcceptancePayload {
        notice: NoticeWay::InPerson,
        document_no: None,
        simple: false,
    }))
}

pub fn accept_simply() -> Command {
    Command::DecideAcceptance(AcceptanceDecision::Accept(AcceptancePayload {
        notice: NoticeWay::Message,
        document_no: None,
        simple: true,
    }))
}

pub fn decline() -> Command {
    Command::DecideAcceptance(AcceptanceDecision::Decline(Declining {
        reason: remark("不属于信访事项"),
        legal_basis: remark("《信访工作条例》第二十三条"),
        where_to_go: remark("向法院起诉"),
        notice: NoticeWay::InPerson,
    }))
}

pub fn no_longer_accept() -> Command {
    Command::DecideAcceptance(AcceptanceDecision::NoLongerAccept(NoLongerAccepting {
        reason: remark("同一事实和理由"),
        re_review_no: line("复核〔2025〕3号"),
        notice: NoticeWay::Post,
    }))
}

pub fn route_out(route: Route) -> Command {
    Command::DecideAcceptance(AcceptanceDecision::RouteOut(RoutingOut {
        route,
        reason: remark("有法定途径"),
        where_to_go: remark("劳动人事争议仲裁委员会，一年内，带合同"),
        notice: NoticeWay::Post,
    }))
}

pub fn name_handlers(users: &[UserId]) -> Command {
    let declare = |user: &UserId| HandlerDeclaration { user: *user, direct_interest: false };
    Command::AssignHandlers(Assignment {
        handlers: users.iter().map(declare).collect(),
        co_organisations: vec![],
    })
}

pub fn recuse(user: UserId) -> Command {
    Command::Recuse(Recusal { user, reason: remark("与信访人是近亲属") })
}

pub fn add_claim() -> Command {
    Command::AddClaims(NewClaims { claims: vec![remark("道歉")] })
}

/// The findings on the claims, in their order; on hardship and unlawful conduct where asked.
pub fn find(claims: &[Reasonableness], today: NaiveDate, hardship: bool, conduct: bool) -> Command {
    let finding = |(found, no): (&Reasonableness, u16)| ClaimFinding {
        claim: no,
        reasonableness: *found,
        facts: remark("经调查"),
    };
    Command::RecordFindings(Findings {
        claims: claims.iter().zip(1..).map(finding).collect(),
        hardship: Some(HardshipCheck { hardship, circumstances: remark("入户核查"), checked_on: today }),
        conduct: Some(ConductCheck {
            conduct: if conduct { vec![UnlawfulConduct::GatheringOrBlocking] } else { vec![] },
            facts: remark("门卫记录"),
        }),
    })
}

pub fn mediate() -> Command {
    Command::StartMediation(Mediation {
        mediator: line("调解员"),
        other_party: line("物业公司"),
        petitioner_consents: true,
        other_party_consents: true,
    })
}

/// The mediation ends with an agreement on the claims named, or without one.
pub fn end_mediation(claims: &[u16], today: NaiveDate) -> Command {
    let agreement = Agreement {
        kind: AgreementKind::Mediation,
        claims: claims.to_vec(),
        terms: narrative("物业公司十日内维修。"),
        signed_on: today,
        perform_by: None,
    };
    Command::ConcludeMediation(MediationOutcome {
        agreement: Some(agreement).filter(|agreement| !agreement.claims.is_empty()),
        remark: remark("调解结束"),
    })
}

pub fn convene(held_on: NaiveDate, chair: UserId) -> Command {
    Command::ConveneHearing(HearingNotice {
        held_on,
        place: line("二楼会议室"),
        chair,
        panel: vec![line("律师")],
        reason: remark("疑难复杂"),
    })
}

pub fn conclude_hearing(concluded_on: NaiveDate) -> Command {
    Command::ConcludeHearing(HearingOutcome {
        finding: narrative("听证认为事实清楚。"), concluded_on
    })
}

pub fn ask_for_days(days: u16) -> Command {
    Command::RequestExtension(ExtensionRequest { days, reason: remark("需要鉴定") })
}

pub fn decide_extension(approved: bool) -> Command {
    Command::DecideExtension(ExtensionDecision {
        approved,
        reason: remark("情况复杂"),
        notice: approved.then_some(NoticeWay::Post),
    })
}

pub fn answers(results: &[ClaimResult]) -> Vec<ClaimAnswer> {
    let answer = |(result, claim): (&ClaimResult, u16)| ClaimAnswer {
        claim,
        result: *result,
        reasons: remark("事实清楚"),
        legal_basis: remark("《物业管理条例》"),
    };
    results.iter().zip(1..).map(answer).collect()
}

pub fn draft(facts: &str, results: &[ClaimResult]) -> Command {
    Command::DraftOpinion(OpinionDraft { facts: narrative(facts), answers: answers(results) })
}

pub fn return_draft() -> Command {
    Command::ReturnOpinion(Reason { reason: remark("依据不足") })
}

pub fn issue() -> Command {
    Command::IssueOpinion(OpinionIssue { document_no: line("处理〔2026〕8号") })
}

pub fn deliver(document: DocumentKind, delivered_on: NaiveDate) -> Command {
    Command::Deliver(Delivery {
        document,
        way: DeliveryWay::InPerson,
        delivered_on,
        recipient: line("信访人"),
        signed: true,
        proof: None,
    })
}

pub fn request(stage: ReviewStage) -> Command {
    Command::RequestReview(stage, ReviewRequest { grounds: narrative("处理不公。"), late_reason: None })
}

pub fn request_late(stage: ReviewStage) -> Command {
    let late_reason = Some(remark("住院"));
    Command::RequestReview(stage, ReviewRequest { grounds: narrative("处理不公。"), late_reason })
}

pub fn admit(stage: ReviewStage) -> Command {
    Command::DecideAdmission(
        stage,
        ReviewAdmission {
            admitted: true, ground: None, reason: remark("符合条件"), notice: NoticeWay::Post
        },
    )
}

pub fn do_not_admit(stage: ReviewStage) -> Command {
    Command::DecideAdmission(
        stage,
        ReviewAdmission {
            admitted: false,
            ground: Some(NonAdmission::OutOfScope),
            reason: remark("不属于范围"),
            notice: NoticeWay::Post,
        },
    )
}

pub fn review(stage: ReviewStage, outcome: ReviewOutcome, results: &[ClaimResult]) -> Command {
    Command::DecideReview(
        stage,
        ReviewDecision {
            outcome,
            document_no: line("复查〔2026〕2号"),
            facts: narrative("经审查。"),
            reasons: narrative("原意见事实清楚与否。"),
            legal_basis: remark("《信访工作条例》第三十五条"),
            answers: answers(results),
        },
    )
}

pub fn visit(visited_on: NaiveDate, satisfaction: Satisfaction) -> Command {
    Command::VisitBack(VisitBack {
        visited_on,
        way: VisitWay::Home,
        words: remark("屋顶修好了"),
        satisfaction,
        signs: None,
    })
}

pub fn rate(satisfaction: Satisfaction) -> Command {
    Command::Evaluate(Evaluation {
        petition_department: Satisfaction::Satisfied,
        responsible_unit: satisfaction,
        comment: None,
    })
}

pub fn pledge(signed_on: NaiveDate) -> Command {
    Command::RecordPledge(Pledge { signed_on, received: remark("维修"), words: remark("不再信访") })
}

pub fn close() -> Command {
    Command::Close(ClosingReport {
        report: narrative("逐项落实。"),
        petitioner_view: PetitionerView::Agrees,
        remaining_risk: None,
    })
}

pub fn withdraw(withdrawn_on: NaiveDate) -> Command {
    Command::Withdraw(Withdrawal { words: remark("我撤回"), withdrawn_on })
}

pub fn reopen(ground: ReopeningGround) -> Command {
    Command::Reopen(Reopening { ground, reasons: remark("督查发现") })
}

pub fn archive() -> Command {
    Command::Archive(Archiving { retention: Retention::ThirtyYears, catalogue: remark("卷内十二件") })
}

pub fn erase() -> Command {
    erase_by(UserId::new(940), UserId::new(941))
}

pub fn erase_by(proposed_by: UserId, agreed_by: UserId) -> Command {
    Command::Erase(Erasure { proposed_by, agreed_by, reason: remark("保管期满") })
}

pub fn conclude_study(adoption: Adoption) -> Command {
    Command::ConcludeStudy(StudyConclusion { adoption, reasons: narrative("有价值。") })
}

pub fn reward() -> Command {
    Command::RewardSuggestion(Reward { reward: line("表彰"), reason: remark("成效明显") })
}

pub fn acknowledge() -> Command {
    Command::AcknowledgeReceipt(Receipt { receipt_no: line("纪收2026-5") })
}

pub fn outcome() -> Command {
    Command::RecordOutcome(AccusationResult { outcome: AccusationOutcome::DealtWith })
}

/// The leader takes the case in charge, to resolve it by the day.
pub fn take_charge(leader: UserId, target_on: NaiveDate) -> Command {
    Command::TakeCharge(Charge {
        leader,
        commitments: Commitment::VARIANTS.to_vec(),
        plan: narrative("每周约谈一次，年底前化解。"),
        target_on,
    })
}

pub fn report_charge(kept: &[Commitment]) -> Command {
    Command::ReportCharge(ChargeReport {
        progress: narrative("已与信访人见面两次。"),
        kept: kept.to_vec(),
        target_on: None,
    })
}

/// The organ answers for the case as backlog.
pub fn list_as_backlog(organ: OrganisationId, grounds: &[BacklogGround], target_on: NaiveDate) -> Command {
    let conference = grounds.contains(&BacklogGround::JointConference);
    Command::ListAsBacklog(BacklogListing {
        batch: line("2026年第一批"),
        list_no: line("17"),
        grounds: grounds.to_vec(),
        decision_no: conference.then(|| line("市信联办〔2026〕2号")),
        root_cause: narrative("面积测绘有误，补偿标准其后提高。"),
        plan: narrative("重新测绘，按当时标准补差。"),
        organ,
        target_on,
    })
}

pub fn report_backlog(progress: BacklogProgress) -> Command {
    let ways = vec![BacklogWay::Dialogue, BacklogWay::CaseReview];
    Command::ReportOnBacklog(BacklogReport { progress, done: narrative("已重新测绘。"), ways })
}

/// Passed by the resolution, or not passed.
pub fn inspect(resolution: Option<BacklogResolution>, inspected_on: NaiveDate) -> Command {
    Command::InspectBacklog(BacklogInspection {
        passed: resolution.is_some(),
        inspected_on,
        place: line("青石村"),
        findings: narrative("现场核对，与报告相符。"),
        resolution,
    })
}

pub fn strike_off(agreed: bool) -> Command {
    let reason = remark("半年内未再信访");
    Command::StrikeOffBacklog(BacklogStrikeOff {
        agreed, decision_no: line("市信联办〔2027〕5号"), reason
    })
}

/// The leader wants a report of the organ by the day, and the petitioner visited.
pub fn instruct(leader: UserId, to: OrganisationId, report_due_on: NaiveDate) -> Command {
    Command::GiveInstruction(Instruction {
        leader,
        text: narrative("请住建局牵头，十日内现场解决并报我。"),
        to,
        report_due_on,
        visit_back: true,
    })
}

/// The leader received the petitioners in a session.
pub fn receive_visit(leader: UserId) -> Command {
    Command::ReceiveVisit(LeaderVisit {
        reception: ReceptionId::new(7_500_000),
        leader,
        visitors: line("信访人本人及家属"),
        head_count: 3,
        requests: narrative("请求尽快兑现补偿。"),
        answer: Some(narrative("当场说明了补偿标准。")),
        opinion: narrative("请住建局十日内答复。"),
    })
}

pub fn report_instruction(no: u16) -> Command {
    Command::ReportOnInstruction(no, InstructionReport { result: narrative("已现场解决。") })
}

pub fn accept_instruction(no: u16) -> Command {
    let decision = InstructionDecision { accepted: true, reason: remark("同意"), report_due_on: None };
    Command::DecideInstruction(no, decision)
}

pub fn return_instruction(no: u16, report_due_on: NaiveDate) -> Command {
    let report_due_on = Some(report_due_on);
    let decision =
        InstructionDecision { accepted: false, reason: remark("没有说清责任"), report_due_on };
    Command::DecideInstruction(no, decision)
}

/// The organ is to report by the day.
pub fn order_supervision(to: OrganisationId, report_due_on: NaiveDate) -> Command {
    Command::OrderSupervision(SupervisionOrder {
        to,
        ground: SupervisionGround::Delay,
        facts: narrative("超过办理期限仍未答复。"),
        rule: remark("《信访工作条例》第三十四条"),
        demand: narrative("十日内作出处理意见并报告。"),
        way: SupervisionWay::Letter,
        document_no: Some(line("市信督〔2026〕3号")),
        report_due_on,
    })
}

pub fn report_on(order: u16) -> Command {
    let report =
        SupervisionReport { done: narrative("已作出处理意见并送达。"), outstanding: None };
    Command::ReportOnSupervision(order, report)
}

pub fn accept_report(order: u16) -> Command {
    let verdict =
        SupervisionVerdict { accepted: true, reason: remark("经核查属实"), report_due_on: None };
    Command::JudgeSupervision(order, verdict)
}

pub fn return_report(order: u16, report_due_on: NaiveDate) -> Command {
    let report_due_on = Some(report_due_on);
    let verdict =
        SupervisionVerdict { accepted: false, reason: remark("只有打算，没有落实"), report_due_on };
    Command::JudgeSupervision(order, verdict)
}

pub fn escalate(order: u16, step: EscalationStep, report_due_on: NaiveDate) -> Command {
    let talk = (step == EscalationStep::SummonsToTalk).then(|| remark("约谈局长，要求限期整改。"));
    let decision_no = line("市信联办〔2026〕8号");
    let reason = remark("逾期未反馈");
    Command::EscalateSupervision(order, Escalation { step, reason, decision_no, talk, report_due_on })
}

pub fn suggest(order: u16, to: OrganisationId, kinds: &[SupervisorySuggestionKind]) -> Command {
    let suggestion = |kind: &SupervisorySuggestionKind| SupervisorySuggestion {
        kind: *kind,
        facts: remark("同类事项多次超期"),
        basis: remark("《信访工作条例》第四十条"),
        advice: remark("建立限期办结台账"),
    };
    let suggestions = kinds.iter().map(suggestion).collect();
    let document_no = line("市信建〔2026〕1号");
    Command::MakeSuggestions(order, SupervisorySuggestions { to, document_no, suggestions })
}

pub fn answer_suggestions(order: u16, kinds: &[SupervisorySuggestionKind]) -> Command {
    let answer = |kind: &SupervisorySuggestionKind| SuggestionAnswer {
        kind: *kind,
        adoption: Adoption::Adopted,
        explanation: remark("已印发台账办法"),
    };
    let answers = kinds.iter().map(answer).collect();
    Command::AnswerSuggestions(order, SuggestionsAnswer { document_no: line("县住建函〔2026〕9号"), answers })
}

pub fn dismiss(deadlines: &[u16]) -> Command {
    let deadlines = deadlines.to_vec();
    Command::DismissProposals(ProposalDismissal { deadlines, reason: remark("信访人住院，已补正") })
}

pub fn hand_over_charge(to: UserId) -> Command {
    Command::HandOverCharge(ChargeHandover {
        to,
        reason: remark("工作调整"),
        open_matters: narrative("已承诺月底前答复补偿方案。"),
    })
}

pub fn aftercare(kind: AftercareKind, done_on: NaiveDate) -> Command {
    Command::RecordAftercare(Aftercare { kind, done_on, summary: remark("走访") })
}
