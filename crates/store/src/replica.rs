//! Reads on a streaming replica, for a caller who must find there what they have written.
//!
//! After a write the server's position in its log is kept under the caller's name, on the server, so that it holds
//! across processes; a replica that has not replayed so far is not asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use crate::connection::{AnyConnection, DatabaseUrl};
use crate::error::{Failure, StoreError};
use crate::pool::ConnectionPool;
use crate::postgres;
use crate::store::{READ_ONE_MOMENT, ReadConnection, Readers, StoreOptions};

/// The server can be asked as well, so nobody waits long for a replica.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Between two attempts to reach a replica that was away.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A replica of the server.
pub(crate) struct Replica {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Readers,
    /// It did not answer, and one task looks whether it does again; meanwhile nobody else waits for it.
    is_away: AtomicBool,
}

/// A position in the server's log, as PostgreSQL writes it.
pub(crate) type LogPosition = String;

/// The log position's name in the table of callers from which on every caller's is kept there; a crash empties the table.
const KEPT_SINCE: &str = "";

/// What became of a query that was meant for a replica.
enum Tried<T> {
    Answered(T),
    /// It has not come so far yet.
    Behind,
    Away(StoreError),
}

impl Replica {
    /// Prepares to read from the replica, whether it can be reached now or not.
    ///
    /// # Errors
    /// [`StoreError::OtherEngine`] for the embedded engine, which has none.
    pub(crate) fn prepare(
        server: &DatabaseUrl,
        replica: &DatabaseUrl,
        options: &StoreOptions,
    ) -> Result<Self, StoreError> {
        if !matches!((server, replica), (DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_))) {
            return Err(StoreError::OtherEngine("only a PostgreSQL server has replicas"));
        }
        let readers = Readers::prepare(replica, options, WAIT_FOR_CONNECTION);
        Ok(Self { inner: Arc::new(Inner { readers, is_away: AtomicBool::new(false) }) })
    }

    /// Whether it answered when it was last asked.
    pub(crate) fn is_there(&self) -> bool {
        !self.inner.is_away.load(Ordering::Relaxed)
    }

    /// Runs the query on the replica, if it has replayed the server's log up to the position and can.
    pub(crate) async fn read_from<T, E>(
        &self,
        position: LogPosition,
        query: Arc<impl Fn(&mut AnyConnection) -> Result<T, E> + Send + Sync + 'static>,
    ) -> Option<Result<T, E>>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let tried = self.inner.readers.when_free(move |connections| attempt(connections, &position, &*query));
        let reason = match tokio::time::timeout(LONGEST_WAIT, tried).await {
            Ok(Ok(Tried::Answered(answer))) => return Some(answer),
            Ok(Ok(Tried::Behind) | Err(StoreError::Busy)) => return None,
            Ok(Err(StoreError::Panicked)) => return Some(Err(StoreError::Panicked.into())),
            Ok(Ok(Tried::Away(error)) | Err(error)) => error.to_string(),
            Err(_too_long) => "it does not answer in time".to_owned(),
        };
        if !self.inner.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "the replica is away; the server is asked instead");
            self.look_for_its_return();
        }
        None
    }

    fn look_for_its_return(&self) {
        let replica = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(TRY_AGAIN_AFTER).await;
                let Some(inner) = replica.upgrade() else { return };
                let answers = inner.readers.when_free(|connections| {
                    postgres::ask(connections, &|connection| replayed(connection, "0/0"))
                });
                if let Ok(Ok(_)) | Err(StoreError::Closed) = answers.await {
                    tracing::info!("the replica is back");
                    inner.is_away.store(false, Ordering::Relaxed);
                    return;
                }
            }
        });
    }
}

fn attempt<T, E: Failure>(
    connections: &ConnectionPool,
    position: &str,
    query: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> Tried<Result<T, E>> {
    // Asked before the transaction begins, whose moment must not be earlier than the answer.
    match postgres::ask(connections, &|connection| replayed(connection, position)) {
        Ok(true) => {}
        Ok(false) => return Tried::Behind,
        Err(error) => return Tried::Away(error),
    }
    let mut connection = match postgres::ready(connections, READ_ONE_MOMENT) {
        Ok(connection) => ReadConnection(connection),
        Err(error) => return Tried::Away(error),
    };
    let answered = query(&mut connection);
    match postgres::alive_or_unreachable(&mut connection, answered) {
        Err(error) if error.as_store_error().is_some_and(postgres::is_of_the_database) => {
            // A replica breaks a query off that reads what the log it replays removes; the server does not.
            tracing::warn!(reason = ?error.as_store_error(), "the replica could not answer; the server is asked");
            Tried::Behind
        }
        answered => Tried::Answered(answered),
    }
}

#[derive(QueryableByName)]
struct Replayed {
    #[diesel(sql_type = Nullable<Bool>)]
    so_far: Option<bool>,
}

/// Whether the replica has replayed so far; a server that is no replica, as after a failover, has everything.
fn replayed(connection: &mut AnyConnection, position: &str) -> Result<bool, StoreError> {
    let asked = diesel::sql_query(
        "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= $1::pg_lsn AS so_far",
    );
    let replayed: Replayed = asked.bind::<Text, _>(position).get_result(connection)?;
    Ok(replayed.so_far.unwrap_or(false))
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<String>,
}

/// How far a replica must be to show the caller what they wrote last; none where nobody knows any more, which is so
/// after a crash until somebody writes.
pub(crate) fn position_of(
    connection: &mut AnyConnection,
    caller: &str,
) -> Result<Option<LogPosition>, StoreError> {
    let asked = diesel::sql_query(
        "SELECT max(position)::text AS position FROM written_by WHERE caller IN ($1, $2) \
         HAVING bool_or(caller = $2)",
    );
    let asked = asked.bind::<Text, _>(caller).bind::<Text, _>(KEPT_SINCE);
    Ok(asked.get_result::<Position>(connection).optional()?.and_then(|found| found.position))
}

/// Keeps the position after the caller's commit; a failure is only logged, because the work itself is done.
pub(crate) fn note_written(connection: &mut AnyConnection, caller: &str) {
    let note = diesel::sql_query(
        "INSERT INTO written_by (caller, position) \
         SELECT noted, pg_current_wal_lsn() FROM unnest(ARRAY[$1, $2]) AS noted \
         WHERE noted <> $2 OR NOT EXISTS (SELECT FROM written_by WHERE caller = $2) \
         ON CONFLICT (caller) DO UPDATE SET position = excluded.position \
         WHERE written_by.position < excluded.position",
    );
    if let Err(error) = note.bind::<Text, _>(caller).bind::<Text, _>(KEPT_SINCE).execute(connection) {
        tracing::warn!(%error, "the position of a write was not kept; the caller may read from before it");
    }
}

/// Forgets positions of another log than the server's, which a dump of another one has brought here.
///
/// # Errors
/// Only what the database says.
pub(crate) fn forget_other_logs(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        diesel::sql_query("DELETE FROM written_by WHERE position > pg_current_wal_lsn()")
            .execute(concrete)?;
    }
    Ok(())
}
