//! Signing in with an authenticator, setting one up, and losing it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::access::{Duty, Role};
use serde_json::{Value, json};

use crate::support::{Answered, Authenticator, Caller, Office, PASSWORD, Town, books};

/// As without the flag; see `config`.
const BY_DEFAULT: &str =
    "--second-factor-for=reviewer,system_administrator,security_administrator,auditor,lead";

async fn sign_in(office: &Office, username: &str) -> Answered {
    office.anyone().post("/auth/sign-in", json!({"username": username, "password": PASSWORD})).await
}

/// Signs in as far as a password goes, and returns the challenge.
async fn challenged(office: &Office, username: &str) -> Value {
    let wanted = sign_in(office, username).await.ok();
    assert_eq!(wanted.status, 202, "{}", wanted.text);
    wanted.body["challenge"].clone()
}

async fn complete(office: &Office, challenge: &Value, code: &str) -> Answered {
    office.anyone().post("/auth/second-factor", json!({"challenge": challenge, "code": code})).await
}

/// The next step of every authenticator.
fn wait(office: &Office) {
    office.clock.advance(TimeDelta::seconds(30));
}

fn caller(office: &Office, session: &Value) -> Caller {
    office.anyone().with_token(session["access_token"].as_str().unwrap())
}

fn codes(answer: &Value) -> Vec<String> {
    let codes = answer["recovery_codes"].as_array().unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

/// How many sign-ins wait, and how many authenticators were begun.
async fn waiting_rows(office: &Office) -> (i64, i64) {
    let counted = office.app.store.read(|connection| {
        let mut count = |rows: &str| books::count(connection, rows);
        Ok::<_, store::StoreError>((
            count("sign_in_challenges"),
            count("second_factors WHERE confirmed_at IS NULL"),
        ))
    });
    counted.await.unwrap()
}

/// Signs in for the first time as somebody who needs a second factor.
async fn first_sign_in(office: &Office, username: &str) -> (Authenticator, Value) {
    let challenge = challenged(office, username).await;
    let enrol = json!({"challenge": challenge});
    let enrolment = office.anyone().post("/auth/second-factor/enrolment", enrol).await.ok().body;
    let authenticator = Authenticator::of(&enrolment);
    let session = complete(office, &challenge, &authenticator.at(office.app.clock.now())).await.ok().body;
    (authenticator, session)
}

#[tokio::test]
async fn whoever_needs_a_second_factor_sets_one_up_at_the_first_sign_in() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    for role in [Role::Reviewer, Role::SystemAdministrator, Role::SecurityAdministrator, Role::Auditor] {
        office.add_user(role.as_ref(), role, &[]).await;
        assert_eq!(sign_in(&office, role.as_ref()).await.status, 202, "{role:?}");
    }
    for role in [Role::GridMember, Role::Official] {
        office.staff(role.as_ref(), role, &[]).await.get("/me").await.ok();
    }
    office.add_user("cadre", Role::Official, &[Duty::Lead]).await;
    assert_eq!(sign_in(&office, "cadre").await.status, 202, "a leading cadre");
    let wanted = sign_in(&office, "auditor").await.ok().body;
    assert_eq!((&wanted["enrolled"], &wanted["expires_in"]), (&json!(false), &json!(300)));
    let challenge = &wanted["challenge"];
    office.anyone().with_token(challenge.as_str().unwrap()).get("/me").await.refused(401, "not_signed_in");
    complete(&office, challenge, "123456").await.refused(409, "second_factor_not_enrolled");
    let enrol = json!({"challenge": challenge});
    let abandoned = office.anyone().post("/auth/second-factor/enrolment", enrol.clone()).await.ok().body;
    let enrolment = office.anyone().post("/auth/second-factor/enrolment", enrol.clone()).await.ok();
    let (abandoned, authenticator) = (Authenticator::of(&abandoned), Authenticator::of(&enrolment.body));
    assert!(enrolment.body["uri"].as_str().unwrap().starts_with("otpauth://totp/daowei:auditor?"));
    let now = office.app.clock.now();
    complete(&office, challenge, &abandoned.at(now)).await.refused(401, "wrong_second_factor");
    let session = complete(&office, challenge, &authenticator.at(now)).await.ok().body;
    assert_eq!(codes(&session).len(), 8);
    let auditor = caller(&office, &session);
    let payload = session["access_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    assert_eq!(claims["amr"], json!(["pwd", "mfa"]));
    complete(&office, challenge, &authenticator.at(now)).await.refused(401, "not_signed_in");
    let mine = auditor.get("/me/second-factor").await.ok().body;
    assert_eq!((&mine["required"], &mine["recovery_codes_left"]), (&json!(true), &json!(8)));
    assert!(mine["enrolled_at"].is_string());
    let remove = json!({"password": PASSWORD, "code": codes(&session)[0]});
    auditor.post("/me/second-factor/removal", remove).await.refused(403, "forbidden");
    // What came before refreshed tokens carry the same.
    let refresh = json!({"refresh_token": session["refresh_token"]});
    let refreshed = office.anyone().post("/auth/refresh", refresh).await.ok().body;
    caller(&office, &refreshed).get("/me").await.ok();

    let trail = caller(&office, &refreshed).get("/admin/audit/export").await.ok().text;
    for act in ["ask_second_factor", "begin_second_factor", "enrol_second_factor", "wrong_second_factor", "authenticator"] {
        assert!(trail.contains(act), "{act} is missing from {trail}");
    }
    let secrets = [codes(&session).remove(0), enrolment.body["secret"].as_str().unwrap().to_owned()];
    let installation = office.into_installation().await;
    for secret in &secrets {
        assert!(!trail.contains(secret) && !installation.holds(secret), "{secret} is told");
    }
}

#[tokio::test]
async fn no_code_is_taken_twice() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    office.add_user("wang.fang", Role::Reviewer, &[]).await;
    let (authenticator, session) = first_sign_in(&office, "wang.fang").await;
    let first = authenticator.at(office.app.clock.now());
    let challenge = challenged(&office, "wang.fang").await;
    let enrol = json!({"challenge": challenge});
    office.anyone().post("/auth/second-factor/enrolment", enrol).await.refused(409, "second_factor_enrolled");
    complete(&office, &challenge, &first).await.refused(401, "wrong_second_factor");
    wait(&office);
    complete(&office, &challenge, &first).await.refused(401, "wrong_second_factor");
    office.clock.advance(TimeDelta::seconds(35));
    // One step ahead: the phone's clock is; after it none before it is taken.
    let now = office.app.clock.now();
    let ahead = authenticator.at(now + TimeDelta::seconds(30));
    let again = complete(&office, &challenge, &ahead).await.ok().body;
    assert!(again.get("recovery_codes").is_none(), "{again}");
    let challenge = challenged(&office, "wang.fang").await;
    complete(&office, &challenge, &authenticator.at(now)).await.refused(401, "wrong_second_factor");

    let recovery = codes(&session);
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap();
    let typed: String = recovery[0].to_uppercase().chars().map(wide).collect();
    assert!(typed.contains('－'), "{typed}");
    complete(&office, &challenge, &typed).await.ok();
    let challenge = challenged(&office, "wang.fang").await;
    complete(&office, &challenge, &recovery[0]).await.refused(401, "wrong_second_factor");
    let session = complete(&office, &challenge, &recovery[1]).await.ok().body;
    let left = caller(&office, &session).get("/me/second-factor").await.ok().body;
    assert_eq!(left["recovery_codes_left"], 6);

    // Two at the same moment, each with a challenge of its own.
    office.clock.advance(TimeDelta::minutes(2));
    let (one, other) = (challenged(&office, "wang.fang").await, challenged(&office, "wang.fang").await);
    let code = authenticator.at(office.app.clock.now());
    let (one, other) = tokio::join!(complete(&office, &one, &code), complete(&office, &other, &code));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401], "{} {}", one.text, other.text);

    // The same request twice at the same moment, as after an impatient click: nobody has failed.
    wait(&office);
    let challenge = challenged(&office, "wang.fang").await;
    let code = authenticator.at(office.app.clock.now());
    let (one, other) = tokio::join!(complete(&office, &challenge, &code), complete(&office, &challenge, &code));
    let late = if one.status == 200 { other } else { one };
    late.refused(401, "not_signed_in");
    office.close().await;
}

