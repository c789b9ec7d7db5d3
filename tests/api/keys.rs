//! The master keys: another takes one's place while people work, and nobody notices.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use domain::access::{Duty, Role};
use serde_json::{Value, json};
use diesel::connection::SimpleConnection;
use store::StoreError;
use store::connection::{self, Purpose};
use test_database::Engine;

use crate::ENGINE;
use crate::support::papers::*;
use crate::support::{Caller, Filed, Installation, PASSWORD, Town};
use crate::tamper::is_settled;

fn told(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap()
}

fn keys(installation: &Installation, arguments: &[&str]) -> Output {
    installation.daowei(&[&["keys"], arguments].concat()).output().unwrap()
}

#[track_caller]
fn done(installation: &Installation, arguments: &[&str]) -> String {
    let output = keys(installation, arguments);
    assert!(output.status.success(), "{}", told(&output));
    String::from_utf8(output.stdout).unwrap()
}

async fn reads(caller: &Caller, case: &Filed, accusation: &Filed) {
    let people = caller.get(&format!("{}/people?purpose=test", case.path())).await.ok();
    assert!(people.text.contains(PHONE), "{}", people.text);
    let accused = caller.get(&format!("{}?purpose=test", accusation.path())).await.ok();
    assert!(accused.text.contains("收受回扣"), "{}", accused.text);
}

/// Files by the same petitioner, and is told that there may be a petition of theirs already.
async fn is_recognised(caller: &Caller) {
    let filed = caller.post("/cases", claim()).await.ok().body;
    assert_ne!(filed["possible_repeats"], json!([]), "{filed}");
}

#[tokio::test]
async fn a_key_takes_anothers_place_while_the_server_goes_on() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let accusation = json!({"purpose": "accusation", "subject": "收受回扣", "claims": [],
        "respondents": [{"name": "某科长", "organisation": town.organs.bureau}]});
    let accusation = town.clerk.files(but(claim(), accusation)).await;
    let duties = [Duty::Register, Duty::Dispatch, Duty::Accusation];
    town.office.add_user("all", Role::Official, &duties).await;
    let organ = town.organs.county_petitions.get();
    town.office.change_user("all", move |user| user.organisation_id = organ).await;
    let store = &town.office.app.store;
    while !store.read(|connection| Ok::<_, StoreError>(is_settled(connection))).await.unwrap() {
        tokio::task::yield_now().await;
    }
    assert_eq!(daowei::worker::checkpoint(&town.office.app).await.unwrap(), 1);
    let installation = town.office.into_installation().await;

    let before = done(&installation, &["list"]);
    assert!(before.contains("\n1: ") && before.contains(" values, XChaCha20-Poly1305, seals\n"), "{before}");
    assert!(done(&installation, &["rotate"]).contains("sealed 0 values"));
    assert!(told(&keys(&installation, &["retire", "--number=1"])).contains("the key 1 seals"));
    // The international algorithms go with the key.
    done(&installation, &["add", "--national-algorithms=true"]);
    installation.is_private();
    // A server that goes on without it could not read what comes next: nothing seals under it before one has begun with it.
    let add = ["user", "add", "--username=early", "--role=official"];
    let refused = told(&installation.daowei(&add).output().unwrap());
    assert!(refused.contains("has begun with key 2, which seals: restart each of them first"), "{refused}");
    for early in [&["rotate"][..], &["retire", "--number=1"]] {
        let refused = told(&keys(&installation, early));
        assert!(refused.contains("has begun with key 2: restart each of them first"), "{refused}");
    }
    let first_ring = std::fs::read_to_string(ring_of(&installation)).unwrap();

    // As somebody whose data was destroyed: there is nothing to seal anew.
    let by_hand = |statements: &str| {
        let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
        database.batch_execute(statements).unwrap();
    };
    let empty = if ENGINE == Engine::Sqlite { "x''" } else { "'\\x'" };
    by_hand(&format!("INSERT INTO people (id, name_sealed, created_at, erased_case_id) VALUES (1, {empty}, '2026-01-01 00:00:00', 1)"));

    let server = installation.start(&["serve", "--second-factor-for=none"]);
    let caller = server.anyone().signed_in("all", PASSWORD).await;
    reads(&caller, &case, &accusation).await;
    assert!(told(&keys(&installation, &["retire", "--number=1"])).contains("`daowei keys rotate` comes first"));
    let rotated = done(&installation, &["rotate"]);
    assert!(rotated.starts_with("sealed ") && rotated.contains(" anew under key 2"), "{rotated}");
    reads(&caller, &case, &accusation).await;
    is_recognised(&caller).await;
    let listed = done(&installation, &["list"]);
    assert!(listed.contains("\n1: 0 values, XChaCha20-Poly1305\n2: ") && listed.contains(" values, SM4-GCM, seals\n"), "{listed}");
    server.end();
    by_hand("DELETE FROM people WHERE id = 1");

    assert!(done(&installation, &["retire", "--number=1"]).contains("retired-1.key"));
    installation.is_private();
    let ring = std::fs::read_to_string(ring_of(&installation)).unwrap();
    assert!(ring.lines().all(|line| !line.starts_with("1:")), "the key is still there");
    assert!(ring.starts_with("2:sm4:") && ring.contains("\nindex:") && !ring.contains("index:sm3:"), "other indexes");
    let kept = installation.data().join("keys/retired-1.key");
    assert!(std::fs::read_to_string(&kept).unwrap().starts_with("1:"));
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let server = installation.start(&["serve", "--second-factor-for=none"]);
    let caller = server.anyone().signed_in("all", PASSWORD).await;
    reads(&caller, &case, &accusation).await;
    is_recognised(&caller).await;
    server.end();
    let verified = installation.daowei(&["verify", "--json"]).output().unwrap();
    let verified: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified["fault_count"], 0, "{verified}");
    assert!(verified["checkpoint_count"].as_u64() > Some(0) && verified["person_count"].as_u64() > Some(2));

    // Keys that are others, or lack what was derived from the one that is gone, are told before anything is sealed under them.
    let of_number_two = ring.lines().next().unwrap();
    let another = format!("{ring}\n").replace(of_number_two, &first_ring.lines().next().unwrap().replacen("1:", "2:", 1));
    let without_index: String =
        ring.lines().filter(|line| !line.starts_with("index:")).map(|line| format!("{line}\n")).collect();
    // As an earlier version left it, a database remembers no key, and yet takes no other.
    let forget = "DELETE FROM meta WHERE key LIKE 'master_key:%' OR key = 'index_key'";
    let forgotten = [false, true].into_iter().flat_map(|forgotten| {
        [(&another, "is not the one"), (&without_index, "the key of the blind indexes")].map(|wrong| (forgotten, wrong))
    });
    for (forgotten, (wrong, why)) in forgotten {
        if forgotten {
            let mut database = connection::open(&installation.database(), Purpose::Write).unwrap();
            database.batch_execute(forget).unwrap();
        }
        std::fs::write(ring_of(&installation), wrong).unwrap();
        let refused = installation.daowei(&["serve", "--listen=127.0.0.1:0"]).output().unwrap();
        assert!(!refused.status.success() && told(&refused).contains(why), "{}", told(&refused));
    }
    // What was refused was not remembered.
    std::fs::write(ring_of(&installation), &ring).unwrap();
    installation.start(&["serve"]).end();
    // The number is not given to another key, also where the ring is one of before.
    std::fs::write(ring_of(&installation), first_ring.lines().next().unwrap()).unwrap();
    let refused = told(&keys(&installation, &["add"]));
    assert!(refused.contains("sealed under key 2, which is not here"), "{refused}");
}

