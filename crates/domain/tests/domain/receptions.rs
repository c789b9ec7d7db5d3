//! Sessions in which leaders receive visits: random sequences of commands, and what must hold after every step of each.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use domain::access::{Actor, Staff};
use domain::deadline::Rules;
use domain::id::{CaseId, ReceptionId, UserId};
use domain::reception::content::*;
use domain::reception::policy::{RECEPTION_GRANTS, ReceptionCommandKind};
use domain::reception::{
    BookingState, MatterFacts, Reception, ReceptionCommand, ReceptionContext, ReceptionEvent,
    ReceptionRecorded, ReceptionState, actions, decide, decide_plan, decide_swap, fold,
};
use domain::refusal::{FieldCode, Refusal, RefusalClass, RefusalCode};
use domain::text::{Line, Remark};
use proptest::prelude::*;
use strum::VariantArray;

use crate::municipality::*;
use crate::random::Dice;

const ID: ReceptionId = ReceptionId::new(9_000_000);

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn remark(text: &str) -> Remark {
    Remark::parse(text).unwrap()
}

fn at(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
}

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

fn host(leader: UserId) -> Host {
    Host { leader, post: line("副县长"), responsibilities: line("分管住建") }
}

fn arrangement(day: NaiveDate, capacity: u16, waiting_places: u16) -> Arrangement {
    let (from, until) = (at(9), at(11));
    Arrangement {
        day,
        from,
        until,
        place: line("接访大厅"),
        capacity,
        waiting_places,
        companions: Vec::new(),
    }
}

/// What a decision is made under.
struct World {
    actor: Actor,
    local_now: NaiveDateTime,
    rules: Rules,
    engaged: bool,
    matters: BTreeMap<CaseId, MatterFacts>,
}

impl World {
    fn new(actor: impl Acting) -> Self {
        let local_now = first_day().and_time(at(8));
        let (rules, matters) = (Rules::default(), BTreeMap::new());
        Self { actor: actor.actor(), local_now, rules, engaged: false, matters }
    }

    fn context(&self) -> ReceptionContext<'_> {
        ReceptionContext {
            now: (self.local_now - TimeDelta::hours(8)).and_utc(),
            local_now: self.local_now,
            actor: &self.actor,
            directory: &DIRECTORY,
            rules: &self.rules,
            leader_is_engaged: self.engaged,
            matters: &self.matters,
        }
    }

    /// A case of which nothing is in the leader's way.
    fn knows(&mut self, case: i64) -> CaseId {
        let case = CaseId::new(case);
        let plain = MatterFacts {
            matter: case,
            is_in_reach: true,
            has_interest: false,
            is_booked: false,
            petitioner_is_booked: false,
        };
        self.matters.entry(case).or_insert(plain);
        case
    }
}

fn plan(kind: ReceptionKind, day: NaiveDate, capacity: u16, waiting_places: u16) -> ReceptionPlan {
    ReceptionPlan { kind, host: host(LEADER), arrangement: arrangement(day, capacity, waiting_places) }
}

fn planned(world: &World, plan: &ReceptionPlan) -> (Reception, Vec<ReceptionRecorded>) {
    let events = decide_plan(plan, &world.context()).unwrap();
    (fold(ID, &events).unwrap(), events)
}

fn booking(case: CaseId) -> ReceptionCommand {
    ReceptionCommand::Book(BookingRequest { case, note: None })
}

/// The command makes these events, or is refused.
fn after(reception: &Reception, world: &World, command: &ReceptionCommand) -> Result<Reception, Refusal> {
    Ok(reception.advanced(&decide(reception, command, &world.context())?))
}

#[test]
fn every_command_on_a_session_is_granted_to_somebody() {
    for command in ReceptionCommandKind::VARIANTS {
        assert!(RECEPTION_GRANTS.iter().any(|grant| grant.command == *command), "{command}");
    }
}

