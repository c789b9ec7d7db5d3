//! daowei (到位): the application. Read `http.rs` first; it is the whole URL tree on one screen.

/// Everything a request needs, built once.
pub mod app;
/// Measuring.
pub mod bench;
/// The subcommands.
pub mod cli;
/// The only reader of the machine's clock.
pub mod clock;
/// Settings from flags, environment and file.
pub mod config;
/// A municipality to try everything on.
pub mod demo;
/// The URL tree, and what every request and answer has in common.
pub mod http;
/// Passwords, tokens, and the account behind a request.
pub mod identity;
/// The maker of identifiers.
pub mod ids;
/// Taking over earlier petitions from a table.
pub mod import;
/// Starting and stopping.
pub mod server;
/// One function a use case.
pub mod service;
/// Ending what clients keep waiting.
pub mod slow_clients;
/// Logs and metrics.
pub mod telemetry;
/// What the system does by itself.
pub mod worker;
