//! Reads every line that the suite's servers log, in this process and in others, and ends the suite at the first that tells what
//! no log may tell.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing_subscriber::EnvFilter;

use super::PASSWORD;
use super::papers::{IDENTITY, NAME, PHONE};

/// As much as this program itself ever says, and what its libraries say by default.
pub const FILTER: &str = "info,daowei=trace,store=trace,domain=trace";

/// What petitioners of most stories are called, what they ask for, and what opens the door to it. A token begins as every JSON
/// object in base64url does.
const SECRETS: [&str; 7] = [PASSWORD, NAME, PHONE, IDENTITY, "荷花池头", "三万六千元", "eyJ"];

static LINES: AtomicU64 = AtomicU64::new(0);

/// How many lines were read in this process.
pub fn line_count() -> u64 {
    LINES.load(Ordering::Relaxed)
}

/// What the line tells that it must not.
pub fn secret_in(line: &str) -> Option<&'static str> {
    SECRETS.into_iter().find(|secret| line.contains(secret))
}

fn read(line: &str) {
    LINES.fetch_add(1, Ordering::Relaxed);
    if let Some(secret) = secret_in(line) {
        // A panic would end a thread of the server alone, and be answered as an internal error.
        eprintln!("a log tells {secret:?}: {line}");
        std::process::exit(101);
    }
}

struct Reader;

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        read(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads what is logged in this process from now on.
pub fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(FILTER));
        log.with_ansi(false).with_writer(|| Reader).init();
    });
}

/// Reads what another process logs, until it ends.
pub fn follow(log: impl Read + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            read(&line);
        }
    });
}
