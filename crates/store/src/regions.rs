//! Regions and grids: 12-digit codes, with the days between which each is valid.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::meta;
use crate::portable::Portable;
use crate::schema::regions;

/// A region or grid; one that ended names the region that took its place.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = regions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RegionRow {
    pub code: String,
    pub name: String,
    pub level: String,
    pub parent_code: Option<String>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub successor_code: Option<String>,
}

/// Every region, also those that ended, in the order of their codes.
///
/// # Errors
/// Only what the database says.
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<RegionRow>, StoreError> {
    Ok(regions::table.order(regions::code).select(RegionRow::as_select()).load(connection)?)
}

/// The region with the code.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn find(connection: &mut AnyConnection, code: &str) -> Result<RegionRow, StoreError> {
    Ok(regions::table.find(code).select(RegionRow::as_select()).first(connection)?)
}

/// Adds a region.
///
/// # Errors
/// [`StoreError::Conflict`] on `regions_code_key`, [`StoreError::MissingReference`] for an unknown parent.
pub fn insert(connection: &mut AnyConnection, region: &RegionRow) -> Result<(), StoreError> {
    diesel::insert_into(regions::table).values(region).execute(connection)?;
    meta::bump_directory_version(connection)
}

/// Changes a region to what is given.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::MissingReference`] for an unknown parent or successor.
pub fn update(connection: &mut AnyConnection, region: &RegionRow) -> Result<(), StoreError> {
    let changed = diesel::update(regions::table.find(&region.code)).set(region).execute(connection)?;
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    meta::bump_directory_version(connection)
}

/// Adds or changes many regions; a parent must come before its children.
///
/// # Errors
/// [`StoreError::MissingReference`] for an unknown parent or successor.
pub fn upsert_all(connection: &mut AnyConnection, rows: &[RegionRow]) -> Result<(), StoreError> {
    for row in rows {
        let upsert =
            diesel::insert_into(regions::table).values(row).on_conflict(regions::code).do_update().set(row);
        Portable(upsert).execute(connection)?;
    }
    meta::bump_directory_version(connection)
}