#[test]
fn a_free_place_goes_to_whoever_has_waited_longest() {
    let mut world = World::new(LEADER);
    let (session, _) =
        planned(&world, &plan(ReceptionKind::ScheduledReception, first_day() + Days::new(3), 1, 3));
    let mut session = after(&session, &world, &ReceptionCommand::Publish).unwrap();
    world.actor = Actor::Petitioner;
    for case in 1..=4 {
        let case = world.knows(case);
        session = after(&session, &world, &booking(case)).unwrap();
    }
    let fifth = world.knows(5);
    assert_eq!(after(&session, &world, &booking(fifth)).unwrap_err().code, RefusalCode::FullyBooked);
    // A wider session takes in those who wait, one after the other; a narrower one than is booked is refused.
    world.actor = LEADER.actor();
    let change = |capacity| {
        let arrangement = arrangement(first_day() + Days::new(3), capacity, 3);
        ReceptionCommand::Change(ReceptionChange {
            host: host(LEADER), arrangement, reason: remark("调整")
        })
    };
    session = after(&session, &world, &change(2)).unwrap();
    let state = |session: &Reception, no: u16| session.booking(no).unwrap().state;
    assert_eq!((state(&session, 2), state(&session, 3)), (BookingState::Booked, BookingState::Waiting));
    let narrower = after(&session, &world, &change(1)).unwrap_err();
    assert_eq!(narrower.fields[0].code, FieldCode::BelowBookings);
    world.actor = Actor::Petitioner;
    session = after(&session, &world, &ReceptionCommand::CancelBooking(1, None)).unwrap();
    assert_eq!((state(&session, 3), state(&session, 4)), (BookingState::Booked, BookingState::Waiting));
    // When it has begun nobody is called from the list, and at its end whoever waits got no place.
    world.local_now = (first_day() + Days::new(3)).and_time(at(10));
    session = after(&session, &world, &ReceptionCommand::CancelBooking(2, None)).unwrap();
    assert_eq!(state(&session, 4), BookingState::Waiting);
    world.actor = LEADER.actor();
    let record = ReceptionRecord { from: at(9), until: at(10), companions: Vec::new(), remark: None };
    session = after(&session, &world, &ReceptionCommand::Record(record)).unwrap();
    assert_eq!((state(&session, 3), state(&session, 4)), (BookingState::NoShow, BookingState::FellThrough));
}

#[test]
fn a_session_is_published_before_its_day() {
    let mut world = World::new(LEADER);
    world.rules.reception_publication_days = 3;
    for (days, published) in [(2, false), (3, true), (4, true)] {
        let day = first_day() + Days::new(days);
        let (session, _) = planned(&world, &plan(ReceptionKind::ScheduledReception, day, 5, 0));
        let refused = decide(&session, &ReceptionCommand::Publish, &world.context()).err();
        assert_eq!(
            refused.map(|refusal| refusal.code),
            (!published).then_some(RefusalCode::PublishedTooLate)
        );
    }
    let on_its_day = plan(ReceptionKind::OnSceneReception, first_day(), 1, 0);
    let ahead = decide_plan(&on_its_day, &world.context()).unwrap_err();
    assert_eq!(ahead.fields[0].code, FieldCode::InFuture);
    world.local_now = first_day().and_time(at(12));
    let (session, _) = planned(&world, &on_its_day);
    let published = decide(&session, &ReceptionCommand::Publish, &world.context()).unwrap_err();
    assert_eq!(published.code, RefusalCode::WrongReceptionKind);
}

