//! What was measured, as a table for people and JSON for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::load::Outcome;
use super::meter::Cost;

/// One load and what it cost.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub work: String,
    /// How it was driven.
    pub load: String,
    pub answered: u64,
    pub failed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failure: Option<String>,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub p999_ms: f64,
    pub longest_ms: f64,
    /// Processor time of the server for each request; of an embedded database with it.
    pub server_cpu_ms: Option<f64>,
    /// Processor time of the database's own processes; none where it is embedded or on another machine.
    pub database_cpu_ms: Option<f64>,
    /// Processor time of the load generator, which runs beside.
    pub generator_cpu_ms: Option<f64>,
}

/// A figure beside its aim and its floor.
#[derive(Debug, Clone, Serialize)]
pub struct Goal {
    pub work: String,
    pub unit: &'static str,
    pub aim: f64,
    /// Whether the figure is to be at least the aim; otherwise at most.
    pub at_least: bool,
    pub figure: Option<f64>,
    pub floor: Option<f64>,
    /// What the floor is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_is: Option<&'static str>,
}

/// Everything that one run found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub engine: String,
    pub cases: u64,
    pub events: i64,
    pub open_clocks: i64,
    pub database_bytes: i64,
    pub processors: usize,
    pub lines: Vec<Line>,
    /// Every kind of page, the slowest first.
    pub pages: Vec<Line>,
    pub goals: Vec<Goal>,
    /// What else is worth knowing, such as what was left out and why.
    pub notes: Vec<String>,
}

impl Line {
    /// A load in figures.
    pub fn of(work: &str, load: String, outcome: &Outcome, cost: Cost) -> Self {
        let milliseconds = |share: f64| outcome.within(share).as_secs_f64() * 1000.0;
        let requests = outcome.answered + outcome.failed;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let each = |time: std::time::Duration| time.as_secs_f64() * 1000.0 / requests.max(1) as f64;
        Self {
            work: work.to_owned(),
            load,
            answered: outcome.answered,
            failed: outcome.failed,
            first_failure: outcome.first_failure.clone(),
            per_second: outcome.per_second(),
            p50_ms: milliseconds(0.5),
            p99_ms: milliseconds(0.99),
            p999_ms: milliseconds(0.999),
            longest_ms: milliseconds(1.0),
            server_cpu_ms: cost.server.map(each),
            database_cpu_ms: cost.database.map(each),
            generator_cpu_ms: cost.generator.map(each),
        }
    }
}

impl Goal {
    /// A figure that is to be at least so much.
    pub fn at_least(work: &str, unit: &'static str, aim: f64, figure: Option<f64>) -> Self {
        Self { work: work.to_owned(), unit, aim, at_least: true, figure, floor: None, floor_is: None }
    }

    /// A figure that is to be at most so much.
    pub fn at_most(work: &str, unit: &'static str, aim: f64, figure: Option<f64>) -> Self {
        Self { at_least: false, ..Self::at_least(work, unit, aim, figure) }
    }

    /// With what the figure can be no better than.
    pub fn beside(self, floor: Option<f64>, floor_is: &'static str) -> Self {
        Self { floor, floor_is: Some(floor_is), ..self }
    }

    /// The figure's share of the floor: a rate's of the rate, a time's the other way about.
    pub fn ratio(&self) -> Option<f64> {
        let (figure, floor) = (self.figure?, self.floor?);
        let (over, under) = if self.at_least { (figure, floor) } else { (floor, figure) };
        (under > 0.0).then(|| over / under)
    }

    /// Whether the aim is met; none where there is no figure.
    pub fn is_met(&self) -> Option<bool> {
        let figure = self.figure?;
        Some(if self.at_least { figure >= self.aim } else { figure <= self.aim })
    }
}

impl Report {
    /// The tables.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{}, {} cases, {} events, {} open clocks, {} on disk, {} processors\n\n",
            self.engine,
            self.cases,
            self.events,
            self.open_clocks,
            megabytes(self.database_bytes),
            self.processors,
        );
        text.push_str(&aligned(&self.line_rows()));
        text.push('\n');
        text.push_str(&aligned(&self.goal_rows()));
        for note in &self.notes {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n* {note}");
        }
        text
    }

    fn line_rows(&self) -> Vec<Vec<String>> {
        let head =
            ["work", "load", "/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU ms", "DB ms", "load ms", "failed"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for line in &self.lines {
            rows.push(vec![
                line.work.clone(),
                line.load.clone(),
                rounded(Some(line.per_second)),
                rounded(Some(line.p50_ms)),
                rounded(Some(line.p99_ms)),
                rounded(Some(line.p999_ms)),
                rounded(line.server_cpu_ms),
                rounded(line.database_cpu_ms),
                rounded(line.generator_cpu_ms),
                line.failed.to_string(),
            ]);
        }
        rows
    }

    fn goal_rows(&self) -> Vec<Vec<String>> {
        let mut rows =
            vec![["work", "aim", "figure", "floor", "ratio", "met", "floor is"].map(str::to_owned).to_vec()];
        for goal in &self.goals {
            let sign = if goal.at_least { "≥" } else { "≤" };
            rows.push(vec![
                goal.work.clone(),
                format!("{sign} {} {}", rounded(Some(goal.aim)), goal.unit),
                rounded(goal.figure),
                rounded(goal.floor),
                rounded(goal.ratio()),
                goal.is_met().map_or("–", |met| if met { "yes" } else { "no" }).to_owned(),
                goal.floor_is.unwrap_or("").to_owned(),
            ]);
        }
        rows
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: i64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}

/// Three figures, which is more than a noisy machine gives.
fn rounded(figure: Option<f64>) -> String {
    match figure {
        None => "–".to_owned(),
        Some(figure) if figure.abs() >= 100.0 => format!("{figure:.0}"),
        Some(figure) if figure.abs() >= 10.0 => format!("{figure:.1}"),
        Some(figure) if figure.abs() >= 1.0 => format!("{figure:.2}"),
        Some(figure) => format!("{figure:.3}"),
    }
}

/// Columns of equal width, the first two to the left.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            let room = " ".repeat(width.saturating_sub(cell.chars().count()));
            if column < 2 || column + 1 == columns {
                format!("{cell}{room}")
            } else {
                format!("{room}{cell}")
            }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_aim_stands_beside_its_figure_its_floor_and_their_ratio() {
        let report = Report {
            engine: "sqlite".to_owned(),
            goals: vec![
                Goal::at_least("file", "/s", 3000.0, Some(2500.0))
                    .beside(Some(5000.0), "the engine's own inserts"),
                Goal::at_most("read", "ms", 0.1, Some(0.08)),
                Goal::at_most("verify", "s", 1.0, None),
            ],
            ..Report::default()
        };
        let table = report.table();
        let line = |work: &str| table.lines().find(|line| line.starts_with(work)).unwrap().to_owned();
        let cells = |work: &str| line(work).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cells("file")[1..7], ["≥", "3000", "/s", "2500", "5000", "0.500"]);
        assert!(line("file").contains("no  the engine's own inserts"));
        assert!(line("read").contains("≤ 0.100 ms") && line("read").contains("yes"));
        assert_eq!(cells("verify")[4..], ["–", "–", "–", "–"]);
        serde_json::to_string(&report).unwrap();
    }
}
