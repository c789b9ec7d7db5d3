//! Administration: who may do it, what it refuses, and that it counts at once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::papers::claim;
use crate::support::places::{CITY, COUNTY, GRID, OTHER_COUNTY, TOWNSHIP, VILLAGE};
use crate::support::{Answered, PASSWORD, Town};

async fn put(town: &Town, path: &str, body: Value) -> Answered {
    town.administrator.caller().put(path, body).await
}

async fn post(town: &Town, path: &str, body: Value) -> Answered {
    town.administrator.post(path, body).await
}

/// An account as its entry, with other fields.
fn entry(town: &Town, changes: Value) -> Value {
    let mut entry = json!({
        "display_name": "王芳", "role": "official", "duties": ["handle"],
        "organisation": town.organs.bureau, "territory": null, "active": true
    });
    for (name, value) in changes.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

fn new_account(town: &Town, username: &str) -> Value {
    let mut account = entry(town, json!({"username": username}));
    account.as_object_mut().unwrap().remove("active");
    account
}

/// PUT with the version that the account has.
async fn change(town: &Town, id: impl ToString, body: Value) -> Answered {
    let path = format!("/admin/users/{}", id.to_string());
    let tag = town.security.get(&path).await.ok().header("etag").to_owned();
    town.security.with("If-Match", &tag).put(&path, body).await
}

#[tokio::test]
async fn each_administrator_has_its_own_rooms() {
    let town = Town::open().await;
    let document = town.office.anyone().send(Method::GET, "/openapi.json", None).await.ok().body;
    let mut count = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            if operation["tags"] != json!(["administer"]) {
                continue;
            }
            count += 1;
            let method: Method = method.to_uppercase().parse().unwrap();
            let path =
                path.replace("{id}", "01HZX5TJ4R2QK").replace("{code}", VILLAGE).replace("{year}", "2026").replace("{session}", "01HZX5TJ4R2QK");
            let body = Some(json!({"nonsense": true})).filter(|_| method != Method::GET);
            let ask =
                async |caller: crate::support::Caller| caller.send(method.clone(), &path, body.clone()).await;
            ask(town.office.anyone()).await.refused(401, "not_signed_in");
            let of_security = ["/api/v1/admin/users", "/api/v1/admin/keys", "/api/v1/admin/delegations"].iter().any(|room| path.starts_with(room));
            let of_auditor = ["/api/v1/admin/checkpoints", "/api/v1/admin/audit"].iter().any(|room| path.starts_with(room));
            let of_both = path == "/api/v1/admin/erasures" && method == Method::GET;
            let of_security = of_security || path.ends_with("/decision");
            let (mine, others) = match (of_security, of_auditor) {
                (true, _) => (&town.security, [&town.administrator, &town.auditor]),
                (_, true) => (&town.auditor, [&town.administrator, &town.security]),
                _ => (&town.administrator, [&town.security, &town.auditor]),
            };
            let others = others.into_iter().filter(|other| !of_both || other.user == town.auditor.user);
            for staff in others.chain([&town.clerk, &town.grid, &town.stranger]) {
                ask(staff.caller()).await.refused(403, "forbidden");
            }
            assert_ne!(ask(mine.caller()).await.status, 403, "{method} {path}");
        }
    }
    assert_eq!(count, 31, "an operation is missing from the document");
    town.close().await;
}

#[tokio::test]
async fn a_made_password_is_told_once() {
    let town = Town::open().await;
    let security = town.security.with("Idempotency-Key", "the-new-one");
    let added = security.post("/admin/users", new_account(&town, "wang.fang")).await.ok();
    assert_eq!(added.status, 201);
    let path = added.header("location").strip_prefix("/api/v1").unwrap().to_owned();
    let password = added.body["password"].as_str().unwrap().to_owned();
    let me = town.office.anyone().signed_in("wang.fang", &password).await.get("/me").await.ok();
    assert_eq!(me.body["organisation"]["name"], "区人力社保局");

    let again = security.post("/admin/users", new_account(&town, "wang.fang")).await.ok();
    assert_eq!((again.header("idempotent-replayed"), &again.body["id"]), ("true", &added.body["id"]));
    assert!(again.body.get("password").is_none(), "a kept answer tells a password");
    security.post("/admin/users", new_account(&town, "li.na")).await.refused(422, "key_reused");
    let read = town.security.get(&path).await.ok();
    assert_eq!(read.header("etag"), added.header("etag"));
    assert!(!read.text.contains("password_hash") && !read.text.contains("argon2"));

    let caller = town.office.anyone().signed_in("wang.fang", &password).await;
    let reset = town.security.post(&format!("{path}/password"), json!({})).await.ok();
    caller.get("/me").await.refused(401, "not_signed_in");
    let made = reset.body["password"].as_str().unwrap();
    assert_ne!(made, password);
    town.office.anyone().signed_in("wang.fang", made).await.get("/me").await.ok();
    let given = town.security.post(&format!("{path}/password"), json!({"password": PASSWORD})).await.ok();
    assert!(given.body.get("password").is_none());
    town.office.sign_in("wang.fang").await.get("/me").await.ok();
    for (given, code) in [("short", "password_too_short"), ("wang.fang", "password_too_short")] {
        let refused = town.security.post(&format!("{path}/password"), json!({"password": given})).await;
        refused.refused(422, "invalid_fields").at("/password", code);
    }
    town.close().await;
}

