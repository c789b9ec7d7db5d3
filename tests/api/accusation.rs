//! The track of accusations (Art. 30): known to few, never to the accused.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use domain::id::CaseId;
use domain::text::Remark;
use serde_json::{Value, json};
use store::connection::{self, Purpose};
use store::{AnyConnection, StoreError, case_journal, journal, meta};
use test_database::Engine;

use crate::ENGINE;
use crate::support::papers::*;
use crate::support::{Answered, Filed, Installation, Town, books};

const SECRET: &str = "收受工程回扣";
/// Of a petition department: to pass it on, and its share of that.
const CLOCKS_OF_A_FILING: usize = 2;

fn accusation(respondent: Value) -> Value {
    let changes = json!({
        "purpose": "accusation", "subject": SECRET, "narrative": "某某收受工程回扣二十万元。", "claims": [],
        "respondents": [respondent]
    });
    but(claim(), changes)
}

fn assert_only_a_receipt(answered: &Answered) {
    let told: Vec<_> = answered.body.as_object().unwrap().keys().map(String::as_str).collect();
    let mut told: Vec<_> = told.into_iter().collect();
    told.sort_unstable();
    assert_eq!(told, ["case_no", "id", "query_code", "status", "status_label"]);
}

#[tokio::test]
async fn an_accusation_goes_to_the_discipline_organ_past_everybody_else() {
    let town = Town::open().await;
    let accused = json!({"name": "某科长", "user": town.handler.user, "organisation": town.organs.bureau});
    let filed = town.grid.post("/cases", accusation(accused)).await.ok();
    assert_only_a_receipt(&filed);
    let case = Filed::of(&filed);
    for uncleared in
        [&town.grid, &town.clerk, &town.verifier, &town.supervisor, &town.handler, &town.discipline]
    {
        uncleared.get(&case.path()).await.refused(404, "not_found");
        uncleared.get(&format!("{}/events", case.path())).await.refused(404, "not_found");
        uncleared.get(&format!("{}/actions", case.path())).await.refused(404, "not_found");
        uncleared.get(&format!("{}/deadlines", case.path())).await.refused(404, "not_found");
        uncleared.act(&case, "transfer", transfer(town.organs.discipline)).await.refused(404, "not_found");
        let listed = uncleared.get("/cases?count=true").await.ok();
        assert_eq!((&listed.body["items"], &listed.body["count"]), (&json!([]), &json!(0)));
    }

    let listed = town.cleared_clerk.get("/cases").await.ok();
    assert_eq!(
        (&listed.body["items"][0]["id"], &listed.body["items"][0]["subject"]),
        (&json!(case.id), &json!(null))
    );
    assert!(!listed.text.contains(SECRET), "{}", listed.text);
    assert!(
        town.cleared_clerk.clocks(&case, "notice").await.is_empty(),
        "discipline organs have their own rules"
    );

    let to = |organ| town.cleared_clerk.act(&case, "transfer", transfer(organ));
    to(town.organs.bureau).await.refused(422, "receiver_is_accused").at("/to", "out_of_range").by(30);
    to(town.organs.other_bureau).await.refused(422, "receiver_not_for_accusations").by(30);
    let forwarded = to(town.organs.discipline).await.ok();
    assert_eq!(forwarded.body["status"], "forwarded");
    town.cleared_clerk
        .act(&case, "receipt", json!({"receipt_no": "1"}))
        .await
        .refused(403, "not_yours")
        .by(30);
    town.discipline.act(&case, "receipt", json!({"receipt_no": "区纪信收〔2026〕5号"})).await.ok();
    let done = town.discipline.act(&case, "outcome", json!({"outcome": "dealt_with"})).await.ok();
    assert_eq!(
        (&done.body["status"], &done.body["outcome"]),
        (&json!("outcome_recorded"), &json!("dealt_with"))
    );
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn the_petitioner_learns_the_status_and_no_more() {
    let town = Town::open().await;
    let case =
        town.grid.files(accusation(json!({"name": "某科长", "organisation": town.organs.bureau}))).await;
    town.cleared_clerk.act(&case, "transfer", transfer(town.organs.discipline)).await.ok();
    let progress = town.progress(&case).await;
    assert_eq!(progress["status"], "forwarded");
    for hidden in ["purpose", "organisation"] {
        assert_eq!(progress[hidden], json!(null), "{hidden}");
    }
    assert_eq!(
        (&progress["steps"], &progress["deadlines"], &progress["open_to_you"]),
        (&json!([]), &json!([]), &json!([]))
    );
    let path = format!("/public/cases/{}/evaluation", case.query_code);
    town.petitioner().post(&path, rating("satisfied")).await.refused(409, "wrong_track");
    town.close().await;
}

#[tokio::test]
async fn an_accusation_against_the_register_enters_the_one_above() {
    let town = Town::open().await;
    let accused = json!({"name": "登记员", "user": town.cleared_clerk.user});
    for filer in [&town.grid, &town.clerk] {
        let filed = filer.post("/cases", accusation(accused.clone())).await.ok();
        assert_only_a_receipt(&filed);
        let case = Filed::of(&filed);
        town.cleared_clerk.get(&case.path()).await.refused(404, "not_found");
        let seen = town.city_clerk.sees(&case).await;
        assert_eq!(seen["received_by"], town.organs.city_petitions.to_string());
        let below = town.city_clerk.act(&case, "transfer", transfer(town.organs.county_petitions)).await;
        below.refused(422, "receiver_is_accused").by(30);
        town.city_clerk.act(&case, "transfer", transfer(town.organs.city_discipline)).await.ok();
        town.city_discipline.sees(&case).await;
    }
    assert_eq!(town.cleared_clerk.get("/cases").await.ok().body["items"], json!([]));
    town.close().await;
}

#[tokio::test]
async fn an_accused_official_with_every_clearance_sees_nothing() {
    let town = Town::open().await;
    // The accused works where the accusation is dealt with, which nobody could know when it was filed.
    let case = town.grid.files(accusation(json!({"name": "某人", "organisation": town.organs.bureau}))).await;
    town.cleared_clerk.act(&case, "transfer", transfer(town.organs.discipline)).await.ok();
    town.discipline.sees(&case).await;
    let named = json!({"name": "某人", "user": town.discipline.user});
    let second = town.grid.files(accusation(named)).await;
    let refused = town.cleared_clerk.act(&second, "transfer", transfer(town.organs.discipline)).await;
    refused.refused(422, "receiver_is_accused").by(30);
    town.cleared_clerk.act(&second, "transfer", transfer(town.organs.city_petitions)).await.ok();
    town.city_clerk.act(&second, "transfer", transfer(town.organs.city_discipline)).await.ok();
    town.discipline.get(&second.path()).await.refused(404, "not_found");
    let listed = town.discipline.get("/cases").await.ok();
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1, "only the one that is not about them");
    town.close().await;
}

