//! A case in the journal and in the read tables, through random histories.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::{Connection, SimpleConnection};
use domain::case::{Case, Event, Recorded, fold};
use domain::deadline::Rules;
use domain::id::{CaseId, OrganisationId, PersonId, UserId};
use proptest::prelude::*;
use serde_json::{Value, json};
use store::case_batch::{self, CaseToChange, Change};
use store::digest::Digest;
use store::new_case::{self, NewCase};
use store::people::{self, SealedPerson};
use store::projection::{self, Projection};
use store::rebuild::{compare_page, rebuild_page};
use store::{AnyConnection, StoreError, case_journal, chain, journal};

use crate::support::{AccessFacts, WORLDS, event, migrated, sealer, seed_people};

const CASE: CaseId = CaseId::new(7);

fn user(place: u8) -> String {
    UserId::new(100 + i64::from(place)).to_string()
}

fn organ(place: u8) -> String {
    OrganisationId::new(10 + i64::from(place)).to_string()
}

fn person(place: u8) -> String {
    PersonId::new(1 + i64::from(place)).to_string()
}

fn filing(purpose: &str, case: CaseId) -> Value {
    json!({
        "case_no": format!("330106-2026-{:06}", case.get()), "query_code": format!("Q{}", case.get()),
        "received_by": organ(0), "direct": false, "purpose": purpose, "channel": "visit",
        "source": "petitioner", "subject": "拖欠工资", "narrative": "某公司拖欠工资三个月。",
        "stated_claims": ["支付工资", "支付补偿"], "region": "330106001002", "place": null, "occurred_on": null,
        "topic": "010101", "cause": null, "urgency": "normal", "anonymous": false, "oral_record": false,
        "joint_letter": false, "skip_level": false, "head_count": 6,
        "petitioners": [person(0), person(1), person(0)], "representatives": [person(1)],
        "respondents": [{"name": "某公司"}, {"name": "赵某", "user": user(3)}],
        "possible_repeats": [], "captured_at": null, "source_no": null,
    })
}

/// A deadline that is due on the fifth of December and `no` days.
fn deadline(no: usize, kind: &str) -> Value {
    json!({
        "no": no, "kind": kind, "organisation": organ(0), "started_at": "2026-11-20T08:00:00.123456789Z",
        "started_on": "2026-11-20", "length": 15, "working_days": false,
        "nominal_due_on": format!("2026-12-{:02}", 5 + no % 20), "legal_due_on": format!("2026-12-{:02}", 7 + no % 20),
        "unknown_years": [], "pauses": [], "state": "running", "ended_on": null, "told": null,
    })
}

