//! Supervision (Art. 39, 40).

use chrono::Days;
use domain::access::{Actor, Role, Scope, Staff};
use domain::case::content::{
    Escalation, EscalationStep, Filing, SupervisionOrder, SupervisionVerdict, SupervisorySuggestionKind,
};
use domain::case::supervision::{OrderState, SupervisionStage};
use domain::case::{About, Command, CommandKind, Purpose, Status, actions};
use domain::deadline::{ClockKind, DeadlineState};
use domain::refusal::{FieldCode, RefusalCode};
use strum::VariantArray;

use crate::municipality::*;
use crate::payloads::*;
use crate::stages::claim_in;
use crate::tale::{Tale, context, day, file};

fn supervised() -> Tale {
    let tale = claim_in(Status::InHandling);
    let due = tale.today + Days::new(10);
    tale.when(SUPERVISOR, order_supervision(COUNTY_HOUSING, due)).done()
}

#[test]
fn an_organ_that_lets_a_clock_pass_is_proposed_and_a_supervisor_decides() {
    let tale = claim_in(Status::InHandling).days_later(61);
    let [proposal] = tale.case.supervision_proposals.as_slice() else { panic!("{:?}", tale.case) };
    assert_eq!((proposal.clock, proposal.organisation), (ClockKind::Handling, COUNTY_HOUSING));
    assert_eq!(proposal.deadline, tale.deadline(ClockKind::Handling).no);
    assert_eq!(tale.case.supervision_stages(), [SupervisionStage::Proposed]);
    let tale = tale.days_later(1);
    assert_eq!(tale.count("supervision_proposed"), 1, "a lapse is proposed once");

    let clock = tale.deadline(ClockKind::Handling).no;
    let dismissed = tale
        .clone()
        .when(DISPATCHER, dismiss(&[clock]))
        .refused_under(RefusalCode::NotYours, 40)
        .when(SUPERVISOR, dismiss(&[clock, 1]))
        .refused_at("/deadlines/1", FieldCode::NothingProposed)
        .when(SUPERVISOR, dismiss(&[]))
        .refused_at("/deadlines", FieldCode::Required)
        .when(SUPERVISOR, dismiss(&[clock]))
        .done();
    assert_eq!(dismissed.case.supervision_stages(), []);
    dismissed.when(SUPERVISOR, dismiss(&[clock])).refused_under(RefusalCode::NoSupervisionProposed, 40);

    let due = tale.today + Days::new(10);
    let ordered = tale.when(SUPERVISOR, order_supervision(COUNTY_HOUSING, due)).done();
    assert_eq!(ordered.case.supervision_stages(), [SupervisionStage::Ordered]);
    let clock = ordered.deadline(ClockKind::SupervisionReport);
    assert_eq!((clock.organisation, clock.due.nominal_due_on), (Some(COUNTY_HOUSING), due));
}

#[test]
fn a_petition_department_that_is_late_is_supervised_by_the_one_above() {
    let filed = file(CLERK, petition(Purpose::Claim), "2026-07-06").unwrap().days_later(16);
    let organs: Vec<_> = filed.case.supervision_proposals.iter().map(|it| it.organisation).collect();
    assert_eq!(organs, [COUNTY_PETITIONS]);
    let own = Actor::Staff(newcomer(Role::Reviewer, COUNTY_PETITIONS, Some(COUNTY)));
    let due = filed.today + Days::new(3);
    let order = order_supervision(COUNTY_PETITIONS, due);
    let ordered = filed
        .when(own.clone(), order.clone())
        .refused_at("/to", FieldCode::OwnOrgan)
        .when(own.clone(), dismiss(&[1]))
        .refused_under(RefusalCode::SupervisesOwnOrgan, 40)
        .when(SUPERVISOR, order)
        .done();
    let reported = ordered.when(DISPATCHER, report_on(1)).done();
    reported
        .when(own.clone(), accept_report(1))
        .refused_under(RefusalCode::SupervisesOwnOrgan, 40)
        .when(own, escalate(1, EscalationStep::CirculatedNotice, due))
        .refused_under(RefusalCode::SupervisesOwnOrgan, 40)
        .when(SUPERVISOR, accept_report(1))
        .done();
}

