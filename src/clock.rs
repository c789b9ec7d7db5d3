//! The only place that reads the machine's clock; everything else takes the time as an argument.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, TimeDelta, Utc};

/// The source of the present: the machine's clock, or one that a test sets.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(ManualClock),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `at`, and the handle that moves it.
    pub fn manual(at: DateTime<Utc>) -> (Self, ManualClock) {
        let handle = ManualClock(Arc::new(Mutex::new(at)));
        (Self(Source::Manual(handle.clone())), handle)
    }

    /// The present in UTC, cut to microseconds: PostgreSQL keeps no more, and a value must equal itself after a
    /// round trip on both engines.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => Utc::now(),
            Source::Manual(handle) => handle.get(),
        }
        .trunc_subsecs(6)
    }

    /// Today's date in the office's time zone, which is where legal days begin and end.
    pub fn today(&self, zone: FixedOffset) -> NaiveDate {
        self.now().with_timezone(&zone).date_naive()
    }
}

/// Moves a manual clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// What the clock shows.
    pub fn get(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock, forwards or backwards.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Moves the clock on by `by`.
    pub fn advance(&self, by: TimeDelta) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *shown += by;
    }
}
