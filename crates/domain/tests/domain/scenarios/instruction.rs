//! Leaders' instructions (Art. 18; `domain.md` §4): from the paper to the visit back.

use chrono::Days;
use domain::access::{Actor, Role, Scope, Staff};
use domain::case::content::{Instruction, InstructionDecision, Satisfaction};
use domain::case::instruction::InstructionState;
use domain::case::{Command, Purpose, Status};
use domain::deadline::{ClockKind, DeadlineState};
use domain::id::UserId;
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::claim_in;
use crate::tale::{Tale, day, file};

fn instructed() -> Tale {
    let tale = claim_in(Status::InHandling);
    let due = tale.today + Days::new(10);
    tale.when(LEADER, instruct(LEADER, COUNTY_HOUSING, due)).done()
}

#[test]
fn what_a_leader_orders_is_followed_to_the_visit_back() {
    let tale = instructed();
    let clock = tale.deadline(ClockKind::InstructionReport).clone();
    assert_eq!((clock.organisation, clock.length), (Some(COUNTY_HOUSING), 10));
    assert_eq!(tale.case.instructions[0].deadline, Some(clock.no));
    let again = tale.today + Days::new(30);
    let tale = tale
        .when(LEADER, return_instruction(1, again))
        .refused_at("/accepted", FieldCode::NothingReported)
        .when(HANDLER, report_instruction(1))
        .refused_under(RefusalCode::NotYours, 18)
        .when(HEAD, report_instruction(2))
        .refused_under(RefusalCode::NotInstructed, 18)
        .days_later(12)
        .when(HEAD, report_instruction(1))
        .done();
    assert!(tale.case.deadlines[usize::from(clock.no) - 1].is_late(tale.today));
    assert_eq!(tale.case.supervision_proposals[0].clock, ClockKind::InstructionReport);
    let Command::DecideInstruction(no, decision) = return_instruction(1, again) else { unreachable!() };
    let without = Command::DecideInstruction(no, InstructionDecision { report_due_on: None, ..decision });
    let tale = tale
        .when(HEAD, report_instruction(1))
        .refused_under(RefusalCode::InstructionReported, 18)
        .when(LEADER, without)
        .refused_at("/report_due_on", FieldCode::Required)
        .when(LEADER, return_instruction(1, again))
        .done()
        .when(HEAD, report_instruction(1))
        .done()
        .when(LEADER, accept_instruction(1))
        .done();
    let given = tale.case.instruction(1).unwrap();
    assert_eq!((given.state, given.rounds.len()), (InstructionState::AwaitingVisitBack, 2));
    let (yesterday, today) = (tale.today - Days::new(1), tale.today);
    let tale = tale
        .when(LEADER, return_instruction(1, again))
        .refused_under(RefusalCode::InstructionDecided, 18)
        .when(VISITOR, visit(yesterday, Satisfaction::Satisfied))
        .done();
    assert!(
        tale.case.instruction(1).unwrap().is_open(),
        "a visit before the report was accepted says nothing of it"
    );
    let tale = tale.when(VISITOR, visit(today, Satisfaction::NotSatisfied)).done();
    let given = tale.case.instruction(1).unwrap();
    assert_eq!((given.state, given.visited_back_on), (InstructionState::CarriedOut, Some(today)));
    tale.when(DISPATCHER, accept_instruction(1)).refused(RefusalCode::InstructionDecided);
}

#[test]
fn several_leaders_instruct_at_once_and_each_report_ends_its_own_clock() {
    let tale = instructed();
    let due = tale.today + Days::new(20);
    let tale = tale.when(LEADER_OF_HOUSING, instruct(LEADER_OF_HOUSING, COUNTY_HOUSING, due)).done();
    let [first, second] = [0, 1].map(|place: usize| tale.case.instructions[place].deadline.unwrap());
    let tale = tale.when(HEAD, report_instruction(2)).done();
    let state = |no: u16| tale.case.deadlines[usize::from(no) - 1].state;
    assert_eq!((state(first), state(second)), (DeadlineState::Running, DeadlineState::Met));
    tale.when(LEADER, accept_instruction(2))
        .refused_under(RefusalCode::NotYours, 18)
        .when(LEADER_OF_HOUSING, accept_instruction(2))
        .done();
}

