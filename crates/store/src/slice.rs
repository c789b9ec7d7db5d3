//! A run of cases as both the journal and the read tables have it, in one statement a table.

use std::collections::BTreeMap;

use domain::id::{CaseId, ReceptionId};
use domain::journal::Recorded;
use domain::reception::FIRST_KIND;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use crate::case_keys::{self, CaseKey};
use crate::chain;
use crate::connection::AnyConnection;
use crate::digest::Digest;
use crate::erasures::ErasureRow;
use crate::error::StoreError;
use crate::journal::{self, EventRow};
use crate::projection::Projection;
use crate::receptions::{self, ReceptionProjection};
use crate::recorded::readable;
use crate::sealing::Sealer;
use crate::store::{Store, answer_of};
use crate::{erasures, people, read_tables, references};

/// The cases after one and up to another.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    /// The case after which it begins.
    pub(crate) after: Option<CaseId>,
    /// The case after which the next slice goes on; none after the last slice.
    pub(crate) last: Option<CaseId>,
    /// The journals in the order of their cases.
    pub(crate) streams: Vec<Stream>,
    /// What the read tables say, of any case between.
    pub(crate) told: BTreeMap<i64, Projection>,
    /// The same of sessions.
    pub(crate) told_receptions: BTreeMap<i64, ReceptionProjection>,
    /// What two administrators agreed to destroy.
    pub(crate) agreed: Vec<ErasureRow>,
    /// Of whom something is left though it was destroyed with a case.
    pub(crate) revived: Vec<(i64, i64)>,
    /// What rows of the read tables refer to though it is not there; only if it was asked for.
    pub(crate) missing: Vec<references::Missing>,
}

/// What a journal is of; its first event tells, whose kind is under its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Case(CaseId),
    Reception(ReceptionId),
}

impl Subject {
    /// What the journal is of that begins with an event of that kind. One whose beginning is missing passes for a case's, and is
    /// found broken as such.
    fn of(id: i64, first_kind: Option<&str>) -> Self {
        match first_kind {
            Some(FIRST_KIND) => Self::Reception(ReceptionId::new(id)),
            _ => Self::Case(CaseId::new(id)),
        }
    }
}

/// What the journal of that identifier is of.
pub(crate) fn subject_of(connection: &mut AnyConnection, id: i64) -> Result<Subject, StoreError> {
    let first = journal::load_page(connection, id, 0, 1)?;
    Ok(Subject::of(id, first.first().map(|row| row.kind.as_str())))
}

/// One journal, as it is stored.
#[derive(Debug)]
pub(crate) struct Stream {
    /// The identifier of what it is of.
    pub(crate) id: i64,
    /// In the order of their numbers, of which none is there twice.
    pub(crate) rows: Vec<EventRow>,
    /// The key of a confidential case, sealed.
    pub(crate) key_sealed: Option<Vec<u8>>,
}

/// Where and why a journal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The event that should have this number has another, or is not there.
    #[error("event {expected} is not there")]
    Gap { expected: i32 },
    /// That part of the event does not parse.
    #[error("the {part} of event {seq}")]
    Part { seq: i32, part: &'static str },
    /// The key of the case does not open, and why.
    #[error("its key: {0}")]
    Key(String),
}

impl Stream {
    /// The journals that the rows are of, in which each case's are together and in order; without keys.
    pub(crate) fn all_of(rows: Vec<EventRow>) -> Vec<Self> {
        let mut streams: Vec<Self> = Vec::new();
        for row in rows {
            match streams.last_mut() {
                Some(stream) if stream.id == row.stream_id => stream.rows.push(row),
                _ => streams.push(Self { id: row.stream_id, rows: vec![row], key_sealed: None }),
            }
        }
        streams
    }

    /// What it is of.
    pub(crate) fn subject(&self) -> Subject {
        Subject::of(self.id, self.rows.first().map(|row| row.kind.as_str()))
    }

    /// Whether each event that follows on the one before it has the hash that this makes; else the number of the first that
    /// has not. One without a hash, of an earlier version of this program, has none after it.
    pub(crate) fn bound(&self) -> Result<(), i32> {
        let mut previous = Digest::ZERO;
        let mut rows = self.rows.iter().zip(1..).take_while(|(row, expected)| row.seq == *expected);
        for (row, _) in rows.by_ref().take_while(|(row, _)| row.hash.is_some()) {
            previous = chain::hash(row, &previous);
            if row.hash != Some(previous) {
                return Err(row.seq);
            }
        }
        match rows.find(|(row, _)| row.hash.is_some()) {
            Some((row, _)) => Err(row.seq),
            None => Ok(()),
        }
    }

    /// The number of the first event that is not there where it should be.
    pub(crate) fn gap(&self) -> Option<i32> {
        self.rows.iter().zip(1..).find(|(row, expected)| row.seq != *expected).map(|(_, expected)| expected)
    }

    /// Whether what any of its events says is sealed.
    pub(crate) fn is_sealed(&self) -> bool {
        self.rows.iter().any(|row| case_keys::is_sealed(&row.body))
    }

    /// Whether it tells that the personal data of the case was destroyed.
    pub(crate) fn tells_of_erasure(&self) -> bool {
        self.rows.iter().any(|row| row.kind == journal::ERASED)
    }

    /// Whether its key was destroyed, as its last event tells in the open.
    pub(crate) fn is_erased(&self) -> bool {
        self.key_sealed.as_deref().is_some_and(case_keys::is_destroyed)
            && self.rows.last().is_some_and(|row| row.kind == journal::ERASED)
    }

