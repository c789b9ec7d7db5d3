//! Nobody signs, verifies, approves or reviews what they did themselves.

use domain::access::{Actor, Staff};
use domain::case::Status;
use domain::case::content::{ClaimResult, DocumentKind, ReviewOutcome, Satisfaction};
use domain::measure::MeasureKind;
use domain::organisation::ReviewStage::{ReReview, Review};
use domain::refusal::RefusalCode;

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::claim_in;

/// The user, as they would be after moving to another organ with every duty.
fn moved(user: domain::id::UserId, to: domain::id::OrganisationId) -> Actor {
    let newcomer = newcomer(domain::access::Role::Reviewer, to, Some(COUNTY));
    Actor::Staff(Staff { user, ..newcomer })
}

#[test]
fn the_drafter_does_not_sign() {
    let results = [ClaimResult::Support, ClaimResult::NotSupport];
    claim_in(Status::InHandling)
        .when(HEAD, name_handlers(&[HANDLER, HEAD]))
        .done()
        .when(HEAD, draft("屋顶确有渗漏。", &results))
        .then_status(Status::OpinionReview)
        .when(HEAD, issue())
        .refused_under(RefusalCode::SignerIsDrafter, 32);
}

#[test]
fn the_proposer_does_not_approve_the_extension() {
    claim_in(Status::InHandling)
        .when(HEAD, name_handlers(&[HANDLER, HEAD]))
        .done()
        .when(HEAD, ask_for_days(10))
        .done()
        .when(HEAD, decide_extension(true))
        .refused_under(RefusalCode::ApproverIsProposer, 34);
}

#[test]
fn neither_the_owner_nor_their_unit_verifies_a_measure() {
    let tale = claim_in(Status::Executing);
    let today = tale.today;
    let educate = MeasureKind::Educate;
    let tale = tale
        .when(HANDLER, report(educate, &[], today))
        .refused_under(RefusalCode::NotYours, 27)
        .when(OWNER, report(educate, &[], today))
        .done()
        .when(moved(OWNER, COUNTY_PETITIONS), verify(educate, true))
        .refused_under(RefusalCode::VerifierIsOwner, 27)
        .when(VERIFIER_OF_THE_OWNERS_UNIT, verify(educate, true))
        .refused_under(RefusalCode::VerifierFromOwnersUnit, 27);
    tale.when(VERIFIER, verify(educate, true)).done();
}

#[test]
fn whoever_finds_a_measure_not_applicable_does_not_confirm_it() {
    claim_in(Status::Delivered)
        .when(HANDLER, not_applicable(MeasureKind::LawfulHandling))
        .done()
        .when(moved(HANDLER, COUNTY_PETITIONS), verify(MeasureKind::LawfulHandling, true))
        .refused_under(RefusalCode::VerifierIsFinder, 27)
        .when(VERIFIER_OF_THE_OWNERS_UNIT, verify(MeasureKind::LawfulHandling, true))
        .refused_under(RefusalCode::VerifierFromOwnersUnit, 27)
        .when(VERIFIER, verify(MeasureKind::LawfulHandling, true))
        .done();
}

#[test]
fn nobody_reviews_what_they_had_a_part_in_even_after_moving() {
    // The first handler was replaced before the opinion, and has moved to the organ that reviews it.
    let tale = claim_in(Status::InHandling)
        .when(HEAD, name_handlers(&[EXAMINER]))
        .done()
        .when(EXAMINER, draft("屋顶确有渗漏。", &[ClaimResult::Support, ClaimResult::NotSupport]))
        .done()
        .when(HEAD, issue())
        .done();
    let today = tale.today;
    let tale = tale
        .when(EXAMINER, deliver(DocumentKind::HandlingOpinion, today))
        .done()
        .when(Actor::Petitioner, request(Review))
        .then_status(Status::Reviewing);
    [HANDLER, EXAMINER, HEAD, OWNER].into_iter().fold(tale, |tale, user| {
        tale.when(moved(user, COUNTY_GOVERNMENT), admit(Review))
            .refused_under(RefusalCode::ReviewerTookPart, 28)
    });
}

#[test]
fn the_reviewer_does_not_re_review() {
    let tale = claim_in(Status::ReReviewing).when(RE_REVIEWER, admit(ReReview)).done();
    tale.when(moved(REVIEWER, REVIEW_COMMITTEE), review(ReReview, ReviewOutcome::Uphold, &[]))
        .refused_under(RefusalCode::ReviewerTookPart, 28)
        .when(REVIEWER, review(ReReview, ReviewOutcome::Uphold, &[]))
        .refused(RefusalCode::NotYours);
}

#[test]
fn the_organ_that_answered_does_not_take_the_rating_down() {
    let tale = claim_in(Status::Delivered);
    let (filer, answered) = (tale.case.registered_by.unwrap(), tale.case.opinion().unwrap().issued_by);
    tale.when(moved(filer, answered), rate(Satisfaction::Satisfied))
        .refused_under(RefusalCode::RatesOwnWork, 21)
        .when(moved(filer, COUNTY_PETITIONS), rate(Satisfaction::Satisfied))
        .done();
}
