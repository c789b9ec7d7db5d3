//! A leader's written instruction on a case (领导批示).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{OrganisationId, UserId};
use crate::text::{Narrative, Remark};

const fn yes() -> bool {
    true
}

/// What a leading cadre orders about a case, and which organ answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instruction {
    /// The leader themselves, or whose paper the petition department enters.
    pub leader: UserId,
    /// In the leader's words.
    pub text: Narrative,
    /// The responsible organ: one with a part in the case, or of the leader's territory. It knows of the case from then on.
    pub to: OrganisationId,
    /// Until when the organ reports: within a year.
    pub report_due_on: NaiveDate,
    /// Whether the petitioner is visited when the report was accepted.
    #[serde(default = "yes")]
    pub visit_back: bool,
}

/// What the responsible organ reports, signed by its head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructionReport {
    pub result: Narrative,
}

/// Whether the report is what was ordered, or that the instruction ends without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructionDecision {
    /// Otherwise the organ reports again.
    pub accepted: bool,
    pub reason: Remark,
    /// Until when the organ reports again; required unless accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_due_on: Option<NaiveDate>,
}
