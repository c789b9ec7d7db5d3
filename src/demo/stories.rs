//! The stories of the demonstration: made up, one case each, so that every state occurs.
//!
//! Days are counted back from the day on which the demonstration is made, so that deadlines are live whenever
//! that is.

mod answered;
mod backlog;
mod handling;
mod intake;
mod other_tracks;
mod reception;
mod resolved;
mod review;
mod supervision;

use super::stage::Stage;

/// A story and the day on which its petition is filed.
struct Tale {
    filed_days_ago: u64,
    tell: fn(&mut Stage<'_>, u64) -> anyhow::Result<()>,
}

const fn tale(filed_days_ago: u64, tell: fn(&mut Stage<'_>, u64) -> anyhow::Result<()>) -> Tale {
    Tale { filed_days_ago, tell }
}

/// Tells every story, the oldest petition first, as case numbers would be given.
///
/// # Errors
/// A story does something that is refused.
pub fn tell_all(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let mut tales: Vec<&Tale> = [
        intake::TALES,
        handling::TALES,
        answered::TALES,
        resolved::TALES,
        review::TALES,
        other_tracks::TALES,
        supervision::TALES,
        backlog::TALES,
        reception::TALES,
    ]
    .into_iter()
    .flatten()
    .collect();
    tales.sort_by_key(|tale| std::cmp::Reverse(tale.filed_days_ago));
    tales.into_iter().try_for_each(|tale| (tale.tell)(stage, tale.filed_days_ago))
}
