//! Writes under load, in failure and at the end.

use std::sync::{Arc, Mutex, mpsc};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use store::{StoreError, StoreOptions, case_numbers, journal};

use crate::support::{event, fresh, fresh_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_write_among_many_is_undone_alone() {
    let test = fresh();
    let mut writes = tokio::task::JoinSet::new();
    for number in 0..1000 {
        let store = test.store.clone();
        writes.spawn(async move {
            store
                .write(move |connection| {
                    journal::append(connection, number, 0, &[event(number)])?;
                    let serial = case_numbers::next(connection, "330106", 2026)?;
                    if number % 10 == 0 { Err(StoreError::NotFound) } else { Ok(serial) }
                })
                .await
        });
    }
    let answers = writes.join_all().await;
    let mut serials: Vec<i32> = answers.into_iter().filter_map(Result::ok).collect();
    serials.sort_unstable();
    assert_eq!(serials, (1..=900).collect::<Vec<_>>(), "numbers are without a gap");
    let kept = test.store.read(|connection| journal::stream_ids(connection, None, 2000)).await.unwrap();
    assert_eq!(kept, (0..1000).filter(|number| number % 10 != 0).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once_and_keeps_what_it_took() {
    let test = fresh_with(StoreOptions { writers: 1, queue_length: 1, ..StoreOptions::default() });
    let (started, has_started) = mpsc::channel();
    let (release, may_end) = mpsc::channel::<()>();
    let may_end = Arc::new(Mutex::new(may_end));
    let store = test.store.clone();
    let running = tokio::spawn(async move {
        store
            .write(move |_| {
                started.send(()).unwrap();
                may_end.lock().unwrap().recv().unwrap();
                Ok::<_, StoreError>(())
            })
            .await
    });
    tokio::task::spawn_blocking(move || has_started.recv().unwrap()).await.unwrap();

    let waiting = test.store.write(|connection| journal::append(connection, 1, 0, &[event(1)]));
    tokio::pin!(waiting);
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("the writer is occupied"),
        () = std::future::ready(()) => {}
    }
    let refused = test.store.write(|connection| journal::append(connection, 2, 0, &[event(2)])).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");

    release.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(waiting.await.unwrap(), 1);
}

#[tokio::test]
async fn a_panic_undoes_its_own_work_and_the_writer_goes_on() {
    let test = fresh();
    let panicked = test
        .store
        .write(|connection| {
            journal::append(connection, 1, 0, &[event(1)])?;
            connection.transaction::<(), StoreError, _>(|inner| {
                journal::append(inner, 1, 1, &[event(2)])?;
                panic!("on purpose");
            })
        })
        .await;
    assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    let read = test.store.read::<(), StoreError>(|_| panic!("on purpose")).await;
    assert!(matches!(read, Err(StoreError::Panicked)), "{read:?}");

    assert!(test.store.is_ready().await);
    test.store.write(|connection| journal::append(connection, 2, 0, &[event(3)])).await.unwrap();
    let kept = test.store.read(|connection| journal::stream_ids(connection, None, 10)).await.unwrap();
    assert_eq!(kept, [2]);
}

#[tokio::test]
async fn work_that_breaks_the_transaction_is_refused_and_the_connection_replaced() {
    let test = fresh();
    let broken = test
        .store
        .write(|connection| {
            journal::append(connection, 1, 0, &[event(1)])?;
            connection.batch_execute("ROLLBACK").map_err(StoreError::from)
        })
        .await;
    assert!(broken.is_err());
    test.store.write(|connection| journal::append(connection, 2, 0, &[event(2)])).await.unwrap();
    let kept = test.store.read(|connection| journal::stream_ids(connection, None, 10)).await.unwrap();
    assert_eq!(kept, [2]);
}

#[tokio::test]
async fn a_reader_cannot_write_and_sees_one_moment() {
    let test = fresh();
    let refused = test.store.read(|connection| journal::append(connection, 1, 0, &[event(1)])).await;
    assert!(matches!(refused, Err(StoreError::Database(_))), "{refused:?}");

    let (asked, was_asked) = tokio::sync::oneshot::channel();
    let (written, was_written) = mpsc::channel::<()>();
    let store = test.store.clone();
    let reading = tokio::spawn(async move {
        store
            .read(move |connection| {
                let before = journal::version(connection, 1)?;
                asked.send(()).unwrap();
                was_written.recv().unwrap();
                Ok::<_, StoreError>((before, journal::version(connection, 1)?))
            })
            .await
    });
    was_asked.await.unwrap();
    test.store.write(|connection| journal::append(connection, 1, 0, &[event(1)])).await.unwrap();
    written.send(()).unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (0, 0));
}

#[tokio::test]
async fn a_closed_store_has_finished_its_work_and_takes_no_more() {
    let test = fresh();
    let mut taken = tokio::task::JoinSet::new();
    for number in 1..=20 {
        let store = test.store.clone();
        taken.spawn(async move {
            store.write(move |connection| journal::append(connection, number, 0, &[event(number)])).await
        });
    }
    // On the one thread of this test, each begins before it goes on here.
    tokio::task::yield_now().await;
    test.store.close().await;
    for answer in taken.join_all().await {
        answer.unwrap();
    }
    let late = test.store.write(|connection| journal::append(connection, 99, 0, &[event(99)])).await;
    assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
    assert!(!test.store.is_ready().await);
    let again = store::Store::open(&test.database.address(), &store::StoreOptions::default()).unwrap();
    let kept = again.read(|connection| journal::stream_ids(connection, None, 100)).await.unwrap();
    assert_eq!(kept, (1..=20).collect::<Vec<_>>());
}
