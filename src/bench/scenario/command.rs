//! A command on a case at the rate of a busy province: petition departments note that they visited somebody back.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::CaseId;
use hyper::Method;
use hyper::header::HeaderName;
use serde_json::json;

use super::{Bench, CLIENTS, nth, tokens};
use crate::bench::chance::Chance;
use crate::bench::client::call;
use crate::bench::load::Work;
use crate::bench::plan::Plan;
use crate::bench::report::Goal;
use crate::bench::served::Served;
use crate::bench::stories::Story;
use crate::bench::world::Post;

/// The rate that the aim names.
const RATE: f64 = 500.0;
const MOST_CASES: usize = 20_000;

/// Gives commands.
///
/// # Errors
/// The server does not answer.
pub fn measure(bench: &mut Bench, server: &Served) -> anyhow::Result<()> {
    let work = visits(&bench.plan, server)?;
    let (_, line) = bench.open(server, "command on a case", RATE, &work)?;
    bench.report.goals.push(Goal::at_most("command on a case: p99 at 500/s", "ms", 30.0, Some(line.p99_ms)));
    bench.closed(server, "command on a case", CLIENTS, &work)?;
    Ok(())
}

fn visits(plan: &Plan, server: &Served) -> anyhow::Result<Work> {
    let cases = visited(plan)?;
    let mut places: BTreeMap<u32, usize> = BTreeMap::new();
    for (_, county) in &cases {
        let next = places.len();
        places.entry(*county).or_insert(next);
    }
    let mut names: Vec<(usize, String)> =
        places.iter().map(|(county, place)| (*place, Post::CountyClerk.username(*county))).collect();
    names.sort();
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    let tokens = tokens(server.address, &names)?;
    let body = json!({
        "visited_on": plan.dataset.end, "way": "phone", "words": "接到回访电话，情况已说明", "satisfaction": "satisfied",
    });
    let (body, run) = (body.to_string(), rand::random::<u64>());
    Ok(Arc::new(move |number| {
        let (case, county) = nth(&cases, number)?;
        let place = places.get(county).copied().unwrap_or_default();
        let token = nth(&tokens, u64::try_from(place)?)?;
        let key = (HeaderName::from_static("idempotency-key"), format!("{run:016x}-{number}"));
        let path = format!("/api/v1/cases/{case}/visit-backs");
        call(Method::POST, &path, Some(token), &[key], body.clone())
    }))
}

/// Cases all over the province that are not archived, with their counties.
fn visited(plan: &Plan) -> anyhow::Result<Vec<(CaseId, u32)>> {
    let mut chance = Chance::of(plan.dataset.seed, 0xC033);
    let mut found = Vec::new();
    let tries = u64::try_from(MOST_CASES * 2)?.min(plan.dataset.cases);
    for _ in 0..tries {
        let case = plan.case(chance.below(plan.dataset.cases))?;
        let is_open = matches!(
            case.story,
            Story::Enquiry
                | Story::FiledAway
                | Story::Withdrawn
                | Story::LeftRegistered
                | Story::LeftInHandling
        );
        if is_open && found.len() < MOST_CASES {
            found.push((CaseId::new(plan.case_id(&case)?), case.place.county));
        }
    }
    Ok(found)
}
