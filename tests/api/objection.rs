//! "Not ours": the objection to a transfer, within 5 working days, on which the sender decides (Art. 23).

use serde_json::json;

use crate::support::Town;
use crate::support::papers::*;

fn objection() -> serde_json::Value {
    json!({"reasons": "该工程由另一机关监管，不属本机关职责范围"})
}

fn decision(upheld: bool) -> serde_json::Value {
    json!({"upheld": upheld, "reasons": "经核实"})
}

#[tokio::test]
async fn an_objection_that_is_upheld_brings_the_case_back() {
    let town = Town::open().await;
    let case = town.transferred().await;
    town.days_later(2);
    town.handler.act(&case, "objection", objection()).await.refused(403, "not_yours").by(23);
    let unknown = but(objection(), json!({"proposed": "01HZX5TJ4R2QK"}));
    let refused = town.registrar.act(&case, "objection", unknown).await;
    refused.refused(422, "invalid_fields").at("/proposed", "unknown_organisation");
    let proposed = but(objection(), json!({"proposed": town.organs.other_bureau}));
    assert_eq!(town.registrar.act(&case, "objection", proposed).await.ok().body["status"], "objected");
    town.registrar.act(&case, "objection/decision", decision(true)).await.refused(403, "not_yours").by(23);
    town.registrar.act(&case, "acceptance", accept()).await.refused(409, "state_forbids");

    let back = town.clerk.act(&case, "objection/decision", decision(true)).await.ok();
    assert_eq!(
        (&back.body["status"], &back.body["holder_name"]),
        (&json!("screening"), &json!("上城区信访局"))
    );
    let dispatch = town.clerk.clocks(&case, "dispatch").await;
    assert_eq!((dispatch.len(), &dispatch[1]["state"]), (2, &json!("running")), "the dispatch begins anew");
    assert_eq!(
        town.clerk.clock(&case, "notice").await["state"],
        "cancelled",
        "the bureau owes nothing any more"
    );

    town.clerk.act(&case, "transfer", transfer(town.organs.other_bureau)).await.ok();
    let accepted = town.other_registrar.act(&case, "acceptance", accept()).await.ok();
    assert_eq!(accepted.body["status"], "accepted");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn an_objection_that_is_rejected_leaves_the_case_and_its_clock_where_they_were() {
    let town = Town::open().await;
    let case = town.transferred().await;
    town.registrar.act(&case, "objection", objection()).await.ok();
    town.days_later(3);
    let rejected = town.clerk.act(&case, "objection/decision", decision(false)).await.ok();
    assert_eq!(
        (&rejected.body["status"], &rejected.body["holder_name"]),
        (&json!("pending_acceptance"), &json!("区人力社保局"))
    );
    let notice = town.registrar.clock(&case, "notice").await;
    assert_eq!((&notice["state"], &notice["started_on"]), (&json!("running"), &json!("2026-03-02")));
    town.registrar.act(&case, "objection", objection()).await.refused(409, "state_forbids").by(23);
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    town.close().await;
}

#[tokio::test]
async fn after_five_working_days_an_objection_is_too_late() {
    let town = Town::open().await;
    // Thursday before the Qingming holiday: 3 and 7 to 10 April are the five working days.
    town.on("2026-04-02");
    let (first, second) =
        (town.transferred_from(claim_of(1)).await, town.transferred_from(claim_of(2)).await);
    let clock = town.registrar.clock(&first, "objection").await;
    assert_eq!(clock["legal_due_on"], "2026-04-10");
    let skipped: Vec<_> =
        clock["skipped_days"].as_array().unwrap().iter().map(|skipped| &skipped["day"]).collect();
    assert_eq!(skipped, ["2026-04-04", "2026-04-05", "2026-04-06"]);
    town.on("2026-04-10");
    town.registrar.act(&first, "objection", objection()).await.ok();
    town.on("2026-04-11");
    town.registrar.act(&second, "objection", objection()).await.refused(409, "objection_too_late").by(23);
    town.close().await;
}

#[tokio::test]
async fn papers_go_back_by_an_objection_and_not_by_a_transfer() {
    let town = Town::open().await;
    let case = town.transferred().await;
    let sender = town.organs.county_petitions;
    for back in [transfer(sender), assign(sender, &town.day(20))] {
        let command = if back["mode"] == "assign" { "assign" } else { "transfer" };
        let refused = town.registrar.act(&case, "transfer", back).await;
        refused.refused(422, "return_needs_objection").at("/to", "out_of_range").by(23);
        assert_eq!(town.registrar.action(&case, command).await["allowed"], true, "to anybody else");
    }
    // Nor round a corner: whoever has had the papers gets them back by an objection alone.
    town.registrar.act(&case, "transfer", transfer(town.organs.other_bureau)).await.ok();
    for earlier in [sender, town.organs.bureau] {
        let refused = town.other_registrar.act(&case, "transfer", transfer(earlier)).await;
        refused.refused(422, "return_needs_objection").at("/to", "out_of_range").by(23);
    }
    town.other_registrar.act(&case, "objection", objection()).await.ok();
    let back = town.registrar.act(&case, "objection/decision", decision(true)).await.ok();
    assert_eq!(back.body["holder_name"], "区人力社保局");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_petition_department_objects_to_what_the_one_above_sends_it() {
    let town = Town::open().await;
    let case = town.city_clerk.files(claim()).await;
    town.city_clerk.act(&case, "transfer", transfer(town.organs.county_petitions)).await.ok();
    assert_eq!(town.clerk.clock(&case, "objection").await["state"], "running");
    town.visitor.act(&case, "objection", objection()).await.refused(403, "not_yours").by(23);
    assert_eq!(town.clerk.act(&case, "objection", objection()).await.ok().body["status"], "objected");
    town.clerk.act(&case, "objection/decision", decision(true)).await.refused(403, "not_yours").by(23);
    let back = town.city_clerk.act(&case, "objection/decision", decision(true)).await.ok();
    assert_eq!((&back.body["status"], &back.body["holder_name"]), (&json!("screening"), &json!("市信访局")));
    town.close().await;
}
