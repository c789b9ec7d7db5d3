//! Copies what was committed from the log of an embedded database into the database itself, beside the writing thread.
//!
//! SQLite would let the writer do it at a commit, who keeps everybody waiting meanwhile. The log can only begin anew when
//! all of it was copied, which under load it never is; so the writer copies what little has come since, and is asked for
//! that when the log has grown long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::error::StoreError;

/// Commits after which the log is copied: more at a time would keep the disk busy for as long as a commit may take.
const COMMITS: u32 = 4;
/// The length of a log that is to begin anew, in pages.
const LONG_LOG: i64 = 4_000;

/// The thread, and what it is told.
pub(crate) struct Checkpointer {
    told: Arc<Told>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Told {
    state: Mutex<State>,
    has_changed: Condvar,
    /// The log is long, and all but the newest commits were copied.
    wants_an_end: AtomicBool,
}

#[derive(Default)]
struct State {
    commits: u32,
    is_closed: bool,
}

impl Checkpointer {
    /// Starts the thread.
    ///
    /// # Errors
    /// [`StoreError::CannotOpen`].
    pub(crate) fn start(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let told = Arc::<Told>::default();
        let (url, heard) = (url.clone(), Arc::clone(&told));
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || serve(&url, &heard))
            .map_err(|error| StoreError::CannotOpen { detail: format!("no thread for the log: {error}") })?;
        Ok(Self { told, thread: Some(thread) })
    }

    /// Tells of a commit; the writer then copies the rest of the log, if it is time for that.
    pub(crate) fn committed(&self, writer: &mut AnyConnection) {
        let mut state = self.told.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.commits = state.commits.saturating_add(1);
        if state.commits >= COMMITS {
            self.told.has_changed.notify_one();
        }
        drop(state);
        if self.told.wants_an_end.swap(false, Ordering::Relaxed) {
            copy(writer);
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.told.state.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
        self.told.has_changed.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that copies the log had panicked");
        }
    }
}

fn serve(url: &DatabaseUrl, told: &Told) {
    let mut connection = match connection::open(url, Purpose::Read) {
        Ok(connection) => connection,
        Err(error) => {
            tracing::error!(%error, "the writer copies the log itself");
            return;
        }
    };
    loop {
        let mut state = told.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.commits < COMMITS && !state.is_closed {
            state = told.has_changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return;
        }
        state.commits = 0;
        drop(state);
        if copy(&mut connection).is_some_and(|log| log >= LONG_LOG) {
            told.wants_an_end.store(true, Ordering::Relaxed);
        }
    }
}

#[derive(QueryableByName)]
struct Log {
    #[diesel(sql_type = BigInt)]
    log: i64,
}

/// Copies as much as can be copied without anybody's waiting, and answers how long the log is, in pages.
fn copy(connection: &mut AnyConnection) -> Option<i64> {
    let AnyConnection::Sqlite(concrete) = connection else { return None };
    match diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Log>(concrete) {
        Ok(Log { log }) => Some(log),
        Err(error) => {
            // Nothing is lost: it stays in the log, and is tried again.
            tracing::warn!(%error, "the log could not be copied into the database");
            None
        }
    }
}
