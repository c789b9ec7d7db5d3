//! Taking a matter up, or not (Art. 23, 31, 36).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dispatch::NoticeWay;
use crate::case::status::Route;
use crate::text::{Line, Remark};

/// The organ's decision on taking a matter up (Art. 23, 31, 36).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub enum AcceptanceDecision {
    /// The organ takes the matter on (受理).
    Accept(AcceptancePayload),
    /// Not within petition work or this organ (不予受理).
    Decline(Declining),
    /// Terminated after re-review (不再受理).
    NoLongerAccept(NoLongerAccepting),
    /// Another procedure of law serves it (Art. 31(1)–(5)).
    RouteOut(RoutingOut),
}

/// 受理告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptancePayload {
    pub notice: NoticeWay,
    /// Number of the written notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_no: Option<Line>,
    /// Whether the simple procedure is used.
    #[serde(default)]
    pub simple: bool,
}

/// 不予受理告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declining {
    pub reason: Remark,
    pub legal_basis: Remark,
    /// Where the petitioner can turn instead.
    pub where_to_go: Remark,
    pub notice: NoticeWay,
}

/// 不再受理告知书.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoLongerAccepting {
    pub reason: Remark,
    /// The re-review opinion that ended the matter.
    pub re_review_no: Line,
    pub notice: NoticeWay,
}

/// 程序告知书 (法定途径).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoutingOut {
    /// One of Art. 31(1)–(5).
    pub route: Route,
    pub reason: Remark,
    /// Where, within what time, and what to bring.
    pub where_to_go: Remark,
    pub notice: NoticeWay,
}
