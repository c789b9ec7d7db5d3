//! Signing in, staying signed in, and signing out.

use chrono::TimeDelta;
use domain::access::{Duty, Role};
use serde_json::json;

use crate::support::{Answered, Caller, Office, PASSWORD};

async fn refresh(caller: &Caller, token: &str) -> Answered {
    caller.post("/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn who_signs_in_is_known_until_the_token_ends() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[Duty::Register, Duty::Dispatch]).await;
    let body = json!({"username": "wang.fang", "password": PASSWORD});
    let session = office.anyone().post("/auth/sign-in", body).await.ok();
    assert_eq!((&session.body["token_type"], &session.body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(session.body["user"]["organisation"]["name"], "上城区信访局");

    let caller = office.anyone().with_token(session.body["access_token"].as_str().unwrap());
    let me = caller.get("/me").await.ok();
    assert_eq!(me.body, session.body["user"]);
    assert_eq!(me.body["duties"], json!(["register", "dispatch"]));
    assert!(me.body.get("password_hash").is_none());

    office.clock.advance(TimeDelta::seconds(899));
    caller.get("/me").await.ok();
    office.clock.advance(TimeDelta::seconds(1));
    let refused = caller.get("/me").await.refused(401, "not_signed_in");
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    office.close().await;
}

#[tokio::test]
async fn every_failure_to_sign_in_looks_the_same() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[]).await;
    office.add_user("li.na", Role::Official, &[]).await;
    office.change_user("li.na", |user| user.active = false).await;
    let mut told = Vec::new();
    for (username, password) in [("wang.fang", "wrong password"), ("nobody", PASSWORD), ("li.na", PASSWORD)] {
        let body = json!({"username": username, "password": password});
        let mut refused = office.anyone().post("/auth/sign-in", body).await.refused(401, "wrong_credentials");
        refused.body["request_id"].take();
        told.push(refused.body);
    }
    assert!(told.iter().all(|body| *body == told[0]), "{told:?}");
    office.close().await;
}

#[tokio::test]
async fn a_refresh_token_works_once_and_a_copied_one_ends_the_session() {
    let office = Office::open().await;
    let first = office.staff("wang.fang", Role::Official, &[]).await;
    let stolen = first.refresh_token.clone().unwrap();
    let second = refresh(&first, &stolen).await.ok();
    let caller = first.with_token(second.body["access_token"].as_str().unwrap());
    caller.get("/me").await.ok();
    refresh(&first, &stolen).await.refused(401, "not_signed_in");
    // The thief and the owner cannot be told apart, so both are out.
    refresh(&first, second.body["refresh_token"].as_str().unwrap()).await.refused(401, "not_signed_in");
    caller.get("/me").await.refused(401, "not_signed_in");
    refresh(&first, "made-up").await.refused(401, "not_signed_in");
    office.close().await;
}

#[tokio::test]
async fn refresh_tokens_end_as_well() {
    let office = Office::open().await;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    office.clock.advance(TimeDelta::days(14));
    refresh(&caller, caller.refresh_token.as_deref().unwrap()).await.refused(401, "not_signed_in");
    office.close().await;
}

#[tokio::test]
async fn signing_out_ends_this_session_alone() {
    let office = Office::open().await;
    let here = office.staff("wang.fang", Role::Official, &[]).await;
    let elsewhere = office.sign_in("wang.fang").await;
    assert_eq!(here.post("/auth/sign-out", json!({})).await.ok().status, 204);
    here.get("/me").await.refused(401, "not_signed_in");
    refresh(&here, here.refresh_token.as_deref().unwrap()).await.refused(401, "not_signed_in");
    elsewhere.get("/me").await.ok();
    office.close().await;
}

#[tokio::test]
async fn what_an_administrator_changes_counts_at_once() {
    let office = Office::open().await;
    let caller = office.staff("wang.fang", Role::Official, &[Duty::Register]).await;
    office.change_user("wang.fang", |user| user.duties = vec!["handle".to_owned()]).await;
    assert_eq!(caller.get("/me").await.ok().body["duties"], json!(["handle"]));
    office.change_user("wang.fang", |user| user.active = false).await;
    caller.get("/me").await.refused(401, "not_signed_in");
    refresh(&caller, caller.refresh_token.as_deref().unwrap()).await.refused(401, "not_signed_in");
    office.close().await;
}

#[tokio::test]
async fn a_new_password_is_checked_and_ends_every_session() {
    let office = Office::open().await;
    let caller = office.staff("wang.fang.2026", Role::Official, &[]).await;
    let new = "another horse, another staple";
    for (current, wanted, pointer, code) in [
        (PASSWORD, "short", "/new_password", "password_too_short"),
        (PASSWORD, "Wang.Fang.2026", "/new_password", "password_is_username"),
        (PASSWORD, PASSWORD, "/new_password", "password_unchanged"),
        ("not the password", new, "/current_password", "wrong_password"),
    ] {
        let body = json!({"current_password": current, "new_password": wanted});
        caller.post("/me/password", body).await.refused(422, "invalid_fields").at(pointer, code);
    }
    let body = json!({"current_password": PASSWORD, "new_password": new});
    assert_eq!(caller.post("/me/password", body).await.ok().status, 204);
    caller.get("/me").await.refused(401, "not_signed_in");
    let old = json!({"username": "wang.fang.2026", "password": PASSWORD});
    office.anyone().post("/auth/sign-in", old).await.refused(401, "wrong_credentials");
    office.anyone().signed_in("wang.fang.2026", new).await.get("/me").await.ok();
    office.close().await;
}

#[tokio::test]
async fn too_many_sign_ins_are_put_off() {
    let office = Office::open_with(&["--sign-in-rate=3"]).await;
    let body = json!({"username": "nobody", "password": "not the password"});
    for left in [2, 1, 0] {
        let refused =
            office.anyone().post("/auth/sign-in", body.clone()).await.refused(401, "wrong_credentials");
        assert!(
            refused.header("ratelimit").starts_with(&format!("\"sign-in\";r={left};")),
            "{:?}",
            refused.headers
        );
        assert_eq!(refused.header("ratelimit-policy"), "\"sign-in\";q=3;w=60");
    }
    let put_off = office.anyone().post("/auth/sign-in", body).await.refused(429, "too_many_requests");
    assert!((1..=21).contains(&put_off.header("retry-after").parse::<u32>().unwrap()));
    office.close().await;
}
