//! The read tables made again from the journal, or compared with it, slice by slice.
//!
//! The journal is the truth, so where the two differ it is the read tables that change.

use std::sync::Arc;

use domain::deadline::Rules;
use domain::id::{CaseId, ReceptionId};

use crate::case_journal::folded;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::projection::Projection;
use crate::read_tables;
use crate::reception_journal;
use crate::receptions::{self, ReceptionProjection};
use crate::sealing::Sealer;
use crate::slice::{self, Slice, Stream, Subject, Walk};
use crate::store::{Store, answer_of};

/// What one slice found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebuildPage {
    /// How many cases of the journal the slice went through.
    pub case_count: usize,
    /// How many sessions of the journal it went through.
    pub reception_count: usize,
    /// How many events these have.
    pub event_count: usize,
    /// The cases that the read tables told otherwise, or have without a journal, in order.
    pub differing: Vec<CaseId>,
    /// The same of sessions.
    pub differing_receptions: Vec<ReceptionId>,
    /// The case or session after which the next slice goes on; none after the last slice.
    pub last: Option<CaseId>,
}

impl RebuildPage {
    /// Whether the read tables say what the journal says.
    #[must_use]
    pub const fn is_alike(&self) -> bool {
        self.differing.is_empty() && self.differing_receptions.is_empty()
    }
}

/// Folds up to `limit` cases and sessions after the given one anew, and writes those that the read tables tell otherwise.
///
/// # Errors
/// [`StoreError::Broken`] if a journal does not make a case, which it names.
pub fn rebuild_page(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
    rules: &Rules,
    sealer: &Sealer,
) -> Result<RebuildPage, StoreError> {
    read_tables::lock(connection)?;
    let (page, differences) = compare(slice::load(connection, after, limit)?, rules, sealer)?;
    read_tables::delete(connection, differences.made_up)?;
    read_tables::replace(connection, &differences.wrong)?;
    receptions::delete(connection, differences.made_up_receptions)?;
    receptions::replace(connection, &differences.wrong_receptions)?;
    Ok(page)
}

/// As [`rebuild_page`], and changes nothing.
///
/// # Errors
/// As [`rebuild_page`].
pub fn compare_page(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
    rules: &Rules,
    sealer: &Sealer,
) -> Result<RebuildPage, StoreError> {
    let (page, _) = compare(slice::load(connection, after, limit)?, rules, sealer)?;
    Ok(page)
}

/// How many cases one slice has; of those that differ, one write transaction takes so many, so that people's writes
/// are not kept waiting.
const SLICE: u32 = 250;

/// Whether what differs is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Only tell it.
    Compare,
    /// Write what the journal says.
    Rebuild,
}

/// Goes through the whole journal while others work, and hands over what each slice found.
///
/// Slices are compared in read transactions; only one in which something differs is gone through again in a write.
///
/// # Errors
/// As [`rebuild_page`], and as [`Store::read`] and [`Store::write`].
pub async fn whole(
    store: &Store,
    rules: &Rules,
    sealer: &Arc<Sealer>,
    doing: Doing,
    mut found: impl FnMut(RebuildPage),
) -> Result<(), StoreError> {
    let mut walk = Walk::begin(store, SLICE, slice::load);
    while let Some(slice) = walk.next().await? {
        let (after, slice_rules, slice_sealer) = (slice.after, rules.clone(), Arc::clone(sealer));
        let compared = tokio::task::spawn_blocking(move || compare(slice, &slice_rules, &slice_sealer));
        let (page, _) = answer_of(compared).await??;
        if page.is_alike() || doing == Doing::Compare {
            found(page);
            continue;
        }
        let (write_rules, write_sealer) = (rules.clone(), Arc::clone(sealer));
        let rebuilt = store
            .write(move |connection| rebuild_page(connection, after, SLICE, &write_rules, &write_sealer));
        found(rebuilt.await?);
    }
    Ok(())
}

/// What the read tables are to say instead.
#[derive(Default)]
struct Differences {
    wrong: Vec<Projection>,
    made_up: Vec<i64>,
    wrong_receptions: Vec<ReceptionProjection>,
    made_up_receptions: Vec<i64>,
}

fn compare(slice: Slice, rules: &Rules, sealer: &Sealer) -> Result<(RebuildPage, Differences), StoreError> {
    let Slice { streams, mut told, mut told_receptions, last, .. } = slice;
    let mut page = RebuildPage { last, ..RebuildPage::default() };
    let mut differences = Differences::default();
    for stream in &streams {
        page.event_count += stream.rows.len();
        let case = match stream.subject() {
            Subject::Case(case) => case,
            Subject::Reception(id) => {
                page.reception_count += 1;
                let rebuilt = rebuilt_reception(stream, id)?;
                if told_receptions.remove(&id.get()).as_ref() != Some(&rebuilt) {
                    page.differing_receptions.push(id);
                    differences.wrong_receptions.push(rebuilt);
                }
                continue;
            }
        };
        page.case_count += 1;
        let told = told.remove(&case.get());
        // Of what was destroyed nothing can be made again: what the read tables have is all there is.
        if stream.is_erased() {
            page.differing.extend(Some(case).filter(|_| told.is_none()));
            continue;
        }
        let rebuilt = rebuilt(stream, case, rules, sealer)?;
        if told.as_ref() != Some(&rebuilt) {
            page.differing.push(case);
            differences.wrong.push(rebuilt);
        }
    }
    differences.made_up.extend(told.into_keys());
    page.differing.extend(differences.made_up.iter().copied().map(CaseId::new));
    page.differing.sort();
    differences.made_up_receptions.extend(told_receptions.into_keys());
    page.differing_receptions.extend(differences.made_up_receptions.iter().copied().map(ReceptionId::new));
    page.differing_receptions.sort();
    Ok((page, differences))
}

fn rebuilt(stream: &Stream, case: CaseId, rules: &Rules, sealer: &Sealer) -> Result<Projection, StoreError> {
    let broken = |what: String| StoreError::broken("events", format!("case {case}: {what}"));
    let events = stream.events(Some(sealer)).map_err(|unreadable| broken(unreadable.to_string()))?;
    let Some(latest) = events.last() else { return Err(broken("no event".to_owned())) };
    Ok(Projection::of(&folded(case, &events)?, rules, latest.recorded_at))
}

fn rebuilt_reception(stream: &Stream, id: ReceptionId) -> Result<ReceptionProjection, StoreError> {
    let broken = |what: String| StoreError::broken("events", format!("session {id}: {what}"));
    let events = stream.events(None).map_err(|unreadable| broken(unreadable.to_string()))?;
    Ok(ReceptionProjection::of(&reception_journal::folded(id, &events)?))
}
