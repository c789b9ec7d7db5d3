//! The embedded migrations, and the refusal to run on a schema from the future.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{self, AnyConnection, DatabaseUrl, MultiBackend, Purpose};
use crate::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Under this number processes that start at one time on one server wait for each other ("daowei" in ASCII).
const STARTING: i64 = 0x0064_616f_7765_69;

/// Brings the schema up to date and returns the versions that were applied now, oldest first.
///
/// # Errors
/// [`StoreError::NewerSchema`] before anything is changed, [`StoreError::Migration`] with the reason.
pub fn run(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    alone(connection, |connection| {
        let source = source_for(connection);
        refuse_newer(connection, &source)?;
        let applied = connection.run_pending_migrations(source).map_err(failed)?;
        Ok(applied.iter().map(ToString::to_string).collect())
    })
}

/// The versions that the database at the address is without, oldest first; changes no table but the list of them.
///
/// # Errors
/// As [`run`]; the database cannot be opened, or is not there at all.
pub fn pending_at(url: &DatabaseUrl) -> Result<Vec<String>, StoreError> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        // Opening would make it.
        return Err(StoreError::CannotOpen { detail: format!("{}: there is no such file", path.display()) });
    }
    pending(&mut connection::open(url, Purpose::Write)?)
}

/// As [`pending_at`].
pub(crate) fn pending(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let source = source_for(connection);
    refuse_newer(connection, &source)?;
    let pending = connection.pending_migrations(source).map_err(failed)?;
    Ok(pending.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Whether the database is a new one, without any table.
pub(crate) fn has_none(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    Ok(connection.applied_migrations().map_err(failed)?.is_empty())
}

/// # Errors
/// [`StoreError::NewerSchema`]
pub(crate) fn refuse_later(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let source = source_for(connection);
    refuse_newer(connection, &source)
}

/// Runs the work while no other process that starts does the same; an embedded database has its own lock.
pub(crate) fn alone<T>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let lock = |connection: &mut AnyConnection, function: &str| match connection {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(concrete) => {
            concrete.batch_execute(&format!("SELECT {function}({STARTING})"))
        }
    };
    lock(connection, "pg_advisory_lock")?;
    let done = work(connection);
    lock(connection, "pg_advisory_unlock")?;
    done
}

/// Takes every migration back, and with them all data; for tests and for nothing else.
///
/// # Errors
/// [`StoreError::Migration`] with the reason.
pub fn revert_all(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let source = source_for(connection);
    connection.revert_all_migrations(source).map(drop).map_err(failed)
}

fn source_for(connection: &AnyConnection) -> EmbeddedMigrations {
    match connection {
        AnyConnection::Sqlite(_) => SQLITE,
        AnyConnection::Postgres(_) => POSTGRES,
    }
}

fn refuse_newer(connection: &mut AnyConnection, source: &EmbeddedMigrations) -> Result<(), StoreError> {
    let known = MigrationSource::<MultiBackend>::migrations(source).map_err(failed)?;
    let applied = connection.applied_migrations().map_err(failed)?;
    let unknown = applied.iter().find(|version| known.iter().all(|each| each.name().version() != **version));
    match unknown {
        Some(version) => Err(StoreError::NewerSchema { version: version.to_string() }),
        None => Ok(()),
    }
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Migration { detail: error.to_string() }
}
