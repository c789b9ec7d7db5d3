//! Thousands of random sequences of commands, and what must hold after every step of each.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Actor, RecordedActor, Relation, Scope, Staff, may_see_particulars, relations};
use domain::case::backlog::BacklogStage;
use domain::case::content::BacklogProgress;
use domain::case::instruction::InstructionState;
use domain::case::supervision::OrderState;
use domain::case::transitions::{IN_CHARGE, applying};
use domain::case::{Case, Command, CommandKind, Event, Recorded, Status, Track, decide, decide_filing, fold};
use domain::deadline::{Alarm, ClockKind, Deadline};
use domain::id::{OrganisationId, UserId};
use domain::language::{Language, label};
use domain::measure::MeasureState;
use domain::organisation::ReviewStage;
use domain::refusal::{Refusal, RefusalClass, RefusalCode};
use proptest::prelude::*;
use strum::VariantArray;

use crate::finishing::finish;
use crate::municipality::*;
use crate::random::{self, Dice};
use crate::stages::{case_in, states};
use crate::tale::{CASE, FIRST_DAY, Tale, context, day};

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sequences_from_random_filings_keep_the_rules(beginning in any::<u64>(), steps in steps()) {
        if let Some(tale) = filed(&mut Dice(beginning)) {
            walk(tale, &steps);
        }
    }

    #[test]
    fn sequences_from_the_middle_keep_the_rules(beginning in any::<u64>(), steps in steps()) {
        walk(in_the_middle(&mut Dice(beginning)), &steps);
    }

    #[test]
    fn no_command_succeeds_on_a_case_that_its_caller_may_not_know_of(beginning in any::<u64>(), callers in prop::collection::vec(any::<u64>(), 1..8)) {
        let dice = &mut Dice(beginning);
        let tale = if dice.chance(30) { filed(dice) } else { None };
        let tale = tale.unwrap_or_else(|| in_the_middle(dice));
        for seed in callers {
            let dice = &mut Dice(seed);
            let caller = random::anybody(dice, &tale.case);
            let knows = Scope::of(&caller, &DIRECTORY).allows(&tale.case);
            let actor = Actor::Staff(caller);
            prop_assert!(knows || !may_see_particulars(&actor, &tale.case, &DIRECTORY), "{actor:?}");
            for kind in CommandKind::VARIANTS {
                let command = random::command(dice, *kind, &tale.case, tale.today);
                let decided =
                    decide(&tale.case, &command, &context(&actor, tale.today, &tale.rules, tale.earlier));
                prop_assert!(knows || decided.is_err(), "{kind:?} by {actor:?}");
            }
        }
    }
}

#[test]
fn whoever_the_property_of_the_unknown_tries_is_near_enough_to_be_kept_out_by_the_scope_alone() {
    let mut kept_out = BTreeSet::new();
    for seed in 0..2_000 {
        let dice = &mut Dice(seed);
        let tale = in_the_middle(dice);
        let caller = random::anybody(dice, &tale.case);
        if !Scope::of(&caller, &DIRECTORY).allows(&tale.case) {
            kept_out.extend(relations(&Actor::Staff(caller), &tale.case, &DIRECTORY));
        }
    }
    let near =
        [Relation::Filer, Relation::Grid, Relation::Holder, Relation::ReviewOrgan, Relation::Territory];
    assert!(near.iter().all(|relation| kept_out.contains(relation)), "{kept_out:?}");
}

fn steps() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(any::<u64>(), 1..50)
}

/// Takes the random steps, then lets officials finish the case.
fn walk(mut tale: Tale, steps: &[u64]) {
    for seed in steps {
        if tale.case.status == Status::Archived {
            break;
        }
        let mut dice = Dice(*seed);
        tale.today = tale.today + chrono::Days::new(dice.days());
        if dice.chance(70) {
            tale = attempt(tale, &Actor::System, &Command::Sweep);
        }
        let kind = random::kind(&mut dice, &tale.case);
        let actor = random::actor(&mut dice, kind, &tale.case);
        let command = random::command(&mut dice, kind, &tale.case, tale.today);
        forecast_holds(&tale, &actor, &command);
        tale = attempt(tale, &actor, &command);
    }
    replays(&finish(tale));
}

