//! Sessions in which leading cadres receive visits (接访下访), as their journals tell them.
//!
//! | room | what it decides |
//! |---|---|
//! | [`content`] | what is sent, and what the events keep |
//! | [`ReceptionEvent`] | what has happened |
//! | [`policy`] | who may do and see what: THE table of access for sessions |
//! | [`decide`] | what a command makes happen, or why it is refused |

pub mod content;
mod decide;
mod event;
mod guard;
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
pub use self::guard::{ReceptionAction, actions};
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
    /// Whether somebody was reached since the booking and its session were last changed.
    pub told: bool,
    pub cancellation: Option<BookingCancellation>,
}

impl Booking {
    /// Whether the petitioner has to be told still.
    pub const fn is_to_be_told(&self) -> bool {
        matches!(self.state, BookingState::Booked) && !self.told
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

/// A journal that does not make a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the journal of the session does not begin with its plan")]
pub struct NotPlannedFirst;

/// Folds a journal into its session.
///
/// # Errors
/// The journal is empty or does not begin with the plan.
pub fn fold<'a>(
    id: ReceptionId,
    events: impl IntoIterator<Item = &'a ReceptionRecorded>,
) -> Result<Reception, NotPlannedFirst> {
    let mut events = events.into_iter();
    let first = events.next().ok_or(NotPlannedFirst)?;
    let ReceptionEvent::ReceptionPlanned { organisation, plan } = &first.event else {
        return Err(NotPlannedFirst);
    };
    let mut reception = Reception {
        id,
        version: first.seq,
        kind: plan.kind,
        state: ReceptionState::Planned,
        organisation: *organisation,
        host: plan.host.clone(),
        arrangement: plan.arrangement.clone(),
        planned_by: first.actor,
        planned_on: first.occurred_on,
        published_on: None,
        amendments: Vec::new(),
        bookings: Vec::new(),
        visits: Vec::new(),
        cancelled_because: None,
        record: None,
        updated_at: first.recorded_at,
    };
    for event in events {
        reception.apply(event);
    }
    Ok(reception)
}

impl Reception {
    /// The session after further events.
    #[must_use]
    pub fn advanced(&self, events: &[ReceptionRecorded]) -> Self {
        let mut after = self.clone();
        for event in events {
            after.apply(event);
        }
        after
    }

    /// When it begins and ends, in the office's time zone.
    pub const fn span(&self) -> (NaiveDateTime, NaiveDateTime) {
        let Arrangement { day, from, until, .. } = &self.arrangement;
        (day.and_time(*from), day.and_time(*until))
    }

    /// The booking of that number.
    pub fn booking(&self, no: u16) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.no == no)
    }

    /// The live booking of the case, if it has one here.
    pub fn live_booking_of(&self, case: CaseId) -> Option<&Booking> {
        self.bookings.iter().find(|booking| booking.case == case && booking.state.is_live())
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

    fn apply(&mut self, recorded: &ReceptionRecorded) {
        self.version = recorded.seq;
        self.updated_at = recorded.recorded_at;
        let on = recorded.occurred_on;
        match &recorded.event {
            // Only the first event of a journal plans.
            ReceptionEvent::ReceptionPlanned { .. } => {}
            ReceptionEvent::ReceptionPublished => {
                self.state = ReceptionState::Published;
                self.published_on = Some(on);
            }
            ReceptionEvent::ReceptionChanged { organisation, change } => {
                self.organisation = *organisation;
                self.host = change.host.clone();
                self.arrangement = change.arrangement.clone();
                self.amend(Amendment { on, reason: change.reason.clone(), swapped_with: None });
            }
            ReceptionEvent::LeadersSwapped { with, organisation, host, reason } => {
                self.organisation = *organisation;
                self.host = host.clone();
                let (reason, swapped_with) = (reason.clone(), Some(*with));
                self.amend(Amendment { on, reason, swapped_with });
            }
            ReceptionEvent::ReceptionCancelled(cancellation) => {
                self.state = ReceptionState::Cancelled;
                self.cancelled_because = Some(cancellation.reason.clone());
                self.end_live(BookingState::FellThrough);
            }
            ReceptionEvent::VisitReceived { case, booking, head_count } => {
                self.visits.push(ReceivedVisit {
                    case: *case,
                    booking: *booking,
                    head_count: *head_count,
                    received_at: recorded.occurred_at,
                });
                if let Some(no) = booking {
                    self.put(*no, BookingState::Received);
                }
            }
            ReceptionEvent::ReceptionHeld(record) => {
                self.state = ReceptionState::Held;
                self.record = Some(record.clone());
                self.end_live(BookingState::NoShow);
            }
            ReceptionEvent::BookingMade { .. }
            | ReceptionEvent::BookingPromoted { .. }
            | ReceptionEvent::BookingCancelled { .. }
            | ReceptionEvent::BookingReminded { .. } => self.apply_to_booking(recorded),
        }
    }

    fn apply_to_booking(&mut self, recorded: &ReceptionRecorded) {
        match &recorded.event {
            ReceptionEvent::BookingMade { no, case, matter, waiting, note } => self.bookings.push(Booking {
                no: *no,
                case: *case,
                matter: *matter,
                state: if *waiting { BookingState::Waiting } else { BookingState::Booked },
                note: note.clone(),
                made_by: recorded.actor,
                made_at: recorded.occurred_at,
                promoted_on: None,
                reminders: Vec::new(),
                told: false,
                cancellation: None,
            }),
            ReceptionEvent::BookingPromoted { no } => {
                self.put(*no, BookingState::Booked);
                if let Some(booking) = self.booking_mut(*no) {
                    booking.promoted_on = Some(recorded.occurred_on);
                    booking.told = false;
                }
            }
            ReceptionEvent::BookingCancelled { no, cancellation } => {
                self.put(*no, BookingState::Cancelled);
                if let Some(booking) = self.booking_mut(*no) {
                    booking.cancellation.clone_from(cancellation);
                }
            }
            ReceptionEvent::BookingReminded { no, reminder } => {
                if let Some(booking) = self.booking_mut(*no) {
                    booking.reminders.push((recorded.occurred_on, reminder.clone()));
                    booking.told |= reminder.reached;
                }
            }
            _ => {}
        }
    }

    /// Whoever was told of their booking knows it otherwise than it is now.
    fn amend(&mut self, amendment: Amendment) {
        self.amendments.push(amendment);
        for booking in &mut self.bookings {
            booking.told = false;
        }
    }

    /// Those who are booked and were not received, and those who wait and got no place.
    fn end_live(&mut self, booked: BookingState) {
        for booking in &mut self.bookings {
            booking.state = match booking.state {
                BookingState::Booked => booked,
                BookingState::Waiting => BookingState::FellThrough,
                over => over,
            };
        }
    }

    fn put(&mut self, no: u16, state: BookingState) {
        if let Some(booking) = self.booking_mut(no) {
            booking.state = state;
        }
    }

    fn booking_mut(&mut self, no: u16) -> Option<&mut Booking> {
        self.bookings.iter_mut().find(|booking| booking.no == no)
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