#[tokio::test]
async fn who_is_complained_of_neither_sees_nor_handles_the_claim() {
    let town = Town::open().await;
    let complaint = json!({"respondents": [{"name": "经办人", "user": town.handler.user}]});
    let case = town.transferred_from(but(claim(), complaint)).await;
    town.handler.get(&case.path()).await.refused(404, "not_found");
    assert_eq!(town.handler.get("/cases").await.ok().body["items"], json!([]));
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    let refused = town.registrar.act(&case, "assignment", handlers(&[town.handler.user])).await;
    refused.refused(422, "invalid_fields").at("/handlers/0/user", "has_interest").by(28);
    town.registrar.act(&case, "assignment", handlers(&[town.other_handler.user])).await.ok();
    town.close().await;
}

#[tokio::test]
async fn an_accusation_made_to_an_organ_without_anyone_cleared_goes_to_those_who_are() {
    let town = Town::open().await;
    let accused = json!({"name": "某镇干部"});
    let filed = town.other_registrar.post("/cases", accusation(accused)).await.ok();
    assert_only_a_receipt(&filed);
    let case = Filed::of(&filed);
    let seen = town.cleared_clerk.sees(&case).await;
    assert_eq!(seen["status"], "registered");
    assert_eq!(seen["deadlines"][0]["kind"], "dispatch", "its clock runs");
    town.close().await;
}

