//! The embedded migrations, and the refusal to run on a schema from the future.

use diesel::migration::MigrationSource;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Brings the schema up to date and returns the versions that were applied now, oldest first.
///
/// # Errors
/// [`StoreError::NewerSchema`] before anything is changed, [`StoreError::Migration`] with the reason.
pub fn run(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let source = source_for(connection)?;
    refuse_newer(connection, &source)?;
    let applied = connection.run_pending_migrations(source).map_err(failed)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

/// Takes every migration back, and with them all data; for tests and for nothing else.
///
/// # Errors
/// [`StoreError::Migration`] with the reason.
pub fn revert_all(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let source = source_for(connection)?;
    connection.revert_all_migrations(source).map(drop).map_err(failed)
}

fn source_for(connection: &AnyConnection) -> Result<EmbeddedMigrations, StoreError> {
    match connection {
        AnyConnection::Sqlite(_) => Ok(SQLITE),
        AnyConnection::Postgres(_) => Err(StoreError::EngineNotAvailable { engine: "PostgreSQL" }),
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
