//! `daowei migrate`: brings the tables up to date.

use crate::app::open_store;
use crate::config::Given;

#[derive(clap::Args)]
pub struct Migrate {
    #[command(flatten)]
    given: Given,
}

impl Migrate {
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        // Opening is what migrates; there is nothing else to do.
        let _store = open_store(&settings)?;
        println!("{} is up to date", settings.database_url);
        Ok(())
    }
}
