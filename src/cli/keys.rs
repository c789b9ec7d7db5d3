//! `daowei keys`: the master keys of the installation, one taking another's place while it goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use store::connection::{self, Purpose};
use store::keys::{Key, KeyRing, keep_private};
use store::sealing::Sealer;
use store::{DatabaseUrl, Store, key_checks, reseal};
use tokio::runtime::Runtime;

use super::serve::say;
use crate::app::open_store;
use crate::config::keys::{Keys, sealing_file};
use crate::config::{Given, Settings};

#[derive(clap::Subcommand)]
pub enum KeysCommand {
    /// Tell which keys there are, which of them seals, and how many values lie sealed under each
    List(Box<List>),
    /// Add another key to the ring; it seals from the next start of a server on. With --national-algorithms true it is for SM4
    Add(Box<Add>),
    /// Seal everything anew under the key that seals, beside servers that know it; may be broken off and begun again
    Rotate(Box<Rotate>),
    /// Take a key out of the ring under which nothing lies sealed any more
    Retire(Box<Retire>),
}

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    given: Given,
}

#[derive(clap::Args)]
pub struct Add {
    #[command(flatten)]
    given: Given,
    /// Let the key that seals now go on with it until the line `sealing:` is taken out, once every process has the file
    #[arg(long)]
    opens_only: bool,
}

#[derive(clap::Args)]
pub struct Rotate {
    #[command(flatten)]
    given: Given,
}

#[derive(clap::Args)]
pub struct Retire {
    #[command(flatten)]
    given: Given,
    /// The number of the key
    #[arg(long)]
    number: u8,
}

impl KeysCommand {
    /// # Errors
    /// There are no keys, a step before this one was left out, or the database cannot be used.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(list) => list.run(),
            Self::Add(add) => add.run(),
            Self::Rotate(rotate) => rotate.run(),
            Self::Retire(retire) => retire.run(),
        }
    }
}

impl List {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let ring = Keys::load(&settings)?.sealing;
        let counts = Opened::of(&settings)?.counts()?;
        say(&format!("{}:", settings.database_url))?;
        for key in ring.keys() {
            let count = counts.get(&key.id()).copied().unwrap_or_default();
            let seals = if key.id() == ring.sealing().id() { ", seals" } else { "" };
            say(&format!("{}: {count} values, {}{seals}", key.id(), key.suite()))?;
        }
        for id in missing(&counts, &ring) {
            let count = counts.get(&id).copied().unwrap_or_default();
            say(&format!("{id}: {count} values, and the key is not here"))?;
        }
        Ok(())
    }
}

/// The numbers of keys under which values lie and which the ring lacks.
fn missing(counts: &BTreeMap<u8, u64>, ring: &KeyRing) -> Vec<u8> {
    counts.keys().copied().filter(|id| ring.keys().all(|key| key.id() != *id)).collect()
}

/// The database, for as long as a command works on it.
struct Opened {
    store: Store,
    runtime: Runtime,
}

impl Opened {
    fn of(settings: &Settings) -> anyhow::Result<Self> {
        // Opening would make a database that is not there, and whoever manages keys has one.
        if let DatabaseUrl::Sqlite(file) = &settings.database_url
            && !file.exists()
        {
            bail!("there is no database {}; say which with --database-url or DATABASE_URL", file.display());
        }
        Ok(Self { store: open_store(settings)?, runtime: Runtime::new()? })
    }

    fn counts(&self) -> anyhow::Result<BTreeMap<u8, u64>> {
        Ok(self.runtime.block_on(reseal::counts(&self.store))?)
    }

    /// Refuses where no server has begun with the key that seals: it could not read what comes next.
    fn refuse_unless_known(&self, settings: &Settings, ring: &KeyRing) -> anyhow::Result<()> {
        let mut connection = connection::open(&settings.database_url, Purpose::Read)?;
        if key_checks::is_known(&mut connection, ring.sealing())? {
            return Ok(());
        }
        bail!(
            "no server of {} has begun with key {}: restart each of them first",
            settings.database_url,
            ring.sealing().id()
        )
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.runtime.block_on(self.store.close());
    }
}