#[tokio::test]
async fn what_waits_for_a_second_factor_waits_for_minutes() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    office.add_user("wang.fang", Role::Reviewer, &[]).await;
    let challenge = challenged(&office, "wang.fang").await;
    let enrol = json!({"challenge": challenge});
    let enrolment = office.anyone().post("/auth/second-factor/enrolment", enrol).await.ok().body;
    let authenticator = Authenticator::of(&enrolment);
    office.clock.advance(TimeDelta::minutes(5));
    let code = authenticator.at(office.app.clock.now());
    complete(&office, &challenge, &code).await.refused(401, "not_signed_in");
    // What was begun is good for another sign-in, for a while.
    let challenge = challenged(&office, "wang.fang").await;
    office.clock.advance(TimeDelta::minutes(4));
    daowei::worker::purge(&office.app).await.unwrap();
    assert_eq!(waiting_rows(&office).await, (1, 1), "what is good still was removed, or what is not kept");
    let late = challenged(&office, "wang.fang").await;
    office.clock.advance(TimeDelta::minutes(1) + TimeDelta::seconds(1));
    let code = authenticator.at(office.app.clock.now());
    complete(&office, &late, &code).await.refused(409, "second_factor_not_enrolled");
    complete(&office, &challenge, &code).await.refused(401, "not_signed_in");
    office.clock.advance(TimeDelta::minutes(5));
    daowei::worker::purge(&office.app).await.unwrap();
    assert_eq!(waiting_rows(&office).await, (0, 0));

    // A challenge of the password before does not outlive it.
    let (authenticator, session) = first_sign_in(&office, "wang.fang").await;
    wait(&office);
    let challenge = challenged(&office, "wang.fang").await;
    let change = json!({"current_password": PASSWORD, "new_password": "another horse, another staple"});
    caller(&office, &session).post("/me/password", change).await.ok();
    let code = authenticator.at(office.app.clock.now());
    complete(&office, &challenge, &code).await.refused(401, "not_signed_in");
    office.close().await;
}

