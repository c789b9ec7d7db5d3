//! What is done with sessions in one transaction; the use cases above open it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use domain::case::content::{Charge, Commitment, Instruction, LeaderVisit};
use domain::case::{Case, Command, Track};
use domain::id::{CaseId, OfReception, ReceptionId, UserId};
use domain::reception::content::{BookingCancellation, BookingRequest, LeaderSwap, ReceptionPlan};
use domain::reception::{
    MatterFacts, Reception, ReceptionCommand, ReceptionContext, ReceptionRecorded, decide, decide_plan,
    decide_swap,
};
use domain::refusal::{FieldCode, Refusal, RefusalCode};
use store::receptions::{self as tables, Span};
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
    tables::lock_leader(connection, plan.host.leader)?;
    let times = &plan.arrangement;
    let span = Span { day: times.day, from: times.from, until: times.until };
    let leader_is_engaged = tables::is_engaged(connection, plan.host.leader, span, &[])?;
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
    let reception = to_change(connection, circumstances, id, expected)?;
    let (mut leader_is_engaged, mut matters) = (false, BTreeMap::new());
    if let ReceptionCommand::Change(change) = command {
        let (leader, times) = (change.host.leader, &change.arrangement);
        let span = Span { day: times.day, from: times.from, until: times.until };
        tables::lock_leader(connection, leader)?;
        leader_is_engaged = tables::is_engaged(connection, leader, span, &[id])?;
        matters = facts_of_booked(connection, circumstances, &reception, leader, span)?;
    }
    let events = decide(&reception, command, &circumstances.of_session(leader_is_engaged, &matters))?;
    append(connection, circumstances, (id, Some(&reception)), &events)
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
        tables::lock(connection, session)?;
    }
    let first = to_change(connection, circumstances, id, expected)?;
    let second = match to_change(connection, circumstances, swap.with, &Expected::Any) {
        Err(ServiceError::NotFound) => {
            return Err(Refusal::field("/with", FieldCode::UnknownReception).into());
        }
        found => found?,
    };
    for leader in BTreeSet::from([first.host.leader, second.host.leader]) {
        tables::lock_leader(connection, leader)?;
    }
    let both = [id, swap.with];
    let mut under = |reception: &Reception, leader| {
        let span = Span::of(reception);
        let engaged = tables::is_engaged(connection, leader, span, &both)?;
        Ok::<_, ServiceError>((engaged, facts_of_booked(connection, circumstances, reception, leader, span)?))
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

/// Books a matter, or tells why not: without writing, the answer is what it would be.
///
/// # Errors
/// As [`give`]; a case that the caller may not know of.
pub fn may_book(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    id: ReceptionId,
    request: &BookingRequest,
) -> Result<(), ServiceError> {
    let reception = known(connection, circumstances, id)?;
    let case = bookable(connection, circumstances, request.case)?;
    let facts = facts_to_book(connection, circumstances, &reception, &case)?;
    let command = ReceptionCommand::Book(request.clone());
    decide(&reception, &command, &circumstances.of_session(false, &facts))?;
    Ok(())
}

/// Books a matter.
///
/// # Errors
/// As [`may_book`].
pub fn book(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, expected): (ReceptionId, &Expected),
    request: &BookingRequest,
) -> Result<Reception, ServiceError> {
    let case = bookable(connection, circumstances, request.case)?;
    // One matter, and one petitioner, at a time; then the session.
    case_journal::lock(connection, MatterFacts::matter_of(&case))?;
    tables::lock_petitioners(connection, case.id)?;
    let reception = to_change(connection, circumstances, id, expected)?;
    let facts = facts_to_book(connection, circumstances, &reception, &case)?;
    let command = ReceptionCommand::Book(request.clone());
    let events = decide(&reception, &command, &circumstances.of_session(false, &facts))?;
    append(connection, circumstances, (id, Some(&reception)), &events)
}

/// Cancels the live booking of the petitioner's own matter.
///
/// # Errors
/// It has none; the domain's refusal.
pub fn cancel_own(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    case: &Case,
) -> Result<Reception, ServiceError> {
    let not_booked = || ServiceError::from(Refusal::new(RefusalCode::NotBooked));
    let (booked, _) = booked_in(connection, case)?.ok_or_else(not_booked)?;
    // Somebody else may have changed it until it is locked.
    let reception = reception_journal::load_to_change(connection, booked.id)?.ok_or_else(not_booked)?;
    let no = reception.live_booking_of(case.id).ok_or_else(not_booked)?.no;
    let (none, no_reason) = (BTreeMap::new(), None::<BookingCancellation>);
    let command = ReceptionCommand::CancelBooking(no, no_reason);
    let events = decide(&reception, &command, &circumstances.of_session(false, &none))?;
    append(connection, circumstances, (reception.id, Some(&reception)), &events)
}

