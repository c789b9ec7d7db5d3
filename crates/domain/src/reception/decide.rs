//! What a command on a session makes happen: checked, then told as events. Pure: time, directory, rules and the facts of the
//! booked cases come in as arguments.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Timelike};

use super::content::{
    Arrangement, BookingCancellation, BookingReminder, BookingRequest, Host, LeaderSwap,
    ReceptionCancellation, ReceptionChange, ReceptionKind, ReceptionPlan, ReceptionRecord,
};
use super::event::{ReceptionEvent, ReceptionRecorded};
use super::guard::expect_open;
use super::policy::{ReceptionCommandKind, permits, relations_to};
use super::{Booking, BookingState, Reception, ReceptionContext};
use crate::access::{Actor, Duty, Staff, may_know_of};
use crate::case::Case;
use crate::id::CaseId;
use crate::organisation::Directory;
use crate::refusal::{FieldCode, FieldErrors, Refusal, RefusalCode};

const MOST_PLACES: u16 = 200;
const MOST_COMPANIONS: usize = 20;
/// A matter gives a session up so often and is not booked there again: each time is an entry of its journal.
const MOST_GIVEN_UP: usize = 3;
const MOST_DAYS_AHEAD: u64 = 2 * 366;
/// A reception on the scene is entered within so many days.
const MOST_DAYS_AGO: u64 = 30;

/// What a booked case is to the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatterFacts {
    /// The first case of the chain of repeats that it belongs to, or the case itself.
    pub matter: CaseId,
    /// Whether it is of the leader's place or organ.
    pub is_in_reach: bool,
    /// Whether the leader has a direct interest in it (Art. 28).
    pub has_interest: bool,
    /// Whether a case of the matter has a live booking, in whichever session.
    pub is_booked: bool,
    /// Whether one of its petitioners has one with another matter at that time.
    pub petitioner_is_booked: bool,
}

impl MatterFacts {
    /// What the case, which belongs to that matter, is to the leader, if there is one still; with nothing booked.
    pub fn of(case: &Case, matter: CaseId, leader: Option<&Staff>, directory: &Directory) -> Self {
        let has_interest = leader.is_some_and(|leader| case.has_interest(leader.user));
        let knows = |leader: &Staff| may_know_of(&Actor::Staff(leader.clone()), case, directory);
        Self {
            matter,
            is_in_reach: has_interest || leader.is_some_and(knows),
            has_interest,
            is_booked: false,
            petitioner_is_booked: false,
        }
    }
}

/// A command on a session that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceptionCommand {
    Publish,
    Change(ReceptionChange),
    Cancel(ReceptionCancellation),
    Book(BookingRequest),
    /// The petitioner gives no reason.
    CancelBooking(u16, Option<BookingCancellation>),
    Remind(u16, BookingReminder),
    /// The case, and how many people came.
    ReceiveVisit {
        case: CaseId,
        head_count: u32,
    },
    Record(ReceptionRecord),
}

impl ReceptionCommand {
    /// The kind of the command.
    pub const fn kind(&self) -> ReceptionCommandKind {
        match self {
            Self::Publish => ReceptionCommandKind::PublishReception,
            Self::Change(_) => ReceptionCommandKind::ChangeReception,
            Self::Cancel(_) => ReceptionCommandKind::CancelReception,
            Self::Book(_) => ReceptionCommandKind::Book,
            Self::CancelBooking(..) => ReceptionCommandKind::CancelBooking,
            Self::Remind(..) => ReceptionCommandKind::Remind,
            Self::ReceiveVisit { .. } => ReceptionCommandKind::ReceiveVisit,
            Self::Record(_) => ReceptionCommandKind::RecordReception,
        }
    }

    const fn about(&self) -> Option<u16> {
        match self {
            Self::CancelBooking(no, _) | Self::Remind(no, _) => Some(*no),
            _ => None,
        }
    }
}

/// Decides on a plan: the first event of a session.
///
/// # Errors
/// A leader whose sessions the caller does not plan, or every field that is wrong.
pub fn decide_plan(
    plan: &ReceptionPlan,
    context: &ReceptionContext<'_>,
) -> Result<Vec<ReceptionRecorded>, Refusal> {
    let mut errors = FieldErrors::default();
    let leader = expect_leader(&mut errors, "/host/leader", &plan.host, context);
    expect_arrangement(&mut errors, &plan.arrangement);
    expect_day(&mut errors, plan.kind, &plan.arrangement, context);
    if let Some(leader) = leader {
        let held = relations_to(context.actor, leader.user, leader.organisation, context.directory);
        let may = permits(ReceptionCommandKind::PlanReception, context.actor, &held);
        errors.expect_by(may, "/host/leader", FieldCode::NotYourLeader, 18);
    }
    errors.expect(!context.leader_is_engaged, "/host/leader", FieldCode::Engaged);
    errors.finish()?;
    let Some(organisation) = leader.map(|leader| leader.organisation) else { return Ok(Vec::new()) };
    let planned = ReceptionEvent::ReceptionPlanned { organisation, plan: plan.clone() };
    Ok(vec![context.recorded(1, planned)])
}

