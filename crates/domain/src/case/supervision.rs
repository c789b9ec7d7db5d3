//! Where the supervision of a case stands (督办, Art. 39, 40).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::Case;
use super::content::{
    Escalation, SuggestionsAnswer, SupervisionOrder, SupervisionReport, SupervisionVerdict,
    SupervisorySuggestions,
};
use crate::deadline::ClockKind;
use crate::id::{OrganisationId, UserId};

/// Where an order of supervision stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    ToSchema,
    AsRefStr,
    IntoStaticStr,
    EnumProperty,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderState {
    #[strum(props(zh = "待反馈", en = "Awaiting the organ's report"))]
    AwaitingReport,
    #[strum(props(zh = "待审核", en = "Awaiting the supervisor's verdict"))]
    AwaitingVerdict,
    #[strum(props(zh = "督办办结", en = "Closed"))]
    Closed,
}

/// What supervision waits for in a case; of a report and an order at most one.
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
pub enum SupervisionStage {
    /// An organ let a clock pass, and a supervisor has not decided on it.
    #[strum(props(zh = "建议督办", en = "Proposed"))]
    Proposed,
    /// The supervised organ has reported, and the supervisor judges it.
    #[strum(props(zh = "已反馈待审核", en = "Reported"))]
    Reported,
    /// The supervised organ is to report.
    #[strum(props(zh = "督办中", en = "Ordered"))]
    Ordered,
    /// An organ is to answer whether it adopts what was suggested.
    #[strum(props(zh = "待答复三项建议", en = "Advised"))]
    Advised,
}

/// That an organ let a clock pass, on which a supervisor has not decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SupervisionProposal {
    pub organisation: OrganisationId,
    /// The number of the deadline.
    pub deadline: u16,
    pub clock: ClockKind,
    pub proposed_on: NaiveDate,
}

/// A report of the supervised organ, and what the supervisor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SupervisionRound {
    #[serde(flatten)]
    pub report: SupervisionReport,
    pub reported_by: Option<UserId>,
    pub reported_on: NaiveDate,
    pub verdict: Option<SupervisionVerdict>,
    pub judged_on: Option<NaiveDate>,
}

/// An escalation that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EscalationMade {
    #[serde(flatten)]
    pub escalation: Escalation,
    pub on: NaiveDate,
}

/// A letter with suggestions, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuggestionsMade {
    #[serde(flatten)]
    pub suggestions: SupervisorySuggestions,
    pub on: NaiveDate,
    pub answer: Option<SuggestionsAnswer>,
    pub answered_on: Option<NaiveDate>,
}

/// An order of supervision, from the letter to its closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Supervision {
    /// Number within the case, from 1.
    pub no: u16,
    pub state: OrderState,
    #[serde(flatten)]
    pub order: SupervisionOrder,
    /// The supervisor's organ.
    pub ordered_by: Option<OrganisationId>,
    pub ordered_on: NaiveDate,
    pub rounds: Vec<SupervisionRound>,
    pub escalations: Vec<EscalationMade>,
    pub suggestions: Vec<SuggestionsMade>,
}

impl Supervision {
    /// Whether the organ or the supervisor still has something to do about the order itself.
    pub fn is_open(&self) -> bool {
        self.state != OrderState::Closed
    }

    /// The suggestions that wait for their answer, if any do.
    pub fn unanswered(&self) -> Option<&SuggestionsMade> {
        self.suggestions.iter().find(|made| made.answer.is_none())
    }

    /// The organs that the order and its suggestions were addressed to.
    pub fn addressees(&self) -> impl Iterator<Item = OrganisationId> + '_ {
        std::iter::once(self.order.to).chain(self.suggestions.iter().map(|made| made.suggestions.to))
    }
}

impl Case {
    /// The order of that number.
    pub fn supervision(&self, no: u16) -> Option<&Supervision> {
        self.supervisions.iter().find(|supervision| supervision.no == no)
    }

    /// The order that is open: there is one at a time.
    pub fn open_supervision(&self) -> Option<&Supervision> {
        self.supervisions.iter().find(|supervision| supervision.is_open())
    }

    /// The suggestions that wait for their answer: there is one letter at a time.
    pub fn unanswered_suggestions(&self) -> Option<&SuggestionsMade> {
        self.supervisions.iter().find_map(Supervision::unanswered)
    }

    /// All that supervision waits for, in the order of [`SupervisionStage`].
    pub fn supervision_stages(&self) -> Vec<SupervisionStage> {
        let state = self.open_supervision().map(|supervision| supervision.state);
        let waits = [
            (SupervisionStage::Proposed, !self.supervision_proposals.is_empty()),
            (SupervisionStage::Reported, state == Some(OrderState::AwaitingVerdict)),
            (SupervisionStage::Ordered, state == Some(OrderState::AwaitingReport)),
            (SupervisionStage::Advised, self.unanswered_suggestions().is_some()),
        ];
        waits.into_iter().filter_map(|(stage, waits)| waits.then_some(stage)).collect()
    }
}
