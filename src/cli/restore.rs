//! `daowei restore`: puts a backup in the place of the embedded database.

use std::path::{Path, PathBuf};

use anyhow::bail;
use store::DatabaseUrl;
use store::backup::{BackupError, KeysFit, keys_fit, restore};
use store::connection::{self, Purpose};

use super::backup::line_of;
use super::serve::say;
use crate::clock::Clock;
use crate::config::keys::{KeyError, Keys};
use crate::config::{Given, Settings};

/// What to do instead where the database is a server's.
const ON_POSTGRES: &str = "\
the database is PostgreSQL's, which has its own tools for this; into a new, empty database, with every daowei stopped:
  createdb daowei && pg_restore -1 --no-owner -d \"$DATABASE_URL\" daowei.dump
then put keys/ and the settings back, and end with `daowei verify`.
docs/operations.md and docs/point-in-time-recovery.md have every step; nothing was changed";

#[derive(clap::Args)]
pub struct Restore {
    #[command(flatten)]
    given: Given,
    /// What `daowei backup` has written
    file: PathBuf,
    /// Replace the database that is there, which is kept beside under another name
    #[arg(long)]
    replace: bool,
}

impl Restore {
    /// Runs, and tells what was restored.
    ///
    /// # Errors
    /// The database is PostgreSQL's, is there already or in use, or the file is no sound backup: nothing was changed
    /// then. Or the keys are not those of the backup.
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let DatabaseUrl::Sqlite(database) = &settings.database_url else { bail!(ON_POSTGRES) };
        std::fs::create_dir_all(&settings.data)?;
        let old_goes_to = self.replace.then(|| aside(database));
        let keys = match Keys::load(&settings) {
            Ok(keys) => Some(keys),
            Err(KeyError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let ring = keys.as_ref().map(|keys| &keys.sealing);
        let restored = restore(&self.file, database, old_goes_to.as_deref(), &settings.rules, ring);
        if let Err(BackupError::Unsound { verified, .. }) = &restored {
            super::verify::tell(verified)?;
        }
        if let Err(BackupError::Exists(path)) = &restored
            && path == database
        {
            bail!("{} is there already; --replace keeps it beside under another name", path.display());
        }
        let restored = restored?;
        say(&format!("{}: {}", database.display(), line_of(&restored.held)))?;
        if let Some(aside) = old_goes_to.filter(|aside| aside.exists()) {
            say(&format!("what was there is kept as {}", aside.display()))?;
        }
        if !restored.applied.is_empty() {
            say(&format!("brought up to date: {}", restored.applied.join(", ")))?;
        }
        say("verified:")?;
        super::verify::tell(&restored.verified)?;
        tell_of_keys(&settings)
    }
}

/// The name that the old database gets, with the moment, so that it is nobody's yet.
fn aside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".replaced-{}", Clock::system().now().format("%Y%m%dT%H%M%S%.3fZ")));
    name.into()
}

/// # Errors
/// The keys are not those under which the backup was sealed.
fn tell_of_keys(settings: &Settings) -> anyhow::Result<()> {
    let keys = match Keys::load(settings) {
        Ok(keys) => keys,
        Err(KeyError::Missing { name, path, .. }) => {
            return say(&format!("there is no {name} yet: put the one of this backup to {}", path.display()));
        }
        Err(error) => return Err(error.into()),
    };
    let connection = &mut connection::open(&settings.database_url, Purpose::Read)?;
    match keys_fit(connection, &keys.sealing)? {
        KeysFit::NothingSealed => say("nobody's particulars are in it yet"),
        KeysFit::Fit => say("the keys open what was sealed last"),
        KeysFit::Missing(ids) => {
            let ids: Vec<String> = ids.iter().map(u8::to_string).collect();
            bail!(
                "restored, but values lie sealed under key {}, which is not here: add its line, from where a retired key or the \
                 keys of this backup are kept, to the key ring before anybody works; replace nothing in it",
                ids.join(", ")
            )
        }
        KeysFit::Other => bail!(
            "restored, but the keys that are here do not open it: bring back those of this backup before anybody works, \
             and keep the ones that are here for the database that was replaced"
        ),
    }
}
