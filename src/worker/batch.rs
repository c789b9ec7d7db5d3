//! What the clocks ask of many cases: told of them together, and of those that cannot be taken together one by one.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::access::Actor;
use domain::case::{Command, decide};
use domain::id::CaseId;
use domain::text::Remark;
use store::case_batch::{self, Change};
use store::{AnyConnection, StoreError};

use super::step;
use crate::app::App;
use crate::http::conditional::Expected;
use crate::service::ServiceError;
use crate::service::execute::{Circumstances, execute};

/// How many cases are changed one by one in a transaction.
const ALONE_AT_A_TIME: usize = 20;

/// What the system does to a case by itself, whatever the case is.
#[derive(Debug, Clone)]
pub(super) enum OfClocks {
    Sweep,
    Recompute(Remark),
}

impl OfClocks {
    fn command(&self) -> Command {
        match self {
            Self::Sweep => Command::Sweep,
            Self::Recompute(reason) => Command::Recompute(reason.clone()),
        }
    }
}

/// What became of cases.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Of how many something happened.
    pub(super) changed: usize,
    /// How many cannot be read.
    pub(super) unreadable: usize,
}

/// Changes those of the cases that can be changed together; how many it changed, and which are left to [`alone`].
///
/// # Errors
/// What the database says.
pub(super) fn together(
    connection: &mut AnyConnection,
    app: &App,
    cases: &BTreeSet<CaseId>,
    asked: &OfClocks,
) -> Result<(usize, BTreeSet<CaseId>), ServiceError> {
    let circumstances = Circumstances::of(app, connection, &Actor::System)?;
    let mut left = cases.clone();
    let mut changes = Vec::new();
    for before in case_batch::load_to_change(connection, cases)? {
        // One that refuses is left, and tells why.
        let Ok(events) = decide(&before.case, &asked.command(), &circumstances.context(None)) else {
            continue;
        };
        left.remove(&before.case.id);
        if !events.is_empty() {
            let after = before.case.advanced(&events);
            changes.push(Change { before, events, after });
        }
    }
    let next_id = &mut || app.ids.next_number();
    case_batch::write(connection, &changes, circumstances.rules(), circumstances.now, next_id)?;
    Ok((changes.len(), left))
}

/// Changes each of the cases by itself, a few in a transaction; none if another process has taken the work over. What one
/// says of it does not keep the others waiting.
///
/// # Errors
/// The first thing that the database said, after all were tried.
pub(super) async fn alone(
    app: &Arc<App>,
    cases: BTreeSet<CaseId>,
    asked: &OfClocks,
) -> Result<Option<Outcome>, ServiceError> {
    let cases: Vec<CaseId> = cases.into_iter().collect();
    let mut waiting: Vec<Vec<CaseId>> = cases.chunks(ALONE_AT_A_TIME).map(<[CaseId]>::to_vec).collect();
    let (mut all, mut failed) = (Outcome::default(), None);
    while let Some(some) = waiting.pop() {
        let (inner, these, asked) = (Arc::clone(app), some.clone(), asked.clone());
        match step(app, move |connection| one_by_one(connection, &inner, &these, &asked)).await {
            Ok(Some(outcome)) => {
                all.changed += outcome.changed;
                all.unreadable += outcome.unreadable;
            }
            Ok(None) => return Ok(None),
            Err(_) if some.len() > 1 => waiting.extend(some.into_iter().map(|case| vec![case])),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    failed.map_or(Ok(Some(all)), Err)
}

fn one_by_one(
    connection: &mut AnyConnection,
    app: &App,
    cases: &[CaseId],
    asked: &OfClocks,
) -> Result<Outcome, ServiceError> {
    let circumstances = Circumstances::of(app, connection, &Actor::System)?;
    let mut outcome = Outcome::default();
    for case in cases {
        let before = store::cases::find(connection, case.get())?.map(|row| i64::from(row.version));
        match execute(connection, &circumstances, *case, &Expected::Any, &asked.command()) {
            Err(ServiceError::Refused(refusal)) => {
                tracing::error!(%case, %refusal, "a case refuses what its clocks ask")
            }
            Err(error) if is_unreadable(&error) => {
                outcome.unreadable += 1;
                tracing::error!(%case, %error, "a case cannot be read for its clocks; `daowei verify` says more");
            }
            done => outcome.changed += usize::from(before != Some(i64::from(done?.version))),
        }
    }
    Ok(outcome)
}

/// Whether it is the journal of one case that cannot be read, and nothing was written yet.
fn is_unreadable(error: &ServiceError) -> bool {
    let ServiceError::Store(error) = error else { return false };
    matches!(
        error,
        StoreError::Erased
            | StoreError::Sealing(_)
            | StoreError::Broken { table: "events" | "case_keys", .. }
    )
}