/// One of the things that can happen to a case; what is in a journal is not questioned.
fn happening(what: u8, a: u8, b: u8) -> (&'static str, Value) {
    let measure = ["resolve", "educate", "assist", "lawful_handling"][usize::from(a)];
    let opinion = json!({"facts": "查明", "answers": [
        {"claim": 1 + a % 2, "result": (["support", "explain", "not_support"][usize::from(b % 3)]),
         "reasons": "有据", "legal_basis": "劳动法"}]});
    let found = ["undetermined", "reasonable", "partly", "unreasonable"][usize::from(b)];
    match what {
        0 => (
            "dispatched",
            json!({"from": organ(0), "dispatch": {"mode": "transfer", "to": organ(a), "reason": "属"}}),
        ),
        1 => ("accepted", json!({"notice": "post"})),
        2 => (
            "handlers_assigned",
            json!({"handlers": [{"user": user(a), "direct_interest": false}, {"user": user(b), "direct_interest": false}],
                "co_organisations": [organ(b)]}),
        ),
        3 => ("claims_added", json!({"claims": ["道歉"]})),
        4 => (
            "findings_recorded",
            json!({"claims": [{"claim": 1, "reasonableness": found, "facts": "查明"}],
                "hardship": {"hardship": a > 1, "circumstances": "低保户", "checked_on": "2026-11-22"}}),
        ),
        5 => (
            "measure_planned",
            json!({"measure": measure, "plan": {"owner": user(b), "plan": "补发", "due_on": "2026-12-20"}}),
        ),
        6 => (
            "measure_verified",
            json!({"measure": measure, "verification": {"passed": b > 1, "remark": "看过"}}),
        ),
        7 => ("opinion_drafted", opinion),
        8 => ("opinion_issued", json!({"document_no": "信字1号"})),
        9 => (
            "review_requested",
            json!({"stage": "review", "organ": organ(a), "request": {"grounds": "不服"}}),
        ),
        10 => (
            "deadline_started",
            deadline(0, ["dispatch", "handling", "evaluation", "review_request"][usize::from(b)]),
        ),
        11 => (
            "deadline_told",
            json!({"no": 1 + a, "alarm": (["due_soon", "due", "overdue"][usize::from(b % 3)])}),
        ),
        12 => ("deadline_met", json!({"no": 1 + a, "on": "2026-12-01"})),
        13 => (
            "repeat_checked",
            json!({"repeat_of": CaseId::new(3 + i64::from(a)).to_string(), "reason": "同一事项"}),
        ),
        14 => ("matter_resolved", json!({"on": "2026-12-10"})),
        15 => (
            "heart_resolved",
            json!({"on": "2026-12-12", "because": "pledge", "observed_until": "2027-06-10"}),
        ),
        16 => (
            "charge_taken",
            json!({"leader": user(b), "commitments": ["know", "explain", "resolve", "end"], "plan": "约谈", "target_on": "2026-12-31"}),
        ),
        17 => ("charge_handed_over", json!({"to": user(a), "reason": "调整", "open_matters": "补偿"})),
        18 => (
            "supervision_ordered",
            json!({"no": 1, "order": {"to": organ(b), "ground": "delay", "facts": "超期", "rule": "第三十四条", "demand": "限期办结",
                "way": "phone", "report_due_on": "2026-12-20"}}),
        ),
        19 => ("supervision_reported", json!({"no": 1, "report": {"done": "已办结"}})),
        20 => ("supervision_judged", json!({"no": 1, "verdict": {"accepted": b > 1, "reason": "核查"}})),
        21 => (
            "suggestions_made",
            json!({"no": 1, "suggestions": {"to": organ(a), "document_no": "信建1号", "suggestions": []}}),
        ),
        22 => ("supervision_proposed", json!({"deadline": 1 + a, "organisation": organ(b)})),
        23 => (
            "instruction_given",
            json!({"no": 1, "instruction": {"leader": user(a), "text": "请牵头解决", "to": organ(b), "report_due_on": "2026-12-20"}}),
        ),
        24 => ("instruction_reported", json!({"no": 1, "report": {"result": "已解决"}})),
        25 => ("instruction_decided", json!({"no": 1, "decision": {"accepted": b > 1, "reason": "同意"}})),
        26 => (
            "backlog_listed",
            json!({"batch": "2026-1", "list_no": "7", "grounds": ["age"], "root_cause": "标准变化", "plan": "评查后补差", "organ": organ(b),
                "target_on": "2027-06-30"}),
        ),
        27 => ("backlog_inspected", json!({"passed": b > 1, "inspected_on": "2026-11-20", "place": "村里", "findings": "属实"})),
        28 => ("backlog_relapsed", json!({"by": CaseId::new(3 + i64::from(a)).to_string()})),
        29 => ("repeat_noted", json!({"case": CaseId::new(3 + i64::from(a)).to_string()})),
        30 => ("closed", json!({"report": "办结", "petitioner_view": "agrees"})),
        _ => ("reopened", json!({"ground": "new_facts", "reasons": "新证据"})),
    }
}

