//! The one thread that writes to an embedded database.
//!
//! SQLite has a single writer anyway. A thread that owns it can put all waiting work into one commit and answer when that
//! commit is on disk: many callers share one sync. Where a piece fails half-way the group is undone and done again, each
//! piece in a savepoint of its own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tokio::sync::oneshot;

use crate::checkpointer::Checkpointer;
use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::error::{Failure, StoreError};
use crate::fair_queue::FairQueue;
use crate::portable::{Kept, each_backend};

/// A longer group would make the first of its callers wait for the last.
const MOST_JOBS_A_COMMIT: usize = 64;

/// The queue to the writing thread, and the thread itself.
pub(crate) struct Writer {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread on a connection that is ready to write.
    pub(crate) fn start(
        url: DatabaseUrl,
        connection: AnyConnection,
        queue_length: usize,
    ) -> Result<Self, StoreError> {
        let queue = Arc::new(Queue::new(queue_length));
        let served = Served(Arc::clone(&queue));
        let checkpointer = Checkpointer::start(&url)?;
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&url, connection, &served.0, &checkpointer))
            .map_err(|error| StoreError::CannotOpen { detail: format!("no writing thread: {error}") })?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Puts the work into the queue; the answer comes after the commit.
    pub(crate) fn submit<W, T, E>(
        &self,
        caller: Option<&str>,
        work: W,
    ) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        W: Fn(&mut AnyConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Failure + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.queue.push(caller, Box::new(WriteJob { work, result: None, answer }))?;
        Ok(answered)
    }

    /// Whether the thread is gone, so that no work would ever be answered.
    pub(crate) fn is_finished(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Takes no more work and waits until what was taken is committed; blocks the thread it is called on.
    pub(crate) fn finish(&self) {
        self.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Work that holds the last handle of the store drops it on the writer, which cannot wait for itself.
        if let Some(thread) = thread
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the writing thread of the store had panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish();
    }
}

/// The work that waits for the thread.
struct Queue {
    state: Mutex<State>,
    has_come: Condvar,
}

struct State {
    waiting: FairQueue<Box<dyn Job>>,
    is_closed: bool,
}

impl Queue {
    fn new(bound: usize) -> Self {
        let state = State { waiting: FairQueue::new(bound), is_closed: false };
        Self { state: Mutex::new(state), has_come: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, caller: Option<&str>, job: Box<dyn Job>) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(StoreError::Closed);
        }
        state.waiting.push(caller, job).map_err(|_full| StoreError::Busy)?;
        self.has_come.notify_one();
        Ok(())
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.has_come.notify_one();
    }

    /// The next that waits now.
    fn try_next(&self) -> Option<Box<dyn Job>> {
        self.state().waiting.pop()
    }

    /// The next, once there is one; none when the queue was closed and is empty.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.waiting.pop() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self.has_come.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Answers everybody who waits now.
    fn refuse_all(&self, error: impl Fn() -> StoreError) {
        while let Some(job) = self.try_next() {
            job.refuse(error());
        }
    }
}

/// The thread's end of the queue: however the thread ends, nobody waits for it in vain.
struct Served(Arc<Queue>);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.close();
        self.0.refuse_all(|| StoreError::Closed);
    }
}

/// A piece of work that waits for its turn.
trait Job: Send {
    /// Does the work; it may be done again, after what it wrote was undone.
    fn run(&mut self, connection: &mut AnyConnection, care: Care) -> Left;
    /// Tells what came of it, once its commit is on disk or has failed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
    fn refuse(self: Box<Self>, error: StoreError);
}

/// How a piece of work is kept apart from the others of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// Not at all: work that fails has hardly ever written anything by then. A savepoint for each would copy every page
    /// that it changes, which cost 8 % of the time of a filing.
    Bare,
    /// In a savepoint, so that its failure undoes it alone.
    Savepoint,
}

/// What a piece of work left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// All that it was to write, or nothing where it failed.
    Sound,
    /// A part: the whole group has to be undone.
    Part,
    /// A connection in an unknown state.
    Unknown,
}

