//! The version of the directories, by which every process knows that its snapshot of them is old.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::schema::meta;

const DIRECTORY_VERSION: &str = "directory_version";

/// The version of regions, organisations, users, review rules and the calendar together.
///
/// # Errors
/// [`StoreError::Broken`] if it is no number.
pub fn directory_version(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let value: String = meta::table.find(DIRECTORY_VERSION).select(meta::value).first(connection)?;
    value.parse().map_err(|error| StoreError::broken("meta", format!("{value:?}: {error}")))
}

/// Counts the version up; every verb that writes to a directory does this in its own transaction.
///
/// # Errors
/// [`StoreError::NotFound`] if the row is gone.
pub fn bump_directory_version(connection: &mut AnyConnection) -> Result<(), StoreError> {
    let changed =
        diesel::sql_query("UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = $1")
            .bind::<Text, _>(DIRECTORY_VERSION)
            .execute(connection)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
