//! One `read`, one `write`: how the rest of the program reaches the database.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::TransactionManager;
use diesel::r2d2::PooledConnection;
use tokio::task::JoinHandle;

use crate::connection::{self, AnyConnection, Connections, DatabaseUrl, Purpose};
use crate::error::{Failure, StoreError};
use crate::pool::ConnectionPool;
use crate::postgres::{self, Transactions};
use crate::replica::{self, Replica};
use crate::turns::Turns;
use crate::writer::Writer;
use crate::{journal, meta, migrations};

/// The embedded engine's transactions always see one moment.
pub(crate) const READ_ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How the database is used.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Reading connections; on PostgreSQL to each of the server and its replica.
    pub readers: u32,
    /// Connections for glances on the embedded engine: as many as there are threads that answer requests.
    pub glances: u32,
    /// Writing connections on PostgreSQL; the embedded engine has one writer.
    pub writers: u32,
    /// How many writes may wait; past this a caller is told [`StoreError::Busy`] at once instead of waiting long.
    pub queue_length: usize,
    /// A streaming replica of the server, for reads that may be a moment old.
    pub replica: Option<DatabaseUrl>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { readers: 4, glances: 2, writers: 16, queue_length: 1024, replica: None }
    }
}

/// The database, opened once and shared; a clone is another handle on the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Readers,
    /// Where the engine is embedded: connections for what takes microseconds, see [`Store::glance`].
    glances: Option<ConnectionPool>,
    writing: Writing,
    replica: Option<Replica>,
}

enum Writing {
    Embedded(Writer),
    Server(Transactions),
}

/// Reading connections, and who may use one when: tasks wait for it, and not blocked threads in front of the pool.
#[derive(Clone)]
pub(crate) struct Readers {
    connections: ConnectionPool,
    turns: Arc<Turns>,
}

impl Store {
    /// Opens the database, after bringing its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], [`StoreError::CannotOpen`], [`StoreError::Unreachable`].
    pub fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        let mut connection = connection::open(url, Purpose::Migrate)?;
        let applied = migrations::run(&mut connection)?;
        if !applied.is_empty() {
            tracing::info!(database = %url, ?applied, "the schema was brought up to date");
        }
        migrations::alone(&mut connection, |connection| {
            journal::let_positions_rise(connection)?;
            replica::forget_other_logs(connection)
        })?;
        let readers = Readers::open(url, options)?;
        let glances = match url {
            DatabaseUrl::Sqlite(_) => Some(ConnectionPool::open(url, Purpose::Glance, options.glances)?),
            DatabaseUrl::Postgres(_) => None,
        };
        let replica = match &options.replica {
            Some(replica) => Some(Replica::prepare(url, replica, options)?),
            None => None,
        };
        let writing = match url {
            DatabaseUrl::Sqlite(_) => {
                Writing::Embedded(Writer::start(url.clone(), connection, options.queue_length)?)
            }
            DatabaseUrl::Postgres(_) => {
                let connections = ConnectionPool::open(url, Purpose::Write, options.writers)?;
                Writing::Server(Transactions::new(connections, options.queue_length))
            }
        };
        Ok(Self { inner: Arc::new(Inner { readers, glances, writing, replica }) })
    }

    /// Runs the query on a reading connection; all of it sees one moment of the database.
    ///
    /// # Errors
    /// What the query answers, or a [`StoreError`] if it could not be run.
    pub async fn read<T, E>(
        &self,
        query: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.inner.readers.read(query).await
    }

    /// As [`Store::read`], for what goes through the whole database and takes as long as it takes.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_at_length<T, E>(
        &self,
        query: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let begun = self.inner.readers.begin(|connections| read_one_moment(connections, query)).await?;
        answer_of(begun).await?
    }

    /// Runs a query of a single statement, which needs no transaction to see one moment.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn ask<T, E>(
        &self,
        query: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.inner.readers.ask(query).await
    }

    /// As [`Store::ask`], for what looks up a few rows by their keys: where the engine is embedded it is done on the
    /// caller's own thread, since going to another takes longer than the look-up.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn glance<T, E>(
        &self,
        query: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        match self.inner.glances.as_ref().and_then(ConnectionPool::take_at_once) {
            Some(mut connection) => query(&mut connection),
            None => self.ask(query).await,
        }
    }

    /// As [`Store::read`], on the replica where there is one that has everything that the caller has written.
    ///
    /// What others wrote may be missing for a moment: for lists, searches and statistics. Where the replica fails, the
    /// query is run once more on the server.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_for<T, E>(
        &self,
        caller: &str,
        query: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let Some(replica) = self.inner.replica.as_ref().filter(|replica| replica.is_there()) else {
            return self.read(query).await;
        };
        let caller = caller.to_owned();
        let position = self.ask(move |connection| replica::position_of(connection, &caller)).await?;
        let query = Arc::new(query);
        if let Some(position) = position
            && let Some(answer) = replica.read_from(position, Arc::clone(&query)).await
        {
            return answer;
        }
        self.read(move |connection| query(connection)).await
    }

    /// Runs the work in a transaction of its own and answers when it is on disk; an `Err` undoes all of it.
    ///
    /// The work may be run more than once, so it must touch nothing but the connection.
    ///
    /// # Errors
    /// What the work answers, [`StoreError::Busy`] if too much waits already, [`StoreError::Panicked`],
    /// [`StoreError::NotCommitted`]; on PostgreSQL also [`StoreError::Unreachable`], [`StoreError::Contended`] and
    /// [`StoreError::NotConfirmed`].
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.write_and_note(None, work).await
    }

    /// As [`Store::write`], in the caller's turn; from then on [`Store::read_for`] shows them what the work wrote.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn write_for<T, E>(
        &self,
        caller: &str,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.write_and_note(Some(caller.to_owned()), work).await
    }

    /// Answers when every write that was under way when it was asked, of whatever process, has ended; those that begin later
    /// see what was committed before it was asked. The embedded engine has one writer anyway.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if others write for long; as [`Store::write`].
    pub async fn await_earlier_writes(&self) -> Result<(), StoreError> {
        match &self.inner.writing {
            Writing::Embedded(_) => Ok(()),
            Writing::Server(transactions) => transactions.await_earlier().await,
        }
    }

    async fn write_and_note<T, E>(
        &self,
        caller: Option<String>,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        match &self.inner.writing {
            Writing::Embedded(writer) => {
                let answered = writer.submit(caller.as_deref(), work)?;
                answered.await.unwrap_or_else(|_never_answered| Err(StoreError::Closed.into()))
            }
            Writing::Server(transactions) => {
                let noted = caller.clone().filter(|_| self.inner.replica.is_some());
                let after = move |connection: &mut AnyConnection| {
                    if let Some(caller) = noted {
                        replica::note_written(connection, &caller);
                    }
                };
                transactions.run(caller.as_deref(), work, after).await
            }
        }
    }

    /// Whether the database answers; for `/readyz`.
    pub async fn is_ready(&self) -> bool {
        let writes = match &self.inner.writing {
            Writing::Embedded(writer) => !writer.is_finished(),
            Writing::Server(transactions) => transactions.takes_work(),
        };
        match self.read(meta::directory_version).await {
            Ok(_) => writes,
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                false
            }
        }
    }

    /// Takes no more work, finishes what was taken, and returns when it is on disk.
    pub async fn close(&self) {
        self.inner.readers.turns.close();
        match &self.inner.writing {
            Writing::Server(transactions) => transactions.finish().await,
            Writing::Embedded(_) => {
                let inner = Arc::clone(&self.inner);
                let finish = move || {
                    if let Writing::Embedded(writer) = &inner.writing {
                        writer.finish();
                    }
                };
                if tokio::task::spawn_blocking(finish).await.is_err() {
                    tracing::error!("the store was not closed in order");
                }
            }
        }
    }
}

