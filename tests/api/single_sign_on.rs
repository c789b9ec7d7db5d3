//! Signing in at a provider of OpenID Connect: at a real one, and at one that lies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::access::{Duty, Role};
use ed25519_dalek::{Signer, SigningKey};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::provider::{REDIRECT_URI, RealProvider, browse, flags_of};
use crate::support::{Answered, Authenticator, Caller, Office, PASSWORD, Process, Staff, Town};

/// A sign-in that was begun here.
async fn begin(office: &Office) -> Value {
    office.anyone().post("/auth/single-sign-on", json!({})).await.ok().body
}

/// What the client shows to complete it.
fn brought(begun: &Value, back: &BTreeMap<String, String>) -> Value {
    let mut shown = json!({"transaction": begun["transaction"], "state": back["state"], "code": back["code"]});
    if let Some(issuer) = back.get("iss") {
        shown["iss"] = json!(issuer);
    }
    shown
}

async fn complete(office: &Office, shown: Value) -> Answered {
    office.anyone().post("/auth/single-sign-on/completion", shown).await
}

/// Signs in as who the user says they are at the provider.
async fn sign_in(office: &Office, user: Value) -> Answered {
    let begun = begin(office).await;
    let back = browse(begun["authorization_url"].as_str().unwrap(), &user).await;
    complete(office, brought(&begun, &back)).await
}

fn named(subject: &str, username: &str) -> Value {
    json!({"subject": subject, "preferred_username": username})
}

