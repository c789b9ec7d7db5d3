//! Whether the whole installation holds together: journals and what binds them, read tables, references, people and the
//! engine's own files.
//!
//! Nothing is changed and nobody is kept waiting: each slice is a read transaction of its own, in which journal and
//! read tables are of the same moment, so a case that changes meanwhile is no difference.

mod checkpoints;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::deadline::Rules;
use domain::id::{CaseId, ReceptionId};
use serde::Serialize;
use strum::AsRefStr;

use crate::case_journal::folded;
use crate::checkpoints::{Published, SigningKeys};
use crate::connection::AnyConnection;
use crate::erasures::ErasureRow;
use crate::error::StoreError;
use crate::keys::KeyRing;
use crate::people::{self, Tried};
use crate::projection::Projection;
use crate::reception_journal;
use crate::receptions::ReceptionProjection;
use crate::sealing::Sealer;
use crate::slice::{self, Slice, Stream, Subject, Unreadable, Walk};
use crate::store::{Store, answer_of};
use crate::{case_numbers, journal};

/// How many cases one slice has.
const SLICE: u32 = 500;
/// How many faults are told; the rest are counted.
const MOST_TOLD: usize = 100;

/// What is wrong at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, AsRefStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FaultKind {
    /// The events of a case are not numbered from 1 without a gap.
    JournalGap,
    /// An event is not what its hash was taken over, or another stood before it.
    HashDiffers,
    /// An event does not parse.
    EventUnreadable,
    /// The events are readable but do not make a case.
    NoCase,
    /// The read tables say otherwise than the journal.
    ReadTablesDiffer,
    /// The read tables have a case that the journal does not.
    NoJournal,
    /// A row refers to one that is not there.
    MissingReference,
    /// A number would be given out a second time: the counter of its county and year is behind it.
    CounterBehind,
    /// A checkpoint is not there.
    CheckpointMissing,
    /// A checkpoint is not what was published, or not what follows from its hashes and the one before it.
    CheckpointDiffers,
    /// A checkpoint is signed by none of the installation's keys.
    CheckpointNotSigned,
    /// An event or an audit entry was changed, removed, added or moved after a checkpoint had been made.
    NotAsCheckpointed,
    /// Nothing has been put under a checkpoint for long, though there was something to.
    NotUnderACheckpoint,
    /// A sealed field of a person was changed, or was sealed for another, or under a key that is not there.
    PersonUnreadable,
    /// The engine finds its own file damaged, or cannot read it.
    Damaged,
}

/// A place that is broken; its texts quote nothing that anybody wrote into a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub kind: FaultKind,
    /// The case, if it is one's.
    pub case: Option<CaseId>,
    /// Its number, if the read tables or the journal still tell it.
    pub case_no: Option<String>,
    /// The event, if it is one's.
    pub seq: Option<i32>,
    pub detail: String,
}

/// What was gone through, and what of it is broken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The cases of the journal.
    pub case_count: usize,
    /// The reception sessions of the journal.
    pub reception_count: usize,
    pub event_count: usize,
    /// The people whose sealed fields were opened.
    pub person_count: usize,
    pub checkpoint_count: usize,
    /// The last checkpoint, as `daowei verify --from` takes it.
    pub last_checkpoint: Option<String>,
    /// All faults, of which only the first are in `faults`.
    pub fault_count: usize,
    pub faults: Vec<Fault>,
}

impl Verified {
    /// Whether nothing is broken.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.fault_count == 0
    }

    /// Takes in what another part found.
    pub fn add(&mut self, part: Self) {
        self.case_count += part.case_count;
        self.reception_count += part.reception_count;
        self.event_count += part.event_count;
        self.person_count += part.person_count;
        self.checkpoint_count += part.checkpoint_count;
        self.last_checkpoint = part.last_checkpoint.or(self.last_checkpoint.take());
        self.fault_count += part.fault_count;
        let room = MOST_TOLD.saturating_sub(self.faults.len());
        self.faults.extend(part.faults.into_iter().take(room));
    }

    fn of_faults(faults: Vec<Fault>) -> Self {
        Self { fault_count: faults.len(), faults, ..Self::default() }
    }
}

/// What only the installation's keys can tell: who signed, and whether what is sealed opens.
pub struct Keys {
    signing: SigningKeys,
    sealer: Sealer,
}

impl Keys {
    /// Derives both from the keys of the ring.
    pub fn new(ring: &KeyRing) -> Self {
        Self { signing: SigningKeys::new(ring), sealer: Sealer::new(ring) }
    }
}

