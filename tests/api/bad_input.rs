//! Bad input: a problem that names what is wrong, never a failure of ours, and nothing half-written.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Town;
use crate::support::papers::*;
use crate::support::places::OTHER_GRID;

/// As many people as asked for.
fn people(count: u32) -> Value {
    (0..count).map(|serial| json!({"name": format!("代表{serial}")})).collect()
}

fn person(changes: Value) -> Value {
    json!({"petitioners": [but(json!({"name": NAME}), changes)]})
}

#[tokio::test]
async fn a_filing_names_every_field_that_does_not_hold() {
    let town = Town::open().await;
    let before = town.rows().await;
    let card = |number: &str| person(json!({"identity": {"kind": "resident_card", "number": number}}));
    let respondent = |changes: Value| json!({"respondents": [but(json!({"name": "某局"}), changes)]});
    for (changes, pointer, code, article) in [
        (json!({"colour": "red"}), "/colour", "unknown_field", None),
        (person(json!({"nick/name": "三"})), "/petitioners/0/nick~1name", "unknown_field", None),
        (json!({"subject": 7}), "/subject", "wrong_type", None),
        (json!({"petitioners": {}}), "/petitioners", "wrong_type", None),
        (json!({"anonymous": "yes"}), "/anonymous", "wrong_type", None),
        (json!({"purpose": "revenge"}), "/purpose", "unknown_value", None),
        (json!({"subject": " \u{3000} "}), "/subject", "blank", None),
        (json!({"subject": "信".repeat(201)}), "/subject", "too_long", None),
        (json!({"narrative": "信".repeat(20_001)}), "/narrative", "too_long", None),
        (json!({"subject": "a\u{7}b"}), "/subject", "control_character", None),
        (json!({"region": "33"}), "/region", "region_length", None),
        (json!({"region": "330102003009"}), "/region", "unknown_region", None),
        (json!({"topic": "999999"}), "/topic", "unknown_topic", None),
        (json!({"occurred_on": "1949-09-30"}), "/occurred_on", "before_founding", None),
        (json!({"occurred_on": town.day(1)}), "/occurred_on", "in_future", None),
        (json!({"occurred_on": "2026-02-30"}), "/occurred_on", "invalid_value", None),
        (json!({"captured_at": "2026-03-02T10:00:00+08:00"}), "/captured_at", "in_future", None),
        (json!({"captured_at": "1900-01-01T00:00:00Z"}), "/captured_at", "before_founding", None),
        (json!({"representatives": people(300)}), "/representatives", "too_many_representatives", Some(20)),
        (json!({"representatives": people(6)}), "/representatives", "too_many_representatives", Some(20)),
        (json!({"petitioners": people(101)}), "/petitioners", "too_many", None),
        (json!({"petitioners": []}), "/petitioners", "required", Some(19)),
        (json!({"anonymous": true}), "/anonymous", "anonymous_mismatch", None),
        (json!({"head_count": 0}), "/head_count", "out_of_range", None),
        (json!({"head_count": 1_000_001}), "/head_count", "out_of_range", None),
        (json!({"head_count": -1}), "/head_count", "invalid_value", None),
        (json!({"head_count": 1.5}), "/head_count", "wrong_type", None),
        (json!({"head_count": 2, "petitioners": people(3)}), "/head_count", "out_of_range", None),
        (json!({"claims": vec!["请求"; 51]}), "/claims", "too_many", None),
        (card("110105194912310021"), "/petitioners/0/identity", "identity_check_digit", None),
        (card("11010519491331002X"), "/petitioners/0/identity", "identity_birth_date", None),
        (card("1101051949123100"), "/petitioners/0/identity", "identity_length", None),
        (person(json!({"birth_date": town.day(1)})), "/petitioners/0/birth_date", "in_future", None),
        (person(json!({"phone": "12"})), "/petitioners/0/phone", "phone_format", None),
        (person(json!({"birth_date": town.day(1)})), "/petitioners/0/birth_date", "in_future", None),
        (
            respondent(json!({"organisation": "01HZX5TJ4R2QK"})),
            "/respondents/0/organisation",
            "unknown_organisation",
            None,
        ),
        (respondent(json!({"user": "01HZX5TJ4R2QK"})), "/respondents/0/user", "unknown_user", None),
        (respondent(json!({"user": "me"})), "/respondents/0/user", "not_an_identifier", None),
    ] {
        let refused = town.clerk.post("/cases", but(claim(), changes.clone())).await;
        let refused = refused.refused(422, "invalid_fields").at(pointer, code);
        if let Some(article) = article {
            refused.by(article);
        }
    }
    assert_eq!(town.rows().await, before);
    let all = but(claim(), json!({"head_count": 0, "occurred_on": town.day(9), "petitioners": []}));
    let refused = town.clerk.post("/cases", all).await.refused(422, "invalid_fields");
    assert_eq!(
        refused.body["errors"].as_array().map(Vec::len),
        Some(3),
        "all of it at once: {}",
        refused.text
    );
    town.registrar.post("/cases", claim()).await.refused(403, "not_yours").by(22);
    assert_eq!(town.rows().await, before);
    town.close().await;
}

