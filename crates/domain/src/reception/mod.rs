//! Sessions in which leading cadres receive visits (接访下访), as their journals tell them.
//!
//! | room | what it decides |
//! |---|---|
//! | [`content`] | what is sent, and what the events keep |
//! | [`ReceptionEvent`] | what has happened |
//! | [`policy`] | who may do and see what: THE table of access for sessions |
//! | [`norms`] | how often leaders are to receive |
//! | [`decide`] | what a command makes happen, or why it is refused |

pub mod content;
mod decide;
mod event;
mod evolve;
mod guard;
pub mod norms;
pub mod policy;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{AsRefStr, EnumProperty, EnumString, IntoStaticStr, VariantArray};
use utoipa::ToSchema;

use self::content::{
    Arrangement, BookingCancellation, BookingReminder, Host, ReceptionKind, ReceptionRecord,
};
pub use self::decide::{MatterFacts, ReceptionCommand, decide, decide_plan, decide_swap};
pub use self::event::{FIRST_KIND, ReceptionEvent, ReceptionRecorded};
pub use self::evolve::{NotPlannedFirst, fold};
pub use self::guard::{ReceptionAction, actions, expect_open};
use crate::access::{Actor, RecordedActor};
use crate::deadline::Rules;
use crate::id::{CaseId, OrganisationId, ReceptionId};
use crate::organisation::Directory;
use crate::text::Remark;

/// How far a session has come.
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
pub enum ReceptionState {
    #[strum(props(zh = "已安排", en = "Planned"))]
    Planned,
    #[strum(props(zh = "已公布", en = "Published"))]
    Published,
    #[strum(props(zh = "已接访", en = "Held"))]
    Held,
    #[strum(props(zh = "已取消", en = "Cancelled"))]
    Cancelled,
}

impl ReceptionState {
    /// Whether the session is still to be held.
    pub const fn is_ahead(self) -> bool {
        matches!(self, Self::Planned | Self::Published)
    }
}

/// What has become of a booking.
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
pub enum BookingState {
    #[strum(props(zh = "已预约", en = "Booked"))]
    Booked,
    #[strum(props(zh = "候补", en = "On the waiting list"))]
    Waiting,
    #[strum(props(zh = "已接待", en = "Received"))]
    Received,
    #[strum(props(zh = "未到", en = "Did not come"))]
    NoShow,
    #[strum(props(zh = "已取消", en = "Cancelled"))]
    Cancelled,
    /// The session took place without a place for it, or did not take place.
    #[strum(props(zh = "未安排", en = "Fell through"))]
    FellThrough,
}

impl BookingState {
    /// Whether the matter is still to be taken up.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Booked | Self::Waiting)
    }

    /// Whether it has one of the session's places.
    pub const fn takes_a_place(self) -> bool {
        matches!(self, Self::Booked | Self::Received)
    }
}

/// A matter that is, or was, to be taken up in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// From 1, in the order in which they were made; a place that becomes free goes to the lowest that waits.
    pub no: u16,
    pub case: CaseId,
    /// The first case of the chain of repeats that the case belongs to, or the case itself.
    pub matter: CaseId,
    pub state: BookingState,
    pub note: Option<Remark>,
    pub made_by: RecordedActor,
    /// Server clock, UTC.
    pub made_at: DateTime<Utc>,
    /// The office's day on which a place became free for it.
    pub promoted_on: Option<NaiveDate>,
    /// Each with the office's day.
    pub reminders: Vec<(NaiveDate, BookingReminder)>,
    /// Whether somebody was reached since the booking and its session were last changed, or cancelled.
    pub told: bool,
    pub cancellation: Option<BookingCancellation>,
}

impl Booking {
    /// Whether the petitioner has to be told still: that there is a place, or that the office has none for them.
    pub const fn is_to_be_told(&self) -> bool {
        let concerns = match self.state {
            BookingState::Booked | BookingState::FellThrough => true,
            BookingState::Cancelled => self.cancellation.is_some(),
            BookingState::Waiting | BookingState::Received | BookingState::NoShow => false,
        };
        concerns && !self.told
    }
}

