//! Sessions that their owner and the security administrator see and end, and the keys that sign access tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use daowei::identity::token::{Bearer, SessionId, TokenIssuer};
use domain::access::Role;
use domain::id::UserId;
use reqwest::Method;
use serde_json::{Value, json};
use store::token_keys;

use crate::support::{Caller, Office, PASSWORD, Town};

fn claims(caller: &Caller) -> (Value, Value) {
    let token = caller.token.clone().unwrap();
    let part = |number: usize| {
        let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
        serde_json::from_slice(&part).unwrap()
    };
    (part(0), part(1))
}

async fn keys(office: &Office) -> Vec<Value> {
    let set = office.anyone().send(Method::GET, "/.well-known/jwks.json", None).await.ok();
    set.body["keys"].as_array().unwrap().clone()
}

/// Verifies the caller's token as another program would, with nothing but the published key.
fn is_signed_under(caller: &Caller, key: &Value) -> bool {
    let token = caller.token.clone().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let x = ed25519_dalek::VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    x.verify_strict(signed.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn anybody_verifies_a_token_and_a_rotation_ends_none() {
    let town = Town::open().await;
    let office = &town.office;
    let first = office.staff("wang.fang", Role::Official, &[]).await;
    let published = keys(office).await;
    assert_eq!(published.len(), 1);
    let (header, payload) = claims(&first);
    assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &published[0]["kid"]));
    assert_eq!((&payload["iss"], &payload["aud"]), (&json!("daowei"), &json!("daowei-api")));
    assert!(is_signed_under(&first, &published[0]));
    assert_eq!((&published[0]["kty"], &published[0]["crv"]), (&json!("OKP"), &json!("Ed25519")));
    assert!(published[0].get("d").is_none(), "the private half is published");

    town.security.post("/admin/keys/rotation", json!({})).await.ok();
    first.get("/me").await.ok();
    let second = office.sign_in("wang.fang").await;
    let published = keys(office).await;
    assert_eq!(published.len(), 2);
    assert!(is_signed_under(&second, &published[0]) && is_signed_under(&first, &published[1]));
    let rotated = town.auditor.get("/admin/audit?act=rotate_token_key").await.ok();
    assert_eq!(rotated.body["items"][0]["user"], town.security.user.to_string());
    office.clock.advance(TimeDelta::hours(2));
    assert_eq!(keys(office).await.len(), 1);
    daowei::worker::purge(&office.app).await.unwrap();
    let sealer = office.app.sealer.clone();
    let left = office.app.store.read(move |connection| {
        token_keys::load(connection, &sealer).map(|(_, keys)| keys.len())
    });
    assert_eq!(left.await.unwrap(), 1, "a key of which no token is good any more is kept");
    town.close().await;
}

#[tokio::test]
async fn a_key_that_another_process_has_made_is_learnt_at_once() {
    let office = Office::open().await;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    let (_, payload) = claims(&caller);
    let (app, now) = (office.app.clone(), office.app.clock.now());
    let inner = app.clone();
    let rotated = app.store.write(move |connection| {
        token_keys::rotate(connection, &inner.sealer, inner.ids.next_number(), now)?;
        token_keys::load(connection, &inner.sealer)
    });
    let elsewhere = {
        let (version, keys) = rotated.await.unwrap();
        TokenIssuer::new(version, &keys, &app.settings).unwrap()
    };
    let id = |name: &str| payload[name].as_str().unwrap().to_owned();
    let bearer = Bearer {
        user: id("sub").parse::<UserId>().unwrap(),
        session: id("sid").parse::<SessionId>().unwrap(),
        second_factor: false,
        single_sign_on: false,
    };
    let token = elsewhere.issue(bearer, now).unwrap();
    // What else reads the new version of the directories first must not keep the keys from being read.
    daowei::worker::sweep(&app).await.unwrap();
    caller.with_token(&token).get("/me").await.ok();
    caller.get("/me").await.ok();
    assert_eq!(keys(&office).await.len(), 2);
    office.close().await;
}

