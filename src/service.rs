//! One function a use case: load, decide, append, in one transaction.

/// What one calls on a case.
pub mod audit;
pub mod cases;
/// Who acts in whose place, and for how long.
pub mod delegations;
/// Regions, organs, users, topics, the calendar, and who reviews whom.
pub mod directories;
/// Destroying personal data after the retention term.
pub mod erasures;
mod error;
/// THE path: load, decide, append, project.
pub mod execute;
/// How a petition becomes a case.
pub mod filing;
/// Cases as they were last read.
pub mod known_cases;
/// The directories and the calendar as decisions see them.
pub mod office;
/// What a petitioner does with the query code.
pub mod public;
pub mod receptions;
/// Work that is safe to repeat.
pub mod repeatable;
/// Numbers of cases.
pub mod statistics;

pub use error::{ServiceError, TRY_AGAIN_AFTER};
