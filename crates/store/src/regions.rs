//! Regions and grids: 12-digit codes, with the days between which each is valid.

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::region::{RegionCode, RegionLevel};

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::meta;
use crate::portable::{Portable, next_prefix};
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

/// What a list of regions is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegionFilter {
    /// The region directly above.
    pub parent: Option<RegionCode>,
    /// Any of these; none for all.
    pub levels: Vec<RegionLevel>,
    /// This region and everything inside it.
    pub under: Option<RegionCode>,
    /// In force on this day.
    pub in_force_on: Option<NaiveDate>,
}

/// Up to `limit` regions after the code that pass the filter, in the order of their codes.
///
/// Each level is a walk of its own along the index, because the few counties lie far apart among the many grids.
///
/// # Errors
/// Only what the database says.
pub fn list(
    connection: &mut AnyConnection,
    filter: &RegionFilter,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<RegionRow>, StoreError> {
    let page = |query: Regions| query.order(regions::code).limit(limit).select(RegionRow::as_select());
    let words = filter.levels.iter().map(|level| level.as_ref().to_owned());
    if let Some(parent) = &filter.parent {
        let mut below =
            matching(filter, after).filter(regions::parent_code.eq(Some(parent.as_str().to_owned())));
        if !filter.levels.is_empty() {
            // With something added to it the level is looked at in what the parent leads to, and leads nowhere itself.
            below = below.filter(regions::level.concat("").eq_any(words.collect::<Vec<_>>()));
        }
        return Ok(page(below).load(connection)?);
    }
    if filter.levels.is_empty() {
        return Ok(page(matching(filter, after)).load(connection)?);
    }
    let mut rows: Vec<RegionRow> = Vec::new();
    for word in words {
        let of_level = matching(filter, after).filter(regions::level.eq(word));
        rows.extend(page(of_level).load(connection)?);
    }
    rows.sort_by(|one, other| one.code.cmp(&other.code));
    rows.dedup();
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

type Regions = regions::BoxedQuery<'static, MultiBackend>;

fn matching(filter: &RegionFilter, after: Option<&str>) -> Regions {
    let mut query =
        regions::table.into_boxed().filter(regions::code.gt(after.unwrap_or_default().to_owned()));
    if let Some(under) = &filter.under {
        let prefix = under.significant_prefix();
        query = query.filter(regions::code.ge(prefix.to_owned()));
        if let Some(end) = next_prefix(prefix) {
            query = query.filter(regions::code.lt(end));
        }
    }
    if let Some(day) = filter.in_force_on {
        let has_ended = regions::valid_to.is_not_null().and(regions::valid_to.assume_not_null().lt(day));
        query = query.filter(regions::valid_from.le(day)).filter(diesel::dsl::not(has_ended));
    }
    query
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

/// As [`find`], if it is there.
///
/// # Errors
/// Only what the database says.
pub fn find_known(connection: &mut AnyConnection, code: &str) -> Result<Option<RegionRow>, StoreError> {
    Ok(regions::table.find(code).select(RegionRow::as_select()).first(connection).optional()?)
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
