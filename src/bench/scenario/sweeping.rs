//! The deadline sweep over many open clocks of which none, a hundred or ten thousand are due.
//!
//! A database of its own, in which every case is open: cases filed on one day, whose first alarm comes three days
//! later, and for each run two further handfuls filed so that their next alarms come on the two days between.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::id::PersonId;
use secrecy::{ExposeSecret, SecretString};
use store::{DatabaseUrl, bulk, floor, meta};

use super::Bench;
use crate::app::App;
use crate::bench::filling::{FILLED, Teller, filled};
use crate::bench::people;
use crate::bench::plan::{Dataset, Plan, person_id};
use crate::bench::report::Goal;
use crate::bench::scene::instant;
use crate::bench::stopwatch::Stopwatch;
use crate::clock::{Clock, ManualClock};
use crate::config::Settings;
use crate::config::keys::Keys;
use crate::worker;

/// A Wednesday in a month whose holidays move none of these alarms.
const DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 5, 20) {
    Some(day) => day,
    None => NaiveDate::MIN,
};
/// Filed so many days before, a case is due to be told of one day after, or two.
const DUE_IN_ONE_DAY: u64 = 11;
const DUE_IN_TWO_DAYS: u64 = 10;
/// Each case filed has two clocks.
const CLOCKS: u64 = 2;
const FEW: u64 = 100;
const MANY: u64 = 10_000;
const BATCH: u64 = 5_000;

/// Sweeps.
///
/// # Errors
/// The database of its own cannot be made or written.
pub fn measure(bench: &mut Bench, clocks: u64) -> anyhow::Result<()> {
    let many = MANY.min(clocks / CLOCKS);
    let (app, clock) = open(bench)?;
    fill(&app, clocks / CLOCKS, many)?;
    let open_clocks = floor::open_clock_count(&mut bulk::open(&app.settings.database_url)?)?;
    let runtime = tokio::runtime::Runtime::new()?;
    for (days, due, aim) in [(0, 0, 0.1), (1, FEW, 0.1), (2, many, 2.0)] {
        let on = DAY.checked_add_days(Days::new(days)).context("a day after the calendar")?;
        clock.set(instant(on, 10 * 60, app.settings.time_zone)?);
        let (swept, took) = runtime.block_on(timed(&app))?;
        let name = format!("sweep of {open_clocks} open clocks, {swept} due");
        bench.report.goals.push(Goal::at_most(&name, "s", aim, Some(took.as_secs_f64())));
        if u64::try_from(swept)? != due {
            bench.report.notes.push(format!("the sweep was to find {due} cases due and found {swept}"));
        }
    }
    runtime.block_on(async {
        worker::retire(&app).await;
        app.store.close().await;
    });
    Ok(())
}

async fn timed(app: &Arc<App>) -> anyhow::Result<(usize, Duration)> {
    let watch = Stopwatch::start();
    let swept = worker::sweep(app).await;
    let swept = swept.map_err(|error| anyhow::anyhow!("the sweep failed: {error:?}"))?;
    Ok((swept, watch.elapsed()))
}

/// The application on a database of its own beside the measured one: a file, or a schema of the same server.
fn open(bench: &Bench) -> anyhow::Result<(Arc<App>, ManualClock)> {
    let mut settings = Settings::check(&bench.given)?;
    settings.database_url = match &settings.database_url {
        DatabaseUrl::Sqlite(_) => DatabaseUrl::Sqlite(settings.data.join("bench-sweep.db")),
        DatabaseUrl::Postgres(address) => {
            floor::make_schema(&mut bulk::open(&settings.database_url)?, SCHEMA)?;
            DatabaseUrl::Postgres(in_schema(address))
        }
    };
    let keys = Keys::load(&settings)?;
    let (clock, hand) = Clock::manual(noon(&settings)?);
    Ok((Arc::new(App::build(settings, &keys, clock)?), hand))
}

const SCHEMA: &str = "bench_sweep";

fn in_schema(address: &SecretString) -> SecretString {
    let address = address.expose_secret();
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}options=-csearch_path%3D{SCHEMA}").into()
}

fn noon(settings: &Settings) -> anyhow::Result<DateTime<Utc>> {
    instant(DAY, 12 * 60, settings.time_zone)
}

fn fill(app: &App, background: u64, many: u64) -> anyhow::Result<()> {
    let mut connection = bulk::open(&app.settings.database_url)?;
    let mut next = filled(&mut connection)?;
    if next == 0 {
        let people = [0, 1].map(|number| {
            let person = people::person(0, number)?;
            Ok((PersonId::new(person_id(number)), person, noon(&app.settings)?))
        });
        let people = people.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        bulk::write(&mut connection, |connection| {
            if let Some(mark) = meta::calendar_mark(connection)? {
                meta::clear_calendar_mark(connection, &mark)?;
            }
            bulk::insert_people(connection, &app.sealer, &people)
        })?;
    }
    let dataset = Dataset { seed: 0, cases: background.max(1), end: DAY };
    let plan = Plan::new(dataset, vec!["010101".to_owned()], app.settings.time_zone);
    let mut teller = Teller::new(app, &mut connection, &plan)?;
    let mut file = |day: NaiveDate, until: u64| {
        while next < until {
            let end = until.min(next + BATCH);
            let cases = (next..end).map(|serial| teller.filing_on(serial, 0, day));
            let cases = cases.collect::<anyhow::Result<Vec<_>>>()?;
            let numbers = teller.numbers();
            bulk::write(&mut connection, |connection| {
                bulk::insert_cases(connection, cases)?;
                bulk::set_case_numbers(connection, &numbers)?;
                meta::set(connection, FILLED, &end.to_string())
            })?;
            next = end;
        }
        Ok::<u64, anyhow::Error>(next)
    };
    let next = file(DAY, background)?;
    let before = |days: u64| DAY.checked_sub_days(Days::new(days)).context("a day before the calendar");
    let next = file(before(DUE_IN_ONE_DAY)?, next + FEW)?;
    file(before(DUE_IN_TWO_DAYS)?, next + many)?;
    Ok(())
}
