//! `daowei verify`: goes through the whole installation, or what is new since a checkpoint, and tells what of it does not
//! hold together.

use std::sync::Arc;

use anyhow::bail;
use store::checkpoints::Published;
use store::migrations;
use store::verify::{self, Fault, Verified};

use super::serve::say;
use super::watched::Watched;
use crate::app::open_store;
use crate::config::keys::{KeyError, Keys};
use crate::config::{Given, Settings};

/// How many faults are named; `--json` names more.
const MOST_NAMED: usize = 20;

#[derive(clap::Args)]
pub struct Verify {
    #[command(flatten)]
    given: Given,
    /// Print what was found as one line of JSON
    #[arg(long)]
    json: bool,
    /// Go through what is new since a checkpoint, which must still be what was published: NUMBER or NUMBER:DIGEST
    #[arg(long, value_name = "CHECKPOINT")]
    from: Option<Published>,
    /// Go through everything, also whether a checkpoint is still what was published: NUMBER:DIGEST
    #[arg(long, value_name = "CHECKPOINT", conflicts_with = "from")]
    published: Option<Published>,
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
        let keys = keys(&settings)?;
        let so_far = |so_far: &Verified| bar.at(so_far.case_count, so_far.event_count);
        let verified = match self.from {
            None => runtime.block_on(verify::whole(
                &store,
                &settings.rules,
                keys.as_ref(),
                self.published,
                so_far,
            ))?,
            Some(from) => {
                runtime.block_on(verify::since(&store, &settings.rules, keys.as_ref(), from, so_far))?
            }
        };
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

/// The keys, if they are here; a copy of the database may be verified where they are not.
fn keys(settings: &Settings) -> anyhow::Result<Option<Arc<verify::Keys>>> {
    match Keys::load(settings) {
        Ok(keys) => Ok(Some(Arc::new(verify::Keys::new(&keys.sealing)))),
        Err(KeyError::Missing { .. }) => {
            tracing::warn!(
                "the keys are not here, so nobody's particulars and no signer of a checkpoint is verified"
            );
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Prints what was gone through, and the first broken places.
///
/// # Errors
/// Nobody reads.
pub fn tell(verified: &Verified) -> anyhow::Result<()> {
    let Verified {
        case_count,
        reception_count,
        event_count,
        person_count,
        checkpoint_count,
        fault_count,
        ..
    } = verified;
    say(&format!(
        "{case_count} cases, {reception_count} reception sessions, {event_count} events, {person_count} people, {checkpoint_count} checkpoints, \
         {fault_count} faults"
    ))?;
    if let Some(last) = &verified.last_checkpoint {
        say(&format!("the last checkpoint is {last}"))?;
    }
    for fault in verified.faults.iter().take(MOST_NAMED) {
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
