//! Versions: what is known is not sent again, and nobody overwrites what they have not seen (`api.md`).

use serde_json::json;

use crate::support::Town;
use crate::support::papers::*;

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let read = town.clerk.get(&case.path()).await.ok();
    let tag = read.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", read.body["version"]));
    let known = town.clerk.with("If-None-Match", &tag).get(&case.path()).await;
    assert_eq!((known.status, &*known.text, known.header("etag")), (304, "", &*tag));
    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    let changed = town.clerk.with("If-None-Match", &tag).get(&case.path()).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);

    let english = town.clerk.with("Accept-Language", "en");
    let current = changed.header("etag");
    let read = english.with("If-None-Match", current).get(&case.path()).await;
    assert_eq!(read.status, 200, "what is known in Chinese is not known in English");
    assert_ne!(read.body["status_label"], changed.body["status_label"]);
    let in_english = read.header("etag");
    assert_eq!(in_english, format!("\"{}-en\"", read.body["version"]));
    assert_eq!(english.with("If-None-Match", in_english).get(&case.path()).await.status, 304);
    assert_eq!(town.clerk.with("If-None-Match", in_english).get(&case.path()).await.status, 200);
    town.clerk.with("If-None-Match", "7").get(&case.path()).await.refused(400, "bad_header");
    town.close().await;
}

#[tokio::test]
async fn a_command_against_another_version_changes_nothing() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let stale = town.clerk.get(&case.path()).await.ok().header("etag").to_owned();
    let checked = town.clerk.act(&case, "repeat-check", first_petition()).await.ok();
    let current = checked.header("etag").to_owned();
    let before = town.rows().await;

    let path = format!("{}/transfer", case.path());
    for tag in [stale.as_str(), &format!("W/{current}"), "\"abc\"", "\"0\", \"999\""] {
        let lost = town.clerk.with("If-Match", tag).post(&path, transfer(town.organs.bureau)).await;
        lost.refused(412, "version_lost");
    }
    assert_eq!(town.rows().await, before);
    assert_eq!(town.clerk.get(&case.path()).await.ok().header("etag"), current);
    town.clerk.with("If-Match", &stale).get(&case.path()).await.ok();

    // A lost race keeps no answer under its key: the same key may be used with the right version.
    let keyed = town.clerk.with("Idempotency-Key", "k-1");
    keyed
        .with("If-Match", &stale)
        .post(&path, transfer(town.organs.bureau))
        .await
        .refused(412, "version_lost");
    let english = town.clerk.with("Accept-Language", "en").get(&case.path()).await.ok();
    let matched =
        keyed.with("If-Match", english.header("etag")).post(&path, transfer(town.organs.bureau)).await.ok();
    assert_eq!(matched.body["status"], "transferred");
    town.close().await;
}

#[tokio::test]
async fn of_two_who_saw_the_same_version_one_wins() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let seen = town.clerk.get(&case.path()).await.ok().header("etag").to_owned();
    let path = format!("{}/transfer", case.path());
    let (one, other) = (town.clerk.with("If-Match", &seen), town.cleared_clerk.with("If-Match", &seen));
    let (one, other) = tokio::join!(
        one.post(&path, transfer(town.organs.bureau)),
        other.post(&path, transfer(town.organs.other_bureau))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    assert_eq!(town.clerk.told(&case, "dispatched").await.len(), 1);
    assert_eq!(town.clerk.sees(&case).await["dispatches"].as_array().map(Vec::len), Some(1));
    assert_eq!(town.clerk.sees(&case).await["simple_procedure"], json!(false));
    town.close().await;
}
