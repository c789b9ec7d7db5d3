//! What is done with sessions in one transaction; the use cases above open it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use domain::case::content::{Charge, Commitment, Instruction, LeaderVisit};
use domain::case::{Case, Command, Track};
use domain::id::{CaseId, OfReception, ReceptionId, UserId};
use domain::reception::content::{BookingRequest, LeaderSwap, ReceptionChange, ReceptionPlan};
use domain::reception::policy::ReceptionCommandKind;
use domain::reception::{
    MatterFacts, Reception, ReceptionCommand, ReceptionContext, ReceptionRecorded, decide, decide_plan,
    decide_swap, expect_open,
};
use domain::refusal::{FieldCode, Refusal, RefusalCode};
use store::reception_clashes::{self as clashes, Span};
use store::receptions;
use store::{AnyConnection, StoreError, case_journal, reception_journal};
use strum::VariantArray;

use crate::http::conditional::Expected;
use crate::http::receptions::visits::VisitRequest;
use crate::service::execute::{Circumstances, execute, load_known};
use crate::service::{ServiceError, filing};

/// Plans a session.
///
/// # Errors
/// The domain's refusal.
pub fn plan(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    plan: &ReceptionPlan,
) -> Result<Reception, ServiceError> {
    plan.arrangement.expect_sound()?;
    clashes::lock_leader(connection, plan.host.leader)?;
    let span = Span::of(&plan.arrangement);
    let leader_is_engaged = clashes::is_engaged(connection, plan.host.leader, span, &[])?;
    let none = BTreeMap::new();
    let events = decide_plan(plan, &circumstances.of_session(leader_is_engaged, &none))?;
    let id: ReceptionId = circumstances.app.ids.next::<OfReception>();
    append(connection, circumstances, (id, None), &events)
}

/// Gives a command on a session, all but a booking, a visit and a swap.
///
/// # Errors
/// Unknown to the caller; another version than expected; the domain's refusal.
pub fn give(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, expected): (ReceptionId, &Expected),
    command: &ReceptionCommand,
) -> Result<Reception, ServiceError> {
    if let ReceptionCommand::Change(change) = command {
        return give_change(connection, circumstances, (id, expected), change);
    }
    let reception = to_change(connection, circumstances, id, expected)?;
    if let ReceptionCommand::CancelBooking(no, _) | ReceptionCommand::Remind(no, _) = command {
        expect_known(connection, circumstances, &reception, *no)?;
    }
    let none = BTreeMap::new();
    let events = decide(&reception, command, &circumstances.of_session(false, &none))?;
    append(connection, circumstances, (id, Some(&reception)), &events)
}

/// Whoever may not know of a case has nothing to do with its booking: they may be whom it complains of (Art. 28).
fn expect_known(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    no: u16,
) -> Result<(), ServiceError> {
    let Some(booking) = reception.booking(no) else { return Ok(()) };
    match load_known(connection, circumstances, booking.case) {
        Err(ServiceError::NotFound) => Err(Refusal::under(RefusalCode::NotYours, 28).into()),
        Ok(_) | Err(ServiceError::Store(StoreError::Erased)) => Ok(()),
        Err(error) => Err(error),
    }
}

fn give_change(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, expected): (ReceptionId, &Expected),
    change: &ReceptionChange,
) -> Result<Reception, ServiceError> {
    change.arrangement.expect_sound()?;
    let kind = ReceptionCommandKind::ChangeReception;
    let (none, leader, span) = (BTreeMap::new(), change.host.leader, Span::of(&change.arrangement));
    // Who may not is told so before anything is looked up, or anybody kept waiting.
    let before = known(connection, circumstances, id)?;
    expect_open(&before, kind, None, &circumstances.of_session(false, &none))?;
    let is_moved = |reception: &Reception| Span::of(&reception.arrangement) != span;
    if is_moved(&before) {
        // In the order in which bookings do: petitioners, and then the session.
        clashes::lock_petitioners(connection, &live_cases(&before))?;
    }
    let reception = to_change(connection, circumstances, id, expected)?;
    clashes::lock_leader(connection, leader)?;
    let leader_is_engaged = clashes::is_engaged(connection, leader, span, &[id])?;
    let mut matters = BTreeMap::new();
    if leader != reception.host.leader || is_moved(&reception) {
        matters = facts_of_booked(connection, circumstances, &reception, leader)?;
    }
    if is_moved(&reception) {
        for (case, facts) in &mut matters {
            facts.petitioner_is_booked = clashes::petitioner_is_booked(connection, *case, span)?;
        }
    }
    let command = ReceptionCommand::Change(change.clone());
    let events = decide(&reception, &command, &circumstances.of_session(leader_is_engaged, &matters))?;
    append(connection, circumstances, (id, Some(&reception)), &events)
}