/// Decides on a command: the events that it makes happen, or why it is refused.
///
/// # Errors
/// The first reason of kind, state, right and facts that does not hold, or every field that is wrong.
pub fn decide(
    reception: &Reception,
    command: &ReceptionCommand,
    context: &ReceptionContext<'_>,
) -> Result<Vec<ReceptionRecorded>, Refusal> {
    let mut story = Story { reception: reception.clone(), context, events: Vec::new() };
    if let Err(refusal) = expect_open(reception, command.kind(), command.about(), context) {
        if let (RefusalCode::FullyBooked, ReceptionCommand::Book(request)) = (refusal.code, command) {
            // Whoever has a booking is told that, and not that none is left.
            story.expect_bookable(request)?;
        }
        return Err(refusal);
    }
    match command {
        ReceptionCommand::Publish => story.happen(ReceptionEvent::ReceptionPublished),
        ReceptionCommand::Change(change) => story.change(change)?,
        ReceptionCommand::Cancel(cancellation) => {
            story.happen(ReceptionEvent::ReceptionCancelled(cancellation.clone()));
        }
        ReceptionCommand::Book(request) => story.book(request)?,
        ReceptionCommand::CancelBooking(no, cancellation) => {
            story.happen(ReceptionEvent::BookingCancelled { no: *no, cancellation: cancellation.clone() });
            story.fill_free_places();
        }
        ReceptionCommand::Remind(no, reminder) => {
            story.happen(ReceptionEvent::BookingReminded { no: *no, reminder: reminder.clone() });
        }
        ReceptionCommand::ReceiveVisit { case, head_count } => story.receive(*case, *head_count)?,
        ReceptionCommand::Record(record) => story.record(record)?,
    }
    Ok(story.events)
}

/// Decides that two sessions swap their leaders: what happens to the one and to the other. Each is decided on with the facts of
/// its cases under the leader it gets.
///
/// # Errors
/// As [`decide`], of either session.
pub fn decide_swap(
    one: (&Reception, &ReceptionContext<'_>),
    other: (&Reception, &ReceptionContext<'_>),
    swap: &LeaderSwap,
) -> Result<[Vec<ReceptionRecorded>; 2], Refusal> {
    let ((first, first_context), (second, second_context)) = (one, other);
    expect_open(first, ReceptionCommandKind::SwapLeaders, None, first_context)?;
    expect_open(second, ReceptionCommandKind::SwapLeaders, None, second_context)?;
    let mut errors = FieldErrors::default();
    errors.expect(first.host.leader != second.host.leader, "/with", FieldCode::Duplicate);
    for (reception, context) in [one, other] {
        errors.expect_by(may_receive_all(reception, context), "/with", FieldCode::NotForThoseBooked, 28);
        errors.expect(!context.leader_is_engaged, "/with", FieldCode::Engaged);
    }
    errors.finish()?;
    let swapped = |context: &ReceptionContext<'_>, to: &Reception, from: &Reception| {
        let event = ReceptionEvent::LeadersSwapped {
            with: from.id,
            organisation: from.organisation,
            host: from.host.clone(),
            reason: swap.reason.clone(),
        };
        vec![context.recorded(to.version.saturating_add(1), event)]
    };
    Ok([swapped(first_context, first, second), swapped(second_context, second, first)])
}

struct Story<'a> {
    reception: Reception,
    context: &'a ReceptionContext<'a>,
    events: Vec<ReceptionRecorded>,
}

