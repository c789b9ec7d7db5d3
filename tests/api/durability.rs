//! What was answered is on disk: the process is killed in a burst of filings, and started again.

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::books::Audit;
use crate::support::papers::claim_of;
use crate::support::{Caller, PASSWORD, Process, Town};

/// So many phones send at once, each its next filing as soon as the last was answered.
const PHONES: u32 = 8;
/// After so many answers the process is killed, with every phone in the middle of another filing.
const ANSWERED_BEFORE_THE_KILL: usize = 30;

/// What became of a filing: its serial, and its case if the answer came.
type Sent = (u32, Option<Value>);

async fn grid_member(process: &Process) -> Caller {
    process.anyone().signed_in("grid", PASSWORD).await
}

/// Sends filings until the process is killed in the middle of them.
async fn burst(process: Process) -> Vec<Sent> {
    let caller = grid_member(&process).await;
    let (told, mut outcomes) = mpsc::unbounded_channel();
    let mut phones = JoinSet::new();
    for phone in 0..PHONES {
        phones.spawn(send_until_it_breaks(caller.clone(), phone * 100_000, told.clone()));
    }
    drop(told);
    let mut sent = Vec::new();
    while sent.len() < ANSWERED_BEFORE_THE_KILL {
        sent.push(outcomes.recv().await.unwrap());
    }
    assert!(
        sent.iter().all(|(_, case)| case.is_some()),
        "a filing was not answered though nobody was killed"
    );
    drop(process);
    while let Some(outcome) = outcomes.recv().await {
        sent.push(outcome);
    }
    phones.join_all().await;
    sent
}

async fn send_until_it_breaks(caller: Caller, first: u32, told: mpsc::UnboundedSender<Sent>) {
    for serial in first.. {
        let answered = keyed(&caller, serial).try_post("/cases", claim_of(serial)).await;
        let case = answered.map(|answered| answered.ok().body);
        let is_broken = case.is_none();
        told.send((serial, case)).unwrap();
        if is_broken {
            return;
        }
    }
}

fn keyed(caller: &Caller, serial: u32) -> Caller {
    caller.with("Idempotency-Key", &format!("burst-{serial}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_filing_survives_a_kill_in_the_middle_of_a_burst() {
    let installation = Town::open().await.office.into_installation().await;
    let sent = burst(installation.start(&["serve"])).await;
    let unanswered = sent.iter().filter(|(_, case)| case.is_none()).count();
    assert_eq!(u32::try_from(unanswered), Ok(PHONES), "every phone was in the middle of a filing");

    let process = installation.start(&["serve"]);
    let caller = grid_member(&process).await;
    for (serial, case) in &sent {
        // Without an answer the phone sends again, and whatever became of the first attempt it is one case.
        let again = keyed(&caller, *serial).post("/cases", claim_of(*serial)).await.ok();
        let Some(case) = case else { continue };
        assert_eq!(again.header("idempotent-replayed"), "true", "{serial} was answered and is lost");
        assert_eq!(&again.body, case);
        let path = format!("/cases/{}", case["id"].as_str().unwrap());
        assert_eq!(caller.get(&path).await.ok().body["case_no"], case["case_no"]);
    }
    drop(process);
    let case_count = i64::try_from(sent.len()).unwrap();
    let whole = Audit { integrity: "ok".to_owned(), case_count, differing: Vec::new() };
    assert_eq!(installation.audit(), whole);
}