/// What clocks do to a case that has at least two, and now and then something that they do not.
fn of_clocks(what: u8, a: u8, b: u8, case: &Case) -> (&'static str, Value) {
    let no = 1 + usize::from(a) % case.deadlines.len();
    match what {
        0 | 1 => ("deadline_told", json!({"no": no, "alarm": (["due_soon", "due", "overdue"][usize::from(b % 3)])})),
        2 => ("deadline_lapsed", json!({"no": no, "on": "2026-12-03"})),
        3 => ("deadline_cancelled", json!({"no": no, "on": "2026-12-03"})),
        4 => {
            let was = &case.deadlines[no - 1].due;
            let moved = json!({"nominal_due_on": "2026-12-28", "legal_due_on": (format!("2026-12-3{}", b % 2)), "unknown_years": []});
            ("deadline_recomputed", json!({"no": no, "was": was, "due": moved, "told": null, "reason": "日历更新"}))
        }
        5 => ("terminated", json!({"on": "2026-12-04"})),
        6 => ("deadline_started", deadline(case.deadlines.len() + 1, "evaluation")),
        7 | 8 => ("supervision_proposed", json!({"deadline": no, "organisation": organ(b)})),
        _ => happening(4, a, b),
    }
}

fn recorded(seq: u32, (kind, data): (&str, Value)) -> Recorded {
    let event: Event = serde_json::from_value(json!({"kind": kind, "data": data})).unwrap();
    let actor = json!({"kind": "staff", "user": user((seq % 4) as u8), "organisation": organ(0)});
    Recorded {
        seq,
        event,
        actor: serde_json::from_value(actor).unwrap(),
        occurred_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        occurred_on: "2026-11-21".parse().unwrap(),
        recorded_at: format!("2026-11-23T08:00:{:02}.000001Z", seq % 60).parse().unwrap(),
    }
}

/// Files a case and lets things happen to it, one event a transaction, as the service does it.
fn live(
    connection: &mut AnyConnection,
    id: CaseId,
    purpose: &str,
    happenings: &[(u8, u8, u8)],
) -> Vec<Recorded> {
    let rules = Rules::default();
    let mut history = vec![recorded(1, ("filed", filing(purpose, id)))];
    let sealing = (purpose == "accusation").then(sealer);
    let mut deadline_count = 0;
    for ((what, a, b), seq) in happenings.iter().zip(2..) {
        let (kind, mut data) = happening(*what, *a, *b);
        if kind == "deadline_started" {
            deadline_count += 1;
            data = deadline(deadline_count, data["kind"].as_str().unwrap());
        }
        history.push(recorded(seq, (kind, data)));
    }
    for (place, event) in history.iter().enumerate() {
        let before = case_journal::load_case(connection, &sealer(), id).unwrap();
        let version = before.as_ref().map_or(0, |case| case.version);
        let mut next_id = id.get() * 1000 + i64::try_from(place).unwrap();
        let one = std::slice::from_ref(event);
        let mut ids = || {
            next_id += 1;
            next_id
        };
        assert_eq!(case_journal::append(connection, sealing.as_ref(), id, version, one, &mut ids).unwrap(), version + 1);
        let after = case_journal::load_case(connection, &sealer(), id).unwrap().unwrap();
        projection::project(connection, before.as_ref(), &after, &rules, event.recorded_at).unwrap();
        let told = projection::load(connection, id.get()).unwrap();
        assert_eq!(
            told,
            Some(Projection::of(&after, &rules, event.recorded_at)),
            "after {}",
            event.event.as_ref()
        );
    }
    history
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(WORLDS) })]

    #[test]
    fn the_read_tables_follow_the_journal_and_equal_a_rebuild(
        purpose in prop::sample::select(vec!["claim", "suggestion", "accusation"]),
        happenings in prop::collection::vec((0..32_u8, 0..4_u8, 0..4_u8), 0..30),
    ) {
        let (_database, mut connection) = migrated();
        seed_people(&mut connection, 2);
        let history = live(&mut connection, CASE, purpose, &happenings);
        prop_assert_eq!(case_journal::load_events(&mut connection, &sealer(), CASE).unwrap(), history);
        let case = case_journal::load_case(&mut connection, &sealer(), CASE).unwrap().unwrap();
        let told = projection::load(&mut connection, CASE.get()).unwrap().unwrap();
        prop_assert_eq!(AccessFacts::in_rows(&told), AccessFacts::of(&case));
        let page = compare_page(&mut connection, None, 10, &Rules::default(), &sealer()).unwrap();
        prop_assert_eq!(page.differing, []);
    }

    #[test]
    fn cases_that_are_changed_together_are_as_if_each_had_been_changed_alone(
        lives in prop::collection::vec(
            (prop::sample::select(vec!["claim", "claim", "suggestion", "accusation"]),
             prop::collection::vec((0..32_u8, 0..4_u8, 0..4_u8), 0..8)),
            1..6,
        ),
        ends in prop::collection::vec(prop::collection::vec((0..8_u8, 0..4_u8, 0..4_u8), 1..4), 6),
    ) {
        let (_database, mut connection) = migrated();
        seed_people(&mut connection, 2);
        let mut histories = BTreeMap::new();
        let mut expected = Vec::new();
        for ((purpose, happenings), id) in lives.iter().zip(7..) {
            let id = CaseId::new(id);
            let with_clocks: Vec<_> = [(10, 0, 1), (10, 0, 3)].iter().chain(happenings).copied().collect();
            histories.insert(id, live(&mut connection, id, purpose, &with_clocks));
            expected.extend(Some(id).filter(|_| *purpose != "accusation"));
        }
        let asked: BTreeSet<CaseId> = histories.keys().copied().chain([CaseId::new(99)]).collect();
        let found = case_batch::load_to_change(&mut connection, &asked).unwrap();
        prop_assert_eq!(found.iter().map(|found| found.case.id).collect::<Vec<_>>(), expected);
        let at = "2026-11-24T08:00:00.000001Z".parse().unwrap();
        let mut changes = Vec::new();
        for (before, ends) in found.into_iter().zip(ends) {
            let mut events: Vec<Recorded> = Vec::new();
            for ((what, a, b), seq) in ends.into_iter().zip(before.case.version + 1..) {
                let event = recorded(seq, of_clocks(what, a, b, &before.case.advanced(&events)));
                events.push(Recorded { recorded_at: at, ..event });
            }
            histories.get_mut(&before.case.id).unwrap().extend(events.iter().cloned());
            let after = before.case.advanced(&events);
            changes.push(Change { before, events, after });
        }
        let mut next_ids = 1_000_000..;
        let mut next_id = || next_ids.next().unwrap();
        case_batch::write(&mut connection, &changes, &Rules::default(), at, &mut next_id).unwrap();
        for (id, history) in histories {
            prop_assert_eq!(case_journal::load_events(&mut connection, &sealer(), id).unwrap(), history);
            let mut previous = Digest::ZERO;
            for row in journal::load(&mut connection, id.get()).unwrap() {
                previous = chain::hash(&row, &previous);
                prop_assert_eq!(row.hash, Some(previous));
            }
        }
        let page = compare_page(&mut connection, None, 10, &Rules::default(), &sealer()).unwrap();
        prop_assert_eq!(page.differing, []);
    }
}

