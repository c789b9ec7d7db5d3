//! Officials who do their work bring every case to its end, wherever random people have left it.

use domain::access::{Actor, Duty, Role, Staff};
use domain::case::backlog::BacklogStage;
use domain::case::content::{
    Adoption, BacklogProgress, BacklogResolution, ClaimAnswer, ClaimResult, DocumentKind, OpinionDraft,
    ReviewOutcome, Satisfaction,
};
use domain::case::instruction::InstructionState;
use domain::case::supervision::OrderState;
use domain::case::{Command, Status, Track, decide};
use domain::id::{OrganisationId, UserId};
use domain::measure::{MeasureKind, MeasureState, Reasonableness};
use domain::organisation::ReviewStage;
use strum::VariantArray;

use crate::municipality::*;
use crate::payloads::*;
use crate::properties::attempt;
use crate::tale::{Tale, context};

/// More steps than any case needs from anywhere.
const MOST_STEPS: usize = 60;

/// Brings the case into the archive. A case is left alone where nobody is there to handle it: that is a
/// matter of staffing, not of the rules.
pub fn finish(mut tale: Tale) -> Tale {
    tale.earlier = None;
    (tale.rules.backlog_hearing_required, tale.rules.backlog_quiet_days) = (false, 0);
    let left_in = tale.case.status;
    for _ in 0..MOST_STEPS {
        if tale.case.status == Status::Archived || is_unstaffed(&tale) {
            return tale;
        }
        let in_a_hurry = matches!(tale.case.status, Status::Delivered | Status::Executing)
            && !tale.case.handlers.is_empty()
            && tale.case.hardship.is_none()
            && unsettled(&tale).is_none();
        if in_a_hurry {
            tale = impatient(tale);
        }
        let before = tale.case.version;
        let (actor, command) = next(&mut tale);
        let refused = decide(&tale.case, &command, &context(&actor, tale.today, &tale.rules, None)).err();
        tale = attempt(tale, &actor, &command);
        let waits = command == Command::Sweep;
        assert!(
            waits || tale.case.version > before,
            "{} in {:?}: {refused:?}",
            command.kind(),
            tale.case.status
        );
    }
    panic!("the case left in {left_in:?} stays in {:?}", tale.case.status);
}

/// Somebody of the organ with every duty; each number is another person.
fn official(organisation: OrganisationId, number: i64) -> Actor {
    let newcomer = newcomer(Role::Official, organisation, None);
    Actor::Staff(Staff { user: UserId::new(910 + number), ..newcomer })
}

fn as_user(user: UserId, organisation: OrganisationId) -> Actor {
    Actor::Staff(Staff { user, ..newcomer(Role::Official, organisation, None) })
}

/// Who of the organ can be named: nobody with an interest.
fn hand(tale: &Tale) -> Option<UserId> {
    PEOPLE
        .iter()
        .filter(|person| person.organisation == tale.case.holder)
        .filter(|person| person.has(Duty::Handle) && !person.role.is_administrator())
        .map(|person| person.user)
        .find(|user| !tale.case.has_interest(*user))
}

fn is_unstaffed(tale: &Tale) -> bool {
    tale.case.track == Track::Claim && tale.case.accepted_on.is_some() && hand(tale).is_none()
}

