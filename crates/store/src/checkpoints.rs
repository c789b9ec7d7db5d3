//! Signed checkpoints: each has the hashes of all events and audit entries since the one before it, in their order, and
//! the digest of that one. Whoever kept the digest of one can tell whether anything before it was rewritten since.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::connection::AnyConnection;
use crate::digest::{self, Digest};
use crate::error::StoreError;
use crate::journal::{self, BoundEvent};
use crate::keys::{Key, KeyRing};
use crate::portable::Instant;
use crate::schema::checkpoints;
use crate::{audit, chain, merkle, sealing};

/// So many hashes of each kind one checkpoint has at most.
pub(crate) const MOST_HASHES: i64 = 1024;

/// The name of the signing key in a signed note.
const SIGNER: &str = "daowei";
/// The byte by which a signed note tells an Ed25519 key.
const ED25519: u8 = 1;

/// The keys that sign checkpoints, made from those that seal; only the newest signs.
pub struct SigningKeys {
    newest: SigningKey,
    /// The public halves, also of keys that are gone.
    all: Vec<[u8; 32]>,
}

fn signing_key_of(master: &Key) -> SigningKey {
    SigningKey::from_bytes(&sealing::derive(master, b"daowei checkpoints 1"))
}

/// The public half of the key that signs checkpoints under the master key.
pub(crate) fn public_key_of(master: &Key) -> [u8; 32] {
    signing_key_of(master).verifying_key().to_bytes()
}

impl SigningKeys {
    /// Derives a signing key from each key of the ring.
    pub fn new(ring: &KeyRing) -> Self {
        let newest = signing_key_of(ring.sealing());
        let gone = ring.signed().iter().copied();
        let all = ring.keys().map(public_key_of).chain(gone).collect();
        Self { newest, all }
    }

    /// The public half of the key that signs now.
    pub fn public_key(&self) -> [u8; 32] {
        self.newest.verifying_key().to_bytes()
    }

    /// Whether one of the keys has signed the note.
    pub(crate) fn signed(&self, checkpoint: &CheckpointRow) -> bool {
        self.all.iter().any(|key| key.as_slice() == checkpoint.public_key)
            && checkpoint.is_signed_by_its_key()
    }
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = checkpoints, treat_none_as_default_value = false)]
pub struct CheckpointRow {
    /// From 1, without a gap.
    pub number: i64,
    /// Server clock, UTC.
    pub made_at: Instant,
    /// Of all events up to here.
    pub event_count: i64,
    pub last_event_id: Option<i64>,
    /// The hashes of the events since the checkpoint before, 32 bytes each.
    pub event_hashes: Vec<u8>,
    /// Of all audit entries up to here.
    pub entry_count: i64,
    pub last_entry_id: Option<i64>,
    /// The digests of the audit entries since the checkpoint before, 32 bytes each.
    pub entry_hashes: Vec<u8>,
    /// What is signed, and what the next checkpoint has the digest of.
    pub note: String,
    /// Ed25519.
    pub public_key: Vec<u8>,
    /// Ed25519, over the note.
    pub signature: Vec<u8>,
}

impl CheckpointRow {
    /// The digest by which the checkpoint is published.
    pub fn digest(&self) -> Digest {
        Digest::of(&[self.note.as_bytes()])
    }

    /// The number and the digest, as a person writes them down.
    pub fn published(&self) -> Published {
        Published { number: self.number, digest: Some(self.digest()) }
    }

    /// The hashes of its events, in their order.
    pub fn events(&self) -> Vec<Digest> {
        digests(&self.event_hashes)
    }

    /// The digests of its audit entries, in their order.
    pub(crate) fn entries(&self) -> Vec<Digest> {
        digests(&self.entry_hashes)
    }