fn in_the_middle(dice: &mut Dice) -> Tale {
    let track = dice.pick(&[Track::Claim, Track::Claim, Track::Claim, Track::Suggestion, Track::Accusation]);
    // The reviews are far from every filing, so they are begun with more often.
    let reviews = [Status::Reviewing, Status::ReviewIssued, Status::ReReviewing, Status::ReReviewIssued];
    let in_review = track == Track::Claim && dice.chance(30);
    let status = if in_review { dice.pick(&reviews) } else { dice.pick(&states(track)) };
    let tale = case_in(status, track);
    Tale { rules: random::rules(dice), earlier: random::earlier(dice), ..tale }
}

fn filed(dice: &mut Dice) -> Option<Tale> {
    let rules = random::rules(dice);
    let today = day(FIRST_DAY) + chrono::Days::new(dice.roll(150));
    let filing = random::filing(dice);
    let actor = dice.pick(&[GRID_MEMBER, CLERK, ACCUSATION_OFFICER, REGISTRAR]).actor();
    match decide_filing(CASE, filing, &context(&actor, today, &rules, None)) {
        Ok(journal) => {
            let case = fold(CASE, &journal).unwrap();
            Some(Tale { case, journal, today, rules, earlier: random::earlier(dice) })
        }
        Err(refusal) => {
            explains_itself(&refusal);
            None
        }
    }
}

/// Tries one step, and checks whatever comes of it.
pub fn attempt(mut tale: Tale, actor: &Actor, command: &Command) -> Tale {
    let decided = decide(&tale.case, command, &context(actor, tale.today, &tale.rules, tale.earlier));
    match decided {
        Ok(events) => {
            let before = tale.case.clone();
            assert!(!actor.is_among(before.recused_users()), "somebody who is recused goes on");
            let knows = actor.staff().is_none_or(|staff| Scope::of(staff, &DIRECTORY).allows(&before));
            assert!(knows, "somebody decides on a case that they may not know of");
            tale.take(events.clone());
            stands_in_the_table(&before, command, &events, &tale.case);
            eyes_are_four(&tale, &before, actor, &events);
            ends_are_lawful(&tale, &before, &events);
            clocks_are_lawful(&tale.case);
            supervision_is_lawful(&tale);
            instructions_are_lawful(&tale.case);
            backlog_is_lawful(&tale.case);
            assert_eq!(tale.case.version as usize, tale.journal.len(), "version is the number of events");
        }
        Err(refusal) => explains_itself(&refusal),
    }
    tale
}

/// `actions` says allowed exactly when `decide` does not refuse for state or right.
fn forecast_holds(tale: &Tale, actor: &Actor, command: &Command) {
    if command.kind().path().is_none() {
        return;
    }
    let refused = decide(&tale.case, command, &context(actor, tale.today, &tale.rules, tale.earlier)).err();
    let by_state_or_right = refused.filter(|refusal| refusal.code.class() != RefusalClass::Fields);
    assert_eq!(tale.forecast(actor, command), by_state_or_right, "{}", command.kind());
}

fn explains_itself(refusal: &Refusal) {
    assert!(
        !refusal.code.text(Language::Chinese).is_empty() && !refusal.code.text(Language::English).is_empty()
    );
    assert_eq!(refusal.code == RefusalCode::StateForbids, !refusal.allowed_from.is_empty(), "{refusal:?}");
    assert!(refusal.code != RefusalCode::InvalidFields || !refusal.fields.is_empty(), "{refusal:?}");
    for field in &refusal.fields {
        assert!(field.pointer.is_empty() || field.pointer.starts_with('/'));
        assert!(!label(&field.code, Language::Chinese).is_empty());
    }
}

/// Replaying the journal, also as it is stored, gives the same case.
fn replays(tale: &Tale) {
    assert_eq!(fold(CASE, &tale.journal).unwrap(), tale.case);
    let stored = serde_json::to_string(&tale.journal).unwrap();
    let read: Vec<Recorded> = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, tale.journal);
    assert!(tale.journal.iter().zip(1..).all(|(recorded, place)| recorded.seq == place));
    alarms_come_once(&tale.journal);
}