/// A matter that was taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedVisit {
    pub case: CaseId,
    /// None where they came without one.
    pub booking: Option<u16>,
    pub head_count: u32,
    /// Server clock, UTC.
    pub received_at: DateTime<Utc>,
}

/// That a session was changed after it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The office's day.
    pub on: NaiveDate,
    pub reason: Remark,
    /// The session with which the leaders were swapped, where it is that.
    pub swapped_with: Option<ReceptionId>,
}

/// A session as its journal tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception {
    pub id: ReceptionId,
    /// The number of its events.
    pub version: u32,
    pub kind: ReceptionKind,
    pub state: ReceptionState,
    /// The organ that the leader was of when they were entered.
    pub organisation: OrganisationId,
    pub host: Host,
    pub arrangement: Arrangement,
    pub planned_by: RecordedActor,
    /// The office's day.
    pub planned_on: NaiveDate,
    /// The office's day.
    pub published_on: Option<NaiveDate>,
    pub amendments: Vec<Amendment>,
    pub bookings: Vec<Booking>,
    pub visits: Vec<ReceivedVisit>,
    /// Why it does not take place.
    pub cancelled_because: Option<Remark>,
    pub record: Option<ReceptionRecord>,
    /// When the newest of its events was written down, UTC.
    pub updated_at: DateTime<Utc>,
}

impl Reception {
    /// When it begins and ends, in the office's time zone.
    pub const fn span(&self) -> (NaiveDateTime, NaiveDateTime) {
        let Arrangement { day, from, until, .. } = &self.arrangement;
        (day.and_time(*from), day.and_time(*until))
    }

    /// The booking of that number.
    pub fn booking(&self, no: u16) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.no == no)
    }

    /// The live booking of the case or of another of its matter, if one has it here.
    pub fn live_booking_of(&self, case: CaseId, matter: CaseId) -> Option<&Booking> {
        let is_of_it = |booking: &Booking| booking.case == case || booking.matter == matter;
        self.bookings.iter().find(|booking| booking.state.is_live() && is_of_it(booking))
    }

    /// With which booking somebody of the matter comes who is received now: a live one, or that of a no-show who came all the same.
    pub fn booking_to_receive(&self, case: CaseId, matter: CaseId) -> Option<&Booking> {
        let missed = || {
            let of_it = |it: &&Booking| it.case == case || it.matter == matter;
            self.bookings.iter().filter(of_it).find(|booking| booking.state == BookingState::NoShow)
        };
        self.live_booking_of(case, matter).or_else(missed)
    }

    /// How many places are taken.
    pub fn taken(&self) -> usize {
        self.bookings.iter().filter(|booking| booking.state.takes_a_place()).count()
    }

    /// How many wait for a place.
    pub fn waiting(&self) -> usize {
        self.bookings.iter().filter(|booking| booking.state == BookingState::Waiting).count()
    }

    /// How many places are free.
    pub fn free(&self) -> usize {
        usize::from(self.arrangement.capacity).saturating_sub(self.taken())
    }
}

/// What a decision on a session may know besides the session and the command.
#[derive(Debug, Clone, Copy)]
pub struct ReceptionContext<'a> {
    /// Server receipt, UTC.
    pub now: DateTime<Utc>,
    /// The same in the office's time zone.
    pub local_now: NaiveDateTime,
    pub actor: &'a Actor,
    pub directory: &'a Directory,
    pub rules: &'a Rules,
    /// Whether the leader has another session at the time at which this one is, or is to be.
    pub leader_is_engaged: bool,
    /// Of the cases that are booked, or are to be: what the leader, and that time, are to each.
    pub matters: &'a BTreeMap<CaseId, MatterFacts>,
}

impl ReceptionContext<'_> {
    /// The office's day.
    pub const fn today(&self) -> NaiveDate {
        self.local_now.date()
    }

    fn recorded(&self, seq: u32, event: ReceptionEvent) -> ReceptionRecorded {
        ReceptionRecorded {
            seq,
            event,
            actor: self.actor.recorded(),
            occurred_at: self.now,
            occurred_on: self.today(),
            recorded_at: self.now,
        }
    }
}
