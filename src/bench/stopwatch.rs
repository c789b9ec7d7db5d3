//! The one place of the measurements that reads a clock: how long something takes is not the office's time.

use std::time::{Duration, Instant};

/// A moment from which time is counted, forwards only.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Counts from now.
    #[expect(clippy::disallowed_methods, reason = "a measurement needs a clock that only goes forward")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// What has passed.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Waits until so much has passed; a request that is due is not sent before.
    pub fn sleep_until(&self, passed: Duration) {
        if let Some(left) = passed.checked_sub(self.elapsed()) {
            std::thread::sleep(left);
        }
    }
}
