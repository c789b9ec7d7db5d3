//! The embedded database: another process in the way, a full disk, slow readers.

use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use futures_util::future::{join_all, select_all};
use serde_json::json;
use store::connection::{self, Purpose};
use store::{AnyConnection, StoreError};

use crate::support::papers::claim_of;
use crate::support::small_disk::SmallDisk;
use crate::support::{Answered, Town};

/// Another connection, as of another process, that has the file's one write lock.
fn write_lock(town: &Town) -> AnyConnection {
    let mut connection = connection::open(&town.office.installation().database(), Purpose::Write).unwrap();
    connection.batch_execute("BEGIN IMMEDIATE").unwrap();
    connection
}

fn file_at_once(town: &Town, count: u32) -> Vec<tokio::task::JoinHandle<Answered>> {
    let filings = (0..count).map(|serial| {
        let clerk = town.clerk.caller();
        tokio::spawn(async move { clerk.post("/cases", claim_of(serial)).await })
    });
    filings.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_the_queue_writes_are_refused_at_once_while_reads_go_on() {
    let town = Town::open_with(&["--write-queue=1"]).await;
    let mut holder = write_lock(&town);
    // One has the writer, one the queue.
    let mut refused = 0;
    let mut filings = file_at_once(&town, 6);
    while filings.len() > 2 {
        let (answered, _, others) = select_all(filings).await;
        answered.unwrap().not_now();
        refused += 1;
        filings = others;
    }
    assert_eq!(refused, 4);
    town.clerk.get("/cases").await.ok();
    holder.batch_execute("ROLLBACK").unwrap();
    // The writer may not have been there for the first when the others came: then one more was refused.
    let mut filed = 0;
    for filing in filings {
        let answered = filing.await.unwrap();
        if answered.status == 201 {
            filed += 1;
        } else {
            answered.not_now();
        }
    }
    assert!(filed > 0);
    assert_eq!(town.rows().await["cases"], filed);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_for_a_lock_that_is_not_given_back_are_told_together() {
    let town = Town::open().await;
    let mut holder = write_lock(&town);
    // Whoever were left would be served now.
    let (told, _, others) = select_all(file_at_once(&town, 20)).await;
    told.unwrap().not_now();
    holder.batch_execute("ROLLBACK").unwrap();
    for answered in join_all(others).await {
        answered.unwrap().not_now();
    }
    town.clerk.files(claim_of(30)).await;
    assert_eq!(town.rows().await["cases"], 1);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_holds_up_neither_readers_nor_writers() {
    let town = Town::open_with(&["--database-connections=2"]).await;
    let (started, has_started) = tokio::sync::oneshot::channel();
    let (release, may_end) = mpsc::channel::<()>();
    let store = town.office.app.store.clone();
    let slow = tokio::spawn(async move {
        let reading = store.read(move |_| {
            started.send(()).unwrap();
            may_end.recv().unwrap();
            Ok::<_, StoreError>(())
        });
        reading.await
    });
    has_started.await.unwrap();
    let case = town.clerk.files(claim_of(1)).await;
    town.clerk.sees(&case).await;
    assert!(!slow.is_finished());
    release.send(()).unwrap();
    slow.await.unwrap().unwrap();
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_room_refuses_writes_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount("a_database_without_room", 16) else { return };
    let file = disk.path().join("daowei.db");
    let town = Town::open_with(&["--database-url", &format!("sqlite:{}", file.display())]).await;
    let mut cases = town.files_until_the_disk_is_full(&disk).await;
    disk.clear();
    cases.push(town.files_again().await);
    assert_eq!(town.rows().await["cases"], i64::try_from(cases.len()).unwrap());
    town.books_agree().await;
    let (database, sealer) = (town.office.app.settings.database_url.clone(), town.office.app.sealer.clone());
    town.close().await;
    let audit = crate::support::books::audit(&database, &sealer);
    assert_eq!((&*audit.integrity, audit.case_count), ("ok", i64::try_from(cases.len()).unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_its_time_is_over_is_not_done_in_anothers_place() {
    let town = Town::open().await;
    let case = town.in_handling().await;
    let until_at = town.office.app.clock.now() + TimeDelta::days(1);
    let given =
        json!({"deputy": town.examiner.user, "duties": ["handle"], "until_at": until_at, "reason": "值班"});
    town.head.post("/me/delegations", given).await.ok();
    let mut holder = write_lock(&town);
    let place = town.examiner.with("Acting-For", &town.head.user.to_string());
    let path = format!("/cases/{}/extension", case.id);
    let waiting =
        tokio::spawn(async move { place.post(&path, json!({"days": 10, "reason": "需要司法鉴定"})).await });
    // So long that it is let in before its time is over; if it were not, it would be refused all the same.
    tokio::time::sleep(Duration::from_millis(300)).await;
    town.days_later(1);
    holder.batch_execute("ROLLBACK").unwrap();
    waiting.await.unwrap().refused(403, "not_a_deputy");
    town.close().await;
}
