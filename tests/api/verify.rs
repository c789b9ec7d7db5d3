//! The whole installation verified: what is broken is named, what is not is left in peace.

use diesel::connection::SimpleConnection;
use domain::deadline::Rules;
use domain::id::CaseId;
use serde_json::Value;
use store::connection::{self, Purpose};
use store::journal::{self, EventRow};
use store::rebuild::{self, Doing};
use store::{AnyConnection, StoreError};

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
        let row = EventRow { id: next_id, case_id: id(place), seq, kind: kind.to_owned(), ..first[0].clone() };
        journal::insert(database, &[row]).unwrap();
    };
    broken(&mut database, 2, count + 2, "filed");
    broken(&mut database, 3, count + 1, "what_is_this");
    let unfiled = EventRow {
        id: 99,
        case_id: 1,
        seq: 1,
        kind: "matter_resolved".to_owned(),
        body: "{\"on\":\"2026-03-02\"}".to_owned(),
        ..first[0].clone()
    };
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

    let (code, found) = verify(&installation);
    assert_eq!((code, &found["fault_count"]), (Some(1), &Value::from(7)), "{found}");
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
    ];
    assert_eq!(faults(&found), expected);
}

/// Empties the read tables.
fn clear(connection: &mut AnyConnection) -> Result<(), StoreError> {
    store::projection::clear(connection)
}

#[tokio::test]
async fn all_read_tables_are_made_again_from_the_journal() {
    let installation = Installation::new();
    installation.start(&["demo"]).end();
    let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
    clear(&mut database).unwrap();
    let (code, found) = verify(&installation);
    assert_eq!((code, &found["fault_count"]), (Some(1), &found["case_count"]));
    assert!(installation.daowei(&["rebuild"]).output().unwrap().status.success());
    assert_eq!(verify(&installation).0, Some(0));
}

#[tokio::test]
async fn a_rebuild_beside_filings_loses_none() {
    let town = Town::open().await;
    let first: CaseId = town.clerk.files(claim()).await.id.parse().unwrap();
    let store = town.office.app.store.clone();
    let rebuild = |doing: Doing| {
        let store = store.clone();
        async move {
            let mut differing = Vec::new();
            let rules = Rules::default();
            rebuild::whole(&store, &rules, doing, |page| differing.extend(page.differing)).await.unwrap();
            differing
        }
    };
    let filings = async {
        for _ in 0..6 {
            let (one, other, third) =
                tokio::join!(town.clerk.files(claim()), town.clerk.files(claim()), town.clerk.files(claim()));
            drop((one, other, third));
        }
    };
    let rebuilds = async {
        loop {
            let spoil = format!("UPDATE cases SET head_count = head_count + 1 WHERE id = {}", first.get());
            let spoil = store.write(move |connection| Ok::<_, StoreError>(connection.batch_execute(&spoil)?));
            spoil.await.unwrap();
            assert_eq!(rebuild(Doing::Rebuild).await, [first]);
        }
    };
    tokio::select! {
        () = filings => {}
        () = rebuilds => {}
    }
    rebuild(Doing::Rebuild).await;
    let verified = store::verify::whole(&store, &Rules::default(), |_| ()).await.unwrap();
    assert!(verified.is_sound() && verified.case_count == 19, "{verified:?}");
    assert_eq!(rebuild(Doing::Compare).await, []);
    town.close().await;
}