#[tokio::test]
async fn changed_duties_count_at_once() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    assert_eq!(town.clerk.action(&case, "transfer").await["allowed"], true);
    let body = entry(
        &town,
        json!({"duties": ["register"], "organisation": town.organs.county_petitions, "territory": COUNTY}),
    );
    let path = format!("/admin/users/{}", town.clerk.user);
    town.security.caller().put(&path, body.clone()).await.refused(428, "version_required");
    town.security.with("If-Match", "\"1\"").put(&path, body.clone()).await.refused(412, "version_lost");
    let before = town.security.get(&path).await.ok().header("etag").to_owned();
    let changed = change(&town, town.clerk.user, body.clone()).await.ok();
    assert_ne!(changed.header("etag"), before, "a change within one microsecond has the same version");
    assert_eq!(town.clerk.get("/me").await.ok().body["duties"], json!(["register"]));
    assert_eq!(town.clerk.action(&case, "transfer").await["allowed"], false);

    let mut gone = body;
    gone["active"] = json!(false);
    change(&town, town.clerk.user, gone).await.ok();
    town.clerk.get("/me").await.refused(401, "not_signed_in");
    let active = town.security.get("/admin/users?active=false").await.ok();
    assert_eq!(active.body["items"][0]["username"], "clerk");
    town.close().await;
}

#[tokio::test]
async fn role_duties_and_territory_go_together() {
    let town = Town::open().await;
    for (changes, pointer, code) in [
        (json!({"role": "auditor"}), "/duties", "administrator_has_duties"),
        (
            json!({"role": "auditor", "duties": [], "territory": COUNTY}),
            "/territory",
            "administrator_has_territory",
        ),
        (json!({"role": "grid_member", "duties": ["register"]}), "/territory", "grid_territory_missing"),
        (json!({"role": "grid_member", "territory": COUNTY}), "/territory", "grid_territory_missing"),
        (json!({"territory": "340100000000"}), "/territory", "unknown_region"),
        (json!({"territory": "3401"}), "/territory", "region_length"),
        (json!({"organisation": "01HZX5TJ4R2QK"}), "/organisation", "unknown_organisation"),
        (json!({"display_name": " "}), "/display_name", "blank"),
        (json!({"duties": ["command"]}), "/duties/0", "unknown_value"),
        (json!({"password": "x"}), "/password", "unknown_field"),
    ] {
        let refused = change(&town, town.handler.user, entry(&town, changes)).await;
        refused.refused(422, "invalid_fields").at(pointer, code);
    }
    for (username, code) in [
        ("ab", "malformed_username"),
        ("Wang.Fang", "malformed_username"),
        ("王芳芳", "malformed_username"),
        ("wang fang", "malformed_username"),
        ("handler", "username_taken"),
    ] {
        let refused = town.security.post("/admin/users", new_account(&town, username)).await;
        refused.refused(422, "invalid_fields").at("/username", code);
    }
    let grid = entry(&town, json!({"role": "grid_member", "duties": ["register"], "territory": GRID}));
    change(&town, town.handler.user, grid).await.ok();
    town.close().await;
}

#[tokio::test]
async fn the_office_of_security_cannot_be_lost_or_widened_by_its_holder() {
    let town = Town::open().await;
    let office = town.organs.city_government;
    let own = |changes: Value| {
        let mut own =
            entry(&town, json!({"role": "security_administrator", "duties": [], "organisation": office}));
        for (name, value) in changes.as_object().unwrap() {
            own[name] = value.clone();
        }
        own
    };
    let me = town.security.user;
    let refused = change(&town, me, own(json!({"role": "official", "duties": ["sign"]}))).await;
    let refused = refused.refused(422, "invalid_fields").at("/role", "own_role_or_duties");
    refused.at("/duties", "own_role_or_duties").at("/role", "last_security_administrator");
    let last = change(&town, me, own(json!({"active": false}))).await;
    last.refused(422, "invalid_fields").at("/active", "last_security_administrator");
    change(&town, me, own(json!({"display_name": "安全员"}))).await.ok();

    let second = own(json!({}));
    change(&town, town.auditor.user, second).await.ok();
    change(&town, me, own(json!({"active": false}))).await.ok();
    town.security.get("/me").await.refused(401, "not_signed_in");
    town.auditor.get("/admin/users").await.ok();
    town.close().await;
}

