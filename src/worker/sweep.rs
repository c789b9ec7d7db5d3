//! Tells the alarms that have come: due soon, due, overdue, each once, in proportion to what is due.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::access::Actor;
use domain::case::Command;
use domain::id::CaseId;
use store::{AnyConnection, case_batch, projection};

use super::{is_unreadable, step};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::execute::{Circumstances, execute_on_each};

/// Sweeps every deadline whose next alarm has come; answers how many cases had one.
///
/// # Errors
/// What the database says; what was told before stays told.
pub async fn sweep(app: &Arc<App>) -> Result<usize, ServiceError> {
    let mut swept = 0;
    let mut after = None;
    loop {
        let inner = Arc::clone(app);
        let step = step(app, move |connection| sweep_slice(connection, &inner, after)).await?;
        let Some((last, told)) = step else { return Ok(swept) };
        swept += told;
        match last {
            Some(_) => after = last,
            None => return Ok(swept),
        }
    }
}

/// The place of an alarm in their order: day, case, number.
type Place = (NaiveDate, i64, i32);

fn sweep_slice(
    connection: &mut AnyConnection,
    app: &App,
    after: Option<Place>,
) -> Result<(Option<Place>, usize), ServiceError> {
    let circumstances = Circumstances::of(app, connection, &Actor::System)?;
    let today = circumstances.context(None).today;
    let due = projection::due_alarms(connection, today, after, case_batch::most(connection))?;
    let cases: BTreeSet<CaseId> = due.iter().map(|alarm| CaseId::new(alarm.case_id)).collect();
    for (case, swept) in execute_on_each(connection, &circumstances, &cases, &Command::Sweep)? {
        match swept {
            // One case that cannot be swept must not keep the others' alarms from being told.
            Err(ServiceError::Refused(refusal)) => {
                tracing::error!(%case, %refusal, "a case refused its sweep")
            }
            Err(error) if is_unreadable(&error) => {
                tracing::error!(%case, %error, "a case cannot be read for its sweep; `daowei verify` says more")
            }
            swept => drop(swept?),
        }
    }
    let last = due.last().map(|alarm| (alarm.next_alarm_on, alarm.case_id, alarm.no));
    Ok((last, cases.len()))
}
