//! Handlers, claims, mediation, hearing and extension (Art. 28, 33, 34).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use super::dispatch::NoticeWay;
use crate::id::{OrganisationId, UserId};
use crate::text::{Line, Narrative, Remark};

/// Naming who handles a case; each declares that they have no direct interest (Art. 28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    #[schema(min_items = 1, max_items = 10)]
    pub handlers: Vec<HandlerDeclaration>,
    #[serde(default)]
    pub co_organisations: Vec<OrganisationId>,
}

/// A handler and the answer to the question of direct interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandlerDeclaration {
    pub user: UserId,
    /// Whether they have a direct interest in the matter; then they must be recused.
    pub direct_interest: bool,
}

/// That somebody has a direct interest and has nothing more to do with the case (Art. 28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recusal {
    /// Whoever says so themselves, or of whom somebody says so who directs that part of the work.
    pub user: UserId,
    pub reason: Remark,
}

/// Further claims, in the petitioner's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaims {
    #[schema(min_items = 1, max_items = 50)]
    pub claims: Vec<Remark>,
}

/// Starting a mediation with the consent of both sides (Art. 33).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mediation {
    pub mediator: Line,
    /// Who faces the petitioner.
    pub other_party: Line,
    pub petitioner_consents: bool,
    pub other_party_consents: bool,
}

/// How a mediation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediationOutcome {
    /// The agreement; null where none was reached.
    pub agreement: Option<Agreement>,
    pub remark: Remark,
}

/// 调解协议书 or 和解协议书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// With a mediator, or between the parties alone.
    pub kind: AgreementKind,
    /// The claims that it settles.
    #[schema(min_items = 1)]
    pub claims: Vec<u16>,
    /// Terms, way and date of performance.
    pub terms: Narrative,
    pub signed_on: NaiveDate,
    pub perform_by: Option<NaiveDate>,
}

/// The two kinds of agreement (Art. 33).
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
pub enum AgreementKind {
    #[strum(props(zh = "调解协议", en = "Mediation agreement"))]
    Mediation,
    #[strum(props(zh = "和解协议", en = "Settlement agreement"))]
    Settlement,
}

/// 听证通知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HearingNotice {
    pub held_on: NaiveDate,
    pub place: Line,
    /// Not an investigator of the case.
    pub chair: UserId,
    #[schema(max_items = 15)]
    pub panel: Vec<Line>,
    pub reason: Remark,
}

/// 听证意见.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HearingOutcome {
    pub finding: Narrative,
    pub concluded_on: NaiveDate,
}

/// Asking for more time (Art. 34).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRequest {
    /// 1 to 30.
    #[schema(minimum = 1, maximum = 30)]
    pub days: u16,
    pub reason: Remark,
}

/// The head's answer (延期告知书).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionDecision {
    pub approved: bool,
    pub reason: Remark,
    /// How the petitioner was told why; required on approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeWay>,
}
