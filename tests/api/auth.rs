//! Signing in, staying signed in, and signing out.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use domain::access::{Duty, Role};
use serde_json::json;
use store::connection::{self, Purpose};

use crate::support::{Answered, Caller, Office, PASSWORD, Town};

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

async fn try_to_sign_in(office: &Office, username: &str, password: &str) -> Answered {
    office.anyone().post("/auth/sign-in", json!({"username": username, "password": password})).await
}

/// Fails until the account is locked, waiting as long as each answer asks.
async fn fail_until_locked(office: &Office, username: &str) {
    for pause in [0, 0, 0, 5, 15] {
        office.clock.advance(TimeDelta::seconds(pause));
        try_to_sign_in(office, username, "wrong password").await.refused(401, "wrong_credentials");
    }
}

#[tokio::test]
async fn five_failures_lock_an_account_whether_or_not_there_is_one() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[]).await;
    let mut told = Vec::new();
    for username in ["wang.fang", "nobody"] {
        fail_until_locked(&office, username).await;
        // Right or wrong, the password is not looked at.
        let mut locked = try_to_sign_in(&office, username, PASSWORD).await.refused(429, "sign_in_locked");
        assert_eq!(locked.header("retry-after"), "1801");
        locked.body["request_id"].take();
        told.push(locked.body);
    }
    assert_eq!(told[0], told[1]);
    office.add_user("li.na", Role::Official, &[]).await;
    try_to_sign_in(&office, "li.na", PASSWORD).await.ok();

    // Whoever goes on meanwhile does not make it longer.
    office.clock.advance(TimeDelta::minutes(30) - TimeDelta::seconds(21));
    try_to_sign_in(&office, "wang.fang", PASSWORD).await.refused(429, "sign_in_locked");
    office.clock.advance(TimeDelta::seconds(1));
    try_to_sign_in(&office, "wang.fang", PASSWORD).await.ok();
    office.close().await;
}

#[tokio::test]
async fn the_pauses_between_failures_grow_and_a_success_forgets_them() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[]).await;
    for _ in 0..3 {
        try_to_sign_in(&office, "wang.fang", "wrong password").await.refused(401, "wrong_credentials");
    }
    let locked = try_to_sign_in(&office, "wang.fang", PASSWORD).await.refused(429, "sign_in_locked");
    assert_eq!(locked.header("retry-after"), "6");
    office.clock.advance(TimeDelta::seconds(5));
    try_to_sign_in(&office, "wang.fang", PASSWORD).await.ok();
    fail_until_locked(&office, "wang.fang").await;
    office.close().await;
}

#[tokio::test]
async fn a_security_administrator_unlocks_an_account() {
    let office = Office::open().await;
    let keeper = office.staff("zhao.jun", Role::SecurityAdministrator, &[]).await;
    let clerk = office.staff("li.na", Role::Official, &[]).await;
    let locked_out = office.staff("wang.fang", Role::Official, &[]).await;
    let id = locked_out.get("/me").await.ok().body["id"].as_str().unwrap().to_owned();
    fail_until_locked(&office, "wang.fang").await;
    // Who is signed in already works on.
    locked_out.get("/me").await.ok();
    let unlock = format!("/admin/users/{id}/unlock");
    clerk.post(&unlock, json!({})).await.refused(403, "forbidden");
    try_to_sign_in(&office, "wang.fang", PASSWORD).await.refused(429, "sign_in_locked");
    assert_eq!(keeper.post(&unlock, json!({})).await.status, 204);
    try_to_sign_in(&office, "wang.fang", PASSWORD).await.ok();

    fail_until_locked(&office, "wang.fang").await;
    keeper.post(&format!("/admin/users/{id}/password"), json!({"password": "another good one"})).await.ok();
    try_to_sign_in(&office, "wang.fang", "another good one").await.ok();
    office.close().await;
}

#[tokio::test]
async fn many_guesses_at_one_moment_are_as_many_failures() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[]).await;
    let guesses = (0..8).map(|_| try_to_sign_in(&office, "wang.fang", "wrong password"));
    let answers = futures_util::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(looked_at, 3, "the others wait for the first pause");
    office.close().await;
}