struct WriteJob<W, T, E> {
    work: W,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<W, T, E> Job for WriteJob<W, T, E>
where
    W: Fn(&mut AnyConnection) -> Result<T, E> + Send,
    T: Send + 'static,
    E: Failure + Send + 'static,
{
    fn run(&mut self, connection: &mut AnyConnection, care: Care) -> Left {
        let (result, left) = match care {
            Care::Bare => bare(connection, &self.work),
            Care::Savepoint => in_savepoint(connection, &self.work),
        };
        self.result = Some(result);
        left
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        let result = result.unwrap_or_else(|| Err(StoreError::Closed.into()));
        // A caller that went away needs no answer.
        let _ = answer.send(result.and_then(|value| committed.map(|()| value).map_err(E::from)));
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.answer.send(Err(error.into()));
    }
}

/// Runs the work, and finds out whether its failure left something behind.
fn bare<T, E: Failure>(
    connection: &mut AnyConnection,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, Left) {
    let before = match rows_changed(connection) {
        Ok(before) => before,
        Err(error) => return (Err(error.into()), Left::Unknown),
    };
    let failure = match attempted(connection, work) {
        Ok(Ok(value)) => return (Ok(value), Left::Sound),
        Ok(Err(error)) => error,
        Err(unknown) => return (Err(unknown.into()), Left::Unknown),
    };
    let is_untouched = transaction_depth(connection) == Some(1)
        && !ends_transactions(&failure)
        && rows_changed(connection).is_ok_and(|after| after == before);
    (Err(failure), if is_untouched { Left::Sound } else { Left::Part })
}

/// Whether the engine may have undone the whole transaction by itself, which only an attempt to do so tells: what comes next
/// would otherwise be committed statement by statement.
fn ends_transactions(failure: &impl Failure) -> bool {
    let is_of_the_work = |error: &StoreError| {
        matches!(
            error,
            StoreError::NotFound
                | StoreError::Conflict { .. }
                | StoreError::MissingReference
                | StoreError::Broken { .. }
                | StoreError::Sealing(_)
                | StoreError::WrongCursor
                | StoreError::Panicked
        )
    };
    failure.as_store_error().is_some_and(|error| !is_of_the_work(error))
}

/// Runs the work so that its failure, or its panic, undoes it alone.
fn in_savepoint<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, Left) {
    if let Err(error) = run(connection, "SAVEPOINT job") {
        return (Err(error.into()), Left::Unknown);
    }
    match attempted(connection, work) {
        Ok(Ok(value)) => match run(connection, "RELEASE job") {
            Ok(()) => (Ok(value), Left::Sound),
            Err(error) => (Err(error.into()), Left::Unknown),
        },
        Ok(Err(error)) => {
            let is_back = roll_back_to_group(connection);
            (Err(error), if is_back { Left::Sound } else { Left::Unknown })
        }
        Err(unknown) => (Err(unknown.into()), Left::Unknown),
    }
}

