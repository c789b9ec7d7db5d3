//! Three in place and one treatment, and the two resolutions of §3.2.

use domain::access::Actor;
use domain::case::content::{ClaimResult, Satisfaction};
use domain::case::{Command, Purpose, Status};
use domain::deadline::ClockKind;
use domain::id::CaseId;
use domain::measure::{MeasureKind, MeasureState, Reasonableness};
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::{claim_in, delivered, found, in_place, issued};
use crate::tale::{day, file, given};

#[test]
fn a_claim_with_all_four_measures_comes_to_double_resolution() {
    let tale = file(GRID_MEMBER, petition(Purpose::Claim), "2026-03-02").unwrap();
    assert_eq!(tale.open_clocks(), [ClockKind::Dispatch, ClockKind::DispatchShare]);

    let tale = given(tale)
        .when(CLERK, first_petition())
        .then_status(Status::Screening)
        .when(DISPATCHER, transfer(COUNTY_HOUSING))
        .at("2026-03-04")
        .then_status(Status::Transferred);
    assert_eq!(tale.open_clocks(), [ClockKind::Notice, ClockKind::Objection]);

    let tale = tale
        .when(REGISTRAR, accept())
        .at("2026-03-09")
        .then_status(Status::Accepted)
        .when(REGISTRAR, name_handlers(&[HANDLER]))
        .then_status(Status::InHandling);
    assert_eq!(tale.open_clocks(), [ClockKind::Handling]);
    // 8 May is 60 days after 9 March; the holiday before it does not lengthen the limit.
    assert_eq!(tale.deadline(ClockKind::Handling).due.nominal_due_on, day("2026-05-08"));

    let tale =
        tale.when(HANDLER, draft("调查前", &[ClaimResult::Support; 2])).refused(RefusalCode::FindingsMissing);
    let claims = [Reasonableness::Partly, Reasonableness::Unreasonable];
    let tale = found(tale.on("2026-03-20"), &claims, true, true);
    let tale = tale
        .when(HANDLER, draft("屋顶确有渗漏。", &[ClaimResult::Support]))
        .refused_at("/answers", FieldCode::ClaimUnanswered)
        .when(HANDLER, draft("屋顶确有渗漏。", &[ClaimResult::Support, ClaimResult::NotSupport]))
        .then_status(Status::OpinionReview)
        .when(EXAMINER, return_draft())
        .then_status(Status::OpinionDraft)
        .when(
            HANDLER,
            draft("屋顶确有渗漏，面积三平方米。", &[ClaimResult::Support, ClaimResult::NotSupport]),
        )
        .then_status(Status::OpinionReview)
        .when(HEAD, issue())
        .then_status(Status::OpinionIssued);
    assert!(tale.open_clocks().is_empty());

    let tale = delivered(tale.on("2026-04-01")).must_be(Status::Executing);
    assert_eq!(tale.open_clocks(), [ClockKind::ReviewRequest, ClockKind::Evaluation]);
    let tale = tale.when(HANDLER, close()).refused_under(RefusalCode::MeasuresUnverified, 27);
    let tale = tale
        .when(OWNER, report(MeasureKind::Resolve, &[], day("2026-04-01")))
        .refused_at("/evidence/actions", FieldCode::ClaimUnanswered)
        .when(OWNER, report(MeasureKind::Resolve, &[1], day("2026-04-01")))
        .done()
        .when(VERIFIER, verify(MeasureKind::Resolve, false))
        .done()
        .when(VERIFIER, verify(MeasureKind::Resolve, true))
        .refused(RefusalCode::MeasureNotReported);
    assert_eq!(tale.case.measure(MeasureKind::Resolve).unwrap().state, MeasureState::SentBack);

    let tale = in_place(tale.on("2026-04-10")).when(HANDLER, close()).then_status(Status::Closed);
    assert_eq!(tale.case.resolution.matter_resolved_on, Some(day("2026-04-10")));
    assert_eq!(tale.case.resolution.double_resolved_on, None);

    let tale = tale
        .when(Actor::Petitioner, rate(Satisfaction::Satisfied))
        .at("2026-04-20")
        .then_status(Status::Closed);
    assert_eq!(tale.case.resolution.double_resolved_on, Some(day("2026-04-20")));
    let tale = tale
        .when(Actor::Petitioner, rate(Satisfaction::NotSatisfied))
        .refused(RefusalCode::AlreadyEvaluated)
        .when(ARCHIVIST, archive())
        .refused(RefusalCode::ClocksRunning);
    // The time to ask for review ends in the Labour Day holiday, so in law on 6 May.
    let tale = tale.when(ARCHIVIST, archive()).at("2026-05-06").refused(RefusalCode::ClocksRunning);
    tale.when(ARCHIVIST, archive()).at("2026-05-07").then_status(Status::Archived);
}