async fn listed(caller: &Caller) -> Vec<Value> {
    caller.get("/me/sessions").await.ok().body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_session_is_seen_and_ended_by_its_owner() {
    let town = Town::open().await;
    let office = &town.office;
    let phone = office.anyone().with("User-Agent", "daowei-android/2.1");
    office.add_user("wang.fang", Role::Official, &[]).await;
    let phone = phone.signed_in("wang.fang", PASSWORD).await;
    office.clock.advance(TimeDelta::minutes(5));
    let desk = office.sign_in("wang.fang").await;
    let mine = listed(&desk).await;
    assert_eq!(mine.len(), 2);
    assert_eq!((&mine[0]["current"], &mine[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!((&mine[1]["user_agent"], &mine[1]["address"]), (&json!("daowei-android/2.1"), &json!("127.0.0.1")));
    let refresh = json!({"refresh_token": phone.refresh_token.clone().unwrap()});
    office.anyone().post("/auth/refresh", refresh.clone()).await.ok();
    let refreshed = listed(&desk).await;
    assert_eq!((refreshed.len(), &refreshed[1]["id"]), (2, &mine[1]["id"]));
    assert!(refreshed[1]["refreshed_at"].as_str() > refreshed[1]["started_at"].as_str());

    let path = format!("/me/sessions/{}", mine[1]["id"].as_str().unwrap());
    let stranger = office.staff("li.na", Role::Official, &[]).await;
    stranger.send(Method::DELETE, &format!("/api/v1{path}"), None).await.refused(404, "not_found");
    phone.get("/me").await.ok();
    desk.send(Method::DELETE, &format!("/api/v1{path}"), None).await.ok();
    phone.get("/me").await.refused(401, "not_signed_in");
    desk.send(Method::DELETE, &format!("/api/v1{path}"), None).await.refused(404, "not_found");
    desk.send(Method::DELETE, "/api/v1/me/sessions/x", None).await.refused(404, "not_found");
    assert_eq!(listed(&desk).await.len(), 1);

    let user = mine_of(&desk).await;
    let of_account = format!("/admin/users/{user}/sessions");
    let seen = town.security.get(&of_account).await.ok().body;
    assert_eq!((&seen["items"][0]["id"], &seen["items"][0]["current"]), (&mine[0]["id"], &json!(false)));
    let one = format!("/api/v1{of_account}/{}", mine[0]["id"].as_str().unwrap());
    let of_another = one.replace(&user, &town.clerk.user.to_string());
    town.security.caller().send(Method::DELETE, &of_another, None).await.refused(404, "not_found");
    town.security.caller().send(Method::DELETE, &one, None).await.ok();
    desk.get("/me").await.refused(401, "not_signed_in");
    town.security.get("/admin/users/01HZX5TJ4R2QK/sessions").await.refused(404, "not_found");

    let ended = town.auditor.get("/admin/audit?act=end_session").await.ok().body;
    assert_eq!(ended["items"].as_array().unwrap().len(), 2);
    assert_eq!(ended["items"][0]["user"], town.security.user.to_string());
    assert_eq!(ended["items"][0]["details"]["user"], user);
    town.close().await;
}

async fn mine_of(caller: &Caller) -> String {
    caller.get("/me").await.ok().body["id"].as_str().unwrap().to_owned()
}

/// However a refresh and the end of its session meet, nothing of the session is good afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_does_not_outlive_the_end_of_its_session() {
    let town = Town::open().await;
    let office = &town.office;
    office.add_user("wang.fang", Role::Official, &[]).await;
    for _ in 0..20 {
        let caller = office.sign_in("wang.fang").await;
        let session = listed(&caller).await.remove(0)["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/me/sessions/{session}");
        let anyone = office.anyone();
        let refresh = anyone.post("/auth/refresh", json!({"refresh_token": caller.refresh_token.clone().unwrap()}));
        let (refreshed, _) = tokio::join!(refresh, caller.send(Method::DELETE, &path, None));
        caller.get("/me").await.refused(401, "not_signed_in");
        if refreshed.status == 200 {
            let text = |name: &str| refreshed.body[name].as_str().unwrap().to_owned();
            anyone.with_token(&text("access_token")).get("/me").await.refused(401, "not_signed_in");
            let again = json!({"refresh_token": text("refresh_token")});
            anyone.post("/auth/refresh", again).await.refused(401, "not_signed_in");
        }
    }
    town.close().await;
}
