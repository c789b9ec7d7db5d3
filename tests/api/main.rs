//! The API over HTTP: the real server on a real port, with a clock that the tests set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect fails"
)]

mod embedded_faults;

use test_database::Engine;

/// What every test of this target runs on.
pub const ENGINE: Engine = Engine::Sqlite;

// What only the embedded engine has.
mod keep;

include!("suite.rs");
