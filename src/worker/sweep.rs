//! Tells the alarms that have come: due soon, due, overdue, each once, in proportion to what is due.

use std::sync::Arc;

use domain::access::Actor;
use domain::case::Command;
use domain::id::CaseId;
use store::projection;

use crate::app::App;
use crate::http::conditional::Expected;
use crate::service::ServiceError;
use crate::service::execute::{Circumstances, execute};

/// How many alarms one write transaction takes, so that people's writes are not kept waiting.
const SLICE: i64 = 50;

/// Sweeps every deadline whose next alarm has come; answers how many cases had one.
///
/// # Errors
/// What the database says; what was told before stays told.
pub async fn sweep(app: &Arc<App>) -> Result<usize, ServiceError> {
    let mut swept = 0;
    loop {
        let inner = Arc::clone(app);
        let (found, told) = app
            .store
            .write(move |connection| {
                let circumstances = Circumstances::of(&inner, connection, &Actor::System)?;
                let today = circumstances.context(None).today;
                let due = projection::due_alarms(connection, today, None, SLICE)?;
                let mut cases: Vec<CaseId> = due.iter().map(|alarm| CaseId::new(alarm.case_id)).collect();
                cases.sort_unstable();
                cases.dedup();
                for case in &cases {
                    execute(connection, &circumstances, *case, &Expected::Any, &Command::Sweep)?;
                }
                Ok::<_, ServiceError>((due.len(), cases.len()))
            })
            .await?;
        swept += told;
        if i64::try_from(found).is_ok_and(|found| found < SLICE) {
            return Ok(swept);
        }
    }
}
