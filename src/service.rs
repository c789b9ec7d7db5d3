//! One function a use case: load, decide, append, in one transaction.

mod error;
pub mod repeatable;

pub use error::ServiceError;
