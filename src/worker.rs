//! What the system does by itself: the deadline sweep, the recomputation after a changed calendar, and purging
//! what has expired. One file a job.

mod purge;
mod recompute;
mod sweep;

use std::sync::Arc;

use crate::app::App;

pub use purge::purge;
pub use recompute::{mark_calendar_changed, recompute};
pub use sweep::sweep;

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
    if let Err(error) = purge(app).await {
        tracing::error!(error = ?error, "purging what has expired failed");
    }
}
