//! A whole installation, from one database to another of either engine.
//!
//! All or nothing: the target has one transaction for everything, which is committed only when what stands in it has
//! been read back and is the same. So there is no half of an office that a server could be started on, and nothing
//! to resume; a copy that was broken off is begun again. The source is read in one transaction, at one moment.

mod positions;
mod rows;
mod table;

use std::collections::BTreeMap;

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use domain::deadline::Rules;
use sha2::{Digest, Sha256};

use self::positions::Positions;
use self::table::{Fingerprint, Table, Visitor, sha256_of, visit_all};
use crate::backup::fitting;
use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::error::StoreError;
use crate::keys::KeyRing;
use crate::migrations;
use crate::schema::{calendar_days, events, meta, reception_norms, review_authority_rules, topics};
use crate::verify::{self, Verified};

/// Tables that say something of running processes and of one database's log, and would mean nothing in another.
pub const LEFT_OUT: [&str; 2] = ["leases", "written_by"];

/// Tables that the program itself fills in a new database; what the source says takes their place.
const REFERENCE_DATA: [&str; 5] =
    ["meta", "review_authority_rules", "reception_norms", "topics", "calendar_days"];

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The target is somebody's.
    #[error(
        "the target has {count} rows in {table}; only an empty database is copied into, and nothing was changed"
    )]
    NotEmpty { table: &'static str, count: i64 },
    /// A database has another version's tables.
    #[error("{whose} lacks {missing}; run `daowei migrate` on it first")]
    NotUpToDate { whose: &'static str, missing: String },
    /// Somebody wrote to the source, which would have been lost.
    #[error("the source was written to during the copy; stop every daowei on it and copy again")]
    SourceMoved,
    /// What was read back is not what was copied.
    #[error("the target says otherwise than the source: {what}; nothing was kept")]
    Differs { what: String },
    /// What was copied faithfully is broken, and so it was in the source.
    #[error("the source is not sound in {} places, so nothing was copied; run `daowei verify` on it", .0.fault_count)]
    Unsound(Box<Verified>),
}

impl From<diesel::result::Error> for CopyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many rows are going to be copied.
    Begun { row_count: u64 },
    /// So many further rows of the table were copied.
    Copied { table: &'static str, row_count: u64 },
    /// All rows are there and are being compared.
    Comparing,
}

/// What was copied, and found to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The rows of every table.
    pub tables: Vec<(&'static str, u64)>,
    /// How many cases' journals have the same SHA-256 on both sides.
    pub journal_count: usize,
    /// What `daowei verify` would say of the target.
    pub verified: Verified,
}

/// Copies everything from one database to another that has nothing yet, and compares the two. Without keys an accusation is
/// verified as far as that goes.
///
/// # Errors
/// [`CopyError`]; nothing was changed then, except that an empty target may have got its tables.
pub fn copy(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    rules: &Rules,
    ring: Option<&KeyRing>,
    tell: &mut dyn FnMut(Progress),
) -> Result<Copied, CopyError> {
    let source = &mut open_source(from)?;
    let target = &mut open_target(to)?;
    let mut emptiness = Emptiness { target };
    visit_all(&mut emptiness)?;
    begin_reading(source)?;
    let marked = Mark::of(source)?;
    let mut counts = Counts { source, row_count: 0 };
    visit_all(&mut counts)?;
    tell(Progress::Begun { row_count: counts.row_count });

    clear_reference_data(target)?;
    let rows_with_positions = rows_of_journal(source)?.saturating_add(rows::AuditEntry::count(source)?);
    let positions = Positions::in_target(target, rows_with_positions);
    let mut copier = Copier { source, target, positions, tell, copied: BTreeMap::new(), order: Vec::new() };
    visit_all(&mut copier)?;
    let (copied, order) = (copier.copied, copier.order);

    tell(Progress::Comparing);
    visit_all(&mut Comparison { target, copied: &copied })?;
    let journal_count = compare_journals(source, target)?;
    let sealer = fitting(target, ring)?;
    let verified = verify::everything(target, rules, sealer.as_ref())?;
    if !verified.is_sound() {
        return Err(CopyError::Unsound(Box::new(verified)));
    }
    source.batch_execute("ROLLBACK")?;
    if Mark::of(source)? != marked {
        return Err(CopyError::SourceMoved);
    }
    target.batch_execute("COMMIT")?;
    if let AnyConnection::Postgres(concrete) = target {
        // Until its own routine comes by it would take every table for empty.
        concrete.batch_execute("ANALYZE")?;
    }
    let tables = order.into_iter().filter_map(|table| Some((table, copied.get(table)?.count))).collect();
    Ok(Copied { tables, journal_count, verified })
}

/// All tables that are copied, those that others refer to first.
pub fn tables() -> Vec<&'static str> {
    struct Names(Vec<&'static str>);
    impl Visitor for Names {
        fn visit<T: Table>(&mut self) -> Result<(), CopyError> {
            self.0.push(T::NAME);
            Ok(())
        }
    }
    let mut names = Names(Vec::new());
    // It fails nowhere.
    let _ = visit_all(&mut names);
    names.0
}

fn open_source(url: &DatabaseUrl) -> Result<AnyConnection, CopyError> {
    refuse_pending("the source", migrations::pending_at(url)?)?;
    open_for_long(url)
}

/// Opens the target with its tables, and nobody else can write to it from then on.
fn open_target(url: &DatabaseUrl) -> Result<AnyConnection, CopyError> {
    let mut target = open_for_long(url)?;
    if migrations::has_none(&mut target)? {
        migrations::run(&mut target)?;
    }
    refuse_pending("the target", migrations::pending(&mut target)?)?;
    match &mut target {
        AnyConnection::Sqlite(concrete) => concrete.batch_execute("BEGIN IMMEDIATE")?,
        AnyConnection::Postgres(concrete) => {
            concrete.batch_execute("BEGIN")?;
            let all = [&tables()[..], &LEFT_OUT[..]].concat().join(", ");
            concrete.batch_execute(&format!("LOCK TABLE {all} IN EXCLUSIVE MODE"))?;
        }
    }
    Ok(target)
}

fn refuse_pending(whose: &'static str, pending: Vec<String>) -> Result<(), CopyError> {
    if pending.is_empty() {
        return Ok(());
    }
    Err(CopyError::NotUpToDate { whose, missing: pending.join(", ") })
}

/// While one side works the other one's transaction waits for as long as that takes.
fn open_for_long(url: &DatabaseUrl) -> Result<AnyConnection, CopyError> {
    let mut connection = connection::open(url, Purpose::Migrate)?;
    if let AnyConnection::Postgres(concrete) = &mut connection {
        concrete.batch_execute("SET idle_in_transaction_session_timeout = 0")?;
    }
    Ok(connection)
}

/// On SQLite the first query decides which moment is seen.
fn begin_reading(source: &mut AnyConnection) -> Result<(), CopyError> {
    match source {
        AnyConnection::Sqlite(concrete) => concrete.batch_execute("PRAGMA query_only = ON; BEGIN")?,
        AnyConnection::Postgres(concrete) => {
            concrete.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        }
    }
    Ok(())
}

fn rows_of_journal(source: &mut AnyConnection) -> Result<i64, CopyError> {
    Ok(events::table.count().get_result(source)?)
}

/// What every change worth keeping moves: an event, a directory, an account or a sign-in.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    events: i64,
    people: i64,
    audit_entries: i64,
    checkpoints: i64,
    tokens: i64,
    kept_answers: i64,
    meta: Vec<(String, String)>,
}

