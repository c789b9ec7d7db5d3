//! The three-level tree of topics that petitions are counted by.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Portable;
use crate::schema::topics;

/// A node of the tree; the levels below its own are empty.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = topics)]
pub struct TopicRow {
    pub code: String,
    pub level1: String,
    pub level2: String,
    pub level3: String,
    /// The edition of the tree that the row comes from.
    pub version: String,
    pub active: bool,
}

/// Every topic, also those no longer active, in the order of their codes.
///
/// # Errors
/// Only what the database says.
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<TopicRow>, StoreError> {
    Ok(topics::table.order(topics::code).select(TopicRow::as_select()).load(connection)?)
}

/// The topic with the code.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn find(connection: &mut AnyConnection, code: &str) -> Result<TopicRow, StoreError> {
    Ok(topics::table.find(code).select(TopicRow::as_select()).first(connection)?)
}

/// Adds or changes many topics.
///
/// # Errors
/// Only what the database says.
pub fn upsert_all(connection: &mut AnyConnection, rows: &[TopicRow]) -> Result<(), StoreError> {
    for row in rows {
        let upsert =
            diesel::insert_into(topics::table).values(row).on_conflict(topics::code).do_update().set(row);
        Portable(upsert).execute(connection)?;
    }
    Ok(())
}
