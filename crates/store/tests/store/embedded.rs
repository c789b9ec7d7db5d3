//! What only the embedded engine has: tables that take any value, and a file that others could read.

use std::os::unix::fs::PermissionsExt;

use store::journal::{self, NewEvent};
use store::{AnyConnection, Store, StoreError, StoreOptions};
use test_database::TestDatabase;

use crate::ENGINE;
use crate::schema::on_sqlite;
use crate::support::{event, migrated};

#[test]
fn every_table_is_strict() {
    let (_database, mut connection) = migrated();
    let AnyConnection::Sqlite(connection) = &mut connection else { panic!("another engine") };
    for object in on_sqlite::objects(connection) {
        assert!(object.kind != "table" || object.sql.contains("STRICT"), "{} is not strict", object.name);
    }
}

#[test]
fn the_file_is_private_to_its_owner() {
    let database = TestDatabase::empty(ENGINE);
    let _store = Store::open(&database.address(), &StoreOptions::default()).unwrap();
    for name in ["daowei.db", "daowei.db-wal"] {
        let mode = std::fs::metadata(database.directory().unwrap().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// What was committed is copied into the file while the writer goes on, and the log begins anew instead of growing.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_copied_beside_the_writer() {
    const ROUNDS: i64 = 400;
    let database = TestDatabase::migrated(ENGINE);
    let store = Store::open(&database.address(), &StoreOptions::default()).unwrap();
    let size = |name: &str| std::fs::metadata(database.directory().unwrap().join(name)).unwrap().len();
    let before = size("daowei.db");
    let mut longest = 0;
    for round in 0..ROUNDS {
        // A quarter of a megabyte in a commit of its own.
        let words = "话".repeat(85_000);
        let event = NewEvent { body: format!("\"{words}\""), ..event(round) };
        store.write(move |c| journal::append(c, round, 0, std::slice::from_ref(&event))).await.unwrap();
        longest = longest.max(size("daowei.db-wal"));
    }
    let (written, copied) = (u64::try_from(ROUNDS).unwrap() * 250_000, size("daowei.db") - before);
    assert!(copied > written / 2, "{copied} of {written} bytes were copied");
    assert!(longest < written / 2, "the log grew to {longest} of {written} bytes");
    store.close().await;
}

/// The engine's own check of a file of some million cases takes minutes; a query of the API that takes as long is given up.
#[tokio::test(start_paused = true)]
async fn what_goes_through_the_whole_file_is_waited_for() {
    let database = TestDatabase::migrated(ENGINE);
    let store = Store::open(&database.address(), &StoreOptions::default()).unwrap();
    let (let_one_end, waits) = std::sync::mpsc::channel::<()>();
    let (let_other_end, waits_too) = std::sync::mpsc::channel::<()>();
    let answer = |waits: std::sync::mpsc::Receiver<()>| {
        move |_: &mut AnyConnection| {
            waits.recv().unwrap();
            Ok::<_, StoreError>("all of it")
        }
    };
    let (inner, outer) = (store.clone(), store.clone());
    let whole = tokio::spawn(async move { inner.read_at_length(answer(waits)).await });
    let one = tokio::spawn(async move { outer.read(answer(waits_too)).await });
    for _ in 0..100 {
        tokio::time::advance(std::time::Duration::from_secs(10)).await;
    }
    let given_up = one.await.unwrap();
    assert!(matches!(given_up, Err(StoreError::Unreachable { .. })), "{given_up:?}");
    let_one_end.send(()).unwrap();
    let_other_end.send(()).unwrap();
    assert_eq!(whole.await.unwrap().unwrap(), "all of it");
}
