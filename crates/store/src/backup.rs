//! Backups of the embedded database, and putting one in its place.
//!
//! A file gets its name only when it is whole, checked and on disk: until then it has another name beside it, which a
//! broken-off run leaves behind and the next one removes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::deadline::Rules;
use domain::id::PersonId;

use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::error::StoreError;
use crate::key_checks::{self, KeyCheckError};
use crate::keys::KeyRing;
use crate::portable::Instant;
use crate::schema::{events, people as people_table};
use crate::sealing::{SealError, Sealer};
use crate::verify::{self, Verified};
use crate::{migrations, people, reseal};

/// Why there is no backup, or why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database said it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file system said it.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// There is no such file.
    #[error("{}: there is no such file", .0.display())]
    Missing(PathBuf),
    /// A file of that name is there, and is left as it is.
    #[error("{} is there already, and was left as it is", .0.display())]
    Exists(PathBuf),
    /// The file is no database of this program, or so damaged that it cannot be read.
    #[error("{}: this is no sound database of daowei: {detail}", path.display())]
    NotOurs { path: PathBuf, detail: String },
    /// A log lies beside a file, and may hold what the file does not.
    #[error(
        "{} lies beside it: a log that holds what the file does not. A backup has none, so this is a copy of files; open \
         it where its database was, or put it aside",
        .0.display()
    )]
    LogBeside(PathBuf),
    /// A program has the database open.
    #[error("{} is in use; stop every daowei on it first", .0.display())]
    InUse(PathBuf),
    /// The database that is to be replaced cannot be asked whether somebody has it open.
    #[error(
        "{} cannot be opened ({detail}), so nobody can tell whether it is in use; stop every daowei on it, put it and \
         the files beside it that begin with its name aside, and restore without replacing",
        path.display()
    )]
    CannotTell { path: PathBuf, detail: String },
    /// What is in the file does not hold together.
    #[error("{} is not sound: {} faults", path.display(), verified.fault_count)]
    Unsound { path: PathBuf, verified: Box<Verified> },
}

impl From<diesel::result::Error> for BackupError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a database holds, for whoever wants to know whether it is the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub case_count: i64,
    pub event_count: i64,
    /// When the last event was recorded.
    pub last_recorded_at: Option<DateTime<Utc>>,
}

impl Held {
    fn by(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let last: Option<Instant> = events::table.select(max(events::recorded_at)).first(connection)?;
        let cases = events::table.filter(events::seq.eq(1)).select(count_star());
        Ok(Self {
            case_count: cases.first(connection)?,
            event_count: events::table.select(count_star()).first(connection)?,
            last_recorded_at: last.map(Into::into),
        })
    }
}

/// Writes what the database holds at this moment into a file, beside a server that goes on writing.
///
/// # Errors
/// [`BackupError`]; a file that was there is as it was, unless it may be replaced and the new one is whole.
pub fn back_up(database: &Path, file: &Path, may_replace: bool) -> Result<Held, BackupError> {
    if !database.exists() {
        return Err(BackupError::Missing(database.to_owned()));
    }
    if file.exists() && !may_replace {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let unfinished = Unfinished::beside(file)?;
    let source = &mut connection::open(&DatabaseUrl::Sqlite(database.to_owned()), Purpose::Write)?;
    let statement = diesel::sql_query("VACUUM INTO $1").bind::<Text, _>(text_of(&unfinished.path)?);
    statement.execute(source)?;
    let held = check(&unfinished.path, file)?;
    unfinished.finish(file, may_replace)?;
    Ok(held)
}

/// Looks a file over that is not to be changed, not even its mode of logging; what is wrong is told of `named`.
fn check(file: &Path, named: &Path) -> Result<Held, BackupError> {
    let not_ours = |detail: String| BackupError::NotOurs { path: named.to_owned(), detail };
    let opened = SqliteConnection::establish(text_of(file)?).map_err(|error| not_ours(error.to_string()))?;
    let connection = &mut AnyConnection::Sqlite(opened);
    connection.batch_execute("PRAGMA query_only = ON").map_err(|error| not_ours(error.to_string()))?;
    let verified = verify::engine(connection).map_err(|error| match error {
        StoreError::Database(error) => not_ours(error.to_string()),
        other => other.into(),
    })?;
    if !verified.is_sound() {
        return Err(unsound(named, verified));
    }
    refuse_foreign(connection, named)?;
    Ok(Held::by(connection)?)
}

/// # Errors
/// The database has no migration of this program, or one of a later version of it.
fn refuse_foreign(connection: &mut AnyConnection, file: &Path) -> Result<(), BackupError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    // Asking diesel for the migrations would make the table of them.
    let known =
        "SELECT count(*) AS count FROM sqlite_master WHERE name IN ('__diesel_schema_migrations', 'events')";
    if diesel::sql_query(known).get_result::<Found>(connection)?.count != 2 {
        let detail = "it has no journal".to_owned();
        return Err(BackupError::NotOurs { path: file.to_owned(), detail });
    }
    Ok(migrations::refuse_later(connection)?)
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    pub held: Held,
    /// The migrations that the backup did not have yet.
    pub applied: Vec<String>,
    pub verified: Verified,
}

