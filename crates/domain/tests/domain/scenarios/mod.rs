//! The stories of `domain.md`, told from filing to their end.

mod backlog;
mod charge;
mod dispatch;
mod endings;
mod erasure;
mod four_eyes;
mod handling;
mod instruction;
mod other_tracks;
mod resolution;
mod review;
mod supervision;