/// The methods that the access token names.
fn methods(session: &Value) -> Value {
    let payload = session["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    claims["amr"].clone()
}

fn caller(office: &Office, session: &Value) -> Caller {
    office.anyone().with_token(session["access_token"].as_str().unwrap())
}

async fn town_at(provider: &RealProvider, further: &[&str]) -> Town {
    let flags = provider.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(further.iter().copied()).collect();
    Town::open_with(&flags).await
}

async fn account(town: &Town, id: impl ToString) -> Value {
    town.security.get(&format!("/admin/users/{}", id.to_string())).await.ok().body
}

/// Who was refused at a sign-in there, and why, as the auditor reads it.
async fn refusals(town: &Town) -> Vec<(Value, Value)> {
    let found = town.auditor.get("/admin/audit?limit=200&act=sign_in&outcome=refused").await.ok().body;
    let items = found["items"].as_array().unwrap();
    items.iter().rev().map(|entry| (entry["user"].clone(), entry["details"]["why"].clone())).collect()
}

#[tokio::test]
async fn users_sign_in_at_a_real_provider_and_stay_who_they_are() {
    let test = "users_sign_in_at_a_real_provider_and_stay_who_they_are";
    let Some(provider) = RealProvider::start(test, json!({})) else { return };
    let town = town_at(&provider, &["--password-max-age=30d"]).await;
    let office = &town.office;
    let offer = office.anyone().get("/auth/single-sign-on").await.ok().body;
    assert_eq!(offer, json!({"offered": true, "redirect_uris": [REDIRECT_URI]}));
    assert!(account(&town, town.clerk.user).await["single_sign_on_since"].is_null());

    // At the first sign-in it is found by its name, to the letter.
    sign_in(office, named("s-1", "Clerk")).await.refused(403, "no_account");
    let session = sign_in(office, named("s-1", "clerk")).await.ok().body;
    let clerk = caller(office, &session);
    assert_eq!(clerk.get("/me").await.ok().body["username"], "clerk");
    clerk.post("/cases", crate::support::papers::claim()).await.ok();
    let sessions = clerk.get("/me/sessions").await.ok().body;
    assert_eq!(
        (&sessions["items"][0]["single_sign_on"], &sessions["items"][0]["current"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(methods(&session), json!([]));
    assert!(account(&town, town.clerk.user).await["single_sign_on_since"].is_string());

    // From then on it is found by the subject: whatever they are called, and whoever else is called so.
    let again = sign_in(office, named("s-1", "handler")).await.ok().body;
    assert_eq!(again["user"]["username"], "clerk");
    sign_in(office, named("s-2", "clerk")).await.refused(403, "no_account");
    sign_in(office, named("s-3", "nobody")).await.refused(403, "no_account");
    sign_in(office, named("s-3", "no\u{0}body")).await.refused(403, "no_account");
    sign_in(office, json!({"subject": "s-3"})).await.refused(403, "no_account");
    office.change_user("head", |user| user.active = false).await;
    sign_in(office, named("s-4", "head")).await.refused(403, "no_account");
    // Of those who have nothing to do with any account here the trail tells once a minute.
    let why = |user: Value| (user, json!("no_account"));
    let (clerks, heads) = (json!(town.clerk.user.to_string()), json!(town.head.user.to_string()));
    assert_eq!(refusals(&town).await, [why(Value::Null), why(clerks), why(heads)]);

    // Guessing a password here locks nobody out there, and its age is nothing to who has not shown it.
    lock(office, "clerk").await;
    sign_in(office, named("s-1", "clerk")).await.ok();
    office.clock.advance(TimeDelta::days(31));
    let expired = json!({"username": "handler", "password": PASSWORD});
    office.anyone().post("/auth/sign-in", expired).await.refused(403, "password_expired");
    let session = sign_in(office, named("s-1", "clerk")).await.ok().body;
    let refresh = json!({"refresh_token": session["refresh_token"]});
    let session = office.anyone().post("/auth/refresh", refresh).await.ok().body;

    // The security administrator unlinks it: its sessions and delegations end, and its name leads the same person there no more.
    let clerk = caller(office, &session);
    let handed = json!({"deputy": town.visitor.user, "duties": ["register"], "reason": "年休假",
        "until_at": office.app.clock.now() + TimeDelta::days(1)});
    clerk.post("/me/delegations", handed).await.ok();
    let link = format!("/admin/users/{}/single-sign-on", town.clerk.user);
    let unlink = async |by: &Staff| by.caller().send(Method::DELETE, &format!("/api/v1{link}"), None).await;
    unlink(&town.administrator).await.refused(403, "forbidden");
    assert_eq!(unlink(&town.security).await.status, 204);
    unlink(&town.security).await.refused(404, "not_found");
    clerk.get("/me").await.refused(401, "not_signed_in");
    assert_eq!(town.clerk.get("/me").await.status, 401, "the town's own session ends as well");
    assert_eq!(town.visitor.get("/me/delegations").await.ok().body["received"], json!([]));
    sign_in(office, named("s-1", "clerk")).await.refused(403, "no_account");
    let other = sign_in(office, named("s-2", "clerk")).await.ok().body;

    // Or links it to whom they name, in the place of whoever it is.
    let to = |subject: &str| json!({"subject": subject});
    town.administrator.caller().put(&link, to("s-1")).await.refused(403, "forbidden");
    town.security.caller().put(&link, to("")).await.refused(422, "invalid_fields").at("/subject", "invalid_value");
    assert_eq!(town.security.caller().put(&link, to("s-1")).await.status, 204);
    caller(office, &other).get("/me").await.refused(401, "not_signed_in");
    sign_in(office, named("s-2", "clerk")).await.refused(403, "no_account");
    assert_eq!(sign_in(office, named("s-1", "handler")).await.ok().body["user"]["username"], "clerk");
    let handlers = format!("/admin/users/{}/single-sign-on", town.handler.user);
    town.security.caller().put(&handlers, to("s-1")).await.refused(409, "conflict");
    let own = format!("/admin/users/{}/single-sign-on", town.security.user);
    town.security.caller().put(&own, to("s-8")).await.refused(403, "forbidden");
    // Whose link was taken away may get another account, and two who link somebody at once link them once.
    assert_eq!(town.security.caller().put(&handlers, to("s-2")).await.status, 204);
    assert_eq!(sign_in(office, named("s-2", "clerk")).await.ok().body["user"]["username"], "handler");
    let visitors = format!("/admin/users/{}/single-sign-on", town.visitor.user);
    let archivists = format!("/admin/users/{}/single-sign-on", town.archivist.user);
    let security = town.security.caller();
    let (one, two) = futures_util::future::join(security.put(&visitors, to("s-9")), security.put(&archivists, to("s-9"))).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{} {}", one.text, two.text);
    let of = format!("/admin/audit?limit=200&subject=user:{}", town.clerk.user);
    let trail = town.auditor.get(&of).await.ok().body;
    let acts = trail["items"].as_array().unwrap().iter().rev();
    let acts = acts.filter(|entry| entry["act"].as_str().unwrap().contains("link_"));
    let told: Vec<_> = acts.map(|entry| (entry["act"].clone(), entry["details"]["subject"].clone())).collect();
    let expected = [
        ("link_own_account", "s-1"),
        ("unlink_account", "s-1"),
        ("link_own_account", "s-2"),
        ("unlink_account", "s-2"),
        ("link_account", "s-1"),
    ];
    assert_eq!(told, expected.map(|(act, subject)| (json!(act), json!(subject))));
    town.close().await;
}

#[tokio::test]
async fn the_provider_is_asked_again_after_a_while() {
    let Some(provider) = RealProvider::start("the_provider_is_asked_again_after_a_while", json!({})) else { return };
    let town = town_at(&provider, &["--oidc-session-lifetime=1h"]).await;
    let office = &town.office;
    let refreshed = async |session: &Value| {
        office.anyone().post("/auth/refresh", json!({"refresh_token": session["refresh_token"]})).await
    };
    let session = sign_in(office, named("s-1", "clerk")).await.ok().body;
    let with_password = json!({"username": "clerk", "password": PASSWORD});
    let with_password = office.anyone().post("/auth/sign-in", with_password).await.ok().body;
    assert_eq!(methods(&with_password), json!(["pwd"]));
    office.clock.advance(TimeDelta::minutes(59));
    let session = refreshed(&session).await.ok().body;
    caller(office, &session).get("/me").await.ok();
    office.clock.advance(TimeDelta::minutes(1));
    caller(office, &session).get("/me").await.refused(401, "not_signed_in");
    refreshed(&session).await.refused(401, "not_signed_in");
    refreshed(&with_password).await.ok();

    let installation = town.office.into_installation().await;

    // A server that has no provider any more does not go on with what began there.
    let serve = |flags: &[String]| {
        let all = ["serve", "--listen=127.0.0.1:0", "--second-factor-for=none"];
        let all: Vec<&str> = all.into_iter().chain(flags.iter().map(String::as_str)).collect();
        Process::start(&mut installation.daowei(&all))
    };
    let server = serve(&provider.flags());
    let began = server.anyone().post("/auth/single-sign-on", json!({})).await.ok().body;
    let back = browse(began["authorization_url"].as_str().unwrap(), &named("s-1", "clerk")).await;
    let session = server.anyone().post("/auth/single-sign-on/completion", brought(&began, &back)).await.ok().body;
    let refresh = json!({"refresh_token": session["refresh_token"]});
    let session = server.anyone().post("/auth/refresh", refresh).await.ok().body;
    server.end();
    let server = serve(&[]);
    let refresh = json!({"refresh_token": session["refresh_token"]});
    server.anyone().post("/auth/refresh", refresh).await.refused(401, "not_signed_in");
    server.end();
}

#[tokio::test]
async fn what_was_begun_is_completed_once_by_who_began_it() {
    let Some(provider) = RealProvider::start("what_was_begun_is_completed_once_by_who_began_it", json!({})) else {
        return;
    };
    let town = town_at(&provider, &[]).await;
    let office = &town.office;
    let (begun, other) = (begin(office).await, begin(office).await);
    let url = begun["authorization_url"].as_str().unwrap();
    assert!(url.contains("code_challenge_method=S256") && url.contains("nonce="), "{url}");
    let back = browse(url, &named("s-1", "clerk")).await;
    let shown = brought(&begun, &back);
    let but = |name: &str, value: Value| {
        let mut shown = shown.clone();
        shown[name] = value;
        shown
    };
    let transaction = begun["transaction"].as_str().unwrap();
    let another = |(at, c): (usize, char)| if at == 40 && c != 'A' { 'A' } else if at == 40 { 'B' } else { c };
    let changed: String = transaction.chars().enumerate().map(another).collect();
    for (why, wrong) in [
        ("another's transaction", but("transaction", other["transaction"].clone())),
        ("a transaction of nobody's", but("transaction", json!("AAAA"))),
        ("a changed transaction", but("transaction", json!(changed))),
        ("another state", but("state", json!("another"))),
        ("another provider's answer", but("iss", json!("https://id.example"))),
    ] {
        let answer = complete(office, wrong).await;
        assert_eq!(answer.status, 401, "{why}: {}", answer.text);
        answer.refused(401, "single_sign_on_failed");
    }
    // None of them has cost the code.
    complete(office, shown.clone()).await.ok();
    complete(office, shown).await.refused(401, "single_sign_on_failed");
    complete(office, json!({"transaction": begun["transaction"], "state": back["state"], "code": "made up"}))
        .await
        .refused(401, "single_sign_on_failed");
    // Codes can be made up without end, so the trail tells it once a minute.
    assert_eq!(refusals(&town).await, [(Value::Null, json!("not_vouched_for"))]);
    office.clock.advance(TimeDelta::minutes(1));

    // A code of one transaction is nothing in another, whose verifier the provider does not expect.
    let (mine, thief) = (begin(office).await, begin(office).await);
    let back = browse(mine["authorization_url"].as_str().unwrap(), &named("s-1", "clerk")).await;
    let state = reqwest::Url::parse(thief["authorization_url"].as_str().unwrap()).unwrap();
    let state = state.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let stolen = json!({"transaction": thief["transaction"], "state": state, "code": back["code"]});
    complete(office, stolen).await.refused(401, "single_sign_on_failed");
    assert_eq!(refusals(&town).await.len(), 2);

    let late = begin(office).await;
    let back = browse(late["authorization_url"].as_str().unwrap(), &named("s-1", "clerk")).await;
    office.clock.advance(TimeDelta::minutes(10));
    complete(office, brought(&late, &back)).await.refused(401, "single_sign_on_failed");

    let elsewhere = json!({"redirect_uri": "https://thief.example/"});
    let answer = office.anyone().post("/auth/single-sign-on", elsewhere).await;
    answer.refused(422, "invalid_fields").at("/redirect_uri", "unknown_redirect_uri");
    let here = json!({"redirect_uri": REDIRECT_URI});
    office.anyone().post("/auth/single-sign-on", here).await.ok();
    town.close().await;
}

/// Sets the account's authenticator up at a sign-in that waits for it, which completes that.
async fn enrol(office: &Office, challenge: &Value) -> (Authenticator, Value) {
    let begun = office.anyone().post("/auth/second-factor/enrolment", json!({"challenge": challenge})).await;
    let authenticator = Authenticator::of(&begun.ok().body);
    let session = show_code(office, challenge, &authenticator).await.ok().body;
    (authenticator, session)
}

async fn show_code(office: &Office, challenge: &Value, authenticator: &Authenticator) -> Answered {
    let code = authenticator.at(office.app.clock.now());
    office.anyone().post("/auth/second-factor", json!({"challenge": challenge, "code": code})).await
}

/// Guesses passwords until the account is locked for who asks from here.
async fn lock(office: &Office, username: &str) {
    for _ in 0..5 {
        let wrong = json!({"username": username, "password": "guessed wrongly"});
        office.anyone().post("/auth/sign-in", wrong).await.refused(401, "wrong_credentials");
        // Longer than the pauses before the lock.
        office.clock.advance(TimeDelta::seconds(30));
    }
    let right = json!({"username": username, "password": PASSWORD});
    office.anyone().post("/auth/sign-in", right).await.refused(429, "sign_in_locked");
}

/// What is answered where a second factor is asked for.
#[track_caller]
fn waits(answer: Answered) -> Value {
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.body["challenge"].clone()
}

fn with_factor(subject: &str, username: &str) -> Value {
    json!({"subject": subject, "preferred_username": username, "amr": ["pwd", "mfa"]})
}

#[tokio::test]
async fn a_second_factor_is_asked_for_here_unless_the_providers_counts() {
    let test = "a_second_factor_is_asked_for_here_unless_the_providers_counts";
    let manner = json!({"names_on_request": true, "secret_in_body": true});
    let Some(provider) = RealProvider::start(test, manner) else { return };
    let town = town_at(&provider, &["--second-factor-for=reviewer"]).await;
    let office = &town.office;
    let since = async |id| account(&town, id).await["single_sign_on_since"].clone();
    // The name is told by the user-info endpoint alone, and the provider's factor does not count by itself.
    let challenge = waits(sign_in(office, with_factor("s-1", "verifier")).await);
    assert!(since(town.verifier.user).await.is_null(), "not before all is shown");
    let (_, session) = enrol(office, &challenge).await;
    assert!(since(town.verifier.user).await.is_string());
    let sessions = caller(office, &session).get("/me/sessions").await.ok().body;
    let mine = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!((&mine["single_sign_on"], &mine["second_factor"]), (&json!(true), &json!(true)));
    assert_eq!(methods(&session), json!(["mfa"]));
    waits(sign_in(office, with_factor("s-1", "verifier")).await);
    sign_in(office, with_factor("s-2", "clerk")).await.ok();
    town.close().await;

    let counting = ["--second-factor-for=reviewer", "--oidc-second-factor-methods=otp,mfa"];
    let town = town_at(&provider, &counting).await;
    let office = &town.office;
    let session = sign_in(office, with_factor("s-1", "verifier")).await.ok().body;
    assert_eq!(methods(&session), json!(["mfa"]));
    let refresh = json!({"refresh_token": session["refresh_token"]});
    office.anyone().post("/auth/refresh", refresh).await.ok();
    waits(sign_in(office, named("s-1", "verifier")).await);
    let trail = town.auditor.get("/admin/audit?limit=200&act=sign_in").await.ok().body;
    assert_eq!(trail["items"][0]["details"], json!({"by": "single_sign_on", "second_factor": "provider"}));
    town.close().await;
}

#[tokio::test]
async fn nobody_gets_round_an_authenticator_by_being_called_as_its_owner_is() {
    let test = "nobody_gets_round_an_authenticator_by_being_called_as_its_owner_is";
    let Some(provider) = RealProvider::start(test, json!({})) else { return };
    let counting = ["--second-factor-for=reviewer", "--oidc-second-factor-methods=mfa"];
    let town = town_at(&provider, &counting).await;
    let office = &town.office;
    let password = json!({"username": "verifier", "password": PASSWORD});
    let challenge = waits(office.anyone().post("/auth/sign-in", password).await);
    let (authenticator, _) = enrol(office, &challenge).await;

    let thiefs = waits(sign_in(office, with_factor("thief", "verifier")).await);
    let wrong = json!({"challenge": thiefs, "code": authenticator.not_at(office.app.clock.now())});
    office.anyone().post("/auth/second-factor", wrong).await.refused(401, "wrong_second_factor");
    assert!(account(&town, town.verifier.user).await["single_sign_on_since"].is_null());
    // Passwords that somebody guesses do not keep the owner from showing a code.
    lock(office, "verifier").await;
    let owners = waits(sign_in(office, with_factor("owner", "verifier")).await);
    show_code(office, &owners, &authenticator).await.ok();
    assert!(account(&town, town.verifier.user).await["single_sign_on_since"].is_string());
    // From then on the owner's factor at the provider counts, and the thief is nobody; also with a sign-in that was begun before,
    // whatever code they show.
    sign_in(office, with_factor("owner", "verifier")).await.ok();
    sign_in(office, with_factor("thief", "verifier")).await.refused(403, "no_account");
    office.clock.advance(TimeDelta::seconds(30));
    show_code(office, &thiefs, &authenticator).await.refused(403, "no_account");
    show_code(office, &thiefs, &authenticator).await.refused(401, "not_signed_in");
    assert_eq!(refusals(&town).await.last().unwrap().1, "no_account");

    // Whom an administrator has linked to somebody shows the authenticator as well, once.
    let link = format!("/admin/users/{}/single-sign-on", town.verifier.user);
    town.security.caller().put(&link, json!({"subject": "another"})).await.ok();
    office.clock.advance(TimeDelta::seconds(30));
    let challenge = waits(sign_in(office, with_factor("another", "whoever")).await);
    show_code(office, &challenge, &authenticator).await.ok();
    sign_in(office, with_factor("another", "whoever")).await.ok();
    town.close().await;
}

#[tokio::test]
async fn clients_of_every_kind_and_names_of_every_claim_are_taken() {
    let test = "clients_of_every_kind_and_names_of_every_claim_are_taken";
    let Some(provider) = RealProvider::start(test, json!({})) else { return };
    let clerk = named("s-1", "clerk");
    let office = town_at(&provider, &["--oidc-client-id=daowei-public", "--oidc-client-secret="]).await;
    sign_in(&office.office, clerk.clone()).await.ok();
    office.close().await;
    let office = town_at(&provider, &["--oidc-client-id=nobody"]).await;
    let answer = complete(&office.office, {
        let begun = begin(&office.office).await;
        let state = reqwest::Url::parse(begun["authorization_url"].as_str().unwrap()).unwrap();
        let state = state.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        json!({"transaction": begun["transaction"], "state": state, "code": "made up"})
    });
    // Not the user's fault: the provider does not know this installation.
    answer.await.refused(503, "provider_away");
    office.close().await;
    let office = town_at(&provider, &["--oidc-username-claim=sub"]).await;
    sign_in(&office.office, named("clerk", "handler")).await.ok();
    office.close().await;
    // Where no claim is a user name, accounts are linked by the administrator alone.
    let town = town_at(&provider, &["--oidc-username-claim=none"]).await;
    sign_in(&town.office, named("s-1", "clerk")).await.refused(403, "no_account");
    let link = format!("/admin/users/{}/single-sign-on", town.clerk.user);
    town.security.caller().put(&link, json!({"subject": "s-1"})).await.ok();
    sign_in(&town.office, named("s-1", "clerk")).await.ok();
    town.close().await;
}

#[tokio::test]
async fn a_provider_is_known_by_its_certificate() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(certificate.path(), made.cert.pem()).unwrap();
    let tls = json!({"tls": {"key": made.signing_key.serialize_pem(), "cert": made.cert.pem()}});
    let Some(provider) = RealProvider::start("a_provider_is_known_by_its_certificate", tls) else { return };
    let installation = Town::open().await.office.into_installation().await;
    let serve = |trusting: bool| {
        let flags = provider.flags();
        let flags: Vec<&str> = ["serve", "--listen=127.0.0.1:0"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        let mut command = installation.daowei(&flags);
        if trusting {
            command.env("SSL_CERT_FILE", certificate.path());
        }
        Process::start(&mut command)
    };
    let server = serve(false);
    let beginning = server.anyone().post("/auth/single-sign-on", json!({})).await;
    beginning.refused(503, "provider_away");
    server.end();
    let server = serve(true);
    let begun = server.anyone().post("/auth/single-sign-on", json!({})).await.ok().body;
    assert!(begun["authorization_url"].as_str().unwrap().starts_with(&provider.issuer));
    server.end();
}

#[tokio::test]
async fn without_a_provider_there_is_none_and_without_an_answer_there_are_passwords() {
    let office = Office::open().await;
    let offer = office.anyone().get("/auth/single-sign-on").await.ok().body;
    assert_eq!(offer, json!({"offered": false, "redirect_uris": []}));
    let shown = json!({"transaction": "AAAA", "state": "s", "code": "c"});
    office.anyone().post("/auth/single-sign-on", json!({})).await.refused(404, "single_sign_on_off");
    complete(&office, shown.clone()).await.refused(404, "single_sign_on_off");
    office.close().await;

    // Nobody listens there.
    let flags = flags_of("http://127.0.0.1:9");
    let office = Office::open_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    office.anyone().post("/auth/single-sign-on", json!({})).await.refused(503, "provider_away");
    complete(&office, shown).await.refused(401, "single_sign_on_failed");
    office.staff("clerk", Role::Official, &[Duty::Register]).await.get("/me").await.ok();
    office.close().await;
}

/// A provider that says whatever a test wants it to.
struct Liar {
    issuer: String,
    says: Arc<Mutex<Says>>,
}

struct Says {
    /// The keys that it publishes.
    published: Vec<SigningKey>,
    /// What its token endpoint answers, with which status.
    token: (u16, Value),
    /// What its user-info endpoint answers.
    user_info: Value,
    /// Where it says that users sign in.
    authorization_endpoint: String,
    /// Whether it says anything of itself.
    is_up: bool,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn name_of(key: &SigningKey) -> String {
    URL_SAFE_NO_PAD.encode(&key.verifying_key().to_bytes()[..8])
}

fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let text = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", text(header), text(claims));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes()))
}

fn header_of(key: &SigningKey) -> Value {
    json!({"alg": "EdDSA", "kid": name_of(key)})
}

impl Liar {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new(Says {
            published: vec![key(1)],
            token: (200, Value::Null),
            user_info: Value::Null,
            authorization_endpoint: format!("{issuer}/authorize"),
            is_up: true,
        }));
        let (told, called) = (web::Data::from(Arc::clone(&says)), web::Data::new(issuer.clone()));
        let app = move || {
            App::new()
                .app_data(told.clone())
                .app_data(called.clone())
                .route("/.well-known/openid-configuration", web::get().to(metadata))
                .route("/keys", web::get().to(keys))
                .route("/token", web::post().to(token))
                .route("/elsewhere", web::to(elsewhere))
                .route("/user-info", web::get().to(user_info))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        tokio::spawn(server);
        Self { issuer, says }
    }

    fn says(&self, what: impl FnOnce(&mut Says)) {
        what(&mut self.says.lock().unwrap());
    }
}

async fn metadata(says: web::Data<Mutex<Says>>, at: web::Data<String>) -> HttpResponse {
    let at = at.as_str();
    let says = says.lock().unwrap();
    if !says.is_up {
        return HttpResponse::BadGateway().finish();
    }
    HttpResponse::Ok().json(json!({
        "issuer": at, "authorization_endpoint": says.authorization_endpoint,
        "token_endpoint": format!("{at}/token"), "userinfo_endpoint": format!("{at}/user-info"),
        "jwks_uri": format!("{at}/keys"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    }))
}

async fn keys(says: web::Data<Mutex<Says>>) -> HttpResponse {
    let published = says.lock().unwrap().published.clone();
    let shown = published.iter().map(|key| {
        let x = URL_SAFE_NO_PAD.encode(key.verifying_key().to_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": name_of(key), "x": x})
    });
    HttpResponse::Ok().json(json!({"keys": shown.collect::<Vec<_>>()}))
}

async fn token(says: web::Data<Mutex<Says>>) -> HttpResponse {
    let (status, body) = says.lock().unwrap().token.clone();
    let status = actix_web::http::StatusCode::from_u16(status).unwrap();
    HttpResponse::build(status).insert_header(("Location", "/elsewhere")).json(body)
}

/// To where the token endpoint sends on: there everything would be as it should.
async fn elsewhere(says: web::Data<Mutex<Says>>) -> HttpResponse {
    HttpResponse::Ok().json(&says.lock().unwrap().token.1)
}

async fn user_info(says: web::Data<Mutex<Says>>) -> HttpResponse {
    HttpResponse::Ok().json(&says.lock().unwrap().user_info)
}

/// A sign-in at the liar, whose token endpoint answers what the tests make of the claims of an honest token.
async fn lied_to(
    town: &Town,
    liar: &Liar,
    answer: impl FnOnce(Value) -> (u16, Value),
) -> Answered {
    let begun = begin(&town.office).await;
    let url = reqwest::Url::parse(begun["authorization_url"].as_str().unwrap()).unwrap();
    let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let now = town.office.app.clock.now().timestamp();
    let honest = json!({
        "iss": liar.issuer, "aud": "daowei", "sub": "s-1", "preferred_username": "clerk",
        "nonce": asked["nonce"], "iat": now, "exp": now + 300,
    });
    let answer = answer(honest);
    liar.says(|says| says.token = answer);
    let shown = json!({"transaction": begun["transaction"], "state": asked["state"], "code": "c"});
    complete(&town.office, shown).await
}

fn tokens(id_token: impl Into<Value>) -> (u16, Value) {
    (200, json!({"access_token": "opaque", "token_type": "Bearer", "id_token": id_token.into()}))
}

fn honestly(claims: Value) -> (u16, Value) {
    tokens(signed(&header_of(&key(1)), &claims, &key(1)))
}

#[tokio::test]
async fn a_provider_is_believed_only_by_its_signature_of_what_was_asked() {
    let liar = Liar::start();
    let flags = flags_of(&liar.issuer);
    let town = Town::open_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    lied_to(&town, &liar, honestly).await.ok();

    let with = |name: &'static str, value: Value| {
        move |mut claims: Value| {
            claims[name] = value;
            honestly(claims)
        }
    };
    type Lie = Box<dyn FnOnce(Value) -> (u16, Value)>;
    let past = town.office.app.clock.now().timestamp() - 1;
    let by_secret = |claims: Value| {
        let key = jsonwebtoken::EncodingKey::from_secret(crate::support::provider::CLIENT_SECRET.as_bytes());
        let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        tokens(jsonwebtoken::encode(&header, &claims, &key).unwrap())
    };
    let unsigned = |claims: Value| {
        let text = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        tokens(format!("{}.{}.", text(&json!({"alg": "none"})), text(&claims)))
    };
    let too_much = |claims: Value| {
        let (status, mut body) = honestly(claims);
        body["further"] = json!("x".repeat(2 * 1024 * 1024));
        (status, body)
    };
    let lies: Vec<(&str, Lie)> = vec![
        ("another nonce", Box::new(with("nonce", json!("another")))),
        ("no nonce", Box::new(with("nonce", Value::Null))),
        ("another audience", Box::new(with("aud", json!("another")))),
        ("a further audience", Box::new(with("aud", json!(["daowei", "another"])))),
        ("another issuer", Box::new(with("iss", json!("https://id.example")))),
        ("an expired token", Box::new(with("exp", json!(past)))),
        ("another access token's hash", Box::new(with("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")))),
        ("a key that is not published", Box::new(|claims| tokens(signed(&header_of(&key(2)), &claims, &key(2))))),
        ("a subject that is none", Box::new(with("sub", json!("s\u{0}1")))),
        ("another key of the same name", Box::new(|claims| tokens(signed(&header_of(&key(1)), &claims, &key(2))))),
        ("signed with the shared secret", Box::new(by_secret)),
        ("not signed", Box::new(unsigned)),
        ("the code is not good", Box::new(|_| (400, json!({"error": "invalid_grant"})))),
        ("no ID token", Box::new(|_| (200, json!({"access_token": "opaque", "token_type": "Bearer"})))),
    ];
    for (why, lie) in lies {
        let answer = lied_to(&town, &liar, lie).await;
        assert_eq!(answer.status, 401, "{why}: {}", answer.text);
        answer.refused(401, "single_sign_on_failed");
    }
    let faults: Vec<(&str, Lie)> = vec![
        ("it fails", Box::new(|_| (500, Value::Null))),
        ("it sends elsewhere", Box::new(|claims| (307, honestly(claims).1))),
        ("it does not know this installation", Box::new(|_| (401, json!({"error": "invalid_client"})))),
        ("it says too much", Box::new(too_much)),
        ("it answers anything", Box::new(|_| (200, json!(["anything"])))),
        ("an ID token that is none", Box::new(|_| tokens("a.b.c"))),
    ];
    for (why, fault) in faults {
        let answer = lied_to(&town, &liar, fault).await;
        assert_eq!(answer.status, 503, "{why}: {}", answer.text);
        answer.refused(503, "provider_away");
    }

    // What the user-info endpoint tells is of the one whom the token is about, or nobody.
    let unnamed = |mut claims: Value| {
        claims.as_object_mut().unwrap().remove("preferred_username");
        claims["sub"] = json!("s-2");
        honestly(claims)
    };
    liar.says(|says| says.user_info = json!({"sub": "s-1", "preferred_username": "handler"}));
    lied_to(&town, &liar, unnamed).await.refused(401, "single_sign_on_failed");
    liar.says(|says| says.user_info = json!({"sub": "s-2", "preferred_username": "handler"}));
    assert_eq!(lied_to(&town, &liar, unnamed).await.ok().body["user"]["username"], "handler");

    // It may change its keys, also without saying so by their names.
    liar.says(|says| says.published = vec![key(3)]);
    town.office.clock.advance(TimeDelta::seconds(1));
    let with_the_new_key = |claims: Value| tokens(signed(&header_of(&key(3)), &claims, &key(3)));
    lied_to(&town, &liar, with_the_new_key).await.ok();
    lied_to(&town, &liar, honestly).await.refused(401, "single_sign_on_failed");
    liar.says(|says| says.published = vec![key(4)]);
    town.office.clock.advance(TimeDelta::seconds(1));
    let without_a_name = |claims: Value| tokens(signed(&json!({"alg": "EdDSA"}), &claims, &key(4)));
    lied_to(&town, &liar, without_a_name).await.ok();
    town.close().await;
}

#[tokio::test]
async fn what_a_provider_says_of_itself_is_asked_for_again_and_looked_at() {
    let liar = Liar::start();
    let flags = flags_of(&liar.issuer);
    let office = Office::open_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let url = async || begin(&office).await["authorization_url"].as_str().unwrap().to_owned();
    let is_away = async || {
        office.anyone().post("/auth/single-sign-on", json!({})).await.refused(503, "provider_away");
    };
    // It is not asked again at once.
    liar.says(|says| says.is_up = false);
    is_away().await;
    liar.says(|says| says.is_up = true);
    is_away().await;
    office.clock.advance(TimeDelta::seconds(10));
    assert!(url().await.starts_with(&format!("{}/authorize?", liar.issuer)));
    // Where users sign in is where it said until it is asked again.
    let moved = format!("{}/moved", liar.issuer);
    let said = moved.clone();
    liar.says(|says| says.authorization_endpoint = said);
    office.clock.advance(TimeDelta::minutes(59));
    assert!(url().await.starts_with(&format!("{}/authorize?", liar.issuer)));
    office.clock.advance(TimeDelta::minutes(1));
    assert!(url().await.starts_with(&format!("{moved}?")));
    // While it is away what is known of it goes on, for a day.
    liar.says(|says| says.is_up = false);
    office.clock.advance(TimeDelta::hours(23));
    assert!(url().await.starts_with(&format!("{moved}?")));
    office.clock.advance(TimeDelta::hours(1));
    is_away().await;
    // No browser is sent where a script runs, nor is anything asked that others read along.
    for wrong in ["javascript:alert(1)//", "http://id.example/authorize", "data:text/html,x"] {
        liar.says(|says| {
            says.is_up = true;
            says.authorization_endpoint = wrong.to_owned();
        });
        office.clock.advance(TimeDelta::seconds(10));
        is_away().await;
    }
    office.close().await;
}
