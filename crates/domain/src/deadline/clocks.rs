//! THE table of clocks: which article each comes from, how long it runs, what may pause it.

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::refusal::Article;

/// A clock of `domain.md` §1.5.
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
pub enum ClockKind {
    #[strum(props(zh = "登记转送交办期限", en = "Register and dispatch"))]
    Dispatch,
    #[strum(props(zh = "逐级转送内部时限", en = "Internal share of dispatch"))]
    DispatchShare,
    #[strum(props(zh = "告知期限", en = "Notify the petitioner"))]
    Notice,
    #[strum(props(zh = "转送异议期限", en = "Object to a transfer"))]
    Objection,
    #[strum(props(zh = "办理期限", en = "Handle"))]
    Handling,
    #[strum(props(zh = "延长的办理期限", en = "Extended handling"))]
    Extension,
    #[strum(props(zh = "请求复查期限", en = "Ask for review"))]
    ReviewRequest,
    #[strum(props(zh = "复查期限", en = "Review"))]
    Review,
    #[strum(props(zh = "请求复核期限", en = "Ask for re-review"))]
    ReReviewRequest,
    #[strum(props(zh = "复核期限", en = "Re-review"))]
    ReReview,
    #[strum(props(zh = "交办反馈期限", en = "Report on an assigned matter"))]
    AssignedFeedback,
    #[strum(props(zh = "简易办理流转时限", en = "Simple procedure: pass on"))]
    SimplePass,
    #[strum(props(zh = "简易办理受理时限", en = "Simple procedure: decide"))]
    SimpleDecision,
    #[strum(props(zh = "简易办理答复时限", en = "Simple procedure: answer"))]
    SimpleOpinion,
    #[strum(props(zh = "复查复核受理告知期限", en = "Admit a request for review"))]
    ReviewAdmission,
    #[strum(props(zh = "满意度评价期限", en = "Evaluation window"))]
    Evaluation,
    #[strum(props(zh = "包案进展报告期限", en = "Report of the leader in charge"))]
    ChargeReport,
    #[strum(props(zh = "积案进展报告期限", en = "Report on a backlog case"))]
    BacklogReport,
    #[strum(props(zh = "批示反馈期限", en = "Report on a leader's instruction"))]
    InstructionReport,
    #[strum(props(zh = "督办反馈期限", en = "Report on an order of supervision"))]
    SupervisionReport,
    #[strum(props(zh = "三项建议答复期限", en = "Answer suggestions"))]
    SuggestionsAnswer,
}

/// How long a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Calendar days.
    Days(u16),
    /// Working days.
    WorkingDays(u16),
    /// The day that the command names (assignment, extension).
    AsWritten,
    /// From the rules: local or remembered numbers are configuration, never law.
    Configured,
}

/// Who must act before the clock runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner {
    /// The organ that holds the case.
    Holder,
    /// The organ that reviews.
    ReviewOrgan,
    /// The petitioner, whose right lapses with the clock.
    Petitioner,
    /// The leader in charge.
    Leader,
    /// The organ that answers for a backlog case.
    BacklogOrgan,
    /// The organ that a leader's instruction is addressed to.
    Instructed,
    /// The organ that is supervised.
    Supervised,
    /// The organ that suggestions are addressed to.
    Advised,
}

/// Why a clock may stand still.
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
pub enum PauseReason {
    #[strum(props(zh = "听证所需时间", en = "Time of a hearing"))]
    Hearing,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    pub kind: ClockKind,
    /// The letter of `domain.md` §1.5.
    pub letter: &'static str,
    pub length: Length,
    pub pauses: &'static [PauseReason],
    pub runner: Runner,
    /// The article, or none where the number is local or an internal target.
    pub article: Option<Article>,
    /// The rule in one sentence.
    pub rule_zh: &'static str,
    pub rule_en: &'static str,
}

