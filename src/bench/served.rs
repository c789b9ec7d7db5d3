//! The programs that are measured, each a process of its own: this same executable.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::process::Process;
use super::stopwatch::Stopwatch;
use crate::config::Given;

/// How a program is started on the settings of the measurement.
#[derive(Clone)]
pub struct Programs {
    executable: PathBuf,
    given: Given,
    /// Where the programs write their logs.
    log: PathBuf,
}

/// A server that answers.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
    /// From its start until it said that it answers.
    pub ready_after: Duration,
}

impl Programs {
    /// This executable on these settings.
    ///
    /// # Errors
    /// The executable's own path is not known.
    pub fn new(given: &Given) -> anyhow::Result<Self> {
        let executable = std::env::current_exe().context("the path of this program")?;
        let log = PathBuf::from(&given.data).join("bench.log");
        Ok(Self { executable, given: given.clone(), log })
    }

    /// A subcommand; its logs go to a file in the data directory.
    fn command(&self, subcommand: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(&self.executable);
        command.args(subcommand).args(["--data", &self.given.data, "--log", &self.given.log]);
        command.args(["--workers", &self.given.workers]);
        command.args(["--database-connections", &self.given.database_connections]);
        // Not as a flag: an address may hold a password, which others on the machine could see.
        if let Some(url) = &self.given.database_url {
            command.env("DATABASE_URL", url);
        }
        if let Some(config) = &self.given.config {
            command.arg("--config").arg(config);
        }
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot write {}", self.log.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        Ok(command)
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Errors
    /// It does not come up; the log says why.
    pub fn serve(&self) -> anyhow::Result<Served> {
        let limits = ["--sign-in-rate", "1000000", "--public-rate", "1000000", "--second-factor-for", "none"];
        let mut command = self.command(&["serve"])?;
        command.args(["--json", "--listen", "127.0.0.1:0"]).args(limits);
        self.started(command)
    }

    /// Starts the bare server that the real one is compared with.
    ///
    /// # Errors
    /// It does not come up; the log says why.
    pub fn serve_floor(&self, bytes: &PathBuf) -> anyhow::Result<Served> {
        let mut command = self.command(&["bench", "floor"])?;
        command.arg("--bytes").arg(bytes);
        self.started(command)
    }

    fn started(&self, mut command: Command) -> anyhow::Result<Served> {
        let watch = Stopwatch::start();
        let mut child = command.spawn().context("cannot start this program again")?;
        let output = child.stdout.take().context("a program without output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let ready_after = watch.elapsed();
        let ready: Option<Value> = serde_json::from_str(&line).ok();
        let url = ready.as_ref().and_then(|ready| ready.get("url")?.as_str()?.strip_prefix("http://"));
        let Some(address) = url else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("the server did not come up; see {}", self.log.display());
        };
        Ok(Served { address: address.parse()?, child, ready_after })
    }

    /// Runs a subcommand to its end: how long it took, or none where it failed.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn timed(&self, subcommand: &[&str]) -> anyhow::Result<Option<Duration>> {
        let mut command = self.command(subcommand)?;
        command.stdout(Stdio::null());
        let watch = Stopwatch::start();
        let ended = command.status().context("cannot start this program again")?;
        Ok(ended.success().then(|| watch.elapsed()))
    }
}

impl Served {
    /// The server's process.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Errors
    /// It cannot be reached.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process number")?;
        kill_process(pid, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Served {
    /// A measurement that failed leaves no server behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
