//! Rows changed behind the server's back, on every table that matters: each change is found and named by its place.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use daowei::worker;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::id::CaseId;
use serde_json::Value;
use store::audit::{self, EntryRow};
use store::connection::{self, Purpose};
use store::digest::Digest;
use store::{AnyConnection, StoreError, chain, checkpoints, journal};
use test_database::Engine;

use crate::ENGINE;
use crate::support::papers::{claim, transfer};
use crate::support::{Filed, Installation, Town};

const TABLES: [&str; 5] = ["people", "events", "cases", "audit_entries", "checkpoints"];

/// A database under the hands of somebody who may do everything to it.
struct Hands {
    installation: Installation,
    database: AnyConnection,
    cases: Vec<Filed>,
}

impl Hands {
    async fn on(town: Town, cases: Vec<Filed>) -> Self {
        let installation = town.office.into_installation().await;
        let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
        let without_guards = match ENGINE {
            Engine::Sqlite => {
                "PRAGMA foreign_keys = OFF; DROP TRIGGER events_are_never_updated; \
                 DROP TRIGGER events_are_never_deleted; DROP TRIGGER audit_entries_are_never_updated; \
                 DROP TRIGGER audit_entries_are_never_deleted; DROP TRIGGER checkpoints_are_never_updated; \
                 DROP TRIGGER checkpoints_are_never_deleted"
            }
            Engine::Postgres => "SET session_replication_role = replica",
        };
        database.batch_execute(without_guards).unwrap();
        for table in TABLES {
            database.batch_execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).unwrap();
        }
        Self { installation, database, cases }
    }

    fn id(&self, place: usize) -> i64 {
        self.cases[place].id.parse::<CaseId>().unwrap().get()
    }

    fn verify(&self, further: &[&str]) -> (bool, Value) {
        let output = self.installation.daowei(&[&["verify", "--json"], further].concat()).output().unwrap();
        (output.status.success(), serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Does it, and puts everything back once it has been looked for; what was found.
    fn find(&mut self, what: &str, further: &[&str], tamper: impl FnOnce(&mut AnyConnection)) -> Found {
        tamper(&mut self.database);
        let (sound, found) = self.verify(further);
        for table in TABLES {
            let back = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}");
            self.database.batch_execute(&back).unwrap();
        }
        assert_eq!(sound, found["fault_count"] == 0, "{what}: {found}");
        Found { what: what.to_owned(), found }
    }

    fn find_sql(&mut self, sql: &str) -> Found {
        self.find(sql, &[], |database| database.batch_execute(sql).unwrap())
    }
}

struct Found {
    what: String,
    found: Value,
}

impl Found {
    /// A fault of that kind is named, at that event if one is given.
    #[track_caller]
    fn is(self, kind: &str, event: Option<(&Filed, i64)>) -> Self {
        let faults = self.found["faults"].as_array().unwrap();
        let found = faults.iter().any(|fault| {
            let place = event.is_none_or(|(case, seq)| fault["case"] == case.id.as_str() && fault["seq"] == seq);
            fault["kind"] == kind && place
        });
        assert!(found, "{}: {kind} at {event:?} is not among {faults:#?}", self.what);
        self
    }

    #[track_caller]
    fn none(&self) {
        assert_eq!(self.found["fault_count"], 0, "{}: {}", self.what, self.found);
    }
}

fn entry(id: i64, town: &Town) -> EntryRow {
    EntryRow {
        id,
        recorded_at: town.office.app.clock.now().into(),
        act: "sign_in".to_owned(),
        outcome: "refused".to_owned(),
        user_id: Some(7),
        address: Some("192.0.2.1".to_owned()),
        case_id: None,
        subject: None,
        purpose: None,
        details: "{}".to_owned(),
        on_behalf_of_id: None,
    }
}