    /// The note that a checkpoint with these columns, after the one with that digest, must have.
    pub(crate) fn note_after(&self, previous: &Digest) -> String {
        let Self { number, event_count, entry_count, last_event_id, last_entry_id, .. } = self;
        let [last_event, last_entry] =
            [last_event_id, last_entry_id].map(|id| id.map_or("-".to_owned(), |id| id.to_string()));
        let (events, entries) = (merkle::root(&self.events()), merkle::root(&self.entries()));
        let made_at = chain::moment(self.made_at);
        format!(
            "daowei checkpoint 1\n{number}\n{previous}\n{event_count}\n{events}\n{entry_count}\n{entries}\n{made_at}\n\
             {last_event}\n{last_entry}\n"
        )
    }

    /// Whether the columns are those that the note tells of, and the key that the row names has signed it.
    pub(crate) fn holds(&self) -> bool {
        let previous = self.note.lines().nth(2).and_then(|line| line.parse().ok());
        previous.is_some_and(|previous| self.note == self.note_after(&previous))
            && self.is_signed_by_its_key()
    }

    pub(crate) fn is_signed_by_its_key(&self) -> bool {
        let key =
            self.public_key.as_slice().try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
        let signature = Signature::from_slice(&self.signature).ok();
        key.zip(signature)
            .is_some_and(|(key, signature)| key.verify_strict(self.note.as_bytes(), &signature).is_ok())
    }
}

fn digests(bytes: &[u8]) -> Vec<Digest> {
    bytes.as_chunks::<{ digest::LENGTH }>().0.iter().copied().map(Digest).collect()
}

fn bytes(digests: impl IntoIterator<Item = Digest>) -> Vec<u8> {
    digests.into_iter().flat_map(|digest| digest.0).collect()
}

/// A checkpoint as somebody outside kept it: `NUMBER` or `NUMBER:DIGEST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub number: i64,
    /// Without it only the number is looked up, which proves nothing of what stands before it.
    pub digest: Option<Digest>,
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number)?;
        self.digest.map_or(Ok(()), |digest| write!(f, ":{digest}"))
    }
}

/// A text that names no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a checkpoint is given as NUMBER or NUMBER:DIGEST, the digest with 64 hexadecimal digits")]
pub struct NotACheckpoint;

impl FromStr for Published {
    type Err = NotACheckpoint;

    fn from_str(text: &str) -> Result<Self, NotACheckpoint> {
        let (number, digest) = match text.split_once(':') {
            Some((number, digest)) => (number, Some(digest.parse().map_err(|_digits| NotACheckpoint)?)),
            None => (text, None),
        };
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(NotACheckpoint)?;
        Ok(Self { number, digest })
    }
}

/// Makes the next checkpoint over what was written since the last; none if nothing was. To be called by one process at a
/// time, and again until there is none: one checkpoint has a bounded number of hashes.
///
/// # Errors
/// What the database says; [`StoreError::Broken`] if the last checkpoint, or what it ends with, is not there any more as it was.
pub fn make(
    connection: &mut AnyConnection,
    keys: &SigningKeys,
    at: DateTime<Utc>,
) -> Result<Option<CheckpointRow>, StoreError> {
    let before = latest(connection)?;
    let gone = |what: &str| {
        StoreError::broken("checkpoints", format!("the {what} that the last one ends with is not there"))
    };
    if before.as_ref().is_some_and(|before| !before.holds()) {
        return Err(StoreError::broken("checkpoints", "the last one is not what was signed"));
    }
    let (mut after_event, mut after_entry) = (None, None);
    if let Some(id) = before.as_ref().and_then(|before| before.last_event_id) {
        after_event = Some(journal::place_of(connection, id)?.ok_or_else(|| gone("event"))?);
    }
    if let Some(id) = before.as_ref().and_then(|before| before.last_entry_id) {
        after_entry = Some(audit::place_of(connection, id)?.ok_or_else(|| gone("audit entry"))?);
    }
    let events = bound_events(connection, after_event)?;
    let entries = audit::follow(connection, after_entry, MOST_HASHES)?;
    if events.is_empty() && entries.is_empty() {
        return Ok(None);
    }
    let digests = entries.iter().map(|(_, entry)| audit::digest(entry)).collect::<Result<Vec<_>, _>>()?;
    let counted = |before: Option<i64>, new: usize| {
        before.unwrap_or(0).saturating_add(i64::try_from(new).unwrap_or(i64::MAX))
    };
    let last = before.as_ref();
    let mut row = CheckpointRow {
        number: counted(last.map(|last| last.number), 1),
        made_at: at.into(),
        event_count: counted(last.map(|last| last.event_count), events.len()),
        last_event_id: events.last().map(|event| event.id).or(last.and_then(|last| last.last_event_id)),
        event_hashes: bytes(events.iter().filter_map(|event| event.hash)),
        entry_count: counted(last.map(|last| last.entry_count), entries.len()),
        last_entry_id: entries.last().map(|(_, entry)| entry.id).or(last.and_then(|last| last.last_entry_id)),
        entry_hashes: bytes(digests),
        note: String::new(),
        public_key: keys.public_key().to_vec(),
        signature: Vec::new(),
    };
    row.note = row.note_after(&last.map_or(Digest::ZERO, CheckpointRow::digest));
    row.signature = keys.newest.sign(row.note.as_bytes()).to_bytes().to_vec();
    diesel::insert_into(checkpoints::table).values(&row).execute(connection)?;
    Ok(Some(row))
}

