//! The one binary; its subcommands are in `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    daowei::cli::run(std::env::args_os())
}
