//! `daowei keys`: the master keys of the installation, one taking another's place while it goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use store::keys::{Key, KeyRing, keep_private};
use store::reseal;
use store::sealing::Sealer;

use super::serve::say;
use crate::app::open_store;
use crate::config::keys::{Keys, sealing_file};
use crate::config::{Given, Settings};

#[derive(clap::Subcommand)]
pub enum KeysCommand {
    /// Tell which keys there are, which of them seals, and how many values lie sealed under each
    List(Box<List>),
    /// Add another key to the key file; it seals from the next start of a server on. With --national-algorithms true it is for SM4
    Add(Box<Add>),
    /// Seal everything anew under the key that seals, beside servers that know it; may be broken off and begun again
    Rotate(Box<Rotate>),
    /// Take a key out of the key file under which nothing lies sealed any more
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
    /// There are no keys, they are not in a file where that is to change, or the database cannot be used.
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
        let counts = counts(&settings)?;
        for key in ring.keys() {
            let count = counts.get(&key.id()).copied().unwrap_or_default();
            let seals = if key.id() == ring.sealing().id() { ", seals" } else { "" };
            say(&format!("{}: {count} values{seals}", key.id()))?;
        }
        let unknown = counts.iter().filter(|(id, _)| ring.keys().all(|key| key.id() != **id));
        for (id, count) in unknown {
            say(&format!("{id}: {count} values, and the key is not here"))?;
        }
        Ok(())
    }
}

/// How many values lie sealed under each key.
fn counts(settings: &Settings) -> anyhow::Result<BTreeMap<u8, i64>> {
    let store = open_store(settings)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let counts = runtime.block_on(store.read(reseal::counts));
    runtime.block_on(store.close());
    Ok(counts?)
}

/// The key file, with its ring.
fn file(settings: &Settings) -> anyhow::Result<(PathBuf, KeyRing)> {
    if settings.key.is_some() {
        bail!("the keys come from DAOWEI_KEY: change them there, an entry NUMBER:BASE64 for each");
    }
    let ring = Keys::load(settings)?.sealing;
    Ok((sealing_file(settings), ring))
}

impl Add {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let (path, ring) = file(&settings)?;
        let ring = ring.with_another(settings.suite, self.opens_only)?;
        ring.replace_file(&path)?;
        let id = ring.keys().last().map(Key::id).unwrap_or_default();
        say(&format!("added key {id} to {}: back the file up", path.display()))?;
        if self.opens_only {
            return say(
                "give every process the file and restart it; then take out the line `sealing:` and restart each again",
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
        let store = open_store(&settings)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let bar = ProgressBar::new_spinner();
        let mut count = 0;
        let done = runtime.block_on(reseal::everything(&store, &Arc::new(Sealer::new(&ring)), |progress| {
            count += progress.count;
            bar.set_message(format!("{count} values, {}", progress.table));
            bar.tick();
        }));
        bar.finish_and_clear();
        runtime.block_on(store.close());
        done.context("what was sealed anew stays so; begin again when this is mended")?;
        say(&format!("sealed {count} values anew under key {}", ring.sealing().id()))
    }
}

impl Retire {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let (path, ring) = file(&settings)?;
        let (ring, gone) = ring.without(self.number)?;
        if let Some(count) = counts(&settings)?.get(&self.number) {
            bail!("{count} values lie sealed under key {}; `daowei keys rotate` comes first", self.number);
        }
        let kept = kept_at(&path, self.number);
        keep_private(&kept, &gone)?;
        ring.replace_file(&path)?;
        say(&format!(
            "took key {} out of {} and put it into {}: backups of before need it; keep it with them, or destroy it",
            self.number,
            path.display(),
            kept.display()
        ))
    }
}

fn kept_at(path: &Path, id: u8) -> PathBuf {
    path.with_file_name(format!("retired-{id}.key"))
}
