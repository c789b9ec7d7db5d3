//! The program itself: the first administrator, the keys, and a server that starts and stops.

use std::process::Output;

use daowei::clock::Clock;
use serde_json::json;

use crate::support::{Authenticator, Installation};

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn the_first_administrator_makes_the_keys_without_which_nothing_starts() {
    let office = Installation::new();
    let refused = office.daowei(&["serve", "--listen=127.0.0.1:0"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(
        told(&refused).contains("DAOWEI_KEY") && told(&refused).contains("daowei user add"),
        "{}",
        told(&refused)
    );

    let add = ["user", "add", "--username=admin", "--role=system_administrator"];
    let refused = office.daowei(&add).output().unwrap();
    assert!(told(&refused).contains("--region"), "{}", told(&refused));
    let place = ["--region=330102000000", "--region-name=上城区"];
    let added = office.daowei(&[&add[..], &place].concat()).output().unwrap();
    assert!(added.status.success(), "{}", told(&added));
    office.is_private();
    let again = office.daowei(&add).output().unwrap();
    assert!(told(&again).contains("already a user"), "{}", told(&again));

    let printed = String::from_utf8(added.stdout).unwrap();
    let password = printed.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned();
    let server = office.start(&["serve"]);
    let sign_in = json!({"username": "admin", "password": password});
    let wanted = server.anyone().post("/auth/sign-in", sign_in.clone()).await.ok();
    assert_eq!((wanted.status, &wanted.body["enrolled"]), (202, &json!(false)));
    let challenge = wanted.body["challenge"].clone();
    let enrolment = json!({"challenge": challenge});
    let enrolment = server.anyone().post("/auth/second-factor/enrolment", enrolment).await.ok().body;
    let code = Authenticator::of(&enrolment).at(Clock::system().now());
    let complete = json!({"challenge": challenge, "code": code});
    let session = server.anyone().post("/auth/second-factor", complete).await.ok().body;
    let administrator = server.anyone().with_token(session["access_token"].as_str().unwrap());
    assert_eq!(administrator.get("/me").await.ok().body["role"], json!("system_administrator"));

    let wrong = json!({"username": "admin", "password": "not the password"});
    while server.anyone().post("/auth/sign-in", wrong.clone()).await.status != 429 {}
    let reset = ["user", "reset-second-factor", "--username=admin"];
    let done = office.daowei(&reset).output().unwrap();
    assert!(done.status.success(), "{}", told(&done));
    administrator.get("/me").await.refused(401, "not_signed_in");
    server.anyone().post("/auth/sign-in", sign_in).await.refused(401, "wrong_credentials");
    let printed = String::from_utf8(done.stdout).unwrap();
    let password = printed.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    let sign_in = json!({"username": "admin", "password": password});
    let wanted = server.anyone().post("/auth/sign-in", sign_in).await.ok();
    assert_eq!((wanted.status, &wanted.body["enrolled"]), (202, &json!(false)));
    let nobody = office.daowei(&["user", "reset-second-factor", "--username=nobody"]).output().unwrap();
    assert!(!nobody.status.success() && told(&nobody).contains("no user nobody"), "{}", told(&nobody));
    let elsewhere = Installation::new();
    let without_keys = elsewhere.daowei(&reset).output().unwrap();
    assert!(told(&without_keys).contains("there is no sealing key"), "{}", told(&without_keys));
    server.end();
}

#[test]
fn every_setting_has_a_name_in_the_environment_and_faults_come_together() {
    let office = Installation::new();
    let help =
        office.daowei(&["serve", "--help"]).env("DATABASE_URL", "sqlite:secret").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for name in [
        "DAOWEI_LISTEN",
        "DAOWEI_DATA",
        "DATABASE_URL",
        "DAOWEI_LOG_FORMAT",
        "DAOWEI_TIME_ZONE",
        "DAOWEI_KEY",
    ] {
        assert!(help.contains(name), "{name} is missing from\n{help}");
    }
    assert!(!help.contains("sqlite:secret"), "the help tells a secret");
    let refused =
        office.daowei(&["serve", "--listen=here"]).env("DAOWEI_TIME_ZONE", "Mars").output().unwrap();
    assert!(
        told(&refused).contains("listen:") && told(&refused).contains("time_zone:"),
        "{}",
        told(&refused)
    );
}
