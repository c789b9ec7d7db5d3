//! Who may know of a case: by relation, and a case that is not yours answers as if it were not there.

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Filed, Staff, Town};

const READS: [&str; 4] = ["", "/events", "/actions", "/deadlines"];

async fn knows_nothing(who: &Staff, case: &Filed) {
    for part in READS {
        who.get(&format!("{}{part}", case.path())).await.refused(404, "not_found");
    }
    for (command, body) in
        [("transfer", transfer("01HZX5TJ4R2QK")), ("acceptance", accept()), ("closure", closing())]
    {
        who.act(case, command, body).await.refused(404, "not_found");
    }
    let listed = who.get("/cases?count=true").await.ok();
    let items = listed.body["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["id"] != case.id), "{}", listed.text);
}

async fn knows(who: &Staff, case: &Filed) {
    for part in READS {
        who.get(&format!("{}{part}", case.path())).await.ok();
    }
    let listed = who.get("/cases?limit=200").await.ok();
    let items = listed.body["items"].as_array().unwrap();
    assert!(items.iter().any(|item| item["id"] == case.id), "the list is narrower than the case");
}

#[tokio::test]
async fn a_case_is_known_by_place_organ_and_part_alone() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    let elsewhere = [
        &town.registrar,
        &town.other_registrar,
        &town.stranger,
        &town.reviewer,
        &town.re_reviewer,
        &town.discipline,
        &town.next_grid,
        &town.administrator,
        &town.security,
        &town.auditor,
        &town.township_clerk,
    ];
    for who in elsewhere {
        knows_nothing(who, &case).await;
    }
    for who in
        [&town.grid, &town.clerk, &town.verifier, &town.city_clerk, &town.supervisor, &town.bureau_verifier]
    {
        knows(who, &case).await;
    }
    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    knows(&town.registrar, &case).await;
    knows(&town.clerk, &case).await;
    knows_nothing(&town.other_registrar, &case).await;
    town.close().await;
}

#[tokio::test]
async fn an_organ_that_had_the_case_still_knows_of_it() {
    let town = Town::open().await;
    let case = town.transferred().await;
    town.registrar.act(&case, "objection", json!({"reasons": "不属本机关"})).await.ok();
    town.clerk.act(&case, "objection/decision", json!({"upheld": true, "reasons": "属实"})).await.ok();
    town.clerk.act(&case, "transfer", transfer(town.organs.other_bureau)).await.ok();
    knows(&town.registrar, &case).await;
    town.registrar.act(&case, "acceptance", accept()).await.refused(403, "not_yours").by(31);
    town.close().await;
}

#[tokio::test]
async fn who_is_not_signed_in_learns_nothing() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    let anyone = town.petitioner();
    for part in READS {
        anyone.get(&format!("{}{part}", case.path())).await.refused(401, "not_signed_in");
    }
    anyone.get("/cases").await.refused(401, "not_signed_in");
    anyone.post("/cases", claim()).await.refused(401, "not_signed_in");
    let path = format!("{}/transfer", case.path());
    anyone.post(&path, transfer(town.organs.bureau)).await.refused(401, "not_signed_in");
    town.close().await;
}

#[tokio::test]
async fn administrators_neither_see_nor_file() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    for administrator in [&town.administrator, &town.security, &town.auditor] {
        knows_nothing(administrator, &case).await;
        administrator.post("/cases", claim()).await.refused(403, "not_yours").by(22);
        assert_eq!(administrator.get("/cases?count=true").await.ok().body["count"], 0);
    }
    town.close().await;
}

#[tokio::test]
async fn nobody_sees_a_petitioner_whole() {
    let town = Town::open().await;
    let case = town.delivered().await;
    let seen = [&town.clerk, &town.registrar, &town.handler, &town.head, &town.verifier];
    for who in seen {
        for part in READS.into_iter().chain(["?x"]) {
            let path = format!("{}{}", case.path(), part.trim_end_matches("?x"));
            let text = who.get(&path).await.ok().text;
            for secret in [NAME, PHONE, IDENTITY, "荷花池头"] {
                assert!(!text.contains(secret), "{secret} in {path}");
            }
        }
        let listed = who.get("/cases").await.ok().text;
        assert!(!listed.contains(NAME) && !listed.contains(&case.query_code), "{listed}");
    }
    for who in [&town.registrar, &town.handler, &town.verifier] {
        let text = who.get(&case.path()).await.ok().text;
        assert!(!text.contains(&case.query_code), "the code is the petitioner's");
    }
    assert!(town.office.installation.holds("清波街道办事处"), "what is not secret is found");
    for secret in [NAME, PHONE, IDENTITY] {
        assert!(!town.office.installation.holds(secret), "{secret} is in the database unsealed");
    }
    town.close().await;
}

#[tokio::test]
async fn a_grid_member_files_for_their_village() {
    let town = Town::open().await;
    for (region, taken) in [
        (crate::support::places::NEXT_GRID, true),
        (crate::support::places::VILLAGE, true),
        (crate::support::places::FAR_GRID, false),
        (crate::support::places::COUNTY, false),
    ] {
        let filed = town.grid.post("/cases", but(claim(), json!({"region": region}))).await;
        if taken {
            filed.ok();
        } else {
            filed.refused(422, "invalid_fields").at("/region", "out_of_range").by(5);
        }
    }
    town.close().await;
}