impl Mark {
    fn of(source: &mut AnyConnection) -> Result<Self, CopyError> {
        Ok(Self {
            events: rows_of_journal(source)?,
            people: rows::Person::count(source)?,
            audit_entries: rows::AuditEntry::count(source)?,
            checkpoints: rows::Checkpoint::count(source)?,
            tokens: rows::RefreshToken::count(source)?,
            kept_answers: rows::IdempotencyKey::count(source)?,
            meta: meta::table.order(meta::key).load(source)?,
        })
    }
}

struct Emptiness<'a> {
    target: &'a mut AnyConnection,
}

impl Visitor for Emptiness<'_> {
    fn visit<T: Table>(&mut self) -> Result<(), CopyError> {
        match T::count(self.target)? {
            0 => Ok(()),
            _ if REFERENCE_DATA.contains(&T::NAME) => Ok(()),
            count => Err(CopyError::NotEmpty { table: T::NAME, count }),
        }
    }
}

fn clear_reference_data(target: &mut AnyConnection) -> Result<(), CopyError> {
    diesel::delete(meta::table.filter(meta::key.ne(table::POSITION_OFFSET))).execute(target)?;
    diesel::delete(review_authority_rules::table).execute(target)?;
    diesel::delete(reception_norms::table).execute(target)?;
    diesel::delete(topics::table).execute(target)?;
    diesel::delete(calendar_days::table).execute(target)?;
    Ok(())
}

