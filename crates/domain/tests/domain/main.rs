//! The rules of petition work from outside: stories told as commands, the whole product of states,
//! commands and relations, and thousands of random sequences.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it did not expect fails"
)]

mod completeness;
mod delegation;
mod finishing;
mod golden;
mod municipality;
mod pages;
mod payloads;
mod product;
mod properties;
mod random;
mod receptions;
mod scenarios;
mod stages;
mod tale;
