//! Review and re-review by the next higher organ, and the end of the matter (Art. 35–37).

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Filed, Town};

#[tokio::test]
async fn review_and_re_review_end_the_matter_for_good() {
    let town = Town::open().await;
    let case = town.delivered().await;
    is_reviewed(&town, &case).await;
    is_re_reviewed(&town, &case).await;
    has_aftercare(&town, &case).await;
    is_not_taken_up_again(&town, &case).await;
    town.books_agree().await;
    town.close().await;
}

async fn is_reviewed(town: &Town, case: &Filed) {
    town.days_later(20);
    town.asks_for_review(case).await;
    let seen = town.reviewer.sees(case).await;
    assert_eq!(seen["status"], "reviewing");
    assert_eq!(
        seen["reviews"][0]["organ"],
        town.organs.county_government.to_string(),
        "the next higher organ"
    );
    assert_eq!(town.reviewer.clock(case, "review_request").await["state"], "met");
    assert_eq!(town.reviewer.clock(case, "review").await["nominal_due_on"], town.day(30));
    town.handler.act(case, "review/admission", admit()).await.refused(403, "not_yours").by(35);
    town.reviewer
        .act(case, "review/decision", review("uphold"))
        .await
        .refused(409, "review_not_admitted")
        .by(35);
    let groundless = json!({"admitted": false, "reason": "不符合条件", "notice": "post"});
    let refused = town.reviewer.act(case, "review/admission", groundless).await;
    refused.refused(422, "invalid_fields").at("/ground", "required");
    town.reviewer.act(case, "review/admission", admit()).await.ok();
    town.reviewer.act(case, "review/admission", admit()).await.refused(409, "review_already_admitted").by(35);
    town.head.act(case, "review/decision", review("uphold")).await.refused(403, "not_yours").by(35);
    town.days_later(10);
    let upheld = town.reviewer.act(case, "review/decision", review("uphold")).await.ok();
    assert_eq!(upheld.body["status"], "review_issued");
    assert!(
        town.reviewer.clocks(case, "re_review_request").await.is_empty(),
        "the clock waits for the delivery"
    );
    let delivery = deliver("review_opinion", &town.day(0));
    town.reviewer.act(case, "deliveries", delivery).await.ok();
    assert_eq!(town.reviewer.clock(case, "re_review_request").await["nominal_due_on"], town.day(30));
}

async fn is_re_reviewed(town: &Town, case: &Filed) {
    town.re_reviewer.get(&case.path()).await.refused(404, "not_found");
    town.asks_for_review(case).await;
    let seen = town.re_reviewer.sees(case).await;
    assert_eq!(
        (&seen["status"], &seen["reviews"][1]["organ"]),
        (&json!("re_reviewing"), &json!(town.organs.committee))
    );
    town.re_reviewer.act(case, "re-review/admission", admit()).await.ok();
    town.reviewer.act(case, "re-review/decision", review("uphold")).await.refused(403, "not_yours").by(36);
    town.re_reviewer.act(case, "re-review/decision", review("uphold")).await.ok();
    let delivery = deliver("re_review_opinion", &town.day(0));
    let ended = town.re_reviewer.act(case, "deliveries", delivery).await.ok();
    assert_eq!(
        (&ended.body["status"], &ended.body["terminated_on"]),
        (&json!("terminated"), &json!(town.day(0)))
    );
    let again =
        town.petitioner().post(&format!("/public/cases/{}/review-request", case.query_code), appeal()).await;
    again.refused(409, "state_forbids").by(36);
    assert_eq!(town.progress(case).await["status"], "terminated");
}

async fn has_aftercare(town: &Town, case: &Filed) {
    assert_eq!(
        town.handler.sees(case).await["aftercare_due"],
        json!(["guidance", "dispute_resolution", "help"])
    );
    let help = |on: String| json!({"kind": "help", "done_on": on, "summary": "协助申请临时救助"});
    let early = town.handler.act(case, "aftercare", help(town.day(-1))).await;
    early.refused(422, "invalid_fields").at("/done_on", "before_cause").by(37);
    let helped = town.handler.act(case, "aftercare", help(town.day(0))).await.ok();
    assert_eq!(helped.body["aftercare_due"], json!(["guidance", "dispute_resolution"]));
    let reopened = json!({"ground": "new_facts", "reasons": "提交了新的工资单"});
    let refused = town.clerk.act(case, "reopening", reopened).await;
    refused.refused(422, "file_as_new_matter").by(36);
}

