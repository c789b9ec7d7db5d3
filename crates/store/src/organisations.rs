//! Organs and the rules of who reviews whom.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::id::OrganisationId;
use domain::organisation::{OrganisationKind, OrganisationLevel};
use domain::region::{RegionCode, RegionLevel};

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::meta;
use crate::portable::{Portable, next_prefix};
use crate::schema::{organisations, review_authority_rules};

/// An organ; it is never deleted, because cases name it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OrganisationRow {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub level: String,
    pub region_code: String,
    pub superior_id: Option<i64>,
    pub active: bool,
}

/// Which organ reviews (Art. 35) or re-reviews (Art. 36) the decisions of organs of a kind and level.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_authority_rules, treat_none_as_default_value = false)]
pub struct ReviewAuthorityRuleRow {
    pub id: i64,
    pub organ_kind: String,
    pub organ_level: String,
    pub stage: String,
    pub authority: String,
    pub named_organisation_id: Option<i64>,
    /// Lower is tried first.
    pub priority: i32,
}

/// What a list of organs is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationFilter {
    /// Any of these; none for all.
    pub kinds: Vec<OrganisationKind>,
    /// Any of these; none for all.
    pub levels: Vec<OrganisationLevel>,
    /// Of this region itself.
    pub region: Option<RegionCode>,
    /// Of this region or one inside it.
    pub under: Option<RegionCode>,
    /// Directly below this organ.
    pub superior: Option<OrganisationId>,
    /// Whether it works still.
    pub active: Option<bool>,
}

/// Up to `limit` organs after the id that pass the filter, in the order of their ids.
///
/// # Errors
/// Only what the database says.
pub fn list(
    connection: &mut AnyConnection,
    filter: &OrganisationFilter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<OrganisationRow>, StoreError> {
    let mut query = organisations::table.into_boxed().filter(organisations::id.gt(after.unwrap_or(i64::MIN)));
    if let Some(region) = &filter.region {
        query = query.filter(organisations::region_code.eq(region.as_str().to_owned()));
    }
    if let Some(superior) = filter.superior {
        query = query.filter(organisations::superior_id.eq(Some(superior.get())));
    }
    if let Some(under) = &filter.under {
        query = inside(query, under);
    }
    if !filter.kinds.is_empty() {
        let kinds: Vec<_> = filter.kinds.iter().map(|kind| kind.as_ref().to_owned()).collect();
        query = query.filter(organisations::kind.eq_any(kinds));
    }
    if !filter.levels.is_empty() {
        let levels: Vec<_> = filter.levels.iter().map(|level| level.as_ref().to_owned()).collect();
        query = query.filter(organisations::level.eq_any(levels));
    }
    if let Some(active) = filter.active {
        query = query.filter(organisations::active.eq(active));
    }
    let page = query.order(organisations::id).limit(limit).select(OrganisationRow::as_select());
    Ok(page.load(connection)?)
}

type Organisations = organisations::BoxedQuery<'static, MultiBackend>;

/// The organs of a county or less are found by its codes and sorted; those of a wider region are so large a part of
/// all that they are picked out while going through all in order.
fn inside(query: Organisations, region: &RegionCode) -> Organisations {
    let prefix = region.significant_prefix();
    let (from, end) = (prefix.to_owned(), next_prefix(prefix));
    if region.level() >= RegionLevel::County {
        let query = query.filter(organisations::region_code.ge(from));
        return match end {
            Some(end) => query.filter(organisations::region_code.lt(end)),
            None => query,
        };
    }
    // With something added to it the code leads to no index.
    let query = query.filter(organisations::region_code.concat("").ge(from));
    match end {
        Some(end) => query.filter(organisations::region_code.concat("").lt(end)),
        None => query,
    }
}

/// The names of these organs; an id that is not there is left out.
///
/// # Errors
/// Only what the database says.
pub fn names(
    connection: &mut AnyConnection,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let mut ids: Vec<i64> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let named = organisations::table.filter(organisations::id.eq_any(ids));
    let rows: Vec<(i64, String)> = named.select((organisations::id, organisations::name)).load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Whether an active organ stands directly below this one.
///
/// # Errors
/// Only what the database says.
pub fn has_active_inferiors(connection: &mut AnyConnection, id: i64) -> Result<bool, StoreError> {
    let below = organisations::table
        .filter(organisations::superior_id.eq(Some(id)))
        .filter(organisations::active.eq(true));
    Ok(diesel::select(diesel::dsl::exists(below)).get_result(connection)?)
}

/// Every organ, also those no longer active, in the order of their ids.
///
/// # Errors
/// Only what the database says.
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<OrganisationRow>, StoreError> {
    let rows = organisations::table.order(organisations::id).select(OrganisationRow::as_select());
    Ok(rows.load(connection)?)
}

/// The organ with the id.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<OrganisationRow, StoreError> {
    Ok(organisations::table.find(id).select(OrganisationRow::as_select()).first(connection)?)
}

/// As [`find`], if it is there.
///
/// # Errors
/// Only what the database says.
pub fn find_known(connection: &mut AnyConnection, id: i64) -> Result<Option<OrganisationRow>, StoreError> {
    let found = organisations::table.find(id).select(OrganisationRow::as_select());
    Ok(found.first(connection).optional()?)
}

/// Adds an organ.
///
/// # Errors
/// [`StoreError::Conflict`] on its id, [`StoreError::MissingReference`] for an unknown region or superior.
pub fn insert(connection: &mut AnyConnection, organisation: &OrganisationRow) -> Result<(), StoreError> {
    diesel::insert_into(organisations::table).values(organisation).execute(connection)?;
    meta::bump_directory_version(connection)
}

/// Changes an organ to what is given.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::MissingReference`] for an unknown region or superior.
pub fn update(connection: &mut AnyConnection, organisation: &OrganisationRow) -> Result<(), StoreError> {
    let target = organisations::table.find(organisation.id);
    if diesel::update(target).set(organisation).execute(connection)? == 0 {
        return Err(StoreError::NotFound);
    }
    meta::bump_directory_version(connection)
}

/// Every review rule, in the order in which they are tried.
///
/// # Errors
/// Only what the database says.
pub fn load_review_rules(connection: &mut AnyConnection) -> Result<Vec<ReviewAuthorityRuleRow>, StoreError> {
    Ok(review_authority_rules::table
        .order((review_authority_rules::priority, review_authority_rules::id))
        .select(ReviewAuthorityRuleRow::as_select())
        .load(connection)?)
}

/// Puts these rules in the place of all earlier ones.
///
/// # Errors
/// [`StoreError::MissingReference`] for an unknown named organ.
pub fn replace_review_rules(
    connection: &mut AnyConnection,
    rules: &[ReviewAuthorityRuleRow],
) -> Result<(), StoreError> {
    diesel::delete(review_authority_rules::table).execute(connection)?;
    for rule in rules {
        diesel::insert_into(review_authority_rules::table).values(rule).execute(connection)?;
    }
    meta::bump_directory_version(connection)
}

/// Adds or changes many organs; a superior must come before its inferiors.
///
/// # Errors
/// [`StoreError::MissingReference`] for an unknown region or superior.
pub fn upsert_all(connection: &mut AnyConnection, rows: &[OrganisationRow]) -> Result<(), StoreError> {
    for row in rows {
        let upsert = diesel::insert_into(organisations::table)
            .values(row)
            .on_conflict(organisations::id)
            .do_update()
            .set(row);
        Portable(upsert).execute(connection)?;
    }
    meta::bump_directory_version(connection)
}
