//! Safe to repeat: one key, one effect, one answer (`api.md`).

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::connection::{self, Purpose};
use test_database::Engine;

use crate::ENGINE;
use crate::support::papers::*;
use crate::support::{Answered, Filed, Town, books};

async fn case_count(town: &Town) -> i64 {
    town.rows().await["cases"]
}

fn is_replay(answered: &Answered) -> bool {
    answered.header("idempotent-replayed") == "true"
}

#[tokio::test]
async fn the_same_filing_sent_twice_is_one_case_with_one_answer() {
    let town = Town::open().await;
    let phone = town.grid.with("Idempotency-Key", "k-1");
    let first = phone.post("/cases", claim()).await.ok();
    // The same meaning, spelt otherwise.
    let spelt = format!(" {} ", claim()).into_bytes();
    let again = phone.send_bytes("/api/v1/cases", "application/json; charset=utf-8", spelt).await.ok();
    assert!(!is_replay(&first) && is_replay(&again));
    assert_eq!((again.status, &again.text), (201, &first.text));
    for header in ["location", "etag"] {
        assert_eq!(again.header(header), first.header(header));
    }
    assert_eq!(case_count(&town).await, 1);

    phone.post("/cases", claim_of(1)).await.refused(422, "key_reused");
    assert_eq!(case_count(&town).await, 1);
    let other_place = phone.post(&format!("/cases/{}/transfer", Filed::of(&first).id), claim()).await;
    assert!(other_place.status >= 400, "a key belongs to one request");
    let neighbour = town.next_grid.with("Idempotency-Key", "k-1").post("/cases", claim_of(2)).await.ok();
    assert!(!is_replay(&neighbour), "keys of two people have nothing to do with each other");
    assert_eq!(case_count(&town).await, 2);
    town.close().await;
}

#[tokio::test]
async fn a_refused_filing_leaves_its_key_free() {
    let town = Town::open().await;
    let phone = town.grid.with("Idempotency-Key", "k-1");
    let before = town.rows().await;
    phone.post("/cases", but(claim(), json!({"head_count": 0}))).await.refused(422, "invalid_fields");
    assert_eq!(town.rows().await, before);
    assert_eq!(phone.post("/cases", claim()).await.ok().status, 201);
    for wrong in ["", "a b", &"x".repeat(129)] {
        let refused = town.grid.with("Idempotency-Key", wrong).post("/cases", claim()).await;
        refused.refused(400, "bad_header");
    }
    town.close().await;
}

#[tokio::test]
async fn a_command_sent_twice_is_done_once() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let path = format!("{}/transfer", case.path());
    let caller = town.clerk.with("Idempotency-Key", "k-1");
    let first = caller.post(&path, transfer(town.organs.bureau)).await.ok();
    // Meanwhile the case has gone on: the answer is still the first one.
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    let again = caller.post(&path, transfer(town.organs.bureau)).await.ok();
    assert!(is_replay(&again));
    assert_eq!((&again.text, again.header("etag")), (&first.text, first.header("etag")));
    assert_eq!(town.clerk.told(&case, "dispatched").await.len(), 1);
    town.close().await;
}

#[tokio::test]
async fn grid_members_may_be_offline_for_a_month_and_staff_for_a_day() {
    let town = Town::open().await;
    for (keeper, name, last_day, last_minutes) in
        [(&town.grid, "grid", 29, 24 * 60 - 1), (&town.clerk, "clerk", 0, 24 * 60 - 1)]
    {
        let send = || async { keeper.with("Idempotency-Key", "k-1").post("/cases", claim()).await.ok() };
        let first = send().await;
        town.days_later(last_day);
        town.office.clock.advance(chrono::TimeDelta::minutes(last_minutes));
        town.work().await;
        let kept = send().await;
        assert!(is_replay(&kept), "{name}");
        assert_eq!(kept.body["id"], first.body["id"]);
        town.office.clock.advance(chrono::TimeDelta::minutes(1));
        town.work().await;
        let anew = send().await;
        assert!(!is_replay(&anew), "{name}");
        assert_ne!(anew.body["id"], first.body["id"]);
    }
    town.close().await;
}

#[tokio::test]
async fn requests_at_the_same_time_with_one_key_make_one_case() {
    let town = Town::open().await;
    let phone = town.grid.with("Idempotency-Key", "k-1");
    let sent = (0..8).map(|_| phone.post("/cases", claim()));
    let answers = futures_util::future::join_all(sent).await;
    let mut filed: Vec<&Value> = Vec::new();
    for answered in &answers {
        match answered.status {
            201 => filed.push(&answered.body["id"]),
            409 => assert_eq!(answered.body["type"], "/problems/still-running"),
            other => panic!("{other} {}", answered.text),
        }
    }
    assert!(!filed.is_empty() && filed.iter().all(|id| *id == filed[0]), "{filed:?}");
    let later = phone.post("/cases", claim()).await.ok();
    assert!(is_replay(&later));
    assert_eq!((&later.body["id"], case_count(&town).await), (filed[0], 1));
    town.close().await;
}