async fn is_not_taken_up_again(town: &Town, case: &Filed) {
    town.days_later(40);
    let again = town.transferred().await;
    assert_eq!(again.answer["possible_repeats"][0]["case"], case.id);
    assert_eq!(again.answer["possible_repeats"][0]["terminated"], true);
    town.registrar.act(&again, "acceptance", accept()).await.refused(409, "repeat_check_missing").by(36);
    town.registrar
        .act(&again, "acceptance", no_longer_accept())
        .await
        .refused(409, "not_a_repeat_of_terminated")
        .by(36);
    town.registrar.act(&again, "repeat-check", repeat_of(&case.id)).await.ok();
    town.registrar.act(&again, "acceptance", accept()).await.refused(409, "matter_terminated").by(36);
    let action = town.registrar.action(&again, "accept").await;
    assert_eq!(
        (&action["allowed"], &action["reason"], &action["article"]),
        (&json!(false), &json!("matter_terminated"), &json!("《信访工作条例》第36条"))
    );
    let ended = town.registrar.act(&again, "acceptance", no_longer_accept()).await.ok();
    assert_eq!(ended.body["status"], "no_longer_accepted");

    // Somebody looks and finds that it is another matter: the same person may petition about it.
    let other = town.transferred().await;
    town.registrar.act(&other, "repeat-check", first_petition()).await.ok();
    assert_eq!(town.registrar.act(&other, "acceptance", accept()).await.ok().body["status"], "accepted");
}