/// Verifies everything, also that a checkpoint is still what was published, and hands over after each slice what was found
/// until then. Without keys people are not opened,
/// and of a checkpoint only the key is asked that it names itself.
///
/// # Errors
/// As [`Store::read`]; what is broken in the data is no error but a [`Fault`].
pub async fn whole(
    store: &Store,
    rules: &Rules,
    keys: Option<&Arc<Keys>>,
    published: Option<Published>,
    mut so_far: impl FnMut(&Verified),
) -> Result<Verified, StoreError> {
    let mut verified = store.read_at_length(engine).await?;
    // First, because only the first faults are told, and these are the gravest.
    verified.add(checkpoints_from(store, checkpoints::Progress::default(), keys, published).await?);
    so_far(&verified);
    let rules = Arc::new(rules.clone());
    let mut walk = Walk::begin(store, SLICE, slice::load_with_references);
    let mut serials = Serials::new();
    loop {
        let slice = match walk.next().await {
            Ok(Some(slice)) => slice,
            Ok(None) => break,
            Err(error) => {
                verified.add(Verified::of_faults(vec![unreadable(error)?]));
                return Ok(verified);
            }
        };
        note_serials(&mut serials, &slice);
        let (rules, keys) = (Arc::clone(&rules), keys.cloned());
        let checked = tokio::task::spawn_blocking(move || check(slice, &rules, sealer_of(keys.as_ref())));
        verified.add(answer_of(checked).await?);
        so_far(&verified);
    }
    let counters = store.read(case_numbers::load_all).await?;
    verified.add(counters_behind(&serials, &counters));
    so_far(&verified);
    let mut after = None;
    while let Some(keys) = keys {
        let keys = Arc::clone(keys);
        let (part, last) = store.read(move |connection| unopened(connection, &keys.sealer, after)).await?;
        verified.add(part);
        let Some(last) = last else { break };
        after = Some(last);
    }
    Ok(verified)
}

/// Verifies the checkpoints after the one that was kept outside, and every case that has had an event since.
///
/// # Errors
/// As [`whole`].
pub async fn since(
    store: &Store,
    rules: &Rules,
    keys: Option<&Arc<Keys>>,
    from: Published,
    mut so_far: impl FnMut(&Verified),
) -> Result<Verified, StoreError> {
    let at_hand = keys.cloned();
    let begun = store.read(move |connection| {
        checkpoints::Progress::from(connection, &from, at_hand.as_ref().map(|keys| &keys.signing))
    });
    let progress = match begun.await? {
        Ok(progress) => progress,
        Err(fault) => return Ok(Verified::of_faults(vec![fault])),
    };
    let mut verified = Verified { last_checkpoint: Some(from.to_string()), ..Verified::default() };
    let (mut after, mut seen) = (progress.event(), BTreeSet::new());
    loop {
        let events =
            store.read(move |connection| journal::follow_hashes(connection, after, SLICE.into())).await?;
        let Some(last) = events.last() else { break };
        after = Some(last.place);
        for case in events.iter().map(|event| event.place.stream_id) {
            if seen.insert(case) {
                let (rules, keys) = (rules.clone(), keys.cloned());
                let checked = store.read(move |connection| {
                    let slice = slice::load_one(connection, case)?;
                    Ok::<_, StoreError>(check(slice, &rules, sealer_of(keys.as_ref())))
                });
                verified.add(checked.await?);
            }
        }
        so_far(&verified);
    }
    verified.add(checkpoints_from(store, progress, keys, None).await?);
    Ok(verified)
}

async fn checkpoints_from(
    store: &Store,
    progress: checkpoints::Progress,
    keys: Option<&Arc<Keys>>,
    published: Option<Published>,
) -> Result<Verified, StoreError> {
    let (mut verified, mut progress) = (Verified::default(), progress);
    loop {
        let keys = keys.cloned();
        let step = store.read(move |connection| {
            let keys = keys.as_ref().map(|keys| &keys.signing);
            let part = progress.step(connection, keys, published.as_ref())?;
            Ok::<_, StoreError>((part, progress))
        });
        let (part, further) = step.await?;
        progress = further;
        let Some(part) = part else { break };
        verified.add(part);
    }
    if let Some(published) = published.filter(|published| published.number > progress.number()) {
        verified.add(Verified::of_faults(vec![Fault {
            kind: FaultKind::CheckpointMissing,
            ..damaged(format!("checkpoint {}: it is not there", published.number))
        }]));
    }
    verified.add(store.read(move |connection| progress.uncovered(connection)).await?);
    Ok(verified)
}

