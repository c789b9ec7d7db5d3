//! The subcommands; one file each.

mod backup;
mod bench;
mod copy;
mod demo;
mod import;
mod keys;
mod migrate;
mod openapi;
mod rebuild;
mod restore;
mod serve;
mod user;
mod verify;
mod watched;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{Given, Settings, with_file};

/// Petition and complaint (信访) case management
#[derive(Parser)]
#[command(name = "daowei", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a municipality to try everything on, and serve it
    Demo(demo::Demo),
    /// Answer requests until SIGTERM or SIGINT
    Serve(serve::Serve),
    /// Manage the accounts of staff
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage the master keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Take over the petitions of another system from a table
    Import(Box<import::Import>),
    /// Print the OpenAPI document
    Openapi,
    /// Bring the tables of the database up to date, and do nothing else
    Migrate(migrate::Migrate),
    /// Make the read tables again from the journal, or compare them with it
    Rebuild(rebuild::Rebuild),
    /// Check that journal, read tables and references hold together, and end with 1 where they do not
    Verify(verify::Verify),
    /// Make data and measure how fast the server is on it
    Bench(Box<bench::Bench>),
    /// Write the embedded database into a file, beside a server that goes on
    Backup(Box<backup::Backup>),
    /// Put a backup in the place of the embedded database, after verifying all of it
    Restore(Box<restore::Restore>),
    /// Move everything from one database to another, of either engine
    Copy(Box<copy::Copy>),
}

/// Runs the program with its arguments, the first of which is its name.
pub fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.collect();
    let done = parse(&arguments).and_then(|line| match line.command {
        Command::Demo(demo) => demo.run(),
        Command::Serve(serve) => serve.run(),
        Command::User(user) => user.run(),
        Command::Keys(keys) => keys.run(),
        Command::Import(import) => import.run(),
        Command::Openapi => openapi::run(),
        Command::Migrate(migrate) => migrate.run(),
        Command::Rebuild(rebuild) => rebuild.run(),
        Command::Verify(verify) => verify.run(),
        Command::Bench(bench) => bench.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Copy(copy) => copy.run(),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("daowei: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[OsString]) -> anyhow::Result<CommandLine> {
    let command = with_file(CommandLine::command(), arguments)?;
    let matches = command.get_matches_from(arguments);
    Ok(CommandLine::from_arg_matches(&matches)?)
}

/// Checks the settings and begins to log; every subcommand with settings starts so.
///
/// # Errors
/// All faults of the settings at once.
pub fn begin(given: &Given) -> anyhow::Result<Settings> {
    let settings = Settings::check(given)?;
    crate::telemetry::log_to_standard_error(&settings);
    Ok(settings)
}