fn live_cases(reception: &Reception) -> Vec<CaseId> {
    reception.bookings.iter().filter(|booking| booking.state.is_live()).map(|booking| booking.case).collect()
}

/// Swaps the leaders of two sessions; the first as it is then.
///
/// # Errors
/// As [`give`].
pub fn swap(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, expected): (ReceptionId, &Expected),
    swap: &LeaderSwap,
) -> Result<Reception, ServiceError> {
    if swap.with == id {
        return Err(Refusal::field("/with", FieldCode::Duplicate).into());
    }
    // Everybody locks sessions, and then leaders, in the order of their identifiers.
    for session in BTreeSet::from([id, swap.with]) {
        receptions::lock(connection, session)?;
    }
    let first = to_change(connection, circumstances, id, expected)?;
    let second = match to_change(connection, circumstances, swap.with, &Expected::Any) {
        Err(ServiceError::NotFound) => {
            return Err(Refusal::field("/with", FieldCode::UnknownReception).into());
        }
        found => found?,
    };
    let none = BTreeMap::new();
    for session in [&first, &second] {
        let plain = circumstances.of_session(false, &none);
        expect_open(session, ReceptionCommandKind::SwapLeaders, None, &plain)?;
    }
    for leader in BTreeSet::from([first.host.leader, second.host.leader]) {
        clashes::lock_leader(connection, leader)?;
    }
    let both = [id, swap.with];
    let mut under = |reception: &Reception, leader| {
        let span = Span::of(&reception.arrangement);
        let engaged = clashes::is_engaged(connection, leader, span, &both)?;
        Ok::<_, ServiceError>((engaged, facts_of_booked(connection, circumstances, reception, leader)?))
    };
    let (first_engaged, first_facts) = under(&first, second.host.leader)?;
    let (second_engaged, second_facts) = under(&second, first.host.leader)?;
    let first_context = circumstances.of_session(first_engaged, &first_facts);
    let second_context = circumstances.of_session(second_engaged, &second_facts);
    let [to_first, to_second] = decide_swap((&first, &first_context), (&second, &second_context), swap)?;
    let after = append(connection, circumstances, (id, Some(&first)), &to_first)?;
    append(connection, circumstances, (swap.with, Some(&second)), &to_second)?;
    Ok(after)
}

/// Whether the matter can be booked, without writing.
///
/// # Errors
/// As [`book`].
pub fn may_book(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: ReceptionId,
    request: &BookingRequest,
) -> Result<(), ServiceError> {
    let reception = known(connection, circumstances, id)?;
    decide_booking(connection, circumstances, &reception, request).map(|_events| ())
}

/// Books a matter.
///
/// # Errors
/// As [`give`]; a case that the caller may not know of.
pub fn book(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, expected): (ReceptionId, &Expected),
    request: &BookingRequest,
) -> Result<Reception, ServiceError> {
    // One matter, and one petitioner, at a time; then the session.
    let (matter, _) = clashes::matter_of(connection, request.case)?;
    for case in BTreeSet::from([matter, request.case]) {
        case_journal::lock(connection, case)?;
    }
    clashes::lock_petitioners(connection, &[request.case])?;
    let reception = to_change(connection, circumstances, id, expected)?;
    let events = decide_booking(connection, circumstances, &reception, request)?;
    append(connection, circumstances, (id, Some(&reception)), &events)
}

fn decide_booking(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    request: &BookingRequest,
) -> Result<Vec<ReceptionRecorded>, ServiceError> {
    let case = bookable(connection, circumstances, request.case)?;
    let (matter, all) = clashes::matter_of(connection, case.id)?;
    let directory = &circumstances.office.directory;
    let facts = MatterFacts {
        is_booked: clashes::live_booking_among(connection, &all)?.is_some(),
        petitioner_is_booked: clashes::petitioner_is_booked(
            connection,
            case.id,
            Span::of(&reception.arrangement),
        )?,
        ..MatterFacts::of(&case, matter, directory.staff(reception.host.leader), directory)
    };
    let facts = BTreeMap::from([(case.id, facts)]);
    let command = ReceptionCommand::Book(request.clone());
    Ok(decide(reception, &command, &circumstances.of_session(false, &facts))?)
}

