//! What resolves the petitioner's heart, and what undoes it (事心双解, `domain.md` §3.2).

use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::{Filed, Town};

async fn resolution(town: &Town, case: &Filed) -> Value {
    town.clerk.sees(case).await["resolution"].take()
}

async fn heart_resolved_on(town: &Town, case: &Filed) -> Value {
    resolution(town, case).await["heart_resolved_on"].take()
}

fn pledge(signed_on: &str) -> Value {
    json!({"signed_on": signed_on, "received": "工资36000元", "words": "问题已经解决，不再上访"})
}

/// A closed claim with whose answer the petitioner is content.
async fn resolved_in_both(town: &Town) -> Filed {
    let case = town.closed().await;
    let path = format!("/public/cases/{}/evaluation", case.query_code);
    town.petitioner().post(&path, rating("satisfied")).await.ok();
    assert_eq!(resolution(town, &case).await["double_resolved_on"], town.day(0));
    case
}

async fn why_undone(town: &Town, case: &Filed) -> Vec<Value> {
    let told = town.clerk.told(case, "heart_unresolved").await;
    told.into_iter().map(|mut entry| entry["data"]["because"].take()).collect()
}

#[tokio::test]
async fn contentment_before_the_answer_is_not_with_the_answer() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    town.visitor.act(&case, "visit-backs", visit(&town.day(0), "satisfied")).await.ok();
    assert_eq!(heart_resolved_on(&town, &case).await, json!(null));
    town.handler.act(&case, "pledge", pledge(&town.day(0))).await.refused(409, "state_forbids").by(27);

    town.days_later(3);
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.answered(&case, "经查，没有拖欠。", &["not_support", "explain"]).await;
    // Written down after the answer, but of a day before it.
    town.visitor.act(&case, "visit-backs", visit(&town.day(-1), "satisfied")).await.ok();
    town.handler.act(&case, "pledge", pledge(&town.day(-1))).await.ok();
    assert_eq!(heart_resolved_on(&town, &case).await, json!(null));

    town.visitor.act(&case, "visit-backs", visit(&town.day(0), "basically_satisfied")).await.ok();
    assert_eq!(heart_resolved_on(&town, &case).await, town.day(0));
    town.visitor.act(&case, "visit-backs", visit(&town.day(0), "not_satisfied")).await.ok();
    assert_eq!(heart_resolved_on(&town, &case).await, json!(null));
    assert_eq!(why_undone(&town, &case).await, ["visit_back"]);
    town.handler.act(&case, "pledge", pledge(&town.day(0))).await.ok();
    assert_eq!(heart_resolved_on(&town, &case).await, town.day(0));
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn an_answer_that_review_does_not_uphold_is_none_to_be_content_with() {
    let town = Town::open().await;
    let answers = &opinion("", &["support", "explain"])["answers"];
    for decision in [review("remake"), but(review("change"), json!({"answers": answers})), review("uphold")] {
        let case = resolved_in_both(&town).await;
        town.asks_for_review(&case).await;
        town.reviewer.act(&case, "review/admission", admit()).await.ok();
        let (upheld, today) = (decision["outcome"] == "uphold", town.day(0));
        let decided = town.reviewer.act(&case, "review/decision", decision).await.ok();
        let expected = if upheld { json!(today) } else { json!(null) };
        for part in ["matter_resolved_on", "heart_resolved_on", "double_resolved_on"] {
            assert_eq!(decided.body["resolution"][part], expected, "{part} {}", decided.body["status"]);
        }
        let undone: &[&str] = if upheld { &[] } else { &["reopened"] };
        assert_eq!(why_undone(&town, &case).await, undone);
        // Out of the way of the next one, which the same person files.
        town.days_later(200);
    }
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn that_an_opinion_was_wrong_is_for_supervision_to_find() {
    let town = Town::open().await;
    let case = resolved_in_both(&town).await;
    let wrong = json!({"ground": "found_wrong", "reasons": "原处理意见认定事实错误"});
    let refused = town.clerk.act(&case, "reopening", wrong.clone()).await;
    refused.refused(422, "supervision_required").at("/ground", "out_of_range").by(40);
    town.head.act(&case, "reopening", wrong.clone()).await.refused(403, "not_yours");
    assert_eq!(heart_resolved_on(&town, &case).await, town.day(0), "a refusal changes nothing");

    let reopened = town.supervisor.act(&case, "reopening", wrong).await.ok();
    assert_eq!(reopened.body["status"], "returned_for_rework");
    assert_eq!(reopened.body["resolution"]["heart_resolved_on"], json!(null));
    assert_eq!(why_undone(&town, &case).await, ["reopened"]);

    let other = town.transferred_from(claim_of(9)).await;
    town.registrar.act(&other, "acceptance", decline()).await.ok();
    let facts = json!({"ground": "new_facts", "reasons": "提交了新的工资单"});
    assert_eq!(town.clerk.act(&other, "reopening", facts).await.ok().body["status"], "screening");
    town.books_agree().await;
    town.close().await;
}
