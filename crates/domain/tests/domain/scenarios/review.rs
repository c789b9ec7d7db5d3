//! Review and re-review (Art. 35, 36), and hearings.

use domain::access::Actor;
use domain::case::content::{AftercareKind, ClaimResult, DocumentKind, ReopeningGround, ReviewOutcome};
use domain::case::{Purpose, Status, Track};
use domain::deadline::ClockKind;
use domain::measure::{MeasureKind, MeasureState};
use domain::organisation::ReviewStage::{ReReview, Review};
use domain::refusal::{FieldCode, RefusalCode};
use strum::VariantArray;

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::{case_in, claim_in, delivered, in_place, issued, reviewed};
use crate::tale::{day, file, given};

#[test]
fn a_matter_upheld_twice_is_terminated_and_its_repeat_is_no_longer_accepted() {
    let tale = claim_in(Status::Executing)
        .when(Actor::Petitioner, request(Review))
        .at("2026-08-05")
        .then_status(Status::Reviewing);
    assert_eq!(tale.case.live_review().unwrap().organ, COUNTY_GOVERNMENT);
    let open = [ClockKind::Evaluation, ClockKind::Review, ClockKind::ReviewAdmission];
    assert_eq!(tale.open_clocks(), open);
    let tale = tale
        .when(REVIEWER, review(Review, ReviewOutcome::Uphold, &[]))
        .refused_under(RefusalCode::ReviewNotAdmitted, 35)
        .when(REVIEWER, admit(Review))
        .then_status(Status::Reviewing)
        .when(REVIEWER, review(Review, ReviewOutcome::Uphold, &[]))
        .then_status(Status::ReviewIssued)
        .when(Actor::Petitioner, request(ReReview))
        .refused_under(RefusalCode::NotYetDelivered, 36)
        .when(HANDLER, close())
        .refused_under(RefusalCode::NotYetDelivered, 36)
        .when(REVIEWER, deliver(DocumentKind::AcceptanceNotice, day("2026-08-05")))
        .refused_at("/document", FieldCode::WrongDocument)
        .when(REVIEWER, deliver(DocumentKind::ReviewOpinion, day("2026-08-05")))
        .then_status(Status::ReviewIssued);
    assert_eq!(tale.deadline(ClockKind::ReReviewRequest).due.nominal_due_on, day("2026-09-04"));

    let tale =
        tale.when(Actor::Petitioner, request(ReReview)).at("2026-08-20").then_status(Status::ReReviewing);
    assert_eq!(tale.case.live_review().unwrap().organ, REVIEW_COMMITTEE);
    let tale = tale
        .when(RE_REVIEWER, admit(ReReview))
        .done()
        .when(RE_REVIEWER, review(ReReview, ReviewOutcome::Uphold, &[]))
        .then_status(Status::ReReviewIssued)
        .when(RE_REVIEWER, deliver(DocumentKind::ReReviewOpinion, day("2026-08-20")))
        .then_status(Status::Terminated);
    assert_eq!(tale.case.aftercare_due, AftercareKind::VARIANTS);
    assert!(tale.open_clocks().is_empty());

    let mut tale = tale
        .when(VISITOR, aftercare(AftercareKind::Help, day("2026-08-01")))
        .refused_at("/done_on", FieldCode::BeforeCause);
    for kind in AftercareKind::VARIANTS {
        tale = tale.when(VISITOR, aftercare(*kind, day("2026-08-20"))).done();
    }
    assert!(tale.case.aftercare_due.is_empty());
    // Procedure is over; the four obligations are not.
    tale.when(DISPATCHER, reopen(ReopeningGround::NewFacts))
        .refused_under(RefusalCode::FileAsNewMatter, 36)
        .when(ARCHIVIST, archive())
        .refused(RefusalCode::MeasuresUnverified);
}

