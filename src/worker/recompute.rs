//! Reckons the open deadlines again after the holiday calendar has changed, as events.
//!
//! The change leaves a mark in the same transaction; the mark goes when every case is done, so that a crash in
//! between only makes the worker begin again.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::id::CaseId;
use domain::text::Remark;
use store::{AnyConnection, StoreError, case_batch, meta, projection};

use super::batch::{self, OfClocks};
use super::step;
use crate::app::App;
use crate::service::ServiceError;

/// Leaves the mark that deadlines are to be recomputed, with the reason that their events will give.
///
/// # Errors
/// What the database says.
pub fn mark_calendar_changed(connection: &mut AnyConnection, reason: &Remark) -> Result<(), StoreError> {
    meta::mark_calendar_changed(connection, reason.as_str())
}

/// Recomputes where the calendar has changed; answers how many cases it changed.
///
/// # Errors
/// What the database says; the mark stays, so that the next run begins again.
pub async fn recompute(app: &Arc<App>) -> Result<usize, ServiceError> {
    let Some(mark) = app.store.read(meta::calendar_mark).await? else { return Ok(0) };
    let reason = Remark::parse(mark.reason()).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let asked = OfClocks::Recompute(reason);
    let (mut changed, mut after) = (0, None);
    let mut left = BTreeSet::new();
    loop {
        let (inner, asked) = (Arc::clone(app), asked.clone());
        let slice = move |connection: &mut AnyConnection| recompute_slice(connection, &inner, after, &asked);
        // Another process that has taken the work over begins again, because the mark is still there.
        let Some(mut slice) = step(app, slice).await? else { return Ok(changed) };
        changed += slice.changed;
        left.append(&mut slice.left);
        match slice.last {
            Some(_) => after = slice.last,
            None => break,
        }
    }
    let Some(outcome) = batch::alone(app, left, &asked).await? else { return Ok(changed) };
    changed += outcome.changed;
    if outcome.unreadable > 0 {
        // They may be readable again, as when their key is brought back, and have the old calendar until then.
        let unreadable = outcome.unreadable;
        tracing::error!(unreadable, "cases were left at the calendar of before; they are tried again");
        return Ok(changed);
    }
    step(app, move |connection| Ok(meta::clear_calendar_mark(connection, &mark)?)).await?;
    Ok(changed)
}

struct Slice {
    /// The last case of the slice; none after all of them.
    last: Option<i64>,
    changed: usize,
    /// Cases that are reckoned by themselves.
    left: BTreeSet<CaseId>,
}

fn recompute_slice(
    connection: &mut AnyConnection,
    app: &App,
    after: Option<i64>,
    asked: &OfClocks,
) -> Result<Slice, ServiceError> {
    let cases = projection::cases_with_open_deadlines(connection, after, case_batch::most(connection))?;
    let last = cases.last().copied();
    let cases = cases.into_iter().map(CaseId::new).collect();
    let (changed, left) = batch::together(connection, app, &cases, asked)?;
    Ok(Slice { last, changed, left })
}