#[test]
fn a_swap_is_of_both_or_of_neither() {
    let mut world = World::new(DISPATCHER);
    let day = first_day() + Days::new(3);
    let (first, _) = planned(&world, &plan(ReceptionKind::ScheduledReception, day, 5, 0));
    let of_housing =
        ReceptionPlan { host: host(LEADER_OF_HOUSING), ..plan(ReceptionKind::ScheduledReception, day, 5, 0) };
    let events = decide_plan(&of_housing, &world.context()).unwrap();
    let second = fold(ReceptionId::new(9_000_001), &events).unwrap();
    let swap = LeaderSwap { with: second.id, reason: remark("对调") };
    let case = world.knows(1);
    let booked = after(&first, &world, &booking(case));
    // It is not published yet.
    assert_eq!(booked.unwrap_err().code, RefusalCode::ReceptionStateForbids);
    let first = after(&first, &world, &ReceptionCommand::Publish).unwrap();
    world.actor = CLERK.actor();
    let first = after(&first, &world, &booking(case)).unwrap();
    world.actor = DISPATCHER.actor();
    let mut out_of_reach = World::new(DISPATCHER);
    out_of_reach.knows(1);
    out_of_reach.matters.get_mut(&case).unwrap().is_in_reach = false;
    let refused =
        decide_swap((&first, &out_of_reach.context()), (&second, &world.context()), &swap).unwrap_err();
    assert_eq!(refused.fields[0].code, FieldCode::NotForThoseBooked);
    let [to_first, to_second] =
        decide_swap((&first, &world.context()), (&second, &world.context()), &swap).unwrap();
    let (first, second) = (first.advanced(&to_first), second.advanced(&to_second));
    assert_eq!((first.host.leader, second.host.leader), (LEADER_OF_HOUSING, LEADER));
    assert_eq!((first.organisation, second.organisation), (COUNTY_HOUSING, COUNTY_GOVERNMENT));
}

fn command(
    dice: &mut Dice,
    kind: ReceptionCommandKind,
    session: &Reception,
    case: CaseId,
) -> Option<ReceptionCommand> {
    let no = u16::try_from(1 + dice.roll(1 + session.bookings.len() as u64)).unwrap();
    Some(match kind {
        ReceptionCommandKind::PlanReception | ReceptionCommandKind::SwapLeaders => return None,
        ReceptionCommandKind::PublishReception => ReceptionCommand::Publish,
        ReceptionCommandKind::ChangeReception => {
            let day = session.arrangement.day + Days::new(dice.roll(2));
            let (capacity, waiting) = (dice.roll(5), dice.roll(4));
            let arrangement =
                arrangement(day, u16::try_from(capacity).unwrap(), u16::try_from(waiting).unwrap());
            ReceptionCommand::Change(ReceptionChange {
                host: session.host.clone(),
                arrangement,
                reason: remark("调整"),
            })
        }
        ReceptionCommandKind::CancelReception => {
            ReceptionCommand::Cancel(ReceptionCancellation { reason: remark("防汛") })
        }
        ReceptionCommandKind::Book => booking(case),
        ReceptionCommandKind::CancelBooking => ReceptionCommand::CancelBooking(no, None),
        ReceptionCommandKind::Remind => {
            let reached = dice.chance(50);
            ReceptionCommand::Remind(no, BookingReminder { way: ReminderWay::Phone, reached, remark: None })
        }
        ReceptionCommandKind::ReceiveVisit => ReceptionCommand::ReceiveVisit { case, head_count: 1 },
        ReceptionCommandKind::RecordReception => ReceptionCommand::Record(ReceptionRecord {
            from: at(9),
            until: at(10),
            companions: Vec::new(),
            remark: None,
        }),
    })
}

fn anybody(dice: &mut Dice) -> Actor {
    let people: Vec<&Staff> = PEOPLE.iter().collect();
    match dice.roll(6) {
        0 => Actor::Petitioner,
        1 => Actor::Staff(dice.pick(&people).clone()),
        2 | 3 => LEADER.actor(),
        4 => CLERK.actor(),
        _ => DISPATCHER.actor(),
    }
}

/// The kinds that end a session are rare, so that most walks are long.
fn any_kind(dice: &mut Dice) -> ReceptionCommandKind {
    let kind = dice.pick(ReceptionCommandKind::VARIANTS);
    let ends = matches!(kind, ReceptionCommandKind::CancelReception | ReceptionCommandKind::RecordReception);
    if ends && dice.chance(80) { ReceptionCommandKind::Book } else { kind }
}

