//! The read tables made again from the journal, or compared with it, slice by slice.
//!
//! The journal is the truth, so where the two differ it is the read tables that change.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::deadline::Rules;
use domain::id::CaseId;

use crate::case_journal::{folded, load_events};
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::projection::Projection;
use crate::schema::cases;
use crate::{journal, projection};

/// What one slice found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RebuildPage {
    /// How many cases of the journal the slice went through.
    pub case_count: usize,
    /// The cases that the read tables told otherwise, or have without a journal, in order.
    pub differing: Vec<CaseId>,
    /// The case after which the next slice goes on; none after the last slice.
    pub last: Option<CaseId>,
}

/// Folds up to `limit` cases after the given one anew, and writes those that the read tables tell otherwise.
///
/// # Errors
/// [`StoreError::Broken`] if a journal does not make a case, which it names.
pub fn rebuild_page(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
    rules: &Rules,
) -> Result<RebuildPage, StoreError> {
    go_through(connection, after, limit, rules, |connection, case, rebuilt| match rebuilt {
        Some(projection) => projection::write(connection, &projection),
        None => projection::delete(connection, case.get()),
    })
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
) -> Result<RebuildPage, StoreError> {
    go_through(connection, after, limit, rules, |_, _, _| Ok(()))
}

fn go_through(
    connection: &mut AnyConnection,
    after: Option<CaseId>,
    limit: u32,
    rules: &Rules,
    correct: impl Fn(&mut AnyConnection, CaseId, Option<Projection>) -> Result<(), StoreError>,
) -> Result<RebuildPage, StoreError> {
    let (after, limit) = (after.map(CaseId::get), limit.max(1));
    let in_journal = journal::case_ids(connection, after, limit.into())?;
    let is_last = in_journal.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let last = in_journal.last().copied().filter(|_| !is_last);
    let mut page =
        RebuildPage { case_count: in_journal.len(), last: last.map(CaseId::new), ..RebuildPage::default() };
    // A case of the read tables alone lies between those of the journal, or after the last of them.
    let mut ids: BTreeSet<i64> = projected_between(connection, after, last)?.into_iter().collect();
    ids.extend(in_journal);
    for id in ids {
        let case = CaseId::new(id);
        let rebuilt = rebuilt(connection, case, rules)?;
        if projection::load(connection, id)? != rebuilt {
            correct(connection, case, rebuilt)?;
            page.differing.push(case);
        }
    }
    Ok(page)
}

fn rebuilt(
    connection: &mut AnyConnection,
    case: CaseId,
    rules: &Rules,
) -> Result<Option<Projection>, StoreError> {
    let events = load_events(connection, case)?;
    let Some(latest) = events.last() else { return Ok(None) };
    Ok(Some(Projection::of(&folded(case, &events)?, rules, latest.recorded_at)))
}

fn projected_between(
    connection: &mut AnyConnection,
    after: Option<i64>,
    last: Option<i64>,
) -> Result<Vec<i64>, StoreError> {
    let projected = cases::table
        .filter(cases::id.gt(after.unwrap_or(i64::MIN)))
        .filter(cases::id.le(last.unwrap_or(i64::MAX)))
        .select(cases::id);
    Ok(projected.load(connection)?)
}
