//! Leaders in charge (包案, Art. 18): one leader answers for a case, reports each month, and is counted.

use domain::access::Duty;
use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::{Filed, Staff, Town};

async fn charges(who: &Staff) -> Value {
    who.get("/statistics/leaders-in-charge").await.ok().body
}

/// What the counts say of the leader.
fn of(counted: &Value, leader: &Staff) -> Value {
    let all = counted["leaders"].as_array().unwrap();
    all.iter().find(|one| one["leader"] == leader.user.to_string()).cloned().unwrap_or_default()
}

async fn listed(who: &Staff, leader: &Staff) -> Vec<String> {
    let page = who.get(&format!("/cases?leader={}", leader.user)).await.ok().body;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|case| case["case_no"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_leader_takes_a_case_in_charge_and_brings_it_to_double_resolution() {
    let town = Town::open().await;
    let case = town.delivered().await;
    assert_eq!(town.leader.action(&case, "take_charge").await["allowed"], true);
    let taken = town.leader.act(&case, "lead", charge(town.leader.user, &town.day(90))).await.ok().body;
    assert_eq!(taken["in_charge"]["leader"], town.leader.user.to_string());
    assert_eq!(taken["in_charge"]["since_on"], town.day(0));
    let clock = town.clerk.clock(&case, "charge_report").await;
    assert_eq!((&clock["organisation"], &clock["state"]), (&json!(town.organs.county_government), &json!("running")));
    let later = town.leader.action(&case, "take_charge").await;
    assert_eq!((&later["allowed"], &later["reason"]), (&json!(false), &json!("already_in_charge")));

    // A month without a report, and the report.
    town.days_later(32);
    town.work().await;
    assert!(town.leader.sees(&case).await["deadlines"].as_array().unwrap().iter().any(|clock| {
        clock["kind"] == "charge_report" && clock["told"] == "overdue"
    }));
    let overdue = town.leader.get("/cases?overdue=true").await.ok().body;
    assert_eq!(overdue["items"][0]["case_no"], case.case_no);
    let reported = town.leader.act(&case, "lead/reports", charge_report(&["know", "explain"])).await.ok().body;
    assert_eq!(reported["in_charge"]["kept"], json!(["know", "explain"]));
    let clocks = town.clerk.clocks(&case, "charge_report").await;
    assert_eq!(clocks.iter().map(|clock| &clock["state"]).collect::<Vec<_>>(), ["met", "running"]);

    let counted = charges(&town.clerk).await;
    let counts = json!({"in_charge": 1, "open": 1, "resolved": 0, "double_resolved": 0});
    assert!(is_part(&counts, &of(&counted, &town.leader)), "{counted}");
    town.put_in_place(&case).await;
    town.handler.act(&case, "closure", closing()).await.ok();
    town.visitor.act(&case, "visit-backs", visit(&town.day(0), "satisfied")).await.ok();
    let counted = charges(&town.clerk).await;
    let counts = json!({"in_charge": 1, "open": 0, "resolved": 1, "double_resolved": 1});
    let leader = of(&counted, &town.leader);
    assert!(is_part(&counts, &leader), "{counted}");
    assert_eq!((&leader["name"], &leader["level"]), (&json!("leader"), &json!("county")));
    assert_eq!(counted["levels"].as_array().unwrap().len(), 1);
    assert!(is_part(&counts, &counted["levels"][0]) && counted["levels"][0]["leaders"] == 1, "{counted}");
    assert_eq!(town.clerk.clocks(&case, "charge_report").await[1]["state"], "cancelled");
    assert_eq!(listed(&town.clerk, &town.leader).await, [case.case_no.as_str()]);

    // What the petitioner is told names nobody.
    let told = town.progress(&case).await.to_string();
    assert!(!told.contains("charge") && !told.contains(&town.leader.user.to_string()), "{told}");
    town.books_agree().await;
    town.close().await;
}

fn is_part(part: &Value, whole: &Value) -> bool {
    part.as_object().unwrap().iter().all(|(name, value)| whole[name] == *value)
}

#[tokio::test]
async fn a_charge_is_entered_and_handed_over_as_posts_change() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let target = town.day(60);
    town.handler.act(&case, "lead", charge(town.leader.user, &target)).await.refused(403, "not_yours").by(18);
    let another = town.leader.act(&case, "lead", charge(town.bureau_leader.user, &target)).await;
    another.refused(422, "invalid_fields").at("/leader", "not_your_charge");
    let no_leader = town.clerk.act(&case, "lead", charge(town.handler.user, &target)).await;
    no_leader.refused(422, "invalid_fields").at("/leader", "not_a_leading_cadre");
    let partly = but(charge(town.leader.user, &target), json!({"commitments": ["know", "end"]}));
    town.leader.act(&case, "lead", partly).await.refused(422, "invalid_fields").at("/commitments", "required");
    let past = charge(town.leader.user, &town.day(-1));
    town.leader.act(&case, "lead", past).await.refused(422, "invalid_fields").at("/target_on", "in_past");
    town.clerk.act(&case, "lead/handover", charge_handover(town.leader.user)).await.refused(409, "nobody_in_charge");

    town.clerk.act(&case, "lead", charge(town.bureau_leader.user, &target)).await.ok();
    town.leader.act(&case, "lead/reports", charge_report(&[])).await.refused(403, "not_yours");
    let elsewhere = town.bureau_leader.act(&case, "lead/handover", charge_handover(town.leader.user)).await;
    elsewhere.refused(422, "invalid_fields").at("/to", "not_your_charge");
    let handed = town.clerk.act(&case, "lead/handover", charge_handover(town.leader.user)).await.ok().body;
    assert_eq!(handed["in_charge"]["leader"], town.leader.user.to_string());
    let before = &handed["in_charge"]["predecessors"][0];
    assert_eq!(before["leader"], town.bureau_leader.user.to_string());
    assert_eq!(listed(&town.clerk, &town.bureau_leader).await, [""; 0]);
    assert_eq!(listed(&town.clerk, &town.leader).await, [case.case_no.as_str()]);
    assert_eq!(town.clerk.told(&case, "charge_handed_over").await.len(), 1);
    town.leader.act(&case, "lead/reports", charge_report(&["know"])).await.ok();
    town.books_agree().await;
    town.close().await;
}

/// Whoever answers for a case knows of it wherever they are moved to, reaches its petitioner, and judges nothing of it.
#[tokio::test]
async fn a_leader_in_charge_keeps_the_case_and_does_not_verify_it() {
    let town = Town::open().await;
    let case = town.delivered().await;
    town.leader.act(&case, "lead", charge(town.leader.user, &town.day(60))).await.ok();
    let elsewhere = town.organs.elsewhere.get();
    town.office
        .change_user("leader", move |user| {
            user.organisation_id = elsewhere;
            user.territory = None;
        })
        .await;
    assert_eq!(town.leader.sees(&case).await["id"], case.id);
    let people = town.leader.get(&format!("{}/people?purpose=test", case.path())).await.ok().body;
    assert_eq!(people["items"][0]["name"], NAME);
    let planned = plan(town.other_handler.user, &town.day(20));
    town.handler.act(&case, "measures/educate/plan", planned).await.ok();
    town.other_handler.act(&case, "measures/educate/in-place", report("educate", &town.day(0))).await.ok();
    let petitions = town.organs.county_petitions.get();
    town.office
        .change_user("leader", move |user| {
            user.organisation_id = petitions;
            user.role = "reviewer".to_owned();
            user.duties = vec![Duty::Verify.as_ref().to_owned()];
            user.territory = Some(crate::support::places::COUNTY.to_owned());
        })
        .await;
    let verified = town.leader.act(&case, "measures/educate/verification", verdict(true)).await;
    verified.refused(403, "verifier_took_part").by(27);
    town.leader.act(&case, "lead/reports", charge_report(&[])).await.refused(403, "not_yours");
    town.clerk.act(&case, "lead/handover", charge_handover(town.bureau_leader.user)).await.ok();
    town.close().await;
}

/// Counts are of those cases that the caller may know of, and of no accusation.
#[tokio::test]
async fn nobody_counts_what_they_may_not_know_of() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    town.leader.act(&case, "lead", charge(town.leader.user, &town.day(60))).await.ok();
    for who in [&town.stranger, &town.next_grid, &town.administrator, &town.auditor] {
        assert_eq!(charges(who).await["leaders"], json!([]), "{}", who.user);
    }
    for who in [&town.leader, &town.handler, &town.city_clerk] {
        assert_eq!(of(&charges(who).await, &town.leader)["in_charge"], 1);
    }
    let accusation = but(claim(), json!({"purpose": "accusation", "subject": "收受回扣", "claims": []}));
    let accusation: Filed = town.cleared_clerk.files(accusation).await;
    let refused = town.cleared_clerk.act(&accusation, "lead", charge(town.leader.user, &town.day(60))).await;
    refused.refused(409, "wrong_track");
    town.close().await;
}
