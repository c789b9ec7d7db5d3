//! Leaders in charge (包案): a leading cadre answers for a case (Art. 18).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::UserId;
use crate::text::{Narrative, Remark};

/// What a leader in charge answers for (四包, central opinion of 2009).
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
pub enum Commitment {
    #[strum(props(zh = "包掌握情况", en = "Know the case"))]
    Know,
    #[strum(props(zh = "包思想教育", en = "Explain"))]
    Explain,
    #[strum(props(zh = "包解决化解", en = "Resolve"))]
    Resolve,
    #[strum(props(zh = "包息诉息访", en = "Bring the petitioning to its end"))]
    End,
}

/// That a leader takes a case in charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The leader themselves, or whom the petition department enters.
    pub leader: UserId,
    /// All four.
    #[schema(min_items = 4, max_items = 4)]
    pub commitments: Vec<Commitment>,
    pub plan: Narrative,
    /// When it is to be resolved: within two years.
    pub target_on: NaiveDate,
}

/// How far the leader in charge has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeReport {
    pub progress: Narrative,
    /// The commitments that are kept by now.
    #[serde(default)]
    pub kept: Vec<Commitment>,
    /// Another target, where the plan no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_on: Option<NaiveDate>,
}

/// That another leader takes over, as when posts change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeHandover {
    pub to: UserId,
    pub reason: Remark,
    /// What is still to be done, and what the petitioner has been promised.
    pub open_matters: Narrative,
}
