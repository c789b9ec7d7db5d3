//! Tells the alarms that have come: due soon, due, overdue, each once, in proportion to what is due.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::id::CaseId;
use store::{AnyConnection, case_batch, projection};

use super::batch::{self, OfClocks};
use super::step;
use crate::app::App;
use crate::service::ServiceError;

/// Sweeps every deadline whose next alarm has come; answers how many cases had one.
///
/// # Errors
/// What the database says; what was told before stays told.
pub async fn sweep(app: &Arc<App>) -> Result<usize, ServiceError> {
    let mut swept = 0;
    let mut after = None;
    let mut left = BTreeSet::new();
    loop {
        let inner = Arc::clone(app);
        let step = step(app, move |connection| sweep_slice(connection, &inner, after)).await?;
        let Some(mut slice) = step else { return Ok(swept) };
        swept += slice.cases;
        left.append(&mut slice.left);
        match slice.last {
            Some(_) => after = slice.last,
            None => break,
        }
    }
    batch::alone(app, left, &OfClocks::Sweep).await?;
    Ok(swept)
}

/// The place of an alarm in their order: day, case, number.
type Place = (NaiveDate, i64, i32);

struct Slice {
    /// The last alarm of the slice; none after all of them.
    last: Option<Place>,
    cases: usize,
    /// Cases that are swept by themselves.
    left: BTreeSet<CaseId>,
}

fn sweep_slice(
    connection: &mut AnyConnection,
    app: &App,
    after: Option<Place>,
) -> Result<Slice, ServiceError> {
    let today = app.clock.today(app.settings.time_zone);
    let due = projection::due_alarms(connection, today, after, case_batch::most(connection))?;
    let cases: BTreeSet<CaseId> = due.iter().map(|alarm| CaseId::new(alarm.case_id)).collect();
    let (_, left) = batch::together(connection, app, &cases, &OfClocks::Sweep)?;
    let last = due.last().map(|alarm| (alarm.next_alarm_on, alarm.case_id, alarm.no));
    Ok(Slice { last, cases: cases.len(), left })
}
