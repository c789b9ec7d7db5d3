//! How fast the journal is gone through: comparing the read tables with it, making them again, verifying it.

use std::sync::Arc;

use super::Bench;
use crate::app::App;
use crate::bench::report::Goal;
use crate::clock::Clock;
use crate::config::Settings;
use crate::config::keys::Keys;
use crate::worker;

const WAYS: [(&str, &[&str]); 3] =
    [("rebuild --check", &["rebuild", "--check"]), ("rebuild", &["rebuild"]), ("verify", &["verify"])];

/// Runs each as a program of its own.
///
/// # Errors
/// One of them cannot be started.
pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    bring_under_checkpoints(bench)?;
    for (name, subcommand) in WAYS {
        let took = bench.programs.timed(subcommand)?;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rate = took.map(|took| bench.report.events as f64 / took.as_secs_f64());
        if rate.is_none() {
            bench.report.notes.push(format!("`daowei {name}` did not succeed"));
        }
        bench.report.goals.push(Goal::at_least(name, "events/s", 50_000.0, rate));
    }
    Ok(())
}

/// What was filled in at once, or written by a server that ended before its worker's turn, `verify` would report as uncovered.
fn bring_under_checkpoints(bench: &Bench) -> anyhow::Result<()> {
    let settings = Settings::check(&bench.given)?;
    let keys = Keys::load(&settings)?;
    let app = Arc::new(App::build(settings, &keys, Clock::system())?);
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut made = Ok(1);
        while made.as_ref().is_ok_and(|made| *made > 0) {
            made = worker::checkpoint(&app).await;
        }
        worker::retire(&app).await;
        app.store.close().await;
        made.map(drop).map_err(|error| anyhow::anyhow!("no checkpoint could be made: {error:?}"))
    })
}
