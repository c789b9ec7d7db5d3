//! A server of a test's own.

use std::fs::{self, File};
use std::io::{self, Error};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::programs::{Programs, User};
use crate::skipped;
use crate::watchdog::Watchdog;

/// What a server is always given; it listens on nothing but a socket in its own directory.
const STANDING: [&str; 4] =
    ["listen_addresses=", "port=5432", "max_connections=200", "logging_collector=off"];
const PAUSE: Duration = Duration::from_millis(10);
/// A minute in pauses: the crash recovery of a killed server is in it.
const MOST_PAUSES: u32 = 6000;

/// How a server is asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Connections are cut, and everything is written to disk.
    Fast,
    /// As a crash: the next start recovers.
    Immediate,
}

/// A server in a temporary directory, which listens on a socket there; ended and removed with this value.
#[derive(Debug)]
pub struct PrivateServer {
    programs: Programs,
    user: Option<User>,
    home: PathBuf,
    options: Vec<String>,
    running: Option<Child>,
    watchdog: Watchdog,
}

impl PrivateServer {
    /// For tests that are not about what a power cut leaves.
    pub const FORGETFUL: [&str; 2] = ["fsync=off", "full_page_writes=off"];

    /// A new server with further settings, as `name=value`; without any it keeps what it has confirmed.
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(&std::env::temp_dir(), options)
    }

    /// As [`PrivateServer::start`], in a directory below this one.
    pub fn start_in(directory: &Path, options: &[&str]) -> Self {
        let Some(programs) = Programs::find() else {
            skipped::target("there is no PostgreSQL: neither TEST_DATABASE_URL nor postgres and initdb");
        };
        Self::try_start(programs, directory, options)
            .unwrap_or_else(|error| panic!("no private server: {error}"))
    }

    fn try_start(programs: Programs, directory: &Path, options: &[&str]) -> io::Result<Self> {
        let mut server = Self::prepare(programs, directory, options)?;
        let standing = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"];
        server.run("initdb", &[&standing[..], &["--pgdata=data"]].concat())?;
        server.try_restart()?;
        Ok(server)
    }

    fn prepare(programs: Programs, directory: &Path, options: &[&str]) -> io::Result<Self> {
        let home = tempfile::Builder::new().prefix("daowei-pg-").tempdir_in(directory)?.keep();
        let watchdog = Watchdog::over(&home)?;
        let is_root = fs::metadata(&home)?.uid() == 0;
        let user = if is_root {
            let missing =
                || Error::other("neither postgres nor nobody is a user, and a server refuses to run as root");
            Some(User::of_servers().ok_or_else(missing)?)
        } else {
            None
        };
        if let Some(User { uid, gid }) = user {
            std::os::unix::fs::chown(&home, Some(uid), Some(gid))?;
        }
        let options = STANDING.iter().chain(options).map(|option| (*option).to_owned()).collect();
        Ok(Self { programs, user, home, options, running: None, watchdog })
    }

    /// Runs one of the programs to its end.
    fn run(&self, program: &str, arguments: &[&str]) -> io::Result<()> {
        let ran = self.programs.command(program, self.user, &self.home).args(arguments).output()?;
        if ran.status.success() {
            return Ok(());
        }
        Err(Error::other(format!("{program}: {}", String::from_utf8_lossy(&ran.stderr))))
    }

    /// The address of a database here.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}&port=5432", self.home.display())
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }

    /// Stops the server and waits until it has.
    pub fn stop(&mut self, how: Stop) {
        self.end(match how {
            Stop::Fast => "INT",
            Stop::Immediate => "QUIT",
        });
    }

    /// Kills the server and every process of its own, as a machine that loses its power would.
    pub fn kill_9(&mut self) {
        self.end("KILL");
    }

    fn end(&mut self, signal: &str) {
        let Some(mut server) = self.running.take() else { return };
        let mut processes = vec![server.id()];
        if signal == "KILL" {
            processes.extend(children_of(server.id()));
        }
        send(signal, &processes);
        if let Err(error) = server.wait().and_then(|_| self.watchdog.watch(None)) {
            panic!("the server could not be ended: {error}");
        }
    }

    /// Stops every process of the server where it is, so that nothing is answered and no connection breaks.
    pub fn freeze(&self) {
        self.send_all("STOP");
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.send_all("CONT");
    }

    fn send_all(&self, signal: &str) {
        if let Some(server) = &self.running {
            let mut processes = children_of(server.id());
            processes.push(server.id());
            send(signal, &processes);
        }
    }

    /// Starts the server again after it was stopped or killed, and waits until it answers.
    pub fn restart(&mut self) {
        self.try_restart().unwrap_or_else(|error| panic!("the server did not start again: {error}"));
    }

    fn try_restart(&mut self) -> io::Result<()> {
        if self.running.is_some() {
            self.end("INT");
        }
        for _ in 0..MOST_PAUSES {
            let server = match &mut self.running {
                Some(server) => server,
                None => self.running.insert(spawn(&self.programs, self.user, &self.home, &self.options)?),
            };
            self.watchdog.watch(Some(server.id()))?;
            // It refuses to start as long as a process of one that was killed is still about.
            if server.try_wait()?.is_some() {
                self.running = None;
                if !self
                    .log()
                    .trim_end()
                    .ends_with("terminate any old server processes associated with data directory")
                {
                    break;
                }
            } else if self.answers() {
                return Ok(());
            }
            sleep(PAUSE);
        }
        Err(Error::other(self.log()))
    }

    fn answers(&self) -> bool {
        PgConnection::establish(&self.url("postgres")).is_ok()
    }

    /// Runs statements in a database of the server.
    pub fn execute(&self, database: &str, statements: &str) {
        let executed =
            PgConnection::establish(&self.url(database)).map_err(|error| error.to_string()).and_then(
                |mut connection| connection.batch_execute(statements).map_err(|error| error.to_string()),
            );
        executed.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// A second server that follows this one by streaming, with further settings of its own.
    pub fn replica(&self, options: &[&str]) -> Self {
        let made = || {
            let parent = self.home.parent().unwrap_or(&self.home);
            let mut replica = Self::prepare(self.programs.clone(), parent, options)?;
            let source = format!("--dbname={}", self.url("postgres"));
            let backup =
                ["--pgdata=data", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", &source];
            replica.run("pg_basebackup", &backup)?;
            replica.try_restart()?;
            Ok(replica)
        };
        made().unwrap_or_else(|error: Error| panic!("no replica: {error}"))
    }

    /// Makes a replica a server that takes writes, and waits until it does.
    pub fn promote(&self) {
        self.execute("postgres", "SELECT pg_promote()");
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if let Some(mut server) = self.running.take() {
            // A frozen process takes no signal but this before it goes on.
            send("CONT", &children_of(server.id()));
            send("CONT", &[server.id()]);
            send("QUIT", &[server.id()]);
            let _ = server.wait();
            let _ = self.watchdog.watch(None);
        }
    }
}

fn spawn(programs: &Programs, user: Option<User>, home: &Path, options: &[String]) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(home.join("log"))?;
    let mut server = programs.command("postgres", user, home);
    server.args(["-D", "data", "-c"]).arg(format!("unix_socket_directories={}", home.display()));
    for option in options {
        server.args(["-c", option]);
    }
    server.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

/// Every process that the other one has started; none where the system does not tell.
fn children_of(parent: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter(|process| parent_of(*process) == Some(parent)).collect()
}

fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold anything; after it come the state and the parent.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Through the shell, because the standard library sends no signal but one.
fn send(signal: &str, processes: &[u32]) {
    let numbers: Vec<String> = processes.iter().map(ToString::to_string).collect();
    let sent = Command::new("sh").args(["-c", r#"kill -s "$@""#, "sh", signal]).args(numbers).output();
    if let Err(error) = sent {
        panic!("no signal {signal} could be sent: {error}");
    }
}
