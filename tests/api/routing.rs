//! The ways out of the petition procedure: another route of law, declined, answered directly, kept (Art. 22, 23, 31).

use serde_json::json;

use crate::support::Town;
use crate::support::papers::*;

#[tokio::test]
async fn a_claim_with_a_route_of_law_is_routed_out() {
    let town = Town::open().await;
    let case = town.transferred().await;
    let refused = town.registrar.act(&case, "acceptance", route_out("petition_procedure")).await;
    refused.refused(422, "invalid_fields").at("/route", "out_of_range").by(31);
    let unnamed = but(route_out("arbitration"), json!({"notice": "exempt"}));
    let refused = town.registrar.act(&case, "acceptance", unnamed).await;
    refused.refused(422, "invalid_fields").at("/notice", "anonymous_mismatch").by(23);
    let routed = town.registrar.act(&case, "acceptance", route_out("arbitration")).await.ok();
    assert_eq!(
        (&routed.body["status"], &routed.body["disposal"]["route"]),
        (&json!("routed_out"), &json!("arbitration"))
    );
    assert_eq!(town.registrar.clock(&case, "notice").await["state"], "met");
    assert!(town.registrar.clocks(&case, "handling").await.is_empty(), "no 60 days outside the procedure");
    town.registrar.act(&case, "acceptance", accept()).await.refused(409, "state_forbids").by(31);
    assert_eq!(town.progress(&case).await["next_step"], "请按告知书载明的途径办理");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn every_route_of_law_leads_out() {
    let town = Town::open().await;
    for (serial, route) in (1..).zip(["litigation", "party_appeal", "administrative", "statutory_duty"]) {
        let case = town.transferred_from(claim_of(serial)).await;
        let routed = town.registrar.act(&case, "acceptance", route_out(route)).await.ok();
        assert_eq!(routed.body["disposal"]["route"], route);
    }
    town.close().await;
}

#[tokio::test]
async fn the_petition_department_declines_but_does_not_accept() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    town.clerk.act(&case, "acceptance", accept()).await.refused(403, "not_yours").by(31);
    town.office.change_user("clerk", |user| user.duties.push("accept".to_owned())).await;
    town.clerk.act(&case, "acceptance", accept()).await.refused(409, "petition_department_routes").by(14);
    let declined = town.clerk.act(&case, "acceptance", decline()).await.ok();
    assert_eq!(
        (&declined.body["status"], &declined.body["disposal"]["kind"]),
        (&json!("not_accepted"), &json!("declined"))
    );
    town.close().await;
}

#[tokio::test]
async fn an_enquiry_is_answered_directly_and_a_claim_is_not() {
    let town = Town::open().await;
    let reply = json!({"content": "您咨询的参保登记可在政务服务中心办理。", "way": "phone"});
    let claimed = town.clerk.files(claim()).await;
    town.clerk.act(&claimed, "direct-reply", reply.clone()).await.refused(409, "claim_needs_opinion").by(31);
    let asked = town.clerk.files(but(claim_of(1), json!({"purpose": "enquiry", "claims": []}))).await;
    assert_eq!(town.clerk.act(&asked, "direct-reply", reply).await.ok().body["status"], "direct_reply");
    assert_eq!(town.clerk.clock(&asked, "dispatch").await["state"], "met");
    town.close().await;
}

#[tokio::test]
async fn what_cannot_be_followed_up_is_kept_and_what_is_taken_back_stays_in_the_register() {
    let town = Town::open().await;
    let nameless = json!({"anonymous": true, "petitioners": []});
    let kept = town.clerk.files(but(claim(), nameless)).await;
    let filed = town.clerk.act(&kept, "filed-only", reason()).await.ok();
    assert_eq!(
        (&filed.body["status"], &filed.body["disposal"]["reason"]),
        (&json!("filed_only"), &reason()["reason"])
    );

    let taken_back = town.accepted().await;
    let words = |on: String| json!({"words": "我自愿撤回", "withdrawn_on": on});
    let early = town.registrar.act(&taken_back, "withdrawal", words(town.day(-1))).await;
    early.refused(422, "invalid_fields").at("/withdrawn_on", "before_cause");
    town.registrar.act(&taken_back, "withdrawal", words(town.day(0))).await.ok();
    assert_eq!(town.registrar.clock(&taken_back, "handling").await["state"], "cancelled");
    assert_eq!(town.clerk.sees(&taken_back).await["status"], "withdrawn");
    let reopened = json!({"ground": "new_facts", "reasons": "撤回并非自愿"});
    let reopened = town.clerk.act(&taken_back, "reopening", reopened).await.ok();
    assert_eq!(reopened.body["status"], "returned_for_rework");
    town.close().await;
}

