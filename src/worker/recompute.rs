//! Reckons the open deadlines again after the holiday calendar has changed, as events.
//!
//! The change leaves a mark in the same transaction; the mark goes when every case is done, so that a crash in
//! between only makes the worker begin again.

use std::sync::Arc;

use domain::id::CaseId;
use domain::text::Remark;
use store::{AnyConnection, StoreError, case_batch, meta, projection};

use super::batch::{self, OfClocks, Slice};
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
    // What is still being written may have been reckoned by the calendar of before, and is to be found.
    app.store.await_earlier_writes().await?;
    let outcome = batch::through(app, &OfClocks::Recompute(reason), with_open_clocks).await?;
    // Another process that has taken the work over begins again, because the mark is still there.
    if outcome.taken_over {
        return Ok(outcome.changed);
    }
    if outcome.left > 0 {
        // They may be free or readable later, as when a key is brought back, and have the old calendar until then.
        tracing::error!(
            left = outcome.left,
            "cases were left at the calendar of before; they are tried again"
        );
        return Ok(outcome.changed);
    }
    step(app, move |connection| Ok(meta::clear_calendar_mark(connection, &mark)?)).await?;
    Ok(outcome.changed)
}

fn with_open_clocks(
    connection: &mut AnyConnection,
    _app: &App,
    after: Option<i64>,
) -> Result<Slice<i64>, ServiceError> {
    let cases = projection::cases_with_open_deadlines(connection, after, case_batch::most(connection))?;
    let last = cases.last().copied();
    Ok(Slice { cases: cases.into_iter().map(CaseId::new).collect(), last })
}
