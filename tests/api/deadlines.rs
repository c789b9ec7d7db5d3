//! Clocks that explain themselves, and alarms that are told once (Art. 22–36, `domain.md` §1.5).

use chrono::NaiveDate;
use serde_json::{Value, json};
use store::StoreError;
use store::calendar::{self, CalendarDayRow};

use crate::support::papers::*;
use crate::support::places::TOWNSHIP;
use crate::support::{Filed, Town};

/// A petition at the township itself, which owes a notice within 15 days.
async fn at_the_township(town: &Town) -> Filed {
    town.township_clerk.files(but(claim(), json!({"region": TOWNSHIP}))).await
}

async fn alarms(town: &Town, case: &Filed) -> Vec<String> {
    let told = town.township_clerk.told(case, "deadline_told").await;
    told.iter().map(|entry| entry["data"]["alarm"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_clock_explains_itself() {
    let town = Town::open().await;
    let case = town.reviewed().await;
    town.asks_for_review(&case).await;
    let all = town.clerk.get(&format!("{}/deadlines", case.path())).await.ok();
    let clocks = all.body["items"].as_array().unwrap();
    let kinds: Vec<_> = clocks.iter().map(|clock| clock["kind"].as_str().unwrap()).collect();
    for kind in [
        "dispatch",
        "dispatch_share",
        "notice",
        "objection",
        "handling",
        "review_request",
        "evaluation",
        "review",
        "review_admission",
        "re_review_request",
        "re_review",
    ] {
        assert!(kinds.contains(&kind), "{kind} is missing from {kinds:?}");
    }
    let local = ["dispatch_share", "evaluation", "review_admission"];
    for clock in clocks {
        let kind = clock["kind"].as_str().unwrap();
        for told in ["label", "state_label", "letter", "rule"] {
            assert!(
                clock[told].as_str().is_some_and(|text| !text.is_empty()),
                "{kind} does not tell its {told}"
            );
        }
        assert_eq!(clock["article"].is_null(), local.contains(&kind), "{kind}: {}", clock["article"]);
        for day in ["started_on", "nominal_due_on", "legal_due_on"] {
            assert!(clock[day].as_str().unwrap().parse::<NaiveDate>().is_ok(), "{kind} {day}");
        }
        assert_eq!(clock["days_left"].is_null(), clock["state"] != "running", "{kind}");
        assert_eq!(clock["next_alarm"].is_null(), clock["state"] != "running", "{kind}");
    }
    let english =
        town.clerk.with("Accept-Language", "en").get(&format!("{}/deadlines", case.path())).await.ok();
    assert_eq!(english.body["items"][0]["article"], "Regulation on Petition Work, Art. 22");
    town.close().await;
}

#[tokio::test]
async fn the_last_day_moves_off_a_holiday_by_law_and_not_in_the_statistics() {
    let town = Town::open().await;
    town.on("2026-04-17");
    let case = at_the_township(&town).await;
    let clock = town.township_clerk.clock(&case, "notice").await;
    assert_eq!(
        (&clock["nominal_due_on"], &clock["legal_due_on"]),
        (&json!("2026-05-02"), &json!("2026-05-06"))
    );
    let days: Vec<_> =
        clock["skipped_days"].as_array().unwrap().iter().map(|skipped| &skipped["day"]).collect();
    assert_eq!(days, ["2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"]);
    assert!(clock["skipped_days"].to_string().contains("劳动节"), "{clock}");
    assert_eq!(clock["warning"], json!(null));

    town.on("2026-05-06");
    assert_eq!(town.township_clerk.clock(&case, "notice").await["late"], false);
    town.on("2026-05-07");
    assert_eq!(town.township_clerk.clock(&case, "notice").await["late"], true);
    town.close().await;
}

#[tokio::test]
async fn each_alarm_is_told_once() {
    let town = Town::open().await;
    let case = at_the_township(&town).await;
    // 15 days from 2 March are 17 March; three quarters of them have passed on the 14th.
    for (day, expected) in [
        ("2026-03-13", &[][..]),
        ("2026-03-14", &["due_soon"][..]),
        ("2026-03-16", &["due_soon"]),
        ("2026-03-17", &["due_soon", "due"]),
        ("2026-03-18", &["due_soon", "due", "overdue"]),
        ("2026-04-20", &["due_soon", "due", "overdue"]),
    ] {
        town.on(day);
        for _ in 0..2 {
            town.work().await;
            assert_eq!(alarms(&town, &case).await, expected, "{day}");
        }
    }
    let told = town.township_clerk.told(&case, "deadline_told").await;
    assert_eq!(told[0]["actor"], json!({"kind": "system"}));
    let overdue = town.clerk.get("/cases?overdue=true").await.ok();
    assert_eq!(overdue.body["items"][0]["id"], case.id);
    town.township_clerk.act(&case, "acceptance", accept()).await.ok();
    assert_eq!(town.clerk.get("/cases?overdue=true").await.ok().body["items"], json!([]));
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_server_that_was_away_tells_everything_in_order() {
    let town = Town::open().await;
    let mut cases = Vec::new();
    // More than the worker takes in one transaction.
    for serial in 0..60 {
        cases.push(town.township_clerk.files(but(claim_of(serial), json!({"region": TOWNSHIP}))).await);
    }
    town.on("2026-06-01");
    town.work().await;
    town.work().await;
    for case in &cases {
        assert_eq!(alarms(&town, case).await, ["due_soon", "due", "overdue"]);
    }
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_right_that_nobody_used_lapses() {
    let town = Town::open_with(&["--terminate-on-lapse=true"]).await;
    let case = town.closed().await;
    town.days_later(60);
    town.work().await;
    assert_eq!(town.clerk.clock(&case, "review_request").await["state"], "lapsed");
    assert_eq!(town.clerk.clock(&case, "evaluation").await["state"], "lapsed");
    assert_eq!(town.clerk.sees(&case).await["status"], "terminated", "the local rule ends the procedure");
    let path = format!("/public/cases/{}/evaluation", case.query_code);
    town.petitioner().post(&path, rating("satisfied")).await.refused(409, "evaluation_closed").by(21);
    town.close().await;

    let town = Town::open().await;
    let case = town.closed().await;
    town.days_later(60);
    town.work().await;
    assert_eq!(town.clerk.sees(&case).await["status"], "closed", "the Regulation itself does not say so");
    town.close().await;
}

fn new_years_holiday() -> CalendarDayRow {
    CalendarDayRow {
        day: NaiveDate::from_ymd_opt(2027, 1, 19).unwrap(),
        kind: "holiday".to_owned(),
        name: "假定假日".to_owned(),
        notice: "假定通知".to_owned(),
    }
}

fn dates(clock: &Value) -> (&Value, &Value) {
    (&clock["nominal_due_on"], &clock["legal_due_on"])
}

#[tokio::test]
async fn an_unknown_year_is_a_warning_until_its_holidays_are_known() {
    let town = Town::open().await;
    town.on("2026-11-20");
    let case = town.accepted().await;
    let guessed = town.registrar.clock(&case, "handling").await;
    assert_eq!(dates(&guessed), (&json!("2027-01-19"), &json!("2027-01-19")));
    assert_eq!(guessed["unknown_years"], json!([2027]));
    assert!(guessed["warning"].as_str().unwrap().contains("2027"));

    let known = town.office.app.store.write(|connection| {
        calendar::replace_year(connection, 2027, &[new_years_holiday()])?;
        let because = domain::text::Remark::parse("2027年放假安排公布").unwrap();
        daowei::worker::mark_calendar_changed(connection, &because)?;
        Ok::<_, StoreError>(())
    });
    known.await.unwrap();
    town.work().await;
    town.work().await;
    let certain = town.registrar.clock(&case, "handling").await;
    assert_eq!(dates(&certain), (&json!("2027-01-19"), &json!("2027-01-20")));
    assert_eq!(certain["warning"], json!(null));
    let recomputed = town.registrar.told(&case, "deadline_recomputed").await;
    assert_eq!(recomputed.len(), 1, "once, and only the clock that still runs");
    assert_eq!(recomputed[0]["data"]["reason"], "2027年放假安排公布");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn the_short_procedure_counts_working_days() {
    let town = Town::open().await;
    town.on("2026-04-30");
    let case = town.clerk.files(but(claim(), json!({"purpose": "enquiry", "claims": []}))).await;
    let short = but(transfer(town.organs.bureau), json!({"simple": true}));
    town.clerk.act(&case, "transfer", short).await.ok();
    // The holiday is over on 6 May, and Saturday, 9 May, is worked in exchange: 6, 7 and 8 May.
    assert_eq!(town.registrar.clock(&case, "simple_decision").await["legal_due_on"], "2026-05-08");
    town.on("2026-05-06");
    town.registrar.act(&case, "acceptance", but(accept(), json!({"simple": true}))).await.ok();
    // 7, 8, 9 (worked in exchange), 11 to 15, 18 and 19 May.
    assert_eq!(town.registrar.clock(&case, "simple_opinion").await["legal_due_on"], "2026-05-19");
    town.close().await;
}

/// The administrator makes more days of 2026 holidays.
async fn give_off(town: &Town, days: &[&str]) {
    let mut year = town.administrator.get("/calendar?year=2026").await.ok().body["days"].take();
    let off = |day: &&str| json!({"day": day, "kind": "holiday", "name": "临时放假", "notice": "国办发明电〔2026〕1号"});
    year.as_array_mut().unwrap().extend(days.iter().map(off));
    let changed = json!({"days": year, "reason": "国办发明电〔2026〕1号"});
    town.administrator.caller().put("/admin/calendar/2026", changed).await.ok();
}

#[tokio::test]
async fn a_changed_calendar_tells_no_alarm_again_but_the_one_that_was_too_early() {
    let town = Town::open().await;
    let case = at_the_township(&town).await;
    town.on("2026-03-17");
    town.work().await;
    assert_eq!(alarms(&town, &case).await, ["due_soon", "due"]);
    give_off(&town, &["2026-03-17"]).await;
    for (day, expected) in [
        ("2026-03-17", &["due_soon", "due"][..]),
        ("2026-03-18", &["due_soon", "due"]),
        ("2026-03-19", &["due_soon", "due", "overdue"]),
    ] {
        town.on(day);
        town.work().await;
        assert_eq!(alarms(&town, &case).await, expected, "{day}");
    }
    // It was overdue, and is no longer: the same alarm comes again when it is.
    give_off(&town, &["2026-03-18", "2026-03-19"]).await;
    town.work().await;
    assert_eq!(town.clerk.get("/cases?overdue=true").await.ok().body["items"], json!([]));
    for (day, overdue) in [("2026-03-20", 1), ("2026-03-21", 2), ("2026-03-22", 2)] {
        town.on(day);
        town.work().await;
        let told = alarms(&town, &case).await;
        assert_eq!(told.iter().filter(|alarm| *alarm == "overdue").count(), overdue, "{day}");
        assert_eq!(told.len(), overdue + 2, "{day} {told:?}");
    }
    town.books_agree().await;
    town.close().await;
}