struct Counts<'a> {
    source: &'a mut AnyConnection,
    row_count: u64,
}

impl Visitor for Counts<'_> {
    fn visit<T: Table>(&mut self) -> Result<(), CopyError> {
        self.row_count += u64::try_from(T::count(self.source)?).unwrap_or(0);
        Ok(())
    }
}

struct Copier<'a> {
    source: &'a mut AnyConnection,
    target: &'a mut AnyConnection,
    positions: Positions,
    tell: &'a mut dyn FnMut(Progress),
    copied: BTreeMap<&'static str, Fingerprint>,
    order: Vec<&'static str>,
}

impl Visitor for Copier<'_> {
    fn visit<T: Table>(&mut self) -> Result<(), CopyError> {
        let Self { source, target, positions, tell, copied, order } = self;
        let mut fingerprint = Fingerprint::default();
        let mut batch = Vec::with_capacity(T::BATCH);
        let mut write = |rows: &mut Vec<T>| {
            T::insert(target, rows)?;
            let row_count = u64::try_from(rows.len()).unwrap_or(0);
            tell(Progress::Copied { table: T::NAME, row_count });
            rows.clear();
            Ok::<_, CopyError>(())
        };
        T::each(source, &mut |mut row| {
            fingerprint.add(&row);
            row.take_position(positions);
            batch.push(row);
            // Where the order of the rows matters they are put in order together; there are few of them.
            if batch.len() == T::BATCH && !T::IS_TREE { write(&mut batch) } else { Ok(()) }
        })?;
        let mut rest = T::arranged(batch).into_iter().peekable();
        while rest.peek().is_some() {
            write(&mut rest.by_ref().take(T::BATCH).collect())?;
        }
        copied.insert(T::NAME, fingerprint);
        order.push(T::NAME);
        Ok(())
    }
}

struct Comparison<'a> {
    target: &'a mut AnyConnection,
    copied: &'a BTreeMap<&'static str, Fingerprint>,
}

impl Visitor for Comparison<'_> {
    fn visit<T: Table>(&mut self) -> Result<(), CopyError> {
        let mut found = Fingerprint::default();
        T::each(self.target, &mut |row| {
            found.add(&row);
            Ok(())
        })?;
        if self.copied.get(T::NAME) == Some(&found) {
            return Ok(());
        }
        Err(CopyError::Differs { what: format!("the rows of {}", T::NAME) })
    }
}

/// Compares the SHA-256 of every case's journal, event by event in order, and the order of the feed.
fn compare_journals(source: &mut AnyConnection, target: &mut AnyConnection) -> Result<usize, CopyError> {
    let journals = journals(source)?;
    let in_target = self::journals(target)?;
    let differing = journals.iter().find(|(case, digest)| in_target.get(case) != Some(digest));
    if let Some((case, _)) = differing {
        return Err(CopyError::Differs { what: format!("the journal of case {case}") });
    }
    if in_target.len() != journals.len() || feed(source)? != feed(target)? {
        return Err(CopyError::Differs { what: "the order of the events".to_owned() });
    }
    Ok(journals.len())
}

fn journals(connection: &mut AnyConnection) -> Result<BTreeMap<i64, [u8; 32]>, CopyError> {
    let mut journals: BTreeMap<i64, Sha256> = BTreeMap::new();
    let mut add = |event: QueryResult<rows::Event>| {
        let event = event?;
        journals.entry(event.stream_id).or_default().update(sha256_of(&event));
        Ok::<_, CopyError>(())
    };
    let all = events::table.order((events::stream_id, events::seq));
    match connection {
        AnyConnection::Postgres(concrete) => {
            all.load_iter::<_, PgRowByRowLoadingMode>(concrete)?.try_for_each(&mut add)?;
        }
        AnyConnection::Sqlite(concrete) => {
            all.load_iter::<_, DefaultLoadingMode>(concrete)?.try_for_each(&mut add)?;
        }
    }
    Ok(journals.into_iter().map(|(case, digest)| (case, digest.finalize().into())).collect())
}

fn feed(connection: &mut AnyConnection) -> Result<[u8; 32], CopyError> {
    let mut order = Sha256::new();
    rows::Event::each(connection, &mut |event| {
        order.update(event.id.to_le_bytes());
        Ok(())
    })?;
    Ok(order.finalize().into())
}