#[tokio::test]
async fn a_group_has_five_who_speak_and_as_many_as_came() {
    let town = Town::open().await;
    let group =
        json!({"head_count": 300, "petitioners": [], "representatives": people(5), "joint_letter": true});
    let filed = town.clerk.post("/cases", but(claim(), group)).await.ok();
    assert_eq!(
        (&filed.body["head_count"], filed.body["people"].as_array().map(Vec::len)),
        (&json!(300), Some(5))
    );
    // The day on which it happened may be today, and the founding itself.
    for (serial, day) in (1..).zip(["1949-10-01", "2026-03-02"]) {
        town.clerk.files(but(claim_of(serial), json!({"occurred_on": day}))).await;
    }
    // Elsewhere in the country is not here, but the register takes what comes to it.
    town.clerk.files(but(claim_of(3), json!({"region": OTHER_GRID}))).await;
    town.close().await;
}

#[tokio::test]
async fn a_command_names_every_field_that_does_not_hold() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let found = findings(&["reasonable", "unreasonable"], true, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.handler.act(&case, "measures/educate/plan", plan(town.other_handler.user, &town.day(9))).await.ok();
    let before = town.rows().await;
    let hardship =
        |on: &str| json!({"hardship": {"hardship": true, "circumstances": "核查", "checked_on": on}});
    let one =
        |claim: u16| json!({"claims": [{"claim": claim, "reasonableness": "reasonable", "facts": "核查"}]});
    let talk = |on: &str| {
        let mut told = report("educate", &town.day(0));
        told["evidence"]["talks"][0]["held_on"] = json!(on);
        told
    };
    let empty = json!({"summary": "完成", "evidence": {"kind": "educate", "talks": [], "explanation_handed_on": "2026-03-02"}});
    let future = town.day(1);
    for (who, command, body, pointer, code) in [
        (&town.handler, "findings", json!({}), "", "required"),
        (&town.handler, "findings", hardship(&future), "/hardship/checked_on", "in_future"),
        (&town.handler, "findings", hardship("1949-09-30"), "/hardship/checked_on", "before_founding"),
        (&town.handler, "findings", one(3), "/claims/0/claim", "unknown_claim"),
        (
            &town.handler,
            "findings",
            findings(&["undetermined"], false, &town.day(0)),
            "/claims/0/reasonableness",
            "required",
        ),
        (&town.handler, "claims", json!({"claims": []}), "/claims", "required"),
        (&town.handler, "claims", json!({"claims": vec!["又一项"; 99]}), "/claims", "too_many"),
        (
            &town.handler,
            "opinion",
            opinion("经查", &["support", "explain", "explain"]),
            "/answers/2/claim",
            "unknown_claim",
        ),
        (&town.handler, "opinion", json!({"facts": "经查", "answers": []}), "/answers", "required"),
        (
            &town.handler,
            "opinion",
            json!({"facts": "经查", "answers": [{"claim": 1, "result": "support", "reasons": "有"}]}),
            "/answers/0/legal_basis",
            "missing_field",
        ),
        (
            &town.handler,
            "measures/resolve/plan",
            plan(town.other_handler.user, "2026-03-01"),
            "/due_on",
            "in_past",
        ),
        (
            &town.handler,
            "measures/resolve/plan",
            plan(town.other_handler.user, "+12345-01-01"),
            "/due_on",
            "out_of_range",
        ),
        (
            &town.handler,
            "measures/resolve/plan",
            plan(town.other_registrar.user, &future),
            "/owner",
            "not_of_the_holder",
        ),
        (&town.handler, "measures/resolve/plan", plan("01HZX5TJ4R2QK", &future), "/owner", "unknown_user"),
        (
            &town.other_handler,
            "measures/educate/steps",
            json!({"done_on": future, "what": "谈话"}),
            "/done_on",
            "in_future",
        ),
        (
            &town.other_handler,
            "measures/educate/in-place",
            talk(&future),
            "/evidence/talks/0/held_on",
            "in_future",
        ),
        (&town.other_handler, "measures/educate/in-place", empty, "/evidence/talks", "required"),
        (&town.registrar, "assignment", json!({"handlers": []}), "/handlers", "required"),
        (
            &town.registrar,
            "assignment",
            handlers(&[town.registrar.user]),
            "/handlers/0/user",
            "not_of_the_holder",
        ),
        (
            &town.registrar,
            "assignment",
            handlers(&[town.handler.user, town.handler.user]),
            "/handlers/1/user",
            "duplicate",
        ),
        (
            &town.registrar,
            "deliveries",
            deliver("acceptance_notice", "1949-09-30"),
            "/delivered_on",
            "before_founding",
        ),
        (&town.registrar, "deliveries", deliver("acceptance_notice", &future), "/delivered_on", "in_future"),
        (
            &town.registrar,
            "deliveries",
            deliver("handling_opinion", &town.day(0)),
            "/document",
            "wrong_document",
        ),
    ] {
        let refused = who.act(&case, command, body).await;
        refused.refused(422, "invalid_fields").at(pointer, code);
    }
    assert_eq!(town.rows().await, before);
    town.close().await;
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_told_so() {
    let town = Town::open().await;
    let before = town.rows().await;
    let clerk = town.clerk.caller();
    let large = but(claim(), json!({"narrative": "x".repeat(10 << 20)})).to_string();
    clerk.send_bytes("/api/v1/cases", "application/json", large).await.refused(413, "body_too_large");
    let bad_utf8 = [claim().to_string().as_bytes(), b"\xff"].concat();
    clerk.send_bytes("/api/v1/cases", "application/json", bad_utf8).await.refused(400, "unreadable_json");
    let cut = claim().to_string().into_bytes();
    clerk
        .send_bytes("/api/v1/cases", "application/json", &cut[..cut.len() - 9])
        .await
        .refused(400, "unreadable_json");
    let gb18030 = "application/json; charset=gb18030";
    clerk.send_bytes("/api/v1/cases", gb18030, cut.clone()).await.refused(415, "wrong_media_type");
    clerk.send_bytes("/api/v1/cases", "text/csv", cut).await.refused(415, "wrong_media_type");
    clerk.send_bytes("/api/v1/cases", "application/json", "").await.refused(400, "unreadable_json");
    let twice = claim().to_string().replacen('{', "{\"subject\": \"先\",", 1);
    let refused = clerk.send_bytes("/api/v1/cases", "application/json", twice).await;
    refused.refused(422, "invalid_fields").at("/subject", "duplicate_field");
    assert_eq!(town.rows().await, before);
    town.close().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let malformed = [
        "x",
        "0",
        "-1",
        "01HZX5TJ4R2Q",
        "01HZX5TJ4R2QKK",
        "01HZX5TJ4R2QU",
        "ZZZZZZZZZZZZZ",
        "%00",
        "%E4%BF%A1",
        "1%2F2",
    ];
    for id in ["01HZX5TJ4R2QK"].iter().chain(&malformed) {
        for part in ["", "/events", "/actions", "/deadlines"] {
            town.clerk.get(&format!("/cases/{id}{part}")).await.refused(404, "not_found");
        }
        let transferred =
            town.clerk.post(&format!("/cases/{id}/transfer"), transfer(town.organs.bureau)).await;
        transferred.refused(404, "not_found");
    }
    for kind in ["unknown", "RESOLVE", "%20"] {
        let path = format!("measures/{kind}/verification");
        town.verifier.act(&case, &path, verdict(true)).await.refused(404, "not_found");
    }
    town.clerk.act(&case, "applause", json!({})).await.refused(404, "not_found");
    let path = format!("/api/v1{}/transfer", case.path());
    town.clerk.caller().send(Method::PUT, &path, Some(json!({}))).await.refused(405, "method_not_allowed");
    town.close().await;
}