const fn clock(
    kind: ClockKind,
    letter: &'static str,
    length: Length,
    runner: Runner,
    article: Option<Article>,
    rule_zh: &'static str,
    rule_en: &'static str,
) -> Clock {
    Clock { kind, letter, length, pauses: &[], runner, article, rule_zh, rule_en }
}

impl ClockKind {
    /// Whether the clock bounds a right, which lapses, and not a duty, which becomes overdue.
    pub const fn is_a_right(self) -> bool {
        matches!(self, Self::Objection | Self::ReviewRequest | Self::ReReviewRequest | Self::Evaluation)
    }

    /// Whether the clock binds an organ, so that passing it is a delay; the internal share of the dispatch clock is
    /// only a target.
    pub const fn is_a_duty(self) -> bool {
        !self.is_a_right() && !matches!(self, Self::DispatchShare)
    }

    /// Whether the clock asks for a report on a case, which stays missing where it was, whatever became of the case.
    pub const fn is_of_a_report(self) -> bool {
        matches!(
            self,
            Self::ChargeReport | Self::BacklogReport | Self::InstructionReport | Self::SupervisionReport
        )
    }

    /// The clock's row, in the order of `domain.md` §1.5.
    pub const fn row(self) -> Clock {
        match self {
            Self::Dispatch => clock(
                Self::Dispatch,
                "A",
                Length::Days(15),
                Runner::Holder,
                Some(Article(22)),
                "信访工作部门自收到之日起15日内登记并转送、交办",
                "The petition department registers and passes on within 15 days of receipt",
            ),
            Self::DispatchShare => clock(
                Self::DispatchShare,
                "A'",
                Length::Configured,
                Runner::Holder,
                None,
                "逐级转送的内部时限（2014年：国家5日、省3日、市3日、县4日），可配置",
                "Internal share of the 15 days at each level (2014: national 5, province 3, city 3, county 4), configurable",
            ),
            Self::Notice => clock(
                Self::Notice,
                "B",
                Length::Days(15),
                Runner::Holder,
                Some(Article(23)),
                "有权处理机关自收到之日起15日内书面告知信访人",
                "The organ notifies the petitioner in writing within 15 days of its own receipt",
            ),
            Self::Objection => clock(
                Self::Objection,
                "C",
                Length::WorkingDays(5),
                Runner::Holder,
                Some(Article(23)),
                "对转送、交办有异议的，自收到之日起5个工作日内提出",
                "An objection to a transfer is made within 5 working days of receipt",
            ),
            Self::Handling => clock(
                Self::Handling,
                "D",
                Length::Days(60),
                Runner::Holder,
                Some(Article(34)),
                "自受理之日起60日内办结",
                "The matter is concluded within 60 days of acceptance",
            ),
            Self::Extension => clock(
                Self::Extension,
                "E",
                Length::AsWritten,
                Runner::Holder,
                Some(Article(34)),
                "情况复杂的，经本机关负责人批准可延长，延长期限不得超过30日",
                "A complex matter may be extended once by the head of the organ, by at most 30 days",
            ),
            Self::ReviewRequest => clock(
                Self::ReviewRequest,
                "F",
                Length::Days(30),
                Runner::Petitioner,
                Some(Article(35)),
                "信访人自收到书面答复之日起30日内可请求复查",
                "The petitioner may ask for review within 30 days of receiving the written reply",
            ),
            Self::Review => clock(
                Self::Review,
                "G",
                Length::Days(30),
                Runner::ReviewOrgan,
                Some(Article(35)),
                "收到复查请求的机关自收到之日起30日内提出复查意见并书面答复",
                "The review organ answers in writing within 30 days of receiving the request",
            ),
            Self::ReReviewRequest => clock(
                Self::ReReviewRequest,
                "H",
                Length::Days(30),
                Runner::Petitioner,
                Some(Article(36)),
                "信访人自收到复查意见之日起30日内可请求复核",
                "The petitioner may ask for re-review within 30 days of receiving the review reply",
            ),
            Self::ReReview => Clock {
                kind: Self::ReReview,
                letter: "I",
                length: Length::Days(30),
                pauses: &[PauseReason::Hearing],
                runner: Runner::ReviewOrgan,
                article: Some(Article(36)),
                rule_zh: "收到复核请求的机关自收到之日起30日内提出复核意见，听证所需时间不计算在内",
                rule_en: "The re-review organ answers within 30 days of receipt; the time of a hearing is not counted",
            },
            Self::AssignedFeedback => clock(
                Self::AssignedFeedback,
                "J",
                Length::AsWritten,
                Runner::Holder,
                Some(Article(22)),
                "交办的信访事项在交办函指定的期限内反馈结果、提交办结报告",
                "The result of an assigned matter is reported within the limit that the assignment names",
            ),
            Self::SimplePass => clock(
                Self::SimplePass,
                "K1",
                Length::Configured,
                Runner::Holder,
                None,
                "简易办理：各级流转时限（工作日），可配置",
                "Simple procedure: pass on within the configured working days at each level",
            ),
            Self::SimpleDecision => clock(
                Self::SimpleDecision,
                "K2",
                Length::Configured,
                Runner::Holder,
                None,
                "简易办理：受理时限（工作日），可配置",
                "Simple procedure: decide on acceptance within the configured working days",
            ),
            Self::SimpleOpinion => clock(
                Self::SimpleOpinion,
                "K3",
                Length::Configured,
                Runner::Holder,
                None,
                "简易办理：答复时限（工作日），可配置",
                "Simple procedure: answer within the configured working days",
            ),
            Self::ReviewAdmission => clock(
                Self::ReviewAdmission,
                "L",
                Length::Configured,
                Runner::ReviewOrgan,
                None,
                "复查复核请求是否受理的告知时限（地方规定，可配置）",
                "Whether a request for review is admitted is told within the configured days (local rule)",
            ),
            Self::Evaluation => clock(
                Self::Evaluation,
                "M",
                Length::Configured,
                Runner::Petitioner,
                None,
                "信访人对办理情况作满意度评价的期限（可配置）",
                "The petitioner may rate the handling within the configured days",
            ),
            Self::ChargeReport => clock(
                Self::ChargeReport,
                "N",
                Length::Configured,
                Runner::Leader,
                None,
                "包案领导定期报告进展（每月，可配置）",
                "The leader in charge reports how far the case has come, each month (configurable)",
            ),
            Self::BacklogReport => clock(
                Self::BacklogReport,
                "O",
                Length::Configured,
                Runner::BacklogOrgan,
                None,
                "积案责任单位定期报告化解进展（每月，可配置）",
                "The organ that answers for a backlog case reports how far it has come, each month (configurable)",
            ),
            Self::InstructionReport => clock(
                Self::InstructionReport,
                "P",
                Length::AsWritten,
                Runner::Instructed,
                None,
                "承办机关在领导批示指定的期限内反馈落实情况",
                "The responsible organ reports within the limit that the leader's instruction names",
            ),
            Self::SupervisionReport => clock(
                Self::SupervisionReport,
                "Q",
                Length::AsWritten,
                Runner::Supervised,
                Some(Article(40)),
                "被督办机关在督办函（通报、约谈、挂牌督办）指定的期限内书面反馈",
                "The supervised organ reports within the limit that the order, or its escalation, names",
            ),
            Self::SuggestionsAnswer => clock(
                Self::SuggestionsAnswer,
                "R",
                Length::Configured,
                Runner::Advised,
                Some(Article(40)),
                "收到改进工作、完善政策、追究责任建议的机关书面反馈采纳情况（期限可配置）",
                "The organ answers in writing whether it adopts the suggestions, within the configured days",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_re_review_may_stand_still() {
        for kind in ClockKind::VARIANTS {
            assert_eq!(kind.row().kind, *kind);
            assert_eq!(kind.row().pauses.is_empty(), *kind != ClockKind::ReReview, "{kind:?}");
        }
    }
}
