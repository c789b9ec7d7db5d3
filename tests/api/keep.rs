//! The restore drill: what was kept is put back, verified, and worked with.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use futures_util::future::join_all;

use crate::support::papers::{claim, claim_of};
use crate::support::{Installation, Office, PASSWORD, Town};

fn ran(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn backed_up(office: &Office, file: &Path) -> Command {
    office.installation.daowei(&["backup", file.to_str().unwrap()])
}

fn restored(installation: &Installation, file: &Path, flags: &[&str]) -> (Option<i32>, String) {
    ran(&mut installation.daowei(&[&["restore", file.to_str().unwrap()], flags].concat()))
}

/// What begins with the database's name in its directory.
fn beside(installation: &Installation) -> Vec<String> {
    let entries = std::fs::read_dir(installation.data()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.starts_with("daowei.db")).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_in_a_rush_hour_is_restored_where_the_database_was_lost() {
    let town = Town::open().await;
    let case = town.reviewed().await;
    let before = town.clerk.sees(&case).await;
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("night.db");
    let mut backup = backed_up(&town.office, &file);
    let backup = tokio::task::spawn_blocking(move || ran(&mut backup));
    join_all((0..20).map(|serial| town.grid.files(claim_of(serial)))).await;
    let (code, told) = backup.await.unwrap();
    assert!(code == Some(0) && told.contains("keep keys/ too"), "{told}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(kept.path()).unwrap().count(), 1, "something lies beside the backup");

    let (code, told) = ran(&mut backed_up(&town.office, &file));
    assert!(code == Some(1) && told.contains("is there already"), "{told}");
    let (code, told) = ran(backed_up(&town.office, &file).arg("--force"));
    assert!(code == Some(0) && told.contains("21 cases"), "{told}");

    let installation = town.office.into_installation().await;
    for name in beside(&installation) {
        std::fs::remove_file(installation.data().join(name)).unwrap();
    }
    let (code, told) = restored(&installation, &file, &[]);
    assert!(code == Some(0) && told.contains("21 cases") && told.contains("0 faults"), "{told}");
    assert!(told.contains("the keys open what was sealed last"), "{told}");
    installation.is_private();
    let (code, told) = ran(&mut installation.daowei(&["verify"]));
    assert_eq!(code, Some(0), "{told}");
    let process = installation.start(&["serve"]);
    let clerk = process.anyone().signed_in("clerk", PASSWORD).await;
    let now = clerk.get(&case.path()).await.ok().body;
    assert_eq!(now["petitioners"], before["petitioners"]);
    clerk.post("/cases", claim()).await.ok();
    process.end();
}

/// An installation that nothing in this process has open any more.
async fn backed_up_between_two_filings(file: &Path) -> Installation {
    let town = Town::open().await;
    town.clerk.files(claim()).await;
    assert_eq!(ran(&mut backed_up(&town.office, file)).0, Some(0));
    town.grid.files(claim()).await;
    town.office.into_installation().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_is_replaced_only_when_asked_and_never_while_it_is_in_use() {
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("night.db");
    let installation = backed_up_between_two_filings(&file).await;

    let (code, told) = restored(&installation, &file, &[]);
    assert!(code == Some(1) && told.contains("--replace"), "{told}");
    let process = installation.start(&["serve"]);
    let (code, told) = restored(&installation, &file, &["--replace"]);
    assert!(code == Some(1) && told.contains("in use"), "{told}");
    process.end();
    assert_eq!(installation.audit().case_count, 2);

    let damaged = kept.path().join("damaged.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xff);
    std::fs::write(&damaged, bytes).unwrap();
    let text = kept.path().join("text");
    std::fs::write(&text, "a text, and no database at all".repeat(100)).unwrap();
    for (other, words) in [(&damaged, "malformed"), (&text, "not a database")] {
        let (code, told) = restored(&installation, other, &["--replace"]);
        assert!(code == Some(1) && told.contains(words), "{told}");
    }
    assert_eq!(installation.audit().case_count, 2);

    let (code, told) = restored(&installation, &file, &["--replace"]);
    assert!(code == Some(0) && told.contains("1 cases"), "{told}");
    assert_eq!(installation.audit().case_count, 1);
    let names = beside(&installation);
    assert!(matches!(&names[..], [_, old] if old.contains(".replaced-")), "{names:?}");

    let keys = installation.data().join("keys");
    std::fs::remove_file(keys.join("sealing.key")).unwrap();
    let mut other_keys = installation.daowei(&["restore", file.to_str().unwrap(), "--replace"]);
    other_keys.env("DAOWEI_KEY", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
    let (code, told) = ran(&mut other_keys);
    assert!(code == Some(1) && told.contains("do not open it"), "{told}");
}
