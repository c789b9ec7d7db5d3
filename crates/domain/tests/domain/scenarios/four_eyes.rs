//! Nobody signs, verifies, approves or reviews what they did themselves.

use domain::access::{Actor, Staff};
use domain::case::Status;
use domain::case::content::{ClaimResult, DocumentKind, ReviewOutcome, Satisfaction};
use domain::id::{OrganisationId, UserId};
use domain::measure::MeasureKind;
use domain::organisation::ReviewStage::{ReReview, Review};
use domain::refusal::RefusalCode;

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::claim_in;

/// Somebody of the owner's organ who has no part in the case.
const NEWCOMER: UserId = UserId::new(930);

/// The user, as they would be after moving to another organ with every duty.
fn moved(user: UserId, to: OrganisationId) -> Actor {
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

#[test]
fn a_deputy_does_not_sign_what_either_of_the_two_drafted() {
    let results = [ClaimResult::Support, ClaimResult::NotSupport];
    let drafted = |by: Actor| {
        let begun = claim_in(Status::InHandling).when(HEAD, name_handlers(&[HANDLER, HEAD])).done();
        begun.when(by, draft("屋顶确有渗漏。", &results)).done()
    };
    let for_the_handler = deputy(OWNER, HANDLER);
    for (drafter, signer) in [
        (HEAD.actor(), deputy(OWNER, HEAD)),
        (for_the_handler.clone(), deputy(OWNER, HEAD)),
        (for_the_handler.clone(), deputy(HANDLER, HEAD)),
        (deputy(HEAD, HANDLER), HEAD.actor()),
        (deputy(HEAD, HANDLER), deputy(OWNER, HEAD)),
    ] {
        drafted(drafter).when(signer, issue()).refused_under(RefusalCode::SignerIsDrafter, 32);
    }
    let tale = drafted(for_the_handler).when(deputy(EXAMINER, HEAD), issue()).done();
    let opinion = tale.case.opinion().unwrap();
    assert_eq!((opinion.drafted_by, opinion.drafted_on_behalf_of), (Some(OWNER), Some(HANDLER)));
    assert_eq!((opinion.signed_by, opinion.signed_on_behalf_of), (Some(EXAMINER), Some(HEAD)));
    let knows = |user| tale.case.users().any(|it| it == user);
    assert!(
        knows(HANDLER) && knows(HEAD) && !knows(EXAMINER),
        "what a deputy may know ends with the delegation"
    );
}

#[test]
fn a_deputy_does_not_approve_the_extension_that_either_of_the_two_proposed() {
    let asked = |by: Actor| {
        let begun = claim_in(Status::InHandling).when(HEAD, name_handlers(&[HANDLER, HEAD])).done();
        begun.when(by, ask_for_days(10)).done()
    };
    for (proposer, approver) in [
        (HEAD.actor(), deputy(OWNER, HEAD)),
        (deputy(OWNER, HANDLER), deputy(OWNER, HEAD)),
        (deputy(OWNER, HANDLER), deputy(HANDLER, HEAD)),
        (deputy(HEAD, HANDLER), HEAD.actor()),
    ] {
        asked(proposer)
            .when(approver, decide_extension(true))
            .refused_under(RefusalCode::ApproverIsProposer, 34);
    }
    asked(deputy(OWNER, HANDLER)).when(deputy(EXAMINER, HEAD), decide_extension(true)).done();
}

#[test]
fn a_deputy_verifies_nothing_in_which_either_of_the_two_had_a_part() {
    let educate = MeasureKind::Educate;
    let tale = claim_in(Status::Executing);
    let today = tale.today;
    // Whoever reports for the owner has the owner's part, and the deputy of the verifier their own.
    tale.when(deputy(NEWCOMER, OWNER), report(educate, &[], today))
        .done()
        .when(moved(NEWCOMER, COUNTY_PETITIONS), verify(educate, true))
        .refused_under(RefusalCode::VerifierTookPart, 27)
        .when(deputy(NEWCOMER, VERIFIER), verify(educate, true))
        .refused_under(RefusalCode::VerifierTookPart, 27)
        .when(deputy(OWNER, VERIFIER), verify(educate, true))
        .refused_under(RefusalCode::VerifierIsOwner, 27)
        .when(deputy(VISITOR, VERIFIER), verify(educate, true))
        .done();
    claim_in(Status::Delivered)
        .when(deputy(NEWCOMER, HANDLER), not_applicable(MeasureKind::LawfulHandling))
        .done()
        .when(deputy(NEWCOMER, VERIFIER), verify(MeasureKind::LawfulHandling, true))
        .refused_under(RefusalCode::VerifierIsFinder, 27)
        .when(deputy(HANDLER, VERIFIER), verify(MeasureKind::LawfulHandling, true))
        .refused_under(RefusalCode::VerifierIsFinder, 27);
}

#[test]
fn a_deputy_reviews_nothing_in_which_either_of_the_two_had_a_part() {
    let tale = claim_in(Status::Delivered).when(Actor::Petitioner, request(Review)).done();
    tale.when(deputy(HANDLER, REVIEWER), admit(Review))
        .refused_under(RefusalCode::ReviewerTookPart, 28)
        .when(deputy(REVIEWER, moved(HANDLER, COUNTY_GOVERNMENT)), admit(Review))
        .refused_under(RefusalCode::ReviewerTookPart, 28);
    claim_in(Status::ReReviewing)
        .when(RE_REVIEWER, admit(ReReview))
        .done()
        .when(deputy(REVIEWER, RE_REVIEWER), review(ReReview, ReviewOutcome::Uphold, &[]))
        .refused_under(RefusalCode::ReviewerTookPart, 28);
}
