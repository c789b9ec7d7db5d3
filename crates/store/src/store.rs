//! One `read`, one `write`: how the rest of the program reaches the database.

use std::sync::Arc;

use diesel::connection::TransactionManager;
use diesel::r2d2::Pool;
use tokio::sync::Semaphore;

use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose, ReaderManager};
use crate::error::StoreError;
use crate::writer::Writer;
use crate::{meta, migrations};

/// How many writes may wait; past this a caller is told [`StoreError::Busy`] at once instead of waiting long.
pub const WRITE_QUEUE_LENGTH: usize = 1024;

/// The database, opened once and shared; a clone is another handle on the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Pool<ReaderManager>,
    /// Reads wait here, as tasks, and not as blocked threads in front of the pool.
    reading: Arc<Semaphore>,
    writer: Writer,
}

impl Store {
    /// Opens the database with so many reading connections, after bringing its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`], [`StoreError::CannotOpen`], [`StoreError::EngineNotAvailable`].
    pub fn open(url: &DatabaseUrl, readers: u32) -> Result<Self, StoreError> {
        Self::open_with_queue(url, readers, WRITE_QUEUE_LENGTH)
    }

    /// As [`Store::open`], with another bound on the writes that may wait.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with_queue(url: &DatabaseUrl, readers: u32, queue_length: usize) -> Result<Self, StoreError> {
        let mut connection = connection::open(url, Purpose::Write)?;
        let applied = migrations::run(&mut connection)?;
        if !applied.is_empty() {
            tracing::info!(database = %url, ?applied, "the schema was brought up to date");
        }
        let count = readers.max(1);
        let readers = Pool::builder()
            .max_size(count)
            .build(ReaderManager(url.clone()))
            .map_err(|error| StoreError::CannotOpen { detail: error.to_string() })?;
        let reading = Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(1)));
        let writer = Writer::start(url.clone(), connection, queue_length)?;
        Ok(Self { inner: Arc::new(Inner { readers, reading, writer }) })
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
        E: From<StoreError> + Send + 'static,
    {
        let Ok(permit) = Arc::clone(&self.inner.reading).acquire_owned().await else {
            return Err(StoreError::Closed.into());
        };
        let readers = self.inner.readers.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut connection = readers.get().map_err(|error| {
                tracing::error!(%error, "no reading connection");
                StoreError::CannotOpen { detail: error.to_string() }
            })?;
            AnyConnection::begin_transaction(&mut connection).map_err(StoreError::from)?;
            let result = query(&mut connection);
            // Nothing was changed; a failure here shows in the depth, and the pool drops the connection.
            let _ = AnyConnection::rollback_transaction(&mut connection);
            result
        });
        match done.await {
            Ok(result) => result,
            Err(stopped) if stopped.is_panic() => Err(StoreError::Panicked.into()),
            Err(_cancelled) => Err(StoreError::Closed.into()),
        }
    }

    /// Runs the work in a transaction of its own and answers when it is on disk; an `Err` undoes all of it.
    ///
    /// The work may be run more than once, so it must touch nothing but the connection.
    ///
    /// # Errors
    /// What the work answers, [`StoreError::Busy`] if too much waits already, [`StoreError::Panicked`],
    /// [`StoreError::NotCommitted`].
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answered = self.inner.writer.submit(work)?;
        answered.await.unwrap_or_else(|_never_answered| Err(StoreError::Closed.into()))
    }

    /// Whether the database answers; for `/readyz`.
    pub async fn is_ready(&self) -> bool {
        match self.read(meta::directory_version).await {
            Ok(_) => !self.inner.writer.is_finished(),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                false
            }
        }
    }

    /// Takes no more work, finishes what was taken, and returns when it is on disk.
    pub async fn close(&self) {
        self.inner.reading.close();
        let inner = Arc::clone(&self.inner);
        if tokio::task::spawn_blocking(move || inner.writer.finish()).await.is_err() {
            tracing::error!("the store was not closed in order");
        }
    }
}
