//! Suggestions (Art. 29) and accusations (Art. 30): neither has the 60 days.

use domain::access::{Actor, Role, Scope, stand_in};
use domain::case::content::{Adoption, ClaimResult, Filing, ReopeningGround, Respondent};
use domain::case::{Command, Purpose, Status, Track};
use domain::deadline::ClockKind;
use domain::id::{OrganisationId, UserId};
use domain::refusal::{FieldCode, RefusalCode};

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::case_in;
use crate::tale::{file, given};

#[test]
fn a_suggestion_is_studied_answered_and_rewarded() {
    let tale = case_in(Status::Transferred, Track::Suggestion)
        .when(REGISTRAR, no_longer_accept())
        .refused(RefusalCode::WrongTrack)
        .when(REGISTRAR, accept())
        .then_status(Status::Studying);
    assert!(tale.open_clocks().is_empty());
    let tale = tale
        .when(HANDLER, conclude_study(Adoption::Partly))
        .then_status(Status::StudyConcluded)
        .when(HANDLER, Command::ReplyToSuggestion(reply()))
        .refused(RefusalCode::NotYours)
        .when(HEAD, Command::ReplyToSuggestion(reply()))
        .then_status(Status::Replied)
        .when(HEAD, reward())
        .then_status(Status::Replied);
    tale.when(ARCHIVIST, archive()).then_status(Status::Archived);
    case_in(Status::Studying, Track::Suggestion)
        .when(HANDLER, conclude_study(Adoption::NotAdopted))
        .done()
        .when(HEAD, Command::ReplyToSuggestion(reply()))
        .done()
        .when(HEAD, reward())
        .refused_at("/reward", FieldCode::OutOfRange);
}

#[test]
fn a_withdrawn_suggestion_is_taken_up_again_where_suggestions_begin() {
    let studying = case_in(Status::Studying, Track::Suggestion);
    let today = studying.today;
    given(studying)
        .when(REGISTRAR, withdraw(today))
        .then_status(Status::Withdrawn)
        .when(SUPERVISOR, reopen(ReopeningGround::NewFacts))
        .then_status(Status::Screening)
        .when(REGISTRAR, accept())
        .then_status(Status::Studying);
}

fn accusing(organisation: Option<OrganisationId>, user: Option<UserId>) -> Filing {
    let mut filing = petition(Purpose::Accusation);
    filing.respondents = vec![Respondent { name: line("某某"), organisation, user }];
    filing
}

#[test]
fn an_accusation_is_forwarded_acknowledged_and_flagged() {
    let tale = file(ACCUSATION_OFFICER, accusing(Some(COUNTY_HOUSING), None), "2026-07-06").unwrap();
    let tale = tale
        .when(DISPATCHER, transfer(COUNTY_DISCIPLINE))
        .refused(RefusalCode::NotYours)
        .when(ACCUSATION_OFFICER, transfer(COUNTY_HOUSING))
        .refused_under(RefusalCode::ReceiverIsAccused, 30)
        .when(ACCUSATION_OFFICER, transfer(COUNTY_LABOUR))
        .refused_under(RefusalCode::ReceiverNotForAccusations, 30)
        .when(ACCUSATION_OFFICER, transfer(COUNTY_DISCIPLINE))
        .then_status(Status::Forwarded);
    assert!(tale.open_clocks().is_empty());
    tale.when(ACCUSATION_OFFICER, acknowledge())
        .refused(RefusalCode::NotYours)
        .when(DISCIPLINE_OFFICER, acknowledge())
        .then_status(Status::ReceiptAcknowledged)
        .when(DISCIPLINE_OFFICER, outcome())
        .then_status(Status::OutcomeRecorded)
        .when(DISCIPLINE_OFFICER, archive())
        .then_status(Status::Archived);
}

#[test]
fn an_accusation_goes_up_through_petition_departments_which_do_not_keep_it() {
    let tale = file(ACCUSATION_OFFICER, accusing(None, None), "2026-07-06").unwrap();
    let tale = tale.when(ACCUSATION_OFFICER, transfer(CITY_PETITIONS)).at("2026-07-08").done();
    assert_eq!(tale.open_clocks(), [ClockKind::Dispatch, ClockKind::DispatchShare]);
    let tale = tale
        .when(CITY_DISPATCHER, acknowledge())
        .refused_under(RefusalCode::PetitionDepartmentRoutes, 30)
        .when(CITY_DISPATCHER, transfer(CITY_DISCIPLINE))
        .then_status(Status::Forwarded);
    assert!(tale.open_clocks().is_empty());
}

