//! What was said when a leading cadre received a visit about the case (接访).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{ReceptionId, UserId};
use crate::text::{Line, Narrative};

/// A visit that a leading cadre received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaderVisit {
    /// The session.
    pub reception: ReceptionId,
    pub leader: UserId,
    /// Who came, as they were to the matter.
    pub visitors: Line,
    pub head_count: u32,
    /// What they asked.
    pub requests: Narrative,
    /// What was answered on the spot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Narrative>,
    /// The leader's explicit opinion on the handling.
    pub opinion: Narrative,
}