#[test]
fn the_confirmed_repeat_of_a_terminated_matter_is_never_accepted() {
    let repeat = case_in(Status::Transferred, Track::Claim).with_earlier(Status::Terminated, true);
    repeat
        .when(REGISTRAR, accept())
        .refused_under(RefusalCode::MatterTerminated, 36)
        .when(REGISTRAR, no_longer_accept())
        .then_status(Status::NoLongerAccepted);
    case_in(Status::Transferred, Track::Claim)
        .when(REGISTRAR, no_longer_accept())
        .refused_under(RefusalCode::NotARepeatOfTerminated, 36)
        .with_earlier(Status::InHandling, false)
        .when(REGISTRAR, accept())
        .refused_under(RefusalCode::SameMatterInProcess, 19)
        .with_earlier(Status::Closed, false)
        .when(REGISTRAR, accept())
        .then_status(Status::Accepted);
}

#[test]
fn a_remade_opinion_may_not_say_the_same_again() {
    let same = [ClaimResult::Support, ClaimResult::NotSupport];
    let tale = given(claim_in(Status::ReturnedForRework));
    assert_eq!(tale.deadline(ClockKind::Handling).due.nominal_due_on, day("2026-09-04"));
    assert!(tale.case.opinion().is_none());
    let today = tale.today;
    let tale = tale
        .when(REVIEWER, deliver(DocumentKind::ReviewOpinion, today))
        .then_status(Status::ReturnedForRework)
        .when(REGISTRAR, name_handlers(&[HANDLER]))
        .then_status(Status::InHandling)
        .when(HANDLER, draft("屋顶确有渗漏。", &same))
        .refused(RefusalCode::SameOpinionAgain)
        .when(HANDLER, draft("重新勘验，渗漏面积三平方米。", &[ClaimResult::Support; 2]))
        .then_status(Status::OpinionReview)
        .when(HEAD, issue())
        .done();
    // The new opinion has its own review, on the very day of the old one.
    let tale = delivered(tale).when(Actor::Petitioner, request(Review)).then_status(Status::Reviewing);
    reviewed(tale, ReviewOutcome::Uphold).must_be(Status::ReviewIssued);
}

#[test]
fn a_review_that_changes_the_answers_decides_what_is_to_be_done() {
    let changed = [ClaimResult::NotSupport, ClaimResult::Support];
    let tale = claim_in(Status::Reviewing).when(REVIEWER, admit(Review)).done();
    let today = tale.today;
    let tale = tale
        .when(REVIEWER, review(Review, ReviewOutcome::Change, &changed[..1]))
        .refused_at("/answers", FieldCode::ClaimUnanswered)
        .when(REVIEWER, review(Review, ReviewOutcome::Uphold, &changed))
        .refused_at("/answers", FieldCode::OutOfRange)
        .when(REVIEWER, review(Review, ReviewOutcome::Change, &changed))
        .then_status(Status::ReviewIssued)
        .when(REVIEWER, deliver(DocumentKind::ReviewOpinion, today))
        .done();
    assert_eq!(tale.case.claim(2).unwrap().answer.as_ref().unwrap().result, ClaimResult::Support);
    let tale = tale
        .when(OWNER, report(MeasureKind::Resolve, &[1], today))
        .refused_at("/evidence/actions/0/claim", FieldCode::UnknownClaim)
        .when(OWNER, report(MeasureKind::Resolve, &[2], today))
        .done();
    assert_eq!(tale.case.measure(MeasureKind::Resolve).unwrap().state, MeasureState::Reported);
}

#[test]
fn a_change_after_closure_unresolves_the_matter() {
    let tale = in_place(claim_in(Status::Executing)).when(HANDLER, close()).done();
    let tale = tale.when(Actor::Petitioner, request(Review)).then_status(Status::Reviewing);
    let tale = tale.when(REVIEWER, admit(Review)).done();
    let changed =
        tale.when(REVIEWER, review(Review, ReviewOutcome::Change, &[ClaimResult::Support; 2])).done();
    assert_eq!(changed.case.resolution.matter_resolved_on, None);
    assert_eq!(changed.case.measure(MeasureKind::Resolve).unwrap().state, MeasureState::Applies);
}

