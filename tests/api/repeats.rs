//! First or repeated: the same person is offered, a person confirms, and a repeat undoes a resolved heart (§3.2).

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Filed, Town};

/// A claim whose heart was resolved today.
async fn resolved(town: &Town) -> Filed {
    let case = town.closed().await;
    let path = format!("/public/cases/{}/evaluation", case.query_code);
    town.petitioner().post(&path, rating("satisfied")).await.ok();
    assert_eq!(town.clerk.sees(&case).await["double_resolved"], true);
    case
}

#[tokio::test]
async fn the_same_person_is_offered_and_a_stranger_is_not() {
    let town = Town::open().await;
    let first = town.clerk.files(claim()).await;
    let card = json!([{"name": "欧阳 桂芳", "identity": {"kind": "resident_card", "number": IDENTITY.to_lowercase()}}]);
    let by_card = town.clerk.files(but(claim(), json!({"petitioners": card}))).await;
    assert_eq!(by_card.answer["possible_repeats"][0]["case"], first.id);
    let phone = json!([{"name": NAME, "phone": format!("+86 {PHONE}")}]);
    let by_phone = town.clerk.files(but(claim(), json!({"petitioners": phone}))).await;
    assert!(by_phone.answer["possible_repeats"].as_array().unwrap().iter().any(|it| it["case"] == first.id));
    let both =
        json!([{"name": NAME, "phone": PHONE, "identity": {"kind": "passport", "number": "E12345678"}}]);
    let by_either = town.clerk.files(but(claim(), json!({"petitioners": both}))).await;
    let offered = by_either.answer["possible_repeats"].as_array().unwrap();
    assert!(offered.iter().any(|it| it["case"] == by_phone.id), "known by phone, now with a document");
    let stranger = town.clerk.files(claim_of(1)).await;
    assert_eq!(stranger.answer["possible_repeats"], json!([]));
    // A neighbour's earlier petitions are nothing for a grid member.
    let again = town.grid.files(claim()).await;
    assert_eq!(again.answer["possible_repeats"], json!([]));
    assert_ne!(town.clerk.sees(&again).await["possible_repeats"], json!([]));
    town.close().await;
}

#[tokio::test]
async fn a_person_confirms_and_only_what_is_there() {
    let town = Town::open().await;
    let (first, later) = (town.clerk.files(claim()).await, town.clerk.files(claim()).await);
    for wrong in [&later.id, "01HZX5TJ4R2QK"] {
        let refused = town.clerk.act(&later, "repeat-check", repeat_of(wrong)).await;
        refused.refused(422, "invalid_fields").at("/repeat_of", "unknown_case");
    }
    let backwards = town.clerk.act(&first, "repeat-check", repeat_of(&later.id)).await;
    backwards.refused(422, "invalid_fields").at("/repeat_of", "unknown_case");
    let checked = town.clerk.act(&later, "repeat-check", repeat_of(&first.id)).await.ok();
    assert_eq!(
        (&checked.body["status"], &checked.body["repeat_check"]["repeat_of"]),
        (&json!("screening"), &json!(first.id))
    );
    let again = town.clerk.act(&later, "repeat-check", repeat_of(&first.id)).await;
    again.refused(409, "repeat_confirmed");
    assert_eq!(town.clerk.sees(&first).await["repeated_by"], json!([later.id]));
    let listed = town.clerk.get(&format!("/cases?repeat_of={}", first.id)).await.ok();
    assert_eq!(
        (listed.body["items"].as_array().unwrap().len(), &listed.body["items"][0]["id"]),
        (1, &json!(later.id))
    );
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn the_same_matter_in_process_is_not_taken_up_twice() {
    let town = Town::open().await;
    let first = town.in_handling().await;
    let again = town.clerk.files(claim()).await;
    town.clerk.act(&again, "repeat-check", repeat_of(&first.id)).await.ok();
    town.clerk.act(&again, "transfer", transfer(town.organs.other_bureau)).await.ok();
    town.other_registrar
        .act(&again, "acceptance", accept())
        .await
        .refused(409, "same_matter_in_process")
        .by(19);
    town.close().await;
}

#[tokio::test]
async fn a_repeat_within_the_window_undoes_the_resolved_heart() {
    let town = Town::open().await;
    let first = resolved(&town).await;
    town.days_later(180);
    let again = town.clerk.files(claim()).await;
    assert_eq!(town.clerk.sees(&first).await["double_resolved"], true, "a possible repeat undoes nothing");
    town.clerk.act(&again, "repeat-check", repeat_of(&first.id)).await.ok();
    let seen = town.clerk.sees(&first).await;
    assert_eq!(
        (&seen["double_resolved"], &seen["resolution"]["heart_resolved_on"]),
        (&json!(false), &json!(null))
    );
    assert!(seen["resolution"]["matter_resolved_on"].is_string(), "the matter stays resolved");
    let undone = town.clerk.told(&first, "heart_unresolved").await;
    assert_eq!(undone[0]["data"]["because"], "repeat");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_repeat_after_the_window_undoes_nothing() {
    let town = Town::open().await;
    let first = resolved(&town).await;
    town.days_later(181);
    let again = town.clerk.files(claim()).await;
    town.clerk.act(&again, "repeat-check", repeat_of(&first.id)).await.ok();
    let seen = town.clerk.sees(&first).await;
    assert_eq!((&seen["double_resolved"], &seen["repeated_by"]), (&json!(true), &json!([again.id])));
    town.close().await;
}

#[tokio::test]
async fn the_heart_may_come_later_than_the_matter_and_go_again() {
    let town = Town::open().await;
    let case = town.closed().await;
    town.days_later(60);
    let content =
        town.visitor.act(&case, "visit-backs", visit(&town.day(0), "basically_satisfied")).await.ok();
    assert_eq!(content.body["resolution"]["double_resolved_on"], town.day(0));
    town.days_later(30);
    let bitter = town.visitor.act(&case, "visit-backs", visit(&town.day(0), "not_satisfied")).await.ok();
    assert_eq!(bitter.body["double_resolved"], false);
    let pledged =
        json!({"signed_on": town.day(0), "received": "工资36000元", "words": "问题已解决，不再信访"});
    let pledged = town.visitor.act(&case, "pledge", pledged).await.ok();
    assert_eq!(pledged.body["double_resolved"], true);
    let future = town.visitor.act(&case, "visit-backs", visit(&town.day(1), "satisfied")).await;
    future.refused(422, "invalid_fields").at("/visited_on", "in_future");
    town.close().await;
}