/// Each step is a row of the table, and starts and ends no other clocks than the row names.
fn stands_in_the_table(before: &Case, command: &Command, events: &[Recorded], after: &Case) {
    let row = applying(command.kind(), before.track, before.status, after.status).unwrap_or_else(|| {
        panic!("{} from {:?} to {:?} is not in the table", command.kind(), before.status, after.status)
    });
    let clock = |no: u16| after.deadlines[usize::from(no) - 1].kind;
    for event in events {
        let named = match &event.event {
            Event::DeadlineStarted(deadline) => row.starts.contains(&deadline.kind),
            Event::DeadlineMet { no, .. } => row.meets.contains(&clock(*no)),
            Event::DeadlineCancelled { no, .. } => row.cancels.contains(&clock(*no)),
            _ => true,
        };
        assert!(named, "{}: {:?}", command.kind(), event.event);
    }
}

/// Everybody who had a part in the handling, by the journal alone: also whoever acted for one of them.
fn took_part(journal: &[Recorded]) -> BTreeSet<UserId> {
    let mut part = BTreeSet::new();
    for recorded in journal {
        let had = |part: &BTreeSet<UserId>| behind(recorded).iter().any(|user| part.contains(user));
        match &recorded.event {
            Event::HandlersAssigned(assignment) => {
                part.extend(assignment.handlers.iter().map(|handler| handler.user));
            }
            Event::MeasurePlanned { plan, .. } => {
                part.insert(plan.owner);
            }
            Event::ChargeTaken(charge) => {
                part.insert(charge.leader);
            }
            Event::ChargeHandedOver(handover) => {
                part.insert(handover.to);
            }
            Event::InstructionGiven { instruction, .. } => {
                part.insert(instruction.leader);
            }
            Event::LeaderVisitReceived(visit) => {
                part.insert(visit.leader);
            }
            Event::OpinionDrafted(_) | Event::OpinionReturned(_) | Event::OpinionIssued(_) => {
                part.extend(behind(recorded));
            }
            Event::FindingsRecorded(_)
            | Event::MeasureStepAdded { .. }
            | Event::MeasureReported { .. }
            | Event::ChargeReported(_)
                if had(&part) =>
            {
                part.extend(behind(recorded));
            }
            _ => {}
        }
    }
    part
}

/// Everybody who decided on the handling or reported for an organ, by the journal alone.
fn decided_or_reported(journal: &[Recorded]) -> Vec<UserId> {
    let counts = |event: &Event| {
        let kinds = [
            "accepted",
            "declined",
            "no_longer_accepted",
            "routed_out",
            "extension_decided",
            "admission_decided",
            "review_decided",
            "supervision_reported",
            "suggestions_answered",
            "instruction_reported",
            "backlog_reported",
        ];
        kinds.contains(&event.as_ref())
    };
    journal.iter().filter(|recorded| counts(&recorded.event)).flat_map(behind).collect()
}

/// The user, and in whose place it was done.
fn behind(recorded: &Recorded) -> Vec<UserId> {
    match recorded.actor {
        RecordedActor::Staff { user, on_behalf_of, .. } => {
            [Some(user), on_behalf_of].into_iter().flatten().collect()
        }
        _ => vec![],
    }
}

/// Who is behind the last event of the kind.
fn behind_the_last(journal: &[Recorded], is_meant: impl Fn(&Event) -> bool) -> Vec<UserId> {
    behind(journal.iter().rev().find(|recorded| is_meant(&recorded.event)).unwrap())
}

