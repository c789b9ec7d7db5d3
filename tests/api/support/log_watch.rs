//! Reads every line that the suite's servers log, in this process and in others, and ends the suite at the first that tells what
//! no log may tell.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::{Mutex, Once};

use tracing_subscriber::EnvFilter;

use super::PASSWORD;
use super::papers::{IDENTITY, NAME, PHONE};

/// As much as this program itself ever says, and what its libraries say by default.
pub const FILTER: &str = "info,daowei=trace,store=trace,domain=trace";

/// What petitioners of most stories are called, what they ask for, and what opens the door to it. A token begins as every JSON
/// object in base64url does.
const SECRETS: [&str; 8] =
    [PASSWORD, NAME, PHONE, IDENTITY, "荷花池头", "三万六千元", "收受工程回扣", "eyJ"];
/// A refresh token or a challenge is 43 characters of base64url, the secret of an authenticator 32 of base32.
const LEAST_SECRET: usize = 32;

/// What a test waits for, and how many lines have had it.
static AWAITED: Mutex<Vec<(String, u64)>> = Mutex::new(Vec::new());

/// Counts from now on the lines that have the words.
pub fn await_words(words: &str) {
    AWAITED.lock().unwrap().push((words.to_owned(), 0));
}

/// How many lines have had the words.
pub fn count_of(words: &str) -> u64 {
    AWAITED.lock().unwrap().iter().find(|(awaited, _)| awaited == words).unwrap().1
}

/// What the line tells that it must not.
pub fn secret_in(line: &str) -> Option<&str> {
    let known = SECRETS.into_iter().find(|secret| line.contains(secret));
    known.or_else(|| words_of(line).find(|word| is_random(word)))
}

fn words_of(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
}

/// Whether the word looks as if nobody could guess it; digests and the ids of requests are all of hexadecimal digits.
fn is_random(word: &str) -> bool {
    let has = |what: fn(&char) -> bool| word.chars().any(|c| what(&c));
    let mixed = has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase) && has(char::is_ascii_digit);
    let base32 = word.chars().all(|c| c.is_ascii_uppercase() || ('2'..='7').contains(&c));
    word.len() >= LEAST_SECRET && (mixed || base32)
}

fn read(line: &str) {
    for (words, count) in AWAITED.lock().unwrap().iter_mut() {
        *count += u64::from(line.contains(words.as_str()));
    }
    if let Some(secret) = secret_in(line) {
        // A panic would end a thread of the server alone, and be answered as an internal error; what `eprintln` says is kept back
        // by the tests' runner, which ends here.
        let _ = writeln!(io::stderr(), "a log tells {secret}: {line}");
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
