//! What may come about while an organ handles a claim: mediation, a hearing, more time (Art. 31, 33, 34).

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Filed, Town};

fn mediation(consents: bool) -> serde_json::Value {
    json!({"mediator": "区人民调解委员会", "other_party": "某建筑公司",
        "petitioner_consents": true, "other_party_consents": consents})
}

#[tokio::test]
async fn mediation_wants_both_consents_and_an_agreement_on_all_leads_to_its_performance() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let refused = town.handler.act(&case, "mediation", mediation(false)).await;
    refused.refused(422, "invalid_fields").at("/other_party_consents", "consent_missing").by(33);

    town.handler.act(&case, "mediation", mediation(true)).await.ok();
    let failed = json!({"agreement": null, "remark": "未能达成一致"});
    let back = town.handler.act(&case, "mediation/outcome", failed).await.ok();
    assert_eq!(back.body["status"], "in_handling");
    assert_eq!(
        town.handler.clock(&case, "handling").await["state"],
        "running",
        "mediation does not stop the clock"
    );

    town.handler.act(&case, "mediation", mediation(true)).await.ok();
    let agreement = json!({"kind": "mediation", "claims": [1, 2], "terms": "公司十日内支付36000元", "signed_on": town.day(0)});
    let reached = json!({"agreement": agreement, "remark": "双方自愿"});
    let reached = town.handler.act(&case, "mediation/outcome", reached).await.ok();
    assert_eq!(reached.body["status"], "executing");
    assert_eq!(
        reached.body["measures"]["resolve"]["state"], "applies",
        "what was agreed is to be carried out"
    );
    assert_eq!(town.handler.clock(&case, "handling").await["state"], "met");
    town.close().await;
}

#[tokio::test]
async fn more_time_is_asked_for_once_at_most_thirty_days_and_approved_by_another() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let ask = |days: u16| json!({"days": days, "reason": "需要司法鉴定"});
    let approve = json!({"approved": true, "reason": "情况复杂", "notice": "post"});
    for days in [0, 31] {
        let refused = town.handler.act(&case, "extension", ask(days)).await;
        refused.refused(422, "invalid_fields").at("/days", "out_of_range").by(34);
    }
    town.head
        .act(&case, "extension/decision", approve.clone())
        .await
        .refused(409, "no_extension_requested")
        .by(34);
    town.head.act(&case, "extension", ask(30)).await.ok();
    town.head
        .act(&case, "extension/decision", approve.clone())
        .await
        .refused(403, "approver_is_proposer")
        .by(34);
    town.handler.act(&case, "extension/decision", approve.clone()).await.refused(403, "not_yours").by(34);

    // The head declines a colleague's request, so that it may be asked for again.
    town.change_of_head(&case).await;
    town.handler.act(&case, "extension", ask(30)).await.ok();
    let untold = json!({"approved": true, "reason": "情况复杂"});
    let refused = town.head.act(&case, "extension/decision", untold).await;
    refused.refused(422, "invalid_fields").at("/notice", "required").by(34);
    town.head.act(&case, "extension/decision", approve).await.ok();
    let extension = town.handler.clock(&case, "extension").await;
    // 60 days from 2 March are 1 May; 30 more are 31 May, a Sunday, and the law moves that to Monday.
    assert_eq!(
        (&extension["started_on"], &extension["nominal_due_on"], &extension["legal_due_on"]),
        (&json!("2026-05-01"), &json!("2026-05-31"), &json!("2026-06-01"))
    );
    assert_eq!(town.handler.clock(&case, "handling").await["state"], "cancelled");
    town.handler.act(&case, "extension", ask(1)).await.refused(409, "already_extended").by(34);
    town.close().await;
}

impl Town {
    /// Another head of the bureau declines what waits.
    async fn change_of_head(&self, case: &Filed) {
        let head = |user: &mut store::users::User| user.duties = vec!["sign".to_owned()];
        self.office.change_user("examiner", head).await;
        let declined = json!({"approved": false, "reason": "理由不充分"});
        self.examiner.act(case, "extension/decision", declined).await.ok();
    }
}

