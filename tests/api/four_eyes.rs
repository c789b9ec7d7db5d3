//! A measure is verified by somebody who had no part in it and is not of the unit that answers for it (Art. 27).

use serde_json::json;
use store::users::User;

use crate::support::papers::*;
use crate::support::{Filed, Town};

const VERIFICATION: &str = "measures/educate/verification";

/// A claim whose education a colleague of the handler has reported in place.
async fn reported(town: &Town) -> Filed {
    let case = town.delivered().await;
    let planned = plan(town.other_handler.user, &town.day(20));
    town.handler.act(&case, "measures/educate/plan", planned).await.ok();
    let done = report("educate", &town.day(0));
    town.other_handler.act(&case, "measures/educate/in-place", done).await.ok();
    case
}

/// The user has moved to the county's petition department and verifies there.
async fn moves_to_the_verifiers(town: &Town, username: &str) {
    let petitions = town.organs.county_petitions.get();
    let moved = move |user: &mut User| {
        user.organisation_id = petitions;
        user.role = "reviewer".to_owned();
        user.duties = vec!["verify".to_owned()];
        user.territory = Some(crate::support::places::COUNTY.to_owned());
    };
    town.office.change_user(username, moved).await;
}

#[tokio::test]
async fn who_took_part_in_the_handling_does_not_verify_it_after_moving() {
    let town = Town::open().await;
    let case = reported(&town).await;
    for (username, staff, code) in [
        ("handler", &town.handler, "verifier_took_part"),
        ("head", &town.head, "verifier_took_part"),
        ("other_handler", &town.other_handler, "verifier_is_owner"),
    ] {
        moves_to_the_verifiers(&town, username).await;
        let refused = staff.act(&case, VERIFICATION, verdict(true)).await;
        refused.refused(403, code).by(27);
    }
    town.close().await;
}

#[tokio::test]
async fn neither_the_unit_that_answered_nor_the_one_that_the_owner_is_of_now_verifies() {
    let town = Town::open().await;
    let case = reported(&town).await;
    let refused = town.bureau_verifier.act(&case, VERIFICATION, verdict(true)).await;
    refused.refused(403, "verifier_from_owners_unit").by(27);
    moves_to_the_verifiers(&town, "other_handler").await;
    for colleague in [&town.bureau_verifier, &town.verifier] {
        let refused = colleague.act(&case, VERIFICATION, verdict(true)).await;
        refused.refused(403, "verifier_from_owners_unit").by(27);
    }
    town.office.change_user("supervisor", |user| user.duties = vec!["verify".to_owned()]).await;
    let verified = town.supervisor.act(&case, VERIFICATION, verdict(true)).await.ok();
    assert_eq!(verified.body["measures"]["educate"]["state"], "verified");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn whoever_finds_a_measure_not_applicable_does_not_confirm_it() {
    let town = Town::open().await;
    let case = town.delivered().await;
    town.handler.act(&case, "measures/resolve/not-applicable", reason()).await.ok();
    let path = "measures/resolve/verification";
    let refused = town.bureau_verifier.act(&case, path, verdict(true)).await;
    refused.refused(403, "verifier_from_owners_unit").by(27);
    moves_to_the_verifiers(&town, "handler").await;
    town.handler.act(&case, path, verdict(true)).await.refused(403, "verifier_is_finder").by(27);
    town.close().await;
}

#[tokio::test]
async fn whoever_is_recused_is_out_of_the_case_also_in_anothers_place() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let (handler, head) = (&town.handler, &town.head);
    let interest = |user: &crate::support::Staff| json!({"user": user.user, "reason": "与信访人是近亲属"});
    let refused = town.other_handler.act(&case, "recusal", interest(handler)).await;
    refused.refused(422, "invalid_fields").at("/user", "not_yourself").by(28);
    town.stranger.act(&case, "recusal", interest(&town.stranger)).await.refused(404, "not_found");
    let after = handler.act(&case, "recusal", interest(handler)).await.ok().body;
    assert_eq!((&after["handlers"], &after["recusals"]), (&json!([head.user]), &json!([interest(handler)])));
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    handler.act(&case, "findings", found.clone()).await.refused(403, "must_be_recused").by(28);
    handler.get(&format!("{}/people?purpose=test", case.path())).await.refused(403, "not_yours");
    assert_eq!(handler.action(&case, "record_findings").await["reason"], "must_be_recused");
    let again = town.registrar.act(&case, "assignment", handlers(&[handler.user])).await;
    again.refused(422, "invalid_fields").at("/handlers/0/user", "has_interest").by(28);
    let until_at = town.office.app.clock.now() + chrono::TimeDelta::days(7);
    let given = json!({"deputy": handler.user, "duties": ["handle"], "until_at": until_at, "reason": "出差"});
    head.post("/me/delegations", given).await.ok();
    let place = handler.with("Acting-For", &head.user.to_string());
    let refused = place.post(&format!("/cases/{}/findings", case.id), found.clone()).await;
    refused.refused(403, "must_be_recused").by(28);
    head.act(&case, "findings", found).await.ok();
    town.books_agree().await;
    town.close().await;
}