/// Nobody signs, verifies, approves or reviews what they did themselves, nor what was done for them, nor for somebody who did it.
fn eyes_are_four(tale: &Tale, before: &Case, actor: &Actor, events: &[Recorded]) {
    let eyes: Vec<UserId> = actor.staff().into_iter().flat_map(Staff::people).collect();
    let unit = actor.staff().map(|staff| staff.organisation);
    let journal = &tale.journal[..before.version as usize];
    let strangers = |others: &[UserId], what: &str| {
        assert!(eyes.iter().all(|user| !others.contains(user)), "{what}: {eyes:?} after {others:?}");
    };
    for event in events {
        match &event.event {
            Event::OpinionIssued(_) => {
                let drafters = behind_the_last(journal, |event| matches!(event, Event::OpinionDrafted(_)));
                strangers(&drafters, "the drafter signs");
            }
            Event::ExtensionDecided(_) => {
                let proposers =
                    behind_the_last(journal, |event| matches!(event, Event::ExtensionRequested(_)));
                strangers(&proposers, "the proposer approves");
            }
            Event::MeasureVerified { measure: kind, .. } => {
                let measure = before.measure(*kind).unwrap();
                let finders = || {
                    behind_the_last(
                        journal,
                        |event| matches!(event, Event::MeasureFoundNotApplicable { measure, .. } if measure == kind),
                    )
                };
                let reported = measure.state == MeasureState::Reported;
                let answerable = if reported { measure.owner.into_iter().collect() } else { finders() };
                strangers(&answerable, "a measure is verified by whoever answers for it");
                let unit_of = |user: &UserId| DIRECTORY.staff(*user).map(|staff| staff.organisation);
                for own_unit in answerable.iter().filter_map(unit_of) {
                    assert_ne!(Some(own_unit), unit, "a measure is verified in the owner's unit");
                }
                let part: Vec<UserId> = took_part(journal).into_iter().collect();
                strangers(&part, "a verifier had a part in the handling");
            }
            Event::AdmissionDecided { stage, .. } | Event::ReviewDecided { stage, .. } => {
                let part: Vec<UserId> = took_part(journal).into_iter().collect();
                strangers(&part, "a reviewer had a part in the handling");
                if *stage == ReviewStage::ReReview {
                    let reviewers = behind_the_last(journal, |event| {
                        matches!(event, Event::ReviewDecided { stage: ReviewStage::Review, .. })
                    });
                    strangers(&reviewers, "the reviewer re-reviews");
                }
            }
            Event::BacklogInspected(_) | Event::BacklogStrikeOffDecided(_) => {
                let part: Vec<UserId> = took_part(journal).into_iter().collect();
                strangers(&part, "an inspector had a part in the handling");
                strangers(&decided_or_reported(journal), "an inspector decided or reported on it");
                assert_ne!(
                    Some(before.current_backlog().unwrap().listing.organ),
                    unit.filter(|_| { matches!(event.event, Event::BacklogInspected(_)) }),
                    "an organ inspects its own backlog"
                );
                if matches!(event.event, Event::BacklogStrikeOffDecided(_)) {
                    let inspectors =
                        behind_the_last(journal, |event| matches!(event, Event::BacklogInspected(_)));
                    strangers(&inspectors, "the inspector strikes off");
                }
            }
            Event::InstructionDecided { .. } => {
                let is_report = |event: &Event| matches!(event, Event::InstructionReported { .. });
                let reported = journal.iter().any(|recorded| is_report(&recorded.event));
                let reporters = if reported { behind_the_last(journal, is_report) } else { vec![] };
                let rounds = before.instructions.iter().filter_map(|given| given.rounds.last());
                // Where several were reported on, the last need not be this one's; where none was, it is ended.
                if rounds.count() == 1 && before.instructions.len() == 1 {
                    strangers(&reporters, "whoever reported accepts the report");
                }
            }
            Event::SupervisionOrdered { .. }
            | Event::SupervisionJudged { .. }
            | Event::SupervisionEscalated { .. }
            | Event::SuggestionsMade { .. }
            | Event::ProposalsDismissed(_) => {
                let part: Vec<UserId> = took_part(journal).into_iter().collect();
                strangers(&part, "a supervisor had a part in the handling");
                strangers(&decided_or_reported(journal), "a supervisor decided or reported on it");
                let organs = supervised_by(&event.event, &tale.case);
                assert!(
                    organs.iter().all(|organ| Some(*organ) != unit),
                    "somebody supervises their own organ"
                );
                if let Event::ProposalsDismissed(dismissal) = &event.event {
                    let dismissed = before
                        .supervision_proposals
                        .iter()
                        .filter(|it| dismissal.deadlines.contains(&it.deadline));
                    assert!(dismissed.clone().count() == dismissal.deadlines.len());
                    assert!(
                        { dismissed }.all(|it| Some(it.organisation) != unit),
                        "an organ's own delay is dismissed"
                    );
                }
            }
            _ => {}
        }
    }
}

/// The organ that the event of supervision is about.
fn supervised_by(event: &Event, case: &Case) -> Option<OrganisationId> {
    match event {
        Event::SupervisionOrdered { order, .. } => Some(order.to),
        Event::SupervisionJudged { no, .. }
        | Event::SupervisionEscalated { no, .. }
        | Event::SuggestionsMade { no, .. } => Some(case.supervision(*no).unwrap().order.to),
        _ => None,
    }
}

