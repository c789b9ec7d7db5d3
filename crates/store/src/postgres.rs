//! How PostgreSQL is written to: a bounded number of transactions at a time, each tried again where another was in
//! its way or its connection broke before the commit was sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::PooledConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::connection::{AnyConnection, Connections};
use crate::error::{Failure, StoreError};
use crate::pool::ConnectionPool;
use crate::turns::Turns;
use crate::writer::{panic_message, transaction_depth};
use crate::{external_identities, idempotency, journal, meta, sealing};

/// How much is put up with before contention is answered as such; see [`cost_of`].
const PATIENCE: u32 = 8;
/// A server that has stopped where it is breaks no connection; who waits for it is answered after this time, which is
/// longer than the server lets any statement run.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(40);
/// The first pause between two attempts; each further one may be twice as long.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);

/// Each statement sees what was committed before it. What is decided on is locked first ([`journal::lock`],
/// [`meta::lock_directories`], for every write [`meta::keep_calendar`]) or guarded by a constraint, so no stricter level, which would only refuse more, is needed.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The transactions of this process on a server.
pub(crate) struct Transactions {
    connections: ConnectionPool,
    turns: Turns,
}

impl Transactions {
    pub(crate) fn new(connections: ConnectionPool, queue_length: usize) -> Self {
        let count = usize::try_from(connections.max_size()).unwrap_or(1);
        Self { connections, turns: Turns::new(count, queue_length) }
    }

    /// Runs the work in a transaction and answers after its commit; `after` then has the connection for a moment.
    pub(crate) async fn run<T, E>(
        &self,
        caller: Option<&str>,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        after: impl FnOnce(&mut AnyConnection) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let kept = move |connection: &mut AnyConnection| {
            meta::keep_calendar(connection)?;
            work(connection)
        };
        self.decide(caller, kept, after).await
    }

    /// Answers when every transaction that wrote when it was asked has ended.
    pub(crate) async fn await_earlier(&self) -> Result<(), StoreError> {
        self.decide(None, meta::await_those_who_keep_calendar, |_| {}).await
    }

    async fn decide<T, E>(
        &self,
        caller: Option<&str>,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        after: impl FnOnce(&mut AnyConnection) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let turn = self.turns.take(caller).await?;
        let connections = self.connections.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            run_until_decided(&connections, &work, after)
        });
        match tokio::time::timeout(LONGEST_WAIT, done).await {
            Ok(Ok(result)) => result,
            Ok(Err(_stopped)) => Err(StoreError::Panicked.into()),
            Err(_too_long) => {
                Err(StoreError::NotConfirmed { detail: "the server does not answer".to_owned() }.into())
            }
        }
    }

    /// Whether there is still work to be taken.
    pub(crate) fn takes_work(&self) -> bool {
        self.turns.is_open()
    }

    /// Takes no more work and waits until what was taken is answered.
    pub(crate) async fn finish(&self) {
        self.turns.close();
        self.turns.finished().await;
    }
}

/// How one attempt ended.
enum Attempt<T, E> {
    Decided(Result<T, E>),
    /// Nothing came about, and the same again may succeed.
    Again(E),
}

