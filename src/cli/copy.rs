//! `daowei copy`: moves a whole installation from one database to another, of either engine.

use indicatif::{ProgressBar, ProgressStyle};
use store::DatabaseUrl;
use store::copy::{Copied, CopyError, Progress, copy};

use super::serve::say;
use crate::config::Given;
use crate::config::keys::{KeyError, Keys};

#[derive(clap::Args)]
pub struct Copy {
    #[command(flatten)]
    given: Given,
    /// The database that is copied, which nobody may write to meanwhile: `sqlite:FILE` or `postgres://…`
    #[arg(long, value_name = "URL", hide_env_values = true)]
    from: DatabaseUrl,
    /// The database that gets everything, which must have no cases and no accounts yet
    #[arg(long, value_name = "URL", hide_env_values = true)]
    to: DatabaseUrl,
}

impl Copy {
    /// Runs, and tells what was copied.
    ///
    /// # Errors
    /// A database cannot be used, the target is not empty, or the two are not the same in the end; nothing was copied
    /// then.
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let ring = match Keys::load(&settings) {
            Ok(keys) => Some(keys.sealing),
            Err(KeyError::Missing { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let bar = progress();
        let copied =
            copy(&self.from, &self.to, &settings.rules, ring.as_ref(), &mut |progress| show(&bar, progress));
        bar.finish_and_clear();
        if let Err(CopyError::Unsound(verified)) = &copied {
            super::verify::tell(verified)?;
        }
        self.tell(&copied?)
    }

    fn tell(&self, copied: &Copied) -> anyhow::Result<()> {
        say(&format!("copied {} to {}", self.from, self.to))?;
        for (table, row_count) in &copied.tables {
            say(&format!("{row_count:>12}  {table}"))?;
        }
        super::verify::tell(&copied.verified)?;
        say(&format!(
            "read back and compared: every row, the SHA-256 of {} journals, the order of their events",
            copied.journal_count
        ))?;
        say("personal data are sealed as they were: the new place needs the same keys/ or DAOWEI_KEY")
    }
}

/// Nothing is shown where standard error is no terminal.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "{bar:30} {human_pos}/{human_len} rows, {per_sec}, {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Begun { row_count } => bar.set_length(row_count),
        Progress::Copied { table, row_count } => {
            bar.set_message(table);
            bar.inc(row_count);
        }
        Progress::Comparing => bar.set_message("reading back"),
    }
}