#[tokio::test]
async fn wrong_codes_lock_the_account_whatever_the_password() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    office.add_user("wang.fang", Role::Reviewer, &[]).await;
    let (authenticator, _) = first_sign_in(&office, "wang.fang").await;
    for _ in 0..5 {
        wait(&office);
        let challenge = challenged(&office, "wang.fang").await;
        let wrong = authenticator.not_at(office.app.clock.now());
        complete(&office, &challenge, &wrong).await.refused(401, "wrong_second_factor");
    }
    wait(&office);
    sign_in(&office, "wang.fang").await.refused(429, "sign_in_locked");
    office.clock.advance(TimeDelta::minutes(30));
    let challenge = challenged(&office, "wang.fang").await;
    complete(&office, &challenge, &authenticator.at(office.app.clock.now())).await.ok();
    office.close().await;
}

#[tokio::test]
async fn anybody_sets_one_up_and_takes_another_in_its_place() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    let desk = office.staff("wang.fang", Role::Official, &[]).await;
    let phone = office.sign_in("wang.fang").await;
    let now = || office.app.clock.now();
    let begin = async |shown: Value| desk.post("/me/second-factor/enrolment", shown).await;
    begin(json!({"password": "another"})).await.refused(422, "invalid_fields").at("/password", "wrong_password");
    let confirm = async |code: &str| desk.post("/me/second-factor", json!({"code": code})).await;
    confirm("123456").await.refused(409, "second_factor_not_enrolled");
    let renew = async |shown: Value| desk.post("/me/second-factor/recovery-codes", shown).await;
    renew(json!({"password": PASSWORD})).await.refused(409, "second_factor_not_enrolled");
    let first = Authenticator::of(&begin(json!({"password": PASSWORD})).await.ok().body);
    assert_eq!(sign_in(&office, "wang.fang").await.status, 200, "it counts before its first code");
    let phone_again = office.sign_in("wang.fang").await;
    confirm(&first.not_at(now())).await.refused(422, "invalid_fields").at("/code", "wrong_code");
    let recovery = codes(&confirm(&first.at(now())).await.ok().body);
    desk.get("/me").await.ok();
    for ended in [&phone, &phone_again] {
        ended.get("/me").await.refused(401, "not_signed_in");
    }
    let mine = desk.get("/me/second-factor").await.ok().body;
    assert_eq!((&mine["required"], &mine["recovery_codes_left"]), (&json!(false), &json!(8)));

    // Another in its place: the one until now stays until the other's first code.
    wait(&office);
    begin(json!({"password": PASSWORD})).await.refused(422, "invalid_fields").at("/code", "missing_field");
    let wrong = json!({"password": PASSWORD, "code": first.not_at(now())});
    begin(wrong).await.refused(422, "invalid_fields").at("/code", "wrong_code");
    let second = begin(json!({"password": PASSWORD, "code": first.at(now())})).await.ok().body;
    let second = Authenticator::of(&second);
    wait(&office);
    let challenge = challenged(&office, "wang.fang").await;
    complete(&office, &challenge, &second.at(now())).await.refused(401, "wrong_second_factor");
    complete(&office, &challenge, &first.at(now())).await.ok();
    confirm(&second.at(now())).await.ok();
    wait(&office);
    let challenge = challenged(&office, "wang.fang").await;
    complete(&office, &challenge, &first.at(now())).await.refused(401, "wrong_second_factor");
    complete(&office, &challenge, &recovery[0]).await.refused(401, "wrong_second_factor");
    office.clock.advance(TimeDelta::minutes(1));
    let shown = json!({"password": PASSWORD, "code": second.at(now())});
    let renewed = codes(&renew(shown).await.ok().body);
    let removal = async |code: &str| {
        desk.post("/me/second-factor/removal", json!({"password": PASSWORD, "code": code})).await
    };
    removal(&recovery[1]).await.refused(422, "invalid_fields").at("/code", "wrong_code");
    removal(&renewed[0]).await.ok();
    desk.get("/me").await.refused(401, "not_signed_in");
    assert_eq!(sign_in(&office, "wang.fang").await.status, 200);
    office.close().await;
}