/// The next events, each with its hash: those of an earlier version of this program get theirs now.
fn bound_events(
    connection: &mut AnyConnection,
    after: Option<journal::Place>,
) -> Result<Vec<BoundEvent>, StoreError> {
    let mut events = journal::follow_hashes(connection, after, MOST_HASHES)?;
    let unbound: BTreeSet<i64> =
        events.iter().filter(|event| event.hash.is_none()).map(|event| event.place.stream_id).collect();
    if !unbound.is_empty() {
        for stream in unbound {
            chain::complete(connection, stream)?;
        }
        events = journal::follow_hashes(connection, after, MOST_HASHES)?;
        // What an older process has written meanwhile has its turn with the next checkpoint.
        let bound = events.iter().take_while(|event| event.hash.is_some()).count();
        events.truncate(bound);
    }
    Ok(events)
}

/// The newest checkpoint, if there is one.
///
/// # Errors
/// Only what the database says.
pub fn latest(connection: &mut AnyConnection) -> Result<Option<CheckpointRow>, StoreError> {
    Ok(checkpoints::table.order(checkpoints::number.desc()).first(connection).optional()?)
}

/// The checkpoint of that number, if it is there.
///
/// # Errors
/// Only what the database says.
pub fn find(connection: &mut AnyConnection, number: i64) -> Result<Option<CheckpointRow>, StoreError> {
    Ok(checkpoints::table.find(number).first(connection).optional()?)
}

/// A checkpoint without its hashes, as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = checkpoints)]
pub struct PublishedRow {
    pub number: i64,
    /// Server clock, UTC.
    pub made_at: Instant,
    pub event_count: i64,
    pub entry_count: i64,
    pub note: String,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

impl PublishedRow {
    /// The number and the digest, as a person writes them down.
    pub fn published(&self) -> Published {
        Published { number: self.number, digest: Some(Digest::of(&[self.note.as_bytes()])) }
    }

