//! The whole installation verified: what is broken is named, what is not is left in peace.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::case::{Event, Recorded};
use domain::deadline::Rules;
use domain::id::CaseId;
use serde_json::Value;
use store::connection::{self, Purpose};
use store::digest::Digest;
use store::journal::{self, EventRow};
use store::rebuild::{compare_page, rebuild_page};
use store::{AnyConnection, case_journal, chain, projection};
use test_database::Engine;

use crate::ENGINE;
use crate::support::papers::claim;
use crate::support::{Installation, Town};

/// What `verify --json` ends with and prints.
fn verify(installation: &Installation) -> (Option<i32>, Value) {
    let output = installation.daowei(&["verify", "--json"]).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// The faults as `kind`, `case_no` and `seq`.
fn faults(found: &Value) -> Vec<(String, Option<String>, Option<i64>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let faults = found["faults"].as_array().unwrap().iter();
    faults
        .map(|fault| (text(&fault["kind"]).unwrap(), text(&fault["case_no"]), fault["seq"].as_i64()))
        .collect()
}

#[test]
fn a_demonstration_is_sound_while_it_is_served() {
    let installation = Installation::new();
    let served = installation.start(&["demo"]);
    let (code, found) = verify(&installation);
    assert_eq!((code, &found["faults"]), (Some(0), &Value::Array(Vec::new())), "{found}");
    assert!(found["event_count"].as_u64() > found["case_count"].as_u64());
    served.end();
}

#[tokio::test]
async fn every_broken_place_is_named() {
    let town = Town::open().await;
    let mut cases = Vec::new();
    for _ in 0..5 {
        cases.push(town.clerk.files(claim()).await);
    }
    let installation = town.office.into_installation().await;
    let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
    let id = |place: usize| cases[place].id.parse::<CaseId>().unwrap().get();
    let told_otherwise = format!("UPDATE cases SET holder_id = 1 WHERE id = {}", id(0));
    let lost = format!("DELETE FROM cases WHERE id = {}", id(1));
    database.batch_execute(&format!("{told_otherwise}; {lost}")).unwrap();
    let first = journal::load(&mut database, id(2)).unwrap();
    let count = i32::try_from(first.len()).unwrap();
    let mut next_id = 0;
    let mut broken = |database: &mut AnyConnection, place: usize, seq: i32, kind: &str| {
        next_id += 1;
        let mut row = EventRow { id: next_id, stream_id: id(place), seq, kind: kind.to_owned(), ..first[0].clone() };
        let before = journal::load(database, id(place)).unwrap().pop().unwrap();
        chain::link([&mut row], before.hash.unwrap());
        journal::insert(database, &[row]).unwrap();
    };
    broken(&mut database, 2, count + 2, "filed");
    broken(&mut database, 3, count + 1, "what_is_this");
    let mut unfiled = EventRow {
        id: 99,
        stream_id: 1,
        seq: 1,
        kind: "matter_resolved".to_owned(),
        body: "{\"on\":\"2026-03-02\"}".to_owned(),
        ..first[0].clone()
    };
    chain::link([&mut unfiled], Digest::ZERO);
    journal::insert(&mut database, &[unfiled]).unwrap();
    let columns = "version, status, purpose, channel, source, subject, attribution_region, topic_code, holder_id, \
                   registered_by, filed_at, accepted_on, closed_on, matter_resolved_on, heart_resolved_on, \
                   double_resolved_on, head_count, group_petition, anonymous, repeat_of, confidential, next_due_on, \
                   overdue, source_no, updated_at, terminated_on";
    let made_up = format!(
        "INSERT INTO cases (id, case_no, query_code, {columns}) \
         SELECT {}, 'made up', 'x', {columns} FROM cases WHERE id = {}",
        id(4) + 1,
        id(4)
    );
    database.batch_execute(&made_up).unwrap();
    database.batch_execute("UPDATE case_numbers SET last = last - 1").unwrap();

    let (code, found) = verify(&installation);
    assert_eq!((code, &found["fault_count"]), (Some(1), &Value::from(8)), "{found}");
    let of = |kind: &str, place: usize, seq: Option<i32>| {
        (kind.to_owned(), Some(cases[place].case_no.clone()), seq.map(i64::from))
    };
    let expected = [
        ("no_case".to_owned(), None, Some(1)),
        of("missing_reference", 0, None),
        of("read_tables_differ", 0, None),
        of("read_tables_differ", 1, None),
        of("journal_gap", 2, Some(count + 1)),
        of("event_unreadable", 3, Some(count + 1)),
        ("no_journal".to_owned(), Some("made up".to_owned()), None),
        ("counter_behind".to_owned(), None, None),
    ];
    assert_eq!(faults(&found), expected);
}

#[test]
fn all_read_tables_are_made_again_from_the_journal() {
    let installation = Installation::new();
    installation.start(&["demo"]).end();
    let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
    projection::clear(&mut database).unwrap();
    let (code, found) = verify(&installation);
    let number = |name: &str| found[name].as_u64().unwrap();
    assert_eq!((code, number("fault_count")), (Some(1), number("case_count") + number("reception_count")));
    assert!(installation.daowei(&["rebuild"]).output().unwrap().status.success());
    assert_eq!(verify(&installation).0, Some(0));
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Bool)]
    somebody: bool,
}

/// Whether somebody waits for a lock on the server.
fn somebody_waits(connection: &mut AnyConnection) -> bool {
    let asked = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() \
                 AND wait_event_type = 'Lock') AS somebody";
    diesel::sql_query(asked).get_result::<Waiting>(connection).unwrap().somebody
}

/// Where several write, a case may change between the statements of a rebuild, which then knows it as it was.
#[tokio::test]
async fn a_rebuild_does_not_undo_what_a_command_writes_meanwhile() {
    if ENGINE == Engine::Sqlite {
        return;
    }
    let town = Town::open().await;
    let id: CaseId = town.clerk.files(claim()).await.id.parse().unwrap();
    let store = town.office.app.store.clone();
    let database = &town.office.app.settings.database_url;
    let mut command = connection::open(database, Purpose::Write).unwrap();
    let spoil = format!("UPDATE cases SET head_count = head_count + 1 WHERE id = {}", id.get());
    command.batch_execute(&spoil).unwrap();

    command.batch_execute("BEGIN").unwrap();
    let rules = Rules::default();
    let (sealer, inner) = (town.office.app.sealer.clone(), town.office.app.sealer.clone());
    let before = case_journal::load_case_to_change(&mut command, &sealer, id).unwrap().unwrap();
    let latest = case_journal::load_events(&mut command, &sealer, id).unwrap().pop().unwrap();
    let event = Event::MatterUnresolved { on: latest.occurred_on };
    let next = Recorded { seq: before.version + 1, event, ..latest };
    let events = std::slice::from_ref(&next);
    case_journal::append(&mut command, None, id, before.version, events, &mut || 1).unwrap();
    let after = case_journal::load_case(&mut command, &sealer, id).unwrap().unwrap();
    projection::project(&mut command, Some(&before), &after, &rules, next.recorded_at).unwrap();
    let rebuild = tokio::spawn(async move {
        store.write(move |connection| rebuild_page(connection, None, 10, &Rules::default(), &inner)).await
    });
    while !somebody_waits(&mut command) {
        tokio::task::yield_now().await;
    }
    command.batch_execute("COMMIT").unwrap();

    rebuild.await.unwrap().unwrap();
    assert_eq!(compare_page(&mut command, None, 10, &rules, &sealer).unwrap().differing, []);
}
