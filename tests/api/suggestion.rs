//! The track of suggestions (Art. 29): studied and answered, without the 60 days.

use serde_json::json;

use crate::support::Town;
use crate::support::papers::*;

#[tokio::test]
async fn a_suggestion_is_studied_answered_and_rewarded() {
    let town = Town::open().await;
    let wish = json!({"purpose": "suggestion", "subject": "建议增设路灯", "claims": []});
    let case = town.transferred_from(but(claim(), wish)).await;
    let studying = town.registrar.act(&case, "acceptance", accept()).await.ok();
    assert_eq!(studying.body["status"], "studying");
    assert!(town.registrar.clocks(&case, "handling").await.is_empty(), "the 60 days are for claims");
    town.handler.act(&case, "opinion", opinion("经查", &["support"])).await.refused(409, "wrong_track");
    town.handler.act(&case, "closure", closing()).await.refused(409, "wrong_track");

    let reply = json!({"content": "您的建议已列入年度计划。", "way": "phone"});
    town.head.act(&case, "reply", reply.clone()).await.refused(409, "state_forbids").by(29);
    let conclusion = json!({"adoption": "partly", "reasons": "主路先行，支路明年"});
    town.handler.act(&case, "adoption", conclusion).await.ok();
    town.handler.act(&case, "reply", reply.clone()).await.refused(403, "not_yours").by(29);
    let unnamed = json!({"content": "谢谢", "way": "exempt"});
    let refused = town.head.act(&case, "reply", unnamed).await;
    refused.refused(422, "invalid_fields").at("/way", "anonymous_mismatch").by(29);
    assert_eq!(town.head.act(&case, "reply", reply).await.ok().body["status"], "replied");
    let reward = json!({"reward": "荣誉证书", "reason": "建议有价值"});
    assert_eq!(town.head.act(&case, "reward", reward).await.ok().body["reward"]["reward"], "荣誉证书");

    let progress = town.progress(&case).await;
    assert_eq!((&progress["status"], &progress["open_to_you"]), (&json!("replied"), &json!([])));
    let archived = json!({"retention": "thirty_years", "catalogue": "登记表、答复"});
    assert_eq!(town.archivist.act(&case, "archive", archived).await.ok().body["status"], "archived");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn what_was_not_adopted_is_answered_and_not_rewarded() {
    let town = Town::open().await;
    let case = town.transferred_from(but(claim(), json!({"purpose": "suggestion"}))).await;
    town.registrar.act(&case, "acceptance", accept()).await.ok();
    let conclusion = json!({"adoption": "not_adopted", "reasons": "与规划不符"});
    town.handler.act(&case, "adoption", conclusion).await.ok();
    town.head.act(&case, "reply", json!({"content": "暂不采纳，理由如下。", "way": "post"})).await.ok();
    let reward = json!({"reward": "荣誉证书", "reason": "鼓励"});
    let refused = town.head.act(&case, "reward", reward).await;
    refused.refused(422, "invalid_fields").at("/reward", "out_of_range").by(29);
    town.close().await;
}