impl Story<'_> {
    fn happen(&mut self, event: ReceptionEvent) {
        let recorded = self.context.recorded(self.reception.version.saturating_add(1), event);
        self.reception = self.reception.advanced(std::slice::from_ref(&recorded));
        self.events.push(recorded);
    }

    fn change(&mut self, change: &ReceptionChange) -> Result<(), Refusal> {
        let (reception, context) = (&self.reception, self.context);
        let mut errors = FieldErrors::default();
        let is_another = change.host.leader != reception.host.leader;
        let leader = expect_leader(&mut errors, "/host/leader", &change.host, context);
        if let Some(leader) = leader.filter(|_| is_another) {
            let held = relations_to(context.actor, leader.user, leader.organisation, context.directory);
            let may = permits(ReceptionCommandKind::PlanReception, context.actor, &held);
            errors.expect_by(may, "/host/leader", FieldCode::NotYourLeader, 18);
            let for_all = may_receive_all(reception, context);
            errors.expect_by(for_all, "/host/leader", FieldCode::NotForThoseBooked, 28);
        }
        errors.expect(!context.leader_is_engaged, "/host/leader", FieldCode::Engaged);
        expect_arrangement(&mut errors, &change.arrangement);
        let times = |it: &Arrangement| (it.day, it.from, it.until);
        if times(&change.arrangement) != times(&reception.arrangement) {
            expect_day(&mut errors, reception.kind, &change.arrangement, context);
            // Whoever read the old day must be able to read the new one as long before it.
            let days = Days::new(context.rules.reception_publication_days.into());
            let earliest = context.today().checked_add_days(days);
            let is_told_in_time = reception.published_on.is_none()
                || earliest.is_some_and(|earliest| change.arrangement.day >= earliest);
            errors.expect(is_told_in_time, "/arrangement/day", FieldCode::TooSoonToPublish);
        }
        let taken = reception.taken();
        let holds = usize::from(change.arrangement.capacity) >= taken;
        errors.expect(holds, "/arrangement/capacity", FieldCode::BelowBookings);
        errors.finish()?;
        let live = reception.bookings.iter().filter(|booking| booking.state.is_live());
        let mut facts = live.filter_map(|booking| context.matters.get(&booking.case));
        if facts.any(|facts| facts.petitioner_is_booked) {
            return Err(Refusal::new(RefusalCode::PetitionerBooked));
        }
        let organisation = leader.map_or(reception.organisation, |leader| leader.organisation);
        self.happen(ReceptionEvent::ReceptionChanged { organisation, change: change.clone() });
        self.fill_free_places();
        Ok(())
    }

    /// The matter, as far as it is free and the leader may receive it.
    fn expect_bookable(&self, request: &BookingRequest) -> Result<CaseId, Refusal> {
        let facts = self.context.matters.get(&request.case);
        let facts = facts.ok_or_else(|| Refusal::field("/case", FieldCode::UnknownCase))?;
        if facts.has_interest {
            return Err(Refusal::under(RefusalCode::LeaderHasInterest, 28));
        }
        if !facts.is_in_reach {
            return Err(Refusal::new(RefusalCode::LeaderOutOfReach));
        }
        if facts.is_booked || self.reception.live_booking_of(request.case, facts.matter).is_some() {
            return Err(Refusal::new(RefusalCode::MatterBooked));
        }
        if facts.petitioner_is_booked {
            return Err(Refusal::new(RefusalCode::PetitionerBooked));
        }
        let given_up =
            |booking: &&Booking| booking.matter == facts.matter && booking.state == BookingState::Cancelled;
        if self.reception.bookings.iter().filter(given_up).count() >= MOST_GIVEN_UP {
            return Err(Refusal::new(RefusalCode::BookedTooOften));
        }
        Ok(facts.matter)
    }

    fn book(&mut self, request: &BookingRequest) -> Result<(), Refusal> {
        let matter = self.expect_bookable(request)?;
        let last = self.reception.bookings.last().map_or(0, |booking| booking.no);
        let waiting = !self.reception.gives_a_place();
        self.happen(ReceptionEvent::BookingMade {
            no: last.saturating_add(1),
            case: request.case,
            matter,
            waiting,
            note: request.note.clone(),
        });
        Ok(())
    }

    /// Gives free places to those who have waited longest, until the session begins.
    fn fill_free_places(&mut self) {
        let (begins, _) = self.reception.span();
        while self.context.local_now < begins && self.reception.free() > 0 {
            let mut waiting = self.reception.bookings.iter().filter(|it| it.state == BookingState::Waiting);
            let Some(no) = waiting.next().map(|it| it.no) else { return };
            self.happen(ReceptionEvent::BookingPromoted { no });
        }
    }

    fn receive(&mut self, case: CaseId, head_count: u32) -> Result<(), Refusal> {
        let facts = self.context.matters.get(&case);
        let facts = facts.ok_or_else(|| Refusal::field("/case", FieldCode::UnknownCase))?;
        if facts.has_interest {
            return Err(Refusal::under(RefusalCode::LeaderHasInterest, 28));
        }
        if !facts.is_in_reach {
            return Err(Refusal::new(RefusalCode::LeaderOutOfReach));
        }
        let booking = self.reception.booking_to_receive(case, facts.matter).map(|booking| booking.no);
        self.happen(ReceptionEvent::VisitReceived { case, booking, head_count });
        Ok(())
    }

    fn record(&mut self, record: &ReceptionRecord) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        for (pointer, time) in [("/from", record.from), ("/until", record.until)] {
            errors.expect(is_of_a_clock(time), pointer, FieldCode::Malformed);
        }
        errors.expect(record.until > record.from, "/until", FieldCode::EndsBeforeItBegins);
        let ended = self.reception.arrangement.day.and_time(record.until);
        errors.expect(ended <= self.context.local_now, "/until", FieldCode::InFuture);
        errors.expect(record.companions.len() <= MOST_COMPANIONS, "/companions", FieldCode::TooMany);
        errors.finish()?;
        self.happen(ReceptionEvent::ReceptionHeld(record.clone()));
        Ok(())
    }
}

