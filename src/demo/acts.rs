//! What people do in the stories: each act is one command, or a few that always go together.

mod backlog;
mod charge;
mod ending;
mod handling;
mod instruction;
mod intake;
mod measures;
mod other_tracks;
mod reception;
mod review;
mod supervision;

pub use handling::{Answered, Found};
