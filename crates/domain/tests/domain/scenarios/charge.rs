//! Leaders in charge (Art. 18).

use domain::access::{Actor, Duty, Scope, Staff, may_see_particulars};
use domain::case::content::{Charge, Commitment, ReviewOutcome};
use domain::case::{Command, Purpose, Status};
use domain::deadline::{Alarm, ClockKind, DeadlineState};
use domain::organisation::ReviewStage;
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::{claim_in, delivered, in_place};
use crate::tale::{Tale, day, file, given};

fn in_charge(status: Status) -> Tale {
    let tale = claim_in(status);
    let target = tale.today + chrono::Days::new(90);
    tale.when(LEADER, take_charge(LEADER, target)).done()
}

#[test]
fn a_leader_takes_a_case_in_charge_and_reports_each_month_until_it_is_closed() {
    let tale = in_charge(Status::InHandling);
    let charge = tale.case.in_charge.clone().unwrap();
    assert_eq!((charge.leader, charge.since_on), (LEADER, tale.today));
    let clock = tale.deadline(ClockKind::ChargeReport).clone();
    assert_eq!(clock.organisation, Some(COUNTY_GOVERNMENT), "it is the leader who is late, not the holder");
    assert_eq!((clock.due.nominal_due_on - tale.today).num_days(), 30);

    let tale = tale.days_later(30);
    assert_eq!(tale.deadline(ClockKind::ChargeReport).told, Some(Alarm::Due));
    let tale = tale.days_later(6);
    assert!(
        tale.deadline(ClockKind::ChargeReport).is_late(tale.today),
        "a report that is missing stays missing"
    );
    let tale = tale.when(LEADER, report_charge(&[Commitment::Know, Commitment::Explain])).done();
    assert_eq!(tale.case.in_charge.as_ref().unwrap().kept, [Commitment::Know, Commitment::Explain]);
    let (met, next) =
        (&tale.case.deadlines[usize::from(clock.no) - 1], tale.deadline(ClockKind::ChargeReport));
    assert_eq!((met.state, met.is_late(tale.today)), (DeadlineState::Met, true));
    assert_eq!((next.started_on, next.is_running()), (tale.today, true));

    let tale = in_place(delivered(in_charge(Status::OpinionIssued)));
    let tale = tale.when(HANDLER, close()).then_status(Status::Closed);
    assert_eq!(tale.deadline(ClockKind::ChargeReport).state, DeadlineState::Cancelled);
    assert!(tale.case.in_charge.is_some(), "whose case it was stays known");
    let tale = tale.when(LEADER, report_charge(&[])).refused(RefusalCode::StateForbids);
    let asked = tale.when(Actor::Petitioner, request(ReviewStage::Review)).then_status(Status::Reviewing);
    assert!(asked.deadline(ClockKind::ChargeReport).is_running(), "who is in charge answers again");
    let back = asked.when(REVIEWER, do_not_admit(ReviewStage::Review)).then_status(Status::Closed);
    assert_eq!(back.deadline(ClockKind::ChargeReport).state, DeadlineState::Cancelled);
}

