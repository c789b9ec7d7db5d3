//! `daowei import`: takes over the petitions of another system from a table.

use std::fs::File;
use std::io::{BufReader, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use domain::region::{RegionCode, RegionError};
use indicatif::{ProgressBar, ProgressStyle};
use strum::VariantArray;

use super::serve::say;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Given;
use crate::config::keys::Keys;
use crate::import::{Column, Encoding, Order, Summary, Watcher, find_administrator, find_place, import};

#[derive(clap::Args)]
pub struct Import {
    #[command(flatten)]
    given: Given,
    /// The table, as CSV with a header
    file: PathBuf,
    /// What the rows are
    #[arg(long = "as", value_enum)]
    rows: Rows,
    /// Decide on every row and report, but keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the summary as one line of JSON on standard output
    #[arg(long)]
    json: bool,
    /// The header of a column that has another name, as in `subject=留言主题`; may be repeated
    #[arg(long, value_name = "COLUMN=HEADER", value_parser = parse_mapping)]
    map: Vec<(Column, String)>,
    /// How the table is written
    #[arg(long, value_enum, default_value = "utf-8")]
    encoding: Encoding,
    /// The organisation whose register the petitions enter, by identifier or name [default: the petition
    /// department, the city's where there are several]
    #[arg(long, value_name = "ID|NAME")]
    organisation: Option<String>,
    /// The code of the region in which the problems lie [default: the organisation's]
    #[arg(long, value_name = "CODE", value_parser = parse_region)]
    region: Option<RegionCode>,
    /// The administrator in whose name the import is recorded [default: the first system administrator]
    #[arg(long, value_name = "USERNAME")]
    user: Option<String>,
}

/// What the rows of a table can be.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Rows {
    /// Earlier petitions, each with its answer if it had one
    Petitions,
}

fn parse_mapping(text: &str) -> Result<(Column, String), String> {
    let (column, header) = text.split_once('=').ok_or("a mapping is COLUMN=HEADER")?;
    let column = column.trim().parse().map_err(|_unknown| {
        let known: Vec<&str> = Column::VARIANTS.iter().map(AsRef::as_ref).collect();
        format!("the columns are {}", known.join(", "))
    })?;
    Ok((column, header.trim().to_owned()))
}

fn parse_region(text: &str) -> Result<RegionCode, String> {
    text.parse().map_err(|error: RegionError| error.to_string())
}

impl Import {
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let keys = Keys::load(&settings)?;
        let file = File::open(&self.file).with_context(|| self.file.display().to_string())?;
        let length = file.metadata().with_context(|| self.file.display().to_string())?.len();
        let app = Arc::new(App::build(settings, &keys, Clock::system())?);
        let mut screen = Screen::of(length);
        let runtime = tokio::runtime::Runtime::new()?;
        let imported = runtime.block_on(async {
            let order = self.order(&app).await?;
            let Rows::Petitions = self.rows;
            let imported = import(&app, order, BufReader::new(file), &mut screen).await;
            app.store.close().await;
            imported
        });
        screen.bar.finish_and_clear();
        let summary = imported.with_context(|| self.file.display().to_string())?;
        say(&if self.json { serde_json::to_string(&summary)? } else { told(&summary, self.dry_run) })
    }

    async fn order(&self, app: &Arc<App>) -> anyhow::Result<Order> {
        let (organisation, region, user) =
            (self.organisation.clone(), self.region.clone(), self.user.clone());
        let (place, actor) = app
            .store
            .read(move |connection| {
                let place = find_place(connection, organisation.as_deref(), region.as_ref())?;
                Ok::<_, store::StoreError>((place, find_administrator(connection, user.as_deref())?))
            })
            .await?;
        Ok(Order {
            dry_run: self.dry_run,
            columns: self.map.iter().cloned().collect(),
            encoding: self.encoding,
            place: place?,
            actor: actor?,
        })
    }
}

/// Standard error: a bar where somebody watches, and the refused lines.
struct Screen {
    bar: ProgressBar,
}

impl Screen {
    fn of(length: u64) -> Self {
        let bar =
            if std::io::stderr().is_terminal() { ProgressBar::new(length) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {eta} left") {
            bar.set_style(style);
        }
        Self { bar }
    }
}

impl Watcher for Screen {
    fn refused(&mut self, line: u64, reason: &str) {
        self.bar.suspend(|| eprintln!("line {line}: {reason}"));
    }

    fn read_to(&mut self, byte: u64) {
        self.bar.set_position(byte);
    }
}

/// The summary for a person.
fn told(summary: &Summary, dry_run: bool) -> String {
    let Summary { read, imported, already_there, refused, replied_within, .. } = summary;
    let imported_as = if dry_run { "would be imported" } else { "imported" };
    let mut text = format!(
        "{read} rows read: {imported} {imported_as}, {already_there} there already, {refused} refused"
    );
    if let (Some(median), Some(longest)) = (&summary.median_days, summary.longest_days) {
        text.push_str(&format!(
            "\nanswered within 15 days {}, 60 days {}, 90 days {}; median {median} days, longest {longest} days",
            replied_within.fifteen, replied_within.sixty, replied_within.ninety,
        ));
    }
    text
}
