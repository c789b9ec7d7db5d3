//! Deputies: in somebody's place, in their own name, with what was handed over and for as long.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::papers::*;
use crate::support::{Answered, Filed, Staff, Town};

const RESULTS: [&str; 2] = ["not_support", "explain"];

impl Staff {
    /// Hands duties to a deputy for a week.
    async fn hands(&self, town: &Town, duties: &[&str], deputy: &Staff) -> Answered {
        let until_at = town.office.app.clock.now() + TimeDelta::days(7);
        let body = json!({
            "deputy": deputy.user, "duties": duties, "until_at": until_at, "reason": "年休假"
        });
        self.post("/me/delegations", body).await
    }

    /// Gives a command in somebody's place.
    async fn acts_for(&self, principal: &Staff, case: &Filed, command: &str, body: Value) -> Answered {
        let place = self.with("Acting-For", &principal.user.to_string());
        place.post(&format!("/cases/{}/{command}", case.id), body).await
    }

    /// Reads in somebody's place.
    async fn reads_for(&self, principal: &Staff, path: &str) -> Answered {
        self.with("Acting-For", &principal.user.to_string()).get(path).await
    }
}

fn id_of(delegation: &Answered) -> String {
    delegation.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_deputy_signs_in_the_place_of_the_head_and_the_journal_names_both() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let found = findings(&["unreasonable", "unreasonable"], false, &town.day(0));
    town.handler.act(&case, "findings", found).await.ok();
    town.handler.act(&case, "opinion", opinion("经查，没有拖欠。", &RESULTS)).await.ok();
    let (head, deputy) = (&town.head, &town.examiner);
    deputy.acts_for(head, &case, "opinion/issue", issue()).await.refused(403, "not_a_deputy");
    let given = head.hands(&town, &["sign"], deputy).await.ok().body;
    assert_eq!((&given["state"], &given["duties"]), (&json!("in_force"), &json!(["sign"])));

    deputy.act(&case, "opinion/issue", issue()).await.refused(403, "not_yours");
    let signed = deputy.acts_for(head, &case, "opinion/issue", issue()).await.ok().body;
    let opinion = &signed["opinions"][0];
    assert_eq!(
        (&opinion["signed_by"], &opinion["signed_on_behalf_of"]),
        (&json!(deputy.user), &json!(head.user))
    );
    assert_eq!(
        (&opinion["drafted_by"], &opinion["drafted_on_behalf_of"]),
        (&json!(town.handler.user), &json!(null))
    );
    let told = town.handler.told(&case, "opinion_issued").await;
    let actor = json!({
        "kind": "staff", "user": deputy.user, "organisation": town.organs.bureau, "on_behalf_of": head.user
    });
    assert_eq!(told[0]["actor"], actor);

    let (mine, theirs) = (head.get("/me/delegations").await.ok(), deputy.get("/me/delegations").await.ok());
    assert_eq!((&mine.body["given"], &mine.body["received"]), (&json!([given]), &json!([])));
    assert_eq!((&theirs.body["given"], &theirs.body["received"]), (&json!([]), &json!([given])));
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn what_is_closed_to_either_of_the_two_is_closed_to_the_deputy() {
    let town = Town::open().await;
    let (head, handler, deputy) = (&town.head, &town.handler, &town.other_handler);
    head.hands(&town, &["sign", "handle"], deputy).await.ok();
    handler.hands(&town, &["handle"], deputy).await.ok();
    let found = || findings(&["unreasonable", "unreasonable"], false, &town.day(0));

    // Of what was done for the handler nothing is signed or approved for the head.
    let case = town.in_handling().await;
    deputy.acts_for(handler, &case, "findings", found()).await.ok();
    let asked = json!({"days": 10, "reason": "案情复杂"});
    deputy.acts_for(handler, &case, "extension", asked).await.ok();
    let decision = json!({"approved": true, "reason": "情况复杂", "notice": "post"});
    let refused = deputy.acts_for(head, &case, "extension/decision", decision.clone()).await;
    refused.refused(403, "approver_is_proposer").by(34);
    head.act(&case, "extension/decision", decision).await.ok();
    deputy.acts_for(handler, &case, "opinion", opinion("没有拖欠。", &RESULTS)).await.ok();
    deputy.acts_for(head, &case, "opinion/issue", issue()).await.refused(403, "signer_is_drafter").by(32);
    head.act(&case, "opinion/issue", issue()).await.ok();

    // Nor what the head has drafted, nor a case that complains of the deputy.
    let case = town.in_handling().await;
    head.act(&case, "findings", found()).await.ok();
    head.act(&case, "opinion", opinion("没有拖欠。", &RESULTS)).await.ok();
    deputy.acts_for(head, &case, "opinion/issue", issue()).await.refused(403, "signer_is_drafter").by(32);
    let complaint = json!({"respondents": [{"name": "经办人", "user": deputy.user}]});
    let case = town.transferred_from(but(claim(), complaint)).await;
    deputy.reads_for(head, &case.path()).await.refused(404, "not_found");
    let listed = deputy.reads_for(head, "/cases?count=true").await.ok().body;
    assert_eq!(listed["count"], 2, "the others only");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_delegation_ends_with_its_time_its_people_and_by_the_word_of_either() {
    let town = Town::open().await;
    let (head, deputy) = (&town.head, &town.examiner);
    let reads = async || deputy.reads_for(head, "/cases").await;
    let from_at = town.office.app.clock.now() + TimeDelta::days(1);
    let body = json!({
        "deputy": deputy.user, "duties": ["sign"], "from_at": from_at,
        "until_at": from_at + TimeDelta::days(1), "reason": "值班"
    });
    assert_eq!(head.post("/me/delegations", body).await.ok().body["state"], "to_come");
    reads().await.refused(403, "not_a_deputy");
    town.days_later(1);
    reads().await.ok();
    town.office.clock.advance(TimeDelta::days(1) - TimeDelta::seconds(1));
    reads().await.ok();
    town.office.clock.advance(TimeDelta::seconds(1));
    reads().await.refused(403, "not_a_deputy");
    assert_eq!(head.get("/me/delegations").await.ok().body["given"], json!([]), "it is over");

    for ends_it in [head, deputy] {
        let id = id_of(&head.hands(&town, &["sign"], deputy).await.ok());
        reads().await.ok();
        let end = format!("/me/delegations/{id}/end");
        town.handler.post(&end, json!({})).await.refused(404, "not_found");
        let ended = ends_it.post(&end, json!({})).await.ok().body;
        assert_eq!((&ended["state"], &ended["ended_by"]["id"]), (&json!("ended"), &json!(ends_it.user)));
        reads().await.refused(403, "not_a_deputy");
        let again = ends_it.post(&end, json!({})).await.ok().body;
        assert_eq!(again, ended, "what has ended stays as it was");
    }

    head.hands(&town, &["sign"], deputy).await.ok();
    reads().await.ok();
    town.office.change_user("head", |user| user.duties = vec!["handle".to_owned()]).await;
    reads().await.refused(403, "not_a_deputy");
    town.office.change_user("head", |user| user.duties = vec!["sign".to_owned()]).await;
    reads().await.ok();
    let elsewhere = town.organs.other_bureau.get();
    town.office.change_user("examiner", move |user| user.organisation_id = elsewhere).await;
    reads().await.refused(403, "not_a_deputy");
    let bureau = town.organs.bureau.get();
    town.office.change_user("examiner", move |user| user.organisation_id = bureau).await;
    reads().await.ok();
    town.office.change_user("head", |user| user.active = false).await;
    reads().await.refused(403, "not_a_deputy");
    town.close().await;
}

#[tokio::test]
async fn what_is_handed_over_is_ones_own_and_goes_to_a_colleague() {
    let town = Town::open().await;
    let until_at = town.office.app.clock.now() + TimeDelta::days(7);
    let whole = json!({"deputy": town.examiner.user, "duties": ["sign"], "until_at": until_at, "reason": "出差"});
    for (changes, pointer, code) in [
        (json!({"deputy": town.head.user}), "/deputy", "not_a_colleague"),
        (json!({"deputy": town.clerk.user}), "/deputy", "not_a_colleague"),
        (json!({"deputy": "0000000000000"}), "/deputy", "not_a_colleague"),
        (json!({"duties": []}), "/duties", "required"),
        (json!({"duties": ["sign", "review"]}), "/duties", "not_own_duty"),
        (json!({"until_at": "2026-03-01T00:00:00Z"}), "/until_at", "passed"),
        (
            json!({"from_at": "2026-03-04T00:00:00.0000001Z", "until_at": "2026-03-04T00:00:00.0000002Z"}),
            "/until_at",
            "ends_before_it_begins",
        ),
        (json!({"from_at": "9999-12-31T00:00:00Z", "until_at": "+10000-01-02T00:00:00Z"}), "/until_at", "out_of_range"),
        (json!({"until_at": "2028-03-01T00:00:00Z"}), "/until_at", "out_of_range"),
        (json!({"reason": ""}), "/reason", "blank"),
    ] {
        let refused = town.head.post("/me/delegations", but(whole.clone(), changes)).await;
        refused.refused(422, "invalid_fields").at(pointer, code);
    }
    let admin = but(whole.clone(), json!({"deputy": town.security.user}));
    let refused = town.administrator.post("/me/delegations", admin).await;
    refused.refused(422, "invalid_fields").at("/deputy", "not_a_colleague");
    assert_eq!(town.head.get("/me/delegations").await.ok().body["given"], json!([]));

    // For somebody who is ill a security administrator does it, and nobody else.
    let ill = but(whole, json!({"principal": town.head.user}));
    for other in [&town.head, &town.administrator, &town.auditor] {
        other.post("/admin/delegations", ill.clone()).await.refused(403, "forbidden");
    }
    let given = town.security.post("/admin/delegations", ill.clone()).await.ok();
    assert_eq!(given.body["created_by"]["id"], json!(town.security.user));
    town.examiner.reads_for(&town.head, "/cases").await.ok();
    town.security.post("/admin/delegations", ill.clone()).await.refused(409, "already_delegated");
    let other = but(ill, json!({"deputy": town.registrar.user}));
    let second = town.security.post("/admin/delegations", other).await.ok();
    let first_page = town.security.get("/admin/delegations?limit=1").await.ok().body;
    assert_eq!(first_page["items"], json!([second.body]), "the newest first");
    let next = format!("/admin/delegations?limit=1&cursor={}", first_page["next_cursor"].as_str().unwrap());
    assert_eq!(town.security.get(&next).await.ok().body["items"], json!([given.body]));
    for delegation in [&given, &second] {
        let end = format!("/admin/delegations/{}/end", id_of(delegation));
        assert_eq!(town.security.post(&end, json!({})).await.ok().body["state"], "ended");
    }
    town.examiner.reads_for(&town.head, "/cases").await.refused(403, "not_a_deputy");
    let trail = format!("/admin/audit?subject=user:{}", town.head.user);
    let told = town.auditor.get(&trail).await.ok().body["items"].clone();
    let acts: Vec<_> = told.as_array().unwrap().iter().map(|entry| entry["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["end_delegation", "end_delegation", "give_delegation", "give_delegation"]);
    assert_eq!(told[3]["details"], given.body, "with everything that was handed over");
    assert_eq!(told[0]["user"], json!(town.security.user));
    let of_the_handler = format!("/admin/delegations?principal={}", town.handler.user);
    assert_eq!(town.security.get(&of_the_handler).await.ok().body["items"], json!([]));
    town.close().await;
}

#[tokio::test]
async fn accusations_are_closed_to_a_deputy_who_is_not_cleared_and_what_a_cleared_one_reads_is_recorded() {
    let town = Town::open().await;
    let accused = json!([{"name": "某科长", "organisation": town.organs.bureau}]);
    let changes = json!({"purpose": "accusation", "claims": [], "respondents": accused});
    let case = town.grid.files(but(claim(), changes)).await;
    let (cleared, deputy) = (&town.cleared_clerk, &town.visitor);
    let refused = cleared.hands(&town, &["dispatch", "accusation"], deputy).await;
    refused.refused(422, "invalid_fields").at("/duties", "not_cleared");
    cleared.hands(&town, &["dispatch"], deputy).await.ok();
    let path = format!("{}?purpose=test", case.path());
    deputy.reads_for(cleared, &path).await.refused(404, "not_found");
    assert_eq!(deputy.reads_for(cleared, "/cases").await.ok().body["items"], json!([]));

    town.office.change_user("visitor", |user| user.duties.push("accusation".to_owned())).await;
    deputy.reads_for(cleared, &path).await.refused(404, "not_found");
    let first = cleared.get("/me/delegations").await.ok().body["given"][0]["id"].clone();
    cleared.post(&format!("/me/delegations/{}/end", first.as_str().unwrap()), json!({})).await.ok();
    cleared.hands(&town, &["accusation", "dispatch"], deputy).await.ok();
    deputy.reads_for(cleared, &path).await.ok();
    let transferred = deputy.acts_for(cleared, &case, "transfer", transfer(town.organs.discipline)).await;
    assert_eq!(transferred.ok().body["status"], "forwarded");
    let read = format!("/admin/audit?act=read_accusation&on_behalf_of={}", cleared.user);
    let entries = town.auditor.get(&read).await.ok().body["items"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 2, "{entries}");
    for entry in entries.as_array().unwrap() {
        assert_eq!(
            (&entry["user"], &entry["on_behalf_of"], &entry["case"]),
            (&json!(deputy.user), &json!(cleared.user), &json!(case.id))
        );
    }
    let exported = town.auditor.get("/admin/audit/export?act=read_accusation").await.ok().text;
    assert!(exported.contains(&format!(",{},{},", deputy.user, cleared.user)), "{exported}");

    // Taken away from the deputy, it is closed at once.
    town.office.change_user("visitor", |user| user.duties.retain(|duty| duty != "accusation")).await;
    deputy.reads_for(cleared, &path).await.refused(404, "not_found");
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn a_grid_members_deputy_files_for_them_and_keeps_nothing() {
    let town = Town::open().await;
    let (away, deputy) = (&town.grid, &town.next_grid);
    away.hands(&town, &["register"], deputy).await.ok();
    let place = deputy.with("Acting-For", &away.user.to_string()).with("Idempotency-Key", "k-1");
    let filed = place.post("/cases", claim()).await.ok();
    let case = Filed::of(&filed);
    assert_eq!(filed.body["registered_by"], json!(away.user), "whose grid it is");
    assert_eq!(place.post("/cases", claim()).await.ok().text, filed.text);
    let batch = json!({"items": [{"idempotency_key": "k-1", "case": claim()}]});
    let batched = place.post("/cases/batch", batch.clone()).await.ok().body;
    assert_eq!(batched["items"][0]["replayed"], true, "a batch is in the same place");
    let own = deputy.post("/cases/batch", batch.clone()).await.ok().body;
    assert_eq!(own["items"][0]["problem"]["type"], "/problems/key-reused", "another request, in their own place");

    deputy.reads_for(away, &case.path()).await.ok();
    deputy.get(&case.path()).await.refused(404, "not_found");
    // What the phone did not hear is answered again when the time is over, and nothing else is.
    town.days_later(8);
    let place = place.with_token(&deputy.caller().token.unwrap());
    assert_eq!(place.post("/cases", claim()).await.ok().body["id"], filed.body["id"]);
    let later = place.post("/cases/batch", batch).await.ok().body;
    assert_eq!((&later["items"][0]["replayed"], &later["items"][0]["case"]["id"]), (&json!(true), &filed.body["id"]));
    let further = json!({"items": [{"idempotency_key": "k-2", "case": claim_of(7)}]});
    let refused = place.post("/cases/batch", further).await.ok().body;
    assert_eq!(refused["items"][0]["problem"]["type"], "/problems/not-a-deputy");
    let unheard = deputy.with("Acting-For", &away.user.to_string()).post("/cases", claim_of(7)).await;
    unheard.refused(403, "not_a_deputy");
    place.get(&case.path()).await.refused(403, "not_a_deputy");
    town.days_later(30);
    let place = place.with_token(&deputy.caller().token.unwrap());
    place.post("/cases", claim()).await.refused(403, "not_a_deputy");
    away.get(&case.path()).await.ok();
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn what_is_the_principals_by_name_comes_with_the_duty_it_belongs_to() {
    let town = Town::open().await;
    let (handler, deputy) = (&town.handler, &town.examiner);
    town.office.change_user("handler", |user| user.duties.push("archive".to_owned())).await;
    let case = town.delivered().await;
    let planned = plan(handler.user, &town.day(20));
    handler.act(&case, "measures/educate/plan", planned).await.ok();
    let done = || report("educate", &town.day(0));
    let first = id_of(&handler.hands(&town, &["archive"], deputy).await.ok());
    deputy.reads_for(handler, &case.path()).await.ok();
    let reported = deputy.acts_for(handler, &case, "measures/educate/in-place", done()).await;
    reported.refused(403, "not_yours");
    handler.post(&format!("/me/delegations/{first}/end"), json!({})).await.ok();
    handler.hands(&town, &["handle"], deputy).await.ok();
    let actions = deputy.reads_for(handler, &format!("{}/actions", case.path())).await.ok().body;
    let reports = |action: &&Value| action["command"] == "report_in_place" && action["measure"] == "educate";
    assert_eq!(actions["items"].as_array().unwrap().iter().find(reports).unwrap()["allowed"], true);
    let people = deputy.reads_for(handler, &format!("{}/people?purpose=test", case.path())).await.ok();
    assert!(people.text.contains(NAME), "whoever handles reaches the petitioner");
    deputy.acts_for(handler, &case, "measures/educate/in-place", done()).await.ok();

    // The petitioner's code opens more than one may do: only with the register.
    let case = town.clerk.files(claim_of(7)).await;
    town.clerk.act(&case, "transfer", transfer(town.organs.bureau)).await.ok();
    for (duty, told) in [("dispatch", false), ("register", true)] {
        let given = id_of(&town.clerk.hands(&town, &[duty], &town.visitor).await.ok());
        let seen = town.visitor.reads_for(&town.clerk, &case.path()).await.ok().body;
        assert_eq!(seen["query_code"] == json!(case.query_code), told, "{duty}");
        town.clerk.post(&format!("/me/delegations/{given}/end"), json!({})).await.ok();
    }
    town.books_agree().await;
    town.close().await;
}

#[tokio::test]
async fn an_account_that_is_no_longer_what_it_was_has_no_deputies_and_is_none() {
    let town = Town::open().await;
    let (head, deputy) = (&town.head, &town.examiner);
    let change = async |user: &Staff, changes: Value| {
        let path = format!("/admin/users/{}", user.user);
        let account = town.security.get(&path).await.ok();
        let named = ["display_name", "role", "duties", "territory", "active"];
        let mut entry: Value = named.iter().map(|name| ((*name).to_owned(), account.body[*name].clone())).collect();
        entry["organisation"] = account.body["organisation"]["id"].clone();
        let tag = account.header("etag").to_owned();
        town.security.with("If-Match", &tag).put(&path, but(entry, changes)).await.ok();
    };
    for (user, away, back) in [
        (head, json!({"active": false}), json!({"active": true})),
        (deputy, json!({"active": false}), json!({"active": true})),
        (head, json!({"organisation": town.organs.other_bureau}), json!({"organisation": town.organs.bureau})),
        (deputy, json!({"role": "reviewer"}), json!({"role": "official"})),
    ] {
        let until_at = town.office.app.clock.now() + TimeDelta::days(7);
        let whole = json!({
            "principal": head.user, "deputy": deputy.user, "duties": ["sign"], "until_at": until_at, "reason": "出差"
        });
        town.security.post("/admin/delegations", whole).await.ok();
        change(user, away.clone()).await;
        change(user, back).await;
        let all = town.security.get("/admin/delegations").await.ok().body["items"].clone();
        assert!(all.as_array().unwrap().iter().all(|it| it["state"] == "ended"), "{away}: {all}");
    }
    let ended = town.auditor.get("/admin/audit?act=end_delegation").await.ok().body["items"].clone();
    assert_eq!(ended.as_array().unwrap().len(), 4, "each is recorded");
    town.close().await;
}

#[tokio::test]
async fn nobody_is_somebody_else_on_their_own_account() {
    let town = Town::open().await;
    let (head, deputy) = (&town.head, &town.examiner);
    head.hands(&town, &["sign"], deputy).await.ok();
    let me = deputy.reads_for(head, "/me").await.ok().body;
    assert_eq!(me["id"], json!(deputy.user));
    let sessions = deputy.reads_for(head, "/me/sessions").await.ok().body;
    assert_eq!(sessions, deputy.get("/me/sessions").await.ok().body);
    assert_eq!(deputy.reads_for(head, "/me/delegations").await.ok().body["given"], json!([]));
    let place = deputy.with("Acting-For", &head.user.to_string());
    let onward = json!({
        "deputy": town.handler.user, "duties": ["sign"], "until_at": "2026-03-05T00:00:00Z", "reason": "转托"
    });
    let refused = place.post("/me/delegations", onward).await;
    refused.refused(422, "invalid_fields").at("/duties", "not_own_duty");
    for unreadable in ["", "head", "0123456789"] {
        deputy.with("Acting-For", unreadable).get("/cases").await.refused(400, "bad_header");
    }
    place.with("Acting-For", &deputy.user.to_string()).get("/cases").await.refused(400, "bad_header");
    town.close().await;
}

#[tokio::test]
async fn a_place_that_signs_in_with_a_second_factor_asks_the_deputy_for_one() {
    let town = Town::open_with(&["--second-factor-for=sign"]).await;
    let whole = json!({
        "principal": town.head.user, "deputy": town.examiner.user, "duties": ["sign"],
        "until_at": "2026-03-05T00:00:00Z", "reason": "病假"
    });
    town.security.post("/admin/delegations", whole).await.ok();
    town.examiner.reads_for(&town.head, "/cases").await.refused(403, "second_factor_required");
    // Nor is a part of the place filled with less than the whole asks for.
    let part = json!({
        "principal": town.head.user, "deputy": town.registrar.user, "duties": ["handle"],
        "until_at": "2026-03-05T00:00:00Z", "reason": "病假"
    });
    town.security.post("/admin/delegations", part).await.ok();
    town.registrar.reads_for(&town.head, "/cases").await.refused(403, "second_factor_required");
    town.examiner.get("/cases").await.ok();
    let shown = town.examiner.caller_with_second_factor().with("Acting-For", &town.head.user.to_string());
    shown.get("/cases").await.ok();
    town.close().await;
}
