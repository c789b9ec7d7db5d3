//! Lists: filtered, sorted, by cursor, and never beyond the caller's scope (`api.md`).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::places::{FAR_GRID, GRID, NEXT_GRID, OTHER_GRID};
use crate::support::{Caller, Filed, Town};

async fn ids(caller: &Caller, query: &str) -> Vec<String> {
    let listed = caller.get(&format!("/cases?{query}")).await.ok();
    let items = listed.body["items"].as_array().unwrap();
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// Every page to the end, following the `Link` header where there is one.
async fn all_pages(caller: &Caller, query: &str) -> Vec<Value> {
    let mut next = Some(format!("/api/v1/cases?{query}"));
    let mut items = Vec::new();
    while let Some(path) = next {
        let page = caller.send(reqwest::Method::GET, &path, None).await.ok();
        items.extend(page.body["items"].as_array().unwrap().clone());
        assert!(items.len() < 1000, "the pages do not end");
        let link = page.header("link");
        assert_eq!(link.is_empty(), page.body["next_cursor"].is_null());
        next = link
            .strip_prefix('<')
            .and_then(|link| link.split_once(">; rel=\"next\""))
            .map(|(path, _)| path.to_owned());
    }
    items
}

/// Cases that differ in what lists are filtered by.
async fn varied(town: &Town) -> Vec<Filed> {
    let variants = [
        json!({"region": GRID, "channel": "letter", "topic": "010101"}),
        json!({"region": NEXT_GRID, "channel": "visit", "head_count": 12}),
        json!({"region": FAR_GRID, "channel": "web", "purpose": "suggestion"}),
        json!({"region": GRID, "channel": "call", "source": "hotline", "topic": "010201"}),
        json!({"region": OTHER_GRID, "channel": "visit"}),
        json!({"region": GRID, "channel": "visit", "anonymous": true, "petitioners": []}),
    ];
    let mut filed = Vec::new();
    for (serial, changes) in (0..).zip(variants) {
        filed.push(town.city_clerk.files(but(claim_of(serial), changes)).await);
        town.days_later(1);
    }
    filed
}

#[tokio::test]
async fn filters_narrow_and_repeat_for_any_of() {
    let town = Town::open().await;
    let cases = varied(&town).await;
    town.city_clerk.act(&cases[0], "transfer", transfer(town.organs.bureau)).await.ok();
    let clerk = town.city_clerk.caller();
    let holder = format!("holder={}", town.organs.bureau);
    let registered = format!("registered_by={}", town.city_clerk.user);
    for (query, expected) in [
        ("sort=filed_at", &[0, 1, 2, 3, 4, 5][..]),
        ("", &[5, 4, 3, 2, 1, 0]),
        ("status=transferred", &[0]),
        ("status=transferred&status=closed", &[0]),
        ("purpose=suggestion", &[2]),
        ("channel=letter&channel=web", &[2, 0]),
        ("source=hotline", &[3]),
        ("region=330102003001", &[5, 3, 1, 0]),
        ("region=330102000000", &[5, 3, 2, 1, 0]),
        ("region=330106000000", &[4]),
        ("topic=01", &[3, 0]),
        ("topic=0101", &[0]),
        ("topic=010201", &[3]),
        ("filed_from=2026-03-04&filed_to=2026-03-05", &[3, 2]),
        ("filed_to=2026-03-01", &[]),
        ("group=true", &[1]),
        ("anonymous=true", &[5]),
        ("overdue=true", &[]),
        ("matter_resolved=true", &[]),
        (&holder, &[0]),
        (&registered, &[5, 4, 3, 2, 1, 0]),
        ("due_before=2026-03-05", &[]),
        ("due_before=2026-03-06&sort=next_due_on", &[1]),
        ("region=330102000000&channel=visit&anonymous=false", &[1]),
    ] {
        let expected: Vec<_> = expected.iter().map(|place: &usize| cases[*place].id.clone()).collect();
        assert_eq!(ids(&clerk, query).await, expected, "{query}");
        let counted = clerk.get(&format!("/cases?{query}&count=true&limit=1")).await.ok();
        assert_eq!(counted.body["count"], expected.len(), "{query}");
    }
    assert!(clerk.get("/cases").await.ok().body.get("count").is_none(), "counted though nobody asked");
    town.close().await;
}

#[tokio::test]
async fn handlers_and_owners_find_their_work() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    town.transferred_from(claim_of(1)).await;
    let found = findings(&["reasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.handler.act(&case, "measures/resolve/plan", plan(town.other_handler.user, &town.day(9))).await.ok();
    let registrar = town.registrar.caller();
    assert_eq!(ids(&registrar, &format!("handler={}", town.handler.user)).await, [case.id.as_str()]);
    assert_eq!(ids(&registrar, &format!("owner={}", town.other_handler.user)).await, [case.id.as_str()]);
    assert_eq!(ids(&registrar, &format!("owner={}", town.handler.user)).await, [""; 0]);
    town.close().await;
}

#[tokio::test]
async fn pages_come_to_the_end_without_gaps_or_repeats() {
    let town = Town::open().await;
    let mut filed = BTreeSet::new();
    for serial in 0..23 {
        let case = town.clerk.files(claim_of(serial)).await;
        if serial % 3 == 0 {
            town.clerk.act(&case, "filed-only", reason()).await.ok();
        }
        if serial % 5 == 0 {
            town.days_later(1);
        }
        filed.insert(case.id);
    }
    let clerk = town.clerk.caller();
    for sort in ["filed_at", "-filed_at", "next_due_on", "-updated_at"] {
        for limit in [1, 7, 22, 23, 200] {
            let items = all_pages(&clerk, &format!("sort={sort}&limit={limit}")).await;
            assert_eq!(items.len(), 23, "{sort} {limit}");
            let ids: BTreeSet<_> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(ids, filed, "{sort} {limit}");
            assert!(in_order(&items, sort), "{sort} {limit}");
        }
    }
    let narrowed = all_pages(&clerk, "limit=2&status=filed_only&channel=visit").await;
    assert_eq!(narrowed.len(), 8);
    assert!(narrowed.iter().all(|item| item["status"] == "filed_only"), "the next page forgets the filter");
    town.close().await;
}

fn in_order(items: &[Value], sort: &str) -> bool {
    let field = sort.trim_start_matches('-');
    // Without a clock comes last.
    let key = |item: &Value| item[field].as_str().map_or("~", |text| text).to_owned();
    let keys: Vec<_> = items.iter().map(key).collect();
    if sort.starts_with('-') { keys.is_sorted_by(|a, b| a >= b) } else { keys.is_sorted() }
}

#[tokio::test]
async fn the_ends_of_time_are_days_like_others() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let clerk = town.clerk.caller();
    for query in ["filed_from=0001-01-01&filed_to=9999-12-31", "due_before=9999-12-31"] {
        assert_eq!(ids(&clerk, query).await, [case.id.as_str()], "{query}");
    }
    for (parameter, day) in
        [("filed_from", "-262143-01-01"), ("filed_to", "%2B10000-01-01"), ("due_before", "0000-12-31")]
    {
        let refused = clerk.get(&format!("/cases?{parameter}={day}")).await.refused(400, "bad_parameter");
        refused.at(parameter, "out_of_range");
    }
    town.close().await;
}

#[tokio::test]
async fn what_is_no_query_is_refused_with_the_parameters_name() {
    let town = Town::open().await;
    town.clerk.files(claim_of(1)).await;
    town.clerk.files(claim_of(2)).await;
    let first = town.clerk.get("/cases?limit=1").await.ok();
    let cursor = first.body["next_cursor"].as_str().unwrap();
    for (query, parameter, code) in [
        ("colour=red".to_owned(), "colour", "unknown_parameter"),
        ("limit=0".to_owned(), "limit", "out_of_range"),
        ("limit=201".to_owned(), "limit", "out_of_range"),
        ("limit=-1".to_owned(), "limit", "invalid_value"),
        ("limit=many".to_owned(), "limit", "invalid_value"),
        ("status=happy".to_owned(), "status", "unknown_value"),
        ("sort=subject".to_owned(), "sort", "unknown_value"),
        ("topic=1".to_owned(), "topic", "invalid_value"),
        ("region=33".to_owned(), "region", "region_length"),
        ("holder=me".to_owned(), "holder", "not_an_identifier"),
        ("filed_from=yesterday".to_owned(), "filed_from", "invalid_value"),
        ("cursor=abc".to_owned(), "cursor", "invalid_value"),
        (format!("sort=filed_at&cursor={cursor}"), "cursor", "invalid_value"),
        (format!("sort=next_due_on&cursor={cursor}"), "cursor", "invalid_value"),
    ] {
        let refused = town.clerk.get(&format!("/cases?{query}")).await.refused(400, "bad_parameter");
        let told = &refused.body["errors"][0];
        assert!(told["pointer"].as_str().unwrap().starts_with(parameter), "{query}: {}", refused.text);
        assert_eq!(told["code"], code, "{query}: {}", refused.text);
    }
    town.close().await;
}
