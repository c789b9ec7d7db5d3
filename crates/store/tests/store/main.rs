//! The store from outside, on a fresh embedded database for each test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod case_listing;
mod copying;
mod histories;
mod people_and_keys;
mod portability;
mod query_plans;
mod records;
mod reference_data;
mod schema;
mod support;
mod writing;
