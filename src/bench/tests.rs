//! What the data set promises, on a small one that is really written.

use std::collections::HashSet;
use std::sync::Arc;

use clap::Parser;
use domain::deadline::Rules;
use store::rebuild::compare_page;
use store::{bulk, case_journal};

use super::filling::{Teller, fill, filled, plan_of};
use super::plan::{Dataset, Plan, identifier};
use super::stories::{LONG, Story};
use crate::app::App;
use crate::clock::Clock;
use crate::config::keys::Keys;
use crate::config::{Given, Settings};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    given: Given,
}

fn app(data: &tempfile::TempDir) -> Arc<App> {
    let line = Line::parse_from(["daowei", "--data", data.path().to_str().unwrap()]);
    let settings = Settings::check(&line.given).unwrap();
    let (keys, _) = Keys::load_or_make(&settings).unwrap();
    let (clock, _) = Clock::manual("2026-03-02T01:00:00Z".parse().unwrap());
    Arc::new(App::build(settings, &keys, clock).unwrap())
}

async fn differing(app: &App) -> (usize, usize) {
    let (rules, sealer) = (Rules::default(), Arc::clone(&app.sealer));
    let compared = app.store.read(move |connection| compare_page(connection, None, 100_000, &rules, &sealer));
    let page = compared.await.unwrap();
    (page.case_count, page.differing.len())
}

#[tokio::test]
async fn a_filling_that_was_broken_off_goes_on_and_what_it_writes_is_what_the_rules_would() {
    let data = tempfile::tempdir().unwrap();
    let app = app(&data);
    let stopped = std::panic::AssertUnwindSafe(async {
        fill(&app, 2500, 1, |done| assert!(done < 2000, "broken off")).await.unwrap();
    });
    let stopped = futures_util::FutureExt::catch_unwind(stopped).await;
    assert!(stopped.is_err());
    assert_eq!(app.store.read(|it| Ok::<_, store::StoreError>(filled(it).unwrap())).await.unwrap(), 2000);

    let mut told = Vec::new();
    let plan = fill(&app, 2500, 1, |done| told.push(done)).await.unwrap();
    assert_eq!(told, [2000, 2500]);
    assert_eq!(differing(&app).await, (2500, 0));

    let long = (0..2500).find(|serial| plan.case(*serial).unwrap().story == Story::Long).unwrap();
    let id = domain::id::CaseId::new(plan.id_of(long).unwrap());
    let sealer = Arc::clone(&app.sealer);
    let events =
        app.store.read(move |connection| case_journal::load_events(connection, &sealer, id)).await.unwrap();
    assert_eq!(u32::try_from(events.len()).unwrap(), LONG);

    let other = fill(&app, 3000, 1, |_| {}).await;
    assert!(other.is_err(), "another data set went into the same database");
}

#[tokio::test]
async fn cases_have_eight_events_and_one_in_eight_is_open() {
    let data = tempfile::tempdir().unwrap();
    let app = app(&data);
    let mut connection = bulk::open(&app.settings.database_url).unwrap();
    let dataset = Dataset { seed: 1, cases: 1_000_000, end: "2026-03-01".parse().unwrap() };
    let plan = plan_of(&app, &mut connection, dataset).unwrap();
    let mut teller = Teller::new(&app, &mut connection, &plan).unwrap();
    // Whole days far apart, since a template serves a day.
    let sample: Vec<u64> =
        (0..40).flat_map(|day| (0..50).map(move |case| day * 25_000 + case * 13)).collect();
    let (mut events, mut open, mut ids) = (0, 0, HashSet::new());
    for serial in &sample {
        let case = teller.case(*serial).unwrap();
        events += case.events.len();
        open += usize::from(case.projection.deadlines.iter().any(|it| it.state == "running"));
        assert!(case.events.iter().all(|event| ids.insert(event.id)), "two events have one id");
    }
    let mean = events * 100 / sample.len();
    assert!((760..=840).contains(&mean), "a case has {mean} hundredths of an event");
    let open = open * 1000 / sample.len();
    assert!((100..=150).contains(&open), "{open} of a thousand cases have a running clock");
}

#[test]
fn identifiers_rise_with_the_serial_number_and_never_meet() {
    let zone = "+08:00".parse().unwrap();
    let dataset = Dataset { seed: 1, cases: 10_000_000, end: "2026-03-01".parse().unwrap() };
    let plan = Plan::new(dataset, vec!["010101".to_owned()], zone);
    let around = [0, 1, 2_097_150, 2_097_151, 2_097_152, 4_194_304, 9_999_999];
    let ids: Vec<i64> = around.iter().map(|serial| plan.id_of(*serial).unwrap()).collect();
    assert!(ids.is_sorted_by(|one, other| one < other));
    // Cases whose numbers agree in their low bits, at one instant.
    let at = "2026-01-05T02:00:00Z".parse().unwrap();
    let mut all = HashSet::new();
    for serial in (0..5).map(|block| 17 + block * 2_097_152) {
        assert!((0..100).all(|place| all.insert(identifier(at, serial, place))));
    }
}