/// The session in which the case has a live booking, and the number of it.
fn booked_in(connection: &mut AnyConnection, case: &Case) -> Result<Option<(Reception, u16)>, ServiceError> {
    let found = tables::live_booking_of(connection, MatterFacts::matter_of(case))?;
    let Some(reception) = found.map(|id| reception_journal::load(connection, id)).transpose()?.flatten()
    else {
        return Ok(None);
    };
    let no = reception.live_booking_of(case.id).map(|booking| booking.no);
    Ok(no.map(|no| (reception, no)))
}

/// The session in which the case has a live booking or, where it has none, had its last, and the number of it.
///
/// # Errors
/// What the database says.
pub fn last_booked_in(
    connection: &mut AnyConnection,
    case: &Case,
) -> Result<Option<(Reception, u16)>, ServiceError> {
    let Some((id, no)) = tables::last_booking_of(connection, case.id)? else { return Ok(None) };
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
    if case.track == Track::Accusation {
        return Err(Refusal::under(RefusalCode::WrongTrack, 30).into());
    }
    Ok(case)
}

fn facts_to_book(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    case: &Case,
) -> Result<BTreeMap<CaseId, MatterFacts>, ServiceError> {
    let directory = &circumstances.office.directory;
    let facts = MatterFacts::of(case, directory.staff(reception.host.leader), directory);
    let booked = tables::live_booking_of(connection, facts.matter)?;
    let petitioner_is_booked = tables::petitioner_is_booked(connection, case.id, Span::of(reception))?;
    let is_booked_elsewhere = booked.is_some_and(|session| session != reception.id);
    Ok(BTreeMap::from([(case.id, MatterFacts { is_booked_elsewhere, petitioner_is_booked, ..facts })]))
}

/// Of each matter that is booked: what it is to that leader at that time.
fn facts_of_booked(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    reception: &Reception,
    leader: UserId,
    span: Span,
) -> Result<BTreeMap<CaseId, MatterFacts>, ServiceError> {
    let directory = &circumstances.office.directory;
    let leader = directory.staff(leader);
    let mut facts = BTreeMap::new();
    for booking in reception.bookings.iter().filter(|booking| booking.state.is_live()) {
        tables::lock_petitioners(connection, booking.case)?;
        let Some(case) = case_journal::load_case(connection, &circumstances.app.sealer, booking.case)? else {
            continue;
        };
        let petitioner_is_booked = tables::petitioner_is_booked(connection, booking.case, span)?;
        let of_case = MatterFacts::of(&case, leader, directory);
        facts.insert(case.id, MatterFacts { petitioner_is_booked, ..of_case });
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
    let reception = known(connection, circumstances, id)?;
    let (case, filed) = match (&visit.case, &visit.filing) {
        (Some(case), None) => (bookable(connection, circumstances, *case)?, false),
        (None, Some(request)) => {
            let filed = filing::file(connection, circumstances, request);
            (filed.map_err(|error| below("/filing", error))?, true)
        }
        (Some(_), Some(_)) => return Err(Refusal::field("/filing", FieldCode::NotExpected).into()),
        (None, None) => return Err(Refusal::field("/case", FieldCode::Required).into()),
    };
    if case.track == Track::Accusation {
        return Err(Refusal::under(RefusalCode::WrongTrack, 30).into());
    }
    let leader = reception.host.leader;
    let case = write_down(connection, circumstances, case.id, visit, (id, leader))?;
    let reception = to_change(connection, circumstances, id, expected)?;
    let directory = &circumstances.office.directory;
    let facts = MatterFacts::of(&case, directory.staff(leader), directory);
    let facts = BTreeMap::from([(case.id, facts)]);
    let command = ReceptionCommand::ReceiveVisit { case: case.id, head_count: visit.head_count };
    let events = decide(&reception, &command, &circumstances.of_session(false, &facts))?;
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
    tables::lock(connection, id)?;
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

fn append(
    connection: &mut AnyConnection,
    circumstances: &Circumstances<'_>,
    (id, before): (ReceptionId, Option<&Reception>),
    events: &[ReceptionRecorded],
) -> Result<Reception, ServiceError> {
    let ids = &circumstances.app.ids;
    match reception_journal::append(connection, (id, before), events, &mut || ids.next_number()) {
        Err(error) if error.is_conflict_on(tables::MATTER_BOOKED) => {
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
