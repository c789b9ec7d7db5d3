//! The program itself, answering requests.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Caller, log_watch};

/// The program; killed with this value, as by SIGKILL: no handler runs, nothing is finished.
pub struct Process {
    child: Child,
    /// The line that it printed when it was ready.
    pub ready: Value,
}

impl Process {
    /// Starts a command that prints one line of JSON when it is ready, and waits for that.
    pub fn start(command: &mut Command) -> Self {
        command.env("DAOWEI_LOG", log_watch::FILTER);
        let mut child = command.arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        log_watch::follow(child.stderr.take().unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }

    /// Ends the child with this value.
    pub fn keep(child: Child) -> Self {
        Self { child, ready: Value::Null }
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        self.ready["url"].as_str().unwrap().to_owned()
    }

    /// Somebody who has not signed in.
    pub fn anyone(&self) -> Caller {
        Caller::new(reqwest::Client::new(), self.url())
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name]).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success(), "no signal {name}");
    }

    /// Asks it to end, and waits until it has.
    pub fn end(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success(), "it did not end in order");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