fn holds(session: &Reception, events: &[ReceptionRecorded], world: &World) {
    assert_eq!(&fold(ID, events).unwrap(), session, "the journal tells otherwise");
    assert_eq!(session.version as usize, events.len());
    let booked = session.bookings.iter().filter(|it| it.state == BookingState::Booked).count();
    assert!(booked <= usize::from(session.arrangement.capacity), "more are booked than there are places");
    let live: Vec<CaseId> =
        session.bookings.iter().filter(|it| it.state.is_live()).map(|it| it.matter).collect();
    assert_eq!(live.iter().collect::<BTreeSet<_>>().len(), live.len(), "a matter has two live bookings");
    let (begins, _) = session.span();
    if world.local_now < begins && session.state.is_ahead() {
        assert!(session.free() == 0 || session.waiting() == 0, "somebody waits while a place is free");
    }
    if !session.state.is_ahead() {
        assert!(live.is_empty(), "something is live in a session that is over");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sequences_on_a_session_keep_the_rules(beginning in any::<u64>(), steps in prop::collection::vec(any::<u64>(), 1..40)) {
        let dice = &mut Dice(beginning);
        let mut world = World::new(LEADER);
        let kind = dice.pick(&[ReceptionKind::ScheduledReception, ReceptionKind::ScheduledReception, ReceptionKind::InvitedReception]);
        let (capacity, waiting) = (u16::try_from(1 + dice.roll(3)).unwrap(), u16::try_from(dice.roll(4)).unwrap());
        let (mut session, mut events) = planned(&world, &plan(kind, first_day() + Days::new(4), capacity, waiting));
        for seed in steps {
            let dice = &mut Dice(seed);
            world.local_now += TimeDelta::minutes(i64::try_from(dice.roll(400)).unwrap());
            world.actor = anybody(dice);
            let case = world.knows(1 + i64::try_from(dice.roll(9)).unwrap());
            let facts = world.matters.get_mut(&case).unwrap();
            facts.has_interest = dice.chance(5);
            facts.is_booked = dice.chance(5);
            let kind = any_kind(dice);
            let Some(command) = command(dice, kind, &session, case) else { continue };
            let about = match &command {
                ReceptionCommand::CancelBooking(no, _) | ReceptionCommand::Remind(no, _) => Some(*no),
                _ => None,
            };
            let shown = actions(&session, &world.context());
            let shown = shown.iter().find(|action| action.command == kind && action.booking == about);
            let decided = decide(&session, &command, &world.context());
            match (shown.map(|action| &action.refusal), &decided) {
                // What is shown as open is refused for what was sent alone, or for the matter that was named.
                (Some(None), Err(refusal)) => {
                    let named = matches!(kind, ReceptionCommandKind::Book | ReceptionCommandKind::ReceiveVisit);
                    prop_assert!(named || refusal.code.class() == RefusalClass::Fields, "{kind} {refusal:?}");
                }
                (Some(Some(closed)), decided) => {
                    let refusal = decided.as_ref().err();
                    let is_the_same = refusal.is_some_and(|it| it.code == closed.code);
                    let booked_already = closed.code == RefusalCode::FullyBooked && refusal.is_some();
                    prop_assert!(is_the_same || booked_already, "{kind}: {closed:?} and {decided:?}");
                }
                (None, decided) => prop_assert!(about.is_some() && decided.is_err(), "{kind} is not listed"),
                (Some(None), Ok(_)) => {}
            }
            let Ok(happened) = decided else { continue };
            let before = session.clone();
            events.extend(happened.iter().cloned());
            session = session.advanced(&happened);
            holds(&session, &events, &world);
            for recorded in &happened {
                if let ReceptionEvent::BookingPromoted { no } = recorded.event {
                    let earlier = before.bookings.iter().filter(|it| it.no < no && it.state == BookingState::Waiting);
                    for other in earlier {
                        prop_assert!(session.booking(other.no).unwrap().state != BookingState::Waiting, "{no} overtook {}", other.no);
                    }
                }
            }
            prop_assert!(before.state.is_ahead() || before.state == session.state);
            prop_assert_eq!(session.state == ReceptionState::Published, session.published_on.is_some() && session.state.is_ahead());
        }
    }
}
