//! An office that outgrows its file moves to a server, and may move back: it loses nothing, and goes on.

use std::process::Output;

use diesel::connection::SimpleConnection;
use domain::deadline::Rules;
use serde_json::json;
use store::connection::{self, Purpose};
use store::copy::{CopyError, copy};
use store::{DatabaseUrl, journal};
use test_database::{Engine, TestDatabase};

use crate::support::books::{Audit, audit};
use crate::support::papers::claim;
use crate::support::{Installation, PASSWORD, Process, Town};

/// The ids of all events, as a reader meets them who follows the journal.
fn feed(database: &DatabaseUrl) -> Vec<i64> {
    let connection = &mut connection::open(database, Purpose::Read).unwrap();
    journal::follow(connection, None, 10_000).unwrap().into_iter().map(|(_, event)| event.id).collect()
}

/// Moves the positions on as if the file had been written to more often than any server.
fn write_many_more(file: &TestDatabase) {
    let connection = &mut connection::open(&file.address(), Purpose::Write).unwrap();
    let moved =
        "DROP TRIGGER events_are_never_updated; UPDATE events SET position = position + 1000000000000";
    connection.batch_execute(moved).unwrap();
}

fn copied(installation: &Installation, from: &str, to: &str) -> (Option<i32>, String) {
    let mut command = installation.daowei(&["copy", "--from", from, "--to", to]);
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_moves_from_a_server_to_a_file_and_to_another_server_and_goes_on() {
    let town = Town::open().await;
    let case = town.reviewed().await;
    town.clerk.files(claim()).await;
    let until_at = town.office.app.clock.now() + chrono::TimeDelta::days(7);
    let given =
        json!({"deputy": town.examiner.user, "duties": ["sign"], "until_at": until_at, "reason": "出差"});
    town.head.post("/me/delegations", given).await.ok();
    let before = town.clerk.sees(&case).await;
    let installation = town.office.into_installation().await;
    let (file, server) = (TestDatabase::empty(Engine::Sqlite), TestDatabase::empty(Engine::Postgres));

    let (code, told) = copied(&installation, installation.database_url(), file.url());
    assert!(code == Some(0) && told.contains("the SHA-256 of 2 journals"), "{told}");
    write_many_more(&file);
    let (code, told) = copied(&installation, file.url(), server.url());
    assert!(code == Some(0) && told.contains("the SHA-256 of 2 journals"), "{told}");
    let events = feed(&installation.database());
    for place in [&file, &server] {
        assert_eq!(feed(&place.address()), events);
        let whole = Audit { integrity: "ok".to_owned(), case_count: 2, differing: Vec::new() };
        assert_eq!(audit(&place.address(), &installation.sealer()), whole);
        goes_on(&installation, place, &case.path(), &before).await;
        let later = feed(&place.address());
        assert!(later.starts_with(&events) && later.len() > events.len(), "what is new does not come last");
    }
}

/// The server starts on the copy with the same keys; who was there signs in, reads, and files another petition.
async fn goes_on(installation: &Installation, place: &TestDatabase, path: &str, before: &serde_json::Value) {
    let mut command = installation.daowei(&["serve", "--listen=127.0.0.1:0"]);
    let process = Process::start(command.env("DATABASE_URL", place.url()));
    let clerk = process.anyone().signed_in("clerk", PASSWORD).await;
    let now = clerk.get(path).await.ok().body;
    for field in ["case_no", "petitioners", "claims", "narrative"] {
        assert_eq!(now[field], before[field], "{field}");
    }
    clerk.post("/cases", claim()).await.ok();
    process.end();
}

#[tokio::test]
async fn nothing_is_copied_over_an_office() {
    let town = Town::open().await;
    town.clerk.files(claim()).await;
    let installation = town.office.into_installation().await;
    let (from, rules) = (installation.database(), Rules::default());
    let file = TestDatabase::seeded(Engine::Sqlite);
    copy(&from, &file.address(), &rules, None, &mut |_| ()).unwrap();
    for to in [file.address(), installation.database()] {
        let before = feed(&to);
        let refused = copy(&from, &to, &rules, None, &mut |_| ()).unwrap_err();
        assert!(matches!(refused, CopyError::NotEmpty { table: "regions", .. }), "{refused}");
        assert_eq!(feed(&to), before);
    }
}

#[test]
fn backup_and_restore_name_the_tools_of_postgresql() {
    let installation = Installation::new();
    for (command, tool) in [("backup", "pg_dump -Fc"), ("restore", "pg_restore -1")] {
        let output = installation.daowei(&[command, "file"]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && told.contains(tool) && told.contains("keys/"), "{told}");
    }
}
