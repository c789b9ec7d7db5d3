//! Personal data is destroyed after the retention term, when two administrators agree; the books stay.

use chrono::Days;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use domain::id::CaseId;
use serde_json::{Value, json};
use store::connection::{self, Purpose};
use store::{AnyConnection, StoreError, case_journal};
use test_database::{Engine, TestDatabase};

use crate::ENGINE;
use crate::support::papers::*;
use crate::support::{Answered, Filed, Installation, Town, books};
use crate::tamper::is_settled;

const AGREED: &str = "已核对档案目录";

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

/// What lies sealed in the rows.
fn sealed(connection: &mut AnyConnection, column: &str, rows: &str) -> Vec<Vec<u8>> {
    let query = diesel::sql_query(format!("SELECT {column} AS sealed FROM {rows} WHERE length({column}) > 0"));
    let found: Vec<Sealed> = match connection {
        AnyConnection::Postgres(concrete) => query.load(concrete).unwrap(),
        AnyConnection::Sqlite(concrete) => query.load(concrete).unwrap(),
    };
    found.into_iter().map(|found| found.sealed).collect()
}

impl Town {
    /// Puts a case that has ended into the archive, in 2027.
    async fn archives(&self, case: &Filed, retention: &str) {
        self.on("2027-06-01");
        self.work().await;
        let archived = json!({"retention": retention, "catalogue": "卷内十二件"});
        let answered = self.archivist.act(case, "archive", archived).await.ok();
        assert_eq!(answered.body["status"], "archived");
    }

    async fn proposes(&self, case: &Filed) -> Answered {
        let body = json!({"case": case.id, "reason": "保管期限届满"});
        self.administrator.post("/admin/erasures", body).await
    }

    async fn decides(&self, proposal: &Answered, agreed: bool) -> Answered {
        let path = format!("/admin/erasures/{}/decision", proposal.body["id"].as_str().unwrap());
        self.security.post(&path, json!({"agreed": agreed, "remark": AGREED})).await
    }

    async fn due(&self) -> Vec<Value> {
        let page = self.administrator.get("/admin/erasures/due?limit=200").await.ok().body;
        page["items"].as_array().unwrap().iter().map(|due| due["case"].clone()).collect()
    }

    /// Runs every job of the worker once everything is where checkpoints find it.
    async fn work_at_rest(&self) {
        while !self.office.app.store.read(|connection| Ok::<_, StoreError>(is_settled(connection))).await.unwrap() {
            tokio::task::yield_now().await;
        }
        self.work().await;
    }

    /// Of people who are found by what they are called.
    async fn found_again(&self) -> usize {
        let again = self.clerk.post("/cases", claim()).await.ok().body;
        again["possible_repeats"].as_array().unwrap().len()
    }
}