fn next(tale: &mut Tale) -> (Actor, Command) {
    use Status as S;
    let held_on = tale.case.hearings.last().map(|hearing| hearing.notice.held_on);
    if hearing_open(tale) && held_on > Some(tale.today) {
        tale.today = held_on.unwrap();
        return (Actor::System, Command::Sweep);
    }
    let (case, today) = (&tale.case, tale.today);
    let holder = official(case.holder, 0);
    match case.status {
        S::Registered | S::Screening if case.is_confidential() => (holder, file_only()),
        S::Forwarded => (holder, withdraw(today)),
        S::ReceiptAcknowledged => (holder, outcome()),
        S::Objected => (official(case.sender().unwrap(), 0), decide_objection(false)),
        S::Registered | S::Screening | S::Transferred | S::Assigned | S::PendingAcceptance => {
            (holder, decline())
        }
        S::Accepted | S::ReturnedForRework => (holder, name_handlers(&[hand(tale).unwrap()])),
        S::OpinionReview if drafter_recused(tale) => (holder, return_draft()),
        S::OpinionReview => (holder, issue()),
        S::OpinionIssued => (holder, deliver(DocumentKind::HandlingOpinion, today)),
        S::Reviewing | S::ReReviewing => of_review(tale),
        S::ReReviewIssued => {
            (official(case.reviews.last().unwrap().organ, 1), deliver(DocumentKind::ReReviewOpinion, today))
        }
        S::Studying => (holder, conclude_study(Adoption::Adopted)),
        S::StudyConcluded => (holder, Command::ReplyToSuggestion(reply())),
        S::InHandling | S::OpinionDraft | S::Mediating => of_handling(tale),
        S::Delivered | S::Executing | S::ReviewIssued | S::Terminated => of_measures(tale),
        _ => of_the_archive(tale),
    }
}

fn hearing_open(tale: &Tale) -> bool {
    tale.case.hearings.last().is_some_and(|hearing| hearing.outcome.is_none())
}

fn drafter_recused(tale: &Tale) -> bool {
    let drafters = tale.case.draft.iter().flat_map(|draft| [draft.drafted_by, draft.drafted_on_behalf_of]);
    drafters.flatten().any(|drafter| tale.case.recused_users().any(|recused| recused == drafter))
}

/// Ends the hearing that is open, or convenes another where its chair was recused.
fn end_hearing(tale: &Tale) -> Command {
    let case = &tale.case;
    let chair = case.hearings.last().unwrap().notice.chair;
    if !case.recused_users().any(|recused| recused == chair) {
        return conclude_hearing(tale.today);
    }
    let free = |user: &UserId| !case.has_interest(*user) && !case.took_part.contains(user);
    let staff = PEOPLE.iter().filter(|person| !person.role.is_administrator()).map(|person| person.user);
    let days = chrono::Days::new(tale.rules.hearing_notice_days.into());
    convene(tale.today + days, staff.into_iter().find(free).unwrap())
}

fn of_handling(tale: &Tale) -> (Actor, Command) {
    let case = &tale.case;
    let Some(handler) = case.handlers.first().copied() else {
        return (official(case.holder, 0), name_handlers(&[hand(tale).unwrap()]));
    };
    let handler = as_user(handler, case.holder);
    if case.status == Status::Mediating {
        return (handler, end_mediation(&[], tale.today));
    }
    if hearing_open(tale) {
        return (handler, end_hearing(tale));
    }
    if case.claims.is_empty() {
        return (handler, add_claim());
    }
    if case.claims.iter().any(|claim| claim.reasonableness == Reasonableness::Undetermined) {
        let found = vec![Reasonableness::Partly; case.claims.len()];
        return (handler, find(&found, tale.today, false, false));
    }
    let answers = case
        .claims
        .iter()
        .map(|claim| ClaimAnswer {
            claim: claim.no,
            result: ClaimResult::Explain,
            reasons: remark("缺乏依据"),
            legal_basis: remark("《物业管理条例》"),
        })
        .collect();
    let facts = narrative(&format!("第{}次调查。", case.version));
    (handler, Command::DraftOpinion(OpinionDraft { facts, answers }))
}

fn of_review(tale: &Tale) -> (Actor, Command) {
    let review = tale.case.reviews.last().unwrap();
    let number = if review.stage == ReviewStage::Review { 2 } else { 3 };
    let reviewer = official(review.organ, number);
    if hearing_open(tale) {
        return (reviewer, end_hearing(tale));
    }
    if review.admission.is_none() {
        return (reviewer, admit(review.stage));
    }
    (reviewer, crate::payloads::review(review.stage, ReviewOutcome::Uphold, &[]))
}