fn organ(name: &str, superior: Option<&str>) -> Value {
    json!({
        "name": name, "kind": "functional_department", "level": "county", "region": COUNTY, "superior": superior
    })
}

#[tokio::test]
async fn organs_form_no_circle_and_go_last() {
    let town = Town::open().await;
    let first = post(&town, "/admin/organisations", organ("区民政局", None)).await.ok();
    let first = first.body["id"].as_str().unwrap().to_owned();
    let second = post(&town, "/admin/organisations", organ("区救助站", Some(&first))).await.ok();
    assert_eq!(
        second.header("location"),
        format!("/api/v1/organisations/{}", second.body["id"].as_str().unwrap())
    );
    let second = second.body["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/organisations/{first}");
    let with = |superior: Option<&str>, active: bool| {
        let mut body = organ("区民政局", superior);
        body["active"] = json!(active);
        body
    };
    for superior in [&first, &second] {
        let refused = put(&town, &path, with(Some(superior), true)).await;
        refused.refused(422, "invalid_fields").at("/superior", "superior_cycle");
    }
    let refused = put(&town, &path, with(Some("01HZX5TJ4R2QK"), true)).await;
    refused.refused(422, "invalid_fields").at("/superior", "unknown_organisation");
    let mut elsewhere = with(None, true);
    elsewhere["region"] = json!("340100000000");
    put(&town, &path, elsewhere).await.refused(422, "invalid_fields").at("/region", "unknown_region");
    let nowhere = "/admin/organisations/01HZX5TJ4R2QK";
    put(&town, nowhere, with(None, true)).await.refused(404, "not_found");

    let refused = put(&town, &path, with(None, false)).await.refused(422, "invalid_fields");
    refused.at("/active", "has_active_inferiors");
    let mut gone = organ("区救助站", Some(&first));
    gone["active"] = json!(false);
    put(&town, &format!("/admin/organisations/{second}"), gone).await.ok();
    put(&town, &path, with(None, false)).await.ok();
    let refused = post(&town, "/admin/organisations", organ("区福利院", Some(&first))).await;
    refused.refused(422, "invalid_fields").at("/superior", "unknown_organisation");
    let mut bureau = organ("区人力社保局", None);
    bureau["active"] = json!(false);
    let refused = put(&town, &format!("/admin/organisations/{}", town.organs.bureau), bureau).await;
    refused.refused(422, "invalid_fields").at("/active", "has_active_users");
    town.close().await;
}

#[tokio::test]
async fn regions_stand_inside_each_other_and_end_in_a_successor() {
    let town = Town::open().await;
    let add = |code: &str| json!({"code": code, "name": "新设街道", "valid_from": "2026-01-01"});
    let added = post(&town, "/admin/regions", add("330102009000")).await.ok();
    assert_eq!((&added.body["parent"], &added.body["level"]), (&json!(COUNTY), &json!("township")));
    let alone = post(&town, "/admin/regions", add("340100000000")).await.ok();
    assert_eq!(alone.body["parent"], Value::Null);
    let refused = post(&town, "/admin/regions", add("330102009000")).await;
    refused.refused(422, "invalid_fields").at("/code", "code_taken");
    let mut astray = add("330102008000");
    for parent in [OTHER_COUNTY, "330102008000", "330000000000"] {
        astray["parent"] = json!(parent);
        let refused = post(&town, "/admin/regions", astray.clone()).await;
        refused.refused(422, "invalid_fields").at("/parent", "not_the_region_above");
    }

    let path = "/admin/regions/330102009000";
    let said = |changes: Value| {
        let mut said = json!({"name": "新设街道", "valid_from": "2026-01-01"});
        for (name, value) in changes.as_object().unwrap() {
            said[name] = value.clone();
        }
        said
    };
    for (changes, pointer, code) in [
        (json!({"valid_to": "2025-12-31"}), "/valid_to", "ends_before_it_begins"),
        (json!({"successor": TOWNSHIP}), "/successor", "successor_without_end"),
        (json!({"valid_to": "2026-02-28", "successor": "330102009000"}), "/successor", "successor_cycle"),
        (json!({"valid_to": "2026-02-28", "successor": "330102007000"}), "/successor", "unknown_region"),
        (json!({"code": "330102009000"}), "/code", "unknown_field"),
    ] {
        put(&town, path, said(changes)).await.refused(422, "invalid_fields").at(pointer, code);
    }
    put(&town, "/admin/regions/330102007000", said(json!({}))).await.refused(404, "not_found");
    let stale = town.administrator.with("If-Match", "\"1\"");
    stale.put(path, said(json!({}))).await.refused(412, "version_lost");
    let ended = put(&town, path, said(json!({"valid_to": "2026-02-28", "successor": TOWNSHIP}))).await.ok();
    assert_eq!(ended.body["successor"], TOWNSHIP);
    let mut back = said(json!({"valid_to": "2026-02-28", "successor": "330102009000"}));
    back["name"] = json!("清波街道");
    let refused = put(&town, &format!("/admin/regions/{TOWNSHIP}"), back).await;
    refused.refused(422, "invalid_fields").at("/successor", "successor_cycle");
    let today = town.clerk.get(&format!("/regions?parent={COUNTY}&in_force_on=2026-03-02")).await.ok();
    assert_eq!(today.body["items"].as_array().unwrap().len(), 1);
    let there =
        town.grid.post("/cases", crate::support::papers::but(claim(), json!({"region": "330102009000"})));
    there.await.refused(422, "invalid_fields").at("/region", "unknown_region");
    let above = town.clerk.get(&format!("/regions/{CITY}")).await.ok();
    assert_eq!(above.body["valid_to"], Value::Null);
    town.close().await;
}

