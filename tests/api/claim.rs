//! One claim from a grid member's filing to double resolution, with all four measures (Art. 27).

use serde_json::json;

use crate::support::papers::*;
use crate::support::{Filed, MEASURES, Town};

#[tokio::test]
async fn a_claim_with_all_four_measures_comes_to_double_resolution() {
    let town = Town::open().await;
    let case = filed_by_the_grid_member(&town).await;
    reaches_the_bureau(&town, &case).await;
    is_investigated(&town, &case).await;
    gets_its_opinion(&town, &case).await;
    is_put_in_place(&town, &case).await;
    is_closed_and_rated(&town, &case).await;
    leaves_its_journal(&town, &case).await;
    town.books_agree().await;
    town.close().await;
}

async fn filed_by_the_grid_member(town: &Town) -> Filed {
    let phone = town.grid.with("Idempotency-Key", "grid-phone-1");
    let filed = phone.post("/cases", claim()).await.ok();
    assert_eq!(filed.status, 201);
    let case = Filed::of(&filed);
    assert_eq!(filed.header("location"), format!("/api/v1{}", case.path()));
    assert!(filed.header("etag").starts_with('"'), "{:?}", filed.headers);
    assert_eq!(filed.body["source"], "grid_report");
    assert_eq!(filed.body["holder_name"], "上城区信访局");
    assert_eq!(case.case_no, "330102-2026-000001");
    assert_eq!(filed.body["people"][0]["name"], "欧*");
    assert_eq!(filed.body["people"][0]["phone"], "138****5678");
    assert_eq!(filed.body["people"][0]["identity"], "1101********002X");

    let dispatch = town.grid.clock(&case, "dispatch").await;
    assert_eq!(
        (&dispatch["article"], &dispatch["nominal_due_on"]),
        (&json!("《信访工作条例》第22条"), &json!("2026-03-17"))
    );
    let action = town.grid.action(&case, "transfer").await;
    assert_eq!((&action["allowed"], &action["reason"]), (&json!(false), &json!("not_yours")));
    case
}

async fn reaches_the_bureau(town: &Town, case: &Filed) {
    town.days_later(1);
    assert_eq!(town.clerk.sees(case).await["query_code"], case.query_code, "the register keeps the code");
    let action = town.clerk.action(case, "transfer").await;
    assert_eq!(
        (&action["allowed"], &action["href"]),
        (&json!(true), &json!(format!("/api/v1{}/transfer", case.path())))
    );
    town.registrar.get(&case.path()).await.refused(404, "not_found");
    let moved = town.clerk.act(case, "transfer", transfer(town.organs.bureau)).await.ok();
    assert_eq!(
        (&moved.body["status"], &moved.body["holder_name"]),
        (&json!("transferred"), &json!("区人力社保局"))
    );
    assert_eq!(town.clerk.clock(case, "dispatch").await["state"], "met");
    assert_eq!(town.progress(case).await["organisation"], "区人力社保局");

    town.days_later(1);
    town.handler.act(case, "acceptance", accept()).await.refused(403, "not_yours").by(31);
    let accepted = town.registrar.act(case, "acceptance", accept()).await.ok();
    assert_eq!(
        (&accepted.body["status"], &accepted.body["accepted_on"]),
        (&json!("accepted"), &json!("2026-03-04"))
    );
    assert!(accepted.body.get("query_code").is_none(), "the code is the petitioner's and the register's");
    let handling = town.registrar.clock(case, "handling").await;
    // 60 days from 4 March end on Sunday, 3 May, in the holiday; the law moves the last day to the 6th.
    assert_eq!(
        (&handling["nominal_due_on"], &handling["legal_due_on"]),
        (&json!("2026-05-03"), &json!("2026-05-06"))
    );
}

async fn is_investigated(town: &Town, case: &Filed) {
    let interested = json!({"handlers": [{"user": town.handler.user, "direct_interest": true}]});
    let refused = town.registrar.act(case, "assignment", interested).await;
    refused.refused(422, "invalid_fields").at("/handlers/0/user", "has_interest").by(28);
    town.handler.act(case, "opinion", opinion("经查", &["support"])).await.refused(409, "state_forbids");
    town.name_handlers(case).await;
    town.handler
        .act(case, "opinion", opinion("经查", &["support", "not_support"]))
        .await
        .refused(409, "findings_missing")
        .by(32);

    let found = findings(&["reasonable", "unreasonable"], true, &town.day(0));
    let found = town.handler.act(case, "findings", found).await.ok();
    for kind in MEASURES {
        assert_eq!(found.body["measures"][kind]["state"], "applies", "{kind}");
        let planned = plan(town.other_handler.user, &town.day(30));
        town.handler.act(case, &format!("measures/{kind}/plan"), planned).await.ok();
        let step = json!({"done_on": town.day(0), "what": "已联系有关方面"});
        town.other_handler.act(case, &format!("measures/{kind}/steps"), step.clone()).await.ok();
        town.handler
            .act(case, &format!("measures/{kind}/steps"), step)
            .await
            .refused(403, "not_yours")
            .by(27);
    }
    let reported =
        town.other_handler.act(case, "measures/resolve/in-place", report("resolve", &town.day(0))).await;
    reported.refused(409, "nothing_to_execute").by(27);
}

