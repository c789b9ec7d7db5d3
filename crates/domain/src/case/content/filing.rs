//! What is registered when a case is filed, and what is known of earlier ones (Art. 19–22).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::case::status::{Cause, Channel, Purpose, Source, Status, Urgency};
use crate::id::{CaseId, OrganisationId, PersonId, UserId};
use crate::region::RegionCode;
use crate::text::{Line, Narrative, Remark};

/// A person or organ that the petition complains of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Respondent {
    /// Name, post or unit as the petitioner gave it.
    pub name: Line,
    /// The organ of the directory, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// The user of this system, where they are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

/// An earlier case of the same person, offered at filing; a person confirms or dismisses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PossibleRepeat {
    pub case: CaseId,
    pub case_no: String,
    /// Where the earlier case stood at filing.
    pub status: Status,
    /// Whether a review had ended the earlier matter for good (Art. 36).
    pub terminated: bool,
}

/// What is registered when a case is filed (登记表).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Filing {
    pub case_no: String,
    /// The petitioner's look-up code; empty where the reader is not to have it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query_code: String,
    /// The organ whose register it enters: it holds the case first.
    pub received_by: OrganisationId,
    /// Whether the competent organ was approached directly, not a petition department: then the notice
    /// (clock B) is due, not the dispatch (clock A).
    pub direct: bool,
    pub purpose: Purpose,
    pub channel: Channel,
    pub source: Source,
    pub subject: Line,
    pub narrative: Narrative,
    /// The claims as stated at filing, in the petitioner's words.
    pub stated_claims: Vec<Remark>,
    /// Where the problem lies (问题属地, Art. 5).
    pub region: RegionCode,
    pub place: Option<Line>,
    /// When the problem happened.
    pub occurred_on: Option<NaiveDate>,
    pub topic: Option<String>,
    pub cause: Option<Cause>,
    pub urgency: Urgency,
    pub anonymous: bool,
    /// Taken down as spoken (Art. 19).
    pub oral_record: bool,
    pub joint_letter: bool,
    pub skip_level: bool,
    /// How many people petition; representatives speak for a group.
    pub head_count: u32,
    pub petitioners: Vec<PersonId>,
    pub representatives: Vec<PersonId>,
    pub respondents: Vec<Respondent>,
    pub possible_repeats: Vec<PossibleRepeat>,
    /// When a device took it down offline; legal clocks run from the server's receipt.
    pub captured_at: Option<DateTime<Utc>>,
    /// The number in the system that it was imported from.
    pub source_no: Option<String>,
}

/// The answer of a person to the possible repeats (初次/重复).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatCheck {
    /// The earlier case of the same matter; null says that this is a first petition.
    pub repeat_of: Option<CaseId>,
    pub reason: Remark,
}

/// An earlier petition from another system, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EarlierReply {
    pub content: Narrative,
    pub replied_on: NaiveDate,
}