/// Where the ring is changed.
enum Place {
    File(PathBuf),
    /// `DAOWEI_KEY`, which only who starts the program can change.
    Environment,
}

impl Place {
    fn of(settings: &Settings) -> Self {
        if settings.key.is_some() { Self::Environment } else { Self::File(sealing_file(settings)) }
    }

    /// Puts the ring there, or tells who can what is to be put there.
    fn put(&self, ring: &KeyRing) -> anyhow::Result<()> {
        match self {
            Self::File(path) => Ok(ring.replace_file(path)?),
            Self::Environment => {
                let text = Zeroizing::new(ring.text().expose_secret().trim_end().replace('\n', ","));
                say(&format!("DAOWEI_KEY={}", *text))
            }
        }
    }

    /// Numbers that keys beside the file have had.
    fn retired(&self) -> Vec<u8> {
        let Self::File(path) = self else { return Vec::new() };
        (0..=u8::MAX).filter(|id| kept_at(path, *id).exists()).collect()
    }
}

impl Add {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let (place, ring) = (Place::of(&settings), Keys::load(&settings)?.sealing);
        let opened = Opened::of(&settings)?;
        let counts = opened.counts()?;
        if let [id, ..] = missing(&counts, &ring)[..] {
            bail!(
                "values lie sealed under key {id}, which is not here: bring it back before another is added"
            );
        }
        let known = opened.runtime.block_on(opened.store.read(key_checks::numbers))?;
        let had = known.into_iter().chain(place.retired());
        let suite = settings.suite.unwrap_or(ring.sealing().suite());
        let ring = ring.with_another(suite, self.opens_only, had)?;
        place.put(&ring)?;
        let id = ring.keys().last().map(Key::id).unwrap_or_default();
        say(&format!("key {id} is added, {suite}: back the key ring up"))?;
        if self.opens_only {
            return say(
                "give every process the ring and restart it; then take out the entry `sealing:` and restart each again",
            );
        }
        say(
            "restart the server, so that it knows the key; then `daowei keys rotate` seals everything anew under it",
        )
    }
}

impl Rotate {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let ring = Keys::load(&settings)?.sealing;
        let opened = Opened::of(&settings)?;
        opened.refuse_unless_known(&settings, &ring)?;
        let bar = ProgressBar::new_spinner();
        let (sealer, mut count) = (Arc::new(Sealer::new(&ring)), 0);
        let done = opened.runtime.block_on(reseal::everything(&opened.store, &sealer, |progress| {
            count += progress.count;
            bar.set_message(format!("{count} values, {}", progress.table));
            bar.tick();
        }));
        bar.finish_and_clear();
        done.context("what was sealed anew stays so; begin again when this is mended")?;
        say(&format!(
            "sealed {count} values of {} anew under key {}",
            settings.database_url,
            ring.sealing().id()
        ))
    }
}

impl Retire {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let (place, ring) = (Place::of(&settings), Keys::load(&settings)?.sealing);
        let opened = Opened::of(&settings)?;
        opened.refuse_unless_known(&settings, &ring)?;
        let (ring, gone) = ring.without(self.number)?;
        if let Some(count) = opened.counts()?.get(&self.number) {
            bail!(
                "{count} values of {} lie sealed under key {}; `daowei keys rotate` comes first",
                settings.database_url,
                self.number
            );
        }
        match &place {
            Place::File(path) => {
                let kept = kept_at(path, self.number);
                keep_private(&kept, path, &gone)?;
                say(&format!("key {} is kept in {}", self.number, kept.display()))?;
            }
            Place::Environment => say("keep the value that DAOWEI_KEY has had until now")?,
        }
        place.put(&ring)?;
        say(&format!(
            "key {} is taken out: backups of before need it; keep it with them, or destroy it with them",
            self.number
        ))
    }
}

fn kept_at(path: &Path, id: u8) -> PathBuf {
    path.with_file_name(format!("retired-{id}.key"))
}
