//! From the start of the server's process to its first answer, with the data set in the database.

use super::Bench;
use crate::bench::report::Goal;

const STARTS: usize = 5;

/// Starts the server several times.
///
/// # Errors
/// It does not come up.
pub fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let server = bench.programs.serve()?;
        times.push(server.ready_after);
        server.stop()?;
    }
    times.sort();
    let seconds = times.get(STARTS / 2).map(|median| median.as_secs_f64());
    bench.report.goals.push(Goal::at_most("start to ready", "s", 1.0, seconds));
    Ok(())
}
