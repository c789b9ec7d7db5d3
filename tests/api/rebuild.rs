//! The read tables made again from the journal.

use std::process::Output;

use domain::id::CaseId;
use store::projection;

use crate::support::papers::claim;
use crate::support::{Installation, Town};

fn rebuild(installation: &Installation, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = installation.daowei(&[&["rebuild"], flags].concat());
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
    let installation = office.into_installation().await;

    let (code, told) = rebuild(&installation, &["--check"]);
    assert_eq!((code, told.lines().next()), (Some(1), Some("2 cases in the journal, 1 differ")));
    assert!(told.contains(&case.id), "{told}");
    let (code, told) = rebuild(&installation, &[]);
    assert_eq!(code, Some(0));
    assert!(told.starts_with("2 cases in the journal, 1 differed and were made again"), "{told}");
    let (code, told) = rebuild(&installation, &["--check"]);
    assert_eq!((code, &*told), (Some(0), "2 cases in the journal, 0 differ\n"));
}
