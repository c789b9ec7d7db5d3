//! A case in every state, driven there by real commands of the people whose work each is.

use domain::access::Actor;
use domain::case::content::{Adoption, ClaimResult, DocumentKind, ReviewOutcome};
use domain::case::{Command, Purpose, Route, Status, Track};
use domain::measure::{MeasureKind, Reasonableness};
use domain::organisation::ReviewStage;
use strum::VariantArray;

use crate::municipality::*;
use crate::payloads::*;
use crate::tale::{FIRST_DAY, Tale, file};

/// The states that a case of the track can be in.
pub fn states(track: Track) -> Vec<Status> {
    use Status as S;
    let only_claims = [
        S::Accepted,
        S::InHandling,
        S::Mediating,
        S::OpinionDraft,
        S::OpinionReview,
        S::OpinionIssued,
        S::Delivered,
        S::Executing,
        S::Closed,
        S::Reviewing,
        S::ReviewIssued,
        S::ReReviewing,
        S::ReReviewIssued,
        S::ReturnedForRework,
        S::Terminated,
        S::NoLongerAccepted,
        S::RoutedOut,
    ];
    let only_suggestions = [S::Studying, S::StudyConcluded, S::Replied];
    let only_accusations = [S::Forwarded, S::ReceiptAcknowledged, S::OutcomeRecorded];
    let everywhere = [S::Registered, S::Screening, S::FiledOnly, S::Withdrawn, S::Archived];
    Status::VARIANTS
        .iter()
        .copied()
        .filter(|status| match track {
            Track::Claim => !only_suggestions.contains(status) && !only_accusations.contains(status),
            Track::Suggestion => !only_claims.contains(status) && !only_accusations.contains(status),
            Track::Accusation => only_accusations.contains(status) || everywhere.contains(status),
        })
        .collect()
}

/// A case of the track in the state.
pub fn case_in(status: Status, track: Track) -> Tale {
    let tale = match track {
        Track::Claim => claim_in(status),
        Track::Suggestion => suggestion_in(status),
        Track::Accusation => accusation_in(status),
    };
    tale.must_be(status)
}

/// A claim case in the state; where it has come to findings, all four measures apply.
pub fn claim_in(status: Status) -> Tale {
    use ReviewStage::{ReReview, Review};
    use Status as S;
    let from = claim_in;
    match status {
        S::InHandling => {
            let tale = from(S::Accepted).when(REGISTRAR, name_handlers(&[HANDLER])).done();
            let tale = found(tale, &[Reasonableness::Reasonable, Reasonableness::Unreasonable], true, true);
            let today = tale.today;
            tale.when(OWNER, report(MeasureKind::LawfulHandling, &[], today)).done()
        }
        S::Mediating => from(S::InHandling).when(HANDLER, mediate()).done(),
        S::OpinionReview => {
            let results = [ClaimResult::Support, ClaimResult::NotSupport];
            from(S::InHandling).when(HANDLER, draft("屋顶确有渗漏。", &results)).done()
        }
        S::OpinionDraft => from(S::OpinionReview).when(EXAMINER, return_draft()).done(),
        S::OpinionIssued => from(S::OpinionReview).when(HEAD, issue()).done(),
        S::Executing => delivered(from(S::OpinionIssued)),
        S::Delivered => nothing_to_carry_out(),
        S::Closed => in_place(from(S::Executing)).when(HANDLER, close()).done(),
        S::Reviewing => from(S::Executing).when(Actor::Petitioner, request(Review)).done(),
        S::ReviewIssued => {
            let decided = reviewed(from(S::Reviewing), ReviewOutcome::Uphold);
            let today = decided.today;
            decided.when(REVIEWER, deliver(DocumentKind::ReviewOpinion, today)).done()
        }
        S::ReReviewing => from(S::ReviewIssued).when(Actor::Petitioner, request(ReReview)).done(),
        S::ReReviewIssued => from(S::ReReviewing)
            .when(RE_REVIEWER, admit(ReReview))
            .done()
            .when(RE_REVIEWER, review(ReReview, ReviewOutcome::Uphold, &[]))
            .done(),
        S::Terminated => {
            let decided = from(S::ReReviewIssued);
            let today = decided.today;
            decided.when(RE_REVIEWER, deliver(DocumentKind::ReReviewOpinion, today)).done()
        }
        S::ReturnedForRework => reviewed(from(S::Reviewing), ReviewOutcome::Remake),
        S::NoLongerAccepted => {
            from(S::Screening).with_earlier(S::Terminated, true).when(DISPATCHER, no_longer_accept()).done()
        }
        S::RoutedOut => from(S::Transferred).when(REGISTRAR, route_out(Route::Arbitration)).done(),
        S::Accepted => from(S::Transferred).when(REGISTRAR, accept()).done(),
        S::Archived => from(S::Closed).days_later(40).when(ARCHIVIST, archive()).done(),
        _ => received_in(status, Purpose::Claim),
    }
}