#[test]
fn a_discipline_organ_acknowledges_what_it_receives_itself() {
    let mut filing = accusing(None, None);
    (filing.received_by, filing.direct) = (CITY_DISCIPLINE, true);
    let tale = file(CITY_DISCIPLINE_OFFICER, filing, "2026-07-06").unwrap().must_be(Status::Registered);
    assert!(tale.open_clocks().is_empty());
    tale.when(CITY_DISCIPLINE_OFFICER, acknowledge()).then_status(Status::ReceiptAcknowledged);
}

#[test]
fn the_accused_never_receive_nor_see_it() {
    // The accused unit, the unit of an accused user, and every unit below are barred from receiving it.
    for (organisation, user) in
        [(Some(COUNTY_PETITIONS), None), (None, Some(DISPATCHER)), (Some(CITY_PETITIONS), None)]
    {
        let refusal = file(CLERK, accusing(organisation, user), "2026-07-06").err().unwrap();
        assert_eq!(refusal.code, RefusalCode::ReceiverIsAccused);
    }
    let accused = CITY_DISCIPLINE_OFFICER;
    let mut filing = accusing(None, Some(accused));
    filing.received_by = COUNTY_PETITIONS;
    let tale = file(ACCUSATION_OFFICER, filing, "2026-07-06").unwrap();
    let tale = tale
        .when(ACCUSATION_OFFICER, transfer(CITY_DISCIPLINE))
        .refused_under(RefusalCode::ReceiverIsAccused, 30)
        .when(ACCUSATION_OFFICER, transfer(COUNTY_DISCIPLINE))
        .refused_under(RefusalCode::ReceiverIsAccused, 30);
    let actor_knows = |actor: Actor| {
        let Actor::Staff(staff) = actor else { unreachable!() };
        Scope::of(&staff, &DIRECTORY).allows(&tale.case)
    };
    let knows = |user: UserId| actor_knows(user.actor());
    assert!(knows(ACCUSATION_OFFICER));
    let place_of = |officer: UserId, taken_by: UserId| {
        let [officer, taken_by] = [officer, taken_by].map(|user| DIRECTORY.staff(user).unwrap());
        Actor::Staff(stand_in(officer, taken_by, &officer.duties).unwrap())
    };
    assert!(!actor_knows(place_of(ACCUSATION_OFFICER, CLERK)), "who is not cleared, in the place of who is");
    assert!(!actor_knows(deputy(accused, ACCUSATION_OFFICER)), "the accused in another's place");
    assert!(!actor_knows(deputy(ACCUSATION_OFFICER, accused)), "somebody in the place of the accused");
    for other in [accused, DISPATCHER, SUPERVISOR, GRID_MEMBER, SYSTEM_ADMINISTRATOR] {
        assert!(!knows(other), "{other:?}");
    }
}

#[test]
fn a_person_with_an_interest_is_recused() {
    let mut filing = petition(Purpose::Claim);
    filing.respondents = vec![Respondent { name: line("某某"), organisation: None, user: Some(HANDLER) }];
    let tale = file(GRID_MEMBER, filing, "2026-07-06").unwrap();
    let tale = tale.when(DISPATCHER, transfer(COUNTY_HOUSING)).done().when(REGISTRAR, accept()).done();
    let mut interested = name_handlers(&[EXAMINER]);
    if let Command::AssignHandlers(assignment) = &mut interested {
        assignment.handlers[0].direct_interest = true;
    }
    let tale = tale
        .when(REGISTRAR, name_handlers(&[HANDLER]))
        .refused_at("/handlers/0/user", FieldCode::HasInterest)
        .when(REGISTRAR, interested)
        .refused_at("/handlers/0/user", FieldCode::HasInterest)
        .when(REGISTRAR, name_handlers(&[EXAMINER]))
        .done();
    let today = tale.today;
    let plan_for_the_accused = tale.when(EXAMINER, find(&[], today, true, false)).done();
    plan_for_the_accused
        .when(EXAMINER, plan(domain::measure::MeasureKind::Assist, HANDLER, today))
        .refused_at("/owner", FieldCode::HasInterest)
        .when(HANDLER, mediate())
        .refused_under(RefusalCode::MustBeRecused, 28)
        .when(deputy(HANDLER, EXAMINER), mediate())
        .refused_under(RefusalCode::MustBeRecused, 28)
        .when(deputy(OWNER, HANDLER), mediate())
        .refused_under(RefusalCode::MustBeRecused, 28);
}

