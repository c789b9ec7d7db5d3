//! From the register to the organ that takes the matter up.

use domain::case::content::{
    AcceptanceDecision, AcceptancePayload, Declining, Dispatch, DispatchMode, NoLongerAccepting, NoticeWay,
    Objection, ObjectionDecision, Reason, RepeatCheck, Reply, RoutingOut,
};
use domain::case::{Command, Route};
use domain::id::CaseId;

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// The register finds no earlier petition of the matter.
    pub fn found_new(&mut self, who: &str) -> Told<'_, Self> {
        let check = RepeatCheck {
            repeat_of: None,
            reason: words("经查询，未发现同一事项的在办或已办信访件")?,
        };
        self.step(who, &Command::ConfirmRepeat(check))
    }

    /// The register finds that the matter was petitioned before.
    pub fn found_repeated(&mut self, who: &str, first: CaseId, reason: &str) -> Told<'_, Self> {
        let check = RepeatCheck { repeat_of: Some(first), reason: words(reason)? };
        self.step(who, &Command::ConfirmRepeat(check))
    }

    /// 转送.
    pub fn transferred(&mut self, who: &str, to: &str, reason: &str) -> Told<'_, Self> {
        self.passed_on(who, to, reason, None, false)
    }

    /// 转送, by the simple procedure.
    pub fn transferred_simply(&mut self, who: &str, to: &str, reason: &str) -> Told<'_, Self> {
        self.passed_on(who, to, reason, None, true)
    }

    /// 交办, with a report due in so many days.
    pub fn assigned(&mut self, who: &str, to: &str, reason: &str, days: u64) -> Told<'_, Self> {
        self.passed_on(who, to, reason, Some(days), false)
    }

    fn passed_on(
        &mut self,
        who: &str,
        to: &str,
        reason: &str,
        days: Option<u64>,
        simple: bool,
    ) -> Told<'_, Self> {
        let dispatch = Dispatch {
            mode: if days.is_some() { DispatchMode::Assign } else { DispatchMode::Transfer },
            to: self.stage.organ(to)?,
            reason: words(reason)?,
            feedback_due_on: days.map(|days| self.in_days(days)).transpose()?,
            simple,
        };
        self.step(who, &Command::Dispatch(dispatch))?;
        to.clone_into(&mut self.organ);
        Ok(self)
    }

    /// 提出异议.
    pub fn objected(&mut self, reasons: &str, proposed: &str) -> Told<'_, Self> {
        let objection = Objection { reasons: words(reasons)?, proposed: Some(self.stage.organ(proposed)?) };
        self.step(&self.registrar(), &Command::Object(objection))
    }

    /// 审核异议.
    pub fn objection_decided(&mut self, who: &str, upheld: bool, reasons: &str) -> Told<'_, Self> {
        let decision = ObjectionDecision { upheld, reasons: words(reasons)? };
        self.step(who, &Command::DecideObjection(decision))
    }

    /// 直接回复.
    pub fn answered_directly(&mut self, who: &str, content: &str) -> Told<'_, Self> {
        let reply = Reply { content: words(content)?, way: NoticeWay::Phone };
        self.step(who, &Command::DirectReply(reply))
    }

    /// 存.
    pub fn filed_away(&mut self, who: &str, reason: &str) -> Told<'_, Self> {
        self.step(who, &Command::FileOnly(Reason { reason: words(reason)? }))
    }

    /// 受理, by the organ's registrar.
    pub fn accepted(&mut self) -> Told<'_, Self> {
        self.taken_up(false)
    }

    /// 受理, by the simple procedure.
    pub fn accepted_simply(&mut self) -> Told<'_, Self> {
        self.taken_up(true)
    }

    fn taken_up(&mut self, simple: bool) -> Told<'_, Self> {
        let document_no = self.numbered("受告")?;
        let acceptance = AcceptancePayload {
            notice: if simple { NoticeWay::Message } else { NoticeWay::Post },
            document_no: Some(document_no),
            simple,
        };
        self.step(&self.registrar(), &Command::DecideAcceptance(AcceptanceDecision::Accept(acceptance)))
    }

    /// 不予受理.
    pub fn declined(&mut self, who: &str, reason: &str, basis: &str, where_to_go: &str) -> Told<'_, Self> {
        let declining = Declining {
            reason: words(reason)?,
            legal_basis: words(basis)?,
            where_to_go: words(where_to_go)?,
            notice: NoticeWay::Post,
        };
        self.step(who, &Command::DecideAcceptance(AcceptanceDecision::Decline(declining)))
    }

    /// 不再受理.
    pub fn no_longer_accepted(&mut self, who: &str, reason: &str, re_review_no: &str) -> Told<'_, Self> {
        let refusal = NoLongerAccepting {
            reason: words(reason)?,
            re_review_no: words(re_review_no)?,
            notice: NoticeWay::Post,
        };
        self.step(who, &Command::DecideAcceptance(AcceptanceDecision::NoLongerAccept(refusal)))
    }

    /// 导入法定途径.
    pub fn routed_out(&mut self, route: Route, reason: &str, where_to_go: &str) -> Told<'_, Self> {
        let routing = RoutingOut {
            route,
            reason: words(reason)?,
            where_to_go: words(where_to_go)?,
            notice: NoticeWay::InPerson,
        };
        self.step(&self.registrar(), &Command::DecideAcceptance(AcceptanceDecision::RouteOut(routing)))
    }

    /// Who receives for the organ that has the case.
    pub fn registrar(&self) -> String {
        format!("{}.registrar", self.organ)
    }
}