async fn gets_its_opinion(town: &Town, case: &Filed) {
    town.days_later(10);
    let incomplete = town.handler.act(case, "opinion", opinion("经查", &["support"])).await;
    incomplete.refused(422, "invalid_fields").at("/answers", "claim_unanswered").by(32);
    let whole = opinion("经查，拖欠三个月工资属实。", &["support", "not_support"]);
    town.head.act(case, "opinion", whole.clone()).await.ok();
    town.head.act(case, "opinion/issue", issue()).await.refused(403, "signer_is_drafter").by(32);
    let returned = town.examiner.act(case, "opinion/return", json!({"reason": "请补充法律依据"})).await.ok();
    assert_eq!(returned.body["status"], "opinion_draft");
    // A colleague who hands in the same words does not make them another's.
    town.handler.act(case, "opinion", whole).await.ok();
    town.head.act(case, "opinion/issue", issue()).await.refused(403, "signer_is_drafter").by(32);
    town.examiner.act(case, "opinion/return", json!({"reason": "请经办人自行调查拟稿"})).await.ok();
    let own = opinion("经办人调查核实，拖欠三个月工资属实。", &["support", "not_support"]);
    town.handler.act(case, "opinion", own).await.ok();
    town.handler.act(case, "opinion/issue", issue()).await.refused(403, "not_yours").by(32);
    town.head.act(case, "opinion/issue", issue()).await.ok();
    assert_eq!(town.handler.clock(case, "handling").await["state"], "met");

    let early = deliver("handling_opinion", &town.day(-1));
    let refused = town.handler.act(case, "deliveries", early).await;
    refused.refused(422, "invalid_fields").at("/delivered_on", "before_cause");
    let refusal = but(deliver("handling_opinion", &town.day(0)), json!({"signed": false}));
    let refused = town.handler.act(case, "deliveries", refusal).await;
    refused.refused(422, "invalid_fields").at("/proof", "required");
    let delivered =
        town.handler.act(case, "deliveries", deliver("handling_opinion", &town.day(0))).await.ok();
    assert_eq!(delivered.body["status"], "executing");
    assert_eq!(town.handler.clock(case, "review_request").await["nominal_due_on"], town.day(30));
    let progress = town.progress(case).await;
    let open: Vec<_> =
        progress["open_to_you"].as_array().unwrap().iter().map(|open| &open["command"]).collect();
    assert_eq!(open, ["evaluate", "request_review"]);
}

async fn is_put_in_place(town: &Town, case: &Filed) {
    town.days_later(5);
    town.handler.act(case, "closure", closing()).await.refused(409, "measures_unverified").by(27);
    let wrong =
        town.other_handler.act(case, "measures/assist/in-place", report("educate", &town.day(0))).await;
    wrong.refused(422, "invalid_fields").at("/evidence/kind", "wrong_evidence").by(27);
    for kind in MEASURES {
        let verification = format!("measures/{kind}/verification");
        town.verifier
            .act(case, &verification, verdict(true))
            .await
            .refused(409, "measure_not_reported")
            .by(27);
        let path = format!("measures/{kind}/in-place");
        let reported = town.other_handler.act(case, &path, report(kind, &town.day(0))).await.ok();
        assert_eq!(reported.body["measures"][kind]["state"], "reported");
        let colleague = town.bureau_verifier.act(case, &verification, verdict(true)).await;
        colleague.refused(403, "verifier_from_owners_unit").by(27);
        town.other_handler.act(case, &verification, verdict(true)).await.refused(403, "not_yours").by(27);
    }
    let sent_back = town.verifier.act(case, "measures/educate/verification", verdict(false)).await.ok();
    assert_eq!(sent_back.body["measures"]["educate"]["state"], "sent_back");
    town.other_handler.act(case, "measures/educate/in-place", report("educate", &town.day(0))).await.ok();
    for kind in MEASURES {
        town.handler.act(case, "closure", closing()).await.refused(409, "measures_unverified");
        let verified =
            town.verifier.act(case, &format!("measures/{kind}/verification"), verdict(true)).await.ok();
        assert_eq!(verified.body["measures"][kind]["state"], "verified");
        assert_eq!(verified.body["measures"][kind]["verified_by"], town.verifier.user.to_string());
    }
}