#[tokio::test]
async fn an_assigned_matter_has_its_own_day_and_goes_by_no_short_way() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let dayless = but(transfer(town.organs.bureau), json!({"mode": "assign"}));
    let refused = town.clerk.act(&case, "transfer", dayless).await;
    refused.refused(422, "invalid_fields").at("/feedback_due_on", "required").by(22);
    let past = assign(town.organs.bureau, &town.day(0));
    town.clerk
        .act(&case, "transfer", past)
        .await
        .refused(422, "invalid_fields")
        .at("/feedback_due_on", "in_past");
    let short = but(assign(town.organs.bureau, &town.day(45)), json!({"simple": true}));
    town.clerk.act(&case, "transfer", short).await.refused(422, "not_simple").at("/simple", "out_of_range");
    let nowhere = transfer("01HZX5TJ4R2QK");
    town.clerk
        .act(&case, "transfer", nowhere)
        .await
        .refused(422, "invalid_fields")
        .at("/to", "unknown_organisation");
    let here = transfer(town.organs.county_petitions);
    town.clerk.act(&case, "transfer", here).await.refused(422, "already_there").at("/to", "out_of_range");
    town.clerk.act(&case, "transfer", assign(town.organs.bureau, &town.day(45))).await.ok();
    let feedback = town.registrar.clock(&case, "assigned_feedback").await;
    assert_eq!(
        (&feedback["nominal_due_on"], &feedback["article"]),
        (&json!(town.day(45)), &json!("《信访工作条例》第22条"))
    );
    town.close().await;
}

#[tokio::test]
async fn a_matter_goes_nowhere_where_nobody_takes_it_up() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    // Nobody there accepts: grid members, and those who review.
    for empty in [town.organs.village, town.organs.county_government] {
        for sent in [transfer(empty), assign(empty, &town.day(20))] {
            let refused = town.clerk.act(&case, "transfer", sent).await;
            refused.refused(422, "invalid_fields").at("/to", "nobody_there");
        }
    }
    // A petition department is there to pass things on, so there it is that which somebody must do.
    town.office.change_user("city_clerk", |user| user.duties = vec!["register".to_owned()]).await;
    let refused = town.clerk.act(&case, "transfer", transfer(town.organs.city_petitions)).await;
    refused.refused(422, "invalid_fields").at("/to", "nobody_there");
    town.office.change_user("city_clerk", |user| user.duties = vec!["dispatch".to_owned()]).await;
    town.clerk.act(&case, "transfer", transfer(town.organs.city_petitions)).await.ok();
    town.close().await;
}

#[tokio::test]
async fn an_organ_without_anybody_to_handle_does_not_accept() {
    let town = Town::open().await;
    let case = town.transferred().await;
    for handler in ["handler", "other_handler", "head"] {
        town.office.change_user(handler, |user| user.duties.retain(|duty| duty != "handle")).await;
    }
    let action = town.registrar.action(&case, "accept").await;
    assert_eq!((&action["allowed"], &action["reason"]), (&json!(false), &json!("nobody_to_handle")));
    town.registrar.act(&case, "acceptance", accept()).await.refused(409, "nobody_to_handle").by(23);
    town.office.change_user("handler", |user| user.duties.push("handle".to_owned())).await;
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    let refused = town.registrar.act(&case, "assignment", handlers(&[town.head.user])).await;
    refused.refused(422, "invalid_fields").at("/handlers/0/user", "not_of_the_holder");
    town.registrar.act(&case, "assignment", handlers(&[town.handler.user])).await.ok();
    town.close().await;
}
