//! Reckons the open deadlines again after the holiday calendar has changed, as events.
//!
//! The change leaves a mark in the same transaction; the mark goes when every case is done, so that a crash in
//! between only makes the worker begin again.

use std::sync::Arc;

use domain::access::Actor;
use domain::case::Command;
use domain::id::CaseId;
use domain::text::Remark;
use store::meta::CALENDAR_CHANGED_BECAUSE as MARK;
use store::{AnyConnection, StoreError, meta, projection};

use crate::app::App;
use crate::http::conditional::Expected;
use crate::service::ServiceError;
use crate::service::execute::{Circumstances, execute};

const SLICE: i64 = 50;

/// Leaves the mark that deadlines are to be recomputed, with the reason that their events will give.
///
/// # Errors
/// What the database says.
pub fn mark_calendar_changed(connection: &mut AnyConnection, reason: &Remark) -> Result<(), StoreError> {
    meta::set(connection, MARK, reason.as_str())
}

/// Recomputes where the calendar has changed; answers how many cases it changed.
///
/// # Errors
/// What the database says; the mark stays, so that the next run begins again.
pub async fn recompute(app: &Arc<App>) -> Result<usize, ServiceError> {
    let Some(told) = app.store.read(|connection| meta::get(connection, MARK)).await? else { return Ok(0) };
    let reason = Remark::parse(&told).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let mut changed = 0;
    let mut after = None;
    loop {
        let inner = Arc::clone(app);
        let command = Command::Recompute(reason.clone());
        let (last, moved) = app
            .store
            .write(move |connection| {
                let circumstances = Circumstances::of(&inner, connection, &Actor::System)?;
                let cases = projection::cases_with_open_deadlines(connection, after, SLICE)?;
                let mut moved = 0;
                for case in &cases {
                    let id = CaseId::new(*case);
                    let before = store::cases::find(connection, *case)?.map(|row| row.version);
                    let case = execute(connection, &circumstances, id, &Expected::Any, &command)?;
                    moved += usize::from(before.map(i64::from) != Some(i64::from(case.version)));
                }
                Ok::<_, ServiceError>((cases.last().copied(), moved))
            })
            .await?;
        changed += moved;
        match last {
            Some(_) => after = last,
            None => break,
        }
    }
    let done = told.clone();
    app.store.write(move |connection| meta::clear(connection, MARK, &done)).await?;
    Ok(changed)
}
