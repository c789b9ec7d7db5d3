//! Who reads a petitioner's full particulars: those who must reach the person, and nobody else.

use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::{Filed, Staff, Town};

async fn reads(who: &Staff, case: &Filed) {
    let people = who.get(&format!("{}/people?purpose=delivery", case.path())).await.ok().body;
    let person = &people["items"][0];
    assert_eq!((&person["part"], &person["name"]), (&json!("petitioner"), &json!(NAME)));
    assert_eq!((&person["phone"], &person["identity"]["number"]), (&json!(PHONE), &json!(IDENTITY)));
}

/// Knows of the case, with its people masked.
async fn reads_masked_only(who: &Staff, case: &Filed) {
    who.sees(case).await;
    let refused = who.get(&format!("{}/people?purpose=delivery", case.path())).await.refused(403, "not_yours");
    assert!(!refused.text.contains(PHONE), "{}", refused.text);
}

async fn reads_nothing(who: &Staff, case: &Filed) {
    who.get(&format!("{}/people?purpose=delivery", case.path())).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_particulars_are_for_those_who_must_reach_the_petitioner() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    reads(&town.grid, &case).await;
    reads(&town.clerk, &case).await;
    for who in [&town.next_grid, &town.registrar, &town.stranger, &town.administrator, &town.auditor] {
        reads_nothing(who, &case).await;
    }
    town.petitioner().get(&format!("{}/people?purpose=delivery", case.path())).await.refused(401, "not_signed_in");

    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    reads(&town.registrar, &case).await;
    for who in [&town.clerk, &town.verifier, &town.city_clerk, &town.supervisor] {
        reads_masked_only(who, &case).await;
    }
    reads_nothing(&town.reviewer, &case).await;
    reads(&town.grid, &case).await;
    town.close().await;
}

#[tokio::test]
async fn the_reviewing_organ_reads_them_while_it_reviews() {
    let town = Town::open().await;
    let case = town.delivered().await;
    reads(&town.handler, &case).await;
    town.asks_for_review(&case).await;
    reads(&town.reviewer, &case).await;
    reads_nothing(&town.re_reviewer, &case).await;
    town.close().await;
}

#[tokio::test]
async fn an_accusers_particulars_are_for_the_cleared_alone() {
    let town = Town::open().await;
    let accused = json!([{"name": "某科长", "organisation": town.organs.bureau}]);
    let accusation: Value =
        but(claim(), json!({"purpose": "accusation", "claims": [], "respondents": accused}));
    let case = town.grid.files(accusation).await;
    reads(&town.cleared_clerk, &case).await;
    for who in [&town.grid, &town.clerk, &town.verifier, &town.handler] {
        reads_nothing(who, &case).await;
    }
    town.cleared_clerk.act(&case, "transfer", transfer(town.organs.discipline)).await.ok();
    reads(&town.discipline, &case).await;
    reads_masked_only(&town.cleared_clerk, &case).await;
    town.close().await;
}
