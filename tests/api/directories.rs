//! The directories that all staff read, and the dictionaries of words.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::places::{COUNTY, GRID, TOWNSHIP, VILLAGE};
use crate::support::{Answered, Caller, Town};

fn items(answered: &Answered) -> &Vec<Value> {
    answered.body["items"].as_array().unwrap()
}

fn all_of<'a>(answered: &'a Answered, field: &str) -> Vec<&'a str> {
    items(answered).iter().map(|item| item[field].as_str().unwrap()).collect()
}

/// Follows the `Link` headers from page to page.
async fn walk(caller: &Caller, path: &str, field: &str) -> Vec<String> {
    let mut path = format!("/api/v1{path}");
    let mut seen = Vec::new();
    loop {
        let page = caller.send(Method::GET, &path, None).await.ok();
        seen.extend(all_of(&page, field).into_iter().map(str::to_owned));
        let link = page.header("link");
        assert_eq!(link.is_empty(), page.body["next_cursor"].is_null());
        match link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")) {
            Some(next) => path = next.to_owned(),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn all_staff_read_the_directories_and_nobody_else() {
    let town = Town::open().await;
    let organ = format!("/organisations/{}", town.organs.bureau);
    let region = format!("/regions/{GRID}");
    let paths = [
        "/regions",
        &region,
        "/organisations",
        &organ,
        "/users",
        "/topics",
        "/calendar",
        "/calendar/due?from=2026-03-02&days=15",
        "/dictionaries",
    ];
    for path in paths {
        town.office.anyone().get(path).await.refused(401, "not_signed_in");
        for staff in [&town.grid, &town.clerk, &town.administrator, &town.security, &town.auditor] {
            staff.get(path).await.ok();
        }
    }
    for path in ["/regions/330102003009", "/regions/33", "/organisations/01HZX5TJ4R2QK", "/organisations/x"] {
        town.clerk.get(path).await.refused(404, "not_found");
    }
    town.close().await;
}

#[tokio::test]
async fn regions_are_filtered_and_paged_in_the_order_of_their_codes() {
    let town = Town::open().await;
    let all = walk(&town.clerk.caller(), "/regions?limit=5", "code").await;
    assert_eq!(all.len(), 12);
    assert!(all.is_sorted());
    let inside = town.clerk.get(&format!("/regions?under={VILLAGE}")).await.ok();
    assert_eq!(all_of(&inside, "code"), [VILLAGE, GRID, "330102003001002"]);
    let below = town.clerk.get(&format!("/regions?parent={COUNTY}&level=township")).await.ok();
    assert_eq!(all_of(&below, "code"), [TOWNSHIP]);
    let two_levels = town.clerk.get("/regions?level=city&level=county").await.ok();
    assert_eq!(items(&two_levels).len(), 3);
    assert_eq!(items(&town.clerk.get("/regions?in_force_on=1949-09-30").await.ok()).len(), 0);
    for (query, parameter, code) in [
        ("perent=330100000000", "perent", "unknown_parameter"),
        ("limit=0", "limit", "out_of_range"),
        ("cursor=%21", "cursor", "invalid_value"),
        ("under=33", "under", "region_length"),
    ] {
        let refused = town.clerk.get(&format!("/regions?{query}")).await.refused(400, "bad_parameter");
        refused.at(parameter, code);
    }
    town.close().await;
}

#[tokio::test]
async fn an_organ_tells_who_reviews_it() {
    let town = Town::open().await;
    let petitions = town.clerk.get("/organisations?kind=petition_department&level=county").await.ok();
    assert_eq!(all_of(&petitions, "name"), ["上城区信访局", "西湖区信访局"]);
    let near = town.clerk.get(&format!("/organisations?under={TOWNSHIP}")).await.ok();
    assert_eq!(all_of(&near, "name"), ["清波街道办事处", "清波社区居委会"]);
    let ids = walk(&town.clerk.caller(), "/organisations?limit=5", "id").await;
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 12);

    let township = town.clerk.get(&format!("/organisations/{}", town.organs.township)).await.ok().body;
    assert_eq!(township["superior_name"], "上城区人民政府");
    assert_eq!(township["review_authority"]["name"], "上城区人民政府");
    assert_eq!(township["re_review_authority"]["name"], "市复查复核委员会");
    town.close().await;
}

#[tokio::test]
async fn colleagues_are_active_and_a_grid_member_sees_its_own_unit() {
    let town = Town::open().await;
    let handlers =
        town.registrar.get(&format!("/users?organisation={}&duty=handle", town.organs.bureau)).await.ok();
    assert_eq!(all_of(&handlers, "display_name"), ["handler", "other_handler", "head"]);
    assert!(!handlers.text.contains("username") && !handlers.text.contains("password"));
    town.office.change_user("other_handler", |user| user.active = false).await;
    let handlers = town.registrar.get("/users?duty=handle&role=official").await.ok();
    assert_eq!(
        all_of(&handlers, "display_name"),
        ["handler", "head", "other_registrar", "township_clerk", "stranger"]
    );

    let own = town.grid.get("/users").await.ok();
    assert!(items(&own).iter().all(|user| user["organisation"]["name"] == "清波社区居委会"), "{}", own.text);
    let others = town.grid.get(&format!("/users?organisation={}", town.organs.bureau)).await.ok();
    assert_eq!(items(&others).len(), 0);
    town.close().await;
}

#[tokio::test]
async fn topics_are_a_tree() {
    let town = Town::open().await;
    let top = town.clerk.get("/topics?level=1&limit=200").await.ok();
    assert_eq!(items(&top).len(), 16);
    let first = &items(&top)[0];
    assert_eq!((&first["parent"], &first["level2"]), (&Value::Null, &json!("")));
    let second = town.clerk.get(&format!("/topics?parent={}", first["code"].as_str().unwrap())).await.ok();
    assert!(items(&second).iter().all(|topic| topic["level"] == 2 && topic["level1"] == first["name"]));
    let name = items(&second)[0]["name"].as_str().unwrap();
    let level1 = first["name"].as_str().unwrap();
    let below = town.clerk.get(&format!("/topics?level1={level1}&level2={name}&level=3")).await.ok();
    assert!(!items(&below).is_empty());
    let found = town.clerk.get("/topics?q=工资").await.ok();
    assert!(items(&found).iter().any(|topic| topic["name"].as_str().unwrap().contains("工资")));
    assert_eq!(walk(&town.clerk.caller(), "/topics?limit=200", "code").await.len(), 651);
    town.clerk.get("/topics?level=4").await.refused(400, "bad_parameter").at("level", "out_of_range");
    town.close().await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let town = Town::open().await;
    let paths = ["/regions", "/organisations", "/users", "/topics", "/calendar?year=2026", "/dictionaries"];
    for path in paths {
        let tag = town.clerk.get(path).await.ok().header("etag").to_owned();
        let same = town.clerk.with("If-None-Match", &tag).get(path).await;
        assert_eq!((same.status, &*same.text, same.header("etag")), (304, "", &*tag), "{path}");
        town.office.change_user("auditor", |user| user.display_name.push('.')).await;
        let again = town.clerk.with("If-None-Match", &tag).get(path).await;
        let status = if path == "/dictionaries" { 304 } else { 200 };
        assert_eq!(again.status, status, "{path} after a change");
    }
    assert_eq!(town.clerk.get("/regions").await.header("cache-control"), "private, no-cache");
    assert_eq!(town.clerk.get("/users").await.header("cache-control"), "no-store");
    town.close().await;
}

/// Enumerations of the document that are no words for people: how lists are sorted, and why a heart counts as resolved,
/// which the label of its event tells.
const WITHOUT_DICTIONARY: [&str; 2] = ["Sort", "HeartReason"];

#[tokio::test]
async fn every_word_of_the_api_has_labels() {
    let town = Town::open().await;
    let all = town.clerk.get("/dictionaries").await.ok().body;
    let mut known = BTreeSet::new();
    for (name, values) in all["enumerations"].as_object().unwrap() {
        let values = values.as_array().unwrap();
        assert!(!values.is_empty(), "{name} is empty");
        for value in values {
            for label in ["value", "zh-CN", "en"] {
                assert!(value[label].as_str().is_some_and(|text| !text.is_empty()), "{name}: {value}");
            }
        }
        known.insert(values.iter().map(|value| value["value"].as_str().unwrap()).collect::<BTreeSet<_>>());
    }
    let document = town.office.anyone().send(Method::GET, "/openapi.json", None).await.ok().body;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(words) = schema["enum"].as_array() else { continue };
        let words: BTreeSet<_> = words.iter().filter_map(Value::as_str).collect();
        let is_known = known.contains(&words) || WITHOUT_DICTIONARY.contains(&&**name);
        assert!(is_known, "{name} has no dictionary: {words:?}");
    }

    let clocks = all["clocks"].as_array().unwrap();
    let clock = |kind: &str| clocks.iter().find(|clock| clock["value"] == kind).unwrap();
    let objection = clock("objection");
    assert_eq!((&objection["article"], &objection["length"]), (&json!(23), &json!(5)));
    assert_eq!(objection["working_days"], true);
    assert_eq!(clock("re_review")["pauses"], json!(["hearing"]));
    let refusals = all["refusals"].as_array().unwrap();
    let own = refusals.iter().find(|refusal| refusal["value"] == "verifier_is_owner").unwrap();
    assert_eq!((&own["status"], &own["type"]), (&json!(403), &json!("/problems/verifier-is-owner")));
    town.close().await;
}