#[test]
fn a_request_comes_in_30_days_or_with_a_good_reason_and_once() {
    let tale = claim_in(Status::Executing);
    let strict = tale.clone().under(|rules| rules.late_review_with_reason = false);
    strict
        .on("2026-08-06")
        .when(Actor::Petitioner, request_late(Review))
        .refused_under(RefusalCode::ReviewRequestTooLate, 35);
    let tale = tale
        .on("2026-08-06")
        .when(Actor::Petitioner, request(Review))
        .refused_at("/late_reason", FieldCode::Required)
        .when(Actor::Petitioner, request_late(Review))
        .then_status(Status::Reviewing)
        .when(REVIEWER, do_not_admit(Review))
        .then_status(Status::Executing);
    // A request that was not admitted does not use the right up; a decision does, even after a closure.
    let tale = tale.when(Actor::Petitioner, request_late(Review)).then_status(Status::Reviewing);
    let tale = reviewed(tale, ReviewOutcome::Uphold);
    let today = tale.today;
    let tale = tale
        .when(REVIEWER, deliver(DocumentKind::ReviewOpinion, today))
        .done()
        .when(Actor::Petitioner, request(ReReview))
        .then_status(Status::ReReviewing)
        .when(RE_REVIEWER, do_not_admit(ReReview))
        .then_status(Status::ReviewIssued);
    in_place(tale)
        .when(HANDLER, close())
        .then_status(Status::Closed)
        .when(Actor::Petitioner, request_late(Review))
        .refused_under(RefusalCode::ReviewedAlready, 35);
}

#[test]
fn silence_ends_the_procedure_only_where_local_rules_say_so() {
    let silent = claim_in(Status::Delivered).on("2026-10-01");
    assert_eq!(silent.case.status, Status::Delivered);
    let lapsed = claim_in(Status::Delivered).under(|rules| rules.terminate_on_lapse = true).on("2026-08-05");
    let lapsed = lapsed.must_be(Status::Delivered).on("2026-08-06").must_be(Status::Terminated);
    let today = lapsed.today;
    let tale = lapsed.when(HANDLER, plan(MeasureKind::Educate, OWNER, today)).done();
    in_place(tale)
        .when(HANDLER, close())
        .then_status(Status::Closed)
        .when(Actor::Petitioner, request_late(Review))
        .refused_under(RefusalCode::MatterTerminated, 36);
}

#[test]
fn a_hearing_pauses_the_re_review_only() {
    let chair = RE_REVIEWER;
    let reviewing = claim_in(Status::Reviewing);
    let before = reviewing.deadline(ClockKind::Review).due.clone();
    let reviewing = reviewing.when(REVIEWER, convene(day("2026-07-13"), chair)).done();
    let reviewing = reviewing.when(REVIEWER, conclude_hearing(day("2026-07-14"))).at("2026-07-14").done();
    assert_eq!(reviewing.deadline(ClockKind::Review).due, before);
    let handled = claim_in(Status::InHandling);
    let before = handled.deadline(ClockKind::Handling).due.clone();
    let handled = handled.when(HANDLER, convene(day("2026-07-13"), HEAD)).done();
    let handled = handled.when(HANDLER, conclude_hearing(day("2026-07-14"))).at("2026-07-14").done();
    assert_eq!(handled.deadline(ClockKind::Handling).due, before);

    let tale = claim_in(Status::ReReviewing).when(RE_REVIEWER, admit(ReReview)).done();
    assert_eq!(tale.deadline(ClockKind::ReReview).due.nominal_due_on, day("2026-08-05"));
    let tale = tale
        .when(HANDLER, convene(day("2026-07-20"), chair))
        .refused_under(RefusalCode::NotYours, 36)
        .when(RE_REVIEWER, convene(day("2026-07-12"), chair))
        .refused_at("/held_on", FieldCode::OutOfRange)
        .when(RE_REVIEWER, convene(day("2026-07-20"), HANDLER))
        .refused_at("/chair", FieldCode::ChairIsHandler)
        .when(RE_REVIEWER, convene(day("2026-07-20"), chair))
        .at("2026-07-10")
        .done()
        .when(RE_REVIEWER, review(ReReview, ReviewOutcome::Uphold, &[]))
        .refused_under(RefusalCode::HearingOpen, 36)
        .on("2026-09-01");
    assert_eq!(tale.deadline(ClockKind::ReReview).told, None, "a clock that stands still tells nothing");
    let tale = tale.when(RE_REVIEWER, conclude_hearing(day("2026-07-22"))).done();
    // Twelve days are taken out: 10 to 22 July.
    assert_eq!(tale.deadline(ClockKind::ReReview).due.nominal_due_on, day("2026-08-17"));
}

