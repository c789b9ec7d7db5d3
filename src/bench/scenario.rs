//! What is measured, one file a kind of work; each adds its lines and its aims to the report.

mod command;
mod filing;
mod listing;
mod reading;
mod rebuilding;
mod signing_in;
mod starting;
mod sweeping;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use store::{DatabaseUrl, bulk, floor};

use super::filling::{dataset_of, filled, plan_of};
use super::load::{Outcome, Work, closed_loop, open_loop};
use super::meter::{Meter, database_process};
use super::plan::Plan;
use super::process::Process;
use super::report::{Goal, Line, Report};
use super::served::{Programs, Served};
use super::stopwatch::Stopwatch;
use crate::app::App;
use crate::clock::Clock;
use crate::config::keys::Keys;
use crate::config::{Given, Settings};
use crate::worker;

/// Clients of a closed loop, and connections of an open one.
const CLIENTS: usize = 32;
const CONNECTIONS: usize = 64;
/// The share of what a server can take at which its times are looked at.
const COMFORTABLE: f64 = 0.7;

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scenario {
    /// The time from the start of the server to its first answer
    Start,
    /// Filing cases
    File,
    /// Reading cases of forty events
    Read,
    /// Signing in, and reading meanwhile
    SignIn,
    /// Pages of lists, by filter, order and depth
    List,
    /// Commands on cases
    Command,
    /// The deadline sweep over many open clocks
    Sweep,
    /// Rebuilding the read tables, comparing and verifying
    Rebuild,
}

/// What a run is asked for.
#[derive(Debug, Clone)]
pub struct Order {
    /// All where there are none.
    pub only: Vec<Scenario>,
    /// How long each load lasts.
    pub lasting: Duration,
    /// How many open clocks the sweep goes over; as many as there are cases where it is not said.
    pub sweep_clocks: Option<u64>,
}

impl Order {
    fn has(&self, scenario: Scenario) -> bool {
        self.only.is_empty() || self.only.contains(&scenario)
    }
}

/// A run of measurements.
pub struct Bench {
    app: Arc<App>,
    given: Given,
    programs: Programs,
    plan: Plan,
    lasting: Duration,
    database: Option<Process>,
    report: Report,
}

/// Measures on the data set of the database.
///
/// # Errors
/// The database has no whole data set; a program cannot be started or does not answer.
pub fn run(given: &Given, order: &Order) -> anyhow::Result<Report> {
    let mut bench = Bench::prepare(given, order.lasting)?;
    if order.has(Scenario::Sweep) {
        let clocks = order.sweep_clocks.unwrap_or(bench.plan.dataset.cases);
        sweeping::measure(&mut bench, clocks)?;
    }
    bench.settle()?;
    if order.has(Scenario::Start) {
        starting::measure(&mut bench)?;
    }
    bench.measure_serving(order)?;
    if order.has(Scenario::File) {
        filing::compare_with_engine(&mut bench)?;
    }
    if order.has(Scenario::Rebuild) {
        rebuilding::measure(&mut bench)?;
    }
    floor_is_removed(&bench)?;
    Ok(bench.report)
}

fn floor_is_removed(bench: &Bench) -> anyhow::Result<()> {
    super::floor::clean_up(&bench.app.settings)
}

impl Bench {
    fn prepare(given: &Given, lasting: Duration) -> anyhow::Result<Self> {
        let settings = Settings::check(given)?;
        let keys = Keys::load(&settings)?;
        let app = Arc::new(App::build(settings, &keys, Clock::system())?);
        let mut connection = bulk::open(&app.settings.database_url)?;
        let dataset = dataset_of(&mut connection)?;
        let dataset =
            dataset.context("there is no data set to measure on; make one with `daowei bench data`")?;
        let complete = filled(&mut connection)? >= dataset.cases;
        anyhow::ensure!(complete, "the data set is not whole; complete it with `daowei bench data`");
        let plan = plan_of(&app, &mut connection, dataset)?;
        let report = Report {
            engine: match &app.settings.database_url {
                DatabaseUrl::Sqlite(_) => "SQLite".to_owned(),
                DatabaseUrl::Postgres(_) => "PostgreSQL".to_owned(),
            },
            cases: plan.dataset.cases,
            processors: std::thread::available_parallelism().map_or(0, usize::from),
            ..Report::default()
        };
        let database = database_process(&mut connection)?;
        Ok(Self {
            programs: Programs::new(given)?,
            given: given.clone(),
            app,
            plan,
            lasting,
            database,
            report,
        })
    }

