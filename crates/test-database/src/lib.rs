//! A database of a test's own, on either engine.
//!
//! [`TestDatabase`] is a file, or a database on a server that the tests of one process share: the one that
//! `TEST_DATABASE_URL` names, or one that is started in a temporary directory and ends with the process, however
//! that ends. [`PrivateServer`] is a server of one test alone, which may stop it, kill it and copy it.
//!
//! Where there is neither a server nor its programs, the first use ends the process: every test of the target is
//! named as skipped, or under `CI=true` the target fails. So a target that asks for PostgreSQL is about nothing else.

#![expect(clippy::panic, reason = "a test that cannot have its database fails with what was in the way")]

mod embedded;
mod programs;
mod server;
mod shared;
mod skipped;
mod watchdog;

use std::path::Path;

use store::connection::{self, Purpose};
use store::{DatabaseUrl, migrations, seed};
use tempfile::TempDir;

pub use server::{PrivateServer, Stop};

/// What a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database on a server.
    Postgres,
}

/// What is in a new database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    Nothing,
    Tables,
    ReferenceData,
}

/// A database that nobody else uses, gone with this value.
#[derive(Debug)]
pub struct TestDatabase(Place);

#[derive(Debug)]
enum Place {
    Directory(TempDir, String),
    Server(shared::Database),
}

impl TestDatabase {
    /// A database without any table.
    pub fn empty(engine: Engine) -> Self {
        Self::with(engine, Contents::Nothing)
    }

    /// A database with its tables.
    pub fn migrated(engine: Engine) -> Self {
        Self::with(engine, Contents::Tables)
    }

    /// A database with its tables and the reference data, as the program finds it at its second start.
    pub fn seeded(engine: Engine) -> Self {
        Self::with(engine, Contents::ReferenceData)
    }

    fn with(engine: Engine, contents: Contents) -> Self {
        match engine {
            Engine::Sqlite => {
                let (directory, url) = embedded::database(contents);
                Self(Place::Directory(directory, url))
            }
            Engine::Postgres => Self(Place::Server(shared::server().database(contents))),
        }
    }

    /// The address, as `--database-url` takes it.
    pub fn url(&self) -> &str {
        match &self.0 {
            Place::Directory(_, url) => url,
            Place::Server(database) => &database.url,
        }
    }

    /// The address, as the store takes it.
    pub fn address(&self) -> DatabaseUrl {
        parsed(self.url())
    }

    /// The directory of the file, where it is one.
    pub fn directory(&self) -> Option<&Path> {
        match &self.0 {
            Place::Directory(directory, _) => Some(directory.path()),
            Place::Server(_) => None,
        }
    }

    /// Whether the words stand anywhere in the database as they are: in the file and its log, or in any row.
    pub fn holds(&self, words: &str) -> bool {
        match &self.0 {
            Place::Directory(directory, _) => embedded::hold(directory.path(), words),
            Place::Server(database) => database.holds(words),
        }
    }
}

fn parsed(url: &str) -> DatabaseUrl {
    url.parse().unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Puts the contents into a database that has nothing yet.
fn fill(url: &str, contents: Contents) {
    let address = parsed(url);
    let tables = || migrations::run(&mut connection::open(&address, Purpose::Write)?).map(drop);
    let filled = match contents {
        Contents::Nothing => Ok(()),
        Contents::Tables => tables(),
        Contents::ReferenceData => tables().and_then(|()| seed::seed_database(&address)),
    };
    if let Err(error) = filled {
        panic!("the template of the tests' databases: {error}: {error:?}");
    }
}
