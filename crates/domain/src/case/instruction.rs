//! Where a leader's instruction stands (领导批示): from the paper to the visit back.

use chrono::NaiveDate;
use serde::Serialize;
use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::Case;
use super::content::{Instruction, InstructionDecision, InstructionReport, LeaderVisit};
use crate::id::UserId;

/// Where an instruction stands.
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
pub enum InstructionState {
    #[strum(props(zh = "待反馈", en = "Awaiting the organ's report"))]
    AwaitingReport,
    #[strum(props(zh = "待领导审定", en = "Awaiting the leader's decision"))]
    AwaitingDecision,
    #[strum(props(zh = "待回访", en = "Awaiting the visit back"))]
    AwaitingVisitBack,
    #[strum(props(zh = "已落实", en = "Carried out"))]
    CarriedOut,
    /// No report could come any more.
    #[strum(props(zh = "未反馈终止", en = "Ended without a report"))]
    EndedUnreported,
}

/// A report of the responsible organ, and what was decided on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InstructionRound {
    #[serde(flatten)]
    pub report: InstructionReport,
    pub reported_by: Option<UserId>,
    /// In whose place, where a deputy reported.
    pub reported_on_behalf_of: Option<UserId>,
    pub reported_on: NaiveDate,
    pub decision: Option<InstructionDecision>,
    pub decided_on: Option<NaiveDate>,
}

/// An instruction that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InstructionGiven {
    /// Number within the case, from 1.
    pub no: u16,
    pub state: InstructionState,
    #[serde(flatten)]
    pub instruction: Instruction,
    pub given_on: NaiveDate,
    /// The number of the deadline of the report that is awaited, or was last.
    pub deadline: Option<u16>,
    pub rounds: Vec<InstructionRound>,
    pub visited_back_on: Option<NaiveDate>,
}

/// A visit that a leader received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitReceived {
    #[serde(flatten)]
    pub visit: LeaderVisit,
    /// The office's day.
    pub received_on: NaiveDate,
}

impl InstructionGiven {
    /// Whether something is still to be done about it.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, InstructionState::CarriedOut | InstructionState::EndedUnreported)
    }
}

impl Case {
    /// The instruction of that number.
    pub fn instruction(&self, no: u16) -> Option<&InstructionGiven> {
        self.instructions.iter().find(|given| given.no == no)
    }

    /// The instructions about which something is still to be done.
    pub fn open_instructions(&self) -> impl Iterator<Item = &InstructionGiven> + '_ {
        self.instructions.iter().filter(|given| given.is_open())
    }

    /// The instruction whose report is awaited without a clock yet: the one that was just given or sent back.
    pub(super) fn unclocked_instruction(&self) -> Option<&InstructionGiven> {
        self.instructions.iter().rev().find(|given| {
            given.state == InstructionState::AwaitingReport
                && !given.deadline.is_some_and(|no| self.is_open_deadline(no))
        })
    }

    fn is_open_deadline(&self, no: u16) -> bool {
        self.deadlines.iter().any(|deadline| deadline.no == no && deadline.is_open())
    }
}
