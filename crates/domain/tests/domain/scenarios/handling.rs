//! Handling: extension, mediation, a change of handlers.

use domain::case::Status;
use domain::case::content::ClaimResult;
use domain::deadline::{Alarm, ClockKind, DeadlineState};
use domain::id::UserId;
use domain::measure::{MeasureKind, MeasureState};
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::{claim_in, delivered, in_place, issued};
use crate::tale::{day, given};

#[test]
fn handling_is_extended_once_by_at_most_30_days_and_never_beyond_90() {
    // Accepted on 6 July: the 60 days end on 4 September.
    let tale = given(claim_in(Status::InHandling))
        .when(HEAD, decide_extension(true))
        .refused(RefusalCode::NoExtensionRequested)
        .when(HANDLER, ask_for_days(31))
        .refused_at("/days", FieldCode::OutOfRange)
        .when(HANDLER, ask_for_days(30))
        .at("2026-09-01")
        .then_status(Status::InHandling)
        .when(HANDLER, ask_for_days(10))
        .refused_under(RefusalCode::AlreadyExtended, 34)
        .when(HEAD, decide_extension(true))
        .then_status(Status::InHandling);
    assert_eq!(tale.open_clocks(), [ClockKind::Extension]);
    assert_eq!(tale.deadline(ClockKind::Handling).state, DeadlineState::Cancelled);
    let extended = tale.deadline(ClockKind::Extension);
    assert_eq!(extended.due.nominal_due_on, day("2026-10-04"));
    assert_eq!((extended.due.nominal_due_on - day("2026-07-06")).num_days(), 90);
    // The last day is in the National Day holiday, so in law it is the first working day after it.
    assert_eq!(extended.due.legal_due_on, day("2026-10-08"));
    tale.when(HANDLER, ask_for_days(1)).refused_under(RefusalCode::AlreadyExtended, 34);
}

#[test]
fn an_extension_comes_before_the_limit_and_a_refused_one_may_be_asked_for_again() {
    let tale = claim_in(Status::InHandling)
        .when(HANDLER, ask_for_days(10))
        .done()
        .when(HEAD, decide_extension(false))
        .done();
    assert_eq!(tale.open_clocks(), [ClockKind::Handling]);
    let asked = tale.when(HANDLER, ask_for_days(20)).at("2026-09-04").done();
    asked
        .on("2026-09-05")
        .when(HEAD, decide_extension(true))
        .refused_at("/approved", FieldCode::InPast)
        .when(HEAD, decide_extension(false))
        .done()
        .when(HANDLER, ask_for_days(20))
        .refused_under(RefusalCode::HandlingLimitPassed, 34);
}

#[test]
fn each_alarm_is_told_once_in_its_order() {
    let tale = claim_in(Status::InHandling).on("2026-08-19");
    assert_eq!(tale.count("deadline_told"), 0);
    let tale = tale.on("2026-08-20").swept().swept();
    assert_eq!(tale.deadline(ClockKind::Handling).told, Some(Alarm::DueSoon));
    assert_eq!(tale.count("deadline_told"), 1);
    let tale = tale.on("2026-11-01").swept();
    assert_eq!(tale.deadline(ClockKind::Handling).told, Some(Alarm::Overdue));
    assert_eq!(tale.count("deadline_told"), 3);
    assert!(tale.deadline(ClockKind::Handling).is_running(), "an organ's duty does not lapse");
}

#[test]
fn a_mediation_that_settles_every_claim_ends_the_handling() {
    let tale = claim_in(Status::Mediating);
    let today = tale.today;
    let tale = tale.when(HANDLER, end_mediation(&[1, 2], today)).then_status(Status::Executing);
    assert_eq!(tale.open_clocks(), [ClockKind::Evaluation]);
    let resolve = tale.when(OWNER, report(MeasureKind::Resolve, &[1], today));
    let tale = resolve.refused_at("/evidence/actions", FieldCode::ClaimUnanswered);
    let mut tale = tale
        .when(OWNER, report(MeasureKind::Resolve, &[1, 2], today))
        .done()
        .when(VERIFIER, verify(MeasureKind::Resolve, true))
        .done();
    for kind in [MeasureKind::Educate, MeasureKind::Assist, MeasureKind::LawfulHandling] {
        tale = tale.when(OWNER, report(kind, &[], today)).done().when(VERIFIER, verify(kind, true)).done();
    }
    tale.when(HANDLER, close()).then_status(Status::Closed);
}

#[test]
fn a_mediation_that_settles_some_or_nothing_leaves_the_rest_to_the_opinion() {
    let tale = claim_in(Status::Mediating);
    let today = tale.today;
    let tale = tale
        .when(HANDLER, end_mediation(&[3], today))
        .refused_at("/agreement/claims/0", FieldCode::UnknownClaim)
        .when(HANDLER, end_mediation(&[], today))
        .then_status(Status::InHandling)
        .when(HANDLER, mediate())
        .then_status(Status::Mediating)
        .when(HANDLER, end_mediation(&[1], today))
        .then_status(Status::InHandling);
    assert_eq!(tale.open_clocks(), [ClockKind::Handling]);
    let mut opinion = draft("屋顶由调解解决。", &[ClaimResult::NotSupport]);
    if let domain::case::Command::DraftOpinion(draft) = &mut opinion {
        draft.answers[0].claim = 2;
    }
    let tale = tale.when(HANDLER, opinion).done().when(HEAD, issue()).done();
    let tale = delivered(tale).must_be(Status::Executing);
    in_place(tale).when(HANDLER, close()).then_status(Status::Closed);
}

#[test]
fn consent_of_both_sides_comes_first() {
    let mut one_sided = mediate();
    if let domain::case::Command::StartMediation(mediation) = &mut one_sided {
        mediation.other_party_consents = false;
    }
    claim_in(Status::InHandling)
        .when(HANDLER, one_sided)
        .refused_at("/other_party_consents", FieldCode::ConsentMissing);
}

#[test]
fn a_handler_who_leaves_is_replaced_in_any_later_state() {
    let colleague = UserId::new(12);
    let tale = claim_in(Status::Executing)
        .when(REGISTRAR, name_handlers(&[UserId::new(16)]))
        .refused_at("/handlers/0/user", FieldCode::NotOfTheHolder)
        .when(REGISTRAR, name_handlers(&[colleague]))
        .then_status(Status::Executing);
    in_place_by(tale, colleague);
}

fn in_place_by(tale: crate::tale::Tale, handler: UserId) {
    let tale = in_place(tale).when(HANDLER, close()).refused(RefusalCode::NotYours);
    tale.when(handler, close()).then_status(Status::Closed);
}

#[test]
fn a_new_finding_opens_a_verified_measure_again() {
    let tale = claim_in(Status::InHandling);
    let today = tale.today;
    let tale = tale
        .when(OWNER, report(MeasureKind::Educate, &[], today))
        .done()
        .when(VERIFIER, verify(MeasureKind::Educate, true))
        .done();
    assert_eq!(tale.case.measure(MeasureKind::Educate).unwrap().state, MeasureState::Verified);
    let both = [domain::measure::Reasonableness::Unreasonable; 2];
    let tale = tale.when(HANDLER, find(&both, today, true, true)).done();
    assert_eq!(tale.case.measure(MeasureKind::Educate).unwrap().state, MeasureState::Applies);
    issued(tale, "均无依据。", &[ClaimResult::NotSupport; 2]);
}