/// Whoever answers for a listed case has a clock, and nobody else; what passed an inspection was resolved, and not only watched.
fn backlog_is_lawful(case: &Case) {
    let clocks = case.deadlines.iter().filter(|it| it.is_open() && it.kind == ClockKind::BacklogReport);
    assert_eq!(clocks.count(), usize::from(case.backlog_organ().is_some()), "{:?}", case.backlog);
    for backlog in &case.backlog {
        let passed = backlog.inspections.iter().any(|made| made.inspection.passed);
        assert!(passed || backlog.stage == BacklogStage::Listed, "{backlog:?}");
        let resolved = backlog.reports.iter().any(|made| made.report.progress == BacklogProgress::Resolved);
        assert!(resolved || !passed, "{backlog:?}");
        let agreed = backlog.strike_offs.iter().any(|made| made.decision.agreed);
        assert!(agreed || backlog.stage != BacklogStage::StruckOff, "{backlog:?}");
    }
}

/// Each instruction whose report is awaited has a clock of its own; none is left behind in the archive.
fn instructions_are_lawful(case: &Case) {
    let awaited = case.instructions.iter().filter(|given| given.state == InstructionState::AwaitingReport);
    let own: BTreeSet<Option<u16>> = awaited.map(|given| given.deadline).collect();
    let clocks = case.deadlines.iter().filter(|it| it.is_open() && it.kind == ClockKind::InstructionReport);
    assert_eq!(own, clocks.map(|it| Some(it.no)).collect(), "{:?}", case.instructions);
    assert!(case.open_instructions().next().is_none() || case.status != Status::Archived);
}

/// One order at a time, with a clock while its organ is to report; one letter of suggestions, with a clock until its answer; and
/// what an organ let pass stays on the list until somebody decided on it.
fn supervision_is_lawful(tale: &Tale) {
    let case = &tale.case;
    let open: Vec<_> = case.supervisions.iter().filter(|it| it.is_open()).collect();
    assert!(open.len() <= 1, "two orders are open");
    let clocks = |kind| case.deadlines.iter().filter(|it| it.is_open() && it.kind == kind).count();
    let reports = open.iter().filter(|it| it.state == OrderState::AwaitingReport).count();
    assert_eq!(clocks(ClockKind::SupervisionReport), reports, "{open:?}");
    let unanswered = case.supervisions.iter().flat_map(|it| &it.suggestions).filter(|it| it.answer.is_none());
    assert_eq!(clocks(ClockKind::SuggestionsAnswer), unanswered.count());
    assert!(open.is_empty() || case.status != Status::Archived, "a supervised case is in the archive");
    let is_proposed_for = |deadline: &Deadline| {
        let reports_in_charge = deadline.kind == ClockKind::ChargeReport;
        deadline.kind.is_a_duty() && !reports_in_charge && case.track != Track::Accusation
    };
    let mut let_pass = BTreeMap::new();
    for recorded in &tale.journal {
        match &recorded.event {
            Event::DeadlineTold { no, alarm: Alarm::Overdue } => {
                let deadline = &case.deadlines[usize::from(*no) - 1];
                if is_proposed_for(deadline) {
                    let_pass.extend(deadline.organisation.map(|organ| (*no, organ)));
                }
            }
            Event::DeadlineRecomputed { no, told, .. } if *told != Some(Alarm::Overdue) => {
                let_pass.remove(no);
            }
            Event::SupervisionOrdered { order, .. } => let_pass.retain(|_, organ| *organ != order.to),
            Event::ProposalsDismissed(it) => let_pass.retain(|no, _| !it.deadlines.contains(no)),
            Event::SupervisionJudged { no, .. } => {
                let to = case.supervision(*no).unwrap().order.to;
                let of_report =
                    |no: u16| case.deadlines[usize::from(no) - 1].kind == ClockKind::SupervisionReport;
                let_pass.retain(|no, organ| !(*organ == to && of_report(*no)));
            }
            Event::DeadlineMet { no, on } => {
                let deadline = &case.deadlines[usize::from(*no) - 1];
                let unnoticed = *on > deadline.due.legal_due_on && deadline.told != Some(Alarm::Overdue);
                if unnoticed && is_proposed_for(deadline) {
                    let_pass.extend(deadline.organisation.map(|organ| (*no, organ)));
                }
            }
            Event::SupervisionEscalated { no, .. } => {
                let to = case.supervision(*no).unwrap().order.to;
                let_pass.retain(|_, organ| *organ != to);
            }
            _ => {}
        }
    }
    let mut proposed: Vec<_> =
        case.supervision_proposals.iter().map(|it| (it.deadline, it.organisation)).collect();
    proposed.sort_unstable();
    assert_eq!(proposed, let_pass.into_iter().collect::<Vec<_>>());
}

