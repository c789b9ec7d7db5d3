//! Servers that tests start, stop and kill, and what is left of them.

#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect fails")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use test_database::{Engine, PrivateServer, Stop, TestDatabase};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(connection: &mut PgConnection, table: &str) -> QueryResult<i64> {
    let counted = diesel::sql_query(format!("SELECT count(*) AS count FROM {table}"));
    counted.get_result::<Count>(connection).map(|found| found.count)
}

fn connect(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap()
}

#[test]
fn a_database_is_a_tests_own_and_goes_with_it() {
    let (first, second) = (TestDatabase::empty(Engine::Postgres), TestDatabase::empty(Engine::Postgres));
    let mut connection = connect(first.url());
    connection.batch_execute("CREATE TABLE notes (id INT)").unwrap();
    assert!(count(&mut connect(second.url()), "notes").is_err());
    let url = first.url().to_owned();
    drop(first);
    assert!(PgConnection::establish(&url).is_err());
    assert!(connection.batch_execute("SELECT 1").is_err(), "whoever is still connected is cut off");
    assert!(!second.url().is_empty());
}

#[test]
fn the_templates_have_what_they_say() {
    let tables = TestDatabase::migrated(Engine::Postgres);
    assert_eq!(count(&mut connect(tables.url()), "topics").unwrap(), 0);
    let seeded = TestDatabase::seeded(Engine::Postgres);
    assert!(count(&mut connect(seeded.url()), "topics").unwrap() > 0);
}

#[test]
fn what_was_committed_survives_a_kill_and_reaches_the_replica() {
    let mut primary = PrivateServer::start(&[]);
    primary.execute("postgres", "CREATE TABLE notes (id INT); INSERT INTO notes VALUES (1)");
    let replica = primary.replica(&[]);
    let mut reader = connect(&replica.url("postgres"));
    assert!(reader.batch_execute("INSERT INTO notes VALUES (2)").is_err(), "a replica only reads");

    primary.execute("postgres", "INSERT INTO notes VALUES (2)");
    while count(&mut reader, "notes").unwrap() < 2 {
        std::thread::yield_now();
    }
    let mut cut = connect(&primary.url("postgres"));
    primary.kill_9();
    assert!(count(&mut cut, "notes").is_err());
    primary.restart();
    assert_eq!(count(&mut connect(&primary.url("postgres")), "notes").unwrap(), 2);
    primary.stop(Stop::Immediate);
    primary.restart();
    primary.stop(Stop::Fast);
    assert!(PgConnection::establish(&primary.url("postgres")).is_err());

    replica.promote();
    reader.batch_execute("INSERT INTO notes VALUES (3)").unwrap();
}

#[test]
fn a_frozen_server_does_not_answer_until_it_is_thawed() {
    let server = PrivateServer::start(&PrivateServer::FORGETFUL);
    let mut connection = connect(&server.url("postgres"));
    server.freeze();
    let asking = std::thread::spawn(move || connection.batch_execute("SELECT 1"));
    std::thread::yield_now();
    assert!(!asking.is_finished());
    server.thaw();
    asking.join().unwrap().unwrap();
}

/// This program again, for the one test that holds a server, in another environment.
fn holder(environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "holds_a_server_for_the_test_that_kills_it", "--nocapture"]);
    command.env("HOLD_A_SERVER", "1").env_remove("CI").envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn holds_a_server_for_the_test_that_kills_it() {
    if std::env::var_os("HOLD_A_SERVER").is_some() {
        let server = PrivateServer::start(&PrivateServer::FORGETFUL);
        println!("\nserver: {}", server.url("postgres"));
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
}

#[test]
fn a_killed_test_leaves_no_server_and_no_directory() {
    let mut tests = holder(&[]).spawn().unwrap();
    let lines = BufReader::new(tests.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.filter_map(|line| line.strip_prefix("server: ").map(str::to_owned)).next().unwrap();
    connect(&url);
    let home = url.split_once("host=").unwrap().1.split('&').next().unwrap();
    assert!(Path::new(home).exists());
    tests.kill().unwrap();
    tests.wait().unwrap();
    while Path::new(home).exists() {
        std::thread::yield_now();
    }
    assert!(PgConnection::establish(&url).is_err());
}

#[test]
fn without_postgresql_tests_are_skipped_by_name_but_not_in_the_gate() {
    let told = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let skipped = holder(&[("TEST_POSTGRES_PROGRAMS", "/nowhere")]).output().unwrap();
    let expected = "skipped: holds_a_server_for_the_test_that_kills_it (there is no PostgreSQL";
    assert!(skipped.status.success() && told(&skipped).contains(expected), "{}", told(&skipped));
    assert_eq!(told(&skipped).matches("skipped: ").count(), 1, "{}", told(&skipped));
    let failed = holder(&[("TEST_POSTGRES_PROGRAMS", "/nowhere"), ("CI", "true")]).output().unwrap();
    assert!(!failed.status.success() && told(&failed).contains("apt-get install"), "{}", told(&failed));
}
