//! What is said where a target cannot have its engine.

use std::io::Write;
use std::process::Command;

/// Names every test of this target as skipped and ends the process: in order, or under `CI=true` as a failure.
pub(crate) fn target(reason: &str) -> ! {
    let must_run = std::env::var("CI").as_deref() == Ok("true");
    // The harness of the tests takes what is printed, but not what is written.
    let mut told = std::io::stderr().lock();
    let _ = if must_run {
        writeln!(
            told,
            "\n{reason}: install PostgreSQL (Debian: apt-get install postgresql) or set TEST_DATABASE_URL"
        )
    } else {
        tests_of_this_target().iter().try_for_each(|test| writeln!(told, "skipped: {test} ({reason})"))
    };
    std::process::exit(i32::from(must_run));
}

/// Those that were asked for.
fn tests_of_this_target() -> Vec<String> {
    let listed = std::env::current_exe()
        .and_then(|program| Command::new(program).args(std::env::args_os().skip(1)).arg("--list").output());
    let listed =
        listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}
