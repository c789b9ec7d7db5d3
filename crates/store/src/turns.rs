//! Who may use a connection when: a bounded number at a time, and among those who wait each caller in turn.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use crate::error::StoreError;
use crate::fair_queue::FairQueue;

/// Who has waited so long is told to come again: the database is away, or has far more to do than it can.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Gives out turns.
pub(crate) struct Turns(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    idle: Notify,
}

struct State {
    /// Turns that nobody has; then nobody waits either.
    free: usize,
    count: usize,
    waiting: FairQueue<oneshot::Sender<Turn>>,
    is_closed: bool,
}

/// A turn, which goes to the next who waits when it is dropped.
pub(crate) struct Turn(Arc<Inner>);

impl Turns {
    /// So many at a time, and at most so many who wait.
    pub(crate) fn new(count: usize, queue_length: usize) -> Self {
        let state = State { free: count, count, waiting: FairQueue::new(queue_length), is_closed: false };
        Self(Arc::new(Inner { state: Mutex::new(state), idle: Notify::new() }))
    }

    /// Waits for the caller's turn.
    ///
    /// # Errors
    /// [`StoreError::Busy`] at once where too many wait, and after a while where it takes too long;
    /// [`StoreError::Closed`].
    pub(crate) async fn take(&self, caller: Option<&str>) -> Result<Turn, StoreError> {
        let has_turn = {
            let mut state = self.0.state();
            if state.is_closed {
                return Err(StoreError::Closed);
            }
            if state.free > 0 {
                state.free -= 1;
                return Ok(Turn(Arc::clone(&self.0)));
            }
            let (turn, has_turn) = oneshot::channel();
            state.waiting.push(caller, turn).map_err(|_full| StoreError::Busy)?;
            has_turn
        };
        match tokio::time::timeout(LONGEST_WAIT, has_turn).await {
            Ok(turn) => turn.map_err(|_closed| StoreError::Closed),
            Err(_too_long) => Err(StoreError::Busy),
        }
    }

    /// Whether turns are still given out to those who come.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.state().is_closed
    }

    /// Gives no turn to anybody who comes from now on.
    pub(crate) fn close(&self) {
        self.0.state().is_closed = true;
    }

    /// Waits until everybody has had their turn.
    pub(crate) async fn finished(&self) {
        loop {
            let idle = self.0.idle.notified();
            {
                let state = self.0.state();
                if state.free == state.count {
                    return;
                }
            }
            idle.await;
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next who still waits; without one the turn is free.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut state = self.state();
        while let Some(next) = state.waiting.pop() {
            if !next.is_closed() {
                return Some(next);
            }
        }
        state.free += 1;
        if state.free == state.count {
            self.idle.notify_waiters();
        }
        None
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(next) = self.0.next() {
            // Who has gone away in this moment drops the turn, which gives it on.
            let _ = next.send(Self(Arc::clone(&self.0)));
        }
    }
}
