//! The connections of a process to one server, and what is known of whether it answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::r2d2::{Builder, Pool, PooledConnection};

use crate::connection::{Connections, DatabaseUrl, Purpose};
use crate::error::StoreError;

/// How long a caller waits for a connection; a database that is gone is told within it.
pub(crate) const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(3);

/// A pool of connections; a clone is another handle on the same one.
#[derive(Clone)]
pub(crate) struct ConnectionPool {
    pool: Pool<Connections>,
    /// Somebody has waited for a connection in vain. Until the pool has made one in the background nobody else waits.
    is_away: Arc<AtomicBool>,
}

impl ConnectionPool {
    /// Connects to the database.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`].
    pub(crate) fn open(url: &DatabaseUrl, purpose: Purpose, count: u32) -> Result<Self, StoreError> {
        let connections = Connections { url: url.clone(), purpose };
        let pool = builder(count).connection_timeout(WAIT_FOR_CONNECTION).build(connections);
        pool.map(Self::of).map_err(|error| StoreError::CannotOpen { detail: error.to_string() })
    }

    /// As `open`, whether the database can be reached now or not.
    pub(crate) fn prepare(url: &DatabaseUrl, purpose: Purpose, count: u32, wait: Duration) -> Self {
        let connections = Connections { url: url.clone(), purpose };
        Self::of(builder(count).connection_timeout(wait).build_unchecked(connections))
    }

    fn of(pool: Pool<Connections>) -> Self {
        Self { pool, is_away: Arc::new(AtomicBool::new(false)) }
    }

    /// How many connections there may be.
    pub(crate) fn max_size(&self) -> u32 {
        self.pool.max_size()
    }

    /// A connection, which may be dead.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] after a short wait, or at once where others have waited in vain.
    pub(crate) fn take(&self) -> Result<PooledConnection<Connections>, StoreError> {
        if self.is_away.load(Ordering::Relaxed) {
            let made = self.pool.try_get().ok_or_else(|| StoreError::Unreachable {
                detail: "the server could not be reached a moment ago".to_owned(),
            })?;
            self.is_away.store(false, Ordering::Relaxed);
            return Ok(made);
        }
        self.pool.get().map_err(|error| {
            self.is_away.store(true, Ordering::Relaxed);
            tracing::error!(%error, "no connection to the database");
            StoreError::Unreachable { detail: error.to_string() }
        })
    }

    /// A connection that nobody has now.
    pub(crate) fn take_at_once(&self) -> Option<PooledConnection<Connections>> {
        self.pool.try_get()
    }
}

fn builder(count: u32) -> Builder<Connections> {
    Pool::builder()
        .max_size(count.max(1))
        // One is always there or being made, which is how the pool notices that the server is back.
        .min_idle(Some(1))
        // A dead connection shows when its transaction begins, and then another is taken.
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
}
