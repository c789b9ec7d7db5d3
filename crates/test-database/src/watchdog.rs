//! What ends a server and removes its directory when the tests are gone, also where they were killed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Reads the number of the process to end, the last one counts; the end of its input is the end of the tests.
const SCRIPT: &str = r#"
server=
while read -r line; do server=$line; done
if [ -n "$server" ]; then
    kill -QUIT "$server" 2>/dev/null
    while kill -0 "$server" 2>/dev/null; do sleep 1; done
fi
rm -rf "$1"
"#;

/// A shell that waits for the end of this process.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// Watches over the directory.
    pub(crate) fn over(home: &Path) -> std::io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(home).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { shell: shell.process_group(0).spawn()? })
    }

    /// Watches over the process too, or over none any more.
    pub(crate) fn watch(&mut self, server: Option<u32>) -> std::io::Result<()> {
        let Some(input) = &mut self.shell.stdin else { return Ok(()) };
        match server {
            Some(server) => writeln!(input, "{server}"),
            None => writeln!(input),
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
