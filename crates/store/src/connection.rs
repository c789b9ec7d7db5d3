//! Which engine an address means, and how a connection to it is opened.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::sql_types::Text;
use secrecy::{ExposeSecret, SecretString};

use crate::error::StoreError;
use crate::writer::transaction_depth;

/// A connection to either engine; every query of this crate is written once, against this.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(diesel::PgConnection),
    Sqlite(diesel::SqliteConnection),
}

/// Where the database is; shown without a password.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// The file of an embedded database.
    Sqlite(PathBuf),
    /// The whole address of a PostgreSQL server, which may hold a password.
    Postgres(SecretString),
}

/// The text is no address of a database that this program knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; a database is sqlite:PATH, sqlite:///ABSOLUTE/PATH or postgres://USER@HOST/NAME")]
pub struct AddressError {
    reason: &'static str,
}

impl FromStr for DatabaseUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let refused = |reason| Err(AddressError { reason });
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.into()));
        }
        let Some(place) = text.strip_prefix("sqlite:") else {
            return refused("the address names no engine");
        };
        let path = match place.strip_prefix("//") {
            Some(absolute) if absolute.starts_with('/') => absolute,
            Some(_) => return refused("sqlite:// needs a third slash, because a file has no host"),
            None => place,
        };
        match path {
            "" => refused("the address names no file"),
            ":memory:" => refused("a database in memory is not durable"),
            path => Ok(Self::Sqlite(path.into())),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// What a connection is for: a reader cannot change anything, even by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Read,
    /// Reading a few rows by their keys, as every request does.
    Glance,
    Write,
    /// Brings the schema up to date, which may take long and waits for others.
    Migrate,
}

/// How a connection to PostgreSQL behaves unless the address says otherwise: a server that is gone is noticed in
/// seconds, also when its machine vanished without a word.
const ADDRESS_DEFAULTS: [(&str, &str); 4] = [
    ("connect_timeout", "3"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "10"),
    ("application_name", "daowei"),
];

/// A statement that runs longer is broken off; every query of this program is bounded far below it.
const STATEMENT_TIMEOUT: &str = "30s";
/// A row that is locked longer is given up, and the transaction tried again.
const LOCK_TIMEOUT: &str = "3s";
/// A process that stalls in the middle of a transaction loses it, and with it the locks that others wait for.
const IDLE_IN_TRANSACTION_TIMEOUT: &str = "10s";

/// Opens a connection and sets it up; makes the file of an embedded database if its directory exists.
///
/// # Errors
/// [`StoreError::CannotOpen`] with the path and the reason, [`StoreError::Unreachable`] for a server.
pub fn open(url: &DatabaseUrl, purpose: Purpose) -> Result<AnyConnection, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => open_sqlite(path, purpose),
        DatabaseUrl::Postgres(address) => open_postgres(address, purpose),
    }
}

fn open_postgres(address: &SecretString, purpose: Purpose) -> Result<AnyConnection, StoreError> {
    let unreachable = |detail: String| StoreError::Unreachable { detail };
    let mut connection = diesel::PgConnection::establish(&with_defaults(address.expose_secret()))
        .map_err(|error| unreachable(error.to_string()))?;
    let lock_timeout = if purpose == Purpose::Migrate { "0" } else { LOCK_TIMEOUT };
    let statement_timeout = if purpose == Purpose::Migrate { "0" } else { STATEMENT_TIMEOUT };
    let mut settings = vec![
        ("timezone", "UTC"),
        ("client_min_messages", "warning"),
        ("statement_timeout", statement_timeout),
        ("lock_timeout", lock_timeout),
        ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_TIMEOUT),
        // Compiling a list's statement took a hundred times as long as running it.
        ("jit", "off"),
    ];
    if matches!(purpose, Purpose::Read | Purpose::Glance) {
        settings.push(("default_transaction_read_only", "on"));
        // Planning a list anew for its values took as long as running it, and came to no other plan.
        settings.push(("plan_cache_mode", "force_generic_plan"));
    }
    let statements: String =
        settings.into_iter().map(|(name, value)| format!("SET {name} = '{value}';")).collect();
    connection.batch_execute(&statements).map_err(|error| unreachable(error.to_string()))?;
    make_commits_durable(&mut connection).map_err(|error| unreachable(error.to_string()))?;
    Ok(AnyConnection::Postgres(connection))
}

