//! The places of copied events in the feed of the target.

use crate::connection::AnyConnection;

/// Numbers the source's positions anew, in their order, so that all of them lie before whatever the target will write:
/// on SQLite from 1, because the next position there is the last and one; on PostgreSQL below zero, because positions
/// there are numbers of transactions, which are not.
///
/// Events that share a position go on sharing one.
#[derive(Debug)]
pub(super) struct Positions {
    last: i64,
    seen: Option<i64>,
}

impl Positions {
    /// For so many events and audit entries, each of which is then asked for in the order of their positions.
    pub(super) fn in_target(target: &AnyConnection, event_count: i64) -> Self {
        let last = match target {
            AnyConnection::Sqlite(_) => 0,
            AnyConnection::Postgres(_) => event_count.saturating_neg().saturating_sub(1),
        };
        Self { last, seen: None }
    }

    /// What the target has for the source's position.
    pub(super) fn of(&mut self, position: i64) -> i64 {
        if self.seen != Some(position) {
            self.seen = Some(position);
            self.last = self.last.saturating_add(1);
        }
        self.last
    }
}
