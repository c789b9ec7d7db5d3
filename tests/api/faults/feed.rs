//! Whoever follows the journal misses nothing, however late a transaction commits.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use store::connection::{self, Purpose};
use store::journal::{self, NewEvent, Place};
use store::{AnyConnection, Store, StoreError, StoreOptions};
use test_database::{Engine, TestDatabase};

use super::connect;

fn event(id: i64) -> NewEvent {
    NewEvent {
        id,
        kind: "noted".to_owned(),
        body: "{}".to_owned(),
        actor: "{}".to_owned(),
        occurred_at: chrono::DateTime::UNIX_EPOCH.into(),
        occurred_on: chrono::NaiveDate::default(),
        recorded_at: chrono::DateTime::UNIX_EPOCH.into(),
    }
}

/// Appends to a case as it is now.
fn append(connection: &mut AnyConnection, case: i64, id: i64) -> Result<i32, StoreError> {
    let version = journal::version(connection, case)?;
    journal::append(connection, case, version, &[event(id)])
}

/// Somebody who follows the journal.
#[derive(Default)]
struct Reader {
    place: Option<Place>,
    /// Case and number of each event, in the order in which they came.
    seen: Vec<(i64, i32)>,
}

impl Reader {
    /// Reads what has come, a little at a time.
    fn read(&mut self, connection: &mut AnyConnection) -> &[(i64, i32)] {
        let before = self.seen.len();
        loop {
            let page = journal::follow(connection, self.place, 3).unwrap();
            let Some((last, _)) = page.last() else { break };
            assert!(page.is_sorted_by_key(|(place, _)| *place) && self.place < Some(page[0].0));
            self.place = Some(*last);
            self.seen.extend(page.iter().map(|(_, row)| (row.stream_id, row.seq)));
        }
        &self.seen[before..]
    }

    /// Reads until so many more have come: transactions of other databases of the server are waited for too.
    fn read_some(&mut self, connection: &mut AnyConnection, count: usize) -> &[(i64, i32)] {
        let before = self.seen.len();
        for _ in 0..3000 {
            self.read(connection);
            if self.seen.len() >= before + count {
                return &self.seen[before..];
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("of {count} events {} came", self.seen.len() - before);
    }
}

#[test]
fn an_event_that_commits_late_is_not_skipped() {
    let database = TestDatabase::migrated(Engine::Postgres);
    let [mut first, mut second, mut reading] = [(); 3].map(|()| connect(database.url()));
    let mut reader = Reader::default();
    append(&mut first, 1, 1).unwrap();
    assert_eq!(reader.read_some(&mut reading, 1), [(1, 1)]);

    first.batch_execute("BEGIN").unwrap();
    append(&mut first, 2, 2).unwrap();
    second.batch_execute("BEGIN").unwrap();
    append(&mut second, 3, 3).unwrap();
    second.batch_execute("COMMIT").unwrap();
    assert_eq!(
        reader.read(&mut reading),
        [],
        "the later event would be given before the one that is still open"
    );
    first.batch_execute("COMMIT").unwrap();
    assert_eq!(reader.read_some(&mut reading, 2), [(2, 1), (3, 1)]);

    first.batch_execute("BEGIN").unwrap();
    append(&mut first, 4, 4).unwrap();
    append(&mut second, 5, 5).unwrap();
    first.batch_execute("ROLLBACK").unwrap();
    assert_eq!(reader.read_some(&mut reading, 1), [(5, 1)]);
}

#[test]
fn an_older_transaction_that_comes_to_a_case_later_is_behind_there() {
    let database = TestDatabase::migrated(Engine::Postgres);
    let [mut older, mut newer, mut reading] = [(); 3].map(|()| connect(database.url()));
    older.batch_execute("BEGIN").unwrap();
    append(&mut older, 1, 1).unwrap();
    append(&mut newer, 2, 20).unwrap();
    // Its identifier may be smaller too, where another process whose clock is behind has made it.
    append(&mut older, 2, 10).unwrap();
    assert_eq!(Reader::default().read(&mut reading), []);
    older.batch_execute("COMMIT").unwrap();
    assert_eq!(Reader::default().read_some(&mut reading, 3), [(1, 1), (2, 1), (2, 2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn among_many_writers_a_reader_sees_every_event_once_and_each_case_in_order() {
    const WRITERS: i64 = 8;
    const WRITES: i64 = 60;
    const EVENTS: i64 = WRITERS * (WRITES + WRITES / 3);
    const SHARED: i64 = 100;
    let database = TestDatabase::migrated(Engine::Postgres);
    let options = StoreOptions { writers: 8, ..StoreOptions::default() };
    let store = Store::open(&database.address(), &options).unwrap();
    let is_done = Arc::new(AtomicBool::new(false));
    let reading = std::thread::spawn({
        let (is_done, address) = (Arc::clone(&is_done), database.address());
        move || {
            let mut connection = connection::open(&address, Purpose::Read).unwrap();
            let mut reader = Reader::default();
            while !is_done.load(Ordering::Acquire) {
                reader.read(&mut connection);
            }
            let left = usize::try_from(EVENTS).unwrap() - reader.seen.len();
            reader.read_some(&mut connection, left);
            reader.seen
        }
    });
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            for write in 0..WRITES {
                let id = (writer * WRITES + write) * 2;
                let work = move |connection: &mut AnyConnection| {
                    append(connection, writer, id)?;
                    if write % 3 > 0 {
                        return Ok(());
                    }
                    // The transaction has its number by now, and others that come later commit before it.
                    std::thread::sleep(Duration::from_millis(2));
                    append(connection, SHARED, id + 1).map(drop)
                };
                // A race that lasts is told to the caller, who comes again.
                while store.write(work).await.is_err() {}
            }
        });
    }
    writers.join_all().await;
    is_done.store(true, Ordering::Release);
    let seen = reading.join().unwrap();
    assert_eq!(i64::try_from(seen.len()).unwrap(), EVENTS);
    let mut last: HashMap<i64, i32> = HashMap::new();
    for (case, seq) in seen {
        let before = last.insert(case, seq).unwrap_or(0);
        assert_eq!(seq, before + 1, "case {case}");
    }
}

#[test]
fn positions_go_on_rising_where_transactions_are_numbered_from_the_beginning_again() {
    let database = TestDatabase::migrated(Engine::Postgres);
    let mut connection = connect(database.url());
    // As a dump of a cluster that has seen many more transactions brings it here.
    append(&mut connection, 1, 1).unwrap();
    let restored = "ALTER TABLE events DISABLE TRIGGER USER; UPDATE events SET position = 900000000000; \
                    ALTER TABLE events ENABLE TRIGGER USER";
    connection.batch_execute(restored).unwrap();
    let mut reader = Reader::default();
    for round in 2..=3 {
        drop(Store::open(&database.address(), &StoreOptions::default()).unwrap());
        append(&mut connection, 1, round).unwrap();
        append(&mut connection, 2, round * 10).unwrap();
        let expected = i32::try_from(round).unwrap();
        let seen = reader.read_some(&mut connection, if round == 2 { 3 } else { 2 }).to_vec();
        assert!(seen.ends_with(&[(1, expected), (2, expected - 1)]), "{seen:?}");
    }
    assert_eq!(reader.seen.len(), 5);
}