fn ring_of(installation: &Installation) -> PathBuf {
    installation.data().join("keys/sealing.key")
}

#[tokio::test]
async fn an_office_of_the_national_algorithms_works_as_any_other() {
    let town = Town::open_with(&["--national-algorithms=true"]).await;
    let case = town.clerk.files(claim()).await;
    let people = format!("{}/people?purpose=test", case.path());
    assert!(town.clerk.get(&people).await.ok().text.contains(PHONE));
    is_recognised(&town.clerk.caller()).await;
    let accusation = json!({"purpose": "accusation", "subject": "收受回扣", "claims": [],
        "respondents": [{"name": "某科长", "organisation": town.organs.bureau}]});
    let accusation = town.grid.files(but(claim(), accusation)).await;
    assert_eq!(town.cleared_clerk.sees(&accusation).await["subject"], "收受回扣");
    town.books_agree().await;
    let installation = town.office.into_installation().await;
    let ring = std::fs::read_to_string(installation.data().join("keys/sealing.key")).unwrap();
    assert!(ring.starts_with("1:sm4:"));
    for words in [NAME, PHONE, "收受回扣"] {
        assert!(!installation.holds(words), "{words}");
    }
    let rebuilt = installation.daowei(&["rebuild", "--check"]).output().unwrap();
    assert!(rebuilt.status.success(), "{}", told(&rebuilt));
}

#[test]
fn keys_of_the_environment_are_changed_there() {
    let installation = Installation::seeded();
    let add = |arguments: &[&str]| {
        let mut command = installation.daowei(&[&["keys"], arguments].concat());
        command.env("DAOWEI_KEY", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").output().unwrap()
    };
    let added = told(&add(&["add"]));
    assert!(added.contains("DAOWEI_KEY=1:AQEBAQ") && added.contains("=,2:"), "{added}");
    assert!(add(&["list"]).status.success());
}
