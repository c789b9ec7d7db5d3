//! Transactions in each other's way: what the server breaks off is tried again, and nobody's change is lost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use domain::text::Remark;
use futures_util::future::join_all;
use serde_json::json;
use store::{AnyConnection, Store, StoreError, StoreOptions, meta};
use test_database::{Engine, TestDatabase};

use super::{connect, number, until};
use crate::support::papers::*;
use crate::support::provider::flags_of;
use crate::support::{Filed, Town};

/// Longer than anything here takes, so that a test that fails ends.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again_until_both_are_done() {
    let database = TestDatabase::migrated(Engine::Postgres);
    let store = Store::open(&database.address(), &StoreOptions::default()).unwrap();
    for name in ["one", "other"] {
        store.write(move |connection| meta::set(connection, name, "")).await.unwrap();
    }
    let meeting = Arc::new(Barrier::new(2));
    let write = |first: &'static str, second: &'static str| {
        let (store, meeting, has_met) = (store.clone(), Arc::clone(&meeting), AtomicBool::new(false));
        async move {
            let work = move |connection: &mut AnyConnection| {
                let mark = |connection: &mut AnyConnection, name| {
                    let before = meta::get(connection, name)?.unwrap_or_default();
                    meta::set(connection, name, &format!("{before}{first} "))
                };
                let before = meta::get(connection, first)?.unwrap_or_default();
                meta::set(connection, first, &before)?;
                if !has_met.swap(true, Ordering::SeqCst) {
                    meeting.wait();
                }
                mark(connection, second)
            };
            store.write(work).await
        }
    };
    let (one, other) = tokio::join!(write("one", "other"), write("other", "one"));
    one.unwrap();
    other.unwrap();
    let kept = store.read(|connection| {
        Ok::<_, StoreError>((meta::get(connection, "one")?, meta::get(connection, "other")?))
    });
    assert_eq!(kept.await.unwrap(), (Some("other ".to_owned()), Some("one ".to_owned())));
    let mut connection = connect(database.url());
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    until("the server counts its deadlock", async || number(&mut connection, deadlocks) > 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_nobody_noticed_is_not_confirmed() {
    let database = TestDatabase::migrated(Engine::Postgres);
    let store = Store::open(&database.address(), &StoreOptions::default()).unwrap();
    let careless = store.write(|connection| {
        meta::set(connection, "kept", "yes")?;
        let _ = connection.batch_execute("SELECT 1 / 0");
        Ok::<_, StoreError>(())
    });
    let answered = careless.await;
    assert!(matches!(answered, Err(StoreError::NotCommitted { .. })), "{answered:?}");
    let kept = store.read(|connection| meta::get(connection, "kept")).await.unwrap();
    assert_eq!(kept, None);
    store.write(|connection| meta::set(connection, "kept", "yes")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_locked_for_long_is_refused_and_holds_up_no_other() {
    let town = Town::open().await;
    let (case, another) = (town.clerk.files(claim()).await, town.clerk.files(claim_of(1)).await);
    let mut holder = connect(town.office.installation().database_url());
    let lock = format!("BEGIN; SELECT FROM cases WHERE case_no = '{}' FOR UPDATE", case.case_no);
    holder.batch_execute(&lock).unwrap();
    let waiting = town.clerk.caller();
    let path = format!("{}/repeat-check", case.path());
    let waiting = tokio::spawn(async move { waiting.post(&path, first_petition()).await });
    town.clerk.act(&another, "repeat-check", first_petition()).await.ok();
    town.clerk.get(&case.path()).await.ok();
    waiting.await.unwrap().not_now();
    holder.batch_execute("COMMIT").unwrap();
    town.clerk.act(&case, "repeat-check", first_petition()).await.ok();
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_somebody_holds_keeps_no_other_alarm_from_being_told() {
    let town = Town::open().await;
    let (held, another) = (town.clerk.files(claim()).await, town.clerk.files(claim_of(1)).await);
    town.days_later(20);
    let mut holder = connect(town.office.installation().database_url());
    let lock = format!("BEGIN; SELECT FROM cases WHERE case_no = '{}' FOR UPDATE", held.case_no);
    holder.batch_execute(&lock).unwrap();
    let told = async |case| !town.clerk.told(case, "deadline_told").await.is_empty();
    daowei::worker::sweep(&town.office.app).await.unwrap();
    assert!(told(&another).await && !told(&held).await);
    let mark = |connection: &mut AnyConnection| {
        daowei::worker::mark_calendar_changed(connection, &Remark::parse("节假日安排更正").unwrap())
    };
    town.office.app.store.write(mark).await.unwrap();
    let marked = async || town.office.app.store.read(meta::calendar_mark).await.unwrap().is_some();
    daowei::worker::recompute(&town.office.app).await.unwrap();
    assert!(marked().await, "the case that was held stays at the old calendar");
    holder.batch_execute("COMMIT").unwrap();
    daowei::worker::sweep(&town.office.app).await.unwrap();
    assert!(told(&held).await, "an alarm lapsed silently");
    daowei::worker::recompute(&town.office.app).await.unwrap();
    assert!(!marked().await);
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_the_calendar_changes_is_reckoned_again() {
    let town = Town::open().await;
    let app = Arc::clone(&town.office.app);
    let (begun, has_begun) = mpsc::channel();
    let (end, may_end) = mpsc::channel();
    let may_end = Mutex::new(may_end);
    let store = app.store.clone();
    let writing = tokio::spawn(async move {
        let work = move |_: &mut AnyConnection| {
            begun.send(()).unwrap();
            may_end.lock().unwrap().recv_timeout(PATIENCE).unwrap();
            Ok::<_, StoreError>(())
        };
        store.write(work).await
    });
    tokio::task::spawn_blocking(move || has_begun.recv_timeout(PATIENCE)).await.unwrap().unwrap();
    let mark = |connection: &mut AnyConnection| {
        daowei::worker::mark_calendar_changed(connection, &Remark::parse("节假日安排更正").unwrap())
    };
    app.store.write(mark).await.unwrap();
    let recomputing = tokio::spawn(async move { daowei::worker::recompute(&app).await });
    let mut watch = connect(town.office.installation().database_url());
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'";
    until("the recomputation waits or is done", async || {
        recomputing.is_finished() || number(&mut watch, waiting) > 0
    })
    .await;
    let was_early = recomputing.is_finished();
    end.send(()).unwrap();
    assert!(!was_early, "what was being written would have been overlooked");
    writing.await.unwrap().unwrap();
    recomputing.await.unwrap().unwrap();
    assert!(town.office.app.store.read(meta::calendar_mark).await.unwrap().is_none());
    town.close().await;
}

/// Whoever confirms a repeat changes two cases; so does whoever confirms another of the same, and the two meet at neither.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_cases_the_earlier_is_locked_first() {
    let town = Town::open().await;
    let (earlier, later) = (town.clerk.files(claim()).await, town.clerk.files(claim()).await);
    let mut holder = connect(town.office.installation().database_url());
    let lock = |case: &Filed| format!("SELECT FROM cases WHERE case_no = '{}' FOR UPDATE", case.case_no);
    holder.batch_execute(&format!("BEGIN; {}", lock(&earlier))).unwrap();
    let (clerk, path) = (town.clerk.caller(), format!("{}/repeat-check", later.path()));
    let repeat = json!({"repeat_of": earlier.id, "reason": "同一事项"});
    let confirming = tokio::spawn(async move { clerk.post(&path, repeat).await });
    let mut watch = connect(town.office.installation().database_url());
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("the confirmation waits for the earlier case", async || number(&mut watch, waiting) > 0).await;
    // It holds nothing of the later yet, or this would wait for it and it for us.
    holder.batch_execute(&format!("{} NOWAIT; COMMIT", lock(&later))).unwrap();
    confirming.await.unwrap().ok();
    town.books_agree().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_commands_on_one_case_none_is_lost_and_of_many_on_one_version_one_wins() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    let path = format!("{}/repeat-check", case.path());
    let all = (0..24).map(|_| {
        let (clerk, path) = (town.clerk.caller(), path.clone());
        async move { clerk.post(&path, first_petition()).await.ok() }
    });
    let versions: Vec<u64> =
        join_all(all).await.iter().map(|answered| answered.body["version"].as_u64().unwrap()).collect();
    let distinct: BTreeSet<_> = versions.iter().collect();
    assert_eq!(distinct.len(), 24, "a command was decided on a state that had gone: {versions:?}");
    let read = town.clerk.get(&case.path()).await.ok();
    assert_eq!(read.body["version"].as_u64().as_ref(), distinct.last().copied());

    let tag = read.header("etag").to_owned();
    let all = (0..12).map(|_| {
        let (clerk, path) = (town.clerk.with("If-Match", &tag), path.clone());
        async move { clerk.post(&path, first_petition()).await }
    });
    let (won, lost): (Vec<_>, Vec<_>) =
        join_all(all).await.into_iter().partition(|answered| answered.status == 200);
    assert_eq!(won.len(), 1);
    lost.into_iter().for_each(|answered| drop(answered.refused(412, "version_lost")));
    town.books_agree().await;
    town.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_a_provider_is_linked_to_one_account_whoever_links_them_at_once() {
    let issuer = "http://127.0.0.1:9";
    let flags = flags_of(issuer);
    let town = Town::open_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut other = connect(town.office.installation().database_url());
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let visitor = town.visitor.user.get();
    let was_linked = format!(
        "INSERT INTO external_identities (issuer, subject, user_id, linked_at, unlinked_at)
         VALUES ('{issuer}', 'known', {visitor}, now(), now())"
    );
    other.batch_execute(&was_linked).unwrap();
    // Another process links one who is new, and one whose link was taken away, and has not committed yet.
    let new = format!(
        "INSERT INTO external_identities (issuer, subject, user_id, linked_at) VALUES ('{issuer}', 'new', {visitor}, now())"
    );
    let known = "UPDATE external_identities SET unlinked_at = NULL WHERE subject = 'known'".to_owned();
    for (subject, linking) in [("new", new), ("known", known)] {
        other.batch_execute(&format!("BEGIN; {linking}")).unwrap();
        let security = town.security.caller();
        let path = format!("/admin/users/{}/single-sign-on", town.clerk.user);
        let linked = tokio::spawn(async move { security.put(&path, json!({"subject": subject})).await });
        let mut beside = connect(town.office.installation().database_url());
        until("the server waits for the other", async || number(&mut beside, waits) > 0).await;
        other.batch_execute("COMMIT").unwrap();
        let refused = linked.await.unwrap().refused(409, "conflict");
        assert_eq!(refused.body["detail"], "该统一身份认证用户已关联其他账号", "it was looked at again");
        let ends = format!("UPDATE external_identities SET unlinked_at = now() WHERE subject = '{subject}'");
        other.batch_execute(&ends).unwrap();
    }
    town.close().await;
}
