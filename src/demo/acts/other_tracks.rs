//! Suggestions and accusations, which have no opinion and no sixty days.

use domain::case::Command;
use domain::case::content::{
    AccusationOutcome, AccusationResult, Adoption, NoticeWay, Receipt, Reply, Reward, StudyConclusion,
};

use crate::demo::stage::{Story, words};

type Told<'t, S> = anyhow::Result<&'t mut S>;

impl Story<'_, '_> {
    /// The study of a suggestion ends.
    pub fn studied(&mut self, adoption: Adoption, reasons: &str) -> Told<'_, Self> {
        let conclusion = StudyConclusion { adoption, reasons: words(reasons)? };
        self.step(&self.handler(), &Command::ConcludeStudy(conclusion))
    }

    /// The head answers the suggestion.
    pub fn suggestion_answered(&mut self, content: &str) -> Told<'_, Self> {
        let reply = Reply { content: words(content)?, way: NoticeWay::Web };
        self.step(&self.head(), &Command::ReplyToSuggestion(reply))
    }

    /// A valuable suggestion is rewarded.
    pub fn rewarded(&mut self, reward: &str, reason: &str) -> Told<'_, Self> {
        let reward = Reward { reward: words(reward)?, reason: words(reason)? };
        self.step(&self.head(), &Command::RewardSuggestion(reward))
    }

    /// The discipline organ acknowledges an accusation.
    pub fn acknowledged(&mut self) -> Told<'_, Self> {
        let receipt_no = self.numbered("纪信签")?;
        self.step(&self.organ.clone(), &Command::AcknowledgeReceipt(Receipt { receipt_no }))
    }

    /// The discipline organ reports a flag, and nothing more.
    pub fn concluded(&mut self, outcome: AccusationOutcome) -> Told<'_, Self> {
        self.step(&self.organ.clone(), &Command::RecordOutcome(AccusationResult { outcome }))
    }
}
