//! Measures the server: makes a province's worth of cases, drives the server over HTTP from this process, and puts each
//! figure beside its aim and its floor.
//!
//! Read `plan.rs` for the data and `scenario.rs` for what is measured.

mod acts;
mod cast;
mod chance;
mod client;
/// Making and completing the data set.
pub mod filling;
/// What the figures are compared with.
pub mod floor;
mod load;
mod meter;
mod people;
/// What each case of the data set is.
pub mod plan;
mod process;
/// What was measured.
pub mod report;
/// What is measured.
pub mod scenario;
mod scene;
mod served;
mod stopwatch;
mod stories;
mod template;
#[cfg(test)]
mod tests;
/// The province.
pub mod world;
