//! Withdrawal, reopening, and petitions taken over from another system.

use domain::access::Actor;
use domain::case::content::{ClaimResult, EarlierReply, ReopeningGround, Satisfaction};
use domain::case::{Purpose, Status, Track, decide_import, fold};
use domain::deadline::{ClockKind, DeadlineState, Rules};
use domain::measure::{MeasureKind, MeasureState};
use domain::refusal::RefusalCode;

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::{case_in, claim_in, delivered, found, issued};
use crate::tale::{CASE, Tale, context, day};

#[test]
fn a_reopened_case_begins_again_and_is_no_longer_resolved() {
    let resolved = claim_in(Status::Closed).when(Actor::Petitioner, rate(Satisfaction::Satisfied)).done();
    let tale = resolved
        .when(HANDLER, reopen(ReopeningGround::FoundWrong))
        .refused_under(RefusalCode::NotYours, 40)
        .when(SUPERVISOR, reopen(ReopeningGround::FoundWrong))
        .at("2026-08-03")
        .then_status(Status::ReturnedForRework);
    assert_eq!(tale.case.resolution.matter_resolved_on, None);
    assert_eq!(tale.case.resolution.heart_resolved_on, None);
    assert_eq!(tale.open_clocks(), [ClockKind::Handling]);
    assert_eq!(tale.deadline(ClockKind::Handling).due.nominal_due_on, day("2026-10-02"));
    assert_eq!(tale.case.measure(MeasureKind::Resolve).unwrap().state, MeasureState::Applies);
    assert_eq!(tale.case.measure(MeasureKind::Assist).unwrap().state, MeasureState::Verified);
    let tale = tale.when(REGISTRAR, name_handlers(&[HANDLER])).then_status(Status::InHandling);
    delivered(issued(tale, "重新调查。", &[ClaimResult::Support; 2])).must_be(Status::Executing);
}

#[test]
fn a_terminated_matter_is_reopened_only_where_the_opinion_was_wrong() {
    claim_in(Status::Terminated)
        .when(SUPERVISOR, reopen(ReopeningGround::NewFacts))
        .refused_under(RefusalCode::FileAsNewMatter, 36)
        .when(SUPERVISOR, reopen(ReopeningGround::FoundWrong))
        .then_status(Status::ReturnedForRework);
}

#[test]
fn a_withdrawal_stops_every_clock_deletes_nothing_and_can_be_undone() {
    let handled = claim_in(Status::InHandling);
    let today = handled.today;
    let tale = handled.when(REGISTRAR, withdraw(today)).then_status(Status::Withdrawn);
    assert!(tale.open_clocks().is_empty());
    assert_eq!(tale.deadline(ClockKind::Handling).state, DeadlineState::Cancelled);
    assert_eq!(tale.case.claims.len(), 2);
    let tale =
        tale.when(DISPATCHER, reopen(ReopeningGround::NewFacts)).then_status(Status::ReturnedForRework);
    assert_eq!(tale.open_clocks(), [ClockKind::Handling]);

    let early = case_in(Status::Objected, Track::Claim);
    let tale = early.when(REGISTRAR, withdraw(today)).then_status(Status::Withdrawn);
    assert_eq!(tale.case.objection, None);
    let tale = tale.when(DISPATCHER, reopen(ReopeningGround::NewFacts)).then_status(Status::Screening);
    assert_eq!(tale.open_clocks(), [ClockKind::Notice]);
    claim_in(Status::OpinionIssued).when(REGISTRAR, withdraw(today)).refused(RefusalCode::StateForbids);
}

fn taken_over() -> Tale {
    let rules = Rules::default();
    let actor = Actor::System;
    let filed = context(&actor, day("2025-03-03"), &rules, None);
    let answered = context(&actor, day("2025-04-10"), &rules, None);
    let reply = EarlierReply { content: narrative("已答复。"), replied_on: day("2025-04-10") };
    let journal = decide_import(CASE, petition(Purpose::Claim), reply, &filed, &answered).unwrap();
    let case = fold(CASE, &journal).unwrap();
    Tale { case, journal, today: day("2026-07-06"), rules, earlier: None }
}

#[test]
fn a_petition_taken_over_is_archived_as_it_stands_or_reopened() {
    let tale = taken_over().must_be(Status::Delivered);
    assert!(tale.open_clocks().is_empty());
    assert_eq!(tale.deadline(ClockKind::Handling).ended_on, Some(day("2025-04-10")));
    tale.clone().when(PETITION_ARCHIVIST, archive()).then_status(Status::Archived);
    tale.when(DISPATCHER, reopen(ReopeningGround::NewFacts)).then_status(Status::ReturnedForRework);
    claim_in(Status::Delivered)
        .when(ARCHIVIST, archive())
        .refused(RefusalCode::StateForbids)
        .when(SUPERVISOR, reopen(ReopeningGround::FoundWrong))
        .refused(RefusalCode::StateForbids);
}

#[test]
fn an_import_answers_after_it_was_filed() {
    let rules = Rules::default();
    let actor = Actor::System;
    let filed = context(&actor, day("2025-03-03"), &rules, None);
    let answered = context(&actor, day("2025-03-02"), &rules, None);
    let reply = EarlierReply { content: narrative("已答复。"), replied_on: day("2025-03-02") };
    let refusal = decide_import(CASE, petition(Purpose::Claim), reply, &filed, &answered).unwrap_err();
    assert_eq!(refusal.fields[0].pointer, "/replied_at");
}

#[test]
fn a_closed_case_with_a_claim_added_late_still_answers_it() {
    let tale = claim_in(Status::OpinionDraft).when(HANDLER, add_claim()).then_status(Status::OpinionDraft);
    let tale =
        tale.when(HANDLER, draft("补充。", &[ClaimResult::Support; 3])).refused(RefusalCode::FindingsMissing);
    let both = [domain::measure::Reasonableness::Reasonable; 3];
    let tale = found(tale, &both, false, false);
    tale.when(HANDLER, draft("补充。", &[ClaimResult::Support; 3])).then_status(Status::OpinionReview);
}