#[tokio::test]
async fn an_accusation_sent_again_is_answered_with_the_receipt_alone() {
    let town = Town::open().await;
    let accused = accusation(json!({"name": "某科长", "organisation": town.organs.bureau}));
    let phone = town.grid.with("Idempotency-Key", "k-1");
    let first = phone.post("/cases", accused.clone()).await.ok();
    let again = phone.post("/cases", accused.clone()).await.ok();
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_only_a_receipt(&again);
    assert_eq!(again.text, first.text);

    // Meanwhile it has gone on, which is none of the filer's business.
    town.cleared_clerk.act(&Filed::of(&first), "transfer", transfer(town.organs.discipline)).await.ok();
    let batch = json!({"items": [{"idempotency_key": "k-1", "case": accused}]});
    let batched = town.grid.post("/cases/batch", batch).await.ok().body;
    assert_eq!((&batched["items"][0]["replayed"], &batched["items"][0]["case"]), (&json!(true), &first.body));
    assert_eq!(town.rows().await["cases"], 1);
    town.close().await;
}

#[tokio::test]
async fn of_an_accusation_no_answer_is_kept_but_the_receipt() {
    let town = Town::open().await;
    let desk = town.cleared_clerk.with("Idempotency-Key", "k-1");
    let accused = accusation(json!({"name": "某科长", "organisation": town.organs.bureau}));
    let first = desk.post("/cases", accused.clone()).await.ok();
    assert_eq!(first.body["subject"], SECRET, "whoever is cleared sees what they file");
    let again = desk.post("/cases", accused).await.ok();
    assert_only_a_receipt(&again);
    assert_eq!((&again.body["id"], again.header("etag")), (&first.body["id"], first.header("etag")));

    let path = format!("/cases/{}/transfer", Filed::of(&first).id);
    let desk = town.cleared_clerk.with("Idempotency-Key", "k-2");
    let sent = desk.post(&path, transfer(town.organs.discipline)).await.ok();
    assert_eq!(sent.body["subject"], SECRET);
    assert_only_a_receipt(&desk.post(&path, transfer(town.organs.discipline)).await.ok());

    // The code is for who files it and for the petitioner.
    let path = format!("/cases/{}/receipt", Filed::of(&first).id);
    let desk = town.discipline.with("Idempotency-Key", "k-3");
    for replayed in [false, true] {
        let answer = desk.post(&path, json!({"receipt_no": "区纪信收〔2026〕5号"})).await.ok();
        assert_eq!(answer.header("idempotent-replayed") == "true", replayed);
        assert_eq!(answer.body["query_code"].as_str().unwrap_or_default(), "", "{}", answer.text);
    }
    town.close().await;
}

/// What `verify --json` says of the installation.
fn verified(installation: &Installation) -> Value {
    serde_json::from_slice(&installation.daowei(&["verify", "--json"]).output().unwrap().stdout).unwrap()
}

/// Files one, and lets the clerk and the discipline organ write of it.
async fn handled(town: &Town, named: &str) -> Filed {
    let accused = json!({"name": named, "organisation": town.organs.bureau});
    let filed = town.grid.post("/cases", accusation(accused)).await.ok();
    let case = Filed::of(&filed);
    let to_discipline = but(transfer(town.organs.discipline), json!({"reason": "涉及发包科室的回扣"}));
    town.cleared_clerk.act(&case, "transfer", to_discipline).await.ok();
    let receipt = json!({"receipt_no": "区纪信收〔2026〕57号"});
    let path = format!("/cases/{}/receipt", case.id);
    let once = town.discipline.with("Idempotency-Key", &case.id);
    once.post(&path, receipt).await.ok();
    case
}

