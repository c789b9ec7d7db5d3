//! Failed sign-ins from many networks, as a botnet would send them.

use chrono::{DateTime, TimeDelta, Utc};
use store::sign_in_failures::{self, Attempt, Counting, Limits};
use store::{AnyConnection, StoreError};

use crate::support::fresh;

const LIMITS: Limits = Limits { from_one_network: 5, from_anywhere: 7, lock: TimeDelta::minutes(30) };

fn begin(
    connection: &mut AnyConnection,
    account: &str,
    network: u8,
    now: DateTime<Utc>,
) -> Result<Attempt, StoreError> {
    sign_in_failures::begin(connection, account, &format!("203.0.113.{network}"), now, LIMITS)
}

/// Until when it is not taken; none where it is.
fn locked_until(attempt: Attempt) -> Option<DateTime<Utc>> {
    match attempt {
        Attempt::Taken(_) => None,
        Attempt::Locked { until } => Some(until),
    }
}

fn taken(attempt: Attempt) -> Counting {
    match attempt {
        Attempt::Taken(counting) => counting,
        Attempt::Locked { until } => panic!("locked until {until}"),
    }
}

#[tokio::test]
async fn failures_from_many_networks_lock_an_account_for_all_until_they_are_old_or_forgiven() {
    let test = fresh();
    let now: DateTime<Utc> = "2026-11-26T01:00:00Z".parse().unwrap();
    let told = test.store.write(move |connection| {
        for network in 1..=7 {
            taken(begin(connection, "user:a", network, now)?);
        }
        let locked = begin(connection, "user:a", 8, now)?;
        let other = begin(connection, "user:b", 8, now)?;
        // The one that succeeded takes back its own, and no more.
        sign_in_failures::forgive(connection, "user:a", "203.0.113.1")?;
        let again = begin(connection, "user:a", 8, now)?;
        let full = begin(connection, "user:a", 9, now)?;
        let late = now + LIMITS.lock;
        assert_eq!(sign_in_failures::purge(connection, (now - TimeDelta::seconds(1)).into())?, 0);
        let kept = begin(connection, "user:a", 9, late - TimeDelta::seconds(1))?;
        let old = begin(connection, "user:a", 9, late)?;
        Ok::<_, StoreError>([locked, other, again, full, kept, old].map(locked_until))
    });
    let locked = Some(now + LIMITS.lock);
    assert_eq!(told.await.unwrap(), [locked, None, None, locked, locked, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn successes_and_failures_at_one_moment_leave_what_failed_and_are_all_answered() {
    const NETWORKS: u8 = 8;
    let test = fresh();
    let now: DateTime<Utc> = "2026-11-26T01:00:00Z".parse().unwrap();
    for _ in 0..20 {
        let mut attempts = tokio::task::JoinSet::new();
        for place in 1..=NETWORKS {
            let store = test.store.clone();
            attempts.spawn(async move {
                let wide = Limits { from_anywhere: 1_000, ..LIMITS };
                let network = format!("203.0.113.{place}");
                let begun = network.clone();
                let begin = move |connection: &mut AnyConnection| {
                    sign_in_failures::begin(connection, "user:a", &begun, now, wide)
                };
                let counting = taken(store.write(begin).await?);
                // Of the last one the server itself had trouble.
                let end = move |connection: &mut AnyConnection| match place {
                    NETWORKS => sign_in_failures::take_back(connection, "user:a", &network, counting),
                    _ => sign_in_failures::forgive(connection, "user:a", &network),
                };
                store.write(end).await
            });
        }
        for answered in attempts.join_all().await {
            answered.unwrap();
        }
        let left = test.store.write(move |connection| sign_in_failures::purge(connection, now.into()));
        assert_eq!(left.await.unwrap(), 0, "something stays counted");
    }
}

#[tokio::test]
async fn an_attempt_that_is_taken_back_leaves_the_failures_before_it() {
    let test = fresh();
    let now: DateTime<Utc> = "2026-11-26T01:00:00Z".parse().unwrap();
    let told = test.store.write(move |connection| {
        for _ in 0..3 {
            taken(begin(connection, "user:a", 1, now)?);
        }
        let paused = begin(connection, "user:a", 1, now)?;
        // After the pause one is neither right nor wrong, and the next waits for no pause of its own.
        let later = now + TimeDelta::seconds(5);
        let counting = taken(begin(connection, "user:a", 1, later)?);
        sign_in_failures::take_back(connection, "user:a", "203.0.113.1", counting)?;
        let next = begin(connection, "user:a", 1, later)?;
        Ok::<_, StoreError>([paused, next, begin(connection, "user:a", 1, later)?].map(locked_until))
    });
    let (first, second) = (now + TimeDelta::seconds(5), now + TimeDelta::seconds(20));
    assert_eq!(told.await.unwrap(), [Some(first), None, Some(second)]);
}
