//! The API over HTTP: the real server on a real port, with a clock that the tests set.

mod auth;
mod shell;
mod support;
