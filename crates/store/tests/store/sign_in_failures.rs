//! Failed sign-ins from many networks, as a botnet would send them.

use chrono::{DateTime, TimeDelta, Utc};
use store::sign_in_failures::{self, Attempt, Limits};
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

#[tokio::test]
async fn failures_from_many_networks_lock_an_account_for_all_until_they_are_old_or_forgiven() {
    let test = fresh();
    let now: DateTime<Utc> = "2026-11-26T01:00:00Z".parse().unwrap();
    let told = test.store.write(move |connection| {
        for network in 1..=7 {
            assert_eq!(begin(connection, "user:a", network, now)?, Attempt::Taken);
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
        Ok::<_, StoreError>((locked, other, again, full, kept, old))
    });
    let locked = Attempt::Locked { until: now + LIMITS.lock };
    let expected = (locked, Attempt::Taken, Attempt::Taken, locked, locked, Attempt::Taken);
    assert_eq!(told.await.unwrap(), expected);
}