#[tokio::test]
async fn what_an_accusation_says_is_sealed_in_the_database() {
    let town = Town::open().await;
    let case = handled(&town, "钱某某科长").await;
    let other = handled(&town, "孙某某处长").await;
    let plain = town.clerk.files(but(claim(), json!({"narrative": "此言可见于库中。"}))).await;
    let seen = town.discipline.sees(&case).await;
    assert_eq!(seen["narrative"], "某某收受工程回扣二十万元。");
    let events = town.discipline.get(&format!("{}/events?purpose=test", case.path())).await.ok();
    assert!(events.text.contains("钱某某科长") && events.text.contains("涉及发包科室的回扣"), "{}", events.text);
    town.books_agree().await;

    let installation = town.office.into_installation().await;
    let rebuilt = installation.daowei(&["rebuild", "--check"]).output().unwrap();
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    let found = verified(&installation);
    assert_eq!((&found["case_count"], &found["fault_count"]), (&json!(3), &json!(0)), "{found}");

    let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
    let [id, other, plain] = [&case, &other, &plain].map(|case| case.id.parse::<CaseId>().unwrap().get());
    assert!(journal::load(&mut database, plain).unwrap()[0].body.contains("此言可见于库中"));
    drop(database);
    let tamper = |statements: &str| {
        let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
        database.batch_execute(statements).unwrap();
    };
    let swap = format!(
        "UPDATE case_keys SET key_sealed = (SELECT key_sealed FROM case_keys WHERE case_id = {other}) \
         WHERE case_id = {id}; DELETE FROM case_keys WHERE case_id = {other}"
    );
    tamper(&swap);
    let found = verified(&installation);
    let faults: Vec<_> = found["faults"].as_array().unwrap().iter().map(|fault| fault["kind"].clone()).collect();
    assert_eq!(faults, ["event_unreadable", "event_unreadable"], "{found}");
    // Who has no keys is not told that all is broken, and yet what is gone.
    std::fs::remove_dir_all(installation.data().join("keys")).unwrap();
    let found = verified(&installation);
    let faults = found["faults"].as_array().unwrap();
    assert_eq!((faults.len(), &faults[0]["detail"]), (1, &json!("the key of the case is not there")), "{found}");
    let gone = format!("{}DELETE FROM events WHERE case_id = {id} AND seq = 2", without_triggers());
    tamper(&gone);
    let found = verified(&installation);
    let kinds: Vec<_> = found["faults"].as_array().unwrap().iter().map(|fault| &fault["kind"]).collect();
    assert!(kinds.contains(&&json!("journal_gap")), "{found}");

    // Last: a file of the embedded engine that is opened and closed here loses the locks of its connections.
    for words in [SECRET, "二十万元", "钱某某", "涉及发包科室", "57号"] {
        assert!(!installation.holds(words), "{words} lies readable in the database");
    }
    assert!(installation.holds("此言可见于库中。"), "nothing would be found however it lay");
}

/// What lets somebody change the journal who may do everything to the database.
fn without_triggers() -> &'static str {
    match ENGINE {
        Engine::Sqlite => "DROP TRIGGER events_are_never_deleted; ",
        Engine::Postgres => "SET session_replication_role = replica; ",
    }
}

