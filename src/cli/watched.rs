//! How far a long walk through the journal is, for whoever watches.

use std::borrow::Cow;

use indicatif::{ProgressBar, ProgressStyle};

/// Counts on standard error while somebody watches; nothing where it is no terminal.
pub struct Watched(ProgressBar);

impl Watched {
    /// Counts cases and events, whose number is not known before the end.
    pub fn events() -> Self {
        let bar = ProgressBar::new_spinner();
        let template = "{spinner} {msg} cases, {human_pos} events, {per_sec}, {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Shows how many were gone through.
    pub fn at(&self, case_count: usize, event_count: usize) {
        self.0.set_message(Cow::Owned(case_count.to_string()));
        self.0.set_position(u64::try_from(event_count).unwrap_or(u64::MAX));
    }

    /// Leaves the line to what is printed.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
