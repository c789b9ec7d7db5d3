//! `daowei backup`: writes the embedded database into a file, at one moment, while the server goes on.

use std::path::PathBuf;

use anyhow::bail;
use store::DatabaseUrl;
use store::backup::{Held, back_up};

use super::serve::say;
use crate::config::Given;

/// What to do instead where the database is a server's.
const ON_POSTGRES: &str = "\
the database is PostgreSQL's, which has its own tools for this:
  pg_dump -Fc -d \"$DATABASE_URL\" -f daowei.dump      one moment of it, beside the server
  pg_basebackup -D DIR -X stream -c fast              with the archived log: any moment since
and keep apart from either: keys/ of the data directory, and the settings (daowei.toml, environment).
docs/operations.md and docs/point-in-time-recovery.md have every step; nothing was written";

#[derive(clap::Args)]
pub struct Backup {
    #[command(flatten)]
    given: Given,
    /// Where to write it; never over a file that is there
    file: PathBuf,
    /// Take the place of a file that is there, once the new one is whole
    #[arg(long)]
    force: bool,
}

impl Backup {
    /// Runs, and tells what the file holds.
    ///
    /// # Errors
    /// The database is PostgreSQL's, cannot be read or is damaged, or the file cannot be written.
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let DatabaseUrl::Sqlite(database) = &settings.database_url else { bail!(ON_POSTGRES) };
        let held = back_up(database, &self.file, self.force)?;
        say(&format!("{}: {}", self.file.display(), line_of(&held)))?;
        say(
            "keep keys/ too, and never beside this file: without them no name, number or address in it can be read,",
        )?;
        say("and who has both can read them all")
    }
}

/// What a database holds, as people ask whether it is the right one.
pub fn line_of(held: &Held) -> String {
    let last = match held.last_recorded_at {
        Some(moment) => format!("the last at {}", moment.format("%Y-%m-%dT%H:%M:%SZ")),
        None => "none yet".to_owned(),
    };
    format!("{} cases, {} events, {last}", held.case_count, held.event_count)
}
