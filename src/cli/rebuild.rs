//! `daowei rebuild`: makes the read tables again from the journal, or compares them with it.
//!
//! Nothing is dropped: each case is folded anew, and only where its read tables tell otherwise are they written. So it
//! may run beside a server, in small transactions, and may be broken off and begun again.

use std::sync::Arc;

use anyhow::bail;
use domain::id::CaseId;
use store::rebuild::{self, Doing};
use store::sealing::Sealer;

use super::serve::say;
use super::watched::Watched;
use crate::app::open_store;
use crate::config::Given;
use crate::config::keys::Keys;

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
    event_count: usize,
    differing: Vec<CaseId>,
}

impl Rebuild {
    /// Runs, and tells how many cases differed.
    ///
    /// # Errors
    /// The database cannot be used, a journal does not make a case, or a check found differences.
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let sealer = Arc::new(Sealer::new(&Keys::load(&settings)?.sealing));
        let store = open_store(&settings)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let bar = Watched::events();
        let mut found = Found::default();
        let doing = if self.check { Doing::Compare } else { Doing::Rebuild };
        runtime.block_on(rebuild::whole(&store, &settings.rules, &sealer, doing, |page| {
            found.case_count += page.case_count;
            found.event_count += page.event_count;
            found.differing.extend(page.differing);
            bar.at(found.case_count, found.event_count);
        }))?;
        bar.end();
        runtime.block_on(store.close());
        self.tell(&found)?;
        if self.check && !found.differing.is_empty() {
            bail!("the read tables tell otherwise than the journal; `daowei rebuild` puts them right");
        }
        Ok(())
    }

    fn tell(&self, found: &Found) -> anyhow::Result<()> {
        let Found { case_count, differing, .. } = found;
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
