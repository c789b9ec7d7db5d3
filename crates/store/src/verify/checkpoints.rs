//! Whether the journal and the audit trail are still what each checkpoint says they were.

use chrono::TimeDelta;

use crate::audit;
use crate::chain;
use crate::checkpoints::{self, CheckpointRow, Published, SigningKeys};
use crate::connection::AnyConnection;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal;
use crate::slice::{self, Subject};

use super::{Fault, FaultKind, Verified, damaged};

/// How many checkpoints one read transaction goes through.
const STEP: i64 = 16;

/// Of what was written, the newest may be so much younger than what is under no checkpoint: a worker sweeps at least daily.
const MOST_BEHIND: TimeDelta = TimeDelta::days(2);

/// How far the checkpoints were gone through.
#[derive(Debug, Default)]
pub(super) struct Progress {
    number: i64,
    digest: Option<Digest>,
    event_count: i64,
    entry_count: i64,
    event: Option<journal::Place>,
    entry: Option<audit::Place>,
    /// What the next one is to be compared with cannot be found any more.
    lost: bool,
}

impl Progress {
    /// Where that checkpoint ends, if it is what was published.
    pub(super) fn from(
        connection: &mut AnyConnection,
        published: &Published,
        keys: Option<&SigningKeys>,
    ) -> Result<Result<Self, Fault>, StoreError> {
        let Some(checkpoint) = checkpoints::find(connection, published.number)? else {
            return Ok(Err(fault(
                FaultKind::CheckpointMissing,
                published.number,
                "it is not there".to_owned(),
            )));
        };
        if published.digest.is_some_and(|digest| digest != checkpoint.digest()) {
            let detail = format!("it is {}, and was published as {published}", checkpoint.published());
            return Ok(Err(fault(FaultKind::CheckpointDiffers, published.number, detail)));
        }
        if let Some(forged) = forged(&checkpoint, keys) {
            return Ok(Err(forged));
        }
        if !checkpoint.holds() {
            let detail = "it is not what its note tells of".to_owned();
            return Ok(Err(fault(FaultKind::CheckpointDiffers, published.number, detail)));
        }
        let mut progress = Self::default();
        progress.go_on_after(connection, &checkpoint)?;
        if progress.lost {
            let detail = "what it ends with is not there".to_owned();
            return Ok(Err(fault(FaultKind::NotAsCheckpointed, published.number, detail)));
        }
        Ok(Ok(progress))
    }

    /// The number of the last checkpoint that was gone through.
    pub(super) fn number(&self) -> i64 {
        self.number
    }

    /// The place of the last event that was gone through.
    pub(super) fn event(&self) -> Option<journal::Place> {
        self.event
    }

    fn go_on_after(
        &mut self,
        connection: &mut AnyConnection,
        checkpoint: &CheckpointRow,
    ) -> Result<(), StoreError> {
        self.number = checkpoint.number;
        self.digest = Some(checkpoint.digest());
        (self.event_count, self.entry_count) = (checkpoint.event_count, checkpoint.entry_count);
        if let Some(id) = checkpoint.last_event_id {
            self.event = journal::place_of(connection, id)?;
            self.lost |= self.event.is_none();
        }
        if let Some(id) = checkpoint.last_entry_id {
            self.entry = audit::place_of(connection, id)?;
            self.lost |= self.entry.is_none();
        }
        Ok(())
    }

    /// Goes through some more; none when there are no more.
    pub(super) fn step(
        &mut self,
        connection: &mut AnyConnection,
        keys: Option<&SigningKeys>,
        published: Option<&Published>,
    ) -> Result<Option<Verified>, StoreError> {
        if self.lost {
            return Ok(None);
        }
        let further = checkpoints::page_after(connection, self.number, STEP)?;
        if further.is_empty() {
            return Ok(None);
        }
        let mut found = Verified::default();
        for checkpoint in further {
            found.add(self.check(connection, &checkpoint, keys)?);
            found.add(Verified::of_faults(self.differs_from(&checkpoint, published).into_iter().collect()));
            if self.lost {
                break;
            }
        }
        Ok(Some(found))
    }

    /// What no checkpoint has though the worker has had its time for it: then somebody keeps it from making any.
    pub(super) fn uncovered(&self, connection: &mut AnyConnection) -> Result<Verified, StoreError> {
        if self.lost {
            return Ok(Verified::default());
        }
        let found = journal::uncovered(connection, self.event)?;
        let Some([oldest, newest]) = found else { return Ok(Verified::default()) };
        if newest - oldest <= MOST_BEHIND {
            return Ok(Verified::default());
        }
        let detail =
            format!("what was written since {} is under no checkpoint", chain::moment(oldest.into()));
        Ok(Verified::of_faults(vec![Fault { kind: FaultKind::NotUnderACheckpoint, ..damaged(detail) }]))
    }