/// An active leading cadre, who has an organ.
fn expect_leader<'a>(
    errors: &mut FieldErrors,
    pointer: &str,
    host: &Host,
    context: &ReceptionContext<'a>,
) -> Option<&'a Staff> {
    let staff = context.directory.staff(host.leader);
    errors.expect(staff.is_some(), pointer, FieldCode::UnknownUser);
    let leads = |staff: &&Staff| staff.has(Duty::Lead) && !staff.role.is_administrator();
    errors.expect(staff.is_none_or(|staff| leads(&staff)), pointer, FieldCode::NotALeadingCadre);
    staff.filter(leads)
}

fn expect_arrangement(errors: &mut FieldErrors, arrangement: &Arrangement) {
    let Arrangement { day, from, until, capacity, waiting_places, companions, .. } = arrangement;
    for (pointer, time) in [("/arrangement/from", from), ("/arrangement/until", until)] {
        errors.expect(is_of_a_clock(*time), pointer, FieldCode::Malformed);
    }
    errors.expect((1..=9999).contains(&day.year()), "/arrangement/day", FieldCode::OutOfRange);
    errors.expect(until > from, "/arrangement/until", FieldCode::EndsBeforeItBegins);
    errors.expect((1..=MOST_PLACES).contains(capacity), "/arrangement/capacity", FieldCode::OutOfRange);
    errors.expect(*waiting_places <= MOST_PLACES, "/arrangement/waiting_places", FieldCode::OutOfRange);
    errors.expect(companions.len() <= MOST_COMPANIONS, "/arrangement/companions", FieldCode::TooMany);
}

/// A time as people make appointments, and as both engines keep it.
fn is_of_a_clock(time: NaiveTime) -> bool {
    time.second() == 0 && time.nanosecond() == 0
}

impl Arrangement {
    /// That it can be looked for at all.
    ///
    /// # Errors
    /// The fields that are wrong whoever sends them, and whenever.
    pub fn expect_sound(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        expect_arrangement(&mut errors, self);
        errors.finish()
    }
}

/// A session is planned before it begins; one on the scene is entered when it has.
fn expect_day(
    errors: &mut FieldErrors,
    kind: ReceptionKind,
    arrangement: &Arrangement,
    context: &ReceptionContext<'_>,
) {
    let Arrangement { day, from, .. } = arrangement;
    let within = |earliest: Option<NaiveDate>, latest: Option<NaiveDate>| {
        earliest.is_none_or(|earliest| *day >= earliest) && latest.is_none_or(|latest| *day <= latest)
    };
    let today = context.today();
    if kind.takes_bookings() {
        let is_ahead = day.and_time(*from) > context.local_now;
        errors.expect(is_ahead, "/arrangement/day", FieldCode::InPast);
        let latest = today.checked_add_days(Days::new(MOST_DAYS_AHEAD));
        errors.expect(within(None, latest), "/arrangement/day", FieldCode::OutOfRange);
    } else {
        let has_begun = day.and_time(*from) <= context.local_now + TimeDelta::minutes(1);
        errors.expect(has_begun, "/arrangement/day", FieldCode::InFuture);
        let earliest = today.checked_sub_days(Days::new(MOST_DAYS_AGO));
        errors.expect(within(earliest, None), "/arrangement/day", FieldCode::OutOfRange);
    }
}

/// Whether the leader whom the context's facts are about may receive every matter that is booked.
fn may_receive_all(reception: &Reception, context: &ReceptionContext<'_>) -> bool {
    reception.bookings.iter().filter(|booking| booking.state.is_live()).all(|booking| {
        let facts = context.matters.get(&booking.case);
        facts.is_some_and(|facts| facts.is_in_reach && !facts.has_interest)
    })
}