#[tokio::test]
async fn what_the_server_could_not_do_is_nobodys_failure() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[]).await;
    let mut database = connection::open(&office.app.settings.database_url, Purpose::Write).unwrap();
    database.batch_execute("ALTER TABLE refresh_tokens RENAME TO mislaid").unwrap();
    for _ in 0..6 {
        try_to_sign_in(&office, "wang.fang", PASSWORD).await.refused(500, "internal");
    }
    database.batch_execute("ALTER TABLE mislaid RENAME TO refresh_tokens").unwrap();
    try_to_sign_in(&office, "wang.fang", PASSWORD).await.ok();
    office.close().await;
}

#[tokio::test]
async fn the_current_password_is_not_guessed_in_an_open_session() {
    let office = Office::open().await;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    let guess = async |current: &str| {
        let body = json!({"current_password": current, "new_password": "another horse, another staple"});
        caller.post("/me/password", body).await
    };
    for _ in 0..3 {
        guess("not the password").await.refused(422, "invalid_fields").at("/current_password", "wrong_password");
    }
    guess(PASSWORD).await.refused(429, "sign_in_locked");
    office.clock.advance(TimeDelta::seconds(5));
    assert_eq!(guess(PASSWORD).await.ok().status, 204);
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
        (PASSWORD, "wangfang2026", "/new_password", "password_too_weak"),
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
async fn the_last_five_passwords_are_not_used_again() {
    let town = Town::open().await;
    let office = &town.office;
    office.add_user("wang.fang", Role::Official, &[]).await;
    let words = ["another horse, another staple", "green lamp under the desk", "seven quiet bicycles", "tea before the meeting", "rain on the tin roof"];
    let mut current = PASSWORD;
    let change = async |current: &str, new: &str| {
        let caller = office.anyone().signed_in("wang.fang", current).await;
        caller.post("/me/password", json!({"current_password": current, "new_password": new})).await
    };
    for (count, new) in words.into_iter().enumerate() {
        if count > 0 {
            let again = change(current, PASSWORD).await.refused(422, "invalid_fields");
            again.at("/new_password", "password_used_before");
        }
        change(current, new).await.ok();
        office.clock.advance(TimeDelta::seconds(1));
        current = new;
    }
    change(current, PASSWORD).await.ok();
    let account = town.security.get("/admin/users?limit=200").await.ok().body;
    let account = account["items"].as_array().unwrap().iter().find(|user| user["username"] == "wang.fang").unwrap();
    let path = format!("/admin/users/{}/password", account["id"].as_str().unwrap());
    for (known, code) in [(PASSWORD, "password_unchanged"), (current, "password_used_before")] {
        let refused = town.security.post(&path, json!({"password": known})).await.refused(422, "invalid_fields");
        refused.at("/password", code);
    }
    let once = town.security.with("Idempotency-Key", "reset");
    for _ in 0..2 {
        once.post(&path, json!({"password": "lemon trees by the canal"})).await.ok();
    }
    town.close().await;
}

#[tokio::test]
async fn a_hash_of_older_parameters_is_replaced_at_the_next_sign_in() {
    let office = Office::open().await;
    office.add_user("wang.fang", Role::Official, &[]).await;
    let weaker = argon2::Params::new(8_192, 1, 1, None).unwrap();
    let weaker = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, weaker);
    let weaker = argon2::PasswordHasher::hash_password(&weaker, PASSWORD.as_bytes()).unwrap();
    let weaker: argon2::password_hash::phc::PasswordHash = weaker;
    let weaker = weaker.to_string();
    office.change_user("wang.fang", move |user| user.password_hash.clone_from(&weaker)).await;
    let stored = async || {
        let found = office.app.store.read(|connection| store::users::find_by_username(connection, "wang.fang"));
        found.await.unwrap().unwrap().password_hash
    };
    let wrong = json!({"username": "wang.fang", "password": "not the password"});
    office.anyone().post("/auth/sign-in", wrong).await.refused(401, "wrong_credentials");
    assert!(stored().await.contains("m=8192,t=1"));
    let caller = office.sign_in("wang.fang").await;
    assert!(stored().await.contains("m=19456,t=2"));
    caller.get("/me").await.ok();
    office.sign_in("wang.fang").await;
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