fn verified(installation: &Installation) -> Value {
    let output = installation.daowei(&["verify", "--json"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn one_administrator_proposes_and_another_agrees_once_the_term_is_over() {
    let town = Town::open().await;
    let (case, forever) = (town.closed().await, town.closed().await);
    town.proposes(&case).await.refused(409, "state_forbids");
    town.archives(&case, "ten_years").await;
    town.archives(&forever, "permanent").await;
    let kept = town.clerk.files(claim_of(7)).await;
    for (day, due) in [("2037-12-31", vec![]), ("2038-01-02", vec![json!(case.id)])] {
        town.on(day);
        assert_eq!(town.due().await, due, "{day}");
        if due.is_empty() {
            town.proposes(&case).await.refused(409, "retention_not_over");
        }
    }
    town.proposes(&forever).await.refused(409, "retention_not_over");
    town.proposes(&kept).await.refused(409, "state_forbids");
    let nowhere = json!({"case": "0000000000000", "reason": "保管期限届满"});
    let refused = town.administrator.post("/admin/erasures", nowhere).await;
    refused.refused(422, "invalid_fields").at("/case", "unknown_case");
    assert_eq!(town.found_again().await, 2);

    // Declined, it may be proposed again; whoever proposed it does not agree, in whatever office.
    let declined = town.proposes(&case).await.ok();
    town.proposes(&case).await.refused(409, "erasure_proposed");
    assert_eq!(town.decides(&declined, false).await.ok().body["agreed"], false);
    town.decides(&declined, true).await.refused(409, "erasure_decided");
    let proposal = town.proposes(&case).await.ok();
    let waiting = town.security.get("/admin/erasures?waiting=true").await.ok().body;
    assert_eq!(waiting["items"], json!([proposal.body]));
    let office = |role: &'static str| move |user: &mut store::users::User| user.role = role.to_owned();
    town.office.change_user("administrator", office("security_administrator")).await;
    let path = format!("/admin/erasures/{}/decision", proposal.body["id"].as_str().unwrap());
    let own = town.administrator.post(&path, json!({"agreed": true, "remark": AGREED})).await;
    own.refused(403, "agrees_to_own_proposal");
    town.office.change_user("administrator", office("system_administrator")).await;
    let people = format!("{}/people?purpose=test", case.path());
    let before = town.handler.get(&people).await.ok();
    assert!(before.text.contains(NAME) && before.text.contains(IDENTITY));
    let version = town.handler.sees(&case).await["version"].as_u64().unwrap();

    let decided = town.decides(&proposal, true).await.ok().body;
    assert_eq!((&decided["agreed"], &decided["decided_by"]), (&json!(true), &json!(town.security.user)));
    let after = town.handler.sees(&case).await;
    assert_eq!((&after["erased_on"], after["version"].as_u64()), (&json!("2038-01-02"), Some(version + 1)));
    assert_eq!((&after["people"], &after["case_no"]), (&json!([]), &json!(case.case_no)), "the numbers stay");
    assert_eq!(town.handler.get(&people).await.ok().body["items"], json!([]));
    let told = town.handler.told(&case, "personal_data_erased").await;
    assert_eq!(told[0]["data"]["proposed_by"], json!(town.administrator.user));
    assert_eq!(told[0]["data"]["agreed_by"], json!(town.security.user));
    assert_eq!(town.found_again().await, 2, "of the three before, one is nobody's any more");
    assert_eq!(town.due().await, Vec::<Value>::new());
    town.proposes(&case).await.refused(409, "already_erased");
    let trail = town.auditor.get(&format!("/admin/audit?case={}", case.id)).await.ok().body;
    let acts: Vec<_> = trail["items"].as_array().unwrap().iter().map(|entry| entry["act"].clone()).collect();
    for act in ["propose_erasure", "decide_erasure"] {
        assert_eq!(acts.iter().filter(|found| **found == act).count(), 2, "{act}");
    }
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn nothing_sealed_is_left_and_the_chain_holds() {
    let town = Town::open().await;
    let case = town.closed().await;
    town.archives(&case, "ten_years").await;
    let other = town.clerk.files(claim_of(7)).await;
    town.on("2038-01-02");
    let [id, other] = [&case, &other].map(|case| case.id.parse::<CaseId>().unwrap());
    let (sealer, columns) = (town.office.app.sealer.clone(), ["name", "identity", "phone", "address"]);
    let before = town.office.app.store.read(move |connection| {
        let person = case_journal::load_case(connection, &sealer, id)?.unwrap().filing.petitioners[0].get();
        let rows = format!("(SELECT * FROM people WHERE id = {person}) AS theirs");
        let found = columns.iter().flat_map(|name| sealed(connection, &format!("{name}_sealed"), &rows));
        Ok::<_, StoreError>((person, found.collect::<Vec<_>>()))
    });
    let (person, before) = before.await.unwrap();
    assert_eq!(before.len(), 4);
    let of_other = format!("id = (SELECT person_id FROM case_people WHERE case_id = {})", other.get());
    let rows = format!("(SELECT * FROM people WHERE {of_other}) AS theirs");
    let whole = town.office.app.store.read(move |connection| Ok::<_, StoreError>(sealed(connection, "name_sealed", &rows)));
    let whole = whole.await.unwrap();
    let proposal = town.proposes(&case).await.ok();
    town.decides(&proposal, true).await.ok();
    town.work_at_rest().await;

    let installation = town.office.into_installation().await;
    let found = verified(&installation);
    assert_eq!(found["fault_count"], 0, "{found}");
    let keys = installation.daowei(&["keys", "list"]).output().unwrap();
    assert!(keys.status.success(), "{keys:?}");
    if ENGINE == Engine::Sqlite {
        let file = std::fs::read(installation.data().join("daowei.db")).unwrap();
        let lies = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
        assert!(before.iter().all(|sealed| !lies(sealed)), "what was sealed still lies in the file");
        assert!(whole.iter().all(|sealed| lies(sealed)), "nothing would be found however it lay");
    }
    // Whoever empties a row by hand, says that it was another case, or puts somebody back is found.
    let (empty, of_one, unguarded) = match ENGINE {
        Engine::Sqlite => ("x''", "x'01'", "PRAGMA foreign_keys = OFF"),
        Engine::Postgres => ("'\\x'", "'\\x01'", "SET session_replication_role = replica"),
    };
    let tamper = |statements: &str| {
        let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
        database.batch_execute(statements).unwrap();
    };
    let wholly = format!(
        "UPDATE people SET name_sealed = {empty}, identity_sealed = NULL, phone_sealed = NULL, address_sealed = NULL, \
         particulars_sealed = NULL, identity_index = NULL, name_phone_index = NULL, erased_case_id = {} WHERE {of_other}",
        id.get()
    );
    tamper("CREATE TABLE kept AS SELECT * FROM people");
    for (sql, detail) in [
        (format!("UPDATE people SET erased_case_id = {} WHERE id = {person}", other.get()), "destroyed without the agreement of two"),
        (format!("UPDATE people SET erased_case_id = {} WHERE id = {person}", id.get()), ""),
        (format!("UPDATE people SET erased_case_id = {} WHERE {of_other}", id.get()), "destroyed without the agreement of two"),
        (wholly, "destroyed without the agreement of two"),
        (format!("UPDATE people SET name_sealed = {of_one}, erased_case_id = {} WHERE id = {person}", id.get()), "was destroyed, and is there again"),
        (format!("UPDATE people SET erased_case_id = NULL WHERE id = {person}"), "was destroyed, and is there again"),
    ] {
        tamper(&sql);
        let found = verified(&installation);
        match detail {
            "" => assert_eq!(found["fault_count"], 0, "{found}"),
            detail => {
                let faults = found["faults"].as_array().unwrap();
                let is_told = |fault: &Value| fault["detail"].as_str().unwrap().ends_with(detail);
                assert!(faults.iter().all(|fault| fault["kind"] == "person_unreadable"), "{found}");
                assert!(faults.iter().any(is_told), "{found}");
            }
        }
        tamper(&format!("{unguarded}; DELETE FROM people; INSERT INTO people SELECT * FROM kept"));
    }
    // Nor is anybody destroyed, or back, because the agreement was taken away.
    tamper("DELETE FROM erasures");
    let found = verified(&installation);
    assert_eq!((&found["faults"][0]["kind"], &found["faults"][0]["case"]), (&json!("event_unreadable"), &json!(case.id)));
}

#[tokio::test]
async fn of_an_accusation_every_word_is_destroyed() {
    let town = Town::open().await;
    let accused = json!([{"name": "某科长", "organisation": town.organs.bureau}]);
    let changes = json!({"purpose": "accusation", "narrative": "收受工程回扣。", "claims": [], "respondents": accused});
    let case = town.grid.files(but(claim(), changes)).await;
    town.cleared_clerk.act(&case, "transfer", transfer(town.organs.discipline)).await.ok();
    town.discipline.act(&case, "receipt", json!({"receipt_no": "区纪信收〔2026〕5号"})).await.ok();
    town.discipline.act(&case, "outcome", json!({"outcome": "dealt_with"})).await.ok();
    town.office.change_user("discipline", |user| user.duties.push("archive".to_owned())).await;
    let archived = json!({"retention": "ten_years", "catalogue": "卷内三件"});
    town.discipline.act(&case, "archive", archived).await.ok();
    town.office.clock.set(town.office.app.clock.now() + Days::new(11 * 366));
    let proposal = town.proposes(&case).await.ok();
    assert!(!proposal.text.contains("回扣"), "{}", proposal.text);
    town.decides(&proposal, true).await.ok();

    let path = format!("{}?purpose=test", case.path());
    for knowing in [&town.discipline, &town.cleared_clerk] {
        knowing.get(&path).await.refused(410, "erased");
        knowing.get(&format!("{}/events?purpose=test", case.path())).await.refused(410, "erased");
        let recusal = json!({"user": knowing.user, "reason": "有利害关系"});
        knowing.act(&case, "recusal", recusal).await.refused(410, "erased");
    }
    for stranger in [&town.clerk, &town.grid, &town.handler, &town.stranger] {
        stranger.get(&path).await.refused(404, "not_found");
        stranger.get(&format!("{}/events?purpose=test", case.path())).await.refused(404, "not_found");
    }
    let listed = town.discipline.get("/cases").await.ok().body;
    assert_eq!(listed["items"][0]["case_no"], json!(case.case_no), "that there was one stays");
    town.petitioner().get(&format!("/public/cases/{}", case.query_code)).await.refused(410, "erased");
    assert_eq!(town.due().await, Vec::<Value>::new());
    town.proposes(&case).await.refused(409, "already_erased");
    let repeat = town.cleared_clerk.files(but(claim(), json!({"purpose": "accusation", "claims": []}))).await;
    let refused = town.cleared_clerk.act(&repeat, "repeat-check", repeat_of(&case.id)).await;
    refused.refused(422, "invalid_fields").at("/repeat_of", "unknown_case");

    let id = case.id.parse::<CaseId>().unwrap().get();
    let left = town.office.app.store.read(move |connection| {
        Ok::<_, StoreError>([
            books::count(connection, &format!("case_keys WHERE case_id = {id} AND length(key_sealed) > 0")),
            books::count(connection, &format!("people WHERE erased_case_id = {id}")),
        ])
    });
    assert_eq!(left.await.unwrap(), [0, 1]);
    town.work_at_rest().await;
    town.books_agree().await;
    let installation = town.office.into_installation().await;
    let found = verified(&installation);
    assert_eq!(found["fault_count"], 0, "{found}");
    let without_keys = |installation: &Installation| {
        let ring = installation.data().join("keys");
        let aside = installation.data().join("keys-aside");
        std::fs::rename(&ring, &aside).unwrap();
        let found = verified(installation);
        std::fs::rename(&aside, &ring).unwrap();
        found
    };
    assert_eq!(without_keys(&installation)["fault_count"], 0);
    // What is left is copied, which is read back before it counts.
    let copy = TestDatabase::empty(Engine::Sqlite);
    let from = installation.database_url();
    let copied = installation.daowei(&["copy", "--from", from, "--to", copy.url()]).output().unwrap();
    assert!(copied.status.success(), "{copied:?}");
    // That two agreed is said under a key that the database does not have; and a key that somebody else has emptied is another matter.
    let other = repeat.id.parse::<CaseId>().unwrap().get();
    let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
    let empty = match ENGINE {
        Engine::Sqlite => "x''",
        Engine::Postgres => "'\\x'",
    };
    let forged = match ENGINE {
        Engine::Sqlite => "UPDATE erasures SET mac = zeroblob(32)",
        Engine::Postgres => "UPDATE erasures SET mac = decode(repeat('00', 32), 'hex')",
    };
    database.batch_execute(&format!("CREATE TABLE kept AS SELECT * FROM erasures; {forged}")).unwrap();
    let found = verified(&installation);
    assert_eq!(found["faults"][0]["detail"], "what it says was destroyed without the agreement of two, or the other way round", "{found}");
    database.batch_execute("DELETE FROM erasures; INSERT INTO erasures SELECT * FROM kept").unwrap();
    let emptied = format!("UPDATE case_keys SET key_sealed = {empty} WHERE case_id = {other}");
    database.batch_execute(&emptied).unwrap();
    drop(database);
    let found = verified(&installation);
    assert_eq!((&found["faults"][0]["kind"], &found["faults"][0]["case"]), (&json!("event_unreadable"), &json!(repeat.id)));
}

#[tokio::test]
async fn two_accounts_in_one_hand_are_not_two() {
    // Nobody listens there, and nobody is to.
    let flags = crate::support::provider::flags_of("http://127.0.0.1:9");
    let town = Town::open_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let case = town.closed().await;
    town.archives(&case, "ten_years").await;
    town.on("2038-01-04");
    let proposal = town.proposes(&case).await.ok();
    let reset = format!("/admin/users/{}/password", town.administrator.user);
    town.security.post(&reset, json!({})).await.ok();
    town.decides(&proposal, true).await.refused(403, "erasure_not_independent");
    town.days_later(31);
    let link = format!("/admin/users/{}/single-sign-on", town.administrator.user);
    town.security.caller().put(&link, json!({"subject": "s-1"})).await.ok();
    town.decides(&proposal, true).await.refused(403, "erasure_not_independent");
    town.days_later(31);
    town.office.change_user("administrator", |user| user.active = false).await;
    town.decides(&proposal, true).await.refused(403, "erasure_not_independent");
    assert!(town.handler.sees(&case).await["erased_on"].is_null());
    town.office.change_user("administrator", |user| user.active = true).await;
    town.decides(&proposal, true).await.ok();
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn two_who_decide_at_once_decide_once() {
    let town = Town::open().await;
    let case = town.closed().await;
    town.archives(&case, "ten_years").await;
    town.on("2038-01-04");
    let proposal = town.proposes(&case).await.ok();
    let answers = futures_util::future::join3(
        town.decides(&proposal, true),
        town.decides(&proposal, false),
        town.decides(&proposal, true),
    );
    let (first, second, third) = answers.await;
    let (done, late): (Vec<_>, Vec<_>) =
        [first, second, third].into_iter().partition(|answer| answer.status == 200);
    assert_eq!(done.len(), 1);
    let agreed = done[0].body["agreed"] == true;
    for answer in late {
        answer.refused(409, "erasure_decided");
    }
    assert_eq!(town.handler.sees(&case).await["erased_on"].is_string(), agreed);
    assert_eq!(town.handler.told(&case, "personal_data_erased").await.len(), usize::from(agreed));
    town.books_agree().await;
    town.close().await;
}