#[test]
fn an_order_goes_from_the_letter_over_report_and_return_to_its_closing() {
    let tale = supervised();
    let again = tale.today + Days::new(20);
    let tale = tale
        .when(SUPERVISOR, order_supervision(COUNTY_HOUSING, again))
        .refused_under(RefusalCode::SupervisionOpen, 40)
        .when(SUPERVISOR, return_report(1, again))
        .refused_at("/accepted", FieldCode::NothingReported)
        .when(HANDLER, report_on(1))
        .refused_under(RefusalCode::NotYours, 40)
        .when(HEAD, report_on(2))
        .refused_under(RefusalCode::NotSupervised, 40)
        .days_later(3)
        .when(HEAD, report_on(1))
        .done();
    assert_eq!(tale.case.supervision_stages(), [SupervisionStage::Reported]);
    assert_eq!(tale.deadline(ClockKind::SupervisionReport).state, DeadlineState::Met);
    let Command::JudgeSupervision(no, verdict) = return_report(1, again) else { unreachable!() };
    let without_limit =
        Command::JudgeSupervision(no, SupervisionVerdict { report_due_on: None, ..verdict.clone() });
    let with_limit = Command::JudgeSupervision(no, SupervisionVerdict { accepted: true, ..verdict });
    let tale = tale
        .when(HEAD, report_on(1))
        .refused_under(RefusalCode::SupervisionReported, 40)
        .when(SUPERVISOR, without_limit)
        .refused_at("/report_due_on", FieldCode::Required)
        .when(SUPERVISOR, with_limit)
        .refused_at("/report_due_on", FieldCode::NotExpected)
        .when(SUPERVISOR, return_report(1, again))
        .done();
    assert_eq!(tale.case.supervision_stages(), [SupervisionStage::Ordered]);
    assert_eq!(tale.deadline(ClockKind::SupervisionReport).due.nominal_due_on, again);
    let tale = tale.when(HEAD, report_on(1)).done().when(SUPERVISOR, accept_report(1)).done();
    let order = tale.case.supervision(1).unwrap();
    assert_eq!((order.state, order.rounds.len()), (OrderState::Closed, 2));
    assert!(order.rounds.iter().all(|round| round.verdict.is_some()));
    assert_eq!((order.ordered_by, tale.case.supervision_stages()), (Some(CITY_PETITIONS), vec![]));
    let tale = tale
        .when(SUPERVISOR, accept_report(1))
        .refused_under(RefusalCode::SupervisionClosed, 40)
        .when(HEAD, report_on(1))
        .refused_under(RefusalCode::NotYours, 40);
    let second = tale.when(SUPERVISOR, order_supervision(COUNTY_HOUSING, again)).done();
    assert_eq!(second.case.open_supervision().unwrap().no, 2);
    second.when(HEAD, report_on(1)).refused_under(RefusalCode::SupervisionClosed, 40);
}

#[test]
fn an_order_that_moves_nobody_is_escalated_to_listed_supervision() {
    let tale = supervised().days_later(11);
    assert_eq!(tale.case.supervision_proposals[0].clock, ClockKind::SupervisionReport);
    let missing = tale.deadline(ClockKind::SupervisionReport).no;
    let due = tale.today + Days::new(7);
    let Command::EscalateSupervision(_, talk) = escalate(1, EscalationStep::SummonsToTalk, due) else {
        unreachable!()
    };
    let silent = Command::EscalateSupervision(1, Escalation { talk: None, ..talk.clone() });
    let listed = EscalationStep::ListedSupervision;
    let talking = Command::EscalateSupervision(1, Escalation { step: listed, ..talk });
    let tale = tale
        .when(DISPATCHER, escalate(1, EscalationStep::CirculatedNotice, due))
        .refused_under(RefusalCode::NotYours, 39)
        .when(SUPERVISOR, escalate(1, EscalationStep::CirculatedNotice, due))
        .done();
    assert!(tale.case.supervision_proposals.is_empty(), "what was proposed is decided on");
    let first = &tale.case.deadlines[usize::from(missing) - 1];
    assert!(first.state == DeadlineState::Cancelled && first.is_late(tale.today), "late stays late");
    assert_eq!(tale.deadline(ClockKind::SupervisionReport).due.nominal_due_on, due);
    let tale = tale
        .when(SUPERVISOR, escalate(1, EscalationStep::CirculatedNotice, due))
        .refused_at("/step", FieldCode::NotAHigherStep)
        .when(SUPERVISOR, silent)
        .refused_at("/talk", FieldCode::Required)
        .when(SUPERVISOR, talking)
        .refused_at("/talk", FieldCode::NotExpected)
        .when(SUPERVISOR, escalate(1, EscalationStep::SummonsToTalk, due))
        .done()
        .when(HEAD, report_on(1))
        .done()
        // What was reported does not do.
        .when(SUPERVISOR, escalate(1, EscalationStep::ListedSupervision, due))
        .done();
    assert_eq!(tale.case.supervision_stages(), [SupervisionStage::Ordered]);
    assert_eq!(tale.case.supervision(1).unwrap().escalations.len(), 3);
    let tale = tale.when(HEAD, report_on(1)).done().when(SUPERVISOR, accept_report(1)).done();
    tale.when(SUPERVISOR, escalate(1, EscalationStep::ListedSupervision, due))
        .refused_under(RefusalCode::SupervisionClosed, 40);
}