/// Puts a backup in the place of the database, after bringing its tables up to date and verifying all of it; until then
/// nothing is changed. Without keys an accusation is verified as far as that goes. A database that is there is only replaced where its new name is given, under which it is kept.
///
/// # Errors
/// [`BackupError`]; the database that was there is still there then.
pub fn restore(
    file: &Path,
    database: &Path,
    old_goes_to: Option<&Path>,
    rules: &Rules,
    ring: Option<&KeyRing>,
) -> Result<Restored, BackupError> {
    refuse_log_beside(file)?;
    match old_goes_to {
        Some(aside) if aside.exists() => return Err(BackupError::Exists(aside.to_owned())),
        None if database.exists() => return Err(BackupError::Exists(database.to_owned())),
        _ => {}
    }
    if !database.exists() {
        refuse_log_beside(database)?;
    }
    let unfinished = Unfinished::beside(database)?;
    fill(&unfinished.path, file)?;
    let held = check(&unfinished.path, file)?;
    let (applied, verified) = prepare(&unfinished.path, rules, ring)?;
    if !verified.is_sound() {
        return Err(unsound(file, verified));
    }
    match old_goes_to.filter(|_| database.exists()) {
        None => unfinished.finish(database, false)?,
        Some(aside) => {
            // Held until the new one is in place, so that no server begins on the old one in between.
            let _alone = alone_with(database)?;
            let renamed =
                |from: &Path, to: &Path| fs::rename(from, to).map_err(|error| file_error(from, error));
            renamed(database, aside)?;
            if let Err(error) = unfinished.finish(database, false) {
                renamed(aside, database)?;
                return Err(error);
            }
        }
    }
    Ok(Restored { held, applied, verified })
}

fn refuse_log_beside(file: &Path) -> Result<(), BackupError> {
    let log = with_suffix(file, "-wal");
    let has_pages = fs::metadata(&log).is_ok_and(|found| found.len() > 0);
    if has_pages { Err(BackupError::LogBeside(log)) } else { Ok(()) }
}

fn fill(unfinished: &Path, file: &Path) -> Result<(), BackupError> {
    let mut from = File::open(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => BackupError::Missing(file.to_owned()),
        _ => file_error(file, error),
    })?;
    let copied =
        OpenOptions::new().write(true).open(unfinished).and_then(|mut to| io::copy(&mut from, &mut to));
    copied.map(drop).map_err(|error| file_error(unfinished, error))
}

/// Brings the tables up to date and goes through everything.
fn prepare(
    unfinished: &Path,
    rules: &Rules,
    ring: Option<&KeyRing>,
) -> Result<(Vec<String>, Verified), BackupError> {
    let url = DatabaseUrl::Sqlite(unfinished.to_owned());
    let connection = &mut connection::open(&url, Purpose::Migrate)?;
    let applied = migrations::run(connection)?;
    let sealer = fitting(connection, ring)?;
    let verified = verify::everything(connection, rules, sealer.as_ref())?;
    // The log is written back into the file, which is what gets the name.
    connection.batch_execute("PRAGMA journal_mode = DELETE")?;
    Ok((applied, verified))
}

/// A connection that is the only one to the database: in its mode of logging every other one holds a lock on the file
/// for as long as it is open, also when it does nothing. The log is in the file then.
fn alone_with(database: &Path) -> Result<SqliteConnection, BackupError> {
    let refused = |error: &dyn ToString| {
        let (path, detail) = (database.to_owned(), error.to_string());
        if detail.contains("locked") {
            BackupError::InUse(path)
        } else {
            BackupError::CannotTell { path, detail }
        }
    };
    let mut connection = SqliteConnection::establish(text_of(database)?).map_err(|error| refused(&error))?;
    let statements = "PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; \
                      BEGIN EXCLUSIVE";
    connection.batch_execute(statements).map_err(|error| refused(&error))?;
    Ok(connection)
}