fn item(key: &str, petition: Value) -> Value {
    json!({"idempotency_key": key, "case": petition})
}

#[tokio::test]
async fn a_batch_sent_twice_files_nothing_twice_and_each_stands_alone() {
    let town = Town::open().await;
    let batch = json!({"items": [
        item("a", claim_of(1)),
        item("b", but(claim_of(2), json!({"petitioners": []}))),
        item("c", claim_of(3)),
        item("a b", claim_of(4)),
        item("a", claim_of(5)),
    ]});
    let first = town.grid.post("/cases/batch", batch.clone()).await.ok();
    let statuses = |answered: &Answered| -> Vec<u64> {
        let items = answered.body["items"].as_array().unwrap().iter();
        items.map(|item| item["status"].as_u64().unwrap()).collect()
    };
    let five = statuses(&first);
    assert_eq!(five[..4], [201, 422, 201, 422]);
    assert!(matches!(five[4], 409 | 422), "the key of another filing: {}", first.text);
    let problem = &first.body["items"][1]["problem"];
    assert_eq!((&problem["pointers"], &problem["article"]), (&json!(["/petitioners"]), &json!(19)));
    assert_eq!(case_count(&town).await, 2);

    let again = town.grid.post("/cases/batch", batch).await.ok();
    for place in [0, 2] {
        let (then, now) = (&first.body["items"][place], &again.body["items"][place]);
        assert_eq!((&now["case"]["id"], &now["replayed"]), (&then["case"]["id"], &json!(true)));
        assert_eq!(then["replayed"], false);
    }
    assert_eq!(case_count(&town).await, 2);

    let too_many: Vec<_> = (0..101).map(|serial| item(&format!("k{serial}"), claim_of(serial))).collect();
    town.grid.post("/cases/batch", json!({"items": too_many})).await.refused(422, "invalid_fields");
    town.grid.post("/cases/batch", json!({"items": []})).await.refused(422, "invalid_fields");
    assert_eq!(case_count(&town).await, 2);
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_filing_sent_alone_and_again_in_a_batch_is_one() {
    let town = Town::open().await;
    let alone = town.grid.with("Idempotency-Key", "k-1").post("/cases", claim_of(1)).await.ok();
    let batch = json!({"items": [item("k-1", claim_of(1)), item("k-1", claim_of(2)), item("k-2", claim_of(3))]});
    let sent = town.grid.post("/cases/batch", batch).await.ok().body;
    let items = sent["items"].as_array().unwrap();
    assert_eq!((&items[0]["status"], &items[0]["replayed"]), (&json!(201), &json!(true)));
    assert_eq!(items[0]["case"], alone.body);
    assert_eq!((&items[1]["status"], &items[1]["problem"]["type"]), (&json!(422), &json!("/problems/key-reused")));
    assert_eq!((&items[2]["status"], &items[2]["replayed"]), (&json!(201), &json!(false)));

    let again = town.grid.with("Idempotency-Key", "k-2").post("/cases", claim_of(3)).await.ok();
    assert!(is_replay(&again));
    assert_eq!(again.body, items[2]["case"]);
    town.grid.with("Idempotency-Key", "k-2").post("/cases", claim_of(4)).await.refused(422, "key_reused");
    assert_eq!(case_count(&town).await, 2);
    town.close().await;
}

fn canonical(tree: Value) -> Value {
    match tree {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            Value::Object(fields.into_iter().map(|(name, value)| (name, canonical(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        other => other,
    }
}

/// Somebody was offline over an upgrade: what was kept before has the bare hash of the request.
#[tokio::test]
async fn an_answer_that_an_earlier_version_kept_is_still_given() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let (desk, path) = (town.clerk.with("Idempotency-Key", "k-1"), format!("/cases/{}/transfer", case.id));
    let sent = transfer(town.organs.bureau);
    let first = desk.post(&path, sent.clone()).await.ok();
    let request = format!("POST /api/v1{path}\n{}", canonical(sent.clone()));
    let digits: String = Sha256::digest(request).iter().map(|byte| format!("{byte:02x}")).collect();
    let bare = match ENGINE {
        Engine::Sqlite => format!("x'{digits}'"),
        Engine::Postgres => format!("'\\x{digits}'::bytea"),
    };
    let mut database = connection::open(&town.office.app.settings.database_url, Purpose::Write).unwrap();
    let is_bare = format!("idempotency_keys WHERE fingerprint = {bare}");
    assert_eq!(books::count(&mut database, &is_bare), 0, "a short request can be guessed");
    let put = format!("UPDATE idempotency_keys SET fingerprint = {bare} WHERE key = 'k-1'");
    database.batch_execute(&put).unwrap();
    let again = desk.post(&path, sent).await.ok();
    assert!(is_replay(&again) && again.text == first.text);
    desk.post(&path, transfer(town.organs.other_bureau)).await.refused(422, "key_reused");
    town.close().await;
}
