//! The database goes away and comes back: callers are told to come again, and what was answered is there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use futures_util::future::{join_all, select_all};
use serde_json::json;
use test_database::{PrivateServer, Stop};
use tokio::task::JoinSet;

use super::{connect, number, until};
use crate::support::papers::*;
use crate::support::{Caller, Town};

const PHONES: u32 = 4;

/// Phones that file one petition after the other, each under a key and until it is answered.
struct Phones {
    is_enough: Arc<AtomicBool>,
    filed: Arc<AtomicU32>,
    tasks: JoinSet<BTreeMap<u32, String>>,
}

impl Phones {
    fn start(town: &Town) -> Self {
        let (is_enough, filed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let mut tasks = JoinSet::new();
        for phone in 0..PHONES {
            let (caller, is_enough, filed) = (town.grid.caller(), Arc::clone(&is_enough), Arc::clone(&filed));
            tasks.spawn(async move {
                let mut cases = BTreeMap::new();
                for serial in phone * 200.. {
                    if is_enough.load(Ordering::Relaxed) {
                        break;
                    }
                    cases.insert(serial, file(&caller, serial).await);
                    filed.fetch_add(1, Ordering::Relaxed);
                }
                cases
            });
        }
        Self { is_enough, filed, tasks }
    }

    /// Waits until so many more were filed.
    async fn file_more(&self, count: u32) {
        let enough = self.filed.load(Ordering::Relaxed) + count;
        until("filings go on", async || self.filed.load(Ordering::Relaxed) >= enough).await;
    }

    async fn end(self) -> BTreeMap<u32, String> {
        self.is_enough.store(true, Ordering::Relaxed);
        self.tasks.join_all().await.into_iter().flatten().collect()
    }
}

/// Files until it is answered, and answers the case; every other answer says that it may succeed in a moment.
async fn file(caller: &Caller, serial: u32) -> String {
    let caller = caller.with("Idempotency-Key", &format!("phone-{serial}"));
    loop {
        let answered = caller.post("/cases", claim_of(serial)).await;
        if answered.status == 201 {
            return answered.body["id"].as_str().unwrap().to_owned();
        }
        answered.not_now();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn readiness(town: &Town) -> u16 {
    town.petitioner().send(reqwest::Method::GET, "/readyz", None).await.status
}

async fn nothing_can_be_done(town: &Town) {
    assert_eq!(readiness(town).await, 503);
    town.clerk.get("/cases").await.not_now();
    town.clerk.post("/cases", claim()).await.not_now();
    let sign_in = json!({"username": "grid", "password": crate::support::PASSWORD});
    town.petitioner().post("/auth/sign-in", sign_in).await.not_now();
    town.petitioner().send(reqwest::Method::GET, "/healthz", None).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_server_of_the_database_may_stop_crash_and_come_back() {
    let mut server = PrivateServer::start(&PrivateServer::FORGETFUL);
    let town = Town::open_with(&["--database-url", &server.url("postgres")]).await;
    let phones = Phones::start(&town);
    let faults: [fn(&mut PrivateServer); 3] =
        [|server| server.stop(Stop::Fast), |server| server.stop(Stop::Immediate), PrivateServer::kill_9];
    for cause in faults {
        phones.file_more(15).await;
        cause(&mut server);
        nothing_can_be_done(&town).await;
        server.restart();
        until("the program is ready again", async || readiness(&town).await == 200).await;
    }
    phones.file_more(15).await;
    let cases = phones.end().await;
    everything_is_there_once(&town, &cases).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_cut_cost_nobody_anything() {
    let server = PrivateServer::start(&PrivateServer::FORGETFUL);
    let town = Town::open_with(&["--database-url", &server.url("postgres")]).await;
    let mut beside = connect(&server.url("postgres"));
    let cut =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'daowei'";
    // While they rest.
    town.clerk.files(claim()).await;
    assert!(number(&mut beside, cut) > 0);
    town.clerk.get("/cases").await.ok();
    town.clerk.files(claim()).await;

    // In the middle of a transaction: the filing waits for the county's next number.
    let mut gate = connect(&server.url("postgres"));
    gate.batch_execute("BEGIN; SELECT FROM case_numbers FOR UPDATE").unwrap();
    let (clerk, before) = (town.clerk.caller(), town.rows().await["cases"]);
    let filing = tokio::spawn(async move { clerk.post("/cases", claim_of(1)).await });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daowei' AND wait_event_type = 'Lock'";
    until("the filing is in its transaction", async || number(&mut beside, waits) == 1).await;
    assert!(number(&mut beside, cut) > 0);
    until("the filing is tried again", async || number(&mut beside, waits) == 1).await;
    gate.batch_execute("COMMIT").unwrap();
    filing.await.unwrap().ok();
    assert_eq!(town.rows().await["cases"], before + 1);

    // At any moment.
    let phones = Phones::start(&town);
    for _ in 0..10 {
        phones.file_more(5).await;
        number(&mut beside, cut);
    }
    let cases = phones.end().await;
    everything_is_there_once(&town, &cases).await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_stands_still_lets_no_more_wait_than_it_has_connections_for() {
    let server = PrivateServer::start(&PrivateServer::FORGETFUL);
    let flags = ["--database-url", &server.url("postgres"), "--database-connections=1"];
    let town = Town::open_with(&flags).await;
    server.freeze();
    let asking = (0..3).map(|_| {
        let clerk = town.clerk.caller();
        tokio::spawn(async move { clerk.get("/cases").await })
    });
    // One waits for the server, the others for the one.
    let (told, _, others) = select_all(asking).await;
    told.unwrap().not_now();
    server.thaw();
    for answered in join_all(others).await {
        let answered = answered.unwrap();
        assert!([200, 503].contains(&answered.status), "{}", answered.text);
    }
    until("the program is ready again", async || readiness(&town).await == 200).await;
    town.clerk.get("/cases").await.ok();
    town.close().await;
}

/// Each key gave one case, which is there, and there are no others under keys.
async fn everything_is_there_once(town: &Town, cases: &BTreeMap<u32, String>) {
    for (serial, id) in cases {
        assert_eq!(&file(&town.grid.caller(), *serial).await, id, "{serial} was answered and is lost");
        town.grid.get(&format!("/cases/{id}")).await.ok();
    }
    let kept = |connection: &mut store::AnyConnection| {
        let keys = number(connection, "SELECT count(*) FROM idempotency_keys WHERE key LIKE 'phone-%'");
        let numbers = number(connection, "SELECT sum(last) FROM case_numbers");
        let given = number(connection, "SELECT count(DISTINCT case_no) FROM cases");
        Ok::<_, store::StoreError>((keys, numbers, given))
    };
    let (keys, numbers, given) = town.office.app.store.read(kept).await.unwrap();
    assert_eq!(keys, i64::try_from(cases.len()).unwrap());
    assert_eq!(numbers, given, "numbers of cases have a gap");
    assert_eq!(given, town.rows().await["cases"]);
    town.books_agree().await;
}