#[test]
fn a_case_is_taken_in_charge_once_by_a_leader_who_may_know_of_it() {
    let tale = claim_in(Status::InHandling);
    let target = tale.today + chrono::Days::new(90);
    let charge = |leader| take_charge(leader, target);
    let but = |change: &dyn Fn(&mut Charge)| {
        let Command::TakeCharge(mut changed) = charge(LEADER) else { unreachable!() };
        change(&mut changed);
        Command::TakeCharge(changed)
    };
    let tale = given(tale)
        .when(HANDLER, charge(LEADER))
        .refused_under(RefusalCode::NotYours, 18)
        .when(LEADER, charge(HANDLER))
        .refused_at("/leader", FieldCode::NotALeadingCadre)
        .when(LEADER, charge(LEADER_OF_HOUSING))
        .refused_at("/leader", FieldCode::NotYourCharge)
        .when(DISPATCHER, charge(domain::id::UserId::new(29)))
        .refused_at("/leader", FieldCode::NotALeadingCadre)
        .when(LEADER, but(&|charge| charge.commitments.truncate(3)))
        .refused_at("/commitments", FieldCode::Required)
        .when(LEADER, but(&|charge| charge.commitments[3] = Commitment::Know))
        .refused_at("/commitments", FieldCode::Duplicate)
        .when(LEADER, but(&|charge| charge.target_on = day("2026-01-01")))
        .refused_at("/target_on", FieldCode::InPast)
        .when(LEADER, but(&|charge| charge.target_on = day("2030-01-01")))
        .refused_at("/target_on", FieldCode::OutOfRange)
        .when(LEADER, report_charge(&[]))
        .refused(RefusalCode::NotYours)
        .when(DISPATCHER, hand_over_charge(LEADER))
        .refused_under(RefusalCode::NobodyInCharge, 18)
        .when(DISPATCHER, charge(LEADER_OF_HOUSING))
        .done();
    tale.when(LEADER, charge(LEADER)).refused_under(RefusalCode::AlreadyInCharge, 18);

    let accused = file(CLERK, accusing(LEADER), "2026-03-02").unwrap();
    accused.when(DISPATCHER, charge(LEADER)).refused_at("/leader", FieldCode::HasInterest);
    let accusation = file(ACCUSATION_OFFICER, petition(Purpose::Accusation), "2026-03-02").unwrap();
    accusation.when(LEADER, charge(LEADER)).refused(RefusalCode::WrongTrack);
}

fn accusing(user: domain::id::UserId) -> domain::case::content::Filing {
    let mut claim = petition(Purpose::Claim);
    claim.respondents.push(domain::case::content::Respondent {
        name: line("某领导"),
        organisation: None,
        user: Some(user),
    });
    claim
}

#[test]
fn when_posts_change_another_leader_takes_over_with_what_is_open() {
    let tale = in_charge(Status::InHandling);
    let first = tale.deadline(ClockKind::ChargeReport).no;
    let tale = tale
        .when(LEADER, hand_over_charge(LEADER))
        .refused_at("/to", FieldCode::Duplicate)
        .days_later(10)
        .when(LEADER, hand_over_charge(LEADER_OF_HOUSING))
        .refused_at("/to", FieldCode::NotYourCharge)
        .days_later(25)
        .when(DISPATCHER, hand_over_charge(LEADER_OF_HOUSING))
        .done();
    let charge = tale.case.in_charge.as_ref().unwrap();
    assert_eq!((charge.leader, charge.since_on), (LEADER_OF_HOUSING, tale.today));
    assert_eq!(charge.predecessors.iter().map(|former| former.leader).collect::<Vec<_>>(), [LEADER]);
    let next = tale.deadline(ClockKind::ChargeReport);
    let missing = &tale.case.deadlines[usize::from(first) - 1];
    assert_eq!(
        (missing.state, missing.is_late(tale.today)),
        (DeadlineState::Met, true),
        "what was late stays so"
    );
    assert_eq!((next.started_on, next.organisation), (tale.today, Some(COUNTY_HOUSING)));
    let tale = tale.when(LEADER, report_charge(&[])).refused(RefusalCode::NotYours);
    tale.when(LEADER_OF_HOUSING, report_charge(&[])).done();
}

