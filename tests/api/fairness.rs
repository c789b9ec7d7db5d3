//! Nobody waits behind all that another has asked for.

use std::sync::{Arc, Mutex, mpsc};

use futures_util::future::join_all;
use store::{Store, StoreError, StoreOptions};

use crate::support::Installation;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_caller_keeps_another_waiting_for_one_turn() {
    let installation = Installation::seeded();
    let options = StoreOptions { writers: 1, queue_length: 1000, ..StoreOptions::default() };
    let store = Store::open(&installation.database(), &options).unwrap();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let (release, may_end) = mpsc::channel::<()>();
    let gate = Mutex::new((Some(started), may_end));
    let held = tokio::spawn({
        let store = store.clone();
        async move {
            let holding = store.write(move |_| {
                let mut gate = gate.lock().unwrap();
                gate.0.take().unwrap().send(()).unwrap();
                gate.1.recv().unwrap();
                Ok::<_, StoreError>(())
            });
            holding.await
        }
    });
    has_started.await.unwrap();

    let order = Arc::new(Mutex::new(Vec::new()));
    let write = |caller: &'static str| {
        let (store, order) = (store.clone(), Arc::clone(&order));
        Box::pin(async move {
            let noted = move |_: &mut store::AnyConnection| {
                order.lock().unwrap().push(caller);
                Ok::<_, StoreError>(())
            };
            store.write_for(caller, noted).await
        })
    };
    let callers = std::iter::repeat_n("flood", 200).chain(["single"]);
    let mut writes: Vec<_> = callers.map(write).collect();
    for write in &mut writes {
        // It takes its place in the queue when it is first asked for.
        tokio::select! {
            biased;
            _ = write => panic!("nobody writes yet"),
            () = std::future::ready(()) => {}
        }
    }
    release.send(()).unwrap();
    held.await.unwrap().unwrap();
    assert!(join_all(writes).await.into_iter().all(|written| written.is_ok()));
    let order = order.lock().unwrap();
    let place = order.iter().position(|caller| *caller == "single").unwrap();
    assert!(place <= 1, "{place} writes of another came first");
    assert_eq!(order.len(), 201);
}
