//! `daowei rebuild`: makes the read tables again from the journal, or compares them with it.
//!
//! Nothing is dropped: each case is folded anew, and only where its read tables tell otherwise are they written. So it
//! may run beside a server, in small transactions, and may be broken off and begun again.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::bail;
use domain::id::{CaseId, ReceptionId};
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
    reception_count: usize,
    differing_receptions: Vec<ReceptionId>,
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
            found.reception_count += page.reception_count;
            found.differing_receptions.extend(page.differing_receptions);
            bar.at(found.case_count, found.event_count);
        }))?;
        bar.end();
        runtime.block_on(store.close());
        self.tell(&found)?;
        if self.check && !(found.differing.is_empty() && found.differing_receptions.is_empty()) {
            bail!("the read tables tell otherwise than the journal; `daowei rebuild` puts them right");
        }
        Ok(())
    }

    fn tell(&self, found: &Found) -> anyhow::Result<()> {
        let Found { case_count, differing, reception_count, differing_receptions, .. } = found;
        let done = if self.check { "differ" } else { "differed and were made again" };
        say(&format!("{case_count} cases in the journal, {} {done}", differing.len()))?;
        name(differing)?;
        let count = differing_receptions.len();
        if *reception_count == 0 && count == 0 {
            return Ok(());
        }
        say(&format!("{reception_count} reception sessions in the journal, {count} {done}"))?;
        name(differing_receptions)
    }
}

/// The first of them.
fn name(ids: &[impl Display]) -> anyhow::Result<()> {
    for id in ids.iter().take(MOST_NAMED) {
        say(&format!("  {id}"))?;
    }
    match ids.len().checked_sub(MOST_NAMED) {
        None | Some(0) => Ok(()),
        Some(more) => say(&format!("  and {more} more")),
    }
}
