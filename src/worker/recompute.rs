//! Reckons the open deadlines again after the holiday calendar has changed, as events.
//!
//! The change leaves a mark in the same transaction; the mark goes when every case is done, so that a crash in
//! between only makes the worker begin again.

use std::sync::Arc;

use domain::access::Actor;
use domain::case::Command;
use domain::id::CaseId;
use domain::text::Remark;
use store::{AnyConnection, StoreError, case_batch, meta, projection};

use super::{is_unreadable, step};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::execute::{Circumstances, Done, execute_on_each};

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
    let (mut changed, mut unreadable) = (0, 0);
    let mut after = None;
    loop {
        let (inner, command) = (Arc::clone(app), Command::Recompute(reason.clone()));
        let slice =
            move |connection: &mut AnyConnection| recompute_slice(connection, &inner, after, &command);
        // Another process that has taken the work over begins again, because the mark is still there.
        let Some((last, moved, skipped)) = step(app, slice).await? else { return Ok(changed) };
        changed += moved;
        unreadable += skipped;
        match last {
            Some(_) => after = last,
            None => break,
        }
    }
    if unreadable > 0 {
        // They may be readable again, as when their key is brought back, and have the old calendar until then.
        tracing::error!(unreadable, "cases were left at the calendar of before; they are tried again");
        return Ok(changed);
    }
    step(app, move |connection| Ok(meta::clear_calendar_mark(connection, &mark)?)).await?;
    Ok(changed)
}

/// The last case of the slice, how many it changed, and how many cannot be read.
fn recompute_slice(
    connection: &mut AnyConnection,
    app: &App,
    after: Option<i64>,
    command: &Command,
) -> Result<(Option<i64>, usize, usize), ServiceError> {
    let circumstances = Circumstances::of(app, connection, &Actor::System)?;
    let cases = projection::cases_with_open_deadlines(connection, after, case_batch::most(connection))?;
    let ids = cases.iter().copied().map(CaseId::new).collect();
    let (mut moved, mut unreadable) = (0, 0);
    for (case, done) in execute_on_each(connection, &circumstances, &ids, command)? {
        match done {
            // One case that cannot be reckoned must not keep the others at the old calendar.
            Err(ServiceError::Refused(refusal)) => {
                tracing::error!(%case, %refusal, "a case refused its recomputation")
            }
            Err(error) if is_unreadable(&error) => {
                unreadable += 1;
                tracing::error!(%case, %error, "a case cannot be read for its recomputation; `daowei verify` says more")
            }
            done => moved += usize::from(done? == Done::Changed),
        }
    }
    Ok((cases.last().copied(), moved, unreadable))
}