/// Cancels the live booking of the petitioner's own case.
///
/// # Errors
/// It has none; the domain's refusal.
pub fn cancel_own(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: CaseId,
) -> Result<Reception, ServiceError> {
    let not_booked = || ServiceError::from(Refusal::new(RefusalCode::NotBooked));
    let id = clashes::live_booking_among(connection, &[case])?.ok_or_else(not_booked)?;
    // Somebody else may have changed it until it is locked.
    let reception = reception_journal::load_to_change(connection, id)?.ok_or_else(not_booked)?;
    let own = reception.bookings.iter().find(|booking| booking.case == case && booking.state.is_live());
    let command = ReceptionCommand::CancelBooking(own.ok_or_else(not_booked)?.no, None);
    let none = BTreeMap::new();
    let events = decide(&reception, &command, &circumstances.of_session(false, &none))?;
    append(connection, circumstances, (id, Some(&reception)), &events)
}

/// The session in which the case has a live booking or, where it has none, had its last, and the number of it.
///
/// # Errors
/// What the database says.
pub fn last_booked_in(
    connection: &mut AnyConnection,
    case: &Case,
) -> Result<Option<(Reception, u16)>, ServiceError> {
    let Some((id, no)) = clashes::last_booking_of(connection, case.id)? else { return Ok(None) };
    Ok(reception_journal::load(connection, id)?.map(|reception| (reception, no)))
}

/// The case, if it may be taken up in a session: the caller knows of it, and it is no accusation (Art. 30).
fn bookable(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: CaseId,
) -> Result<Case, ServiceError> {
    let case = match load_known(connection, circumstances, case) {
        Err(ServiceError::NotFound | ServiceError::Store(StoreError::Erased)) => {
            return Err(Refusal::field("/case", FieldCode::UnknownCase).into());
        }
        found => found?,
    };
    expect_no_accusation(&case)?;
    Ok(case)
}

fn expect_no_accusation(case: &Case) -> Result<(), Refusal> {
    if case.track == Track::Accusation { Err(Refusal::under(RefusalCode::WrongTrack, 30)) } else { Ok(()) }
}

/// Of each matter that is booked: what it is to that leader.
fn facts_of_booked(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    leader: UserId,
) -> Result<BTreeMap<CaseId, MatterFacts>, ServiceError> {
    let directory = &circumstances.office.directory;
    let mut facts = BTreeMap::new();
    for booking in reception.bookings.iter().filter(|booking| booking.state.is_live()) {
        if let Some(case) = case_journal::load_case(connection, &circumstances.app.sealer, booking.case)? {
            let of_case = MatterFacts::of(&case, booking.matter, directory.staff(leader), directory);
            facts.insert(case.id, of_case);
        }
    }
    Ok(facts)
}

/// A visit that was received.
pub struct Received {
    /// Its case, as it is then.
    pub case: Case,
    /// Whether that was filed with it.
    pub filed: bool,
    /// The session, as it is then.
    pub reception: Reception,
}

/// Receives a visit: it joins a case or becomes one, and what the leader orders is an instruction on it.
///
/// # Errors
/// As [`give`], [`filing::file`] and [`execute`].
pub fn receive(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, expected): (ReceptionId, &Expected),
    visit: &VisitRequest,
) -> Result<Received, ServiceError> {
    let none = BTreeMap::new();
    let before = known(connection, circumstances, id)?;
    let kind = ReceptionCommandKind::ReceiveVisit;
    expect_open(&before, kind, None, &circumstances.of_session(false, &none))?;
    let (case, filed) = match (&visit.case, &visit.filing) {
        (Some(case), None) => (bookable(connection, circumstances, *case)?, false),
        (None, Some(request)) => {
            let filed = filing::file(connection, circumstances, request);
            let filed = filed.map_err(|error| below("/filing", error))?;
            expect_no_accusation(&filed)?;
            (filed, true)
        }
        (Some(_), Some(_)) => return Err(Refusal::field("/filing", FieldCode::NotExpected).into()),
        (None, None) => return Err(Refusal::field("/case", FieldCode::Required).into()),
    };
    // The case and then the session, as everybody does; whose session it is may have changed until then.
    case_journal::lock(connection, case.id)?;
    let reception = to_change(connection, circumstances, id, expected)?;
    let (matter, _) = clashes::matter_of(connection, case.id)?;
    let directory = &circumstances.office.directory;
    let facts = MatterFacts::of(&case, matter, directory.staff(reception.host.leader), directory);
    let facts = BTreeMap::from([(case.id, facts)]);
    let command = ReceptionCommand::ReceiveVisit { case: case.id, head_count: visit.head_count };
    let events = decide(&reception, &command, &circumstances.of_session(false, &facts))?;
    let case = write_down(connection, circumstances, case.id, visit, (id, reception.host.leader))?;
    let reception = append(connection, circumstances, (id, Some(&reception)), &events)?;
    Ok(Received { case, filed, reception })
}

