//! `daowei bench`: makes data, and measures how fast the server is on it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::serve::say;
use crate::app::App;
use crate::bench::scenario::{self, Order, Scenario};
use crate::bench::{filling, floor};
use crate::clock::Clock;
use crate::config::Given;
use crate::config::keys::Keys;

/// Without a subcommand: the data, then the measurements.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, args_override_self = true)]
pub struct Bench {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    measuring: Measuring,
    #[command(flatten)]
    given: Given,
}

#[derive(clap::Subcommand)]
enum Part {
    /// Make the data set, or complete it where making it was broken off
    Data(Box<DataAlone>),
    /// Measure on the data set
    Run(Box<RunAlone>),
    /// Serve bytes from a file, bare and after a point select: what the server is compared with
    #[command(hide = true)]
    Floor(Box<Floor>),
}

#[derive(clap::Args)]
struct Data {
    /// How many cases
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    cases: u64,
    /// What the data set follows from: the same number gives the same cases
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

#[derive(clap::Args)]
struct Measuring {
    /// Only these
    #[arg(long, value_enum, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    only: Vec<Scenario>,
    /// How long each load lasts, in seconds
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    seconds: u64,
    /// How many open clocks the sweep goes over [default: as many as there are cases]
    #[arg(long, value_name = "COUNT")]
    sweep_clocks: Option<u64>,
    /// File for the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(clap::Args)]
struct DataAlone {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    given: Given,
}

#[derive(clap::Args)]
struct RunAlone {
    #[command(flatten)]
    measuring: Measuring,
    #[command(flatten)]
    given: Given,
}

#[derive(clap::Args)]
struct Floor {
    /// The file with the bytes
    #[arg(long, value_name = "FILE")]
    bytes: PathBuf,
    #[command(flatten)]
    given: Given,
}

impl Bench {
    /// Makes, measures, or both.
    ///
    /// # Errors
    /// The database cannot be used, or a program that is measured does not come up.
    pub fn run(&self) -> anyhow::Result<()> {
        match &self.part {
            Some(Part::Data(part)) => make(&part.data, &part.given),
            Some(Part::Run(part)) => measure(&part.measuring, &part.given),
            Some(Part::Floor(part)) => {
                let settings = super::begin(&part.given)?;
                floor::serve(&settings, &part.bytes, say)
            }
            None => {
                make(&self.data, &self.given)?;
                measure(&self.measuring, &self.given)
            }
        }
    }
}

fn make(data: &Data, given: &Given) -> anyhow::Result<()> {
    let settings = super::begin(given)?;
    let (keys, _) = Keys::load_or_make(&settings)?;
    let app = App::build(settings, &keys, Clock::system())?;
    let bar = progress(data.cases);
    let runtime = tokio::runtime::Runtime::new()?;
    let filling = filling::fill(&app, data.cases, data.seed, |done| {
        // Cases that an earlier making brought say nothing about how fast this one is.
        if bar.position() == 0 {
            bar.reset_elapsed();
            bar.set_position(done);
            bar.reset_eta();
        } else {
            bar.set_position(done);
        }
    });
    let made = runtime.block_on(filling);
    bar.finish_and_clear();
    made?;
    runtime.block_on(app.store.close());
    say(&format!("{} has the data set of {} cases", app.settings.database_url, data.cases))
}

fn measure(measuring: &Measuring, given: &Given) -> anyhow::Result<()> {
    super::begin(given)?;
    let order = Order {
        only: measuring.only.clone(),
        lasting: Duration::from_secs(measuring.seconds.max(1)),
        sweep_clocks: measuring.sweep_clocks,
    };
    let report = scenario::run(given, &order)?;
    if let Some(path) = &measuring.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    say(&report.table())
}

/// Counts on standard error while somebody watches; nothing where it is no terminal.
fn progress(cases: u64) -> ProgressBar {
    let bar = ProgressBar::new(cases);
    let style = "{wide_bar} {human_pos} of {human_len} cases, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}
