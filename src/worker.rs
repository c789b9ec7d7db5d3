//! What the system does by itself: the deadline sweep, the recomputation after a changed calendar, checkpoints, and
//! purging what has expired. One file a job.

mod batch;
mod checkpoint;
mod purge;
mod recompute;
mod sweep;

use std::sync::Arc;

use store::{AnyConnection, leases};

use crate::app::App;
use crate::service::ServiceError;

pub use checkpoint::checkpoint;
pub use purge::purge;
pub use recompute::{mark_calendar_changed, recompute};
pub use sweep::sweep;

/// Of all processes on a database the one that holds this lease does the work.
const LEASE: &str = "worker";
/// Runs a step of a job in a write transaction if this process is the one that works; none if another is.
async fn step<T: Send + 'static>(
    app: &Arc<App>,
    work: impl Fn(&mut AnyConnection) -> Result<T, ServiceError> + Send + 'static,
) -> Result<Option<T>, ServiceError> {
    let (process, length) = (app.process, app.settings.worker_lease);
    let held = move |connection: &mut AnyConnection| {
        if !leases::hold(connection, LEASE, process, length)? {
            return Ok(None);
        }
        work(connection).map(Some)
    };
    app.store.write(held).await
}

/// Leaves the work to the other processes, as at an orderly end.
pub async fn retire(app: &App) {
    let process = app.process;
    if let Err(error) = app.store.write(move |connection| leases::release(connection, LEASE, process)).await {
        tracing::warn!(%error, "the lease of the worker was not given back and runs out by itself");
    }
}

/// Runs the jobs at every interval until the process ends.
pub async fn run(app: Arc<App>) {
    let mut ticks = tokio::time::interval(app.settings.sweep_interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        run_once(&app).await;
    }
}

/// Runs every job once; a job that fails is logged and tried again at the next interval.
pub async fn run_once(app: &Arc<App>) {
    match recompute(app).await {
        Ok(0) => {}
        Ok(changed) => tracing::info!(changed, "deadlines were recomputed under the changed calendar"),
        Err(error) => tracing::error!(error = ?error, "the recomputation of deadlines failed"),
    }
    match sweep(app).await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "cases had alarms to tell"),
        Err(error) => tracing::error!(error = ?error, "the deadline sweep failed"),
    }
    if let Err(error) = checkpoint(app).await {
        tracing::error!(error = ?error, "no checkpoint could be made; run `daowei verify`");
    }
    if let Err(error) = purge(app).await {
        tracing::error!(error = ?error, "purging what has expired failed");
    }
}