/// Whoever answers for a case neither verifies nor reviews it; whoever has an interest in it does not answer for it (Art. 28).
#[test]
fn a_leader_in_charge_is_no_judge_of_the_case() {
    let charge = in_charge(Status::Reviewing);
    let with_every_duty = |organisation| {
        let newcomer = newcomer(domain::access::Role::Official, organisation, Some(COUNTY));
        Actor::Staff(Staff { user: LEADER, ..newcomer })
    };
    let reviewing = with_every_duty(COUNTY_GOVERNMENT);
    let decision = review(ReviewStage::Review, ReviewOutcome::Uphold, &[]);
    charge
        .clone()
        .when(REVIEWER, admit(ReviewStage::Review))
        .done()
        .when(reviewing, decision)
        .refused_under(RefusalCode::ReviewerTookPart, 28);
    let recused = charge.clone().when(SUPERVISOR, recuse(LEADER)).done();
    assert!(recused.case.in_charge.is_none());
    let recused = charge.days_later(40).when(LEADER, recuse(LEADER)).done();
    assert!(recused.deadline(ClockKind::ChargeReport).is_late(recused.today), "no recusal undoes a delay");
    assert!(recused.case.in_charge.is_none());
    assert_eq!(recused.deadline(ClockKind::ChargeReport).state, DeadlineState::Cancelled);
    let others = in_charge(Status::InHandling).when(HANDLER, recuse(HANDLER)).done();
    assert!(others.deadline(ClockKind::ChargeReport).is_running());
}

/// A leader from outside the organs of a case knows of it, and of who petitions, while it is in their charge.
#[test]
fn a_leader_in_charge_may_know_of_the_case_and_reach_the_petitioner() {
    let tale = claim_in(Status::InHandling);
    let target = tale.today + chrono::Days::new(90);
    let tale = tale.when(DISPATCHER, take_charge(LEADER, target)).done();
    let Actor::Staff(leader) = LEADER.actor() else { unreachable!() };
    let moved = Staff { organisation: ELSEWHERE, territory: None, ..leader };
    assert!(Scope::of(&moved, &DIRECTORY).allows(&tale.case));
    assert!(may_see_particulars(&Actor::Staff(moved.clone()), &tale.case, &DIRECTORY));
    let handed = tale.when(DISPATCHER, hand_over_charge(LEADER_OF_HOUSING)).done();
    assert!(!Scope::of(&moved, &DIRECTORY).allows(&handed.case));
}

/// Whoever has judged a case does not answer for it, and nobody is counted for what others have resolved.
#[test]
fn a_case_that_is_resolved_or_that_one_has_judged_is_not_taken_in_charge() {
    let target = day("2026-12-31");
    let leader = |organisation| {
        let every_duty = newcomer(domain::access::Role::Official, organisation, Some(COUNTY));
        Actor::Staff(Staff { user: LEADER, ..every_duty })
    };
    let admitted = claim_in(Status::Reviewing).when(REVIEWER, admit(ReviewStage::Review)).done();
    let decision = review(ReviewStage::Review, ReviewOutcome::Uphold, &[]);
    let upheld = admitted.when(leader(COUNTY_GOVERNMENT), decision).then_status(Status::ReviewIssued);
    upheld.when(LEADER, take_charge(LEADER, target)).refused_at("/leader", FieldCode::JudgedTheCase);

    let done = in_place(delivered(claim_in(Status::OpinionIssued)));
    let closed = done.when(HANDLER, close()).then_status(Status::Closed);
    let asked = closed.when(Actor::Petitioner, request(ReviewStage::Review)).then_status(Status::Reviewing);
    assert!(asked.case.resolution.matter_resolved_on.is_some());
    asked.when(LEADER, take_charge(LEADER, target)).refused_under(RefusalCode::MatterResolvedAlready, 18);
}

/// A charge of whoever is no leading cadre any more runs late until somebody takes it over.
#[test]
fn whoever_leads_no_more_reports_no_more() {
    let tale = in_charge(Status::InHandling);
    let Actor::Staff(mut leader) = LEADER.actor() else { unreachable!() };
    leader.duties.remove(&Duty::Lead);
    let tale = tale.when(Actor::Staff(leader), report_charge(&[])).refused(RefusalCode::NotYours);
    tale.when(DISPATCHER, hand_over_charge(LEADER_OF_HOUSING)).done();
}
