//! What a petitioner does with the query code alone (Art. 21): follow, rate, ask for review.

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Filed, Town};

async fn follow(town: &Town, case: &Filed) -> String {
    let progress = town.petitioner().get(&format!("/public/cases/{}", case.query_code)).await.ok();
    assert_eq!(progress.header("cache-control"), "no-store");
    progress.text
}

#[tokio::test]
async fn the_way_of_a_case_is_told_without_anybodys_name() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let mut told = vec![follow(&town, &case).await];
    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    town.name_handlers(&case).await;
    told.push(follow(&town, &case).await);
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.answered(&case, "经查，没有拖欠。", &["not_support", "explain"]).await;
    told.push(follow(&town, &case).await);
    town.asks_for_review(&case).await;
    told.push(follow(&town, &case).await);
    for text in told {
        let people = [NAME, "欧阳", PHONE, "5678", IDENTITY, "002X", "荷花池头"];
        let inside = ["handler", "经查", "拖欠", "草稿", &case.id, &town.handler.user.to_string()];
        for secret in people.iter().chain(&inside) {
            assert!(!text.contains(secret), "{secret} is told in {text}");
        }
    }
    let progress = town.progress(&case).await;
    let steps: Vec<_> = progress["steps"].as_array().unwrap().iter().map(|step| &step["label"]).collect();
    assert_eq!(steps, ["登记", "转送交办", "受理", "出具处理意见", "送达", "请求复查（复核）"]);
    let clocks = progress["deadlines"].as_array().unwrap();
    assert!(clocks.iter().all(|clock| clock["kind"] != "dispatch_share" && clock["kind"] != "objection"));
    town.close().await;
}

#[tokio::test]
async fn a_code_that_is_none_is_answered_like_any_other() {
    let town = Town::open().await;
    let case = town.delivered().await;
    for code in ["0000000000000", &case.case_no, &case.id, "%27%20OR%201=1"] {
        town.petitioner().get(&format!("/public/cases/{code}")).await.refused(404, "not_found");
        let path = format!("/public/cases/{code}/evaluation");
        town.petitioner().post(&path, rating("satisfied")).await.refused(404, "not_found");
        let path = format!("/public/cases/{code}/review-request");
        town.petitioner().post(&path, appeal()).await.refused(404, "not_found");
    }
    town.close().await;
}

#[tokio::test]
async fn a_rating_comes_once_in_its_window_and_only_of_an_answer() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let path = format!("/public/cases/{}/evaluation", case.query_code);
    let refused =
        town.petitioner().post(&path, rating("satisfied")).await.refused(409, "state_forbids").by(21);
    assert!(refused.body["allowed_from"].as_array().unwrap().contains(&json!("delivered")));
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.answered(&case, "经查", &["explain", "explain"]).await;

    let unknown = but(rating("satisfied"), json!({"stars": 5}));
    town.petitioner().post(&path, unknown).await.refused(422, "invalid_fields").at("/stars", "unknown_field");
    let wrong = but(rating("satisfied"), json!({"responsible_unit": "delighted"}));
    town.petitioner()
        .post(&path, wrong)
        .await
        .refused(422, "invalid_fields")
        .at("/responsible_unit", "unknown_value");
    let caller = town.petitioner().with("Idempotency-Key", "my-phone-1");
    let first = caller.post(&path, rating("not_satisfied")).await.ok();
    let again = caller.post(&path, rating("not_satisfied")).await.ok();
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    assert_eq!(first.body["heart_resolved_on"], json!(null), "discontent resolves no heart");
    town.petitioner().post(&path, rating("satisfied")).await.refused(409, "already_evaluated").by(21);
    assert_eq!(town.clerk.told(&case, "evaluated").await.len(), 1);

    let other = town.delivered().await;
    town.days_later(31);
    let path = format!("/public/cases/{}/evaluation", other.query_code);
    town.petitioner().post(&path, rating("satisfied")).await.refused(409, "evaluation_closed").by(21);
    town.close().await;
}

#[tokio::test]
async fn the_organ_that_was_rated_does_not_rate() {
    let town = Town::open().await;
    let case = town.delivered().await;
    for insider in [&town.handler, &town.head, &town.registrar] {
        insider.act(&case, "evaluation", rating("satisfied")).await.refused(403, "not_yours").by(21);
    }
    town.close().await;
}

#[tokio::test]
async fn guessing_codes_is_slow() {
    let town = Town::open_with(&["--public-rate=2"]).await;
    for _ in 0..2 {
        town.petitioner().get("/public/cases/0000000000000").await.refused(404, "not_found");
    }
    let put_off =
        town.petitioner().get("/public/cases/0000000000000").await.refused(429, "too_many_requests");
    assert!(put_off.header("retry-after").parse::<u32>().is_ok());
    town.close().await;
}
