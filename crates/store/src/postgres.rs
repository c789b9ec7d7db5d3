//! How PostgreSQL is written to: a bounded number of transactions at a time, each tried again where another was in
//! its way or its connection broke before the commit was sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio::sync::Semaphore;

use crate::connection::{AnyConnection, Connections};
use crate::error::{Failure, StoreError};
use crate::writer::{panic_message, transaction_depth};
use crate::{idempotency, journal, sealing};

/// How often a transaction is tried in all; contention that lasts longer is answered as such.
const MOST_ATTEMPTS: u32 = 8;
/// The first pause between two attempts; each further one may be twice as long.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);

/// Each statement sees what was committed before it. What is decided on is locked first ([`journal::lock`],
/// [`crate::meta::lock_directories`]) or guarded by a constraint, so no stricter level, which would only refuse more, is needed.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The transactions of this process on a server.
pub(crate) struct Transactions {
    connections: Pool<Connections>,
    /// Who waits or runs; a caller past its bound is told so at once.
    admitted: Arc<Semaphore>,
    /// Who runs; the others wait as tasks, in the order in which they came.
    running: Arc<Semaphore>,
    count: u32,
}

impl Transactions {
    pub(crate) fn new(connections: Pool<Connections>, queue_length: usize) -> Self {
        let count = connections.max_size();
        let slots = usize::try_from(count).unwrap_or(1);
        Self {
            connections,
            admitted: Arc::new(Semaphore::new(queue_length.saturating_add(slots))),
            running: Arc::new(Semaphore::new(slots)),
            count,
        }
    }

    /// Runs the work in a transaction and answers after its commit; `after` then has the connection for a moment.
    pub(crate) async fn run<T, E>(
        &self,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        after: impl FnOnce(&mut AnyConnection) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|refused| match refused {
            tokio::sync::TryAcquireError::NoPermits => StoreError::Busy,
            tokio::sync::TryAcquireError::Closed => StoreError::Closed,
        })?;
        let Ok(running) = Arc::clone(&self.running).acquire_owned().await else {
            return Err(StoreError::Closed.into());
        };
        let connections = self.connections.clone();
        let done = tokio::task::spawn_blocking(move || {
            let (_admitted, _running) = (admitted, running);
            run_until_decided(&connections, &work, after)
        });
        match done.await {
            Ok(result) => result,
            Err(_stopped) => Err(StoreError::Panicked.into()),
        }
    }

    /// Whether there is still work to be taken.
    pub(crate) fn takes_work(&self) -> bool {
        !self.admitted.is_closed()
    }

    /// Takes no more work and waits until what was taken is answered.
    pub(crate) async fn finish(&self) {
        self.admitted.close();
        // Those who wait came before this, so they run before it.
        drop(self.running.acquire_many(self.count).await);
    }
}

/// How one attempt ended.
enum Attempt<T, E> {
    Decided(Result<T, E>),
    /// Nothing came about, and the same again may succeed.
    Again(E),
}

fn run_until_decided<T, E: Failure>(
    connections: &Pool<Connections>,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
    after: impl FnOnce(&mut AnyConnection),
) -> Result<T, E> {
    let mut attempt = 1;
    loop {
        let mut connection = ready(connections, BEGIN)?;
        match attempt_once(&mut connection, work) {
            Attempt::Decided(Ok(value)) => {
                after(&mut connection);
                return Ok(value);
            }
            Attempt::Decided(Err(error)) => return Err(error),
            Attempt::Again(error) if attempt >= MOST_ATTEMPTS => return Err(error),
            Attempt::Again(error) => {
                tracing::debug!(attempt, reason = ?error.as_store_error(), "a transaction is tried again");
                drop(connection);
                std::thread::sleep(pause_after(attempt));
                attempt += 1;
            }
        }
    }
}

/// A connection in a transaction that has begun, which shows that the server is there.
///
/// Each connection of the pool may be dead after the server was away; then the next one is tried.
///
/// # Errors
/// [`StoreError::Unreachable`] after a short wait.
pub(crate) fn ready(
    connections: &Pool<Connections>,
    begin: &str,
) -> Result<PooledConnection<Connections>, StoreError> {
    let mut last = StoreError::Closed;
    for _ in 0..=connections.max_size() {
        let mut connection = take(connections)?;
        match begin_with(&mut connection, begin) {
            Ok(()) => return Ok(connection),
            Err(error) => {
                tracing::warn!(%error, "a connection to the database was dead");
                last = StoreError::Unreachable { detail: error.to_string() };
            }
        }
    }
    Err(last)
}

