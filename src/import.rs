//! Taking over earlier petitions from a table: each row becomes a case with its own dates.
//!
//! A row that cannot be taken is refused with its line and its reason and changes nothing; a number that is there
//! already is left as it is, so that a table can be imported again after a crash or with more rows.

mod dates;
mod people;
mod place;
mod summary;
mod table;
mod write;

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use anyhow::Context;
use domain::access::{Actor, Role};
use domain::id::OrganisationId;
use store::{AnyConnection, StoreError, directory, users};

pub use place::{Place, find_place};
pub use summary::{Summary, WithinDays};
pub use table::{Column, ColumnNames, Encoding};

use crate::app::App;
use summary::Figures;
use table::{Earlier, Row, Table};
use write::Written;

/// How many rows share a transaction: enough that the sync is not felt, few enough that a server on the same
/// database does not wait long for its turn to write.
const BATCH: usize = 200;

/// What is imported, and how.
pub struct Order {
    /// Whether everything is decided and nothing is kept.
    pub dry_run: bool,
    /// The headers of the columns, where they differ.
    pub columns: ColumnNames,
    /// How the table is written.
    pub encoding: Encoding,
    /// The register that the petitions enter, and where their problems lie.
    pub place: Place,
    /// The administrator in whose name the journal records the import.
    pub actor: Actor,
}

/// What happens to an import while it runs.
pub trait Watcher {
    /// A line was refused.
    fn refused(&mut self, line: u64, reason: &str);
    /// So many bytes of the table have been read.
    fn read_to(&mut self, byte: u64);
}

/// Imports a table of petitions.
///
/// # Errors
/// The table has no header or lacks a column, cannot be read on, or the database fails; what earlier batches
/// wrote stays, and is there already the next time.
pub async fn import(
    app: &Arc<App>,
    order: Order,
    source: impl Read,
    watcher: &mut impl Watcher,
) -> anyhow::Result<Summary> {
    let mut table = Table::open(source, &order.columns, order.encoding, app.settings.time_zone)?;
    let mut run = Run {
        app,
        order: Arc::new(order),
        watcher,
        figures: Figures::new(app.settings.time_zone),
        lines: HashMap::new(),
    };
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = table.next_row()? {
        run.watcher.read_to(table.position());
        run.figures.summary.read += 1;
        match run.checked(row) {
            Ok(earlier) => batch.push(earlier),
            Err((line, reason)) => run.refuse(line, &reason),
        }
        if batch.len() == BATCH {
            run.write(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).await?;
        }
    }
    run.write(batch).await?;
    Ok(run.figures.summary())
}

/// An import on its way.
struct Run<'a, W> {
    app: &'a Arc<App>,
    order: Arc<Order>,
    watcher: &'a mut W,
    figures: Figures,
    /// The line on which each number stands.
    lines: HashMap<String, u64>,
}

impl<W: Watcher> Run<'_, W> {
    /// The row, unless it does not parse, is of the future, or has a number that the table has had before.
    fn checked(&mut self, row: Row) -> Result<Earlier, (u64, String)> {
        let line = row.line;
        let earlier = row.parsed.map_err(|reason| (line, reason))?;
        earlier.check_times(self.app.clock.now()).map_err(|reason| (line, reason))?;
        if let Some(first) = self.lines.get(earlier.source_no.as_str()) {
            return Err((line, format!("source_no stands on line {first} already")));
        }
        self.lines.insert(earlier.source_no.to_string(), line);
        Ok(earlier)
    }

    fn refuse(&mut self, line: u64, reason: &str) {
        self.figures.summary.refused += 1;
        self.watcher.refused(line, reason);
    }

    async fn write(&mut self, batch: Vec<Earlier>) -> anyhow::Result<()> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(()) };
        let lines = format!("lines {} to {}", first.line, last.line);
        let batch = Arc::new(batch);
        let outcomes = write::batch(self.app, &self.order, &batch)
            .await
            .with_context(|| format!("{lines} were not imported; import the table again to go on"))?;
        for (earlier, outcome) in batch.iter().zip(outcomes) {
            match outcome {
                Written::Imported => self.figures.summary.imported += 1,
                Written::AlreadyThere => self.figures.summary.already_there += 1,
                Written::Refused(reason) => {
                    self.refuse(earlier.line, &reason);
                    continue;
                }
            }
            if let Some(reply) = &earlier.reply {
                self.figures.answered(earlier.filed_at, reply.replied_at);
            }
        }
        Ok(())
    }
}

/// The administrator of that name, or the first system administrator.
///
/// # Errors
/// There is none, or the user of that name is no administrator.
pub fn find_administrator(
    connection: &mut AnyConnection,
    username: Option<&str>,
) -> Result<anyhow::Result<Actor>, StoreError> {
    let mut known = Vec::new();
    for user in users::load_all(connection)?.into_iter().filter(|user| user.active) {
        known.push((user.username.clone(), directory::staff_of(&user)?));
    }
    let imports = |role: Role| matches!(role, Role::SystemAdministrator | Role::SecurityAdministrator);
    let found = match username {
        Some(name) => known
            .into_iter()
            .find(|(known, staff)| known == name && imports(staff.role))
            .with_context(|| format!("there is no active system or security administrator {name}")),
        None => known.into_iter().find(|(_, staff)| staff.role == Role::SystemAdministrator).context(
            "there is no active system administrator; add one with `daowei user add --role system_administrator`",
        ),
    };
    Ok(found.map(|(_, staff)| Actor::Staff(staff)))
}

/// An organisation as it is shown to whoever has to choose one.
fn shown(id: OrganisationId, name: &str) -> String {
    format!("{id} {name}")
}