#[tokio::test]
async fn nothing_tells_who_informed() {
    let town = Town::open().await;
    let plain = town.clerk.files(claim()).await;
    let accused = json!({"name": "某科长", "organisation": town.organs.bureau});
    let case = town.grid.files(accusation(accused)).await;
    // Whoever accuses is recognised as who petitioned, and not the other way round.
    let again = town.clerk.post("/cases", claim()).await.ok().body;
    assert_eq!(again["possible_repeats"].as_array().unwrap().len(), 1, "{again}");
    let [id, plain] = [&case, &plain].map(|case| case.id.parse::<CaseId>().unwrap());
    let sealer = town.office.app.sealer.clone();
    let petitioners = town.office.app.store.read(move |connection| {
        let informant = case_journal::load_case(connection, &sealer, id)?.unwrap().filing.petitioners[0].get();
        let petitioner = case_journal::load_case(connection, &sealer, plain)?.unwrap().filing.petitioners[0].get();
        let indexed = |person| format!("people WHERE id = {person} AND (identity_index IS NOT NULL OR name_phone_index IS NOT NULL)");
        let named = |person| format!("case_people WHERE person_id = {person}");
        Ok::<_, StoreError>([indexed(informant), named(informant), indexed(petitioner), named(petitioner)].map(|rows| books::count(connection, &rows)))
    });
    assert_eq!(petitioners.await.unwrap(), [0, 0, 1, 1]);
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn one_that_cannot_be_read_keeps_no_other_alarm_from_being_told() {
    let town = Town::open().await;
    let broken = town.grid.files(accusation(json!({"name": "某科长", "organisation": town.organs.bureau}))).await;
    let case = town.clerk.files(claim()).await;
    let events = async || town.clerk.get(&format!("{}/events", case.path())).await.ok().body["items"].as_array().unwrap().len();
    let id = broken.id.parse::<CaseId>().unwrap().get();
    let mut database = connection::open(&town.office.app.settings.database_url, Purpose::Write).unwrap();
    let aside = format!("UPDATE case_keys SET case_id = -{id} WHERE case_id = {id}");
    database.batch_execute(&aside).unwrap();
    // Nor one with an event that does not even fit its columns.
    let damaged = town.clerk.files(claim()).await.id.parse::<CaseId>().unwrap().get();
    let (unguarded, damage) = match ENGINE {
        Engine::Sqlite => ("DROP TRIGGER events_are_never_updated", "the fifth of May"),
        Engine::Postgres => ("SET session_replication_role = replica", "infinity"),
    };
    let of_damaged = format!("WHERE case_id = {damaged}");
    let damage = format!("{unguarded}; UPDATE events SET recorded_at = '{damage}' {of_damaged}");
    database.batch_execute(&damage).unwrap();
    let before = events().await;
    town.office.clock.advance(TimeDelta::days(20));
    let app = &town.office.app;
    daowei::worker::sweep(app).await.unwrap();
    assert!(events().await > before, "the alarm was not told");

    // Nor does it stay at the old calendar: what could not be reckoned again is, once its key is back.
    let reason = Remark::parse("节假日安排更正").unwrap();
    let mark = move |connection: &mut AnyConnection| daowei::worker::mark_calendar_changed(connection, &reason);
    app.store.write(mark).await.unwrap();
    daowei::worker::recompute(app).await.unwrap();
    assert!(app.store.read(meta::calendar_mark).await.unwrap().is_some(), "it was left at the old calendar");
    database.batch_execute(&format!("UPDATE case_keys SET case_id = {id} WHERE case_id = -{id}")).unwrap();
    database.batch_execute(&format!("UPDATE events SET recorded_at = occurred_at {of_damaged}")).unwrap();
    daowei::worker::recompute(app).await.unwrap();
    assert!(app.store.read(meta::calendar_mark).await.unwrap().is_none());
    town.close().await;
}

/// Whatever it is that goes wrong with one: among those that are changed together, and among those that are changed alone.
#[tokio::test]
async fn one_that_cannot_be_written_keeps_no_other_alarm_from_being_told() {
    let town = Town::open().await;
    let informs = || accusation(json!({"name": "某科长", "organisation": town.organs.bureau}));
    let plain = [town.clerk.files(claim()).await, town.clerk.files(claim_of(1)).await];
    let secret = [town.cleared_clerk.files(informs()).await, town.cleared_clerk.files(informs()).await];
    let id = |case: &Filed| case.id.parse::<CaseId>().unwrap().get();
    let broken = format!("{}, {}", id(&plain[0]), id(&secret[0]));
    let mut database = connection::open(&town.office.app.settings.database_url, Purpose::Write).unwrap();
    let refusing = match ENGINE {
        Engine::Sqlite => format!(
            "CREATE TRIGGER refuses BEFORE UPDATE ON cases WHEN OLD.id IN ({broken}) \
             BEGIN SELECT RAISE (ABORT, 'refused'); END"
        ),
        Engine::Postgres => format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$; \
             CREATE TRIGGER refuses BEFORE UPDATE ON cases FOR EACH ROW WHEN (OLD.id IN ({broken})) \
             EXECUTE FUNCTION refuse()"
        ),
    };
    database.batch_execute(&refusing).unwrap();
    // More than are changed at once, so that the broken ones are not among the last.
    let at_once = match ENGINE {
        Engine::Sqlite => 100,
        Engine::Postgres => 250,
    };
    let mut last = None;
    for _ in 0..=at_once / CLOCKS_OF_A_FILING {
        last = Some(town.clerk.files(claim_of(2)).await);
    }
    town.days_later(20);
    let app = &town.office.app;
    let told = async |case: &Filed| !town.cleared_clerk.told(case, "deadline_told").await.is_empty();
    daowei::worker::sweep(app).await.unwrap_err();
    assert!(told(&plain[1]).await && told(&secret[1]).await, "an alarm was not told");
    assert!(told(&last.unwrap()).await, "the sweep ended at what is broken");
    assert!(!told(&plain[0]).await && !told(&secret[0]).await, "nothing was in the way");

    let drop = match ENGINE {
        Engine::Sqlite => "DROP TRIGGER refuses",
        Engine::Postgres => "DROP TRIGGER refuses ON cases",
    };
    database.batch_execute(drop).unwrap();
    daowei::worker::sweep(app).await.unwrap();
    assert!(told(&plain[0]).await && told(&secret[0]).await);
    town.close().await;
}
