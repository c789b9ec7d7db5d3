//! One `read`, one `write`: how the rest of the program reaches the database.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::TransactionManager;
use diesel::r2d2::{Builder, Pool, PooledConnection};
use tokio::sync::Semaphore;

use crate::connection::{self, AnyConnection, Connections, DatabaseUrl, Purpose};
use crate::error::{Failure, StoreError};
use crate::postgres::{self, Transactions};
use crate::replica::{self, Replica, Tried};
use crate::writer::Writer;
use crate::{journal, meta, migrations};

/// How long a caller waits for a connection; a database that is gone is told within it.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(3);

/// The embedded engine's transactions always see one moment.
const READ_ONE_MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How the database is used.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Reading connections; on PostgreSQL to each of the server and its replica.
    pub readers: u32,
    /// Writing connections on PostgreSQL; the embedded engine has one writer.
    pub writers: u32,
    /// How many writes may wait; past this a caller is told [`StoreError::Busy`] at once instead of waiting long.
    pub queue_length: usize,
    /// A streaming replica of the server, for reads that may be a moment old.
    pub replica: Option<DatabaseUrl>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { readers: 4, writers: 16, queue_length: 1024, replica: None }
    }
}

/// The database, opened once and shared; a clone is another handle on the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Readers,
    writing: Writing,
    replica: Option<Replica>,
}

enum Writing {
    Embedded(Writer),
    Server(Transactions),
}

/// Reading connections, and the tasks that wait for one: as tasks, and not as blocked threads in front of the pool.
#[derive(Clone)]
pub(crate) struct Readers {
    connections: Pool<Connections>,
    reading: Arc<Semaphore>,
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
        migrations::alone(&mut connection, journal::let_positions_rise)?;
        let readers = Readers::open(url, options.readers)?;
        let replica = match &options.replica {
            Some(replica) => Some(Replica::prepare(url, replica, options.readers)?),
            None => None,
        };
        let writing = match url {
            DatabaseUrl::Sqlite(_) => {
                Writing::Embedded(Writer::start(url.clone(), connection, options.queue_length)?)
            }
            DatabaseUrl::Postgres(_) => {
                let connections = pool(url, Purpose::Write, options.writers)?;
                Writing::Server(Transactions::new(connections, options.queue_length))
            }
        };
        Ok(Self { inner: Arc::new(Inner { readers, writing, replica }) })
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

    /// As [`Store::read`], on the replica where there is one that has everything that the caller has written.
    ///
    /// What others wrote may be missing for a moment: for lists, searches and statistics.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_for<T, E>(
        &self,
        caller: &str,
        query: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let Some(replica) = &self.inner.replica else { return self.read(query).await };
        let caller = caller.to_owned();
        let position = self.read(move |connection| replica::position_of(connection, &caller)).await?;
        match replica.read_from(position, query).await {
            Tried::Answered(answer) => answer,
            Tried::NotThere(query) => self.read(query).await,
        }
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

    /// As [`Store::write`], and from then on [`Store::read_for`] shows the caller what the work wrote.
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
        let caller = self.inner.replica.is_some().then(|| caller.to_owned());
        self.write_and_note(caller, work).await
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
                let answered = writer.submit(work)?;
                answered.await.unwrap_or_else(|_never_answered| Err(StoreError::Closed.into()))
            }
            Writing::Server(transactions) => {
                let after = move |connection: &mut AnyConnection| {
                    if let Some(caller) = caller {
                        replica::note_written(connection, &caller);
                    }
                };
                transactions.run(work, after).await
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
        self.inner.readers.reading.close();
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

fn pool(url: &DatabaseUrl, purpose: Purpose, count: u32) -> Result<Pool<Connections>, StoreError> {
    let connections = Connections { url: url.clone(), purpose };
    let pool = pool_builder(count).build(connections);
    pool.map_err(|error| StoreError::CannotOpen { detail: error.to_string() })
}

fn pool_builder(count: u32) -> Builder<Connections> {
    Pool::builder()
        .max_size(count.max(1))
        .min_idle(Some(1))
        // A dead connection shows when its transaction begins, and then another is taken.
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(WAIT_FOR_CONNECTION)
}

impl Readers {
    fn open(url: &DatabaseUrl, count: u32) -> Result<Self, StoreError> {
        Ok(Self::of(pool(url, Purpose::Read, count)?))
    }

    /// As `open`, whether the database can be reached now or not.
    pub(crate) fn prepare(url: &DatabaseUrl, count: u32) -> Self {
        let connections = Connections { url: url.clone(), purpose: Purpose::Read };
        Self::of(pool_builder(count).build_unchecked(connections))
    }

    fn of(connections: Pool<Connections>) -> Self {
        let slots = usize::try_from(connections.max_size()).unwrap_or(1);
        Self { connections, reading: Arc::new(Semaphore::new(slots)) }
    }

    async fn read<T, E>(
        &self,
        query: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        self.with_connection(|ready| query(&mut *ready?)).await?
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

    /// Runs the work with a connection that sees one moment of the database.
    pub(crate) async fn with_connection<T: Send + 'static>(
        &self,
        work: impl FnOnce(Result<ReadConnection, StoreError>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.when_free(|connections| work(postgres::ready(connections, READ_ONE_MOMENT).map(ReadConnection)))
            .await
    }

    /// Runs the work on a thread that may block.
    async fn when_free<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Pool<Connections>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let Ok(permit) = Arc::clone(&self.reading).acquire_owned().await else {
            return Err(StoreError::Closed);
        };
        let connections = self.connections.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&connections)
        });
        done.await
            .map_err(|stopped| if stopped.is_panic() { StoreError::Panicked } else { StoreError::Closed })
    }
}

/// A reading connection in its transaction, which ends with it.
pub(crate) struct ReadConnection(PooledConnection<Connections>);

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
