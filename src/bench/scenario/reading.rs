//! Reading a case of forty events, by somebody in whose territory it lies.

use std::sync::Arc;

use domain::id::CaseId;

use super::{Bench, CLIENTS, COMFORTABLE, answer, nth, tokens};
use crate::bench::client::get;
use crate::bench::load::Work;
use crate::bench::plan::Plan;
use crate::bench::report::Goal;
use crate::bench::served::Served;
use crate::bench::stories::Story;
use crate::bench::world::Post;

/// More would only take longer to find; each is read many times anyway.
const MOST_CASES: usize = 1000;

/// Reads cases, and their journals.
///
/// # Errors
/// The server does not answer.
pub fn measure(bench: &mut Bench, server: &Served) -> anyhow::Result<()> {
    let token =
        tokens(server.address, &[Post::CityClerk.username(0)])?.into_iter().next().unwrap_or_default();
    let paths: Arc<[String]> =
        long_cases(&bench.plan)?.into_iter().map(|id| format!("/api/v1/cases/{id}")).collect();
    let body = answer(server.address, get(nth(&paths, 0)?, Some(&token))?)?;
    let reader = |ending: &'static str| -> Work {
        let (token, paths) = (token.clone(), Arc::clone(&paths));
        Arc::new(move |number| get(&format!("{}{ending}", nth(&paths, number)?), Some(&token)))
    };

    let (most, at_most) = bench.closed(server, "read a case", CLIENTS, &reader(""))?;
    let rate = most.per_second() * COMFORTABLE;
    bench.open(server, "read a case", rate, &reader(""))?;
    bench.closed(server, "read its journal", CLIENTS, &reader("/events?limit=50"))?;

    let (bare, selected) = bench.bare("reading", &body)?;
    bench.report.notes.push(format!(
        "a case of 40 events is {} bytes; its bytes alone {bare:.0}/s, after a point select {selected:.0}/s",
        body.len()
    ));
    let reads = most.per_second();
    bench.report.goals.push(
        Goal::at_least("read a case", "/s", selected * 0.6, Some(reads))
            .beside(Some(selected), "bare route, one point select"),
    );
    bench.report.goals.push(Goal::at_most("read a case: CPU", "ms", 0.1, at_most.server_cpu_ms));
    Ok(())
}

/// The cases of forty events in the first city.
pub fn long_cases(plan: &Plan) -> anyhow::Result<Vec<CaseId>> {
    let mut found = Vec::new();
    for serial in 0..plan.dataset.cases {
        let case = plan.case(serial)?;
        if case.story == Story::Long && case.place.city == 0 {
            found.push(CaseId::new(plan.case_id(&case)?));
        }
        if found.len() == MOST_CASES {
            break;
        }
    }
    Ok(found)
}