fn ends_are_lawful(tale: &Tale, before: &Case, events: &[Recorded]) {
    let case = &tale.case;
    for event in events {
        match &event.event {
            Event::Accepted(_) => {
                assert!(
                    tale.earlier.is_none_or(|earlier| !earlier.terminated),
                    "a terminated matter is accepted"
                );
                assert!(!before.is_terminated());
                assert!(!DIRECTORY.is_petition_department(case.holder), "a petition department accepts");
            }
            Event::Closed(_) => {
                assert!(before.hardship.is_some(), "closed without a hardship check");
                assert!(
                    before.measures.values().all(|measure| measure.state.is_settled()),
                    "closed too early"
                );
            }
            Event::Dispatched { dispatch, .. } if case.is_confidential() => {
                let accused = &case.filing.respondents;
                let barred = DIRECTORY.barred_from_accusation(
                    accused.iter().filter_map(|respondent| respondent.organisation),
                    accused.iter().filter_map(|respondent| respondent.user),
                );
                assert!(!barred.contains(&dispatch.to), "the accused receive the accusation");
            }
            _ => {}
        }
    }
    let resolution = &case.resolution;
    let both = resolution.matter_resolved_on.zip(resolution.heart_resolved_on);
    assert_eq!(resolution.double_resolved_on, both.map(|(matter, heart)| matter.max(heart)));
}

/// Handling never exceeds 90 days; only a re-review pauses; due dates stand in their order.
fn clocks_are_lawful(case: &Case) {
    let mut round = None;
    for deadline in &case.deadlines {
        let due = &deadline.due;
        assert!(due.legal_due_on >= due.nominal_due_on && due.nominal_due_on >= deadline.started_on);
        assert!(deadline.pauses.is_empty() || deadline.kind == ClockKind::ReReview, "{:?}", deadline.kind);
        match deadline.kind {
            ClockKind::Handling => round = Some(deadline.started_on),
            ClockKind::Extension => {
                let days = (due.nominal_due_on - round.take().expect("one extension a round")).num_days();
                assert!(days <= 90, "handling takes {days} days");
            }
            _ => {}
        }
        if matches!(deadline.kind, ClockKind::Handling) {
            assert_eq!((due.nominal_due_on - deadline.started_on).num_days(), 60);
        }
    }
    let handling = case
        .deadlines
        .iter()
        .filter(|it| it.is_open() && matches!(it.kind, ClockKind::Handling | ClockKind::Extension));
    assert!(handling.count() <= 1, "two handling clocks run at once");
    let reports = case.deadlines.iter().filter(|it| it.is_open() && it.kind == ClockKind::ChargeReport);
    let in_charge = case.in_charge.is_some() && IN_CHARGE.contains(&case.status);
    assert_eq!(reports.count(), usize::from(in_charge), "{:?} in {:?}", case.in_charge, case.status);
}

/// Each alarm of a deadline is told once and in its order; a recomputation may take alarms back.
fn alarms_come_once(journal: &[Recorded]) {
    let mut told: BTreeMap<u16, Option<Alarm>> = BTreeMap::new();
    for recorded in journal {
        match &recorded.event {
            Event::DeadlineTold { no, alarm } => {
                let before = told.insert(*no, Some(*alarm)).flatten();
                let next = before.map_or(Some(Alarm::DueSoon), |before| {
                    Alarm::VARIANTS.iter().copied().find(|alarm| *alarm > before)
                });
                assert_eq!(Some(*alarm), next, "the alarms of deadline {no}");
            }
            Event::DeadlineRecomputed { no, told: still, .. } => {
                told.insert(*no, *still);
            }
            _ => {}
        }
    }
}
