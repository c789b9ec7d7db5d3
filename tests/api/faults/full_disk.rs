//! No room on the disk of the database's server: nothing is lost, and with room again it goes on.

use test_database::PrivateServer;

use crate::support::Town;
use crate::support::small_disk::SmallDisk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_room_refuses_writes_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount("a_server_without_room", 250) else { return };
    let options = [&PrivateServer::FORGETFUL[..], &["max_wal_size=64MB", "min_wal_size=32MB"]].concat();
    let mut server = PrivateServer::start_in(disk.path(), &options);
    let town = Town::open_with(&["--database-url", &server.url("postgres")]).await;
    let mut cases = town.files_until_the_disk_is_full(&disk).await;
    assert!(server.log().contains("No space left"), "{}", server.log());
    disk.clear();
    cases.push(town.files_again().await);
    // What was answered is there also after a crash.
    server.kill_9();
    server.restart();
    town.files_again().await;
    for case in &cases {
        town.clerk.sees(case).await;
    }
    assert_eq!(town.rows().await["cases"], i64::try_from(cases.len()).unwrap() + 1);
    town.books_agree().await;
    town.close().await;
}