#[tokio::test]
async fn a_topic_takes_what_is_below_it_along() {
    let town = Town::open().await;
    let add = |code: &str, name: &str| json!({"code": code, "name": name});
    for (code, fault) in [
        ("970102", "topic_above_missing"),
        ("970002", "malformed_topic_code"),
        ("97", "malformed_topic_code"),
        ("010000", "code_taken"),
    ] {
        let refused = post(&town, "/admin/topics", add(code, "新业态")).await;
        refused.refused(422, "invalid_fields").at("/code", fault);
    }
    for (code, name) in [("970000", "新业态"), ("970100", "平台用工"), ("970101", "外卖骑手")] {
        post(&town, "/admin/topics", add(code, name)).await.ok();
    }
    let named = |name: &str, active: bool| json!({"name": name, "active": active});
    put(&town, "/admin/topics/970000", named("新就业形态", true)).await.ok();
    let found = town.clerk.get("/topics?level1=新就业形态&level2=平台用工&level=3").await.ok();
    assert_eq!(found.body["items"][0]["name"], "外卖骑手");
    put(&town, "/admin/topics/970000", named("新就业形态", false)).await.ok();
    let left = town.clerk.get("/topics?level1=新就业形态&active=true").await.ok();
    assert_eq!(left.body["items"], json!([]));
    let refused = put(&town, "/admin/topics/970101", named("外卖骑手", true)).await;
    refused.refused(422, "invalid_fields").at("/active", "topic_above_missing");
    put(&town, "/admin/topics/960000", named("没有", true)).await.refused(404, "not_found");
    town.close().await;
}

#[tokio::test]
async fn the_review_rules_decide_who_reviews() {
    let town = Town::open().await;
    let read = town.administrator.get("/admin/review-rules").await.ok();
    assert_eq!(read.body["rules"][0]["organ_kind"].as_str().map(str::is_empty), Some(false));
    let rule = |authority: &str, named: Value| {
        json!({
            "organ_kind": "functional_department", "organ_level": "county", "stage": "review",
            "authority": authority, "named": named, "priority": 10
        })
    };
    let city = json!(town.organs.city_government);
    let rules = json!({"rules": [
        rule("named", Value::Null), rule("superior", city.clone()), rule("named", json!("01HZX5TJ4R2QK"))
    ]});
    let refused = put(&town, "/admin/review-rules", rules).await.refused(422, "invalid_fields");
    refused
        .at("/rules/0/named", "named_organisation_mismatch")
        .at("/rules/1/named", "named_organisation_mismatch")
        .at("/rules/1/priority", "duplicate")
        .at("/rules/2/named", "unknown_organisation");
    let bureau = format!("/organisations/{}", town.organs.bureau);
    let before = town.clerk.get(&bureau).await.ok();
    assert_eq!(before.body["review_authority"]["name"], "上城区人民政府");
    let tag = read.header("etag");
    let rules = json!({"rules": [rule("named", city)]});
    town.administrator.with("If-Match", tag).put("/admin/review-rules", rules.clone()).await.ok();
    let after = town.clerk.get(&bureau).await.ok();
    assert_eq!(after.body["review_authority"]["name"], "市人民政府");
    assert_eq!(town.administrator.get("/admin/review-rules").await.ok().body, rules);
    town.close().await;
}