    /// Compares the checkpoint that was kept outside, once the one with its number comes by.
    fn differs_from(&self, checkpoint: &CheckpointRow, published: Option<&Published>) -> Option<Fault> {
        let published = published.filter(|published| published.number == checkpoint.number)?;
        let differs = published.digest.is_some_and(|digest| digest != checkpoint.digest());
        let detail = || format!("it is {}, and was published as {published}", checkpoint.published());
        differs.then(|| fault(FaultKind::CheckpointDiffers, checkpoint.number, detail()))
    }

    fn check(
        &mut self,
        connection: &mut AnyConnection,
        checkpoint: &CheckpointRow,
        keys: Option<&SigningKeys>,
    ) -> Result<Verified, StoreError> {
        let mut faults = Vec::new();
        let expected = self.number.saturating_add(1);
        if checkpoint.number != expected {
            faults.push(fault(FaultKind::CheckpointMissing, expected, "it is not there".to_owned()));
        } else if checkpoint.note != checkpoint.note_after(&self.digest.unwrap_or(Digest::ZERO)) {
            let detail = "it does not follow from the one before it and its hashes".to_owned();
            faults.push(fault(FaultKind::CheckpointDiffers, checkpoint.number, detail));
        }
        faults.extend(forged(checkpoint, keys));
        faults.extend(self.counts_differ(checkpoint));
        faults.extend(self.events_differ(connection, checkpoint)?);
        faults.extend(self.entries_differ(connection, checkpoint)?);
        self.go_on_after(connection, checkpoint)?;
        if self.lost {
            let detail =
                "what it ends with is not there, so the later ones cannot be gone through".to_owned();
            faults.push(fault(FaultKind::NotAsCheckpointed, checkpoint.number, detail));
        }
        let last_checkpoint = Some(checkpoint.published().to_string());
        Ok(Verified { checkpoint_count: 1, last_checkpoint, ..Verified::of_faults(faults) })
    }

    fn counts_differ(&self, checkpoint: &CheckpointRow) -> Option<Fault> {
        let counted = |before: i64, digests: usize| before.checked_add(i64::try_from(digests).ok()?);
        let events = counted(self.event_count, checkpoint.events().len());
        let entries = counted(self.entry_count, checkpoint.entries().len());
        if (events, entries) == (Some(checkpoint.event_count), Some(checkpoint.entry_count)) {
            return None;
        }
        let detail = "its counts are not those of the hashes up to it".to_owned();
        Some(fault(FaultKind::CheckpointDiffers, checkpoint.number, detail))
    }

    /// The first event that is not where the checkpoint saw it.
    fn events_differ(
        &self,
        connection: &mut AnyConnection,
        checkpoint: &CheckpointRow,
    ) -> Result<Option<Fault>, StoreError> {
        let hashes = checkpoint.events();
        let limit = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
        let events = journal::written_after(connection, self.event, limit)?;
        let mut there = events.iter();
        for (index, hash) in hashes.iter().enumerate() {
            let nth = index.saturating_add(1);
            let differs = |detail| fault(FaultKind::NotAsCheckpointed, checkpoint.number, detail);
            let Some(event) = there.next() else {
                return Ok(Some(differs(format!("its event {nth} and what follows are not there"))));
            };
            if event.hash != Some(*hash) {
                let seq = Some(event.place.seq);
                let (case, other) = match slice::subject_of(connection, event.place.stream_id)? {
                    Subject::Case(case) => (Some(case), "this one".to_owned()),
                    Subject::Reception(session) => (None, format!("one of session {session}")),
                };
                let detail = format!("its event {nth} is not there; {other} stands in that place");
                return Ok(Some(Fault { case, seq, ..differs(detail) }));
            }
        }
        Ok(None)
    }

    fn entries_differ(
        &self,
        connection: &mut AnyConnection,
        checkpoint: &CheckpointRow,
    ) -> Result<Option<Fault>, StoreError> {
        let digests = checkpoint.entries();
        let limit = i64::try_from(digests.len()).unwrap_or(i64::MAX);
        let entries = audit::written_after(connection, self.entry, limit)?;
        let mut there = entries.iter();
        for (index, digest) in digests.iter().enumerate() {
            let nth = index.saturating_add(1);
            let detail = match there.next() {
                None => format!("its audit entry {nth} and what follows are not there"),
                Some((_, entry)) if audit::digest(entry)? != *digest => {
                    format!("its audit entry {nth} is not there; entry {} stands in that place", entry.id)
                }
                Some(_) => continue,
            };
            return Ok(Some(fault(FaultKind::NotAsCheckpointed, checkpoint.number, detail)));
        }
        Ok(None)
    }
}

fn fault(kind: FaultKind, number: i64, detail: String) -> Fault {
    Fault { kind, ..damaged(format!("checkpoint {number}: {detail}")) }
}

/// Without the installation's keys only the one that the checkpoint names can be asked.
fn forged(checkpoint: &CheckpointRow, keys: Option<&SigningKeys>) -> Option<Fault> {
    let signed = match keys {
        Some(keys) => keys.signed(checkpoint),
        None => checkpoint.is_signed_by_its_key(),
    };
    let detail = || "none of the installation's keys signed it".to_owned();
    (!signed).then(|| fault(FaultKind::CheckpointNotSigned, checkpoint.number, detail()))
}