    /// Tells the alarms that have come since the data set ends, so that no load pays for them.
    fn settle(&mut self) -> anyhow::Result<()> {
        let app = Arc::clone(&self.app);
        let watch = Stopwatch::start();
        let swept = tokio::runtime::Runtime::new()?.block_on(async {
            let swept = worker::sweep(&app).await;
            worker::retire(&app).await;
            swept
        });
        let swept = swept.map_err(|error| anyhow::anyhow!("the sweep failed: {error:?}"))?;
        let seconds = watch.elapsed().as_secs_f64();
        self.report.notes.push(format!("before the loads, {swept} cases had alarms to tell: {seconds:.2} s"));
        let mut connection = bulk::open(&self.app.settings.database_url)?;
        self.report.events = floor::event_count(&mut connection)?;
        self.report.open_clocks = floor::open_clock_count(&mut connection)?;
        self.report.database_bytes = floor::size(&mut connection, &self.app.settings.database_url)?;
        Ok(())
    }

    /// All that one server is asked in its life, and the memory that it came to hold.
    fn measure_serving(&mut self, order: &Order) -> anyhow::Result<()> {
        let wanted = [Scenario::Read, Scenario::SignIn, Scenario::List, Scenario::Command, Scenario::File];
        if !wanted.iter().any(|scenario| order.has(*scenario)) {
            return Ok(());
        }
        let server = self.programs.serve()?;
        if order.has(Scenario::Read) {
            reading::measure(self, &server)?;
        }
        if order.has(Scenario::SignIn) {
            signing_in::measure(self, &server)?;
        }
        if order.has(Scenario::List) {
            listing::measure(self, &server)?;
        }
        if order.has(Scenario::Command) {
            command::measure(self, &server)?;
        }
        if order.has(Scenario::File) {
            filing::measure(self, &server)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let most = server.process().memory().map(|(_, most)| most as f64 / 1e6);
        self.report.goals.push(Goal::at_most("memory under load", "MB", 100.0, most));
        server.stop()
    }

    fn meter(&self, server: &Served) -> Meter {
        Meter::new(server.process(), self.database)
    }

    /// As fast as so many clients can ask, after a warm-up of a fifth of the time.
    fn closed(
        &mut self,
        server: &Served,
        name: &str,
        clients: usize,
        work: &Work,
    ) -> anyhow::Result<(Outcome, Line)> {
        closed_loop(server.address, clients, self.lasting / 5, work)?;
        let load = || closed_loop(server.address, clients, self.lasting, work);
        let (outcome, cost) = self.meter(server).during(load)?;
        let line = Line::of(name, format!("{clients} clients"), &outcome, cost);
        self.report.lines.push(line.clone());
        Ok((outcome, line))
    }

    /// At a given rate, each answer timed from when it was to be asked for.
    fn open(
        &mut self,
        server: &Served,
        name: &str,
        rate: f64,
        work: &Work,
    ) -> anyhow::Result<(Outcome, Line)> {
        let load = || open_loop(server.address, CONNECTIONS, rate, self.lasting, work);
        let (outcome, cost) = self.meter(server).during(load)?;
        let line = Line::of(name, format!("{rate:.0}/s arrive"), &outcome, cost);
        self.report.lines.push(line.clone());
        Ok((outcome, line))
    }

    /// Answers a second of the bare server with these bytes: as they are, and after a point select.
    fn bare(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<(f64, f64)> {
        let file: PathBuf = super::floor::prepare(&self.app.settings, bytes)?;
        let server = self.programs.serve_floor(&file)?;
        let rate = |bench: &mut Self, path: &'static str| {
            let work: Work = Arc::new(move |number| {
                let id = number % u64::try_from(super::floor::SELECTABLE)?;
                super::client::get(&format!("{path}/{id}"), None)
            });
            let work_name = format!("floor of {name}: {}", path.trim_start_matches('/'));
            Ok::<_, anyhow::Error>(bench.closed(&server, &work_name, CLIENTS, &work)?.0.per_second())
        };
        let rates = (rate(self, "/bytes")?, rate(self, "/select")?);
        server.stop()?;
        Ok(rates)
    }
}

/// Signs these users in.
fn tokens(address: SocketAddr, usernames: &[String]) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(super::client::sign_in(address, usernames))
}

/// The answer to one request.
fn answer(address: SocketAddr, call: super::client::Call) -> anyhow::Result<hyper::body::Bytes> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(super::client::send_once(address, call))
}

/// One of a list, by a number that goes round.
fn nth<T>(list: &[T], number: u64) -> anyhow::Result<&T> {
    let count = u64::try_from(list.len())?;
    anyhow::ensure!(count > 0, "the data set is too small for this measurement");
    list.get(usize::try_from(number % count)?).context("a number that goes round")
}