async fn is_closed_and_rated(town: &Town, case: &Filed) {
    let closed = town.handler.act(case, "closure", closing()).await.ok();
    assert_eq!(closed.body["resolution"]["matter_resolved_on"], town.day(0));
    assert_eq!(closed.body["double_resolved"], false, "the matter is resolved, the heart is not yet");

    town.days_later(7);
    let path = format!("/public/cases/{}/evaluation", case.query_code);
    let rated = town.petitioner().post(&path, rating("satisfied")).await.ok();
    assert_eq!(
        (&rated.body["matter_resolved_on"], &rated.body["heart_resolved_on"]),
        (&json!(town.day(-7)), &json!(town.day(0)))
    );
    town.petitioner().post(&path, rating("not_satisfied")).await.refused(409, "already_evaluated").by(21);
    let seen = town.clerk.sees(case).await;
    assert_eq!(seen["double_resolved"], true);
    assert_eq!(seen["resolution"]["double_resolved_on"], town.day(0));
    assert_eq!(seen["resolution"]["observed_until"], town.day(180));
    let listed = town.clerk.get("/cases?double_resolved=true&count=true").await.ok();
    assert_eq!((&listed.body["count"], &listed.body["items"][0]["id"]), (&json!(1), &json!(case.id)));
}

async fn leaves_its_journal(town: &Town, case: &Filed) {
    let journal = town.clerk.get(&format!("{}/events?limit=200", case.path())).await.ok();
    let entries = journal.body["items"].as_array().unwrap();
    assert!(entries.iter().zip(1..).all(|(entry, seq)| entry["seq"] == seq), "the journal has a gap");
    assert!(!journal.text.contains(&case.query_code), "the journal tells the petitioner's code");
    let kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    let story: Vec<_> =
        kinds.iter().filter(|kind| !kind.starts_with("deadline_") && !kind.starts_with("measure_")).collect();
    let expected = [
        "filed",
        "dispatched",
        "accepted",
        "handlers_assigned",
        "findings_recorded",
        "opinion_drafted",
        "opinion_returned",
        "opinion_drafted",
        "opinion_returned",
        "opinion_drafted",
        "opinion_issued",
        "delivered",
        "closed",
        "matter_resolved",
        "evaluated",
        "heart_resolved",
    ];
    assert_eq!(story, expected.iter().collect::<Vec<_>>());
    assert_eq!(
        entries[0]["actor"],
        json!({"kind": "staff", "user": town.grid.user, "organisation": town.organs.village})
    );
    assert_eq!(entries.last().unwrap()["actor"], json!({"kind": "petitioner"}));

    let first = town.clerk.get(&format!("{}/events?limit=5", case.path())).await.ok();
    let rest = town
        .clerk
        .get(&format!("{}/events?limit=200&after={}", case.path(), first.body["next_after"]))
        .await
        .ok();
    assert_eq!(rest.body["items"][0]["seq"], 6);
    assert_eq!(rest.body["next_after"], json!(null));
}

#[tokio::test]
async fn no_closure_without_a_hardship_check() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let mut found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    found.as_object_mut().unwrap().remove("hardship");
    town.handler.act(&case, "findings", found).await.ok();
    town.answered(&case, "经查", &["explain", "explain"]).await;
    town.handler.act(&case, "closure", closing()).await.refused(409, "hardship_check_missing").by(27);
    let unchecked = town.handler.act(&case, "measures/assist/not-applicable", reason()).await;
    unchecked.refused(409, "hardship_check_missing").by(27);

    let hardship = json!({"hardship": {"hardship": false, "circumstances": "家庭有其他收入", "checked_on": town.day(0)}});
    town.handler.act(&case, "findings", hardship).await.ok();
    let own = town.handler.act(&case, "measures/assist/not-applicable", reason()).await.ok();
    assert_eq!(own.body["measures"]["assist"]["state"], "found_not_applicable");
    town.handler.act(&case, "closure", closing()).await.refused(409, "measures_unverified").by(27);
    town.put_in_place(&case).await;
    assert_eq!(town.handler.act(&case, "closure", closing()).await.ok().body["status"], "closed");
    town.books_agree().await;
    town.close().await;
}
