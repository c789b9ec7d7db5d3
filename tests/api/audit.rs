//! The audit trail: who signed in, administered and read what, with the purpose that they stated.

use std::collections::BTreeSet;

use domain::audit::AuditedAct;
use serde_json::{Value, json};
use strum::VariantArray;

use crate::support::papers::*;
use crate::support::{Caller, Filed, PASSWORD, Town};

const PURPOSE: &str = "核对送达地址";

/// The entries that an auditor finds, the oldest first, without those of the searches themselves.
async fn entries(town: &Town, query: &str) -> Vec<Value> {
    let found = town.auditor.get(&format!("/admin/audit?limit=200&{query}")).await.ok().body;
    let items = found["items"].as_array().unwrap().iter().rev();
    items.filter(|entry| entry["act"] != "search_audit_trail").cloned().collect()
}

fn told(entries: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    entries.iter().map(|entry| (text(&entry["act"]), text(&entry["outcome"]))).collect()
}

#[track_caller]
fn is_told(entries: &[Value], expected: &[(&str, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(act, outcome)| ((*act).to_owned(), (*outcome).to_owned())).collect();
    assert_eq!(told(entries), expected);
}

async fn signed_in(town: &Town, username: &str) -> Caller {
    town.office.sign_in(username).await
}

/// A user of the town's, by name.
async fn username(town: &Town, id: impl ToString) -> String {
    let account = town.security.get(&format!("/admin/users/{}", id.to_string())).await.ok();
    account.body["username"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn signing_in_and_out_is_recorded() {
    let town = Town::open().await;
    let name = username(&town, town.clerk.user).await;
    let try_with = async |name: &str, password: &str| {
        let sent = json!({"username": name, "password": password});
        town.office.anyone().post("/auth/sign-in", sent).await.refused(401, "wrong_credentials");
    };
    try_with(&name, "a wrong password").await;
    try_with("nobody.of.that.name", "a wrong password").await;
    let caller = signed_in(&town, &name).await;
    let wrong = json!({"current_password": "a wrong password", "new_password": "another horse, another staple"});
    caller.post("/me/password", wrong).await.refused(422, "invalid_fields");
    let first = caller.refresh_token.clone().unwrap();
    let refresh = json!({"refresh_token": first});
    caller.post("/auth/refresh", refresh.clone()).await.ok();
    caller.post("/auth/refresh", refresh).await.refused(401, "not_signed_in");
    let caller = signed_in(&town, &name).await;
    caller.post("/auth/sign-out", json!({})).await.ok();
    let caller = signed_in(&town, &name).await;
    let right = json!({"current_password": PASSWORD, "new_password": "another horse, another staple"});
    caller.post("/me/password", right).await.ok();

    let found = entries(&town, &format!("user={}", town.clerk.user)).await;
    is_told(&found, &[
        ("sign_in", "refused"),
        ("sign_in", "done"),
        ("change_password", "refused"),
        ("reuse_refresh_token", "refused"),
        ("sign_in", "done"),
        ("sign_out", "done"),
        ("sign_in", "done"),
        ("change_password", "done"),
    ]);
    assert!(found.iter().all(|entry| entry["address"] == "127.0.0.1"), "{found:#?}");
    assert_eq!(found[0]["details"], json!({"why": "wrong_credentials"}));
    assert_eq!((&found[1]["subject"], &found[0]["label"]), (&found[3]["subject"], &json!("登录")));
    let nobody = entries(&town, "act=sign_in&outcome=refused").await;
    assert_eq!((nobody.len(), &nobody[1]["user"]), (2, &Value::Null));
    // A name that nobody has may be a password in the wrong field.
    assert!(!nobody[1].to_string().contains("nobody.of.that.name"));

    // A locked account is recorded as such.
    for _ in 0..6 {
        let sent = json!({"username": name, "password": "a wrong password"});
        town.office.anyone().post("/auth/sign-in", sent).await;
    }
    let locked = entries(&town, "act=sign_in&outcome=refused").await;
    assert_eq!(locked.last().unwrap()["details"], json!({"why": "sign_in_locked"}));
    town.close().await;
}

#[tokio::test]
async fn every_act_is_recorded_and_no_secret_with_it() {
    let town = Town::open().await;
    let admin = &town.administrator;
    let account = json!({
        "username": "wang.fang", "password": "only for the first day", "display_name": "王芳", "role": "official",
        "duties": ["handle"], "organisation": town.organs.bureau
    });
    let once = town.security.with("Idempotency-Key", "one");
    let added = once.post("/admin/users", account.clone()).await.ok();
    once.post("/admin/users", account).await.ok();
    let path = added.header("location").strip_prefix("/api/v1").unwrap().to_owned();
    let user = added.body["id"].as_str().unwrap();
    let entry = json!({
        "display_name": "王芳", "role": "official", "duties": ["handle", "register"],
        "organisation": town.organs.bureau, "territory": null, "active": true
    });
    let tag = added.header("etag");
    town.security.with("If-Match", tag).put(&path, entry.clone()).await.ok();
    town.security.with("If-Match", tag).put(&path, entry).await.refused(412, "version_lost");
    town.security.post(&format!("{path}/password"), json!({})).await.ok();
    town.security.post(&format!("{path}/unlock"), json!({})).await.ok();
    let organ = json!({"name": "区民政局", "kind": "functional_department", "level": "county",
        "region": "330102000000", "superior": null});
    let organ_id = admin.post("/admin/organisations", organ.clone()).await.ok().body["id"].take();
    let mut closed = organ;
    closed["active"] = json!(false);
    admin.caller().put(&format!("/admin/organisations/{}", organ_id.as_str().unwrap()), closed).await.ok();
    let region = json!({"code": "330102009000", "name": "新设街道", "valid_from": "2026-01-01"});
    admin.post("/admin/regions", region).await.ok();
    let region = json!({"name": "新街道", "valid_from": "2026-01-01"});
    admin.caller().put("/admin/regions/330102009000", region).await.ok();
    admin.post("/admin/topics", json!({"code": "970000", "name": "新业态"})).await.ok();
    admin.caller().put("/admin/topics/970000", json!({"name": "新业态", "active": false})).await.ok();
    let days = admin.get("/calendar?year=2026").await.ok().body["days"].take();
    admin.caller().put("/admin/calendar/2026", json!({"days": days, "reason": "核对"})).await.ok();
    let rules = admin.get("/admin/review-rules").await.ok().body;
    admin.caller().put("/admin/review-rules", rules).await.ok();
    let norms = admin.get("/receptions/norms").await.ok().body;
    admin.caller().put("/admin/reception-norms", norms).await.ok();

    let of_user = entries(&town, &format!("subject=user:{user}")).await;
    is_told(&of_user, &[
        ("add_account", "done"),
        ("update_account", "done"),
        ("reset_password", "done"),
        ("unlock_account", "done"),
    ]);
    assert!(of_user.iter().all(|entry| entry["user"] == town.security.user.to_string()));
    assert_eq!(of_user[1]["details"]["before"]["duties"], json!(["handle"]));
    assert_eq!(of_user[1]["details"]["after"]["duties"], json!(["register", "handle"]));
    let by_admin = entries(&town, &format!("user={}", admin.user)).await;
    is_told(&by_admin, &[
        ("add_organisation", "done"),
        ("update_organisation", "done"),
        ("add_region", "done"),
        ("update_region", "done"),
        ("add_topic", "done"),
        ("update_topic", "done"),
        ("replace_calendar_year", "done"),
        ("replace_review_rules", "done"),
        ("replace_reception_norms", "done"),
    ]);
    assert_eq!(by_admin[3]["subject"], "region:330102009000");
    assert_eq!(by_admin[1]["details"]["active"], false);

    // Whatever else is recorded, each act is, somewhere in this suite; and nothing of it tells a secret.
    let export = town.auditor.get("/admin/audit/export").await.ok();
    for secret in ["only for the first day", PASSWORD, "argon2", "eyJ"] {
        assert!(!export.text.contains(secret), "the trail tells {secret}");
    }
    let mut acts: BTreeSet<&str> = AuditedAct::VARIANTS.iter().map(AsRef::as_ref).collect();
    acts.retain(|act| !export.text.contains(&format!(",{act},")));
    let elsewhere = ["end_session", "link_own_account", "link_account", "unlink_account", "rotate_token_key", "change_password", "read_accusation", "read_particulars", "propose_erasure", "decide_erasure", "give_delegation", "end_delegation", "reuse_refresh_token", "search_audit_trail", "ask_second_factor",
        "begin_second_factor", "enrol_second_factor", "remove_second_factor", "renew_recovery_codes", "reset_second_factor", "sign_in", "sign_out"];
    acts.retain(|act| !elsewhere.contains(act));
    assert!(acts.is_empty(), "{acts:?}");
    town.close().await;
}

#[tokio::test]
async fn particulars_are_read_for_a_purpose_and_recorded() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    town.clerk.sees(&case).await;
    town.clerk.get(&case.path()).await.ok();
    let people = format!("{}/people", case.path());
    town.clerk.get(&people).await.refused(400, "purpose_required");
    town.clerk.get(&format!("{people}?purpose=%20")).await.refused(400, "bad_parameter").at("purpose", "invalid_value");
    let of_case = format!("case={}", case.id);
    assert_eq!(entries(&town, &of_case).await, Vec::<Value>::new(), "reading a masked case is no entry");

    let seen = town.clerk.get(&format!("{people}?purpose={PURPOSE}")).await.ok();
    assert!(seen.text.contains(PHONE));
    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    town.verifier.get(&format!("{people}?purpose={PURPOSE}")).await.refused(403, "not_yours");
    town.stranger.get(&format!("{people}?purpose={PURPOSE}")).await.refused(404, "not_found");
    let found = entries(&town, &of_case).await;
    is_told(&found, &[("read_particulars", "done"), ("read_particulars", "refused")]);
    assert_eq!((&found[0]["purpose"], &found[0]["user"]), (&json!(PURPOSE), &json!(town.clerk.user.to_string())));
    assert!(!found[0].to_string().contains(PHONE));
    town.close().await;
}

#[tokio::test]
async fn each_view_of_an_accusation_is_recorded() {
    let town = Town::open().await;
    let accusation = json!({
        "purpose": "accusation", "subject": "收受工程回扣", "narrative": "某某收受工程回扣二十万元。", "claims": [],
        "respondents": [{"name": "某科长", "user": town.handler.user, "organisation": town.organs.bureau}]
    });
    let case = Filed::of(&town.grid.post("/cases", but(claim(), accusation)).await.ok());
    for (part, tells) in [("", "回扣"), ("/events", "回扣"), ("/actions", "transfer"), ("/deadlines", "dispatch")] {
        let path = format!("{}{part}", case.path());
        let refused = town.cleared_clerk.get(&path).await.refused(400, "purpose_required");
        assert!(!refused.text.contains(tells));
        let seen = town.cleared_clerk.get(&format!("{path}?purpose={PURPOSE}")).await.ok();
        assert!(seen.text.contains(tells), "{}", seen.text);
        town.clerk.get(&format!("{path}?purpose={PURPOSE}")).await.refused(404, "not_found");
    }
    let tag = town.cleared_clerk.get(&format!("{}?purpose={PURPOSE}", case.path())).await.ok();
    let again = town.cleared_clerk.with("If-None-Match", tag.header("etag"));
    again.get(&case.path()).await.refused(400, "purpose_required");
    let found = entries(&town, &format!("case={}", case.id)).await;
    is_told(&found, &[("read_accusation", "done"); 5]);
    assert!(found.iter().all(|entry| entry["purpose"] == PURPOSE));
    assert!(!found.iter().any(|entry| entry.to_string().contains("回扣")));

    // The answer to a command shows it as well.
    let moved = town.cleared_clerk.act(&case, "transfer", transfer(town.organs.discipline)).await.ok();
    assert!(moved.text.contains("回扣"));
    let found = entries(&town, &format!("case={}", case.id)).await;
    assert_eq!((found.len(), &found[5]["purpose"]), (6, &json!("transfer")));
    town.close().await;
}

#[tokio::test]
async fn nothing_is_shown_where_it_cannot_be_recorded() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    let mut database =
        store::connection::open(&town.office.installation().database(), store::connection::Purpose::Write).unwrap();
    let run = |database: &mut store::AnyConnection, sql: &str| {
        diesel::connection::SimpleConnection::batch_execute(database, sql).unwrap();
    };
    run(&mut database, "ALTER TABLE audit_entries RENAME TO mislaid");
    let people = format!("{}/people?purpose={PURPOSE}", case.path());
    let refused = town.clerk.get(&people).await;
    assert_eq!(refused.status, 500);
    assert!(!refused.text.contains(PHONE));
    run(&mut database, "ALTER TABLE mislaid RENAME TO audit_entries");
    town.clerk.get(&people).await.ok();
    town.close().await;
}

#[tokio::test]
async fn an_auditor_searches_pages_and_exports() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    let people = format!("{}/people", case.path());
    for purpose in ["one", "=1%2B1", "three"] {
        town.clerk.get(&format!("{people}?purpose={purpose}")).await.ok();
        town.office.clock.advance(chrono::TimeDelta::hours(1));
    }
    let mut path = "/admin/audit?act=read_particulars&limit=2".to_owned();
    let first = town.auditor.get(&path).await.ok();
    assert!(first.header("link").contains("rel=\"next\""));
    path.push_str(&format!("&cursor={}", first.body["next_cursor"].as_str().unwrap()));
    let second = town.auditor.get(&path).await.ok();
    let purposes = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|entry| entry["purpose"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((purposes(&first.body), purposes(&second.body)), (vec!["three".into(), "=1+1".into()], vec!["one".into()]));
    assert_eq!(second.body["next_cursor"], Value::Null);
    let middle = "act=read_particulars&from=2026-03-02T01:30:00Z&until=2026-03-02T02:30:00Z";
    assert_eq!(entries(&town, middle).await.len(), 1);

    let export = town.auditor.get("/admin/audit/export?act=read_particulars").await.ok();
    assert_eq!(export.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = export.text.lines().collect();
    assert!(lines[0].starts_with("id,recorded_at,act"));
    assert_eq!(lines.len(), 4);
    assert!(lines[2].contains(",'=1+1,"), "a spreadsheet would take this for a formula: {}", lines[2]);
    let empty = town.auditor.get("/admin/audit/export?act=unlock_account").await.ok();
    assert_eq!(empty.text.lines().count(), 1);
    let searches = town.auditor.get("/admin/audit?act=search_audit_trail&limit=200").await.ok();
    assert!(searches.body["items"].as_array().unwrap().iter().any(|entry| entry["details"]["act"] == "read_particulars"));
    assert_eq!(entries(&town, "act=export_audit_trail").await.len(), 2);
    for (query, name) in [("act=nonsense", "act"), ("case=1", "case"), ("before=1", "before"), ("cursor=%3F", "cursor")] {
        let refused = town.auditor.get(&format!("/admin/audit?{query}")).await.refused(400, "bad_parameter");
        assert!(refused.text.contains(name));
    }
    town.close().await;
}
