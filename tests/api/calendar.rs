//! The holiday calendar: what it says, what is reckoned by it, and what a change of it does.

use serde_json::{Value, json};

use crate::support::papers::claim;
use crate::support::{Answered, Staff, Town};

async fn due(staff: &Staff, query: &str) -> Value {
    staff.get(&format!("/calendar/due?{query}")).await.ok().body
}

/// The days of 2026 with one more, as an administrator would send them.
async fn with_holiday(town: &Town, day: &str) -> Value {
    let mut days = town.administrator.get("/calendar?year=2026").await.ok().body["days"].take();
    let more = json!({"day": day, "kind": "holiday", "name": "临时放假", "notice": "国办发明电〔2026〕1号"});
    days.as_array_mut().unwrap().push(more);
    json!({"days": days, "reason": "国办发明电〔2026〕1号"})
}

async fn replace(town: &Town, year: &str, body: Value) -> Answered {
    town.administrator.caller().put(&format!("/admin/calendar/{year}"), body).await
}

#[tokio::test]
async fn due_dates_are_reckoned_by_the_notices() {
    let town = Town::open().await;
    let year = town.grid.get("/calendar?year=2026").await.ok().body;
    assert_eq!((&year["is_known"], &year["days"][0]["day"]), (&json!(true), &json!("2026-01-01")));
    let known = year["known_years"].as_array().unwrap();
    assert_eq!((known.first(), known.last()), (Some(&json!(2011)), Some(&json!(2026))));

    // domain.md §1.1: fifteen days from 17 April end in the May holiday.
    let moved = due(&town.grid, "from=2026-04-17&days=15").await;
    assert_eq!(moved["nominal_due_on"], "2026-05-02");
    assert_eq!(moved["legal_due_on"], "2026-05-06");
    let skipped: Vec<_> = moved["skipped_days"].as_array().unwrap().iter().map(|day| &day["day"]).collect();
    assert_eq!(skipped, ["2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"]);
    assert_eq!((&moved["warning"], &moved["unknown_years"]), (&Value::Null, &json!([])));
    let working = due(&town.grid, "from=2026-02-27&working_days=5").await;
    assert_eq!(working["legal_due_on"], "2026-03-05");
    assert_eq!(working["skipped_days"].as_array().unwrap().len(), 1, "28 February 2026 is worked");

    let guessed = due(&town.grid, "from=2027-09-25&days=7").await;
    assert_eq!(guessed["unknown_years"], json!([2027]));
    assert!(guessed["warning"].as_str().unwrap().contains("2027"));
    assert_eq!(town.grid.get("/calendar?year=2027").await.ok().body["is_known"], false);
    for (query, parameter, code) in [
        ("days=15", "from", "missing_parameter"),
        ("from=2026-03-02", "days", "missing_parameter"),
        ("from=2026-03-02&days=1&working_days=1", "working_days", "one_of_two"),
        ("from=2026-03-02&days=3661", "days", "out_of_range"),
        ("from=1948-03-02&days=1", "from", "out_of_range"),
        ("from=tomorrow&days=1", "from", "invalid_value"),
    ] {
        let refused = town.grid.get(&format!("/calendar/due?{query}")).await.refused(400, "bad_parameter");
        refused.at(parameter, code);
    }
    town.close().await;
}

#[tokio::test]
async fn a_changed_calendar_moves_open_deadlines_as_events() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let before = town.clerk.clock(&case, "dispatch").await;
    assert_eq!(before["legal_due_on"], "2026-03-17");
    let body = with_holiday(&town, "2026-03-17").await;
    let administrator = town.administrator.with("Idempotency-Key", "the-notice");
    let changed = administrator.put("/admin/calendar/2026", body.clone()).await.ok();
    assert_eq!(
        (&changed.body["recomputed_case_count"], &changed.body["is_known"]),
        (&json!(1), &json!(true))
    );

    let after = town.clerk.clock(&case, "dispatch").await;
    assert_eq!(
        (&after["nominal_due_on"], &after["legal_due_on"]),
        (&json!("2026-03-17"), &json!("2026-03-18"))
    );
    let told = town.clerk.told(&case, "deadline_recomputed").await;
    let moved: Vec<_> = told.iter().filter(|entry| entry["data"]["no"] == after["no"]).collect();
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0]["data"]["was"]["legal_due_on"], "2026-03-17");
    assert_eq!(moved[0]["data"]["reason"], "国办发明电〔2026〕1号");

    let again = administrator.put("/admin/calendar/2026", body).await.ok();
    assert_eq!(again.header("idempotent-replayed"), "true");
    town.work().await;
    assert_eq!(town.clerk.told(&case, "deadline_recomputed").await.len(), told.len());
    town.close().await;
}

#[tokio::test]
async fn a_year_that_does_not_hold_changes_nothing() {
    let town = Town::open().await;
    let before = town.grid.get("/calendar").await.ok();
    let day =
        |day: &str, kind: &str, name: &str| json!({"day": day, "kind": kind, "name": name, "notice": ""});
    let body = json!({"reason": "错误的通知", "days": [
        day("2026-12-31", "holiday", "元旦"),
        day("2027-01-01", "holiday", "元旦"),
        day("2027-01-01", "holiday", "元旦"),
        day("2027-01-04", "workday", "元旦"),
        day("2027-01-05", "holiday", " "),
    ]});
    let refused = replace(&town, "2027", body).await.refused(422, "invalid_fields");
    refused
        .at("/days/0/day", "not_in_the_year")
        .at("/days/2/day", "duplicate")
        .at("/days/3/kind", "not_a_weekend")
        .at("/days/4/name", "malformed");
    let none = json!({"days": [], "reason": "空"});
    replace(&town, "2027", none.clone()).await.refused(422, "invalid_fields").at("/days", "required");
    replace(&town, "2027", json!({"days": []}))
        .await
        .refused(422, "invalid_fields")
        .at("/reason", "missing_field");
    replace(&town, "20270", none.clone()).await.refused(404, "not_found");
    replace(&town, "next", none).await.refused(404, "not_found");
    let stale = town.administrator.with("If-Match", "\"1\"");
    let body = with_holiday(&town, "2026-03-17").await;
    stale.put("/admin/calendar/2026", body).await.refused(412, "version_lost");
    assert_eq!(town.grid.get("/calendar").await.ok().body, before.body);
    town.close().await;
}
