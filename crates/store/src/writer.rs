//! The one thread that writes to an embedded database.
//!
//! SQLite has a single writer anyway. A thread that owns it can put all waiting work into one commit, each
//! piece in a savepoint of its own, and answer when that commit is on disk: many callers share one sync.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use tokio::sync::oneshot;

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
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || serve(&url, connection, &served.0))
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
        self.queue.push(caller, Box::new(WriteJob { work, answer }))?;
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
    fn run(self: Box<Self>, connection: &mut AnyConnection) -> Ran;
    fn refuse(self: Box<Self>, error: StoreError);
}

/// Work that was done but is not answered yet.
struct Ran {
    answer: Box<dyn FnOnce(Result<(), StoreError>)>,
    /// Whether the connection is back in the group's own transaction, so that the group can go on.
    is_sound: bool,
}

struct WriteJob<W, T, E> {
    work: W,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<W, T, E> Job for WriteJob<W, T, E>
where
    W: Fn(&mut AnyConnection) -> Result<T, E> + Send,
    T: Send + 'static,
    E: Failure + Send + 'static,
{
    fn run(self: Box<Self>, connection: &mut AnyConnection) -> Ran {
        let Self { work, answer } = *self;
        let (result, is_sound) = in_savepoint(connection, &work);
        let answer = Box::new(move |committed: Result<(), StoreError>| {
            // A caller that went away needs no answer.
            let _ = answer.send(result.and_then(|value| committed.map(|()| value).map_err(E::from)));
        });
        Ran { answer, is_sound }
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.answer.send(Err(error.into()));
    }
}

/// Runs the work so that its failure, or its panic, undoes it alone.
fn in_savepoint<T, E: From<StoreError>>(
    connection: &mut AnyConnection,
    work: &impl Fn(&mut AnyConnection) -> Result<T, E>,
) -> (Result<T, E>, bool) {
    if let Err(error) = run(connection, "SAVEPOINT job") {
        return (Err(error.into()), false);
    }
    match catch_unwind(AssertUnwindSafe(|| work(connection))) {
        Ok(Ok(value)) if transaction_depth(connection) == Some(1) => match run(connection, "RELEASE job") {
            Ok(()) => (Ok(value), true),
            Err(error) => (Err(error.into()), false),
        },
        Ok(Ok(_)) => {
            let detail = "the work left its transaction in an unknown state".to_owned();
            (Err(StoreError::NotCommitted { detail }.into()), false)
        }
        Ok(Err(error)) => (Err(error), roll_back_to_group(connection)),
        Err(panic) => {
            tracing::error!(panic = panic_message(panic.as_ref()), "a write panicked and was undone");
            (Err(StoreError::Panicked.into()), roll_back_to_group(connection))
        }
    }
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

fn serve(url: &DatabaseUrl, connection: AnyConnection, queue: &Queue) {
    let mut current = Some(connection);
    while let Some(first) = queue.next() {
        let opened = match current.take() {
            Some(connection) => Ok(connection),
            None => connection::open(url, Purpose::Write),
        };
        match opened {
            Ok(mut connection) => {
                if run_group(&mut connection, first, queue) {
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
    let mut done = vec![first.run(connection)];
    while done.len() < MOST_JOBS_A_COMMIT
        && done.last().is_some_and(|last| last.is_sound)
        && let Some(job) = queue.try_next()
    {
        done.push(job.run(connection));
    }
    let failure = if done.iter().all(|each| each.is_sound) {
        AnyConnection::commit_transaction(connection).err().map(|error| error.to_string())
    } else {
        Some("another write of the same group left the connection in an unknown state".to_owned())
    };
    // Whatever is still open is undone when the unsound connection is closed, before anybody is told.
    let is_usable = failure.is_none() && transaction_depth(connection) == Some(0);
    if let Some(detail) = &failure {
        tracing::error!(detail, writes = done.len(), "a commit failed");
    }
    for each in done {
        (each.answer)(match &failure {
            None => Ok(()),
            Some(detail) => Err(StoreError::NotCommitted { detail: detail.clone() }),
        });
    }
    is_usable
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
