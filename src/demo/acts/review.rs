//! Review and re-review by the next higher organ.

use domain::case::Command;
use domain::case::content::{
    DocumentKind, HearingNotice, NoticeWay, ReviewAdmission, ReviewDecision, ReviewOutcome, ReviewRequest,
};
use domain::organisation::ReviewStage;

use super::handling::{Answered, claim_answers};
use crate::demo::stage::{PETITIONER, Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// Who decides at the stage: the county's government, then the city's committee.
    fn officer(&self, stage: ReviewStage) -> String {
        match stage {
            ReviewStage::Review => format!("review.{}", self.county),
            ReviewStage::ReReview => "review.committee".to_owned(),
        }
    }

    /// The petitioner asks.
    pub fn review_asked(&mut self, stage: ReviewStage, grounds: &str) -> Told<'_, Self> {
        let request = ReviewRequest { grounds: words(grounds)?, late_reason: None };
        self.step(PETITIONER, &Command::RequestReview(stage, request))
    }

    /// The organ takes the request up.
    pub fn review_admitted(&mut self, stage: ReviewStage) -> Told<'_, Self> {
        let admission = ReviewAdmission {
            admitted: true,
            ground: None,
            reason: words("请求在期限内提出，属于本机关复查复核范围")?,
            notice: NoticeWay::Post,
        };
        self.step(&self.officer(stage), &Command::DecideAdmission(stage, admission))
    }

    /// The organ decides; new answers come with a change only.
    pub fn review_decided(
        &mut self,
        stage: ReviewStage,
        outcome: ReviewOutcome,
        reasons: &str,
        answers: &[Answered],
    ) -> Told<'_, Self> {
        let (of, article) = match stage {
            ReviewStage::Review => ("信复查", "《信访工作条例》第三十五条"),
            ReviewStage::ReReview => ("信复核", "《信访工作条例》第三十六条"),
        };
        let decision = ReviewDecision {
            outcome,
            document_no: self.numbered(of)?,
            facts: words("调阅原处理卷宗，听取双方陈述，核对了有关凭证")?,
            reasons: words(reasons)?,
            legal_basis: words(article)?,
            answers: claim_answers(answers)?,
        };
        self.step(&self.officer(stage), &Command::DecideReview(stage, decision))
    }

    /// The organ's opinion reaches the petitioner.
    pub fn review_delivered(&mut self, stage: ReviewStage) -> Told<'_, Self> {
        let document = match stage {
            ReviewStage::Review => DocumentKind::ReviewOpinion,
            ReviewStage::ReReview => DocumentKind::ReReviewOpinion,
        };
        let who = self.officer(stage);
        self.handed_over(&who, document)
    }

    /// Asked, taken up, upheld and delivered in three weeks.
    pub fn upheld(&mut self, stage: ReviewStage, grounds: &str, reasons: &str) -> Told<'_, Self> {
        self.review_asked(stage, grounds)?.later(3)?.review_admitted(stage)?;
        self.later(15)?.review_decided(stage, ReviewOutcome::Uphold, reasons, &[])?;
        self.later(2)?.review_delivered(stage)
    }

    /// The committee convenes a hearing, during which its clock stands still.
    pub fn hearing_convened(&mut self, reason: &str) -> Told<'_, Self> {
        let notice = HearingNotice {
            held_on: self.in_days(10)?,
            place: words("到位市信访局二楼听证室")?,
            chair: self.stage.user("review.committee2")?,
            panel: vec![words("市人大代表一名")?, words("律师一名")?, words("社区代表一名")?],
            reason: words(reason)?,
        };
        self.step(&self.officer(ReviewStage::ReReview), &Command::ConveneHearing(notice))
    }
}
