//! What was answered is on disk: the process is killed in a burst of filings, and started again.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::Client;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::books::{Audit, audit};
use crate::support::papers::claim_of;
use crate::support::{Caller, PASSWORD, Town};

const SENT: u32 = 120;
/// After so many answers the process is killed, with others in the middle of their transaction.
const ANSWERED_BEFORE_THE_KILL: usize = 30;

/// The program itself, answering requests.
struct Process {
    child: Child,
    url: String,
}

impl Process {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_daowei"))
            .args(["serve", "--listen=127.0.0.1:0", "--json", "--data"])
            .arg(data)
            .env_remove("DAOWEI_KEY")
            .env_remove("DAOWEI_TOKEN_SECRET")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: ready["url"].as_str().unwrap().to_owned() }
    }

    async fn caller(&self) -> Caller {
        Caller::new(Client::new(), self.url.clone()).signed_in("grid", PASSWORD).await
    }

    /// SIGKILL: no handler runs, nothing is finished.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What a filing was answered: its serial and its case.
type Kept = (u32, Value);

/// Sends every filing at once; the process is killed while they are answered. The answers that came.
async fn burst(process: Process) -> Vec<Kept> {
    let caller = process.caller().await;
    let (answered, mut answers) = mpsc::unbounded_channel();
    let mut senders = JoinSet::new();
    for serial in 0..SENT {
        let (caller, answered) = (keyed(&caller, serial), answered.clone());
        senders.spawn(async move {
            if let Some(case) =
                caller.try_post("/cases", claim_of(serial)).await.filter(|case| case.status == 201)
            {
                answered.send((serial, case.body)).unwrap();
            }
        });
    }
    drop(answered);
    let mut kept = Vec::new();
    while kept.len() < ANSWERED_BEFORE_THE_KILL {
        kept.push(answers.recv().await.unwrap());
    }
    process.kill();
    while let Some(answer) = answers.recv().await {
        kept.push(answer);
    }
    senders.join_all().await;
    kept
}

fn keyed(caller: &Caller, serial: u32) -> Caller {
    caller.with("Idempotency-Key", &format!("burst-{serial}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_filing_survives_a_kill_in_the_middle_of_a_burst() {
    let data = Town::open().await.office.into_data().await;
    let kept = burst(Process::start(data.path())).await;
    assert!(kept.len() < usize::try_from(SENT).unwrap(), "all {} were answered before the kill", kept.len());

    let process = Process::start(data.path());
    let caller = process.caller().await;
    for (serial, case) in &kept {
        let replayed = keyed(&caller, *serial).post("/cases", claim_of(*serial)).await.ok();
        assert_eq!(replayed.header("idempotent-replayed"), "true", "{serial} was answered and is lost");
        assert_eq!(&replayed.body, case);
        let path = format!("/cases/{}", case["id"].as_str().unwrap());
        assert_eq!(caller.get(&path).await.ok().body["case_no"], case["case_no"]);
    }
    // The phone sends the others again: with their keys, whatever became of them, each is one case in the end.
    for serial in 0..SENT {
        keyed(&caller, serial).post("/cases", claim_of(serial)).await.ok();
    }
    process.kill();
    let whole = Audit { integrity: "ok".to_owned(), case_count: i64::from(SENT), differing: Vec::new() };
    assert_eq!(audit(data.path()), whole);
}
