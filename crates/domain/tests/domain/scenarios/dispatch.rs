//! From the register to the organ: transfer, objection, routes, repeats, the simple procedure.

use domain::case::content::PossibleRepeat;
use domain::case::{Command, Purpose, Route, Status, Urgency};
use domain::deadline::{ClockKind, DeadlineState};
use domain::id::{CaseId, PersonId};
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::claim_in;
use crate::tale::{Tale, day, file};

/// Transferred on the eve of the National Day holiday, whose Saturday 10 October is swapped in.
fn transferred_before_the_holiday() -> Tale {
    file(GRID_MEMBER, petition(Purpose::Claim), "2026-09-28")
        .unwrap()
        .when(DISPATCHER, transfer(COUNTY_HOUSING))
        .at("2026-09-30")
        .then_status(Status::Transferred)
}

#[test]
fn an_objection_is_open_for_five_working_days() {
    let tale = transferred_before_the_holiday();
    assert_eq!(tale.deadline(ClockKind::Objection).due.legal_due_on, day("2026-10-13"));
    tale.clone().when(REGISTRAR, object()).at("2026-10-13").then_status(Status::Objected);
    tale.when(REGISTRAR, object()).at("2026-10-14").refused_under(RefusalCode::ObjectionTooLate, 23);
}

#[test]
fn an_upheld_objection_brings_the_case_back_with_a_new_dispatch_clock() {
    let tale = transferred_before_the_holiday().when(REGISTRAR, object()).at("2026-10-09").done();
    let tale = tale
        .when(REGISTRAR, decide_objection(true))
        .refused_under(RefusalCode::NotYours, 23)
        .when(DISPATCHER, decide_objection(true))
        .at("2026-10-12")
        .then_status(Status::Screening);
    assert_eq!(tale.case.holder, COUNTY_PETITIONS);
    assert_eq!(tale.open_clocks(), [ClockKind::Dispatch, ClockKind::DispatchShare]);
    assert_eq!(tale.deadline(ClockKind::Dispatch).started_on, day("2026-10-12"));
    assert_eq!(tale.deadline(ClockKind::Notice).state, DeadlineState::Cancelled);
    let tale = tale.when(DISPATCHER, transfer(COUNTY_LABOUR)).then_status(Status::Transferred);
    assert_eq!(tale.case.holder, COUNTY_LABOUR);
}

#[test]
fn sending_a_transfer_back_keeps_the_report_that_an_earlier_assignment_asked_for() {
    let mut filing = petition(Purpose::Claim);
    filing.received_by = CITY_PETITIONS;
    let tale = file(CITY_DISPATCHER, filing, "2026-07-06")
        .unwrap()
        .when(CITY_DISPATCHER, assign_matter(COUNTY_PETITIONS, day("2026-09-30")))
        .done()
        .when(DISPATCHER, transfer(COUNTY_HOUSING))
        .done()
        .when(REGISTRAR, object())
        .done()
        .when(DISPATCHER, decide_objection(true))
        .then_status(Status::Screening);
    assert!(tale.open_clocks().contains(&ClockKind::AssignedFeedback));
}

#[test]
fn a_confirmed_repeat_is_not_confirmed_again() {
    claim_in(Status::Registered)
        .when(DISPATCHER, repeat_of(CaseId::new(1)))
        .done()
        .when(DISPATCHER, first_petition())
        .refused_under(RefusalCode::RepeatConfirmed, 19);
}

#[test]
fn a_rejected_objection_leaves_the_notice_running() {
    let tale = transferred_before_the_holiday().when(REGISTRAR, object()).at("2026-10-09").done();
    let tale = tale.when(DISPATCHER, decide_objection(false)).then_status(Status::PendingAcceptance);
    assert_eq!(tale.open_clocks(), [ClockKind::Notice]);
    assert_eq!(tale.deadline(ClockKind::Notice).started_on, day("2026-09-30"));
    tale.when(REGISTRAR, object())
        .refused(RefusalCode::StateForbids)
        .when(REGISTRAR, accept())
        .then_status(Status::Accepted);
}

#[test]
fn a_transfer_down_the_levels_starts_each_levels_own_clock() {
    let mut filing = petition(Purpose::Claim);
    filing.received_by = CITY_PETITIONS;
    let tale = file(CITY_DISPATCHER, filing, "2026-07-06").unwrap();
    let tale = tale
        .when(CITY_DISPATCHER, transfer(CITY_PETITIONS))
        .refused(RefusalCode::AlreadyThere)
        .when(CITY_DISPATCHER, transfer(COUNTY_PETITIONS))
        .at("2026-07-08")
        .then_status(Status::Transferred);
    let dispatch = tale.deadline(ClockKind::Dispatch);
    assert_eq!((dispatch.organisation, dispatch.started_on), (Some(COUNTY_PETITIONS), day("2026-07-08")));
    tale.when(DISPATCHER, accept())
        .refused(RefusalCode::NotYours)
        .when(CITY_DISPATCHER, transfer(COUNTY_LABOUR))
        .refused(RefusalCode::NotYours);
}

#[test]
fn an_assigned_matter_names_its_limit() {
    let screened = claim_in(Status::Screening);
    let today = screened.today;
    let mut without = assign_matter(COUNTY_HOUSING, today);
    if let Command::Dispatch(dispatch) = &mut without {
        dispatch.feedback_due_on = None;
    }
    let tale = screened
        .when(DISPATCHER, without)
        .refused_at("/feedback_due_on", FieldCode::Required)
        .when(DISPATCHER, assign_matter(COUNTY_HOUSING, today))
        .refused_at("/feedback_due_on", FieldCode::InPast)
        .when(DISPATCHER, assign_matter(COUNTY_HOUSING, day("2026-08-20")))
        .then_status(Status::Assigned);
    assert_eq!(tale.deadline(ClockKind::AssignedFeedback).due.nominal_due_on, day("2026-08-20"));
}

