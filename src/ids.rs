//! Makes the 63-bit identifiers: 42 bits of milliseconds since 2020, 9 bits of node, 12 bits of sequence.
//!
//! They order by time and need no coordination: processes differ in their node, which is configured or random.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::id::{self, BITS_BELOW_TIME, Id};

use crate::clock::Clock;

const SEQUENCE_BITS: u32 = 12;
const NODE_BITS: u32 = BITS_BELOW_TIME - SEQUENCE_BITS;
/// How many processes can be told apart.
pub const NODE_COUNT: u16 = 1 << NODE_BITS;

/// Makes identifiers; clones share one sequence.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
    node: u64,
    /// Milliseconds and sequence of the newest identifier, in one word so that one atomic step makes the next.
    newest: Arc<AtomicU64>,
}

impl Ids {
    /// Identifiers of one process; without a `node` a random one is taken.
    pub fn new(clock: Clock, node: Option<u16>) -> Self {
        let node = node.unwrap_or_else(rand::random) % NODE_COUNT;
        Self { clock, node: u64::from(node), newest: Arc::new(AtomicU64::new(0)) }
    }

    /// The next identifier: greater than every one before it, even when the clock stands still or goes back.
    pub fn next<K>(&self) -> Id<K> {
        Id::new(self.next_number())
    }

    /// The next identifier of something that has no type of its own, such as an event.
    pub fn next_number(&self) -> i64 {
        let passed = id::milliseconds_at(self.clock.now());
        let present = u64::try_from(passed).unwrap_or_default() << SEQUENCE_BITS;
        let step = |newest: u64| present.max(newest + 1);
        let before =
            self.newest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |newest| Some(step(newest)));
        let state = step(before.unwrap_or_else(|newest| newest));
        let sequence = state & ((1 << SEQUENCE_BITS) - 1);
        let milliseconds = state >> SEQUENCE_BITS;
        let bits = milliseconds << (NODE_BITS + SEQUENCE_BITS) | self.node << SEQUENCE_BITS | sequence;
        // 42 bits of milliseconds last until 2159, so the sign bit stays clear.
        bits.cast_signed() & i64::MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::id::CaseId;

    #[test]
    fn identifiers_rise_whatever_the_clock_does() {
        let noon: DateTime<chrono::Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let (clock, hand) = Clock::manual(noon);
        let ids = Ids::new(clock, Some(511));
        let mut made: Vec<CaseId> = (0..5000).map(|_| ids.next()).collect();
        assert_eq!(made[0].moment(), Some(noon));
        hand.advance(chrono::TimeDelta::seconds(-60));
        made.push(ids.next());
        hand.advance(chrono::TimeDelta::seconds(120));
        made.push(ids.next());
        assert!(made.is_sorted_by(|a, b| a < b));
    }
}
