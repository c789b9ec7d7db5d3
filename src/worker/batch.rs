//! What the clocks ask of many cases: done together, and of those that cannot be taken together one by one. Nobody who
//! holds a case is waited for: it is asked again in the next run.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::access::Actor;
use domain::case::{Command, decide};
use domain::id::CaseId;
use domain::text::Remark;
use store::case_batch::{self, Change};
use store::{AnyConnection, StoreError, case_journal, journal};

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

/// Some of the cases that something is asked of, in an order.
pub(super) struct Slice<Place> {
    pub(super) cases: BTreeSet<CaseId>,
    /// The place after which the next slice begins; none after the last.
    pub(super) last: Option<Place>,
}

/// Finds the slice after a place.
pub(super) type Find<Place> =
    fn(&mut AnyConnection, &App, Option<Place>) -> Result<Slice<Place>, ServiceError>;

/// What became of the cases.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// How many there were.
    pub(super) cases: usize,
    /// Of how many something happened.
    pub(super) changed: usize,
    /// How many were left as they are: those that cannot be read, and those that somebody else held.
    pub(super) left: usize,
    /// Whether another process has taken the work over, so that the rest is its own.
    pub(super) taken_over: bool,
}

/// Asks it of all cases, together where that can be. What becomes of one does not keep the others waiting.
///
/// # Errors
/// The first thing that the database said of a case, after all were tried; at once what it says of them all.
pub(super) async fn through<Place: Copy + Send + 'static>(
    app: &Arc<App>,
    asked: &OfClocks,
    find: Find<Place>,
) -> Result<Outcome, ServiceError> {
    let mut outcome = Outcome::default();
    let (mut after, mut alone) = (None, BTreeSet::new());
    loop {
        let (inner, what) = (Arc::clone(app), asked.clone());
        let both = move |connection: &mut AnyConnection| {
            let slice = find(connection, &inner, after)?;
            let (changed, left) = together(connection, &inner, &slice.cases, &what)?;
            Ok((slice, changed, left))
        };
        let inner = Arc::clone(app);
        let slice = match step(app, both).await {
            Ok(Some((slice, changed, mut left))) => {
                outcome.changed += changed;
                alone.append(&mut left);
                slice
            }
            Ok(None) => return Ok(Outcome { taken_over: true, ..outcome }),
            Err(error) if is_of_all(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "cases cannot be changed together, and are changed one by one");
                // What keeps a slice from being found, or from being decided on, is not of one case.
                let found = move |connection: &mut AnyConnection| {
                    Circumstances::of(&inner, connection, &Actor::System)?;
                    find(connection, &inner, after)
                };
                let Some(slice) = step(app, found).await? else {
                    return Ok(Outcome { taken_over: true, ..outcome });
                };
                alone.extend(&slice.cases);
                slice
            }
        };
        outcome.cases += slice.cases.len();
        match slice.last {
            Some(_) => after = slice.last,
            None => break,
        }
    }
    one_by_one(app, alone, asked, outcome).await
}

/// Changes those of the cases that can be changed together; how many it changed, and which are left.
fn together(
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

/// Changes each of the cases by itself, a few in a transaction, and each in one of its own where the few fail.
async fn one_by_one(
    app: &Arc<App>,
    cases: BTreeSet<CaseId>,
    asked: &OfClocks,
    mut outcome: Outcome,
) -> Result<Outcome, ServiceError> {
    let cases: Vec<CaseId> = cases.into_iter().collect();
    let mut waiting: Vec<Vec<CaseId>> = cases.chunks(ALONE_AT_A_TIME).map(<[CaseId]>::to_vec).collect();
    let (mut failed, mut in_a_row) = (None, 0);
    while let Some(some) = waiting.pop() {
        let (inner, these, what) = (Arc::clone(app), some.clone(), asked.clone());
        match step(app, move |connection| some_alone(connection, &inner, &these, &what)).await {
            Ok(Some((changed, left))) => {
                outcome.changed += changed;
                outcome.left += left;
                in_a_row = 0;
            }
            Ok(None) => return Ok(Outcome { taken_over: true, ..outcome }),
            Err(error) if is_of_all(&error) => return Err(error),
            Err(error) => match some.as_slice() {
                [case] => {
                    tracing::error!(%case, %error, "a case cannot be changed as its clocks ask");
                    in_a_row += 1;
                    // So many are hardly broken each by itself.
                    if in_a_row > ALONE_AT_A_TIME {
                        return Err(error);
                    }
                    failed = failed.or(Some(error));
                }
                _ => waiting.extend(some.into_iter().map(|case| vec![case])),
            },
        }
    }
    failed.map_or(Ok(outcome), Err)
}

/// How many were changed, and how many were left as they are.
fn some_alone(
    connection: &mut AnyConnection,
    app: &App,
    cases: &[CaseId],
    asked: &OfClocks,
) -> Result<(usize, usize), ServiceError> {
    let circumstances = Circumstances::of(app, connection, &Actor::System)?;
    let (mut changed, mut left) = (0, 0);
    for case in cases {
        if !case_journal::lock_if_free(connection, *case)? {
            left += 1;
            tracing::info!(%case, "somebody holds a case, whose clocks are looked at in the next run");
            continue;
        }
        let before = journal::version(connection, case.get())?;
        match execute(connection, &circumstances, *case, &Expected::Any, &asked.command()) {
            Err(ServiceError::Refused(refusal)) => {
                tracing::error!(%case, %refusal, "a case refuses what its clocks ask")
            }
            Err(error) if is_unreadable(&error) => {
                left += 1;
                tracing::error!(%case, %error, "a case cannot be read for its clocks; `daowei verify` says more");
            }
            done => changed += usize::from(i64::from(before) != i64::from(done?.version)),
        }
    }
    Ok((changed, left))
}

/// Whether it is the database that fails, and not what is asked of it: one case can have much to read, or be in somebody's hands.
fn is_of_all(error: &ServiceError) -> bool {
    let ServiceError::Store(error) = error else { return false };
    error.is_passing() && !matches!(error, StoreError::TimedOut { .. } | StoreError::Contended { .. })
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
