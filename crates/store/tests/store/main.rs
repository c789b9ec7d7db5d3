//! The store from outside, on a fresh embedded database for each test.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod people_and_keys;
mod portability;
mod records;
mod schema;
mod support;
mod writing;
