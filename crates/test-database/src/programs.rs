//! Where PostgreSQL's programs are, and as whom they run.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian puts the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
const NEEDED: [&str; 2] = ["postgres", "initdb"];

/// PostgreSQL's programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    directory: PathBuf,
}

impl Programs {
    /// Those in the directory that `TEST_POSTGRES_PROGRAMS` names; or else on the `PATH`, or else the newest that
    /// Debian's packages installed.
    pub(crate) fn find() -> Option<Self> {
        if let Some(directory) = std::env::var_os("TEST_POSTGRES_PROGRAMS") {
            return Some(Self { directory: directory.into() })
                .filter(|programs| has_all(&programs.directory));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).find(|directory| has_all(directory));
        let directory = on_path.or_else(newest_of_debian)?;
        // A link on the path leads to where the other programs of the same version are.
        let postgres = fs::canonicalize(directory.join("postgres")).ok()?;
        let directory = postgres.parent().filter(|beside| has_all(beside)).unwrap_or(&directory);
        Some(Self { directory: directory.to_owned() })
    }

    /// The program, to be run as the user in the directory, with messages in English.
    pub(crate) fn command(&self, program: &str, user: Option<User>, directory: &Path) -> Command {
        let mut command = Command::new(self.directory.join(program));
        // A terminal's interrupt is for the tests, which then end the server in order.
        command.current_dir(directory).env("LC_ALL", "C").process_group(0);
        for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS"] {
            command.env_remove(variable);
        }
        if let Some(User { uid, gid }) = user {
            command.uid(uid).gid(gid);
        }
        command
    }
}

fn has_all(directory: &Path) -> bool {
    NEEDED.iter().all(|program| directory.join(program).is_file())
}

fn newest_of_debian() -> Option<PathBuf> {
    let version =
        |path: &Path| path.file_name().and_then(OsStr::to_str).and_then(|name| name.parse::<u32>().ok());
    let versions = fs::read_dir(DEBIAN).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut installed: Vec<PathBuf> = versions.filter(|path| has_all(&path.join("bin"))).collect();
    installed.sort_by_key(|path| version(path));
    Some(installed.pop()?.join("bin"))
}

/// Somebody of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl User {
    /// As whom the root user starts a server, which refuses to run as root.
    pub(crate) fn of_servers() -> Option<Self> {
        let known = fs::read_to_string("/etc/passwd").ok()?;
        let named = |wanted: &str| {
            known.lines().find_map(|line| match line.split(':').collect::<Vec<_>>().as_slice() {
                [name, _, uid, gid, ..] if *name == wanted => {
                    Some(Self { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
                }
                _ => None,
            })
        };
        named("postgres").or_else(|| named("nobody"))
    }
}