#[test]
fn another_route_of_law_ends_the_petition_procedure() {
    let tale = claim_in(Status::Transferred)
        .when(REGISTRAR, route_out(Route::PetitionProcedure))
        .refused_at("/route", FieldCode::OutOfRange)
        .when(REGISTRAR, route_out(Route::Arbitration))
        .then_status(Status::RoutedOut);
    assert!(tale.open_clocks().is_empty());
    assert_eq!(tale.deadline(ClockKind::Notice).state, DeadlineState::Met);
    claim_in(Status::Transferred).when(REGISTRAR, decline()).then_status(Status::NotAccepted);
}

#[test]
fn a_claim_gets_an_opinion_and_not_a_direct_reply() {
    let answer = Command::DirectReply(reply());
    claim_in(Status::Registered)
        .when(DISPATCHER, answer.clone())
        .refused_under(RefusalCode::ClaimNeedsOpinion, 31);
    file(GRID_MEMBER, petition(Purpose::Enquiry), "2026-07-06")
        .unwrap()
        .when(DISPATCHER, answer)
        .then_status(Status::DirectReply);
}

#[test]
fn a_petition_department_routes_and_does_not_handle() {
    let all_duties = domain::access::Actor::Staff(newcomer(
        domain::access::Role::Official,
        COUNTY_PETITIONS,
        Some(COUNTY),
    ));
    claim_in(Status::Screening)
        .when(all_duties, accept())
        .refused_under(RefusalCode::PetitionDepartmentRoutes, 14);
}

#[test]
fn a_possible_repeat_of_a_terminated_matter_is_looked_at_by_a_person_first() {
    let earlier = CaseId::new(6_000_000);
    let mut filing = petition(Purpose::Claim);
    filing.possible_repeats = vec![PossibleRepeat {
        case: earlier,
        case_no: "340121-2025-000009".into(),
        status: Status::Terminated,
        terminated: true,
    }];
    let tale = file(GRID_MEMBER, filing, "2026-07-06").unwrap();
    let tale = tale.when(DISPATCHER, transfer(COUNTY_HOUSING)).done();
    let tale = tale.when(REGISTRAR, accept()).refused_under(RefusalCode::RepeatCheckMissing, 36);
    tale.clone()
        .when(REGISTRAR, first_petition())
        .done()
        .when(REGISTRAR, accept())
        .then_status(Status::Accepted);
    let confirmed = Command::ConfirmRepeat(domain::case::content::RepeatCheck {
        repeat_of: Some(earlier),
        reason: remark("同一事实和理由"),
    });
    tale.when(REGISTRAR, confirmed)
        .then_status(Status::Transferred)
        .with_earlier(Status::Terminated, true)
        .when(REGISTRAR, accept())
        .refused_under(RefusalCode::MatterTerminated, 36);
}

#[test]
fn the_simple_procedure_has_its_own_working_days_and_its_exceptions() {
    let tale = claim_in(Status::Screening).when(DISPATCHER, simply_transfer(COUNTY_HOUSING)).done();
    assert_eq!(tale.deadline(ClockKind::SimpleDecision).due.nominal_due_on, day("2026-07-09"));
    let tale = tale.when(REGISTRAR, accept_simply()).then_status(Status::Accepted);
    assert_eq!(tale.deadline(ClockKind::SimpleOpinion).due.nominal_due_on, day("2026-07-20"));
    assert!(tale.open_clocks().contains(&ClockKind::Handling), "the law's 60 days run beside it");

    claim_in(Status::Assigned).when(REGISTRAR, accept_simply()).refused(RefusalCode::NotSimple);
    for change in [
        |filing: &mut domain::case::content::Filing| filing.urgency = Urgency::GraveUrgent,
        |filing: &mut domain::case::content::Filing| filing.head_count = 5,
        |filing: &mut domain::case::content::Filing| filing.joint_letter = true,
    ] {
        let mut filing = petition(Purpose::Claim);
        change(&mut filing);
        let tale = file(GRID_MEMBER, filing, "2026-07-06").unwrap();
        tale.when(DISPATCHER, simply_transfer(COUNTY_HOUSING)).refused(RefusalCode::NotSimple);
    }
}

#[test]
fn three_hundred_people_have_at_most_five_representatives() {
    let people = |count: i64| (0..count).map(PersonId::new).collect::<Vec<_>>();
    let mut filing = petition(Purpose::Claim);
    (filing.head_count, filing.petitioners, filing.representatives) = (300, vec![], people(5));
    assert!(file(GRID_MEMBER, filing.clone(), "2026-07-06").is_ok());
    filing.representatives = people(300);
    let refusal = file(GRID_MEMBER, filing, "2026-07-06").err().unwrap();
    assert_eq!(refusal.fields[0].code, FieldCode::TooManyRepresentatives);
    assert_eq!(refusal.article.unwrap().0, 20);
}

#[test]
fn a_filing_says_everything_that_is_wrong_at_once() {
    let mut filing = petition(Purpose::Claim);
    filing.occurred_on = Some(day("1948-01-01"));
    filing.head_count = 0;
    filing.petitioners.clear();
    filing.received_by = domain::id::OrganisationId::new(77);
    let refusal = file(GRID_MEMBER, filing, "2026-07-06").err().unwrap();
    let pointers: Vec<_> = refusal.fields.iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(pointers, ["/head_count", "/petitioners", "/occurred_on", "/received_by"]);
}
