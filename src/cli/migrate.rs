//! `daowei migrate`: brings the tables up to date.

use anyhow::bail;
use store::migrations;

use crate::app::open_store;
use crate::config::{Given, Settings};

#[derive(clap::Args)]
pub struct Migrate {
    #[command(flatten)]
    given: Given,
    /// Only tell what is missing, change nothing, and end with 1 where anything is
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        if self.check {
            return check(&settings);
        }
        // Opening is what migrates; there is nothing else to do.
        let _store = open_store(&settings)?;
        println!("{} is up to date", settings.database_url);
        Ok(())
    }
}

/// # Errors
/// Something is missing, or the database is of a later version or cannot be reached.
fn check(settings: &Settings) -> anyhow::Result<()> {
    let pending = migrations::pending_at(&settings.database_url)?;
    if pending.is_empty() {
        println!("{} is up to date", settings.database_url);
        return Ok(());
    }
    bail!("{} is not up to date; missing: {}", settings.database_url, pending.join(", "))
}
