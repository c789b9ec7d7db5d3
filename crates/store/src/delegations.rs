//! Who acts in whose place, and for how long. What has ended stays, since it says under what somebody acted.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::access::Duty;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::delegations;

/// A delegation; times in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    pub id: i64,
    /// In whose place.
    pub principal_id: i64,
    pub deputy_id: i64,
    pub duties: BTreeSet<Duty>,
    pub reason: String,
    pub from_at: Instant,
    pub until_at: Instant,
    pub created_at: Instant,
    pub created_by_id: i64,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
    pub ended_by_id: Option<i64>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = delegations, treat_none_as_default_value = false)]
struct DelegationRow {
    id: i64,
    principal_id: i64,
    deputy_id: i64,
    duties: serde_json::Value,
    reason: String,
    from_at: Instant,
    until_at: Instant,
    created_at: Instant,
    created_by_id: i64,
    ended_at: Option<Instant>,
    ended_by_id: Option<i64>,
}

impl TryFrom<DelegationRow> for Delegation {
    type Error = StoreError;

    fn try_from(row: DelegationRow) -> Result<Self, StoreError> {
        let duties = serde_json::from_value(row.duties)
            .map_err(|error| StoreError::broken("delegations", format!("duties of {}: {error}", row.id)))?;
        Ok(Self {
            id: row.id,
            principal_id: row.principal_id,
            deputy_id: row.deputy_id,
            duties,
            reason: row.reason,
            from_at: row.from_at,
            until_at: row.until_at,
            created_at: row.created_at,
            created_by_id: row.created_by_id,
            ended_at: row.ended_at,
            ended_by_id: row.ended_by_id,
        })
    }
}

/// Which delegations are asked for; all conditions hold at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub principal_id: Option<i64>,
    pub deputy_id: Option<i64>,
    /// Neither ended nor over at that time.
    pub still_at: Option<Instant>,
    /// Only those made before this one.
    pub before: Option<i64>,
}

/// Adds a delegation.
///
/// # Errors
/// A user who is not there; what the database says.
pub fn insert(connection: &mut AnyConnection, delegation: &Delegation) -> Result<(), StoreError> {
    let duties = serde_json::to_value(&delegation.duties);
    let row = DelegationRow {
        id: delegation.id,
        principal_id: delegation.principal_id,
        deputy_id: delegation.deputy_id,
        duties: duties.map_err(|error| StoreError::broken("delegations", error))?,
        reason: delegation.reason.clone(),
        from_at: delegation.from_at,
        until_at: delegation.until_at,
        created_at: delegation.created_at,
        created_by_id: delegation.created_by_id,
        ended_at: delegation.ended_at,
        ended_by_id: delegation.ended_by_id,
    };
    diesel::insert_into(delegations::table).values(&row).execute(connection)?;
    Ok(())
}

/// The delegation with the id.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Broken`].
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<Delegation, StoreError> {
    delegations::table.find(id).select(DelegationRow::as_select()).first(connection)?.try_into()
}

/// Ends the delegation, unless it has been ended; whether it did.
///
/// # Errors
/// Only what the database says.
pub fn end(connection: &mut AnyConnection, id: i64, at: Instant, by: i64) -> Result<bool, StoreError> {
    let lasting = delegations::table.find(id).filter(delegations::ended_at.is_null());
    let end = (delegations::ended_at.eq(Some(at)), delegations::ended_by_id.eq(Some(by)));
    Ok(diesel::update(lasting).set(end).execute(connection)? == 1)
}

/// Under what the deputy acts in the user's place at that time.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn in_force(
    connection: &mut AnyConnection,
    principal: i64,
    deputy: i64,
    at: Instant,
) -> Result<Vec<Delegation>, StoreError> {
    let found = delegations::table
        .filter(delegations::principal_id.eq(principal))
        .filter(delegations::deputy_id.eq(deputy))
        .filter(delegations::until_at.gt(at))
        .filter(delegations::from_at.le(at))
        .filter(delegations::ended_at.is_null())
        .select(DelegationRow::as_select());
    found.load(connection)?.into_iter().map(Delegation::try_from).collect()
}

/// Whether the deputy has something in the user's hands for some of the time, and it was not ended.
///
/// # Errors
/// Only what the database says.
pub fn is_given_between(
    connection: &mut AnyConnection,
    principal: i64,
    deputy: i64,
    (from, until): (Instant, Instant),
) -> Result<bool, StoreError> {
    let found = delegations::table
        .filter(delegations::principal_id.eq(principal))
        .filter(delegations::deputy_id.eq(deputy))
        .filter(delegations::until_at.gt(from))
        .filter(delegations::from_at.lt(until))
        .filter(delegations::ended_at.is_null());
    Ok(found.count().get_result::<i64>(connection)? > 0)
}

/// Whether the deputy had something in the user's hands at some time since.
///
/// # Errors
/// Only what the database says.
pub fn was_given_since(
    connection: &mut AnyConnection,
    principal: i64,
    deputy: i64,
    since: Instant,
) -> Result<bool, StoreError> {
    let lasted = delegations::ended_at.is_null().or(delegations::ended_at.assume_not_null().gt(since));
    let found = delegations::table
        .filter(delegations::principal_id.eq(principal))
        .filter(delegations::deputy_id.eq(deputy))
        .filter(delegations::until_at.gt(since))
        .filter(lasted);
    Ok(found.count().get_result::<i64>(connection)? > 0)
}

/// Ends all that the user has handed over, or was handed, and that is not over; which those were.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn end_all_of(
    connection: &mut AnyConnection,
    user: i64,
    at: Instant,
    by: i64,
) -> Result<Vec<i64>, StoreError> {
    let given = Wanted { principal_id: Some(user), still_at: Some(at), ..Wanted::default() };
    let received = Wanted { principal_id: None, deputy_id: Some(user), ..given };
    let mut ended = Vec::new();
    for wanted in [given, received] {
        for delegation in list(connection, &wanted, i64::MAX)? {
            if end(connection, delegation.id, at, by)? {
                ended.push(delegation.id);
            }
        }
    }
    Ok(ended)
}

/// Up to `limit` delegations, the newest first.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn list(
    connection: &mut AnyConnection,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Delegation>, StoreError> {
    let mut found = delegations::table.into_boxed::<MultiBackend>();
    if let Some(principal) = wanted.principal_id {
        found = found.filter(delegations::principal_id.eq(principal));
    }
    if let Some(deputy) = wanted.deputy_id {
        found = found.filter(delegations::deputy_id.eq(deputy));
    }
    if let Some(at) = wanted.still_at {
        found = found.filter(delegations::until_at.gt(at)).filter(delegations::ended_at.is_null());
    }
    if let Some(before) = wanted.before {
        found = found.filter(delegations::id.lt(before));
    }
    let page = found.order(delegations::id.desc()).limit(limit).select(DelegationRow::as_select());
    page.load(connection)?.into_iter().map(Delegation::try_from).collect()
}
