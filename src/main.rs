//! The one binary; its subcommands are in `cli`.

use std::process::ExitCode;

/// Under load the system's allocator kept twice the memory: threads that block each had an arena of their own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    daowei::cli::run(std::env::args_os())
}
