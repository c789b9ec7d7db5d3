//! What has happened to a session: its journal's entries, from which it is folded.

use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use super::content::{
    BookingCancellation, BookingReminder, Host, ReceptionCancellation, ReceptionChange, ReceptionPlan,
    ReceptionRecord,
};
use crate::id::{CaseId, OrganisationId, ReceptionId};
use crate::text::Remark;

/// An entry of the journal of one session; no word of it is also one of a case's journal.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    AsRefStr,
    IntoStaticStr,
    EnumProperty,
    VariantNames,
)]
#[serde(rename_all = "snake_case", tag = "kind", content = "data")]
#[strum(serialize_all = "snake_case")]
pub enum ReceptionEvent {
    /// The organ is that of the leader at the time.
    #[strum(props(zh = "安排接访", en = "Session planned"))]
    ReceptionPlanned { organisation: OrganisationId, plan: ReceptionPlan },
    #[strum(props(zh = "公布接访安排", en = "Session published"))]
    ReceptionPublished,
    #[strum(props(zh = "变更接访安排", en = "Session changed"))]
    ReceptionChanged { organisation: OrganisationId, change: ReceptionChange },
    #[strum(props(zh = "对调接访领导", en = "Leaders swapped"))]
    LeadersSwapped { with: ReceptionId, organisation: OrganisationId, host: Host, reason: Remark },
    #[strum(props(zh = "取消接访", en = "Session cancelled"))]
    ReceptionCancelled(ReceptionCancellation),
    /// The matter is the first case of a chain of repeats, or the case itself.
    #[strum(props(zh = "预约", en = "Booked"))]
    BookingMade {
        no: u16,
        case: CaseId,
        matter: CaseId,
        waiting: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Remark>,
    },
    #[strum(props(zh = "候补转为预约", en = "Given a place from the waiting list"))]
    BookingPromoted { no: u16 },
    #[strum(props(zh = "取消预约", en = "Booking cancelled"))]
    BookingCancelled {
        no: u16,
        /// None where the petitioner cancels, who owes nobody a reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cancellation: Option<BookingCancellation>,
    },
    #[strum(props(zh = "预约提醒", en = "Reminded of the booking"))]
    BookingReminded { no: u16, reminder: BookingReminder },
    /// The matter was taken up; what was said stands in the journal of its case.
    #[strum(props(zh = "接待来访", en = "Visit received"))]
    VisitReceived {
        case: CaseId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        booking: Option<u16>,
        head_count: u32,
    },
    /// Whoever was booked and did not come is a no-show from then on.
    #[strum(props(zh = "接访记录", en = "Session recorded"))]
    ReceptionHeld(ReceptionRecord),
}

/// An event of a session in its place in the journal.
pub type ReceptionRecorded = crate::journal::Recorded<ReceptionEvent>;

/// The kind with which the journal of every session begins.
pub const FIRST_KIND: &str = "reception_planned";