/// What claims and suggestions have in common: the way of the case to the organ, and off it.
fn received_in(status: Status, purpose: Purpose) -> Tale {
    use Status as S;
    let from = |status| received_in(status, purpose);
    match status {
        S::Screening => from(S::Registered).when(CLERK, first_petition()).done(),
        S::Transferred => from(S::Screening).when(DISPATCHER, transfer(COUNTY_HOUSING)).done(),
        S::Assigned => {
            let screened = from(S::Screening);
            let due = screened.today + chrono::Days::new(45);
            screened.when(DISPATCHER, assign_matter(COUNTY_HOUSING, due)).done()
        }
        S::Objected => from(S::Transferred).when(REGISTRAR, object()).done(),
        S::PendingAcceptance => from(S::Objected).when(DISPATCHER, decide_objection(false)).done(),
        S::NotAccepted => from(S::Transferred).when(REGISTRAR, decline()).done(),
        S::DirectReply if purpose == Purpose::Claim => received_in(status, Purpose::Enquiry),
        S::DirectReply => {
            received_in(S::Registered, purpose).when(DISPATCHER, Command::DirectReply(reply())).done()
        }
        S::FiledOnly => from(S::Registered).when(DISPATCHER, file_only()).done(),
        S::Withdrawn => {
            let transferred = from(S::Transferred);
            let today = transferred.today;
            transferred.when(REGISTRAR, withdraw(today)).done()
        }
        S::Registered => file(GRID_MEMBER, petition(purpose), FIRST_DAY).unwrap(),
        _ => panic!("no way to {status:?} is known"),
    }
}

fn suggestion_in(status: Status) -> Tale {
    use Status as S;
    let from = suggestion_in;
    match status {
        S::Studying => from(S::Transferred).when(REGISTRAR, accept()).done(),
        S::StudyConcluded => from(S::Studying).when(HANDLER, conclude_study(Adoption::Adopted)).done(),
        S::Replied => from(S::StudyConcluded).when(HEAD, Command::ReplyToSuggestion(reply())).done(),
        S::Archived => from(S::Replied).when(ARCHIVIST, archive()).done(),
        _ => received_in(status, Purpose::Suggestion),
    }
}

fn accusation_in(status: Status) -> Tale {
    use Status as S;
    let from = accusation_in;
    match status {
        S::Screening => from(S::Registered).when(ACCUSATION_OFFICER, first_petition()).done(),
        S::Forwarded => from(S::Screening).when(ACCUSATION_OFFICER, transfer(COUNTY_DISCIPLINE)).done(),
        S::ReceiptAcknowledged => from(S::Forwarded).when(DISCIPLINE_OFFICER, acknowledge()).done(),
        S::OutcomeRecorded => from(S::ReceiptAcknowledged).when(DISCIPLINE_OFFICER, outcome()).done(),
        S::FiledOnly => from(S::Registered).when(ACCUSATION_OFFICER, file_only()).done(),
        S::Withdrawn => {
            let registered = from(S::Registered);
            let today = registered.today;
            registered.when(ACCUSATION_OFFICER, withdraw(today)).done()
        }
        S::Archived => from(S::OutcomeRecorded).when(DISCIPLINE_OFFICER, archive()).done(),
        _ => file(ACCUSATION_OFFICER, petition(Purpose::Accusation), FIRST_DAY).unwrap(),
    }
}

/// Records findings, and plans every measure that they call for.
pub fn found(tale: Tale, claims: &[Reasonableness], hardship: bool, conduct: bool) -> Tale {
    let today = tale.today;
    let mut tale = tale.when(HANDLER, find(claims, today, hardship, conduct)).done();
    for kind in MeasureKind::VARIANTS {
        if tale.case.measure(*kind).unwrap().state.applies() {
            tale = tale.when(HANDLER, plan(*kind, OWNER, today)).done();
        }
    }
    tale
}

/// Both claims are unreasonable and are explained: the delivered opinion leaves nothing to carry out.
fn nothing_to_carry_out() -> Tale {
    let tale = claim_in(Status::Accepted).when(REGISTRAR, name_handlers(&[HANDLER])).done();
    let tale = found(tale, &[Reasonableness::Unreasonable; 2], false, false);
    let results = [ClaimResult::Explain, ClaimResult::NotSupport];
    delivered(issued(tale, "没有渗漏。", &results))
}

/// Drafts and signs an opinion.
pub fn issued(tale: Tale, facts: &str, results: &[ClaimResult]) -> Tale {
    tale.when(HANDLER, draft(facts, results)).done().when(HEAD, issue()).done()
}

/// Hands the opinion over today.
pub fn delivered(tale: Tale) -> Tale {
    let today = tale.today;
    tale.when(HANDLER, deliver(DocumentKind::HandlingOpinion, today)).done()
}

/// Admits the request for review and decides it.
pub fn reviewed(tale: Tale, outcome: ReviewOutcome) -> Tale {
    tale.when(REVIEWER, admit(ReviewStage::Review))
        .done()
        .when(REVIEWER, review(ReviewStage::Review, outcome, &[]))
        .done()
}

/// Reports and verifies every measure that applies, and confirms of the others that they do not.
pub fn in_place(mut tale: Tale) -> Tale {
    let today = tale.today;
    for kind in MeasureKind::VARIANTS {
        let applies = tale.case.measure(*kind).unwrap().state.applies();
        let (by, told) =
            if applies { (OWNER, report(*kind, &[1], today)) } else { (HANDLER, not_applicable(*kind)) };
        tale = tale.when(by, told).done().when(VERIFIER, verify(*kind, true)).done();
    }
    tale
}