    /// The note with its signature, in the form of C2SP's signed-note.
    pub fn signed_note(&self) -> String {
        let id = Digest::of(&[SIGNER.as_bytes(), b"\n", &[ED25519], &self.public_key]).0;
        let id = id.first_chunk::<4>().copied().unwrap_or_default();
        let signature = STANDARD.encode([&id[..], &self.signature].concat());
        format!("{}\n\u{2014} {SIGNER} {signature}\n", self.note)
    }
}

impl From<&CheckpointRow> for PublishedRow {
    fn from(row: &CheckpointRow) -> Self {
        let CheckpointRow { number, made_at, event_count, entry_count, .. } = *row;
        let (note, public_key, signature) = (row.note.clone(), row.public_key.clone(), row.signature.clone());
        Self { number, made_at, event_count, entry_count, note, public_key, signature }
    }
}

/// Up to `limit` checkpoints before that number, the newest first; without it, from the last.
///
/// # Errors
/// Only what the database says.
pub fn page_before(
    connection: &mut AnyConnection,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<PublishedRow>, StoreError> {
    let older = checkpoints::table.filter(checkpoints::number.lt(before.unwrap_or(i64::MAX)));
    let newest = older.order(checkpoints::number.desc()).limit(limit).select(PublishedRow::as_select());
    Ok(newest.load(connection)?)
}

/// Up to `limit` checkpoints after that number, in order.
pub(crate) fn page_after(
    connection: &mut AnyConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<CheckpointRow>, StoreError> {
    let further = checkpoints::table.filter(checkpoints::number.gt(after));
    Ok(further.order(checkpoints::number).limit(limit).load(connection)?)
}

/// What shows that an event is one of a checkpoint's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What the event's hash is taken over; see [`chain::text`].
    pub event_text: String,
    pub event_hash: Digest,
    /// The event's place among the events of the checkpoint, from 0.
    pub index: usize,
    /// The number of the checkpoint's events.
    pub count: usize,
    /// The digests beside the way from the event to the root, from the bottom up; RFC 9162, section 2.1.3.
    pub path: Vec<Digest>,
    pub checkpoint: CheckpointRow,
}

/// The proof for an event of a case; none as long as no checkpoint has it.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such event; [`StoreError::Broken`] if the checkpoint that should have it has
/// another.
pub fn prove(connection: &mut AnyConnection, case_id: i64, seq: i32) -> Result<Option<Proof>, StoreError> {
    let Some(before) = seq.checked_sub(1).filter(|before| *before >= 0) else {
        return Err(StoreError::NotFound);
    };
    let rows =
        journal::load_page(connection, case_id, before.saturating_sub(1), if before == 0 { 1 } else { 2 })?;
    let event = rows.iter().find(|row| row.seq == seq).ok_or(StoreError::NotFound)?;
    let previous = rows.iter().find(|row| row.seq == before).and_then(|row| row.hash);
    let Some(event_hash) = event.hash else { return Ok(None) };
    let Some(checkpoint) = covering(connection, event.id)? else { return Ok(None) };
    let hashes = checkpoint.events();
    let found = hashes.iter().position(|hash| *hash == event_hash);
    let path = found.and_then(|index| Some((index, merkle::path(&hashes, index)?)));
    let Some((index, path)) = path else {
        let detail = format!("number {} does not have event {}", checkpoint.number, event.id);
        return Err(StoreError::broken("checkpoints", detail));
    };
    let event_text = chain::text(event, &previous.unwrap_or(Digest::ZERO));
    Ok(Some(Proof { event_text, event_hash, index, count: hashes.len(), path, checkpoint }))
}

/// The first checkpoint that ends with the event or after it.
fn covering(connection: &mut AnyConnection, event_id: i64) -> Result<Option<CheckpointRow>, StoreError> {
    let place = journal::place_of(connection, event_id)?.ok_or(StoreError::NotFound)?;
    let last: Option<i64> =
        checkpoints::table.select(diesel::dsl::max(checkpoints::number)).first(connection)?;
    // Numbers have no gap, so the range can be halved: a few look-ups among millions.
    let (mut low, mut high) = (1, last.unwrap_or(0));
    let mut covering = None;
    while low <= high {
        let middle = low + (high - low) / 2;
        let end = checkpoints::table.find(middle).select(checkpoints::last_event_id);
        let end: Option<i64> = end.first(connection).optional()?.flatten();
        let end = match end {
            Some(id) => journal::place_of(connection, id)?,
            None => None,
        };
        if end.is_some_and(|end| end >= place) {
            covering = Some(middle);
            high = middle - 1;
        } else {
            low = middle + 1;
        }
    }
    match covering {
        Some(number) => find(connection, number),
        None => Ok(None),
    }
}