#[test]
fn an_order_goes_to_an_organ_of_the_case_that_can_answer_and_within_a_year() {
    let tale = claim_in(Status::InHandling);
    let (today, due) = (tale.today, tale.today + Days::new(10));
    let year = today + Days::new(366);
    for limit in [today, year] {
        tale.clone().when(SUPERVISOR, order_supervision(COUNTY_HOUSING, limit)).done();
    }
    let but = |change: &dyn Fn(&mut SupervisionOrder)| {
        let Command::OrderSupervision(mut order) = order_supervision(COUNTY_HOUSING, due) else {
            unreachable!()
        };
        change(&mut order);
        Command::OrderSupervision(order)
    };
    let tale = tale
        .when(SUPERVISOR, order_supervision(COUNTY_LABOUR, due))
        .refused_at("/to", FieldCode::NoPartInTheCase)
        .when(SUPERVISOR, but(&|order| order.to = domain::id::OrganisationId::new(99)))
        .refused_at("/to", FieldCode::UnknownOrganisation)
        .when(SUPERVISOR, but(&|order| order.document_no = None))
        .refused_at("/document_no", FieldCode::Required)
        .when(SUPERVISOR, but(&|order| order.report_due_on = today - Days::new(1)))
        .refused_at("/report_due_on", FieldCode::InPast)
        .when(SUPERVISOR, but(&|order| order.report_due_on = year + Days::new(1)))
        .refused_at("/report_due_on", FieldCode::OutOfRange);
    let owner = Actor::Staff(Staff { user: HANDLER, ..newcomer(Role::Reviewer, CITY_PETITIONS, Some(CITY)) });
    tale.when(owner, order_supervision(COUNTY_HOUSING, due))
        .refused_under(RefusalCode::SupervisorTookPart, 28);
    let accusation = file(ACCUSATION_OFFICER, petition(Purpose::Accusation), "2026-07-06").unwrap();
    let late = accusation.days_later(60);
    assert!(late.case.supervision_proposals.is_empty(), "accusations go by the discipline organs' own rules");
    late.when(SUPERVISOR, order_supervision(COUNTY_PETITIONS, day("2026-12-01")))
        .refused(RefusalCode::WrongTrack);
}

