//! Tells the alarms that have come: due soon, due, overdue, each once, in proportion to what is due.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::id::CaseId;
use store::{AnyConnection, case_batch, projection};

use super::batch::{self, OfClocks, Slice};
use crate::app::App;
use crate::service::ServiceError;

/// Sweeps every deadline whose next alarm has come; answers how many cases had one.
///
/// # Errors
/// What the database says; what was told before stays told.
pub async fn sweep(app: &Arc<App>) -> Result<usize, ServiceError> {
    Ok(batch::through(app, &OfClocks::Sweep, due).await?.cases)
}

/// The place of an alarm in their order: day, case, number.
type Place = (NaiveDate, i64, i32);

fn due(
    connection: &mut AnyConnection,
    app: &App,
    after: Option<Place>,
) -> Result<Slice<Place>, ServiceError> {
    let today = app.clock.today(app.settings.time_zone);
    let due = projection::due_alarms(connection, today, after, case_batch::most(connection))?;
    Ok(Slice {
        cases: due.iter().map(|alarm| CaseId::new(alarm.case_id)).collect(),
        last: due.last().map(|alarm| (alarm.next_alarm_on, alarm.case_id, alarm.no)),
    })
}