#[test]
fn a_clock_that_the_read_tables_lost_comes_back_when_it_is_told_of() {
    let (_database, mut connection) = migrated();
    seed_people(&mut connection, 2);
    let ids = BTreeSet::from([CASE, CaseId::new(8)]);
    for id in &ids {
        live(&mut connection, *id, "claim", &[(10, 0, 0), (10, 0, 1)]);
    }
    connection.batch_execute("DELETE FROM deadlines WHERE case_id = 7 AND no = 2").unwrap();
    let at = "2026-11-24T08:00:00Z".parse().unwrap();
    let told = |before: CaseToChange| {
        let event = recorded(before.case.version + 1, ("deadline_told", json!({"no": 2, "alarm": "due_soon"})));
        let events = vec![Recorded { recorded_at: at, ..event }];
        let after = before.case.advanced(&events);
        Change { before, events, after }
    };
    let changes = case_batch::load_to_change(&mut connection, &ids).unwrap().into_iter().map(told);
    let mut next_ids = 1_000_000..;
    let changes: Vec<Change> = changes.collect();
    let mut next_id = || next_ids.next().unwrap();
    case_batch::write(&mut connection, &changes, &Rules::default(), at, &mut next_id).unwrap();
    let page = compare_page(&mut connection, None, 10, &Rules::default(), &sealer()).unwrap();
    assert_eq!((page.case_count, page.differing), (2, vec![]));
}