#[tokio::test]
async fn a_change_of_password_takes_no_wrong_codes_back() {
    let office = Office::open().await;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    let begun = caller.post("/me/second-factor/enrolment", json!({"password": PASSWORD})).await.ok().body;
    let authenticator = Authenticator::of(&begun);
    let code = json!({"code": authenticator.at(office.app.clock.now())});
    caller.post("/me/second-factor", code).await.ok();
    let guess = async || {
        wait(&office);
        let guess = json!({"password": PASSWORD, "code": authenticator.not_at(office.app.clock.now())});
        caller.post("/me/second-factor/removal", guess).await
    };
    for _ in 0..3 {
        guess().await.refused(422, "invalid_fields").at("/code", "wrong_code");
    }
    wait(&office);
    let same = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    let unchanged = caller.post("/me/password", same).await;
    unchanged.refused(422, "invalid_fields").at("/new_password", "password_unchanged");
    // Nor one that comes about.
    wait(&office);
    let new = "another horse, another staple";
    caller.post("/me/password", json!({"current_password": PASSWORD, "new_password": new})).await.ok();
    let sent = json!({"username": "wang.fang", "password": new});
    for _ in 0..2 {
        wait(&office);
        let challenge = office.anyone().post("/auth/sign-in", sent.clone()).await.ok().body["challenge"].take();
        let wrong = authenticator.not_at(office.app.clock.now());
        complete(&office, &challenge, &wrong).await.refused(401, "wrong_second_factor");
    }
    wait(&office);
    office.anyone().post("/auth/sign-in", sent).await.refused(429, "sign_in_locked");
    office.close().await;
}