#[test]
fn a_hearing_whose_chair_was_recused_is_convened_again() {
    let tale = claim_in(Status::ReReviewing).when(RE_REVIEWER, admit(ReReview)).done();
    let tale = tale
        .when(RE_REVIEWER, convene(day("2026-07-20"), EXAMINER))
        .at("2026-07-10")
        .done()
        .when(RE_REVIEWER, convene(day("2026-07-20"), HEAD))
        .refused_under(RefusalCode::HearingOpen, 31)
        .when(EXAMINER, recuse(EXAMINER))
        .done()
        .when(RE_REVIEWER, conclude_hearing(day("2026-07-20")))
        .at("2026-07-20")
        .refused_under(RefusalCode::ChairRecused, 28)
        .when(RE_REVIEWER, convene(day("2026-07-28"), EXAMINER))
        .refused_at("/chair", FieldCode::HasInterest)
        .when(RE_REVIEWER, convene(day("2026-07-28"), RE_REVIEWER))
        .done()
        .when(RE_REVIEWER, conclude_hearing(day("2026-07-28")))
        .at("2026-07-28")
        .done();
    // It has stood still from the first notice to the end of the second hearing.
    assert_eq!(tale.deadline(ClockKind::ReReview).pauses.len(), 1);
}

#[test]
fn a_hearing_does_not_bring_back_a_limit_that_has_passed() {
    let tale = claim_in(Status::ReReviewing).when(RE_REVIEWER, admit(ReReview)).done().on("2026-08-10");
    let tale = tale.when(RE_REVIEWER, convene(day("2026-08-20"), RE_REVIEWER)).done();
    let tale = tale.when(RE_REVIEWER, conclude_hearing(day("2026-08-20"))).at("2026-08-20").done();
    assert!(tale.deadline(ClockKind::ReReview).is_late(day("2026-08-20")));
}

#[test]
fn a_delivery_proves_the_right_document_and_not_before_it_was_made() {
    let tale = claim_in(Status::Registered).days_later(10);
    let early = tale.case.filed_on;
    let issued = issued_later();
    let today = issued.today;
    let mut refused = deliver(DocumentKind::HandlingOpinion, today);
    if let domain::case::Command::Deliver(delivery) = &mut refused {
        delivery.signed = false;
    }
    let issued = issued
        .when(REVIEWER, deliver(DocumentKind::HandlingOpinion, today))
        .refused_under(RefusalCode::NotYours, 35)
        .when(HANDLER, deliver(DocumentKind::HandlingOpinion, early))
        .refused_at("/delivered_on", FieldCode::BeforeCause)
        .when(HANDLER, deliver(DocumentKind::ReviewOpinion, today))
        .refused_at("/document", FieldCode::WrongDocument)
        .when(HANDLER, refused)
        .refused_at("/proof", FieldCode::Required)
        .when(HANDLER, deliver(DocumentKind::AcceptanceNotice, today))
        .then_status(Status::OpinionIssued);
    // The time to ask for review runs from the receipt, not from the day it was written down.
    let told = issued.days_later(3).when(HANDLER, deliver(DocumentKind::HandlingOpinion, today)).done();
    assert_eq!(told.deadline(ClockKind::ReviewRequest).started_on, today);
}

fn issued_later() -> crate::tale::Tale {
    let tale = claim_in(Status::InHandling).days_later(10);
    issued(tale, "屋顶确有渗漏。", &[ClaimResult::Support, ClaimResult::NotSupport])
}

#[test]
fn without_a_higher_organ_nobody_reviews() {
    let mut filing = petition(Purpose::Claim);
    (filing.received_by, filing.direct) = (COUNTY_LABOUR, true);
    let tale = file(CLERK, filing, "2026-07-06").unwrap();
    assert_eq!(tale.open_clocks(), [ClockKind::Notice]);
    let tale = tale.when(LABOUR_REGISTRAR, accept()).then_status(Status::Accepted);
    assert_eq!(DIRECTORY.review_authority(ELSEWHERE, Review), None);
    assert_eq!(tale.case.holder, COUNTY_LABOUR);
}