#[test]
fn an_organ_answers_in_writing_whether_it_adopts_the_suggestions() {
    use SupervisorySuggestionKind as K;
    let both = [K::Improvement, K::Accountability];
    let tale = supervised()
        .when(SUPERVISOR, suggest(1, COUNTY_GOVERNMENT, &both))
        .refused_at("/to", FieldCode::NobodyThere)
        .when(SUPERVISOR, suggest(1, COUNTY_HOUSING, &[]))
        .refused_at("/suggestions", FieldCode::Required)
        .when(SUPERVISOR, suggest(1, COUNTY_HOUSING, &[K::Policy, K::Policy]))
        .refused_at("/suggestions", FieldCode::Duplicate)
        .when(SUPERVISOR, suggest(1, COUNTY_HOUSING, &both))
        .done();
    let clock = tale.deadline(ClockKind::SuggestionsAnswer);
    assert_eq!((clock.organisation, clock.length), (Some(COUNTY_HOUSING), 30));
    let closed = tale
        .when(SUPERVISOR, suggest(1, COUNTY_HOUSING, &[K::Policy]))
        .refused_under(RefusalCode::SuggestionsUnanswered, 40)
        .when(HEAD, report_on(1))
        .done()
        .when(SUPERVISOR, accept_report(1))
        .done();
    assert_eq!(closed.case.supervision_stages(), [SupervisionStage::Advised]);
    let tale = closed
        .when(HANDLER, answer_suggestions(1, &both))
        .refused_under(RefusalCode::NotYours, 40)
        .when(HEAD, answer_suggestions(1, &[K::Improvement]))
        .refused_at("/answers", FieldCode::SuggestionUnanswered)
        .when(HEAD, answer_suggestions(1, K::VARIANTS))
        .refused_at("/answers", FieldCode::NotExpected)
        .when(HEAD, answer_suggestions(1, &[K::Improvement, K::Accountability, K::Improvement]))
        .refused_at("/answers", FieldCode::Duplicate)
        .days_later(40)
        .when(HEAD, answer_suggestions(1, &both))
        .done();
    assert!(tale.deadline(ClockKind::SuggestionsAnswer).is_late(tale.today));
    assert_eq!(tale.case.supervision(1).unwrap().suggestions[0].answered_on, Some(tale.today));
    tale.when(HEAD, answer_suggestions(1, &both)).refused_under(RefusalCode::NotYours, 40);
}

/// Whatever becomes of the matter, what the organ did is still looked at; only then is the file put away.
#[test]
fn an_order_outlives_the_matter_and_keeps_the_file_from_the_archive() {
    let tale = supervised();
    let today = tale.today;
    let withdrawn = tale.when(REGISTRAR, withdraw(today)).then_status(Status::Withdrawn);
    assert!(withdrawn.deadline(ClockKind::SupervisionReport).is_running());
    let reported = withdrawn
        .when(ARCHIVIST, archive())
        .refused_under(RefusalCode::SupervisionOpen, 40)
        .when(HEAD, report_on(1))
        .done();
    let closed = reported
        .when(ARCHIVIST, archive())
        .refused_under(RefusalCode::SupervisionOpen, 40)
        .when(SUPERVISOR, accept_report(1))
        .done();
    closed.when(ARCHIVIST, archive()).then_status(Status::Archived);
}

/// An organ that is only advised knows of the case from then on; nobody else does by that.
#[test]
fn an_advised_organ_knows_of_the_case() {
    let tale = supervised();
    let head = Staff { user: domain::id::UserId::new(77), ..newcomer(Role::Official, ELSEWHERE, None) };
    assert!(!Scope::of(&head, &DIRECTORY).allows(&tale.case));
    let policy = [SupervisorySuggestionKind::Policy];
    let advised = tale.when(SUPERVISOR, suggest(1, ELSEWHERE, &policy)).done();
    assert!(Scope::of(&head, &DIRECTORY).allows(&advised.case));
    advised
        .when(HEAD, answer_suggestions(1, &policy))
        .refused_under(RefusalCode::NotYours, 40)
        .when(Actor::Staff(head.clone()), report_on(1))
        .refused_under(RefusalCode::NotYours, 40)
        .when(Actor::Staff(head), answer_suggestions(1, &policy))
        .done();
}

#[test]
fn actions_tell_of_each_order_about_which_there_is_something_to_do() {
    let about = |tale: &Tale, kind: CommandKind| -> Vec<About> {
        let actor = SUPERVISOR.actor();
        let listed = actions(&tale.case, &context(&actor, tale.today, &tale.rules, None));
        listed.into_iter().filter(|action| action.command == kind).map(|action| action.about).collect()
    };
    let none = claim_in(Status::InHandling);
    assert_eq!(about(&none, CommandKind::JudgeSupervision), []);
    let policy = [SupervisorySuggestionKind::Policy];
    let tale = supervised().when(SUPERVISOR, suggest(1, COUNTY_HOUSING, &policy)).done();
    let closed = tale.when(HEAD, report_on(1)).done().when(SUPERVISOR, accept_report(1)).done();
    let due = closed.today + Days::new(5);
    let second = closed.when(SUPERVISOR, order_supervision(COUNTY_HOUSING, due)).done();
    assert_eq!(about(&second, CommandKind::AnswerSuggestions), [About::Order(1), About::Order(2)]);
    let answered = second.when(HEAD, answer_suggestions(1, &policy)).done();
    assert_eq!(about(&answered, CommandKind::AnswerSuggestions), [About::Order(2)]);
}

