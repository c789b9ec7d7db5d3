//! `daowei rebuild`: makes the read tables again from the journal, or compares them with it.
//!
//! Nothing is dropped: each case is folded anew, and only where its read tables tell otherwise are they written. So it
//! may run beside a server, in small transactions, and may be broken off and begun again.

use anyhow::bail;
use domain::deadline::Rules;
use domain::id::CaseId;
use indicatif::{ProgressBar, ProgressStyle};
use store::rebuild::{RebuildPage, compare_page, rebuild_page};
use store::{Store, StoreError};

use super::serve::say;
use crate::app::open_store;
use crate::config::Given;

/// How many cases one write transaction takes, so that people's writes are not kept waiting.
const SLICE: u32 = 100;
/// How many differing cases are named; the rest are counted.
const MOST_NAMED: usize = 20;

#[derive(clap::Args)]
pub struct Rebuild {
    #[command(flatten)]
    given: Given,
    /// Only compare, change nothing, and end with 1 where anything differs
    #[arg(long)]
    check: bool,
}

/// What all slices found.
#[derive(Debug, Default)]
struct Found {
    case_count: usize,
    differing: Vec<CaseId>,
}

impl Rebuild {
    /// Runs, and tells how many cases differed.
    ///
    /// # Errors
    /// The database cannot be used, a journal does not make a case, or a check found differences.
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let store = open_store(&settings)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let found = runtime.block_on(self.go_through(&store, settings.rules))?;
        runtime.block_on(store.close());
        self.tell(&found)?;
        if self.check && !found.differing.is_empty() {
            bail!("the read tables tell otherwise than the journal; `daowei rebuild` puts them right");
        }
        Ok(())
    }

    async fn go_through(&self, store: &Store, rules: Rules) -> Result<Found, StoreError> {
        let bar = progress();
        let mut found = Found::default();
        let mut after = None;
        loop {
            let page = self.slice(store, after, rules.clone()).await?;
            found.case_count += page.case_count;
            found.differing.extend(page.differing);
            bar.set_position(u64::try_from(found.case_count).unwrap_or(u64::MAX));
            match page.last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        bar.finish_and_clear();
        Ok(found)
    }

    async fn slice(
        &self,
        store: &Store,
        after: Option<CaseId>,
        rules: Rules,
    ) -> Result<RebuildPage, StoreError> {
        if self.check {
            store.read(move |connection| compare_page(connection, after, SLICE, &rules)).await
        } else {
            store.write(move |connection| rebuild_page(connection, after, SLICE, &rules)).await
        }
    }

    fn tell(&self, found: &Found) -> anyhow::Result<()> {
        let Found { case_count, differing } = found;
        let done = if self.check { "differ" } else { "differed and were made again" };
        say(&format!("{case_count} cases in the journal, {} {done}", differing.len()))?;
        for case in differing.iter().take(MOST_NAMED) {
            say(&format!("  {case}"))?;
        }
        match differing.len().checked_sub(MOST_NAMED) {
            None | Some(0) => Ok(()),
            Some(more) => say(&format!("  and {more} more")),
        }
    }
}

/// Counts on standard error while somebody watches; nothing where it is no terminal.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} cases, {per_sec}, {elapsed}") {
        bar.set_style(style);
    }
    bar
}