#[tokio::test]
async fn a_remade_opinion_is_another_one() {
    let town = Town::open().await;
    let case = town.delivered().await;
    town.asks_for_review(&case).await;
    town.reviewer.act(&case, "review/admission", admit()).await.ok();
    town.days_later(3);
    let remade = town.reviewer.act(&case, "review/decision", review("remake")).await.ok();
    assert_eq!(remade.body["status"], "returned_for_rework");
    let clocks = town.handler.clocks(&case, "handling").await;
    assert_eq!((clocks.len(), &clocks[1]["nominal_due_on"]), (2, &json!(town.day(60))));

    town.name_handlers(&case).await;
    let same = opinion("经查，没有拖欠。", &["not_support", "explain"]);
    let refused = town.handler.act(&case, "opinion", same).await;
    refused.refused(422, "same_opinion_again").at("/answers", "duplicate");
    let found = findings(&["reasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.answered(&case, "重新调查，拖欠属实。", &["support", "explain"]).await;
    let seen = town.handler.sees(&case).await;
    assert_eq!((&seen["status"], &seen["opinions"][0]["set_aside"]), (&json!("executing"), &json!(true)));
    // The new opinion may be reviewed in its turn.
    town.asks_for_review(&case).await;
    assert_eq!(town.reviewer.sees(&case).await["status"], "reviewing");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_review_that_changes_the_answers_puts_them_in_place_anew() {
    let town = Town::open().await;
    let case = town.closed().await;
    assert!(town.clerk.sees(&case).await["resolution"]["matter_resolved_on"].is_string());
    town.asks_for_review(&case).await;
    town.reviewer.act(&case, "review/admission", admit()).await.ok();
    let answers = &opinion("", &["support", "explain"])["answers"];
    let changed = but(review("change"), json!({"answers": answers}));
    let changed = town.reviewer.act(&case, "review/decision", changed).await.ok();
    assert_eq!(changed.body["claims"][0]["answer"]["result"], "support");
    assert_eq!(changed.body["measures"]["resolve"]["state"], "applies");
    assert_eq!(changed.body["resolution"]["matter_resolved_on"], json!(null));
    let undelivered = town.handler.act(&case, "closure", closing()).await;
    undelivered.refused(409, "not_yet_delivered").by(36);
    town.reviewer.act(&case, "deliveries", deliver("review_opinion", &town.day(0))).await.ok();
    town.handler.act(&case, "closure", closing()).await.refused(409, "measures_unverified").by(27);
    town.put_in_place_again(&case).await;
    assert_eq!(town.handler.act(&case, "closure", closing()).await.ok().body["status"], "closed");
    town.books_agree().await;
    town.close().await;
}

impl Town {
    /// The two measures that the changed answers call for.
    async fn put_in_place_again(&self, case: &Filed) {
        for kind in ["resolve", "educate"] {
            let planned = plan(self.other_handler.user, &self.day(20));
            self.handler.act(case, &format!("measures/{kind}/plan"), planned).await.ok();
            let reported = report(kind, &self.day(0));
            self.other_handler.act(case, &format!("measures/{kind}/in-place"), reported).await.ok();
            self.verifier.act(case, &format!("measures/{kind}/verification"), verdict(true)).await.ok();
        }
    }
}

#[tokio::test]
async fn a_late_request_wants_a_reason_or_is_refused_where_no_local_rule_takes_it() {
    for (flag, taken) in
        [("--late-review-with-reason=true", true), ("--late-review-with-reason=false", false)]
    {
        let town = Town::open_with(&[flag]).await;
        let case = town.delivered().await;
        town.days_later(31);
        let path = format!("/public/cases/{}/review-request", case.query_code);
        let excused = but(appeal(), json!({"late_reason": "住院"}));
        if taken {
            let refused = town.petitioner().post(&path, appeal()).await;
            refused.refused(422, "invalid_fields").at("/late_reason", "required").by(35);
            assert_eq!(town.petitioner().post(&path, excused).await.ok().body["status"], "reviewing");
        } else {
            town.petitioner().post(&path, excused).await.refused(409, "review_request_too_late").by(35);
        }
        town.close().await;
    }
}

#[tokio::test]
async fn the_time_of_a_hearing_is_taken_out_of_the_re_review_alone() {
    let town = Town::open().await;
    let case = town.reviewed().await;
    town.asks_for_review(&case).await;
    town.re_reviewer.act(&case, "re-review/admission", admit()).await.ok();
    let before = town.re_reviewer.clock(&case, "re_review").await;
    assert_eq!(before["nominal_due_on"], town.day(30));
    let notice = json!({"held_on": town.day(8), "place": "市听证室", "chair": town.re_reviewer.user, "panel": ["律师"], "reason": "疑难复杂"});
    town.re_reviewer.act(&case, "hearing", notice).await.ok();
    assert_eq!(town.re_reviewer.clock(&case, "re_review").await["state"], "paused");
    town.re_reviewer
        .act(&case, "re-review/decision", review("uphold"))
        .await
        .refused(409, "hearing_open")
        .by(36);
    town.days_later(10);
    let heard = json!({"finding": "原意见事实清楚", "concluded_on": town.day(0)});
    town.re_reviewer.act(&case, "hearing/outcome", heard).await.ok();
    let after = town.re_reviewer.clock(&case, "re_review").await;
    assert_eq!((&after["state"], &after["nominal_due_on"]), (&json!("running"), &json!(town.day(30))));
    assert_eq!(
        after["pauses"],
        json!([{"reason": "hearing", "from_on": town.day(-10), "until_on": town.day(0)}])
    );
    town.close().await;
}

#[tokio::test]
async fn a_request_that_is_not_admitted_leaves_the_case_where_it_was() {
    let town = Town::open().await;
    let case = town.delivered().await;
    town.asks_for_review(&case).await;
    let declined =
        json!({"admitted": false, "ground": "statutory_route", "reason": "可申请行政复议", "notice": "post"});
    let back = town.reviewer.act(&case, "review/admission", declined).await.ok();
    assert_eq!(back.body["status"], "delivered");
    assert_eq!(town.reviewer.clock(&case, "review").await["state"], "cancelled");
    // It does not use the right up: within the 30 days of the reply the petitioner may ask again.
    town.days_later(30);
    town.asks_for_review(&case).await;
    assert_eq!(town.reviewer.sees(&case).await["status"], "reviewing");
    town.close().await;
}