#[tokio::test]
async fn no_more_time_after_the_limit_has_passed() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    town.on("2026-05-07");
    let late = town.handler.act(&case, "extension", json!({"days": 5, "reason": "来不及"})).await;
    late.refused(409, "handling_limit_passed").by(34);
    assert_eq!(town.handler.clock(&case, "handling").await["late"], true);
    town.close().await;
}

#[tokio::test]
async fn a_hearing_in_the_handling_stops_no_clock() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let notice = |chair: String, ahead: i64| json!({"held_on": town.day(ahead), "place": "区信访局听证室", "chair": chair, "panel": ["区人大代表"], "reason": "事项复杂"});
    let other = town.other_handler.user.to_string();
    let refused = town.handler.act(&case, "hearing", notice(town.handler.user.to_string(), 7)).await;
    refused.refused(422, "invalid_fields").at("/chair", "chair_is_handler");
    let refused = town.handler.act(&case, "hearing", notice(other.clone(), 6)).await;
    refused.refused(422, "invalid_fields").at("/held_on", "out_of_range");
    town.handler.act(&case, "hearing", notice(other.clone(), 7)).await.ok();
    town.handler.act(&case, "hearing", notice(other, 7)).await.refused(409, "hearing_open");
    town.days_later(7);
    let heard = json!({"finding": "应当支付拖欠工资", "concluded_on": town.day(0)});
    town.handler.act(&case, "hearing/outcome", heard).await.ok();
    let clock = town.handler.clock(&case, "handling").await;
    assert_eq!((&clock["nominal_due_on"], &clock["pauses"]), (&json!("2026-05-01"), &json!([])));
    town.close().await;
}

fn hearing(town: &Town, chair: impl ToString) -> serde_json::Value {
    json!({"held_on": town.day(7), "place": "区信访局听证室", "chair": chair.to_string(), "panel": ["区人大代表"],
        "reason": "事项复杂"})
}

#[tokio::test]
async fn a_hearing_is_concluded_when_it_was_held() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let heard = |ahead: i64| json!({"finding": "应当支付拖欠工资", "concluded_on": town.day(ahead)});
    town.handler.act(&case, "hearing/outcome", heard(0)).await.refused(409, "no_hearing").by(31);
    town.handler.act(&case, "hearing", hearing(&town, town.other_handler.user)).await.ok();
    town.days_later(6);
    for (ahead, code) in [(-1, "before_cause"), (0, "before_cause"), (1, "in_future")] {
        let refused = town.handler.act(&case, "hearing/outcome", heard(ahead)).await;
        refused.refused(422, "invalid_fields").at("/concluded_on", code);
    }
    let undecided = opinion("经查。", &["not_support", "explain"]);
    town.handler.act(&case, "opinion", undecided).await.refused(409, "hearing_open").by(31);
    town.days_later(1);
    town.handler.act(&case, "hearing/outcome", heard(0)).await.ok();
    town.handler.act(&case, "hearing/outcome", heard(0)).await.refused(409, "no_hearing").by(31);
    town.close().await;
}

#[tokio::test]
async fn who_has_a_part_in_the_matter_does_not_chair_its_hearing() {
    let town = Town::open().await;
    let complaint = json!({"respondents": [{"name": "审核员", "user": town.examiner.user}]});
    let case = town.transferred_from(but(claim(), complaint)).await;
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    town.name_handlers(&case).await;
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    let planned = plan(town.other_handler.user, &town.day(20));
    town.handler.act(&case, "measures/educate/plan", planned).await.ok();
    for (chair, code) in [
        (town.handler.user.to_string(), "chair_is_handler"),
        (town.other_handler.user.to_string(), "chair_is_handler"),
        (town.examiner.user.to_string(), "has_interest"),
        (town.administrator.user.to_string(), "unknown_user"),
        ("01HZX5TJ4R2QK".to_owned(), "unknown_user"),
    ] {
        let refused = town.handler.act(&case, "hearing", hearing(&town, &chair)).await;
        refused.refused(422, "invalid_fields").at("/chair", code);
    }
    town.handler.act(&case, "hearing", hearing(&town, town.registrar.user)).await.ok();
    town.close().await;
}
