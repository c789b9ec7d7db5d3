//! The read tables made again from the journal.

use std::path::Path;
use std::process::{Command, Output};

use domain::id::CaseId;
use store::projection;

use crate::support::Town;
use crate::support::papers::claim;

fn rebuild(data: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daowei"));
    command.arg("rebuild").args(flags).arg("--data").arg(data);
    let Output { status, stdout, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap())
}

#[tokio::test]
async fn a_lost_read_row_is_found_and_made_again() {
    let town = Town::open().await;
    let case = town.clerk.files(claim()).await;
    town.reviewed().await;
    let id: CaseId = case.id.parse().unwrap();
    let Town { office, .. } = town;
    let app = std::sync::Arc::clone(&office.app);
    let lost = app.store.write(move |connection| projection::delete(connection, id.get()));
    lost.await.unwrap();
    drop(app);
    let data = office.into_data().await;

    let (code, told) = rebuild(data.path(), &["--check"]);
    assert_eq!((code, told.lines().next()), (Some(1), Some("2 cases in the journal, 1 differ")));
    assert!(told.contains(&case.id), "{told}");
    let (code, told) = rebuild(data.path(), &[]);
    assert_eq!(code, Some(0));
    assert!(told.starts_with("2 cases in the journal, 1 differed and were made again"), "{told}");
    let (code, told) = rebuild(data.path(), &["--check"]);
    assert_eq!((code, &*told), (Some(0), "2 cases in the journal, 0 differ\n"));
}
