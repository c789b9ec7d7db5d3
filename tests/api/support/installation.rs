//! What the program runs on: a data directory and a database.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use store::DatabaseUrl;
use store::keys::KeyRing;
use store::sealing::Sealer;
use tempfile::TempDir;
use test_database::{Engine, TestDatabase};

use super::Process;
use super::books::{Audit, audit};
use crate::ENGINE;

/// A data directory and a database of a test's own.
pub struct Installation {
    /// Where the embedded database is not in it.
    data: Option<TempDir>,
    database: TestDatabase,
}

impl Installation {
    /// As before the program's first start.
    pub fn new() -> Self {
        Self::on(TestDatabase::empty(ENGINE))
    }

    /// As before its second start.
    pub fn seeded() -> Self {
        Self::on(TestDatabase::seeded(ENGINE))
    }

    fn on(database: TestDatabase) -> Self {
        let data = database.directory().is_none().then(|| tempfile::tempdir().unwrap());
        Self { data, database }
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data.as_ref().map(TempDir::path).or_else(|| self.database.directory()).unwrap()
    }

    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    pub fn database(&self) -> DatabaseUrl {
        self.database.address()
    }

    /// Whether the words stand anywhere in the database as they are.
    pub fn holds(&self, words: &str) -> bool {
        self.database.holds(words)
    }

    /// Opens what its servers have sealed.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(&KeyRing::from_file(&self.data().join("keys/sealing.key")).unwrap())
    }

    /// Looks the database over, which no server has open.
    pub fn audit(&self) -> Audit {
        audit(&self.database.address(), &self.sealer())
    }

    /// Checks that nobody else on the machine may read what the program has made.
    #[track_caller]
    pub fn is_private(&self) {
        let database: &[&str] = if ENGINE == Engine::Sqlite { &["daowei.db"] } else { &[] };
        for file in ["keys/sealing.key"].iter().chain(database) {
            let mode = std::fs::metadata(self.data().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{file} is open to others");
        }
    }

    /// The program with these data, and without what the environment says of them.
    pub fn daowei(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daowei"));
        command.args(arguments).arg("--data").arg(self.data());
        self.environment(&mut command);
        command
    }

    /// Gives a program the environment in which the database is found: the embedded one is where it always is.
    pub fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for given in ["DAOWEI_DATA", "DAOWEI_KEY", "DATABASE_URL"] {
            command.env_remove(given);
        }
        if ENGINE == Engine::Postgres {
            command.env("DATABASE_URL", self.database_url());
        }
        command
    }

    /// Starts the program with the arguments and waits until it answers requests.
    pub fn start(&self, arguments: &[&str]) -> Process {
        Process::start(&mut self.daowei(&[arguments, &["--listen=127.0.0.1:0"]].concat()))
    }
}