/// What came of the work, its panic among its failures; an error where it left its transaction in an unknown state.
fn attempted<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> Result<Result<T, E>, StoreError> {
    match catch_unwind(AssertUnwindSafe(|| work(connection))) {
        Ok(Ok(_)) if transaction_depth(connection) != Some(1) => {
            let detail = "the work left its transaction in an unknown state".to_owned();
            Err(StoreError::NotCommitted { detail })
        }
        Ok(result) => Ok(result),
        Err(panic) => {
            tracing::error!(panic = panic_message(panic.as_ref()), "a write panicked and was undone");
            Ok(Err(StoreError::Panicked.into()))
        }
    }
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows the connection has changed since it was opened, those of undone work among them.
fn rows_changed(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let changed = each_backend!(connection, concrete => {
        Kept(diesel::sql_query("SELECT total_changes() AS rows")).get_result::<Changed>(concrete)
    });
    Ok(changed?.rows)
}

/// A panic may have left savepoints of the work's own open, so this goes by depth first.
fn roll_back_to_group(connection: &mut AnyConnection) -> bool {
    while transaction_depth(connection).is_some_and(|depth| depth > 1) {
        if AnyConnection::rollback_transaction(connection).is_err() {
            return false;
        }
    }
    transaction_depth(connection) == Some(1)
        && run(connection, "ROLLBACK TO job").is_ok()
        && run(connection, "RELEASE job").is_ok()
}

/// Diesel's own savepoints are prepared anew each time, which cost as much as a filing's insert into its journal.
fn run(connection: &mut AnyConnection, statement: &'static str) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Nothing {}
    each_backend!(connection, concrete => Kept(diesel::sql_query(statement)).load::<Nothing>(concrete))?;
    Ok(())
}

/// How many transactions are open inside each other; none if the connection no longer knows.
pub(crate) fn transaction_depth(connection: &mut AnyConnection) -> Option<u32> {
    let status = AnyConnection::transaction_manager_status_mut(connection);
    status.transaction_depth().ok().map(|depth| depth.map_or(0, u32::from))
}

pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

fn serve(url: &DatabaseUrl, connection: AnyConnection, queue: &Queue, checkpointer: &Checkpointer) {
    let mut current = Some(connection);
    while let Some(first) = queue.next() {
        let opened = match current.take() {
            Some(connection) => Ok(connection),
            None => connection::open(url, Purpose::Write),
        };
        match opened {
            Ok(mut connection) => {
                if run_group(&mut connection, first, queue) {
                    checkpointer.committed(&mut connection);
                    current = Some(connection);
                } else {
                    tracing::error!("the writing connection of the store is unsound and is opened anew");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the writing connection of the store cannot be opened");
                let detail = error.to_string();
                first.refuse(error);
                queue.refuse_all(|| StoreError::CannotOpen { detail: detail.clone() });
            }
        }
    }
}

/// Runs all waiting work in one transaction, answers it, and says whether the connection can be used again.
fn run_group(connection: &mut AnyConnection, first: Box<dyn Job>, queue: &Queue) -> bool {
    if let Err(error) = begin_for_writing(connection) {
        tracing::error!(%error, "no transaction could be begun");
        first.refuse(error.into());
        // They have waited as long for the same lock, and each would wait again.
        queue.refuse_all(|| StoreError::Busy);
        return transaction_depth(connection) == Some(0);
    }
    let mut group = vec![first];
    let mut left = run_newest(connection, &mut group, Care::Bare);
    while group.len() < MOST_JOBS_A_COMMIT
        && left == Left::Sound
        && let Some(job) = queue.try_next()
    {
        group.push(job);
        left = run_newest(connection, &mut group, Care::Bare);
    }
    if left == Left::Part {
        left = again_with_care(connection, &mut group);
    }
    let failure = match left {
        Left::Sound => AnyConnection::commit_transaction(connection).err().map(|error| error.to_string()),
        Left::Part | Left::Unknown => {
            Some("another write of the same group left the connection in an unknown state".to_owned())
        }
    };
    // Whatever is still open is undone when the unsound connection is closed, before anybody is told.
    let is_usable = failure.is_none() && transaction_depth(connection) == Some(0);
    if let Some(detail) = &failure {
        tracing::error!(detail, writes = group.len(), "a commit failed");
    }
    for job in group {
        job.answer(match &failure {
            None => Ok(()),
            Some(detail) => Err(StoreError::NotCommitted { detail: detail.clone() }),
        });
    }
    is_usable
}

fn run_newest(connection: &mut AnyConnection, group: &mut [Box<dyn Job>], care: Care) -> Left {
    group.last_mut().map_or(Left::Sound, |job| job.run(connection, care))
}

/// Undoes the group, of which one has failed half-way, and does it again so that each failure undoes its own work alone.
fn again_with_care(connection: &mut AnyConnection, group: &mut [Box<dyn Job>]) -> Left {
    while transaction_depth(connection).is_some_and(|depth| depth > 0) {
        if AnyConnection::rollback_transaction(connection).is_err() {
            return Left::Unknown;
        }
    }
    if begin_for_writing(connection).is_err() {
        return Left::Unknown;
    }
    for job in group {
        if job.run(connection, Care::Savepoint) != Left::Sound {
            return Left::Unknown;
        }
    }
    Left::Sound
}

/// The write lock is taken at once: a transaction that begins by reading could not get it later.
fn begin_for_writing(connection: &mut AnyConnection) -> QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(concrete) => {
            AnsiTransactionManager::begin_transaction_sql(concrete, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(concrete) => AnsiTransactionManager::begin_transaction(concrete),
    }
}
