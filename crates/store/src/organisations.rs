//! Organs and the rules of who reviews whom.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::meta;
use crate::portable::Portable;
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
