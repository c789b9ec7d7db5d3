//! Signing in as fast as it goes, and what reading a case costs meanwhile: hashing must not starve the server.

use std::sync::Arc;

use hyper::Method;
use serde_json::json;

use super::reading::long_cases;
use super::{Bench, CLIENTS, nth, tokens};
use crate::bench::client::{call, get};
use crate::bench::load::{Work, closed_loop};
use crate::bench::report::Goal;
use crate::bench::served::Served;
use crate::bench::world::{PASSWORD, Post};

/// So many accounts sign in in turn, so that they do not wait for each other's rows.
const ACCOUNTS: u64 = 64;
/// Readers a second, far below what the server can take.
const READERS: f64 = 200.0;

/// Signs in, reads, and does both at once.
///
/// # Errors
/// The server does not answer.
pub fn measure(bench: &mut Bench, server: &Served) -> anyhow::Result<()> {
    let token =
        tokens(server.address, &[Post::CityClerk.username(0)])?.into_iter().next().unwrap_or_default();
    let paths: Arc<[String]> =
        long_cases(&bench.plan)?.into_iter().map(|id| format!("/api/v1/cases/{id}")).collect();
    let reader: Work = Arc::new(move |number| get(nth(&paths, number)?, Some(&token)));
    let signer: Work = Arc::new(|number| {
        let username = Post::GridMember.username(u32::try_from(number % ACCOUNTS)?);
        let body = json!({ "username": username, "password": PASSWORD }).to_string();
        call(Method::POST, "/api/v1/auth/sign-in", None, &[], body)
    });
    let (alone, _) = bench.closed(server, "sign in", CLIENTS, &signer)?;
    let (calm, _) = bench.open(server, "read a case", READERS, &reader)?;
    let (address, lasting) = (server.address, bench.lasting);
    let flood = std::thread::spawn(move || closed_loop(address, CLIENTS, lasting, &signer));
    let (flooded, _) = bench.open(server, "read a case, sign-ins beside", READERS, &reader)?;
    let beside = flood.join().map_err(|_panicked| anyhow::anyhow!("the sign-ins ended in a panic"))??;
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1e3;
    bench.report.notes.push(format!(
        "{:.0} sign-ins/s alone, {:.0}/s beside {READERS:.0} readers/s; reading p99 {:.1} ms alone, {:.1} ms beside them",
        alone.per_second(),
        beside.per_second(),
        milliseconds(calm.within(0.99)),
        milliseconds(flooded.within(0.99)),
    ));
    let answered = flooded.per_second();
    bench.report.goals.push(
        Goal::at_least("read beside sign-ins", "/s", READERS * 0.9, Some(answered))
            .beside(Some(calm.per_second()), "the same without"),
    );
    Ok(())
}
