//! What of a command does not depend on what is sent: state, right, and the facts of the session. `actions` asks the same.

use strum::VariantArray;

use super::content::ReceptionKind;
use super::policy::{ReceptionCommandKind, permits};
use super::{Booking, BookingState, Reception, ReceptionContext, ReceptionState};
use crate::access::Actor;
use crate::refusal::{Refusal, RefusalCode};

use ReceptionCommandKind as C;
use ReceptionState as S;

/// A session takes so many bookings, those that were cancelled among them.
const MOST_BOOKINGS: usize = 2_000;
/// What was said in a session is written down within so many days.
const MOST_DAYS_TO_ENTER: i64 = 30;

/// The states in which the command is open, for a session of that kind.
fn open_in(command: ReceptionCommandKind, kind: ReceptionKind) -> &'static [ReceptionState] {
    match command {
        C::PlanReception => &[],
        C::PublishReception => &[S::Planned],
        // A petitioner can come to what is published; where nothing is, it is enough that it is planned.
        C::Book | C::RecordReception if kind.is_public() => &[S::Published],
        C::ReceiveVisit if kind.is_public() => &[S::Published, S::Held],
        // What was said is often written down when the leader has left.
        C::ReceiveVisit => &[S::Planned, S::Published, S::Held],
        // Also whoever lost their place is told.
        C::Remind => &[S::Planned, S::Published, S::Held, S::Cancelled],
        C::ChangeReception
        | C::SwapLeaders
        | C::CancelReception
        | C::Book
        | C::CancelBooking
        | C::RecordReception => &[S::Planned, S::Published],
    }
}

/// Whether a session of that kind knows the command at all.
const fn applies(command: ReceptionCommandKind, kind: ReceptionKind) -> bool {
    match command {
        C::PublishReception => kind.is_public(),
        C::Book | C::CancelBooking | C::Remind => kind.takes_bookings(),
        _ => true,
    }
}

/// That the command is open, as far as that does not depend on what is sent; about that booking where it is about one.
///
/// # Errors
/// The first reason of kind, state, right and facts that does not hold.
pub fn expect_open(
    reception: &Reception,
    command: ReceptionCommandKind,
    about: Option<u16>,
    context: &ReceptionContext<'_>,
) -> Result<(), Refusal> {
    if !applies(command, reception.kind) || by_petitioner_to_a_private(reception, command, context.actor) {
        return Err(Refusal::new(RefusalCode::WrongReceptionKind));
    }
    let open = open_in(command, reception.kind);
    if !open.contains(&reception.state) {
        let allowed_from = open.iter().map(Into::into).collect();
        return Err(Refusal { allowed_from, ..Refusal::new(RefusalCode::ReceptionStateForbids) });
    }
    if !permits(command, context.actor, &reception.relations(context.actor, context.directory)) {
        return Err(Refusal::new(RefusalCode::NotYours).by(18));
    }
    facts(reception, command, about, context)
}

/// Whom a leader invites is the leader's to say.
fn by_petitioner_to_a_private(reception: &Reception, command: ReceptionCommandKind, actor: &Actor) -> bool {
    command == C::Book && *actor == Actor::Petitioner && !reception.kind.is_public()
}

fn facts(
    reception: &Reception,
    command: ReceptionCommandKind,
    about: Option<u16>,
    context: &ReceptionContext<'_>,
) -> Result<(), Refusal> {
    let expect = |holds: bool, code| if holds { Ok(()) } else { Err(Refusal::new(code)) };
    let (begins, _) = reception.span();
    let has_begun = context.local_now >= begins;
    match command {
        C::PublishReception => {
            let days = i64::from(context.rules.reception_publication_days);
            let left = (reception.arrangement.day - context.today()).num_days();
            expect(left >= days, RefusalCode::PublishedTooLate)
        }
        C::SwapLeaders => expect(!has_begun, RefusalCode::ReceptionBegun),
        C::Book => {
            expect(!has_begun, RefusalCode::ReceptionBegun)?;
            let waiting_places = usize::from(reception.arrangement.waiting_places);
            let has_room = reception.gives_a_place() || reception.waiting() < waiting_places;
            expect(has_room && reception.bookings.len() < MOST_BOOKINGS, RefusalCode::FullyBooked)
        }
        C::CancelBooking | C::Remind => {
            let booking = about.and_then(|no| reception.booking(no));
            expect(booking.is_some_and(|booking| concerns(command, booking)), RefusalCode::NotBooked)
        }
        C::ReceiveVisit => {
            expect(has_begun, RefusalCode::ReceptionNotBegun)?;
            let days = (context.today() - reception.arrangement.day).num_days();
            expect(days <= MOST_DAYS_TO_ENTER, RefusalCode::TooLateToEnter)
        }
        C::RecordReception => expect(has_begun, RefusalCode::ReceptionNotBegun),
        // Whom the leader has received was received by that leader on that day.
        C::ChangeReception | C::CancelReception => {
            expect(reception.visits.is_empty(), RefusalCode::VisitsReceived)
        }
        C::PlanReception => Ok(()),
    }
}

/// Whether the command has something to do with the booking as it stands.
fn concerns(command: ReceptionCommandKind, booking: &Booking) -> bool {
    match command {
        C::Remind => booking.state == BookingState::Booked || booking.is_to_be_told(),
        _ => booking.state.is_live(),
    }
}

impl Reception {
    /// Whether the next booking gets a place at once: until a session begins nobody waits while one is free.
    pub fn gives_a_place(&self) -> bool {
        self.free() > 0
    }
}

/// A command on a session with the answer whether the caller may give it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceptionAction {
    pub command: ReceptionCommandKind,
    /// The number of the booking that it would be about, where it is about one.
    pub booking: Option<u16>,
    /// Why not, where it is closed.
    pub refusal: Option<Refusal>,
}

/// Every command on the session, with its answer.
pub fn actions(reception: &Reception, context: &ReceptionContext<'_>) -> Vec<ReceptionAction> {
    let commands = C::VARIANTS.iter().copied().filter(|command| command.path().is_some());
    commands
        .flat_map(|command| {
            let about: Vec<Option<u16>> = if command.is_about_a_booking() {
                let bookings = reception.bookings.iter().filter(|booking| concerns(command, booking));
                bookings.map(|booking| Some(booking.no)).collect()
            } else {
                vec![None]
            };
            about.into_iter().map(move |booking| (command, booking))
        })
        .map(|(command, booking)| ReceptionAction {
            command,
            booking,
            refusal: expect_open(reception, command, booking, context).err(),
        })
        .collect()
}