/// A report that comes late is judged as a report; the supervisor who judges it has decided on the delay.
#[test]
fn a_late_report_is_judged_and_the_delay_with_it() {
    let late = supervised().days_later(11).when(HEAD, report_on(1)).done();
    assert_eq!(late.case.supervision_stages(), [SupervisionStage::Proposed, SupervisionStage::Reported]);
    let closed = late.when(SUPERVISOR, accept_report(1)).done();
    assert_eq!(closed.case.supervision_stages(), []);
    let clock = closed.deadline(ClockKind::SupervisionReport);
    assert!(clock.is_late(closed.today), "the delay stays on record");
}

/// Where nobody is left who could report, a supervisor ends the order with the reason.
#[test]
fn an_order_that_nobody_can_answer_is_ended_by_the_supervisor() {
    let tale = supervised().when(HEAD, recuse(HEAD)).done();
    let tale = tale.when(HEAD, report_on(1)).refused_under(RefusalCode::MustBeRecused, 28);
    let again = tale.today + Days::new(5);
    let ended = tale.when(SUPERVISOR, accept_report(1)).done();
    assert_eq!(ended.case.supervision(1).unwrap().state, OrderState::Closed);
    assert_eq!(ended.deadline(ClockKind::SupervisionReport).state, DeadlineState::Cancelled);
    ended
        .when(SUPERVISOR, order_supervision(COUNTY_HOUSING, again))
        .refused_at("/to", FieldCode::NobodyThere);
}

/// What an organ let pass is decided on also when its file is in the archive, and when it was done before the sweep came.
#[test]
fn a_delay_is_proposed_and_kept_whatever_the_organ_does_meanwhile() {
    let filed = file(CLERK, petition(Purpose::Claim), "2026-07-06").unwrap();
    let mut unswept = filed.clone();
    unswept.today = unswept.today + Days::new(20);
    let passed_on = unswept.when(DISPATCHER, transfer(COUNTY_HOUSING)).done();
    let clocks: Vec<_> = passed_on.case.supervision_proposals.iter().map(|it| it.clock).collect();
    assert_eq!(clocks, [ClockKind::Dispatch]);
    let late = filed.days_later(20).when(DISPATCHER, transfer(COUNTY_HOUSING)).done();
    assert_eq!(late.count("supervision_proposed"), 1, "what the sweep has told is not told again");

    let today = late.today;
    let withdrawn = late.when(REGISTRAR, withdraw(today)).done();
    let archived = withdrawn.when(ARCHIVIST, archive()).then_status(Status::Archived);
    assert_eq!(archived.case.supervision_stages(), [SupervisionStage::Proposed]);
    let dismissed = archived.when(SUPERVISOR, dismiss(&[1])).done();
    assert_eq!(dismissed.case.supervision_stages(), []);
}

/// Whoever decided or reported, or works for a lower organ than the one that ordered, does not go on with the order.
#[test]
fn the_organ_that_ordered_or_one_above_it_goes_on_with_the_order() {
    let reported = supervised().when(HEAD, report_on(1)).done();
    let of =
        |user, organ, place| Actor::Staff(Staff { user, ..newcomer(Role::Reviewer, organ, Some(place)) });
    let stranger = domain::id::UserId::new(940);
    reported
        .when(of(HEAD, CITY_PETITIONS, CITY), accept_report(1))
        .refused_under(RefusalCode::SupervisorTookPart, 28)
        .when(of(REGISTRAR, CITY_PETITIONS, CITY), accept_report(1))
        .refused_under(RefusalCode::SupervisorTookPart, 28)
        .when(of(stranger, COUNTY_PETITIONS, COUNTY), accept_report(1))
        .refused_under(RefusalCode::NotTheSupervisingOrgan, 40)
        .when(of(stranger, CITY_PETITIONS, CITY), accept_report(1))
        .done();
    let filing = Filing { received_by: CITY_PETITIONS, ..petition(Purpose::Claim) };
    let of_the_city = file(CITY_DISPATCHER, filing, "2026-07-06").unwrap();
    let due = day("2026-08-06");
    of_the_city
        .when(of(stranger, COUNTY_PETITIONS, COUNTY), order_supervision(CITY_PETITIONS, due))
        .refused_at("/to", FieldCode::OfAHigherLevel);
}