/// What was said stands in the case's journal, and so does what the leader ordered and took on.
fn write_down(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: CaseId,
    visit: &VisitRequest,
    (reception, leader): (ReceptionId, UserId),
) -> Result<Case, ServiceError> {
    let received = Command::ReceiveVisit(LeaderVisit {
        reception,
        leader,
        visitors: visit.visitors.clone(),
        head_count: visit.head_count,
        requests: visit.requests.clone(),
        answer: visit.answer.clone(),
        opinion: visit.opinion.clone(),
    });
    let mut after = execute(connection, circumstances, case, &Expected::Any, &received)?;
    if let Some(ordered) = &visit.instruction {
        let instruction = Command::GiveInstruction(Instruction {
            leader,
            text: visit.opinion.clone(),
            to: ordered.to,
            report_due_on: ordered.report_due_on,
            visit_back: ordered.visit_back,
        });
        let given = execute(connection, circumstances, case, &Expected::Any, &instruction);
        after = given.map_err(|error| below("/instruction", error))?;
    }
    if let Some(taken) = &visit.charge {
        let charge = Command::TakeCharge(Charge {
            leader,
            commitments: Commitment::VARIANTS.to_vec(),
            plan: taken.plan.clone(),
            target_on: taken.target_on,
        });
        let taken = execute(connection, circumstances, case, &Expected::Any, &charge);
        after = taken.map_err(|error| below("/charge", error))?;
    }
    Ok(after)
}

/// The same refusal, of fields that stand below this place in the body.
fn below(place: &str, error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Refused(mut refusal) => {
            for field in &mut refusal.fields {
                field.pointer.insert_str(0, place);
            }
            ServiceError::Refused(refusal)
        }
        other => other,
    }
}

/// The session, if there is one that the caller may know of, and in the version that is expected.
fn to_change(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: ReceptionId,
    expected: &Expected,
) -> Result<Reception, ServiceError> {
    receptions::lock(connection, id)?;
    let reception = known(connection, circumstances, id)?;
    if expected.is_met_by(i64::from(reception.version)) {
        Ok(reception)
    } else {
        Err(ServiceError::VersionLost)
    }
}

/// The session, if there is one that the actor may know of.
pub fn known(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: ReceptionId,
) -> Result<Reception, ServiceError> {
    let found = reception_journal::load(connection, id)?;
    let may = |it: &Reception| it.is_known_to(circumstances.actor, &circumstances.office.directory);
    found.filter(may).ok_or(ServiceError::NotFound)
}

/// That the actor is one of those who arrange the session: who comes is told to nobody else.
///
/// # Errors
/// They are not.
pub fn expect_arranging(
    reception: &Reception,
    circumstances: &Circumstances<'_>,
) -> Result<(), ServiceError> {
    let arranges = reception.is_arranged_by(circumstances.actor, &circumstances.office.directory);
    if arranges { Ok(()) } else { Err(Refusal::under(RefusalCode::NotYours, 18).into()) }
}

fn append(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, before): (ReceptionId, Option<&Reception>),
    events: &[ReceptionRecorded],
) -> Result<Reception, ServiceError> {
    let ids = &circumstances.app.ids;
    match reception_journal::append(connection, (id, before), events, &mut || ids.next_number()) {
        Err(error) if error.is_conflict_on(receptions::MATTER_BOOKED) => {
            Err(Refusal::new(RefusalCode::MatterBooked).into())
        }
        appended => Ok(appended?),
    }
}

impl Circumstances<'_> {
    /// The server's clock in the office's time zone.
    pub fn local_now(&self) -> NaiveDateTime {
        self.now.with_timezone(&self.app.settings.time_zone).naive_local()
    }

    /// What a decision on a session is given.
    pub(super) fn of_session<'b>(
        &'b self,
        leader_is_engaged: bool,
        matters: &'b BTreeMap<CaseId, MatterFacts>,
    ) -> ReceptionContext<'b> {
        ReceptionContext {
            now: self.now,
            local_now: self.local_now(),
            actor: self.actor,
            directory: &self.office.directory,
            rules: self.rules(),
            leader_is_engaged,
            matters,
        }
    }
}