fn run_until_decided<T, E: Failure>(
    connections: &ConnectionPool,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
    after: impl FnOnce(&mut AnyConnection),
) -> Result<T, E> {
    let mut patience = PATIENCE;
    loop {
        let mut connection = ready(connections, BEGIN)?;
        match attempt_once(&mut connection, work) {
            Attempt::Decided(Ok(value)) => {
                after(&mut connection);
                return Ok(value);
            }
            Attempt::Decided(Err(error)) => return Err(error),
            Attempt::Again(error) => {
                patience = patience.saturating_sub(error.as_store_error().map_or(1, cost_of));
                if patience == 0 {
                    return Err(error);
                }
                tracing::debug!(patience, reason = ?error.as_store_error(), "a transaction is tried again");
                drop(connection);
                std::thread::sleep(pause_before(PATIENCE.saturating_sub(patience)));
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
    connections: &ConnectionPool,
    begin: &str,
) -> Result<PooledConnection<Connections>, StoreError> {
    let mut last = StoreError::Closed;
    for _ in 0..=connections.max_size() {
        let mut connection = connections.take()?;
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
    connections: &ConnectionPool,
    query: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let ask_once = |connection: &mut AnyConnection| {
        let answered = query(connection);
        alive_or_unreachable(connection, answered)
    };
    for _ in 0..connections.max_size() {
        match ask_once(&mut *connections.take()?) {
            Err(error) if matches!(error.as_store_error(), Some(StoreError::Unreachable { .. })) => {
                tracing::warn!("a connection to the database was dead");
            }
            answered => return answered,
        }
    }
    ask_once(&mut *connections.take()?)
}

/// The answer; where the connection broke meanwhile, that is the reason, whatever the server's last words were.
///
/// The connection itself may know of it only when it is used again. A transaction ends with a failure of the server.
pub(crate) fn alive_or_unreachable<T, E: Failure>(
    connection: &mut AnyConnection,
    answered: Result<T, E>,
) -> Result<T, E> {
    let Err(error) = &answered else { return answered };
    match error.as_store_error() {
        Some(cause)
            if is_of_the_database(cause)
                && matches!(connection, AnyConnection::Postgres(_))
                && !(roll_back(connection) && connection.batch_execute("SELECT").is_ok()) =>
        {
            Err(StoreError::Unreachable { detail: cause.to_string() }.into())
        }
        _ => answered,
    }
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
                Some(cause) if is_of_the_database(cause) && (!connection_lives || is_read_only(cause)) => {
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
    let Err(error) = send_commit(connection) else { return Attempt::Decided(Ok(value)) };
    let connection_lives = roll_back(connection);
    match StoreError::from(root(error)) {
        // The commit may have come about: trying again could do everything twice.
        cause if !connection_lives => {
            Attempt::Decided(Err(StoreError::NotConfirmed { detail: cause.to_string() }.into()))
        }
        contended @ (StoreError::Contended { .. } | StoreError::Locked { .. }) => {
            Attempt::Again(contended.into())
        }
        other => Attempt::Decided(Err(StoreError::NotCommitted { detail: other.to_string() }.into())),
    }
}

/// The server answers a commit of a transaction in which a statement failed with a rollback that looks like success,
/// also where the work took no notice of the failure; any statement in front of it is refused then.
fn send_commit(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        // The connection sees in the server's answer that no transaction is open any more.
        AnyConnection::Postgres(concrete) => concrete.batch_execute("SELECT; COMMIT"),
        AnyConnection::Sqlite(concrete) => AnsiTransactionManager::commit_transaction(concrete),
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
pub(crate) fn begin_with(connection: &mut AnyConnection, statement: &str) -> QueryResult<()> {
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

/// The server could not, or the connection to it; not that it has refused what it was asked.
pub(crate) fn is_of_the_database(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Database(_)
            | StoreError::Unreachable { .. }
            | StoreError::Contended { .. }
            | StoreError::Locked { .. }
            | StoreError::TimedOut { .. }
            | StoreError::Full { .. }
    )
}

/// A server that was made a replica while this process was connected to it.
fn is_read_only(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Database(DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _))
    )
}

/// Another transaction was in the way, or answered the same question first: the next attempt sees what it did.
fn may_succeed_again(error: &StoreError) -> bool {
    match error {
        StoreError::Contended { .. } | StoreError::Locked { .. } | StoreError::Unreachable { .. } => true,
        StoreError::Conflict { constraint } => RACES.contains(&constraint.as_str()),
        _ => false,
    }
}

/// Constraints that only a race breaks: two callers at one version, two requests under one key, two links of an account or of somebody
/// at a provider, and two processes that drew the same number for themselves and made the same identifier in one millisecond.
const RACES: [&str; 8] = [
    journal::VERSION_MOVED,
    idempotency::ANSWERED_MEANWHILE,
    "cases_id_key",
    "case_keys_case_id_key",
    "events_id_key",
    "people_id_key",
    external_identities::SUBJECT_LINKED,
    external_identities::ACCOUNT_LINKED,
];

/// Waiting for a lock has taken its time already: in four attempts a process that stalled has lost its transaction.
const fn cost_of(error: &StoreError) -> u32 {
    match error {
        StoreError::Locked { .. } => 2,
        _ => 1,
    }
}

/// Between half and all of a pause that doubles with each attempt, so that two who collided do not meet again.
fn pause_before(attempt: u32) -> Duration {
    let longest = SHORTEST_PAUSE.saturating_mul(1 << attempt.min(8));
    let share = f64::from(sealing::random_number().unwrap_or(0)) / f64::from(u32::MAX);
    longest.mul_f64(0.5 + share / 2.0)
}
