//! The API over HTTP: the real server on a real port, with a clock that the tests set.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect fails"
)]

mod accusation;
mod admin;
mod auth;
mod bad_input;
mod calendar;
mod claim;
mod command_line;
mod conditional;
mod contract;
mod deadlines;
mod demo;
mod directories;
mod durability;
mod handling;
mod idempotency;
mod import;
mod listing;
mod malformed;
mod objection;
mod petitioner;
mod readme;
mod rebuild;
mod repeats;
mod review;
mod routing;
mod shell;
mod suggestion;
mod support;
mod visibility;