/// Opens what is sealed of some people after the one with that id, and tells after whom to go on.
fn unopened(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    after: Option<i64>,
) -> Result<(Verified, Option<i64>), StoreError> {
    let Tried { person_count, faults, last } = people::try_opening(connection, sealer, after, SLICE.into())?;
    let faults = faults
        .into_iter()
        .map(|detail| Fault { kind: FaultKind::PersonUnreadable, ..damaged(detail) })
        .collect();
    Ok((Verified { person_count, ..Verified::of_faults(faults) }, last))
}

/// Verifies everything on one connection, for a database that nobody else has; who signed, and whether people open, is not asked.
///
/// # Errors
/// As [`whole`].
pub fn everything(
    connection: &mut AnyConnection,
    rules: &Rules,
    sealer: Option<&Sealer>,
) -> Result<Verified, StoreError> {
    let mut verified = engine(connection)?;
    let (mut after, mut serials) = (None, Serials::new());
    loop {
        let slice = match slice::load_with_references(connection, after, SLICE) {
            Ok(slice) => slice,
            Err(error) => {
                verified.add(Verified::of_faults(vec![unreadable(error)?]));
                return Ok(verified);
            }
        };
        note_serials(&mut serials, &slice);
        after = slice.last;
        verified.add(check(slice, rules, sealer));
        if after.is_none() {
            verified.add(counters_behind(&serials, &case_numbers::load_all(connection)?));
            let mut progress = checkpoints::Progress::default();
            while let Some(part) = progress.step(connection, None, None)? {
                verified.add(part);
            }
            return Ok(verified);
        }
    }
}

/// What of the data cannot even be read is a fault of theirs; that the database is away is none.
fn unreadable(error: StoreError) -> Result<Fault, StoreError> {
    match error {
        StoreError::Database(cause) => Ok(damaged(cause.to_string())),
        StoreError::Broken { table, detail } => Ok(damaged(format!("{table}: {detail}"))),
        other => Err(other),
    }
}

const fn damaged(detail: String) -> Fault {
    Fault { kind: FaultKind::Damaged, case: None, case_no: None, seq: None, detail }
}

/// The highest serial that the cases of each county and year have.
type Serials = HashMap<(String, i32), i32>;

fn note_serials(serials: &mut Serials, slice: &Slice) {
    for told in slice.told.values() {
        let parts: Vec<&str> = told.case.case_no.split('-').collect();
        if let [county, year, serial] = parts.as_slice()
            && let (Ok(year), Ok(serial)) = (year.parse(), serial.parse::<i32>())
        {
            let highest = serials.entry(((*county).to_owned(), year)).or_default();
            *highest = serial.max(*highest);
        }
    }
}

/// The counters are read after the cases, and only ever rise.
fn counters_behind(serials: &Serials, counters: &[(String, i32, i32)]) -> Verified {
    let counters: HashMap<_, _> =
        counters.iter().map(|(county, year, last)| ((county.as_str(), *year), *last)).collect();
    let mut faults = Vec::new();
    for ((county, year), highest) in serials {
        let last = counters.get(&(county.as_str(), *year)).copied().unwrap_or(0);
        if last < *highest {
            let detail = format!("the counter of {county}-{year} is at {last}, and {highest} is given out");
            faults.push(Fault { kind: FaultKind::CounterBehind, ..damaged(detail) });
        }
    }
    faults.sort_by(|one, other| one.detail.cmp(&other.detail));
    Verified::of_faults(faults)
}

/// Verifies up to `limit` cases after the given one, and tells after which case to go on; none after the last.
///
/// # Errors
/// Only what the database says.
pub fn page(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
    rules: &Rules,
    sealer: Option<&Sealer>,
) -> Result<(Verified, Option<CaseId>), StoreError> {
    let slice = slice::load_with_references(connection, after, limit)?;
    let last = slice.last;
    Ok((check(slice, rules, sealer), last))
}

#[derive(QueryableByName)]
struct Message {
    #[diesel(sql_type = Text)]
    message: String,
}

