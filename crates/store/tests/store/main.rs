//! The store from outside, on a fresh embedded database for each test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use test_database::Engine;

/// What every test of this target runs on.
const ENGINE: Engine = Engine::Sqlite;

include!("suite.rs");

// What only the embedded engine has, or takes for an example.
mod copying;
mod embedded;
mod query_plans;