    /// The events in the words of the domain, numbered from 1 without a gap.
    pub(crate) fn events<E: DeserializeOwned>(
        &self,
        sealer: Option<&Sealer>,
    ) -> Result<Vec<Recorded<E>>, Unreadable> {
        let sealed = sealer.zip(self.key_sealed.as_ref());
        let key = sealed.map(|(sealer, sealed)| CaseKey::open(sealer, self.id, sealed)).transpose();
        let key = key.map_err(|error| Unreadable::Key(error.to_string()))?;
        let numbered = self.rows.iter().zip(1..);
        numbered
            .map(|(row, expected)| {
                if row.seq != expected {
                    return Err(Unreadable::Gap { expected });
                }
                readable(row, key.as_ref()).map_err(|part| Unreadable::Part { seq: row.seq, part })
            })
            .collect()
    }
}

/// Loads one case, and looks up what its rows refer to.
pub(crate) fn load_one(connection: &mut AnyConnection, case: i64) -> Result<Slice, StoreError> {
    let range = Range::of(case);
    let rows = journal::load_between(connection, range)?;
    let told = read_tables::load_between(connection, range)?;
    let told_receptions = receptions::load_between(connection, range)?;
    let missing = references::missing_between(connection, range)?;
    let keys = case_keys::load_between(connection, range)?;
    let agreed = erasures::agreed_between(connection, range)?;
    let revived = revived(connection, &agreed)?;
    Ok(Slice {
        streams: streams(rows, keys),
        told,
        told_receptions,
        missing,
        agreed,
        revived,
        ..Slice::default()
    })
}

/// Loads up to `limit` journals after the given case, and what the read tables say between them.
pub(crate) fn load(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
) -> Result<Slice, StoreError> {
    let limit = limit.max(1);
    let in_journal = journal::stream_ids(connection, after.map(CaseId::get), limit.into())?;
    let is_last = in_journal.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let last = in_journal.last().copied().filter(|_| !is_last).map(CaseId::new);
    // A case of the read tables alone lies between those of the journal, or after the last of them.
    let range = Range { after, last };
    let rows = journal::load_between(connection, range)?;
    let told = read_tables::load_between(connection, range)?;
    let told_receptions = receptions::load_between(connection, range)?;
    let keys = case_keys::load_between(connection, range)?;
    let agreed = erasures::agreed_between(connection, range)?;
    let streams = streams(rows, keys);
    Ok(Slice { after, last, streams, told, told_receptions, agreed, ..Slice::default() })
}

/// The case and the person, of each of whom something is left.
fn revived(connection: &mut AnyConnection, agreed: &[ErasureRow]) -> Result<Vec<(i64, i64)>, StoreError> {
    let destroyed: Vec<(i64, i64)> = agreed
        .iter()
        .flat_map(|erasure| erasure.person_ids().into_iter().map(|person| (erasure.case_id, person)))
        .collect();
    let ids: Vec<i64> = destroyed.iter().map(|(_, person)| *person).collect();
    let left = people::left_of(connection, &ids)?;
    Ok(destroyed.into_iter().filter(|(_, person)| left.contains(person)).collect())
}

/// As [`load`], and looks up what the rows refer to.
pub(crate) fn load_with_references(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
) -> Result<Slice, StoreError> {
    let slice = load(connection, after, limit)?;
    let missing = references::missing_between(connection, Range { after, last: slice.last })?;
    let revived = revived(connection, &slice.agreed)?;
    Ok(Slice { missing, revived, ..slice })
}

/// The cases after one and up to another; without them, from the first and to the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    after: Option<CaseId>,
    last: Option<CaseId>,
}

impl Range {
    /// One case alone.
    pub(crate) fn of(case: i64) -> Self {
        Self { after: case.checked_sub(1).map(CaseId::new), last: Some(CaseId::new(case)) }
    }

    /// The id after which it begins.
    pub(crate) fn after(self) -> i64 {
        self.after.map_or(i64::MIN, CaseId::get)
    }

    /// The last id in it.
    pub(crate) fn last(self) -> i64 {
        self.last.map_or(i64::MAX, CaseId::get)
    }
}

/// The journals of the rows, with the keys of those that have one.
fn streams(rows: Vec<EventRow>, mut keys: BTreeMap<i64, Vec<u8>>) -> Vec<Stream> {
    let mut streams = Stream::all_of(rows);
    for stream in &mut streams {
        stream.key_sealed = keys.remove(&stream.id);
    }
    streams
}

/// How a slice is loaded.
pub(crate) type Load = fn(&mut AnyConnection, Option<CaseId>, u32) -> Result<Slice, StoreError>;

/// Goes through all slices of a store and loads the next while the caller works on one, so that two processors do.
pub(crate) struct Walk {
    store: Store,
    load: Load,
    limit: u32,
    ahead: Option<JoinHandle<Result<Slice, StoreError>>>,
}

impl Walk {
    /// Begins with the first case; each slice is a read transaction of its own.
    pub(crate) fn begin(store: &Store, limit: u32, load: Load) -> Self {
        let mut walk = Self { store: store.clone(), load, limit, ahead: None };
        walk.load_ahead(None);
        walk
    }

    fn load_ahead(&mut self, after: Option<CaseId>) {
        let (store, load, limit) = (self.store.clone(), self.load, self.limit);
        self.ahead =
            Some(tokio::spawn(
                async move { store.read(move |connection| load(connection, after, limit)).await },
            ));
    }

    /// The next slice; none after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Slice>, StoreError> {
        let Some(ahead) = self.ahead.take() else { return Ok(None) };
        let slice = answer_of(ahead).await??;
        if slice.last.is_some() {
            self.load_ahead(slice.last);
        }
        Ok(Some(slice))
    }
}