/// What the engine finds wrong with its own file: a damaged page, an index that does not fit, a broken foreign key.
///
/// PostgreSQL has no such question in SQL; its `pg_amcheck` and checksums are for that.
///
/// # Errors
/// Only what the database says.
pub fn engine(connection: &mut AnyConnection) -> Result<Verified, StoreError> {
    let AnyConnection::Sqlite(concrete) = connection else { return Ok(Verified::default()) };
    let file = diesel::sql_query("SELECT integrity_check AS message FROM pragma_integrity_check");
    let references = diesel::sql_query(
        "SELECT 'a row of ' || \"table\" || ' refers to one of ' || parent || ' that is not there' AS message \
         FROM pragma_foreign_key_check",
    );
    let of_engine = |kind| move |Message { message }| Fault { kind, ..damaged(message) };
    let file: Vec<Message> = file.load(concrete)?;
    let references: Vec<Message> = references.load(concrete)?;
    let file = file.into_iter().filter(|found| found.message != "ok").map(of_engine(FaultKind::Damaged));
    let references = references.into_iter().map(of_engine(FaultKind::MissingReference));
    Ok(Verified::of_faults(file.chain(references).collect()))
}

fn sealer_of(keys: Option<&Arc<Keys>>) -> Option<&Sealer> {
    keys.map(|keys| &keys.sealer)
}

fn check(slice: Slice, rules: &Rules, sealer: Option<&Sealer>) -> Verified {
    let Slice { streams, mut told, mut told_receptions, missing, agreed, revived, .. } = slice;
    let of_cases = |stream: &&Stream| matches!(stream.subject(), Subject::Case(_));
    let case_count = streams.iter().filter(of_cases).count();
    let reception_count = streams.len() - case_count;
    let event_count = streams.iter().map(|stream| stream.rows.len()).sum();
    let mut faults = Vec::new();
    for row in missing {
        let detail = format!("{} names {}, which is not there", row.column, row.value);
        let fault = Fault { kind: FaultKind::MissingReference, ..of(row.of, detail) };
        let case_no = fault.case.and_then(|case| told.get(&case.get())).map(|told| told.case.case_no.clone());
        faults.push(Fault { case_no, ..fault });
    }
    for (case, person) in revived {
        let detail = format!("person {person}: was destroyed, and is there again");
        let case_no = told.get(&case).map(|told| told.case.case_no.clone());
        let case = Some(CaseId::new(case));
        faults.push(Fault { kind: FaultKind::PersonUnreadable, case, case_no, seq: None, detail });
    }
    for stream in &streams {
        match stream.subject() {
            Subject::Case(case) => {
                let told = told.remove(&case.get());
                let agreed = agreed.iter().find(|it| it.case_id == case.get());
                faults.extend(check_stream((stream, case), told.as_ref(), agreed, rules, sealer).err());
            }
            Subject::Reception(id) => {
                let told = told_receptions.remove(&id.get());
                faults.extend(check_reception((stream, id), told.as_ref()).err());
            }
        }
    }
    let no_journal = "the read tables have it and the journal does not";
    faults.extend(told_receptions.into_keys().map(|id| Fault {
        kind: FaultKind::NoJournal,
        ..of(Subject::Reception(ReceptionId::new(id)), no_journal.to_owned())
    }));
    for (id, told) in told {
        faults.push(Fault {
            kind: FaultKind::NoJournal,
            case: Some(CaseId::new(id)),
            case_no: Some(told.case.case_no),
            seq: None,
            detail: "the read tables have a case that the journal does not".to_owned(),
        });
    }
    faults.sort_by_key(|fault| (fault.case, fault.seq));
    Verified { case_count, reception_count, event_count, ..Verified::of_faults(faults) }
}

/// Checks one journal, and the read tables against it; the first fault is enough, because the others follow from it. Of a sealed
/// one without keys, or whose key was destroyed, only the hashes are checked.
fn check_stream(
    (stream, id): (&Stream, CaseId),
    told: Option<&Projection>,
    agreed: Option<&ErasureRow>,
    rules: &Rules,
    sealer: Option<&Sealer>,
) -> Result<(), Fault> {
    let fault = |kind, seq, detail: String| Fault {
        kind,
        case: Some(id),
        case_no: told.map(|told| told.case.case_no.clone()),
        seq,
        detail,
    };
    stream.bound().map_err(|seq| {
        let detail = "the event is not what its hash was taken over, or not after the same".to_owned();
        fault(FaultKind::HashDiffers, Some(seq), detail)
    })?;
    let is_agreed = agreed.is_some_and(|it| sealer.is_none_or(|sealer| it.is_sealed_by(sealer)));
    if stream.tells_of_erasure() != agreed.is_some() || agreed.is_some() && !is_agreed {
        let detail =
            "what it says was destroyed without the agreement of two, or the other way round".to_owned();
        return Err(fault(FaultKind::EventUnreadable, None, detail));
    }
    if stream.is_erased() || sealer.is_none() && stream.is_sealed() {
        return check_sealed(stream, told, fault);
    }
    let events = stream.events(sealer).map_err(|unreadable| match unreadable {
        Unreadable::Gap { expected } => {
            fault(FaultKind::JournalGap, Some(expected), "the event is not there".to_owned())
        }
        Unreadable::Part { seq, part } => {
            fault(FaultKind::EventUnreadable, Some(seq), format!("the {part} does not parse"))
        }
        Unreadable::Key(why) => {
            fault(FaultKind::EventUnreadable, None, format!("the key of the case: {why}"))
        }
    })?;
    let case = folded(id, &events);
    let case = case.map_err(|error| fault(FaultKind::NoCase, Some(1), error.to_string()))?;
    let Some(latest) = events.last() else { return Ok(()) };
    let rebuilt = Projection::of(&case, rules, latest.recorded_at);
    let differ = |tables: &str| Fault {
        case_no: Some(rebuilt.case.case_no.clone()),
        ..fault(FaultKind::ReadTablesDiffer, None, format!("other than the journal: {tables}"))
    };
    match told {
        None => Err(differ("cases")),
        Some(told) if *told != rebuilt => Err(differ(&differing_tables(told, &rebuilt).join(", "))),
        Some(_) => Ok(()),
    }
}

