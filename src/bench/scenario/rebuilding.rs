//! How fast the journal is gone through: comparing the read tables with it, making them again, verifying it.

use super::Bench;
use crate::bench::report::Goal;

const WAYS: [(&str, &[&str]); 3] =
    [("rebuild --check", &["rebuild", "--check"]), ("rebuild", &["rebuild"]), ("verify", &["verify"])];

/// Runs each as a program of its own.
///
/// # Errors
/// One of them cannot be started.
pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
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
