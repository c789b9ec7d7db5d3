//! Several processes on one database, of which one is killed and one stalls in the middle of its work.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use futures_util::future::{join, join_all};
use reqwest::Client;
use serde_json::json;
use store::AnyConnection;

use super::{connect, number, until};
use crate::support::papers::*;
use crate::support::places::TOWNSHIP;
use crate::support::{Answered, Caller, PASSWORD, Process, Town};

const PHONES: u32 = 6;
const FILINGS_A_PHONE: u32 = 12;
const DUE: &str = "SELECT count(*) FROM deadlines WHERE next_alarm_on <= CURRENT_DATE";
const HOLDER: &str = "SELECT COALESCE((SELECT holder FROM leases WHERE name = 'worker'), 0)";

/// Somebody who does not wait for a process that has stalled, but sends the same to another.
async fn impatient(process: &Process) -> Caller {
    let client = Client::builder().timeout(Duration::from_secs(2)).build().unwrap();
    Caller::new(client, process.url()).signed_in("grid", PASSWORD).await
}

async fn send(caller: &Caller, serial: u32) -> Option<Answered> {
    let keyed = caller.with("Idempotency-Key", &format!("phone-{serial}"));
    keyed.try_post("/cases", claim_of(serial)).await
}

/// Sends a filing to one process after the other, and each third one to two at once, until one has answered.
async fn file(callers: &[Caller], serial: u32) -> String {
    let at = |turn: usize| &callers[turn % callers.len()];
    for turn in usize::try_from(serial).unwrap().. {
        let answers = match serial % 3 {
            0 => Vec::from(<[_; 2]>::from(join(send(at(turn), serial), send(at(turn + 1), serial)).await)),
            _ => vec![send(at(turn), serial).await],
        };
        let mut filed = Vec::new();
        for answered in answers.into_iter().flatten() {
            match answered.status {
                201 => filed.push(answered.body["id"].as_str().unwrap().to_owned()),
                409 => drop(answered.refused(409, "still_running")),
                _ => drop(answered.not_now()),
            }
        }
        assert!(filed.iter().all(|id| *id == filed[0]), "one key gave two cases: {filed:?}");
        if let Some(id) = filed.pop() {
            return id;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!()
}

/// Petitions of so long ago that the clock of the processes has every alarm come.
async fn file_long_ago(town: &Town, first: u32) {
    for serial in first..first + 15 {
        let petition = but(claim_of(serial), json!({"region": TOWNSHIP}));
        // The stalled process may have the county's next number for a while.
        until("a filing is taken", async || {
            town.township_clerk.post("/cases", petition.clone()).await.status == 201
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_three_processes_is_killed_and_one_stalls_and_all_is_done_once() {
    let town = Town::open().await;
    let installation = town.office.installation();
    let mut beside = connect(installation.database_url());
    let serve = ["serve", "--sweep-interval=1s", "--worker-lease=2s", "--workers=1"];
    let stalling = installation.start(&serve);
    until("the first process has the lease", async || number(&mut beside, HOLDER) != 0).await;
    let sweeper = number(&mut beside, HOLDER);
    let (killed, lasting) = (installation.start(&serve), installation.start(&serve));
    file_long_ago(&town, 800).await;

    let callers = [impatient(&stalling).await, impatient(&killed).await, impatient(&lasting).await];
    let filed = Arc::new(AtomicU32::new(0));
    let phones = (0..PHONES).map(|phone| {
        let (callers, filed) = (callers.clone(), Arc::clone(&filed));
        tokio::spawn(async move {
            let mut cases = BTreeMap::new();
            for serial in (phone * 100..).take(usize::try_from(FILINGS_A_PHONE).unwrap()) {
                cases.insert(serial, file(&callers, serial).await);
                filed.fetch_add(1, Ordering::Relaxed);
            }
            cases
        })
    });
    let phones: Vec<_> = phones.collect();
    until("the burst is on its way", async || filed.load(Ordering::Relaxed) > PHONES).await;

    // All are in the middle of a transaction, waiting for the next number, when two of the processes fail.
    let mut gate = connect(installation.database_url());
    gate.batch_execute("BEGIN; SELECT FROM case_numbers FOR UPDATE").unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                 AND application_name = 'daowei' AND wait_event_type = 'Lock'";
    until("several filings wait", async || number(&mut beside, waits) >= 4).await;
    stalling.signal("STOP");
    drop(killed);
    gate.batch_execute("COMMIT").unwrap();
    until("another process sweeps", async || ![0, sweeper].contains(&number(&mut beside, HOLDER))).await;
    let cases: BTreeMap<u32, String> =
        join_all(phones).await.into_iter().flat_map(|cases| cases.unwrap()).collect();
    assert_eq!(cases.len(), usize::try_from(PHONES * FILINGS_A_PHONE).unwrap());
    file_long_ago(&town, 900).await;

    // What the stalled process had begun is not done a second time when it wakes.
    stalling.signal("CONT");
    // The first connections may be judged by the time at which it fell asleep, and be answered as too slow.
    let sign_in = json!({"username": "grid", "password": PASSWORD});
    until("the process that was woken answers", async || {
        let answer = stalling.anyone().try_post("/auth/sign-in", sign_in.clone()).await;
        answer.is_some_and(|answer| answer.status == 200)
    })
    .await;
    let woken = stalling.anyone().signed_in("grid", PASSWORD).await;
    for (serial, id) in &cases {
        let again = send(&woken, *serial).await.unwrap().ok();
        assert_eq!(
            (again.header("idempotent-replayed"), &again.body["id"]),
            ("true", &json!(id)),
            "{serial}"
        );
    }
    until("every alarm is told", async || number(&mut beside, DUE) == 0).await;
    assert_ne!(number(&mut beside, HOLDER), sweeper, "a live process keeps what it has taken over");
    lasting.end();
    until("the last process takes the sweep over at once", async || number(&mut beside, HOLDER) == sweeper)
        .await;
    stalling.end();
    all_was_done_once(&mut beside, i64::try_from(cases.len()).unwrap());
    town.books_agree().await;
    town.close().await;
}

fn all_was_done_once(connection: &mut AnyConnection, keys: i64) {
    let mut counted = |expression: &str| number(connection, expression);
    let cases = counted("SELECT count(*) FROM cases");
    assert_eq!(cases, keys + 30);
    assert_eq!(counted("SELECT count(*) FROM idempotency_keys WHERE key LIKE 'phone-%'"), keys);
    assert_eq!(counted("SELECT count(DISTINCT case_no) FROM cases"), cases);
    assert_eq!(counted("SELECT sum(last) FROM case_numbers"), cases, "numbers of cases have a gap");
    let told = "FROM events WHERE kind = 'deadline_told'";
    assert_eq!(counted(&format!("SELECT count(DISTINCT case_id) {told}")), 30);
    let twice =
        format!("SELECT count(*) FROM (SELECT {told} GROUP BY case_id, body HAVING count(*) > 1) AS twice");
    assert_eq!(counted(&twice), 0, "an alarm was told twice");
}