/// A server may be set not to wait for its disk; what this program has answered must be there after a power cut.
fn make_commits_durable(connection: &mut diesel::PgConnection) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let asked = diesel::sql_query("SELECT current_setting('synchronous_commit') AS value");
    if asked.get_result::<Setting>(connection)?.value == "off" {
        connection.batch_execute("SET synchronous_commit = on")?;
    }
    Ok(())
}

/// The address with every default that it does not name itself.
fn with_defaults(address: &str) -> String {
    let mut whole = address.to_owned();
    for (name, value) in ADDRESS_DEFAULTS {
        if !address.contains(&format!("{name}=")) {
            whole.push(if whole.contains('?') { '&' } else { '?' });
            whole.push_str(&format!("{name}={value}"));
        }
    }
    whole
}

/// In KiB: with many readers each has little, and the system's own cache is behind it.
const READER_CACHE: &str = "cache_size = -4096";
/// In KiB: the leaves of the indexes by which the cases that are read most are looked up.
const GLANCE_CACHE: &str = "cache_size = -8192";
/// In KiB: the inner pages of every index that a filing adds to, of a database of some million cases.
const WRITER_CACHE: &str = "cache_size = -24576";
/// In pages of 4 KiB: the log is copied into the database by a thread of its own, and by the writer only where that fails.
const CHECKPOINT_INTERVAL: &str = "wal_autocheckpoint = 16000";

fn open_sqlite(path: &Path, purpose: Purpose) -> Result<AnyConnection, StoreError> {
    let cannot = |detail: String| StoreError::CannotOpen { detail: format!("{}: {detail}", path.display()) };
    // An absolute path cannot be taken for one of SQLite's own notations, such as `file:` or `:memory:`.
    let absolute = std::path::absolute(path).map_err(|error| cannot(error.to_string()))?;
    make_private_file(&absolute).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => cannot("its directory does not exist".to_owned()),
        _ => cannot(error.to_string()),
    })?;
    let name = absolute.to_str().ok_or_else(|| cannot("the path is not UTF-8".to_owned()))?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| cannot(error.to_string()))?;
    // The timeout comes first, because switching to WAL may already have to wait for another process.
    let mut pragmas = vec![
        "busy_timeout = 5000",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        // What a savepoint may have to undo is kept in memory: a file for it cost 13 % of the time of a filing.
        "temp_store = MEMORY",
    ];
    match purpose {
        Purpose::Read => pragmas.extend(["query_only = ON", READER_CACHE]),
        Purpose::Glance => pragmas.extend(["query_only = ON", GLANCE_CACHE]),
        // What is destroyed is to lie nowhere in the file, nor where a page was split long before.
        Purpose::Write | Purpose::Migrate => {
            pragmas.extend([WRITER_CACHE, CHECKPOINT_INTERVAL, "secure_delete = ON"]);
        }
    }
    for pragma in pragmas {
        connection
            .batch_execute(&format!("PRAGMA {pragma}"))
            .map_err(|error| cannot(format!("PRAGMA {pragma}: {error}")))?;
    }
    Ok(AnyConnection::Sqlite(connection))
}

/// SQLite would make the file readable to all; it gives the `-wal` and `-shm` files the mode of this one.
fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Makes the connections of a pool.
#[derive(Debug)]
pub(crate) struct Connections {
    pub(crate) url: DatabaseUrl,
    pub(crate) purpose: Purpose,
}

/// A connection of the pool could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct NoConnection(#[from] StoreError);

impl ManageConnection for Connections {
    type Connection = AnyConnection;
    type Error = NoConnection;

    fn connect(&self) -> Result<AnyConnection, NoConnection> {
        Ok(open(&self.url, self.purpose)?)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), NoConnection> {
        Ok(connection.ping().map_err(StoreError::from)?)
    }

    /// A query that panicked leaves its transaction open, so that connection is not used again.
    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || connection.is_broken() || transaction_depth(connection) != Some(0)
    }
}