/// Waits until nothing can be put before what is there any more.
pub async fn settled(town: &Town) {
    while !town.office.app.store.read(|connection| Ok::<_, StoreError>(is_settled(connection))).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Puts everything under a checkpoint.
async fn checkpoint(town: &Town) {
    settled(town).await;
    assert_eq!(worker::checkpoint(&town.office.app).await.unwrap(), 1);
}

/// Whether nothing can be put before what is there any more; on a server that other tests use that may take a moment.
pub fn is_settled(connection: &mut AnyConnection) -> bool {
    let open = "SELECT count(*) AS number FROM (SELECT position FROM events UNION ALL SELECT position FROM audit_entries) p \
                WHERE position >= (SELECT value::bigint FROM meta WHERE key = 'position_offset') \
                + pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    ENGINE == Engine::Sqlite || diesel::sql_query(open).get_result::<Number>(connection).unwrap().number == 0
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

/// Three cases under two checkpoints, with audit entries.
async fn tampered_town() -> Hands {
    let town = Town::open().await;
    let mut cases = vec![town.clerk.files(claim()).await, town.clerk.files(claim()).await];
    let entries = [entry(1, &town), entry(2, &town), entry(3, &town)];
    let recorded = town.office.app.store.write(move |connection| {
        entries.iter().try_for_each(|entry| audit::record(connection, entry))
    });
    recorded.await.unwrap();
    checkpoint(&town).await;
    town.office.clock.advance(chrono::TimeDelta::days(3));
    cases.push(town.clerk.files(claim()).await);
    checkpoint(&town).await;
    Hands::on(town, cases).await
}

#[tokio::test]
async fn a_changed_journal_is_found() {
    let mut hands = tampered_town().await;
    let (sound, found) = hands.verify(&[]);
    assert!(sound && found["checkpoint_count"] == 2 && found["person_count"].as_u64() > Some(0), "{found}");
    let cases = hands.cases.clone();
    let [one, two] = [hands.id(0), hands.id(1)];

    hands
        .find_sql(&format!("UPDATE events SET occurred_on = '2020-01-01' WHERE case_id = {one} AND seq = 1"))
        .is("hash_differs", Some((&cases[0], 1)));
    hands
        .find_sql(&format!("UPDATE events SET actor = '{{\"kind\":\"system\"}}' WHERE case_id = {two} AND seq = 1"))
        .is("hash_differs", Some((&cases[1], 1)));
    // Whoever knows how hashes are made cannot make them fit what was signed.
    hands
        .find("a changed event with new hashes", &[], |database| {
            let mut rows = journal::load(database, one).unwrap();
            rows[0].occurred_on = "2020-01-01".parse().unwrap();
            chain::link(&mut rows, Digest::ZERO);
            database.batch_execute(&format!("DELETE FROM events WHERE case_id = {one}")).unwrap();
            journal::insert(database, &rows).unwrap();
            let back = format!(
                "UPDATE events SET position = (SELECT position FROM kept_events WHERE case_id = {one} AND seq = 1) \
                 WHERE case_id = {one}"
            );
            database.batch_execute(&back).unwrap();
        })
        .is("not_as_checkpointed", Some((&cases[0], 1)));
    let last = format!("seq = (SELECT max(seq) FROM events WHERE case_id = {one})");
    hands
        .find_sql(&format!("DELETE FROM events WHERE case_id = {one} AND {last}"))
        .is("not_as_checkpointed", None);
    hands
        .find_sql(&format!("DELETE FROM events WHERE case_id = {one}; DELETE FROM cases WHERE id = {one}"))
        .is("not_as_checkpointed", Some((&cases[1], 1)));
    hands.find_sql("DELETE FROM events").is("not_as_checkpointed", None);
    hands
        .find("an event put in after the fact", &[], |database| {
            let mut rows = journal::load(database, two).unwrap();
            let mut new = rows[0].clone();
            (new.id, new.stream_id, new.seq) = (1, two - 1, 1);
            chain::link([&mut new], Digest::ZERO);
            journal::insert(database, &[new]).unwrap();
            rows.clear();
            let early = "UPDATE events SET position = (SELECT min(position) FROM kept_events) WHERE id = 1";
            database.batch_execute(early).unwrap();
        })
        .is("not_as_checkpointed", None);
    hands
        .find_sql(&format!(
            "UPDATE events SET position = (SELECT max(position) FROM kept_events) WHERE case_id = {one}; \
             UPDATE events SET position = (SELECT min(position) FROM kept_events) WHERE case_id = {}",
            hands.id(2)
        ))
        .is("not_as_checkpointed", None);
    hands
        .find_sql(&format!("UPDATE events SET hash = NULL WHERE case_id = {one}"))
        .is("not_as_checkpointed", Some((&cases[0], 1)));
}

#[tokio::test]
async fn changed_entries_checkpoints_and_people_are_found() {
    let mut hands = tampered_town().await;
    for changed in [
        "UPDATE audit_entries SET outcome = 'done' WHERE id = 2",
        "DELETE FROM audit_entries WHERE id = 2",
        "DELETE FROM audit_entries WHERE id = 3",
        "DELETE FROM audit_entries",
        "UPDATE audit_entries SET position = position + 5 WHERE id = 1",
        "INSERT INTO audit_entries (id, recorded_at, act, outcome, details, position) \
         SELECT 9, recorded_at, act, outcome, details, position - 1 FROM audit_entries WHERE id = 1",
    ] {
        hands.find_sql(changed).is("not_as_checkpointed", None);
    }
    for (changed, kind) in [
        ("UPDATE checkpoints SET event_count = event_count + 1 WHERE number = 1", "checkpoint_differs"),
        ("UPDATE checkpoints SET made_at = '2020-01-01 00:00:00' WHERE number = 2", "checkpoint_differs"),
        ("UPDATE checkpoints SET note = 'daowei' WHERE number = 2", "checkpoint_not_signed"),
        ("UPDATE checkpoints SET signature = (SELECT signature FROM kept_checkpoints WHERE number = 2)", "checkpoint_not_signed"),
        ("DELETE FROM checkpoints WHERE number = 1", "checkpoint_missing"),
        ("DELETE FROM checkpoints", "not_under_a_checkpoint"),
        ("UPDATE checkpoints SET last_event_id = 1 WHERE number = 1", "checkpoint_differs"),
        ("UPDATE checkpoints SET last_entry_id = 2 WHERE number = 1", "checkpoint_differs"),
        ("UPDATE checkpoints SET last_event_id = (SELECT max(id) FROM events) WHERE number = 1", "checkpoint_differs"),
    ] {
        hands.find_sql(changed).is(kind, None);
    }
    let name = "SELECT name_sealed FROM kept_people";
    for (changed, kind) in [
        (format!("UPDATE people SET name_sealed = ({name} WHERE id = (SELECT max(id) FROM kept_people))"), "person_unreadable"),
        ("UPDATE people SET identity_index = NULL, name_phone_index = NULL".to_owned(), "person_unreadable"),
        ("UPDATE people SET phone_sealed = NULL".to_owned(), "person_unreadable"),
        ("DELETE FROM people".to_owned(), "missing_reference"),
    ] {
        hands.find_sql(&changed).is(kind, None);
    }
}

#[tokio::test]
async fn a_rewritten_history_does_not_fit_a_checkpoint_that_was_published() {
    let mut hands = tampered_town().await;
    let published = hands.verify(&[]).1["last_checkpoint"].as_str().unwrap().to_owned();
    assert!(published.starts_with("2:"));
    let first = checkpoints::find(&mut hands.database, 1).unwrap().unwrap().published().to_string();
    let (sound, since) = hands.verify(&["--from", &first]);
    assert!(sound, "{since}");
    assert_eq!((&since["case_count"], &since["checkpoint_count"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(since["last_checkpoint"], published.as_str());

    let one = hands.id(0);
    let three = hands.cases[2].clone();
    // With the keys everything can be signed anew, but not so that it is what somebody outside has written down.
    let ring = std::fs::read_to_string(hands.installation.data().join("keys/sealing.key")).unwrap();
    let keys = checkpoints::SigningKeys::new(&store::keys::KeyRing::from_base64(&ring).unwrap());
    let rewrite = |database: &mut AnyConnection| {
        let mut rows = journal::load(database, one).unwrap();
        rows[0].occurred_on = "2020-01-01".parse().unwrap();
        chain::link(&mut rows, Digest::ZERO);
        database.batch_execute(&format!("DELETE FROM events WHERE case_id = {one}; DELETE FROM checkpoints")).unwrap();
        journal::insert(database, &rows).unwrap();
        let at = "2026-03-02T02:00:00Z".parse().unwrap();
        while !is_settled(database) {
            std::thread::sleep(Duration::from_millis(50));
        }
        checkpoints::make(database, &keys, at).unwrap().unwrap();
        assert_eq!(checkpoints::make(database, &keys, at).unwrap(), None);
    };
    let unnoticed = hands.find("rewritten and signed", &[], rewrite);
    let kinds: Vec<_> = unnoticed.found["faults"].as_array().unwrap().iter().map(|fault| &fault["kind"]).collect();
    assert!(kinds.iter().all(|kind| *kind == "read_tables_differ"), "{kinds:?}");
    hands.find("rewritten and signed", &["--from", &first], rewrite).is("checkpoint_differs", None);
    hands.find("rewritten and signed", &["--from", &published], rewrite).is("checkpoint_missing", None);
    hands.find("rewritten and signed", &["--published", &first], rewrite).is("checkpoint_differs", None);
    hands.find("rewritten and signed", &["--published", &published], rewrite).is("checkpoint_missing", None);
    hands.find("nothing", &["--published", &first], |_| {}).none();

    hands.find("cut off", &["--from", &published], |database| {
        database.batch_execute("DELETE FROM checkpoints WHERE number = 2").unwrap();
    })
    .is("checkpoint_missing", None);
    hands.find("changed since", &["--from", &first], |database| {
        let of_three = format!("UPDATE events SET kind = 'archived' WHERE case_id = {}", three.id.parse::<CaseId>().unwrap().get());
        database.batch_execute(&of_three).unwrap();
    })
    .is("hash_differs", Some((&three, 1)));
    hands.find("nothing", &["--from", "2"], |_| {}).none();
    for nonsense in ["0", "2:", "2:abc", "x", "-1"] {
        let from = format!("--from={nonsense}");
        let refused = hands.installation.daowei(&["verify", &from]).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{nonsense}");
    }
}

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

#[tokio::test]
async fn events_of_an_earlier_version_get_their_hashes() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let other = town.clerk.files(claim()).await;
    let mut database = connection::open(&town.office.installation().database(), Purpose::Write).unwrap();
    let id = case.id.parse::<CaseId>().unwrap().get();
    let version = journal::version(&mut database, id).unwrap();
    // As another process of an earlier version would leave them.
    match ENGINE {
        Engine::Sqlite => {
            let guard = "SELECT sql AS text FROM sqlite_master WHERE name = 'events_are_never_updated'";
            let Text { text: guard } = diesel::sql_query(guard).get_result(&mut database).unwrap();
            let without = "DROP TRIGGER events_are_never_updated; UPDATE events SET hash = NULL";
            database.batch_execute(&format!("{without}; {guard}")).unwrap();
        }
        Engine::Postgres => {
            let without = "SET session_replication_role = replica; UPDATE events SET hash = NULL";
            database.batch_execute(without).unwrap();
        }
    }
    drop(database);
    // A command goes on from the events that are there, and a checkpoint takes in those of the other case.
    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    checkpoint(&town).await;
    let proof = town.clerk.get(&format!("{}/events/1/proof", other.path())).await.ok();
    assert_eq!(proof.body["event_hash"].as_str().map(str::len), Some(64));
    let hands = Hands::on(town, vec![case, other]);
    let mut hands = hands.await;
    assert!(journal::load(&mut hands.database, id).unwrap().len() >= usize::try_from(version).unwrap());
    let (sound, found) = hands.verify(&[]);
    assert!(sound, "{found}");
}

fn digest(text: &str) -> Digest {
    Digest::of(&[text.as_bytes()])
}

fn hex(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().parse::<Digest>().unwrap().0.to_vec()
}

#[tokio::test]
async fn an_event_is_proved_offline() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let path = format!("{}/events/1/proof", case.path());
    town.clerk.get(&path).await.refused(409, "not_yet_provable");
    for _ in 0..4 {
        town.clerk.files(claim()).await;
    }
    checkpoint(&town).await;
    let proof = town.clerk.get(&path).await.ok().body;

    // The lines of docs/operations.md, in Rust.
    let text = proof["event_text"].as_str().unwrap();
    assert_eq!(hex(&proof["event_hash"]), digest(text).0);
    let id = case.id.parse::<CaseId>().unwrap().get();
    assert_eq!(text.lines().skip(3).take(2).collect::<Vec<_>>(), [id.to_string(), "1".to_owned()]);
    let mut so_far = Digest::of(&[&[0], &hex(&proof["event_hash"])]);
    let mut index = proof["leaf_index"].as_u64().unwrap();
    let mut last = proof["tree_size"].as_u64().unwrap() - 1;
    for beside in proof["inclusion_path"].as_array().unwrap() {
        let beside = hex(beside);
        if index % 2 == 1 || index == last {
            so_far = Digest::of(&[&[1], &beside, &so_far.0]);
            while index.is_multiple_of(2) && index > 0 {
                (index, last) = (index / 2, last / 2);
            }
        } else {
            so_far = Digest::of(&[&[1], &so_far.0, &beside]);
        }
        (index, last) = (index / 2, last / 2);
    }
    let note = proof["checkpoint"]["note"].as_str().unwrap();
    let (signed, signature) = note.split_once("\n\n").unwrap();
    let signed = format!("{signed}\n");
    assert_eq!(signed.lines().nth(4), Some(so_far.to_string().as_str()));
    assert_eq!(proof["checkpoint"]["checkpoint"], format!("1:{}", digest(&signed)));
    let key = STANDARD.decode(proof["public_key"].as_str().unwrap()).unwrap();
    let signature = STANDARD.decode(signature.trim().rsplit(' ').next().unwrap()).unwrap();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key.try_into().unwrap()).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&signature[4..]).unwrap();
    key.verify_strict(signed.as_bytes(), &signature).unwrap();

    for unknown in ["0", "9999", "x", "-1", "99999999999"] {
        town.clerk.get(&format!("{}/events/{unknown}/proof", case.path())).await.refused(404, "not_found");
    }
    town.stranger.get(&path).await.refused(404, "not_found");
    let listed = town.auditor.get("/admin/checkpoints?limit=1").await.ok().body;
    assert_eq!(listed["items"][0], proof["checkpoint"]);
    let none = town.auditor.get("/admin/checkpoints?before=1").await.ok().body;
    assert_eq!(none["items"], serde_json::json!([]));
    town.close().await;
}
