//! Leaders' instructions: given, reported on, accepted or returned, and followed to the visit back (Art. 18).

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Staff, Town};

/// The numbers of the cases in which something is still to be done about an instruction of this leader.
async fn waiting(who: &Staff, query: &str) -> Vec<String> {
    let listed = who.get(&format!("/cases?instructor={}{query}", who.user)).await.ok().body;
    let items = listed["items"].as_array().unwrap();
    items.iter().map(|item| item["case_no"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_leader_orders_is_followed_to_the_visit_back() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let given = instruction(town.leader.user, town.organs.bureau, &town.day(10));
    town.handler.act(&case, "instructions", given.clone()).await.refused(403, "not_yours").by(18);
    let ordered = town.leader.act(&case, "instructions", given).await.ok().body;
    assert_eq!(ordered["instructions"][0]["state"], "awaiting_report");
    assert_eq!(ordered["instructions"][0]["visit_back"], true);
    assert_eq!(waiting(&town.leader, "").await, [case.case_no.as_str()]);
    let action = town.head.action(&case, "report_on_instruction").await;
    let href = format!("/api/v1/cases/{}/instructions/1/report", case.id);
    assert_eq!((&action["allowed"], &action["href"], &action["instruction"]), (&json!(true), &json!(href), &json!(1)));

    // The leader sees what is late, and so does supervision.
    town.days_later(13);
    town.work().await;
    assert_eq!(waiting(&town.leader, "&overdue=true").await, [case.case_no.as_str()]);
    let seen = town.supervisor.sees(&case).await;
    assert_eq!(seen["supervision_proposals"][0]["clock"], "instruction_report");
    let early = json!({"accepted": false, "reason": "没有说清责任", "report_due_on": town.day(5)});
    let early = town.leader.act(&case, "instructions/1/decision", early).await;
    early.refused(422, "invalid_fields").at("/accepted", "nothing_reported");
    town.head.act(&case, "instructions/1/report", json!({"result": "已列入计划"})).await.ok();
    let back = json!({"accepted": false, "reason": "没有说清责任", "report_due_on": town.day(5)});
    town.leader.act(&case, "instructions/1/decision", back).await.ok();
    let clocks = town.clerk.clocks(&case, "instruction_report").await;
    let late: Vec<bool> = clocks.iter().map(|clock| clock["late"].as_bool().unwrap()).collect();
    assert_eq!(late, [true, false]);
    town.head.act(&case, "instructions/1/report", json!({"result": "已现场解决"})).await.ok();
    let own = town.head.act(&case, "instructions/1/decision", json!({"accepted": true, "reason": "同意"})).await;
    own.refused(403, "not_yours");
    // The petition department enters what the leader decided.
    let accepted = town.clerk.act(&case, "instructions/1/decision", json!({"accepted": true, "reason": "同意"})).await;
    assert_eq!(accepted.ok().body["instructions"][0]["state"], "awaiting_visit_back");
    assert_eq!(waiting(&town.leader, "").await, [case.case_no.as_str()]);
    let visited = town.visitor.act(&case, "visit-backs", visit(&town.day(0), "satisfied")).await.ok().body;
    let done = &visited["instructions"][0];
    assert_eq!((&done["state"], &done["visited_back_on"]), (&json!("carried_out"), &json!(town.day(0))));
    assert_eq!(waiting(&town.leader, "").await, [""; 0]);
    for (event, times) in [("instruction_given", 1), ("instruction_reported", 2), ("instruction_decided", 2)] {
        assert_eq!(town.clerk.told(&case, event).await.len(), times, "{event}");
    }
    let told = town.progress(&case).await.to_string();
    assert!(!told.contains("批示") && !told.contains(&town.leader.user.to_string()), "{told}");
    town.books_agree().await;
    town.close().await;
}

/// An organ that a leader brings in knows of the case from then on, and of no other.
#[tokio::test]
async fn a_leader_brings_an_organ_of_their_place_in() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let elsewhere = instruction(town.leader.user, town.organs.elsewhere, &town.day(10));
    let refused = town.leader.act(&case, "instructions", elsewhere).await;
    refused.refused(422, "invalid_fields").at("/to", "no_part_in_the_case");
    let another = instruction(town.bureau_leader.user, town.organs.bureau, &town.day(10));
    let refused = town.leader.act(&case, "instructions", another).await;
    refused.refused(422, "invalid_fields").at("/leader", "not_your_instruction");
    let unstaffed = instruction(town.leader.user, town.organs.other_bureau, &town.day(10));
    let refused = town.leader.act(&case, "instructions", unstaffed.clone()).await;
    refused.refused(422, "invalid_fields").at("/to", "nobody_there");
    let path = format!("{}?purpose=test", case.path());
    town.other_registrar.get(&path).await.refused(404, "not_found");
    town.office.change_user("other_registrar", |user| user.duties.push("sign".to_owned())).await;
    town.leader.act(&case, "instructions", unstaffed).await.ok();
    assert_eq!(town.other_registrar.get(&path).await.ok().body["id"], case.id);
    town.other_registrar.act(&case, "instructions/1/report", json!({"result": "已配合"})).await.ok();
    town.books_agree().await;
    town.close().await;
}