fn of_measures(tale: &Tale) -> (Actor, Command) {
    let (case, today) = (&tale.case, tale.today);
    let holder = official(case.holder, 0);
    if case.earlier_reply.is_some() && case.opinions.is_empty() {
        return (holder, archive());
    }
    if let Some(review) = case.reviews.iter().rev().find(|review| review.decision.is_some())
        && case.status == Status::ReviewIssued
        && review.delivered_on.is_none()
    {
        return (official(review.organ, 1), deliver(DocumentKind::ReviewOpinion, today));
    }
    let Some(handler) = case.handlers.first().copied() else {
        return (holder, name_handlers(&[hand(tale).unwrap()]));
    };
    let handler = as_user(handler, case.holder);
    let Some(kind) = unsettled(tale) else {
        let checked = case.hardship.is_some();
        return (handler, if checked { close() } else { find(&[], today, true, true) });
    };
    let measure = &case.measures[&kind];
    match measure.state {
        MeasureState::Undetermined => (handler, not_applicable(kind)),
        MeasureState::Reported | MeasureState::FoundNotApplicable => (a_verifier(tale), verify(kind, true)),
        MeasureState::Planned => {
            (as_user(measure.owner.unwrap(), case.holder), report(kind, &to_execute(tale), today))
        }
        _ => (holder, plan(kind, hand(tale).unwrap(), today)),
    }
}

/// The next measure to settle; whether help is needed is looked at last.
fn unsettled(tale: &Tale) -> Option<MeasureKind> {
    let waits = |kind: MeasureKind| kind == MeasureKind::Assist && tale.case.hardship.is_none();
    let open = tale.case.measures.values().filter(|measure| !measure.state.is_settled());
    open.map(|measure| measure.kind).find(|kind| !waits(*kind))
}

/// Somebody in a hurry tries to close without having looked for hardship.
fn impatient(tale: Tale) -> Tale {
    let handler = as_user(tale.case.handlers[0], tale.case.holder);
    let assist = MeasureKind::Assist;
    let tale = attempt(tale, &handler, &not_applicable(assist));
    let verifier = a_verifier(&tale);
    let tale = attempt(tale, &verifier, &verify(assist, true));
    attempt(tale, &handler, &close())
}

/// A reviewer of the place from an organ that has no part in the case.
fn a_verifier(tale: &Tale) -> Actor {
    let measures = tale.case.measures.values();
    let answer: Vec<UserId> = measures.flat_map(|it| [it.owner, it.found_by]).flatten().collect();
    let units = answer.iter().filter_map(|user| DIRECTORY.staff(*user)).map(|staff| staff.organisation);
    let has_part: Vec<OrganisationId> = units.chain([tale.case.holder]).collect();
    let others =
        [ELSEWHERE, CITY_GOVERNMENT, CITY_PETITIONS, CITY_DISCIPLINE, REVIEW_COMMITTEE, COUNTY_LABOUR];
    let unit = others.into_iter().find(|organ| !has_part.contains(organ)).unwrap();
    Actor::Staff(Staff { user: UserId::new(920), ..newcomer(Role::Reviewer, unit, Some(COUNTY)) })
}

fn to_execute(tale: &Tale) -> Vec<u16> {
    let supported = |claim: &&domain::case::Claim| {
        claim.settled || claim.answer.as_ref().is_some_and(|answer| answer.result == ClaimResult::Support)
    };
    tale.case.claims.iter().filter(supported).map(|claim| claim.no).collect()
}

/// What a case on a list of backlog still waits for.
fn of_backlog(tale: &Tale) -> Option<(Actor, Command)> {
    let case = &tale.case;
    let backlog = case.current_backlog()?;
    let organ = backlog.listing.organ;
    if backlog.stage == BacklogStage::Inspected {
        let city = [CITY_PETITIONS, CITY_GOVERNMENT, CITY_HOUSING, CITY_DISCIPLINE, REVIEW_COMMITTEE];
        return Some((an_outsider(tale, organ, &city, 921), strike_off(true)));
    }
    if backlog.stage != BacklogStage::Listed {
        return None;
    }
    if !backlog.is_reported_resolved() {
        return Some((official(organ, 4), report_backlog(BacklogProgress::Resolved)));
    }
    let resolution = match case.status {
        Status::Closed if case.resolution.heart_resolved_on.is_none() => {
            return Some((official(case.holder, 4), visit(tale.today, Satisfaction::Satisfied)));
        }
        Status::Closed | Status::Withdrawn => BacklogResolution::PetitionCeased,
        _ => BacklogResolution::LeftTheProcedure,
    };
    let county = [COUNTY_PETITIONS, COUNTY_GOVERNMENT, COUNTY_LABOUR, COUNTY_HOUSING, COUNTY_DISCIPLINE];
    Some((an_outsider(tale, organ, &county, 922), inspect(Some(resolution), tale.today)))
}