/// The keys, if they are at hand and those of the database.
///
/// # Errors
/// What the database says.
pub(crate) fn fitting(
    connection: &mut AnyConnection,
    ring: Option<&KeyRing>,
) -> Result<Option<Sealer>, StoreError> {
    let Some(ring) = ring else { return Ok(None) };
    Ok((keys_fit(connection, ring)? == KeysFit::Fit).then(|| Sealer::new(ring)))
}

/// Whether the ring has the keys under which values lie in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysFit {
    /// Nothing is sealed yet.
    NothingSealed,
    /// All of them, and what was sealed last opens.
    Fit,
    /// Keys of these numbers are missing.
    Missing(Vec<u8>),
    /// A key has the number, and is another.
    Other,
}

/// Whether the keys of the ring are those under which the database was sealed.
///
/// # Errors
/// What the database says.
pub fn keys_fit(connection: &mut AnyConnection, ring: &KeyRing) -> Result<KeysFit, StoreError> {
    let counts = reseal::counts_on(connection)?;
    let is_missing = |id: &&u8| ring.keys().all(|key| key.id() != **id);
    let missing: Vec<u8> = counts.keys().filter(is_missing).copied().collect();
    if !missing.is_empty() {
        return Ok(KeysFit::Missing(missing));
    }
    match key_checks::known_of(connection, ring) {
        Ok(_) => {}
        Err(KeyCheckError::Store(error)) => return Err(error),
        Err(_) => return Ok(KeysFit::Other),
    }
    let whole = people_table::table.filter(people_table::erased_case_id.is_null());
    let newest: Option<i64> = whole.select(max(people_table::id)).first(connection)?;
    let Some(newest) = newest else { return Ok(KeysFit::NothingSealed) };
    match people::load_persons(connection, &Sealer::new(ring), &[PersonId::new(newest)]) {
        Ok(_) => Ok(KeysFit::Fit),
        Err(StoreError::Sealing(SealError::DoesNotOpen { .. } | SealError::UnknownKey { .. })) => {
            Ok(KeysFit::Other)
        }
        Err(error) => Err(error),
    }
}

/// A file that does not have its name yet; removed with this value.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn beside(file: &Path) -> Result<Self, BackupError> {
        // An absolute path cannot be taken for one of SQLite's own notations.
        let file = std::path::absolute(file).map_err(|error| file_error(file, error))?;
        let unfinished = Self { path: with_suffix(&file, ".unfinished") };
        unfinished.remove();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&unfinished.path) {
            Ok(_) => Ok(unfinished),
            Err(error) => Err(file_error(&unfinished.path, error)),
        }
    }

    /// Gives the file its name when it is on disk.
    fn finish(self, file: &Path, may_replace: bool) -> Result<(), BackupError> {
        let synced = File::open(&self.path).and_then(|opened| opened.sync_all());
        synced.map_err(|error| file_error(&self.path, error))?;
        let named = if may_replace { fs::rename(&self.path, file) } else { self.name_new(file) };
        named.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
            _ => file_error(file, error),
        })?;
        let directory = self.path.parent().unwrap_or(&self.path);
        File::open(directory)
            .and_then(|opened| opened.sync_all())
            .map_err(|error| file_error(directory, error))
    }

    /// A link, unlike a new name, never takes the place of a file that somebody makes at the same moment.
    fn name_new(&self, file: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists && !file.exists() => {
                // Some file systems have no links.
                fs::rename(&self.path, file)
            }
            linked => linked,
        }
    }

    fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Most of them are not there.
            let _ = fs::remove_file(with_suffix(&self.path, suffix));
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.remove();
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(suffix);
    whole.into()
}

fn text_of(path: &Path) -> Result<&str, BackupError> {
    path.to_str()
        .ok_or_else(|| file_error(path, io::Error::new(ErrorKind::InvalidInput, "the path is not UTF-8")))
}

fn unsound(file: &Path, verified: Verified) -> BackupError {
    BackupError::Unsound { path: file.to_owned(), verified: Box::new(verified) }
}

fn file_error(path: &Path, source: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), source }
}
