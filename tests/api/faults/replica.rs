//! Lists come from a streaming replica, and whoever has written sees it at once.

use serde_json::Value;
use test_database::{PrivateServer, Stop};

use super::{connect, number, until};
use crate::support::papers::claim_of;
use crate::support::{Staff, Town};

const CONNECTED: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daowei'";

/// How many cases the list of somebody shows.
async fn listed(staff: &Staff) -> usize {
    staff.get("/cases?limit=200").await.ok().body["items"].as_array().map_or(0, Vec::len)
}

fn holds(list: &Value, id: &str) -> bool {
    list["items"].as_array().unwrap().iter().any(|case| case["id"] == id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_from_the_replica_and_each_caller_sees_what_they_wrote() {
    let mut primary = PrivateServer::start(&PrivateServer::FORGETFUL);
    let mut replica = primary.replica(&PrivateServer::FORGETFUL);
    let (url, replica_url) = (primary.url("postgres"), replica.url("postgres"));
    let flags = ["--database-url", &url, "--database-replica-url", &replica_url];
    let town = Town::open_with(&flags).await;
    let pause = |replica: &PrivateServer| replica.execute("postgres", "SELECT pg_wal_replay_pause()");

    // The replica is where lists come from: what it does not have yet is not in them.
    town.clerk.files(claim_of(1)).await;
    until("the replica has the case", async || listed(&town.visitor).await == 1).await;
    assert!(number(&mut connect(&replica_url), CONNECTED) > 0);
    pause(&replica);
    let unseen = town.clerk.files(claim_of(2)).await;
    assert_eq!(listed(&town.visitor).await, 1, "another caller's list came from the server");
    for _ in 0..3 {
        let own = town.clerk.get("/cases?limit=200").await.ok().body;
        assert!(holds(&own, &unseen.id), "the caller does not see what they wrote");
    }

    // A crash of the server forgets who wrote what; nobody reads from before their own writes for it.
    primary.kill_9();
    primary.restart();
    until("the server is back", async || town.clerk.get("/cases").await.status == 200).await;
    assert_eq!(listed(&town.clerk).await, 2, "after the crash the caller's list is from before their write");
    replica.execute("postgres", "SELECT pg_wal_replay_resume()");
    town.clerk.files(claim_of(3)).await;
    until("the replica follows again", async || listed(&town.visitor).await == 3).await;

    // Without the replica lists go on, whole, and with it again it is read from again.
    for how in [Stop::Immediate, Stop::Fast] {
        replica.stop(how);
        let before = listed(&town.clerk).await;
        town.clerk.files(claim_of(10 + u32::try_from(before).unwrap())).await;
        assert_eq!((listed(&town.clerk).await, listed(&town.visitor).await), (before + 1, before + 1));
        replica.restart();
        let mut looking = connect(&replica_url);
        until("the replica is read from again", async || number(&mut looking, CONNECTED) > 0).await;
    }
    town.books_agree().await;
    town.close().await;
}

/// A frozen replica breaks no connection and answers nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_stands_still_holds_nobody_up() {
    let primary = PrivateServer::start(&PrivateServer::FORGETFUL);
    let replica = primary.replica(&PrivateServer::FORGETFUL);
    let (url, replica_url) = (primary.url("postgres"), replica.url("postgres"));
    let town = Town::open_with(&["--database-url", &url, "--database-replica-url", &replica_url]).await;
    town.clerk.files(claim_of(1)).await;
    until("the replica has the case", async || listed(&town.visitor).await == 1).await;
    replica.freeze();
    for _ in 0..20 {
        assert_eq!((listed(&town.clerk).await, listed(&town.visitor).await), (1, 1));
    }
    replica.thaw();
    town.close().await;
}
