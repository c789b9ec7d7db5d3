//! Work that one process at a time does for all: the deadline sweep, for one.
//!
//! A lease runs out by the database's own clock, so that a process that was killed or has stalled holds nothing up. One
//! that wakes again finds its lease gone in the transaction of its next step, and stops.

use std::time::Duration;

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::schema::leases;

/// Takes the lease, or holds on to it: true if the holder has it now, for so long from now.
///
/// Called in the transaction of a step, it also keeps every other process out until that step is committed.
///
/// # Errors
/// Only what the database says.
pub fn hold(
    connection: &mut AnyConnection,
    name: &str,
    holder: i64,
    length: Duration,
) -> Result<bool, StoreError> {
    if is_held_by_another(connection, name, holder)? {
        return Ok(false);
    }
    let milliseconds = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let taken = diesel::sql_query(match connection {
        AnyConnection::Sqlite(_) => {
            "INSERT INTO leases (name, holder, until) \
             VALUES ($1, $2, strftime('%Y-%m-%d %H:%M:%f', 'now', ($3 / 1000.0) || ' seconds')) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
             WHERE leases.holder = excluded.holder OR leases.until < strftime('%Y-%m-%d %H:%M:%f', 'now')"
        }
        AnyConnection::Postgres(_) => {
            "INSERT INTO leases (name, holder, until) \
             VALUES ($1, $2, clock_timestamp() AT TIME ZONE 'UTC' + $3 * INTERVAL '1 millisecond') \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
             WHERE leases.holder = excluded.holder OR leases.until < clock_timestamp() AT TIME ZONE 'UTC'"
        }
    });
    let changed = taken
        .bind::<Text, _>(name)
        .bind::<BigInt, _>(holder)
        .bind::<BigInt, _>(milliseconds)
        .execute(connection)?;
    Ok(changed == 1)
}

/// Asked first, because taking a lease waits for the step that its holder is in.
fn is_held_by_another(connection: &mut AnyConnection, name: &str, holder: i64) -> Result<bool, StoreError> {
    let running = leases::table.find(name).filter(leases::holder.ne(holder));
    let held = match connection {
        AnyConnection::Sqlite(concrete) => {
            let now = sql::<Timestamp>("strftime('%Y-%m-%d %H:%M:%f', 'now')");
            diesel::select(exists(running.filter(leases::until.ge(now)))).get_result(concrete)
        }
        AnyConnection::Postgres(concrete) => {
            let now = sql::<Timestamp>("clock_timestamp() AT TIME ZONE 'UTC'");
            diesel::select(exists(running.filter(leases::until.ge(now)))).get_result(concrete)
        }
    };
    Ok(held?)
}

/// Gives the lease back, as at an orderly end, so that another process need not wait for it to run out.
///
/// # Errors
/// Only what the database says.
pub fn release(connection: &mut AnyConnection, name: &str, holder: i64) -> Result<(), StoreError> {
    let held = diesel::sql_query("DELETE FROM leases WHERE name = $1 AND holder = $2");
    held.bind::<Text, _>(name).bind::<BigInt, _>(holder).execute(connection)?;
    Ok(())
}