#[test]
fn no_closure_without_a_hardship_check_and_without_a_tick_on_what_does_not_apply() {
    let tale = claim_in(Status::Accepted).when(REGISTRAR, name_handlers(&[HANDLER])).done();
    let today = tale.today;
    let Command::RecordFindings(mut findings) = find(&[Reasonableness::Unreasonable; 2], today, false, false)
    else {
        unreachable!()
    };
    let hardship = findings.hardship.take();
    let tale = tale.when(HANDLER, Command::RecordFindings(findings)).done();
    let tale = delivered(issued(tale, "没有渗漏。", &[ClaimResult::NotSupport; 2]))
        .must_be(Status::Delivered)
        .when(HANDLER, not_applicable(MeasureKind::Assist))
        .refused(RefusalCode::HardshipCheckMissing)
        .when(HANDLER, not_applicable(MeasureKind::Educate))
        .refused(RefusalCode::MeasureRequired)
        .when(HANDLER, close())
        .refused_under(RefusalCode::HardshipCheckMissing, 27);
    let check =
        Command::RecordFindings(domain::measure::Findings { claims: vec![], hardship, conduct: None });
    let tale = tale
        .when(HANDLER, check)
        .done()
        .when(HANDLER, plan(MeasureKind::Educate, OWNER, today))
        .done()
        .when(HANDLER, not_applicable(MeasureKind::Assist))
        .done()
        .when(HANDLER, close())
        .refused(RefusalCode::MeasuresUnverified)
        .when(VERIFIER, verify(MeasureKind::Assist, true))
        .done();
    in_place_but(tale, MeasureKind::Assist).when(HANDLER, close()).then_status(Status::Closed);
}

fn in_place_but(mut tale: crate::tale::Tale, done: MeasureKind) -> crate::tale::Tale {
    let today = tale.today;
    for kind in [MeasureKind::Resolve, MeasureKind::Educate, MeasureKind::LawfulHandling] {
        assert_ne!(kind, done);
        tale = match tale.case.measure(kind).unwrap().state.applies() {
            true => tale.when(OWNER, report(kind, &[], today)).done(),
            false => tale.when(HANDLER, not_applicable(kind)).done(),
        };
        tale = tale.when(VERIFIER, verify(kind, true)).done();
    }
    tale
}

#[test]
fn a_reasonable_claim_without_a_legal_basis_is_explained_and_the_case_can_close() {
    let tale = claim_in(Status::Accepted).when(REGISTRAR, name_handlers(&[HANDLER])).done();
    let tale = found(tale, &[Reasonableness::Reasonable; 2], false, false);
    let tale =
        delivered(issued(tale, "合情但无依据。", &[ClaimResult::Explain; 2])).must_be(Status::Delivered);
    let state = |kind| tale.case.measure(kind).unwrap().state;
    assert_eq!(state(MeasureKind::Educate), MeasureState::Applies);
    assert_eq!(state(MeasureKind::Resolve), MeasureState::Undetermined);
    let today = tale.today;
    let tale = tale.when(HANDLER, plan(MeasureKind::Educate, OWNER, today)).done();
    in_place(tale).when(HANDLER, close()).then_status(Status::Closed);
}

#[test]
fn police_come_after_dissuasion_and_staged_money_must_be_paid() {
    let tale = claim_in(Status::Executing);
    let today = tale.today;
    let mut evidence_of_conduct = evidence(MeasureKind::LawfulHandling, &[], today);
    if let domain::measure::Evidence::LawfulHandling(evidence) = &mut evidence_of_conduct {
        evidence.dissuasions.clear();
    }
    let mut evidence_of_money = evidence(MeasureKind::Resolve, &[1], today);
    if let domain::measure::Evidence::Resolve(evidence) = &mut evidence_of_money {
        let stage =
            domain::measure::Instalment { amount_fen: 100, due_on: today, paid_on: None, voucher: None };
        evidence.instalments.push(stage);
    }
    let reported = |kind, evidence| {
        let summary = narrative("已落实。");
        Command::ReportInPlace(kind, domain::measure::InPlaceReport { summary, evidence })
    };
    tale.when(OWNER, reported(MeasureKind::LawfulHandling, evidence_of_conduct))
        .refused_at("/evidence/dissuasions", FieldCode::DissuasionFirst)
        .when(OWNER, reported(MeasureKind::Resolve, evidence_of_money))
        .refused_at("/evidence/instalments/0/paid_on", FieldCode::Unfinished)
        .when(OWNER, reported(MeasureKind::Assist, evidence(MeasureKind::Educate, &[], today)))
        .refused_at("/evidence/kind", FieldCode::WrongEvidence);
}

#[test]
fn a_repeat_undoes_the_heart_within_the_window_and_not_after_it() {
    let resolved =
        claim_in(Status::Closed).when(Actor::Petitioner, rate(Satisfaction::BasicallySatisfied)).done();
    let repeat = Command::NoteRepeat(CaseId::new(8_000_000));
    // Rated on 6 July: the 180th day after it is 2 January.
    let undone =
        resolved.clone().when(Actor::System, repeat.clone()).at("2027-01-02").then_status(Status::Closed);
    assert_eq!(undone.case.resolution.heart_resolved_on, None);
    assert_eq!(undone.case.resolution.double_resolved_on, None);
    assert_eq!(undone.case.resolution.matter_resolved_on, Some(day("2026-07-06")));
    let told =
        undone.when(VISITOR, visit(day("2027-01-05"), Satisfaction::Satisfied)).at("2027-01-05").done();
    assert_eq!(told.case.resolution.double_resolved_on, Some(day("2027-01-05")));

    let lasting = resolved.when(Actor::System, repeat).at("2027-01-03").then_status(Status::Closed);
    assert_eq!(lasting.case.resolution.double_resolved_on, Some(day("2026-07-06")));
    assert_eq!(lasting.case.repeated_by.len(), 1);
}

#[test]
fn a_pledge_resolves_the_heart_and_a_visit_can_undo_it() {
    let closed = claim_in(Status::Closed);
    let today = closed.today;
    let tale = closed.when(HANDLER, pledge(today)).done();
    assert!(tale.case.resolution.heart_resolved_on.is_some());
    let tale = tale.when(GRID_MEMBER, visit(today, Satisfaction::NotSatisfied)).done();
    assert_eq!(tale.case.resolution.heart_resolved_on, None);
}
