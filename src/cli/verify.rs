//! `daowei verify`: goes through the whole installation and tells what of it does not hold together.

use anyhow::bail;
use store::migrations;
use store::verify::{self, Fault, Verified};

use super::serve::say;
use super::watched::Watched;
use crate::app::open_store;
use crate::config::Given;

/// How many faults are named; `--json` names more.
const MOST_NAMED: usize = 20;

#[derive(clap::Args)]
pub struct Verify {
    #[command(flatten)]
    given: Given,
    /// Print what was found as one line of JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    /// # Errors
    /// The database cannot be used, or something is broken.
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        // Opening would bring the tables up to date, and who checks changes nothing.
        let pending = migrations::pending_at(&settings.database_url)?;
        if !pending.is_empty() {
            bail!("{} is not up to date; `daowei migrate` comes first", settings.database_url);
        }
        let store = open_store(&settings)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let bar = Watched::events();
        let walk =
            verify::whole(&store, &settings.rules, |so_far| bar.at(so_far.case_count, so_far.event_count));
        let verified = runtime.block_on(walk)?;
        runtime.block_on(store.close());
        bar.end();
        if self.json {
            say(&serde_json::to_string(&verified)?)?;
        } else {
            tell(&verified)?;
        }
        if !verified.is_sound() {
            bail!("{} places are broken; docs/operations.md says what to do", verified.fault_count);
        }
        Ok(())
    }
}

/// Prints what was gone through, and the first broken places.
///
/// # Errors
/// Nobody reads.
pub fn tell(verified: &Verified) -> anyhow::Result<()> {
    let Verified { case_count, event_count, fault_count, faults } = verified;
    say(&format!("{case_count} cases, {event_count} events, {fault_count} faults"))?;
    for fault in faults.iter().take(MOST_NAMED) {
        say(&format!("  {}", line_of(fault)))?;
    }
    match fault_count.checked_sub(MOST_NAMED) {
        None | Some(0) => Ok(()),
        Some(more) => say(&format!("  and {more} more")),
    }
}

/// The number that people use, the identifier, the event, what is wrong: as far as each is known.
fn line_of(fault: &Fault) -> String {
    let places = [
        fault.case_no.clone(),
        fault.case.map(|case| case.to_string()),
        fault.seq.map(|seq| format!("event {seq}")),
    ];
    let place = places.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let place = if place.is_empty() { place } else { format!("{place}: ") };
    format!("{place}{} ({})", fault.detail, fault.kind.as_ref())
}
