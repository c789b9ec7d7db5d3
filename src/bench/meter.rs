//! What a load costs the processors: the server's share, the database's, and the generator's own.

use std::time::Duration;

use store::{AnyConnection, floor};

use super::process::Process;

/// Processor time by who took it; none where the system does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    pub server: Option<Duration>,
    pub database: Option<Duration>,
    pub generator: Option<Duration>,
}

/// The processes that are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    server: Process,
    /// The parent of all processes of a database server on this machine.
    database: Option<Process>,
}

impl Meter {
    /// Looks at a server, and at a database's processes where there are any on this machine.
    pub const fn new(server: Process, database: Option<Process>) -> Self {
        Self { server, database }
    }

    fn read(&self) -> Cost {
        Cost {
            server: self.server.processor_time(),
            database: self.database.and_then(Process::processor_time_of_family),
            generator: Process::own().processor_time(),
        }
    }

    /// Runs the work and says what it cost.
    ///
    /// # Errors
    /// What the work answers.
    pub fn during<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Cost)> {
        let before = self.read();
        let done = work()?;
        let after = self.read();
        let between =
            |after: Option<Duration>, before: Option<Duration>| Some(after?.saturating_sub(before?));
        let cost = Cost {
            server: between(after.server, before.server),
            database: between(after.database, before.database),
            generator: between(after.generator, before.generator),
        };
        Ok((done, cost))
    }
}

/// The first process of the database server, where it runs on this machine.
///
/// # Errors
/// What the database says.
pub fn database_process(connection: &mut AnyConnection) -> anyhow::Result<Option<Process>> {
    let backend = floor::backend_process(connection)?.and_then(|pid| u32::try_from(pid).ok()).map(Process);
    let is_ours = |process: &Process| process.name().is_some_and(|name| name.starts_with("postgres"));
    // On another machine the number means another process, or none.
    Ok(backend.filter(is_ours).and_then(Process::parent).filter(is_ours))
}
