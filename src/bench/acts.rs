//! The steps of the stories, each a command with the words that an office would write.

use domain::case::content::{
    AcceptanceDecision, AcceptancePayload, AccusationOutcome, AccusationResult, Adoption, Agreement,
    AgreementKind, Archiving, Assignment, ClaimAnswer, ClaimResult, ClosingReport, Declining, Delivery,
    DeliveryWay, Dispatch, DispatchMode, DocumentKind, Evaluation, HandlerDeclaration, Mediation,
    MediationOutcome, NoticeWay, OpinionDraft, OpinionIssue, PetitionerView, Reason, Receipt, Reply,
    Retention, ReviewAdmission, ReviewDecision, ReviewOutcome, ReviewRequest, RoutingOut, Satisfaction,
    StudyConclusion, Withdrawal,
};
use domain::case::{Command, Route};
use domain::measure::{
    ClaimFinding, ConductCheck, Evidence, Findings, HardshipCheck, InPlaceReport, MeasureKind, MeasurePlan,
    MeasureStep, PetitionerReceipt, Reasonableness, ResolveAction, ResolveEvidence, ResolveProof,
    Verification,
};
use domain::organisation::ReviewStage;

use super::cast::{Organ, Part};
use super::scene::{Scene, Told, words};

impl Scene<'_> {
    /// 直接回复.
    pub fn replied(&mut self) -> Told {
        let content =
            words("您反映的政策问题答复如下：请持身份证明到便民服务中心窗口办理，三个工作日内办结。")?;
        self.by(Part::Clerk, &Command::DirectReply(Reply { content, way: NoticeWay::Phone }))
    }

    /// 存.
    pub fn filed_away(&mut self) -> Told {
        self.by(Part::Clerk, &Command::FileOnly(Reason { reason: words("来信无具体请求，存档备查")? }))
    }

    /// 不予受理.
    pub fn declined(&mut self, by: Part) -> Told {
        let declining = Declining {
            reason: words("所反映事项不属于本机关职权范围")?,
            legal_basis: words("《信访工作条例》第二十三条")?,
            where_to_go: words("请向有权处理的机关提出")?,
            notice: NoticeWay::Post,
        };
        self.by(by, &Command::DecideAcceptance(AcceptanceDecision::Decline(declining)))
    }

    /// 导入法定途径.
    pub fn routed_out(&mut self) -> Told {
        let routing = RoutingOut {
            route: Route::Arbitration,
            reason: words("劳动争议应当先行仲裁")?,
            where_to_go: words("县劳动人事争议仲裁院，自知道权利受侵害之日起一年内")?,
            notice: NoticeWay::InPerson,
        };
        self.by(Part::Clerk, &Command::DecideAcceptance(AcceptanceDecision::RouteOut(routing)))
    }

    /// 撤回.
    pub fn withdrawn(&mut self) -> Told {
        let withdrawal = Withdrawal {
            words: words("问题已经自行解决，我撤回信访")?,
            withdrawn_on: self.today,
        };
        self.by(Part::Clerk, &Command::Withdraw(withdrawal))
    }

    /// 转送 to the organ that handles.
    pub fn transferred(&mut self) -> Told {
        self.passed_on(Part::Clerk, Organ::Handling, None)
    }

    /// 交办, with a report due in so many days.
    pub fn assigned(&mut self, days: u64) -> Told {
        self.passed_on(Part::Clerk, Organ::Handling, Some(days))
    }

    /// An accusation goes to the discipline organ.
    pub fn forwarded(&mut self) -> Told {
        self.passed_on(Part::ClearedClerk, Organ::Discipline, None)
    }

    fn passed_on(&mut self, by: Part, to: Organ, days: Option<u64>) -> Told {
        let dispatch = Dispatch {
            mode: if days.is_some() { DispatchMode::Assign } else { DispatchMode::Transfer },
            to: to.stand_in(),
            reason: words("属贵单位职责范围，请依法办理")?,
            feedback_due_on: days.map(|days| self.in_days(days)).transpose()?,
            simple: false,
        };
        self.by(by, &Command::Dispatch(dispatch))
    }

    /// 受理.
    pub fn accepted(&mut self) -> Told {
        let payload = AcceptancePayload {
            notice: NoticeWay::Post,
            document_no: Some(words("信受告〔本年〕117号")?),
            simple: false,
        };
        self.by(Part::Registrar, &Command::DecideAcceptance(AcceptanceDecision::Accept(payload)))
    }

    /// 指定经办人.
    pub fn given_to_handler(&mut self) -> Told {
        let handlers = vec![HandlerDeclaration { user: Part::Handler.stand_in(), direct_interest: false }];
        let assignment = Assignment { handlers, co_organisations: vec![] };
        self.by(Part::Registrar, &Command::AssignHandlers(assignment))
    }

    /// 认定.
    pub fn found(&mut self) -> Told {
        let findings = Findings {
            claims: vec![ClaimFinding {
                claim: 1,
                reasonableness: Reasonableness::Reasonable,
                facts: words("现场查看并调取记录，所反映情况属实")?,
            }],
            hardship: Some(HardshipCheck {
                hardship: false,
                circumstances: words("入户走访并核对收入，家庭有稳定收入")?,
                checked_on: self.today,
            }),
            conduct: Some(ConductCheck { conduct: vec![], facts: words("未发现违法行为")? }),
        };
        self.by(Part::Handler, &Command::RecordFindings(findings))
    }

    /// 拟稿.
    pub fn drafted(&mut self) -> Told {
        let draft = OpinionDraft {
            facts: words("经查，信访人所反映的情况属实，责任单位已经承认并提出整改方案。")?,
            answers: vec![ClaimAnswer {
                claim: 1,
                result: ClaimResult::Support,
                reasons: words("请求有事实和法律依据，责令限期整改")?,
                legal_basis: words("《信访工作条例》第三十二条")?,
            }],
        };
        self.by(Part::Handler, &Command::DraftOpinion(draft))
    }

    /// 签发.
    pub fn issued(&mut self) -> Told {
        let issue = OpinionIssue { document_no: words("信处〔本年〕86号")? };
        self.by(Part::Head, &Command::IssueOpinion(issue))
    }

    /// 送达.
    pub fn delivered(&mut self, by: Part, document: DocumentKind) -> Told {
        let delivery = Delivery {
            document,
            way: DeliveryWay::InPerson,
            delivered_on: self.today,
            recipient: words("信访人本人")?,
            signed: true,
            proof: None,
        };
        self.by(by, &Command::Deliver(delivery))
    }

    /// From the register to the organ's handler.
    pub fn taken_up(&mut self) -> Told {
        self.later(2)?;
        self.transferred()?;
        self.later(5)?;
        self.accepted()?;
        self.given_to_handler()
    }

    /// From the register to the delivered opinion.
    pub fn answered(&mut self) -> Told {
        self.taken_up()?;
        self.later(12)?;
        self.found()?;
        self.drafted()?;
        self.later(4)?;
        self.issued()?;
        self.later(2)?;
        self.delivered(Part::Registrar, DocumentKind::HandlingOpinion)
    }

    /// The handler is charged with carrying the answer out.
    pub fn planned(&mut self) -> Told {
        let plan = MeasurePlan {
            owner: Part::Handler.stand_in(),
            plan: words("会同责任单位现场整改，并请信访人到场验收")?,
            due_on: self.in_days(20)?,
        };
        self.by(Part::Head, &Command::PlanMeasure(MeasureKind::Resolve, plan))
    }

    /// A step was done.
    pub fn stepped(&mut self) -> Told {
        let step =
            MeasureStep { done_on: self.today, what: words("到现场督促，施工单位已进场")? };
        self.by(Part::Handler, &Command::AddMeasureStep(MeasureKind::Resolve, step))
    }

    /// In place, verified, and every other measure ticked as not applicable.
    pub fn put_in_place(&mut self) -> Told {
        let action = ResolveAction {
            claim: 1,
            proof: ResolveProof::RepairPhotos,
            reference: words("照片4张，编号整改-4")?,
            place: Some(words("信访人所反映的现场")?),
            done_on: self.today,
        };
        let evidence = ResolveEvidence {
            actions: vec![action],
            petitioner_receipt: PetitionerReceipt::Signed,
            instalments: vec![],
        };
        let report = InPlaceReport {
            summary: words("整改完成，信访人签收")?,
            evidence: Evidence::Resolve(evidence),
        };
        self.by(Part::Handler, &Command::ReportInPlace(MeasureKind::Resolve, report))?;
        self.later(2)?;
        self.verified(MeasureKind::Resolve)?;
        for kind in [MeasureKind::Educate, MeasureKind::Assist, MeasureKind::LawfulHandling] {
            let reason = Reason { reason: words("经核查不适用")? };
            self.by(Part::Handler, &Command::FindNotApplicable(kind, reason))?;
            self.verified(kind)?;
        }
        Ok(())
    }

    fn verified(&mut self, kind: MeasureKind) -> Told {
        let verification =
            Verification { passed: true, remark: words("现场核验并电话核实，已落实")? };
        self.by(Part::Verifier, &Command::VerifyMeasure(kind, verification))
    }

    /// 办结.
    pub fn closed(&mut self) -> Told {
        let report = ClosingReport {
            report: words("诉求已按处理意见落实，凭证在卷。")?,
            petitioner_view: PetitionerView::Agrees,
            remaining_risk: None,
        };
        self.by(Part::Handler, &Command::Close(report))
    }

    /// The petitioner is content.
    pub fn rated(&mut self) -> Told {
        let evaluation = Evaluation {
            petition_department: Satisfaction::Satisfied,
            responsible_unit: Satisfaction::Satisfied,
            comment: Some(words("问题解决了，谢谢")?),
        };
        self.by_petitioner(&Command::Evaluate(evaluation))
    }

    /// 归档.
    pub fn archived(&mut self, by: Part) -> Told {
        let archiving = Archiving {
            retention: Retention::ThirtyYears,
            catalogue: words("登记表、告知书、意见书、送达回证")?,
        };
        self.by(by, &Command::Archive(archiving))
    }

    /// Both sides agree in a mediation.
    pub fn mediated(&mut self) -> Told {
        let mediation = Mediation {
            mediator: words("人民调解委员会")?,
            other_party: words("邻户")?,
            petitioner_consents: true,
            other_party_consents: true,
        };
        self.by(Part::Handler, &Command::StartMediation(mediation))?;
        self.later(6)?;
        let agreement = Agreement {
            kind: AgreementKind::Mediation,
            claims: vec![1],
            terms: words("双方七日内恢复原状，互不追究")?,
            signed_on: self.today,
            perform_by: Some(self.in_days(7)?),
        };
        let outcome = MediationOutcome {
            agreement: Some(agreement),
            remark: words("双方自愿达成协议，当场签字")?,
        };
        self.by(Part::Handler, &Command::ConcludeMediation(outcome))
    }

    /// A suggestion is studied, answered and filed.
    pub fn studied(&mut self) -> Told {
        let conclusion = StudyConclusion {
            adoption: Adoption::Partly,
            reasons: words("部分建议可行，列入下年度计划。")?,
        };
        self.by(Part::Handler, &Command::ConcludeStudy(conclusion))
    }

    /// The head answers a suggestion.
    pub fn suggestion_answered(&mut self) -> Told {
        let reply = Reply {
            content: words("感谢您的建议，我单位已列入计划。")?, way: NoticeWay::Web
        };
        self.by(Part::Head, &Command::ReplyToSuggestion(reply))
    }

    /// The discipline organ acknowledges and later reports a flag.
    pub fn acknowledged(&mut self) -> Told {
        let receipt = Receipt { receipt_no: words("纪信签〔本年〕12号")? };
        self.by(Part::DisciplineOfficer, &Command::AcknowledgeReceipt(receipt))
    }

    /// A flag, and nothing more.
    pub fn concluded(&mut self) -> Told {
        let result = AccusationResult { outcome: AccusationOutcome::DealtWith };
        self.by(Part::DisciplineOfficer, &Command::RecordOutcome(result))
    }

    /// The county's government reviews and upholds.
    pub fn upheld(&mut self) -> Told {
        let stage = ReviewStage::Review;
        let request =
            ReviewRequest { grounds: words("对整改期限不服，请求复查。")?, late_reason: None };
        self.by_petitioner(&Command::RequestReview(stage, request))?;
        self.later(4)?;
        let admission = ReviewAdmission {
            admitted: true,
            ground: None,
            reason: words("请求在期限内提出")?,
            notice: NoticeWay::Post,
        };
        self.by(Part::Reviewer, &Command::DecideAdmission(stage, admission))?;
        self.later(14)?;
        let decision = ReviewDecision {
            outcome: ReviewOutcome::Uphold,
            document_no: words("信复查〔本年〕9号")?,
            facts: words("调阅原处理卷宗，听取双方陈述。")?,
            reasons: words("原处理意见事实清楚，程序合法。")?,
            legal_basis: words("《信访工作条例》第三十五条")?,
            answers: vec![],
        };
        self.by(Part::Reviewer, &Command::DecideReview(stage, decision))?;
        self.later(2)?;
        self.delivered(Part::Reviewer, DocumentKind::ReviewOpinion)
    }
}