/// A reviewer of the place from the first of these organs whose own work the backlog case is not.
fn an_outsider(tale: &Tale, organ: OrganisationId, of: &[OrganisationId], user: i64) -> Actor {
    let case = &tale.case;
    let own = |unit: OrganisationId| {
        unit == organ || unit == case.holder || case.opinions.iter().any(|it| it.issued_by == unit)
    };
    let unit = of.iter().copied().find(|unit| !own(*unit)).unwrap();
    Actor::Staff(Staff { user: UserId::new(user), ..newcomer(Role::Reviewer, unit, Some(COUNTY)) })
}

/// What an instruction still waits for.
fn of_instructions(tale: &Tale) -> Option<(Actor, Command)> {
    let given = tale.case.open_instructions().next()?;
    let to = given.instruction.to;
    Some(match given.state {
        InstructionState::AwaitingReport => (official(to, 4), report_instruction(given.no)),
        InstructionState::AwaitingDecision => (a_supervisor(to), accept_instruction(given.no)),
        _ => (official(tale.case.holder, 4), visit(tale.today, Satisfaction::Satisfied)),
    })
}

/// What an order of supervision, or a letter of suggestions, still waits for.
fn of_supervision(tale: &Tale) -> Option<(Actor, Command)> {
    let case = &tale.case;
    if let Some(order) = case.open_supervision() {
        let orderer = newcomer(Role::Reviewer, order.ordered_by.unwrap(), Some(COUNTY));
        let supervisor = Actor::Staff(Staff { user: UserId::new(921), ..orderer });
        return Some(match order.state {
            OrderState::AwaitingReport => (official(order.order.to, 4), report_on(order.no)),
            _ => (supervisor, accept_report(order.no)),
        });
    }
    let order = case.supervisions.iter().find(|order| order.unanswered().is_some())?;
    let asked = &order.unanswered()?.suggestions;
    let kinds: Vec<_> = asked.suggestions.iter().map(|it| it.kind).collect();
    Some((official(asked.to, 4), answer_suggestions(order.no, &kinds)))
}

/// A supervisor of the place from another organ.
fn a_supervisor(of: OrganisationId) -> Actor {
    let unit = if of == CITY_PETITIONS { CITY_GOVERNMENT } else { CITY_PETITIONS };
    Actor::Staff(Staff { user: UserId::new(921), ..newcomer(Role::Reviewer, unit, Some(COUNTY)) })
}

/// A year later nothing runs any more, and the archivist takes the file.
fn of_the_archive(tale: &mut Tale) -> (Actor, Command) {
    if let Some(listed) = of_backlog(tale) {
        return listed;
    }
    if let Some(instructed) = of_instructions(tale) {
        return instructed;
    }
    if let Some(supervised) = of_supervision(tale) {
        return supervised;
    }
    if tale.case.deadlines.iter().any(domain::deadline::Deadline::is_open) {
        tale.today = tale.today + chrono::Days::new(366);
        return (Actor::System, Command::Sweep);
    }
    (official(tale.case.holder, 0), archive())
}

/// Every measure kind is one that officials can bring in place.
#[test]
fn every_stage_of_every_track_can_be_finished() {
    for track in Track::VARIANTS {
        for status in crate::stages::states(*track) {
            finish(crate::stages::case_in(status, *track));
        }
    }
    assert_eq!(MeasureKind::VARIANTS.len(), 4);
}
