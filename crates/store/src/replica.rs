//! Reads on a streaming replica, for a caller who must find there what they have written.
//!
//! After a write the server's position in its log is kept under the caller's name, on the server, so that it holds
//! across processes; a replica that has not replayed so far is not asked.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};

use crate::connection::{AnyConnection, DatabaseUrl};
use crate::error::{Failure, StoreError};
use crate::store::Readers;

/// A replica of the server.
pub(crate) struct Replica {
    readers: Readers,
}

/// A position in the server's log, as PostgreSQL writes it.
pub(crate) type LogPosition = Option<String>;

/// What became of a query that was meant for a replica.
pub(crate) enum Tried<T, Query> {
    /// The replica answered it.
    Answered(T),
    /// The replica is too far behind or does not answer; the query was not run.
    NotThere(Query),
}

impl Replica {
    /// Prepares to read from the replica, whether it can be reached now or not.
    ///
    /// # Errors
    /// [`StoreError::OtherEngine`] for the embedded engine, which has none.
    pub(crate) fn prepare(
        server: &DatabaseUrl,
        replica: &DatabaseUrl,
        count: u32,
    ) -> Result<Self, StoreError> {
        if !matches!((server, replica), (DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_))) {
            return Err(StoreError::OtherEngine("only a PostgreSQL server has replicas"));
        }
        Ok(Self { readers: Readers::prepare(replica, count) })
    }

    /// Runs the query on the replica if it has replayed the server's log up to the position.
    pub(crate) async fn read_from<T, E, Query>(
        &self,
        position: LogPosition,
        query: Query,
    ) -> Tried<Result<T, E>, Query>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
        Query: FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    {
        let tried = self.readers.with_connection(move |ready| {
            let replayed = ready.and_then(|mut connection| {
                Ok(has_replayed(&mut connection, position.as_deref())?.then_some(connection))
            });
            match replayed {
                Ok(Some(mut connection)) => Tried::Answered(query(&mut connection)),
                Ok(None) => Tried::NotThere(query),
                Err(error) => {
                    tracing::warn!(%error, "the replica does not answer; the server is asked");
                    Tried::NotThere(query)
                }
            }
        });
        tried.await.unwrap_or_else(|stopped| Tried::Answered(Err(stopped.into())))
    }
}

#[derive(QueryableByName)]
struct Replayed {
    #[diesel(sql_type = Nullable<Bool>)]
    so_far: Option<bool>,
}

/// A server that is no replica, as after a failover, has everything.
fn has_replayed(connection: &mut AnyConnection, position: Option<&str>) -> Result<bool, StoreError> {
    let Some(position) = position else { return Ok(true) };
    let asked = diesel::sql_query(
        "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= $1::pg_lsn AS so_far",
    );
    let replayed: Replayed = asked.bind::<Text, _>(position).get_result(connection)?;
    Ok(replayed.so_far.unwrap_or(false))
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = Text)]
    position: String,
}

/// How far a replica must be to show the caller what they wrote last.
pub(crate) fn position_of(connection: &mut AnyConnection, caller: &str) -> Result<LogPosition, StoreError> {
    let asked = diesel::sql_query("SELECT position::text AS position FROM written_by WHERE caller = $1");
    let found: Option<Position> = asked.bind::<Text, _>(caller).get_result(connection).optional()?;
    Ok(found.map(|found| found.position))
}

/// Keeps the position after the caller's commit; a failure is only logged, because the work itself is done.
pub(crate) fn note_written(connection: &mut AnyConnection, caller: &str) {
    let note = diesel::sql_query(
        "INSERT INTO written_by (caller, position) VALUES ($1, pg_current_wal_lsn()) \
         ON CONFLICT (caller) DO UPDATE SET position = excluded.position \
         WHERE written_by.position < excluded.position",
    );
    if let Err(error) = note.bind::<Text, _>(caller).execute(connection) {
        tracing::warn!(%error, "the position of a write was not kept; the caller may read from before it");
    }
}
