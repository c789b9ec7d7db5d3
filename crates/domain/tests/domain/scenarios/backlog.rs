//! Backlog (`domain.md` §3.3): proposed by rules, listed by people, struck off by the level above.

use chrono::Days;
use domain::access::{Actor, Role, Staff};
use domain::case::backlog::BacklogStage;
use domain::case::content::{
    BacklogGround as Ground, BacklogListing, BacklogProgress as Progress, BacklogResolution as Resolution,
    Satisfaction,
};
use domain::case::{Command, Purpose, Status};
use domain::deadline::{ClockKind, DeadlineState};
use domain::id::{CaseId, UserId};
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::{claim_in, delivered, in_place};
use crate::tale::{Tale, file};

fn listed(status: Status) -> Tale {
    let tale = claim_in(status);
    let target = tale.today + Days::new(200);
    tale.when(DISPATCHER, list_as_backlog(COUNTY_HOUSING, &[Ground::JointConference], target)).done()
}

fn repeated(tale: Tale, times: i64) -> Tale {
    (0..times).fold(tale, |tale, number| {
        tale.when(Actor::System, Command::NoteRepeat(CaseId::new(8_000_000 + number))).done()
    })
}

/// Of the city's petition department, which is above the county's.
fn above() -> Actor {
    let staff = newcomer(Role::Reviewer, CITY_PETITIONS, Some(CITY));
    Actor::Staff(Staff { user: UserId::new(930), ..staff })
}

#[test]
fn rules_propose_by_age_by_repeats_and_after_re_review() {
    let tale = claim_in(Status::InHandling);
    let grounds = |tale: &Tale| tale.case.backlog_grounds(tale.today, &tale.rules);
    let filed_on = tale.case.filed_on;
    let mut young = tale.clone();
    young.today = filed_on + Days::new(364);
    assert_eq!(grounds(&young), []);
    young.today = filed_on + Days::new(365);
    assert_eq!(grounds(&young), [Ground::Age]);
    let shorter = young.under(|rules| rules.backlog_age_days = 400);
    assert_eq!(grounds(&shorter), []);

    let twice = repeated(tale, 2);
    assert_eq!(grounds(&twice), []);
    assert_eq!(grounds(&repeated(twice, 1)), [Ground::Repeats]);
    let ended = claim_in(Status::Terminated);
    assert_eq!(grounds(&ended), []);
    let mut again = repeated(ended, 1);
    assert_eq!(grounds(&again), [Ground::AfterReReview]);
    again.today = again.today + Days::new(800);
    assert_eq!(grounds(&again), [Ground::AfterReReview], "what has ended grows no older");
}

