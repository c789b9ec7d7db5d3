//! Reviewed files: compared with what the code says now, written anew with `UPDATE=1` in the environment.

use std::fs;
use std::path::{Path, PathBuf};

/// What follows this line in a page is written by hand and kept.
pub const BY_HAND: &str = "<!-- From here on this page is written by hand. -->\n";

fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares the whole file; `path` is relative to the crate.
pub fn reviewed(path: &str, text: &str) {
    compare(path, &fs::read_to_string(place(path)).unwrap_or_default(), text);
}

/// Compares the page up to [`BY_HAND`].
pub fn reviewed_page(path: &str, text: &str) {
    let before = fs::read_to_string(place(path)).unwrap_or_default();
    let by_hand = before.split_once(BY_HAND).map(|(_, by_hand)| by_hand).unwrap_or_default();
    compare(path, &before, &format!("{text}{BY_HAND}{by_hand}"));
}

fn compare(path: &str, before: &str, text: &str) {
    if before == text {
        return;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(place(path), text).unwrap();
        return;
    }
    let changed = text.lines().zip(before.lines().chain(std::iter::repeat(""))).find(|(now, was)| now != was);
    panic!("{path} is stale (run with UPDATE=1 and review what changed): {changed:#?}");
}