impl Readers {
    fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        Ok(Self::of(ConnectionPool::open(url, Purpose::Read, options.readers)?, options))
    }

    /// As `open`, whether the database can be reached now or not, and with another wait for a connection.
    pub(crate) fn prepare(url: &DatabaseUrl, options: &StoreOptions, wait: Duration) -> Self {
        Self::of(ConnectionPool::prepare(url, Purpose::Read, options.readers, wait), options)
    }

    fn of(connections: ConnectionPool, options: &StoreOptions) -> Self {
        let count = usize::try_from(connections.max_size()).unwrap_or(1);
        Self { connections, turns: Arc::new(Turns::new(count, options.queue_length)) }
    }

    async fn read<T, E>(
        &self,
        query: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.when_free(|connections| read_one_moment(connections, query)).await?
    }

    async fn ask<T, E>(
        &self,
        query: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.when_free(move |connections| postgres::ask(connections, &query)).await?
    }

    /// Runs the work on a thread that may block.
    pub(crate) async fn when_free<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ConnectionPool) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let begun = self.begin(work).await?;
        let answered = tokio::time::timeout(postgres::LONGEST_WAIT, answer_of(begun)).await;
        answered.unwrap_or_else(|_too_long| {
            Err(StoreError::Unreachable { detail: "the database does not answer".to_owned() })
        })
    }

    /// Begins the work on a thread that may block, once it is its turn.
    async fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ConnectionPool) -> T + Send + 'static,
    ) -> Result<JoinHandle<T>, StoreError> {
        let turn = self.turns.take(None).await?;
        let connections = self.connections.clone();
        Ok(tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(&connections)
        }))
    }
}

/// What a task answers.
pub(crate) async fn answer_of<T>(task: JoinHandle<T>) -> Result<T, StoreError> {
    task.await.map_err(|stopped| if stopped.is_panic() { StoreError::Panicked } else { StoreError::Closed })
}

fn read_one_moment<T, E: Failure>(
    connections: &ConnectionPool,
    query: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let connection = &mut *ReadConnection(postgres::ready(connections, READ_ONE_MOMENT)?);
    let answered = query(connection);
    postgres::alive_or_unreachable(connection, answered)
}

/// A reading connection in its transaction, which ends with it.
pub(crate) struct ReadConnection(pub(crate) PooledConnection<Connections>);

impl Deref for ReadConnection {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.0
    }
}

impl DerefMut for ReadConnection {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.0
    }
}

impl Drop for ReadConnection {
    fn drop(&mut self) {
        // Nothing was changed; a failure here shows in the depth, and the pool drops the connection.
        let _ = AnyConnection::rollback_transaction(&mut self.0);
    }
}