#[test]
fn a_backlog_case_is_listed_worked_through_inspected_and_struck_off() {
    let tale = in_place(delivered(listed(Status::OpinionIssued)));
    let clock = tale.deadline(ClockKind::BacklogReport).clone();
    assert_eq!((clock.organisation, clock.length), (Some(COUNTY_HOUSING), 30));
    let today = tale.today;
    let tale = tale
        .when(HEAD, report_backlog(Progress::ContinuedWatching))
        .done()
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today))
        .refused_under(RefusalCode::BacklogNotReportedResolved, 38)
        .days_later(40);
    assert_eq!(tale.case.supervision_proposals[0].clock, ClockKind::BacklogReport);
    let today = tale.today;
    let tale = tale
        .when(HANDLER, report_backlog(Progress::Resolved))
        .refused_under(RefusalCode::NotYours, 38)
        .when(HEAD, report_backlog(Progress::Resolved))
        .done()
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today))
        .refused_at("/resolution", FieldCode::NotSoResolved)
        .when(HANDLER, close())
        .done()
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today))
        // The matter is done; the petitioner has not said that it is settled.
        .refused_at("/resolution", FieldCode::NotSoResolved)
        .when(VISITOR, visit(today, Satisfaction::Satisfied))
        .done()
        .when(VERIFIER, inspect(Some(Resolution::LawfulFinality), today))
        .refused_at("/resolution", FieldCode::NotSoResolved)
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today + Days::new(1)))
        .refused_at("/inspected_on", FieldCode::InFuture)
        .when(VERIFIER, inspect(None, today))
        .done();
    assert_eq!(tale.case.current_backlog().unwrap().stage, BacklogStage::Listed, "it did not pass");
    assert!(tale.deadline(ClockKind::BacklogReport).is_running());
    let tale = tale
        .when(above(), strike_off(true))
        .refused_under(RefusalCode::BacklogNotInspected, 38)
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today))
        .refused_under(RefusalCode::BacklogNotReportedResolved, 38)
        .when(HEAD, report_backlog(Progress::Resolved))
        .done()
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today))
        .done();
    assert_eq!(tale.deadline(ClockKind::BacklogReport).state, DeadlineState::Cancelled);
    let tale = tale
        .when(HEAD, report_backlog(Progress::Resolved))
        .refused(RefusalCode::NotYours)
        .when(ARCHIVIST, archive())
        .refused_under(RefusalCode::BacklogOpen, 38)
        .when(above(), strike_off(true))
        .refused_at("/agreed", FieldCode::NotQuietYet)
        .days_later(179)
        .when(above(), strike_off(true))
        .refused_at("/agreed", FieldCode::NotQuietYet)
        .days_later(1)
        .when(VERIFIER, strike_off(true))
        .refused_under(RefusalCode::NotYours, 38)
        .when(above(), strike_off(false))
        .done();
    assert_eq!(tale.case.current_backlog().unwrap().stage, BacklogStage::Listed);
    assert!(tale.deadline(ClockKind::BacklogReport).is_running(), "the organ goes on");
    let today = tale.today;
    let tale = tale
        .when(HEAD, report_backlog(Progress::Resolved))
        .done()
        .when(VERIFIER, inspect(Some(Resolution::PetitionCeased), today))
        .done();
    let unsettled = tale
        .clone()
        .days_later(90)
        .when(VISITOR, visit(today + Days::new(90), Satisfaction::NotSatisfied))
        .done();
    let unsettled = unsettled.days_later(90);
    unsettled.when(above(), strike_off(true)).refused_at("/agreed", FieldCode::NotSoResolved);
    let tale = tale.days_later(180).when(above(), strike_off(true)).done();
    assert_eq!(tale.case.current_backlog().unwrap().stage, BacklogStage::StruckOff);
    let tale = repeated(tale, 1);
    let backlog = tale.case.current_backlog().unwrap();
    assert_eq!((backlog.stage, backlog.relapsed_by), (BacklogStage::Relapsed, Some(CaseId::new(8_000_000))));
    let target = tale.today + Days::new(100);
    let again =
        tale.when(DISPATCHER, list_as_backlog(COUNTY_HOUSING, &[Ground::JointConference], target)).done();
    assert_eq!(
        (again.case.backlog.len(), again.case.current_backlog().unwrap().stage),
        (2, BacklogStage::Listed)
    );
}