#[test]
fn a_leader_who_may_know_of_the_case_instructs_an_organ_of_it_or_of_their_place() {
    let tale = claim_in(Status::InHandling);
    let due = tale.today + Days::new(10);
    let order = |leader, to| instruct(leader, to, due);
    let but = |change: &dyn Fn(&mut Instruction)| {
        let Command::GiveInstruction(mut given) = order(LEADER, COUNTY_HOUSING) else { unreachable!() };
        change(&mut given);
        Command::GiveInstruction(given)
    };
    let tale = tale
        .when(HANDLER, order(LEADER, COUNTY_HOUSING))
        .refused_under(RefusalCode::NotYours, 18)
        .when(LEADER, order(LEADER_OF_HOUSING, COUNTY_HOUSING))
        .refused_at("/leader", FieldCode::NotYourInstruction)
        .when(DISPATCHER, order(HANDLER, COUNTY_HOUSING))
        .refused_at("/leader", FieldCode::NotALeadingCadre)
        .when(LEADER, order(LEADER, COUNTY_LABOUR))
        .refused_at("/to", FieldCode::NobodyThere)
        .when(LEADER, order(LEADER, ELSEWHERE))
        .refused_at("/to", FieldCode::NoPartInTheCase)
        .when(LEADER_OF_HOUSING, order(LEADER_OF_HOUSING, CITY_PETITIONS))
        .refused_at("/to", FieldCode::NoPartInTheCase)
        .when(LEADER, but(&|given| given.report_due_on = day("2026-01-01")))
        .refused_at("/report_due_on", FieldCode::InPast)
        .when(LEADER, but(&|given| given.report_due_on = day("2028-01-01")))
        .refused_at("/report_due_on", FieldCode::OutOfRange);
    // The county's petition department has no part beyond the register, and is of the leader's county.
    let tale = tale.when(DISPATCHER, order(LEADER, COUNTY_PETITIONS)).done();
    // It answers for its own work, and does not accept that for the leader.
    let dispatcher = UserId::new(7);
    tale.when(DISPATCHER, report_instruction(1))
        .done()
        .when(DISPATCHER, accept_instruction(1))
        .refused_under(RefusalCode::AcceptsOwnReport, 18)
        .when(dispatcher, accept_instruction(1))
        .refused_under(RefusalCode::NotYours, 18)
        .when(LEADER, accept_instruction(1))
        .done();

    let mut anonymous = petition(Purpose::Claim);
    anonymous.anonymous = true;
    anonymous.petitioners.clear();
    let unnamed = file(CLERK, anonymous, "2026-07-06").unwrap();
    unnamed
        .when(DISPATCHER, order(LEADER, COUNTY_PETITIONS))
        .refused_at("/visit_back", FieldCode::AnonymousMismatch);
    let accusation = file(ACCUSATION_OFFICER, petition(Purpose::Accusation), "2026-07-06").unwrap();
    accusation.when(LEADER, order(LEADER, COUNTY_PETITIONS)).refused(RefusalCode::WrongTrack);
}

/// Whoever has instructed is no judge of what came of it, knows of it until it is carried out, and keeps it from the archive till then.
#[test]
fn a_leader_who_instructs_has_a_part_until_it_is_carried_out() {
    let tale = instructed();
    let moved = Staff { user: LEADER, ..newcomer(Role::Official, ELSEWHERE, None) };
    assert!(Scope::of(&moved, &DIRECTORY).allows(&tale.case));
    let verifies = Staff { user: LEADER, ..newcomer(Role::Reviewer, CITY_PETITIONS, Some(CITY)) };
    let due = tale.today + Days::new(9);
    let tale = tale
        .when(Actor::Staff(verifies), order_supervision(COUNTY_HOUSING, due))
        .refused_under(RefusalCode::SupervisorTookPart, 28);
    let today = tale.today;
    let withdrawn = tale.when(REGISTRAR, withdraw(today)).then_status(Status::Withdrawn);
    assert!(withdrawn.deadline(ClockKind::InstructionReport).is_running());
    let reported = withdrawn.when(HEAD, report_instruction(1)).done();
    let accepted = reported
        .when(ARCHIVIST, archive())
        .refused_under(RefusalCode::InstructionOpen, 18)
        .when(DISPATCHER, accept_instruction(1))
        .done()
        .when(VISITOR, visit(today, Satisfaction::Satisfied))
        .done();
    assert!(!Scope::of(&moved, &DIRECTORY).allows(&accepted.case));
    accepted.when(ARCHIVIST, archive()).then_status(Status::Archived);
}

/// Whoever instructs does not report on it, nor does a lower leader instruct a higher organ; what nobody can report on any more is ended.
#[test]
fn an_instruction_is_reported_on_by_somebody_else_or_ended() {
    let tale = instructed();
    let heads = Staff { user: LEADER, ..newcomer(Role::Official, COUNTY_HOUSING, None) };
    let tale = tale
        .when(Actor::Staff(heads), report_instruction(1))
        .refused_under(RefusalCode::AcceptsOwnReport, 18)
        .when(HEAD, recuse(HEAD))
        .done()
        .when(LEADER, accept_instruction(1))
        .done();
    let given = tale.case.instruction(1).unwrap();
    assert_eq!((given.state, given.is_open()), (InstructionState::EndedUnreported, false));
    assert_eq!(tale.deadline(ClockKind::InstructionReport).state, DeadlineState::Cancelled);

    let of_the_city =
        domain::case::content::Filing { received_by: CITY_PETITIONS, ..petition(Purpose::Claim) };
    let filed = file(CITY_DISPATCHER, of_the_city, "2026-07-06").unwrap();
    let passed_on = filed.when(CITY_DISPATCHER, transfer(COUNTY_PETITIONS)).done();
    let due = passed_on.today + Days::new(10);
    passed_on
        .when(LEADER, instruct(LEADER, CITY_PETITIONS, due))
        .refused_at("/to", FieldCode::OfAHigherLevel);
}
