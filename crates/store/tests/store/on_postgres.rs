//! The store from outside, on a fresh database of PostgreSQL for each test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use test_database::Engine;

/// What every test of this target runs on.
const ENGINE: Engine = Engine::Postgres;

include!("suite.rs");

// Both schemas are compared where both engines are there.
mod schemas;
