//! Reading a case again: from memory where it has not changed, and never otherwise than from the journal.

use domain::id::CaseId;
use serde_json::json;

use crate::support::Town;
use crate::support::papers::*;
use crate::support::places::COUNTY;

#[tokio::test]
async fn each_reader_sees_the_case_as_it_is_now_and_as_they_may() {
    let town = Town::open().await;
    let case = town.grid.files(claim()).await;
    let id: CaseId = case.id.parse().unwrap();
    for (who, knows_the_code) in [(&town.grid, true), (&town.clerk, true), (&town.verifier, false)] {
        let first = who.get(&case.path()).await.ok();
        let again = who.get(&case.path()).await.ok();
        assert_eq!(first.text, again.text);
        let code = first.body.get("query_code").is_some_and(|code| *code != json!(""));
        assert_eq!(code, knows_the_code, "{}", first.text);
        assert_eq!(first.header("content-type"), "application/json");
    }
    let version = town.office.app.known_cases.get(id, 3).or(town.office.app.known_cases.get(id, 2));
    assert!(version.is_some(), "nothing was kept, so nothing was read from memory");

    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    for who in [&town.grid, &town.clerk, &town.verifier, &town.registrar] {
        assert_eq!(who.sees(&case).await["status"], "transferred");
    }
    let bureau = json!({
        "name": "区人力资源局", "kind": "functional_department", "level": "county", "region": COUNTY, "active": true,
    });
    let path = format!("/admin/organisations/{}", town.organs.bureau);
    town.administrator.caller().put(&path, bureau).await.ok();
    assert_eq!(town.clerk.sees(&case).await["holder_name"], "区人力资源局");
    town.close().await;
}

#[tokio::test]
async fn an_accusation_is_kept_in_no_memory() {
    let town = Town::open().await;
    let accusation = but(claim(), json!({"purpose": "accusation"}));
    let filed = town.cleared_clerk.files(accusation).await;
    let id: CaseId = filed.id.parse().unwrap();
    let version = town.cleared_clerk.sees(&filed).await["version"].as_u64().unwrap();
    town.cleared_clerk.sees(&filed).await;
    assert!(town.office.app.known_cases.get(id, u32::try_from(version).unwrap()).is_none());
    town.close().await;
}
