//! `cargo bench`: a small `daowei bench` in a directory that goes away; what follows `--` goes to it.

use std::ffi::OsString;
use std::process::ExitCode;

/// What `daowei bench` is told unless the caller says otherwise.
const SMALL: [&str; 4] = ["--cases", "10000", "--seconds", "2"];

fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().collect();
    // The programs that are measured are this executable again, with a subcommand first.
    let is_measured = given.get(1).is_some_and(|first| !first.to_string_lossy().starts_with('-'));
    if is_measured {
        return daowei::cli::run(given.into_iter());
    }
    let data = match tempfile::tempdir() {
        Ok(data) => data,
        Err(error) => {
            eprintln!("no temporary directory: {error}");
            return ExitCode::FAILURE;
        }
    };
    let own = given.into_iter().skip(1).filter(|argument| argument != "--bench");
    let whole =
        ["daowei".into(), "bench".into(), "--data".into(), data.path().into(), "--log".into(), "warn".into()];
    daowei::cli::run(whole.into_iter().chain(SMALL.map(OsString::from)).chain(own))
}
