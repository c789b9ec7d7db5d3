//! What each event changes. No rule is checked here: what is in the journal has happened.

use super::event::{ReceptionEvent, ReceptionRecorded};
use super::{Amendment, Booking, BookingState, ReceivedVisit, Reception, ReceptionState};
use crate::id::ReceptionId;

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
                    booking.told = false;
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
                _ => continue,
            };
            booking.told &= booking.state != BookingState::FellThrough;
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