/// Runs a query of a single statement, on another connection where one was dead.
///
/// # Errors
/// What the query answers; [`StoreError::Unreachable`] after a short wait.
pub(crate) fn ask<T, E: Failure>(
    connections: &Pool<Connections>,
    query: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    for _ in 0..connections.max_size() {
        match query(&mut *take(connections)?) {
            Err(error) if matches!(error.as_store_error(), Some(StoreError::Unreachable { .. })) => {
                tracing::warn!("a connection to the database was dead");
            }
            answered => return answered,
        }
    }
    query(&mut *take(connections)?)
}

fn take(connections: &Pool<Connections>) -> Result<PooledConnection<Connections>, StoreError> {
    connections.get().map_err(|error| {
        tracing::error!(%error, "no connection to the database");
        StoreError::Unreachable { detail: error.to_string() }
    })
}

fn attempt_once<T, E: Failure>(
    connection: &mut AnyConnection,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> Attempt<T, E> {
    match catch_unwind(AssertUnwindSafe(|| work(connection))) {
        Ok(Ok(value)) => commit(connection, value),
        Ok(Err(error)) => {
            let connection_lives = roll_back(connection);
            match error.as_store_error() {
                Some(cause) if !connection_lives && is_of_the_database(cause) => {
                    Attempt::Again(StoreError::Unreachable { detail: cause.to_string() }.into())
                }
                Some(cause) if may_succeed_again(cause) => Attempt::Again(error),
                _ => Attempt::Decided(Err(error)),
            }
        }
        Err(panic) => {
            tracing::error!(panic = panic_message(panic.as_ref()), "a write panicked and was undone");
            roll_back(connection);
            Attempt::Decided(Err(StoreError::Panicked.into()))
        }
    }
}

fn commit<T, E: Failure>(connection: &mut AnyConnection, value: T) -> Attempt<T, E> {
    if transaction_depth(connection) != Some(1) {
        roll_back(connection);
        let detail = "the work left its transaction in an unknown state".to_owned();
        return Attempt::Decided(Err(StoreError::NotCommitted { detail }.into()));
    }
    match AnyConnection::commit_transaction(connection) {
        Ok(()) => Attempt::Decided(Ok(value)),
        Err(error) => {
            roll_back(connection);
            match StoreError::from(root(error)) {
                contended @ StoreError::Contended { .. } => Attempt::Again(contended.into()),
                // The commit may have come about: trying again could do everything twice.
                StoreError::Unreachable { detail } => {
                    Attempt::Decided(Err(StoreError::NotConfirmed { detail }.into()))
                }
                other => Attempt::Decided(Err(StoreError::NotCommitted { detail: other.to_string() }.into())),
            }
        }
    }
}

/// What went wrong first, where the rollback went wrong too.
fn root(error: DieselError) -> DieselError {
    match error {
        DieselError::RollbackErrorOnCommit { commit_error, .. } => root(*commit_error),
        other => other,
    }
}

/// Begins with the statement; the connection counts its transactions as always.
fn begin_with(connection: &mut AnyConnection, statement: &str) -> QueryResult<()> {
    match connection {
        AnyConnection::Postgres(concrete) => {
            AnsiTransactionManager::begin_transaction_sql(concrete, statement)
        }
        AnyConnection::Sqlite(concrete) => AnsiTransactionManager::begin_transaction(concrete),
    }
}

/// Undoes everything that is open, and says whether the connection is still good.
fn roll_back(connection: &mut AnyConnection) -> bool {
    while transaction_depth(connection).is_some_and(|depth| depth > 0) {
        if AnyConnection::rollback_transaction(connection).is_err() {
            return false;
        }
    }
    transaction_depth(connection) == Some(0)
}

fn is_of_the_database(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Database(_)
            | StoreError::Unreachable { .. }
            | StoreError::Contended { .. }
            | StoreError::Full { .. }
    )
}

/// Another transaction was in the way, or answered the same question first: the next attempt sees what it did.
fn may_succeed_again(error: &StoreError) -> bool {
    match error {
        StoreError::Contended { .. } | StoreError::Unreachable { .. } => true,
        StoreError::Conflict { constraint } => RACES.contains(&constraint.as_str()),
        // A server that was made a replica while this process was connected to it.
        StoreError::Database(DieselError::DatabaseError(kind, _)) => {
            matches!(kind, DatabaseErrorKind::ReadOnlyTransaction)
        }
        _ => false,
    }
}

/// Constraints that only a race breaks: two callers at one version, and two requests under one key.
const RACES: [&str; 2] = [journal::VERSION_MOVED, idempotency::ANSWERED_MEANWHILE];

/// Between half and all of a pause that doubles with each attempt, so that two who collided do not meet again.
fn pause_after(attempt: u32) -> Duration {
    let longest = SHORTEST_PAUSE.saturating_mul(1 << attempt.min(8));
    let share = f64::from(sealing::random_number().unwrap_or(0)) / f64::from(u32::MAX);
    longest.mul_f64(0.5 + share / 2.0)
}