#[test]
fn what_is_listed_has_grounds_that_hold_and_an_organ_that_answers() {
    let tale = claim_in(Status::InHandling);
    let target = tale.today + Days::new(200);
    let list = |grounds: &[Ground]| list_as_backlog(COUNTY_HOUSING, grounds, target);
    let but = |change: &dyn Fn(&mut BacklogListing)| {
        let Command::ListAsBacklog(mut listing) = list(&[Ground::JointConference]) else { unreachable!() };
        change(&mut listing);
        Command::ListAsBacklog(listing)
    };
    let tale = tale
        .when(HANDLER, list(&[Ground::JointConference]))
        .refused_under(RefusalCode::NotYours, 38)
        .when(DISPATCHER, list(&[]))
        .refused_at("/grounds", FieldCode::Required)
        .when(DISPATCHER, list(&[Ground::JointConference, Ground::JointConference]))
        .refused_at("/grounds", FieldCode::Duplicate)
        .when(DISPATCHER, list(&[Ground::JointConference, Ground::Age]))
        .refused_at("/grounds", FieldCode::GroundDoesNotHold)
        .when(DISPATCHER, but(&|listing| listing.decision_no = None))
        .refused_at("/decision_no", FieldCode::Required)
        .when(DISPATCHER, but(&|listing| listing.organ = CITY_HOUSING))
        .refused_at("/organ", FieldCode::NoPartInTheCase)
        .when(DISPATCHER, but(&|listing| listing.target_on = target + Days::new(800)))
        .refused_at("/target_on", FieldCode::OutOfRange)
        .when(HEAD, report_backlog(Progress::Unresolved))
        .refused_under(RefusalCode::NotYours, 38)
        .when(VERIFIER, strike_off(true))
        .refused_under(RefusalCode::NotYours, 38)
        .when(above(), strike_off(true))
        .refused_under(RefusalCode::NotOnTheBacklog, 38)
        .when(SUPERVISOR, list(&[Ground::JointConference]))
        .done();
    tale.when(DISPATCHER, list(&[Ground::JointConference])).refused_under(RefusalCode::BacklogOpen, 38);
    let suggestion = file(CLERK, petition(Purpose::Suggestion), "2026-07-06").unwrap();
    suggestion.when(DISPATCHER, list(&[Ground::JointConference])).refused(RefusalCode::WrongTrack);
}

/// Whoever had a part, or is of the organ, does not inspect; whoever inspected does not strike off, nor does the same level.
#[test]
fn nobody_strikes_off_their_own_work() {
    let reported = listed(Status::InHandling).when(HEAD, report_backlog(Progress::Resolved)).done();
    let today = reported.today;
    let reported = reported.when(REGISTRAR, withdraw(today)).then_status(Status::Withdrawn);
    let passed = inspect(Some(Resolution::PetitionCeased), today);
    let handler =
        Actor::Staff(Staff { user: HANDLER, ..newcomer(Role::Reviewer, COUNTY_PETITIONS, Some(COUNTY)) });
    let inspected = reported
        .when(handler.clone(), passed.clone())
        .refused_under(RefusalCode::VerifierTookPart, 28)
        .when(VERIFIER_OF_THE_OWNERS_UNIT, passed.clone())
        .refused_under(RefusalCode::InspectsOwnOrgan, 38)
        .when(above(), passed.clone())
        .refused_under(RefusalCode::NobodyAbove, 38)
        .when(VERIFIER, passed)
        .done()
        .days_later(180);
    let level = Actor::Staff(newcomer(Role::Reviewer, COUNTY_GOVERNMENT, Some(COUNTY)));
    let promoted =
        |user| Actor::Staff(Staff { user, ..newcomer(Role::Reviewer, CITY_PETITIONS, Some(CITY)) });
    inspected
        .when(level, strike_off(true))
        .refused_under(RefusalCode::NotOfTheHigherLevel, 38)
        .when(promoted(HANDLER), strike_off(true))
        .refused_under(RefusalCode::VerifierTookPart, 28)
        .when(promoted(VERIFIER), strike_off(true))
        .refused_under(RefusalCode::VerifierTookPart, 28)
        .when(above(), strike_off(true))
        .done();
}

/// Where nobody is left who answers for it, a listed case is listed for another organ.
#[test]
fn a_listed_case_whose_organ_has_nobody_is_listed_for_another() {
    let tale = listed(Status::InHandling);
    let target = tale.today + Days::new(100);
    let other = list_as_backlog(COUNTY_PETITIONS, &[Ground::JointConference], target);
    let alone = tale
        .when(DISPATCHER, other.clone())
        .refused_under(RefusalCode::BacklogOpen, 38)
        .when(HEAD, recuse(HEAD))
        .done();
    let again = alone.when(DISPATCHER, other).done();
    assert_eq!(again.case.backlog_organ(), Some(COUNTY_PETITIONS));
    let clocks: Vec<_> = again
        .case
        .deadlines
        .iter()
        .filter(|it| it.kind == ClockKind::BacklogReport)
        .map(|it| it.state)
        .collect();
    assert_eq!(clocks, [DeadlineState::Cancelled, DeadlineState::Running]);
}
