//! Backlog: proposed by rules, listed by people, worked through, inspected on site, struck off by the level above, relapsed.

use crate::support::papers::*;
use crate::support::{Filed, Staff, Town};

/// The numbers of the cases that the caller is shown under these filters.
async fn listed(who: &Staff, query: &str) -> Vec<String> {
    let page = who.get(&format!("/cases?{query}")).await.ok().body;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["case_no"].as_str().unwrap().to_owned()).collect()
}

/// Another petition of the same matter, confirmed as such.
async fn petitioned_again(town: &Town, earlier: &Filed) {
    let again = town.clerk.files(claim()).await;
    town.clerk.act(&again, "repeat-check", repeat_of(&earlier.id)).await.ok();
}

#[tokio::test]
async fn a_backlog_case_goes_from_proposal_to_strike_off_and_relapses() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    assert_eq!(listed(&town.clerk, "backlog_ground=age").await, [""; 0]);
    town.days_later(366);
    let younger = town.in_handling().await;
    town.work().await;
    assert_eq!(listed(&town.clerk, "backlog_ground=age").await, [case.case_no.as_str()]);
    assert_eq!(listed(&town.supervisor, "backlog_ground=age&purpose=claim").await, [case.case_no.as_str()]);
    assert_eq!(listed(&town.stranger, "backlog_ground=age").await, [""; 0]);
    town.clerk.get("/cases?backlog_ground=age&status=closed").await.refused(400, "bad_parameter");
    town.clerk.get("/cases?backlog_ground=joint_conference").await.refused(400, "bad_parameter");
    let early = town.clerk.act(&younger, "backlog", backlog(town.organs.bureau, "age", &town.day(100))).await;
    early.refused(422, "invalid_fields").at("/grounds", "ground_does_not_hold");

    // People list, and the organ reports each month; watching is no resolution.
    let put = town.clerk.act(&case, "backlog", backlog(town.organs.bureau, "age", &town.day(100))).await.ok().body;
    assert_eq!((&put["backlog"][0]["stage"], &put["backlog"][0]["organ"]), (&"listed".into(), &town.organs.bureau.to_string().into()));
    assert_eq!(listed(&town.clerk, "backlog_ground=age").await, [""; 0]);
    assert_eq!(listed(&town.clerk, "backlog=listed&backlog_batch=2026年第一批").await, [case.case_no.as_str()]);
    assert_eq!(listed(&town.clerk, "backlog=listed&backlog_batch=2025").await, [""; 0]);
    assert_eq!(town.clerk.clock(&case, "backlog_report").await["organisation"], town.organs.bureau.to_string());
    town.head.act(&case, "backlog/reports", backlog_report("continued_watching")).await.ok();
    let watched = town.verifier.act(&case, "backlog/inspections", inspection(true, &town.day(0))).await;
    watched.refused(409, "backlog_not_reported_resolved").by(38);

    // The matter is resolved, the petitioner says so, and the county inspects on site.
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.answered(&case, "经查，没有拖欠。", &["not_support", "explain"]).await;
    town.put_in_place(&case).await;
    town.handler.act(&case, "closure", closing()).await.ok();
    town.head.act(&case, "backlog/reports", backlog_report("resolved")).await.ok();
    let unheard = town.verifier.act(&case, "backlog/inspections", inspection(true, &town.day(0))).await;
    unheard.refused(422, "invalid_fields").at("/resolution", "not_so_resolved");
    town.visitor.act(&case, "visit-backs", visit(&town.day(0), "satisfied")).await.ok();
    let own = town.bureau_verifier.act(&case, "backlog/inspections", inspection(true, &town.day(0))).await;
    own.refused(403, "inspects_own_organ").by(38);
    town.verifier.act(&case, "backlog/inspections", inspection(true, &town.day(0))).await.ok();
    assert_eq!(listed(&town.supervisor, "backlog=inspected").await, [case.case_no.as_str()]);

    // The city strikes it off when half a year has been quiet, and one petition more is a relapse.
    let early = town.supervisor.act(&case, "backlog/strike-off", strike_off(true)).await;
    early.refused(422, "invalid_fields").at("/agreed", "not_quiet_yet");
    town.days_later(180);
    let struck = town.supervisor.act(&case, "backlog/strike-off", strike_off(true)).await.ok().body;
    assert_eq!(struck["backlog"][0]["stage"], "struck_off");
    petitioned_again(&town, &case).await;
    let relapsed = town.clerk.sees(&case).await;
    assert_eq!(relapsed["backlog"][0]["stage"], "relapsed");
    assert_eq!(listed(&town.clerk, "backlog=relapsed").await, [case.case_no.as_str()]);
    for (event, times) in [
        ("backlog_listed", 1),
        ("backlog_reported", 2),
        ("backlog_inspected", 1),
        ("backlog_strike_off_decided", 1),
        ("backlog_relapsed", 1),
    ] {
        assert_eq!(town.clerk.told(&case, event).await.len(), times, "{event}");
    }
    let told = town.progress(&case).await.to_string();
    assert!(!told.contains("backlog") && !told.contains("积案"), "{told}");
    town.books_agree().await;
    town.close().await;
}

/// Who comes back again and again is proposed, and who comes back after re-review.
#[tokio::test]
async fn whoever_comes_back_is_proposed() {
    let town = Town::open_with(&["--backlog-repeats=2"]).await;
    let case = town.closed().await;
    petitioned_again(&town, &case).await;
    assert_eq!(listed(&town.clerk, "backlog_ground=repeats").await, [""; 0]);
    petitioned_again(&town, &case).await;
    assert_eq!(listed(&town.clerk, "backlog_ground=repeats").await, [case.case_no.as_str()]);
    assert_eq!(listed(&town.clerk, "backlog_ground=after_re_review").await, [""; 0]);
    let item = &town.clerk.get("/cases?backlog_ground=repeats").await.ok().body["items"][0];
    assert_eq!(item["repeat_count"], 2);
    town.clerk.act(&case, "backlog", backlog(town.organs.bureau, "repeats", &town.day(100))).await.ok();
    assert_eq!(listed(&town.clerk, "backlog_ground=repeats").await, [""; 0]);
    town.books_agree().await;
    town.close().await;
}