/// A fault of what a journal is of, of which no number is known.
fn of(subject: Subject, detail: String) -> Fault {
    match subject {
        Subject::Case(case) => Fault { case: Some(case), ..damaged(detail) },
        Subject::Reception(id) => damaged(format!("session {id}: {detail}")),
    }
}

/// As [`check_stream`], of a session, whose journal is never sealed.
fn check_reception(
    (stream, id): (&Stream, ReceptionId),
    told: Option<&ReceptionProjection>,
) -> Result<(), Fault> {
    let fault =
        |kind, seq, detail: &str| Fault { kind, seq, ..of(Subject::Reception(id), detail.to_owned()) };
    stream.bound().map_err(|seq| {
        let detail = "the event is not what its hash was taken over, or not after the same";
        fault(FaultKind::HashDiffers, Some(seq), detail)
    })?;
    let events = stream.events(None).map_err(|unreadable| {
        let (kind, seq) = match unreadable {
            Unreadable::Gap { expected } => (FaultKind::JournalGap, Some(expected)),
            Unreadable::Part { seq, .. } => (FaultKind::EventUnreadable, Some(seq)),
            Unreadable::Key(_) => (FaultKind::EventUnreadable, None),
        };
        fault(kind, seq, &unreadable.to_string())
    })?;
    let reception = reception_journal::folded(id, &events);
    let reception =
        reception.map_err(|error| fault(FaultKind::EventUnreadable, Some(1), &error.to_string()))?;
    if told != Some(&ReceptionProjection::of(&reception)) {
        let detail = "other than the journal: receptions, reception_bookings";
        return Err(fault(FaultKind::ReadTablesDiffer, None, detail));
    }
    Ok(())
}

/// What can be told of a sealed journal without the keys: its events are all there, so is its key, and the read tables have the
/// case in that version.
fn check_sealed(
    stream: &Stream,
    told: Option<&Projection>,
    fault: impl Fn(FaultKind, Option<i32>, String) -> Fault,
) -> Result<(), Fault> {
    if let Some(expected) = stream.gap() {
        return Err(fault(FaultKind::JournalGap, Some(expected), "the event is not there".to_owned()));
    }
    if stream.key_sealed.is_none() {
        return Err(fault(FaultKind::EventUnreadable, None, "the key of the case is not there".to_owned()));
    }
    let version = i32::try_from(stream.rows.len()).unwrap_or(i32::MAX);
    match told {
        Some(told) if told.case.confidential && told.case.version == version => Ok(()),
        _ => Err(fault(FaultKind::ReadTablesDiffer, None, "other than the journal: cases".to_owned())),
    }
}

fn differing_tables(told: &Projection, rebuilt: &Projection) -> Vec<&'static str> {
    let compared = [
        ("cases", told.case == rebuilt.case),
        ("claims", told.claims == rebuilt.claims),
        ("measures", told.measures == rebuilt.measures),
        ("deadlines", told.deadlines == rebuilt.deadlines),
        ("case_organisations", told.organisations == rebuilt.organisations),
        ("case_people", told.people == rebuilt.people),
        ("case_users", told.users == rebuilt.users),
        ("case_backlog", told.backlog == rebuilt.backlog),
    ];
    compared.into_iter().filter(|(_, same)| !same).map(|(table, _)| table).collect()
}