#[tokio::test]
async fn setting_one_up_at_sign_in_ends_what_was_begun_with_less() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    let before = office.staff("wang.fang", Role::Official, &[]).await;
    office.change_user("wang.fang", |user| user.role = Role::Reviewer.as_ref().to_owned()).await;
    let (authenticator, session) = first_sign_in(&office, "wang.fang").await;
    office.change_user("wang.fang", |user| user.role = Role::Official.as_ref().to_owned()).await;
    before.get("/me").await.refused(401, "not_signed_in");
    caller(&office, &session).get("/me").await.ok();

    // What waits when the account is disabled is not good when it is enabled again.
    wait(&office);
    let town_security = office.add_user("security", Role::SecurityAdministrator, &[]);
    town_security.await;
    let (_, security) = first_sign_in(&office, "security").await;
    let security = caller(&office, &security);
    let challenge = challenged(&office, "wang.fang").await;
    let user = caller(&office, &session).get("/me").await.ok().body["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/users/{user}");
    for active in [false, true] {
        let account = security.get(&path).await.ok();
        let entry = json!({"display_name": "wang.fang", "role": "official", "duties": [], "active": active,
            "organisation": account.body["organisation"]["id"]});
        security.with("If-Match", account.header("etag")).put(&path, entry).await.ok();
    }
    let code = authenticator.at(office.app.clock.now());
    complete(&office, &challenge, &code).await.refused(401, "not_signed_in");
    office.close().await;
}

#[tokio::test]
async fn a_role_that_needs_more_than_was_shown_counts_at_once() {
    let office = Office::open_with(&[BY_DEFAULT]).await;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    let other = office.sign_in("wang.fang").await;
    caller.get("/me").await.ok();
    office.change_user("wang.fang", |user| user.role = Role::Reviewer.as_ref().to_owned()).await;
    caller.get("/me").await.refused(401, "not_signed_in");
    let refresh = json!({"refresh_token": caller.refresh_token.clone().unwrap()});
    office.anyone().post("/auth/refresh", refresh).await.refused(401, "not_signed_in");
    office.change_user("wang.fang", |user| user.role = Role::Official.as_ref().to_owned()).await;
    caller.get("/me").await.refused(401, "not_signed_in");
    other.get("/me").await.ok();
    office.close().await;
}