#[test]
fn whoever_is_recused_has_nothing_more_to_do_with_the_case() {
    let educate = domain::measure::MeasureKind::Educate;
    let tale = case_in(Status::Delivered, Track::Claim);
    let today = tale.today;
    let tale = tale.when(HANDLER, plan(educate, OWNER, today)).done();
    // Of others only those say so who direct the work.
    let tale = tale
        .when(HANDLER, recuse(OWNER))
        .refused_at("/user", FieldCode::NotYourself)
        .when(deputy(EXAMINER, HANDLER), recuse(HANDLER))
        .refused_at("/user", FieldCode::NotYourself)
        .when(HEAD, recuse(UserId::new(999)))
        .refused_at("/user", FieldCode::UnknownUser)
        .when(HEAD, recuse(REVIEWER))
        .refused_at("/user", FieldCode::NotYourself)
        .when(HEAD, recuse(VERIFIER))
        .refused_at("/user", FieldCode::NotYourself)
        .when(deputy(EXAMINER, HEAD), recuse(HEAD))
        .refused_at("/user", FieldCode::NotYourself)
        .when(OWNER, recuse(OWNER))
        .done();
    let measure = tale.case.measure(educate).unwrap();
    assert_eq!((measure.owner, measure.state), (None, domain::measure::MeasureState::Applies));
    let tale = tale
        .when(OWNER, report(educate, &[], today))
        .refused_under(RefusalCode::MustBeRecused, 28)
        .when(deputy(OWNER, HANDLER), plan(educate, EXAMINER, today))
        .refused_under(RefusalCode::MustBeRecused, 28)
        .when(HANDLER, plan(educate, OWNER, today))
        .refused_at("/owner", FieldCode::HasInterest)
        .when(HEAD, recuse(OWNER))
        .refused_at("/user", FieldCode::Duplicate)
        .when(HEAD, recuse(HANDLER))
        .done();
    assert_eq!(tale.case.handlers, []);
    tale.when(HANDLER, plan(educate, EXAMINER, today))
        .refused_under(RefusalCode::MustBeRecused, 28)
        .when(HEAD, name_handlers(&[HANDLER]))
        .refused_at("/handlers/0/user", FieldCode::HasInterest)
        .when(HEAD, name_handlers(&[EXAMINER]))
        .done()
        .when(EXAMINER, plan(educate, EXAMINER, today))
        .done();
}

#[test]
fn the_draft_of_somebody_who_was_recused_is_not_signed() {
    let results = [ClaimResult::Support, ClaimResult::NotSupport];
    let tale = case_in(Status::InHandling, Track::Claim)
        .when(HANDLER, draft("屋顶确有渗漏。", &results))
        .done()
        .when(HANDLER, recuse(HANDLER))
        .then_status(Status::OpinionReview);
    tale.when(HEAD, issue())
        .refused_under(RefusalCode::DrafterRecused, 28)
        .when(HEAD, return_draft())
        .done()
        .when(HEAD, name_handlers(&[EXAMINER]))
        .done()
        .when(EXAMINER, draft("屋顶确有渗漏。", &results))
        .done()
        .when(HEAD, issue())
        .done();
}

#[test]
fn an_accusation_is_not_shown_to_who_was_recused_from_it() {
    let mut filing = accusing(None, None);
    filing.received_by = COUNTY_PETITIONS;
    let tale = file(ACCUSATION_OFFICER, filing, "2026-07-06").unwrap();
    let Actor::Staff(staff) = ACCUSATION_OFFICER.actor() else { unreachable!() };
    let knows = |tale: &crate::tale::Tale| Scope::of(&staff, &DIRECTORY).allows(&tale.case);
    assert!(knows(&tale));
    let tale = tale.when(ACCUSATION_OFFICER, recuse(ACCUSATION_OFFICER)).done();
    assert!(!knows(&tale));
}

#[test]
fn a_reviewer_who_is_recused_does_not_review() {
    let tale = case_in(Status::Reviewing, Track::Claim).when(REVIEWER, recuse(REVIEWER)).done();
    tale.when(REVIEWER, admit(domain::organisation::ReviewStage::Review))
        .refused_under(RefusalCode::MustBeRecused, 28);
}

#[test]
fn administrators_have_no_part_in_cases() {
    let mut everywhere = newcomer(Role::SystemAdministrator, COUNTY_HOUSING, Some(CITY));
    for role in [Role::SystemAdministrator, Role::SecurityAdministrator, Role::Auditor] {
        everywhere.role = role;
        let tale = case_in(Status::Transferred, Track::Claim);
        tale.when(Actor::Staff(everywhere.clone()), accept()).refused(RefusalCode::NotYours);
    }
}