#[test]
fn an_accusation_from_before_cases_had_keys_is_not_changed_together_with_others() {
    let (_database, mut connection) = migrated();
    seed_people(&mut connection, 2);
    let history = [recorded(1, ("filed", filing("accusation", CASE)))];
    let mut next_ids = 1_000..;
    let mut next_id = || next_ids.next().unwrap();
    case_journal::append(&mut connection, None, CASE, 0, &history, &mut next_id).unwrap();
    let case = case_journal::load_case(&mut connection, &sealer(), CASE).unwrap().unwrap();
    projection::project(&mut connection, None, &case, &Rules::default(), history[0].recorded_at).unwrap();
    let found = case_batch::load_to_change(&mut connection, &BTreeSet::from([CASE])).unwrap();
    assert!(found.is_empty(), "what is told of it next would stand there unsealed");
}

#[test]
fn a_new_case_is_written_also_beside_columns_of_a_later_version() {
    let (_database, mut connection) = migrated();
    for table in
        ["people", "cases", "claims", "measures", "deadlines", "case_organisations", "case_people", "case_users", "case_backlog", "events"]
    {
        let later = format!("ALTER TABLE {table} ADD COLUMN later INTEGER NOT NULL DEFAULT 7");
        connection.batch_execute(&later).unwrap();
    }
    seed_people(&mut connection, 1);
    let history = [recorded(1, ("filed", filing("claim", CASE))), recorded(2, ("deadline_started", deadline(1, "dispatch")))];
    let case = fold(CASE, &history).unwrap();
    let at = history[0].recorded_at;
    // The first is there already.
    let person = serde_json::from_value(json!({"name": "李四", "phone": "13812345678"})).unwrap();
    let people = [SealedPerson::seal(&sealer(), PersonId::new(2), &person, at).unwrap()];
    let mut next_id = 0;
    let mut ids = || {
        next_id += 1;
        next_id
    };
    let new = NewCase { case: &case, events: &history, people: &people };
    new_case::insert(&mut connection, &sealer(), &new, &Rules::default(), at, &mut ids).unwrap();
    let told = projection::load(&mut connection, CASE.get()).unwrap();
    assert_eq!(told, Some(Projection::of(&case, &Rules::default(), at)));
    assert_eq!(case_journal::load_events(&mut connection, &sealer(), CASE).unwrap(), history);
    let sealed = people::load_persons(&mut connection, &sealer(), &[PersonId::new(2)]).unwrap();
    assert_eq!(sealed[&PersonId::new(2)], person);
}

#[test]
fn the_words_of_an_accusation_are_in_no_read_table() {
    let (_database, mut connection) = migrated();
    seed_people(&mut connection, 2);
    live(&mut connection, CASE, "accusation", &[(3, 0, 0), (4, 3, 1)]);
    let told = projection::load(&mut connection, CASE.get()).unwrap().unwrap();
    assert!(told.case.confidential && told.case.subject.is_none());
    assert_eq!(told.claims.iter().map(|claim| claim.text.clone()).collect::<Vec<_>>(), [None, None, None]);
}

#[test]
fn a_window_of_the_petitioner_is_nobodys_delay() {
    let (_database, mut connection) = migrated();
    seed_people(&mut connection, 2);
    // The review request (due on the 6th) is told overdue; of the organs, only the handling (the 7th) runs.
    live(&mut connection, CASE, "claim", &[(10, 0, 3), (11, 0, 2), (10, 1, 1), (10, 2, 0), (12, 2, 0)]);
    let told = projection::load(&mut connection, CASE.get()).unwrap().unwrap();
    assert_eq!((told.case.next_due_on, told.case.overdue), (Some("2026-12-07".parse().unwrap()), false));
    live(&mut connection, CaseId::new(8), "claim", &[(10, 0, 1), (11, 0, 2)]);
    assert!(projection::load(&mut connection, 8).unwrap().unwrap().case.overdue);
}

