//! What is sent about a session, and what its events keep.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use crate::id::{CaseId, ReceptionId, UserId};
use crate::text::{Line, Remark};

/// How a leader receives (§4; the central opinion of 2009, the last two from practice).
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
pub enum ReceptionKind {
    /// At a fixed place, on a day that was published.
    #[strum(props(zh = "定点接访", en = "Scheduled reception"))]
    ScheduledReception,
    /// The leader invites a particular petitioner.
    #[strum(props(zh = "重点约访", en = "Invited reception"))]
    InvitedReception,
    /// The leader takes a case to the place.
    #[strum(props(zh = "带案下访", en = "Field visit with a case"))]
    CaseFieldVisit,
    /// At the petitioner's home, after a result.
    #[strum(props(zh = "上门回访", en = "Home revisit"))]
    HomeRevisit,
    /// At a sudden event, entered afterwards.
    #[strum(props(zh = "随机接待", en = "Reception on the scene"))]
    OnSceneReception,
}

impl ReceptionKind {
    /// Whether anybody may come, so that it is published before its day; the others would tell whose matter is taken up.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::ScheduledReception)
    }

    /// Whether matters can be booked for it beforehand.
    pub const fn takes_bookings(self) -> bool {
        !matches!(self, Self::OnSceneReception)
    }
}

/// Somebody who is at the leader's side: an organ's head, a lawyer, an expert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    pub name: Line,
    pub post: Line,
}

/// When, where and for how many; the day and the times are those of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrangement {
    pub day: NaiveDate,
    #[schema(value_type = String, format = "time", example = "09:00:00")]
    pub from: NaiveTime,
    #[schema(value_type = String, format = "time", example = "11:30:00")]
    pub until: NaiveTime,
    pub place: Line,
    /// How many matters are taken: 1 to 200.
    #[schema(minimum = 1, maximum = 200)]
    pub capacity: u16,
    /// How many more may wait for a place: 0 to 200.
    #[serde(default)]
    #[schema(maximum = 200)]
    pub waiting_places: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Companion>,
}

/// The leader as they are published: post and duties beside the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    pub leader: UserId,
    /// The leader's post (职务).
    pub post: Line,
    /// What the leader answers for in their office (分管工作).
    pub responsibilities: Line,
}

/// A session that is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionPlan {
    pub kind: ReceptionKind,
    pub host: Host,
    pub arrangement: Arrangement,
}

/// The whole session as it is to be from now on, and why; its kind stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionChange {
    pub host: Host,
    pub arrangement: Arrangement,
    pub reason: Remark,
}

/// That the leaders of two sessions take each other's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaderSwap {
    /// The other session.
    pub with: ReceptionId,
    pub reason: Remark,
}

/// That the session does not take place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionCancellation {
    pub reason: Remark,
}

/// A matter that is to be taken up in the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingRequest {
    pub case: CaseId,
    /// What the leader should know beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Remark>,
}

/// That the matter is not to be taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingCancellation {
    pub reason: Remark,
}

/// How somebody was told of their booking.
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
pub enum ReminderWay {
    #[strum(props(zh = "电话", en = "By phone"))]
    Phone,
    #[strum(props(zh = "短信", en = "By text message"))]
    TextMessage,
    #[strum(props(zh = "当面", en = "In person"))]
    InPerson,
    #[strum(props(zh = "网格员转告", en = "Through the grid member"))]
    GridMember,
}

/// That somebody was told when and where their matter is taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingReminder {
    pub way: ReminderWay,
    /// Whether they were reached.
    pub reached: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Remark>,
}

/// How the session went; one that nobody came to is recorded, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionRecord {
    /// When it really began, in the office's time zone.
    #[schema(value_type = String, format = "time", example = "09:00:00")]
    pub from: NaiveTime,
    /// When it really ended, in the office's time zone.
    #[schema(value_type = String, format = "time", example = "11:10:00")]
    pub until: NaiveTime,
    /// Who was at the leader's side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<Companion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Remark>,
}
