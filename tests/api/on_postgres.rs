//! The API over HTTP on PostgreSQL: the real server on a real port, with a clock that the tests set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect fails"
)]

mod faults;

use test_database::Engine;

/// What every test of this target runs on.
pub const ENGINE: Engine = Engine::Postgres;

mod copying;

include!("suite.rs");