#[test]
fn a_rebuild_corrects_what_was_changed_lost_or_made_up_and_nothing_else() {
    let (_database, mut connection) = migrated();
    let rules = Rules::default();
    seed_people(&mut connection, 2);
    for number in 1..=7 {
        live(&mut connection, CaseId::new(number * 10), "claim", &[(2, 1, 2), (10, 0, 1)]);
    }
    connection
        .batch_execute(
            "UPDATE cases SET status = 'closed' WHERE id = 20; DELETE FROM cases WHERE id = 50; \
             DELETE FROM case_users WHERE case_id = 60 AND part = 'handler'; \
             INSERT INTO cases SELECT 65, 'x', 'y', version, status, purpose, channel, source, subject, \
             attribution_region, topic_code, holder_id, registered_by, filed_at, accepted_on, closed_on, \
             matter_resolved_on, heart_resolved_on, double_resolved_on, head_count, group_petition, anonymous, \
             repeat_of, confidential, next_due_on, overdue, source_no, updated_at, NULL, received_by, NULL, 0 FROM cases WHERE id = 10",
        )
        .unwrap();
    let mut walk = |change: bool| {
        let (mut differing, mut case_count, mut after) = (Vec::new(), 0, None);
        loop {
            let page = if change { rebuild_page } else { compare_page };
            let page = connection.transaction(|connection| page(connection, after, 3, &rules, &sealer())).unwrap();
            case_count += page.case_count;
            differing.extend(page.differing.into_iter().map(CaseId::get));
            after = page.last;
            if after.is_none() {
                return (case_count, differing);
            }
        }
    };
    let wrong = (7, vec![20, 50, 60, 65]);
    assert_eq!(walk(false), wrong);
    assert_eq!(walk(false), wrong, "comparing changes nothing");
    assert_eq!(walk(true), wrong);
    assert_eq!(walk(false), (7, vec![]));
}

#[test]
fn a_broken_journal_is_told_without_its_words() {
    let (_database, mut connection) = migrated();
    assert_eq!(case_journal::load_case(&mut connection, &sealer(), CASE).unwrap(), None);
    let mut row = event(1);
    row.body = "{\"narrative\": \"张三的话\"}".to_owned();
    journal::append(&mut connection, CASE.get(), 0, &[row]).unwrap();
    let refused = case_journal::load_case(&mut connection, &sealer(), CASE).unwrap_err();
    assert!(matches!(refused, StoreError::Broken { table: "events", .. }), "{refused:?}");
    assert!(!format!("{refused} {refused:?}").contains("张三"));

    let not_filed = recorded(1, happening(1, 0, 0));
    let other = CaseId::new(8);
    case_journal::append(&mut connection, None, other, 0, &[not_filed], &mut || 2).unwrap();
    let refused = case_journal::load_case(&mut connection, &sealer(), other).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Broken { detail, .. } if detail.contains("filing")),
        "{refused:?}"
    );
}

#[test]
fn events_are_appended_at_their_own_place_only() {
    let (_database, mut connection) = migrated();
    let mut ids = 1..;
    let mut next_id = || ids.next().unwrap();
    let history: Vec<_> = std::iter::once(recorded(1, ("filed", filing("claim", CASE))))
        .chain((2..=4).map(|seq| recorded(seq, happening(3, 0, 0))))
        .collect();
    case_journal::append(&mut connection, None, CASE, 0, &history[..2], &mut next_id).unwrap();
    let raced = case_journal::append(&mut connection, None, CASE, 1, &history[1..2], &mut next_id).unwrap_err();
    assert!(raced.is_conflict_on(journal::VERSION_MOVED), "{raced:?}");
    let skipped = case_journal::append(&mut connection, None, CASE, 2, &history[3..], &mut next_id);
    assert!(matches!(skipped, Err(StoreError::Broken { .. })), "{skipped:?}");
    assert_eq!(case_journal::append(&mut connection, None, CASE, 2, &history[2..], &mut next_id).unwrap(), 4);
    let page = case_journal::events_page(&mut connection, &sealer(), CASE, 1, 2).unwrap();
    assert_eq!(page, history[1..3]);
    assert_eq!(case_journal::events_page(&mut connection, &sealer(), CASE, u32::MAX, 2).unwrap(), []);
}
