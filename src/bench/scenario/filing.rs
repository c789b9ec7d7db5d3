//! Filing cases, as grid members' phones do: each with a key that makes it safe to send again.

use std::sync::Arc;

use hyper::Method;
use hyper::header::HeaderName;
use serde_json::json;

use super::{Bench, CLIENTS, COMFORTABLE, nth, tokens};
use crate::bench::chance::Chance;
use crate::bench::client::{Call, call};
use crate::bench::floor;
use crate::bench::load::Work;
use crate::bench::people;
use crate::bench::report::Goal;
use crate::bench::served::Served;
use crate::bench::world::Post;

/// The phone numbers of those who petition during a run begin here, above those of the data set's people.
const FIRST_PHONE: u64 = 50_000_000;

/// Files cases.
///
/// # Errors
/// The server does not answer.
pub fn measure(bench: &mut Bench, server: &Served) -> anyhow::Result<()> {
    let work = filings(bench, server)?;
    let (most, at_most) = bench.closed(server, "file a case", CLIENTS, &work)?;
    let work = filings(bench, server)?;
    let (_, comfortable) = bench.open(server, "file a case", most.per_second() * COMFORTABLE, &work)?;
    let aim = if bench.database.is_some() { 1500.0 } else { 3000.0 };
    bench.report.goals.push(Goal::at_least("file a case", "/s", aim, Some(most.per_second())));
    bench.report.goals.push(Goal::at_most("file a case: p99, 32 clients", "ms", 40.0, Some(at_most.p99_ms)));
    let p99 = Some(comfortable.p99_ms);
    bench.report.goals.push(Goal::at_most("file a case: p99, open loop", "ms", 40.0, p99));
    bench.report.goals.push(Goal::at_most("file a case: CPU", "ms", 0.4, at_most.server_cpu_ms));
    Ok(())
}

/// Puts the rate beside what the engine makes of the same rows; after the server has ended.
///
/// # Errors
/// The database cannot be written.
pub fn compare_with_engine(bench: &mut Bench) -> anyhow::Result<()> {
    let engine = floor::filings_per_second(&bench.app, &bench.plan)?;
    bench.report.notes.push(format!("the engine's own inserts of a filing's rows: {engine:.0} filings/s"));
    for goal in &mut bench.report.goals {
        if goal.work == "file a case" {
            goal.floor = Some(engine);
            goal.floor_is = Some("prepared inserts in commits of 32");
        }
    }
    let rate = bench.report.goals.iter().find(|goal| goal.work == "file a case").and_then(|goal| goal.figure);
    bench.report.goals.push(
        Goal::at_least("file a case: share of the engine", "/s", engine * 0.5, rate)
            .beside(Some(engine), "prepared inserts in commits of 32"),
    );
    Ok(())
}

/// Filings by as many grid members as there are clients; every run's are new.
fn filings(bench: &Bench, server: &Served) -> anyhow::Result<Work> {
    let world = bench.plan.world.clone();
    let mut chance = Chance::of(bench.plan.dataset.seed, 0xF11E);
    let grids: Vec<u32> = (0..CLIENTS).map(|_| chance.below_u32(world.shape.grid_count())).collect();
    let names: Vec<String> = grids.iter().map(|grid| Post::GridMember.username(*grid)).collect();
    let tokens = tokens(server.address, &names)?;
    let members: Arc<[(String, String)]> =
        grids.iter().map(|grid| world.grid_code(*grid)).zip(tokens).collect();
    let run: u64 = rand::random();
    Ok(Arc::new(move |number| {
        let (region, token) = nth(&members, number)?;
        let mut chance = Chance::of(run, number);
        let topic = nth(&world.topics, chance.next())?;
        filing(region, token, topic, run, number)
    }))
}

fn filing(region: &str, token: &str, topic: &str, run: u64, number: u64) -> anyhow::Result<Call> {
    let (subject, narrative) = people::words(run, number);
    let someone = FIRST_PHONE + Chance::of(run, number).below(49_000_000);
    let person = people::person(run, number)?;
    let body = json!({
        "purpose": "claim", "channel": "visit", "subject": subject, "narrative": narrative,
        "claims": ["请求查清原因并限期解决"], "region": region, "topic": topic,
        "petitioners": [{ "name": person.name, "phone": people::phone(someone), "address": person.address }],
    });
    let key = (HeaderName::from_static("idempotency-key"), format!("{run:016x}-{number}"));
    call(Method::POST, "/api/v1/cases", Some(token), &[key], body.to_string())
}