#[tokio::test]
async fn a_security_administrator_takes_away_what_somebody_has_lost() {
    let town = Town::open().await;
    let office = &town.office;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    let begun = caller.post("/me/second-factor/enrolment", json!({"password": PASSWORD})).await.ok().body;
    let code = Authenticator::of(&begun).at(office.app.clock.now());
    let user = caller.get("/me").await.ok().body["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/users/{user}");
    let paths = [path.as_str(), "/admin/users?limit=200"];
    let mut tags = Vec::new();
    for path in paths {
        tags.push(town.security.get(path).await.ok().header("etag").to_owned());
    }
    caller.post("/me/second-factor", json!({"code": code})).await.ok();
    for (path, tag) in paths.into_iter().zip(tags) {
        assert_eq!(town.security.with("If-None-Match", &tag).get(path).await.status, 200, "{path} is stale");
    }
    let reset = async |user: &str, body: Value| {
        town.security.post(&format!("/admin/users/{user}/password"), body).await
    };
    let account = town.security.get(&path).await.ok().body;
    assert!(account["second_factor_since"].is_string(), "{account}");
    let page = town.security.get("/admin/users?limit=200").await.ok().body["items"].take();
    let with = page.as_array().unwrap().iter().filter(|account| account["second_factor_since"].is_string());
    assert_eq!(with.map(|account| account["id"].as_str().unwrap()).collect::<Vec<_>>(), [user.as_str()]);
    let raised = caller.get("/me/sessions").await.ok().body["items"][0]["second_factor"].take();
    assert_eq!(raised, true);
    // A new password is no way round it.
    let password = reset(&user, json!({})).await.ok().body["password"].take();
    let old = json!({"username": "wang.fang", "password": password});
    let wanted = office.anyone().post("/auth/sign-in", old.clone()).await.ok();
    assert_eq!((wanted.status, &wanted.body["enrolled"]), (202, &json!(true)));

    let with_factor = json!({"second_factor": true});
    reset(&town.security.user.to_string(), with_factor.clone()).await.refused(403, "forbidden");
    let password = reset(&user, with_factor).await.ok().body["password"].take();
    // Who knew the password until then sets nothing up with it.
    office.anyone().post("/auth/sign-in", old).await.refused(401, "wrong_credentials");
    complete(office, &wanted.body["challenge"], "123456").await.refused(401, "not_signed_in");
    let new = json!({"username": "wang.fang", "password": password});
    assert_eq!(office.anyone().post("/auth/sign-in", new).await.status, 200);
    let told = town.auditor.get("/admin/audit?act=reset_second_factor").await.ok().body;
    assert_eq!(told["items"][0]["subject"], format!("user:{user}"));
    town.close().await;
}

#[tokio::test]
async fn a_password_that_has_expired_is_changed_and_signs_nobody_in() {
    let office = Office::open_with(&["--password-max-age=90d"]).await;
    let caller = office.staff("wang.fang", Role::Official, &[]).await;
    office.clock.advance(TimeDelta::days(89));
    let late = office.sign_in("wang.fang").await;
    office.clock.advance(TimeDelta::days(1));
    let begun = office.anyone();
    let sent = |password: &str| json!({"username": "wang.fang", "password": password});
    begun.post("/auth/sign-in", sent("not the password")).await.refused(401, "wrong_credentials");
    sign_in(&office, "wang.fang").await.refused(403, "password_expired");
    let refresh = json!({"refresh_token": late.refresh_token.clone().unwrap()});
    begun.post("/auth/refresh", refresh).await.refused(401, "not_signed_in");
    caller.get("/me").await.refused(401, "not_signed_in");
    const NEW: &str = "another horse, another staple";
    let change = async |current: &str, new: &str, code: Option<&str>| {
        let mut body = json!({"username": "wang.fang", "current_password": current, "new_password": new});
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        office.anyone().post("/auth/password", body).await
    };
    change("not the password", NEW, None).await.refused(401, "wrong_credentials");
    change(PASSWORD, PASSWORD, None).await.refused(422, "invalid_fields").at("/new_password", "password_unchanged");
    change(PASSWORD, "short", None).await.refused(422, "invalid_fields").at("/new_password", "password_too_short");
    assert_eq!(change(PASSWORD, NEW, None).await.status, 204);
    begun.post("/auth/sign-in", sent(PASSWORD)).await.refused(401, "wrong_credentials");
    let caller = office.anyone().signed_in("wang.fang", NEW).await;

    // With an authenticator the password alone changes nothing.
    let enrol = caller.post("/me/second-factor/enrolment", json!({"password": NEW})).await.ok().body;
    let authenticator = Authenticator::of(&enrol);
    let code = authenticator.at(office.app.clock.now());
    caller.post("/me/second-factor", json!({"code": code})).await.ok();
    wait(&office);
    let now = office.app.clock.now();
    let newest = "neither horse nor staple any more";
    change(NEW, newest, None).await.refused(422, "invalid_fields").at("/code", "missing_field");
    change(NEW, newest, Some(&authenticator.not_at(now))).await.refused(401, "wrong_second_factor");
    assert_eq!(change(NEW, newest, Some(&authenticator.at(now))).await.status, 204);
    caller.get("/me").await.refused(401, "not_signed_in");
    office.close().await;
}
