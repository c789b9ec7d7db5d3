//! Whom accounts are at providers of OpenID Connect: by issuer and subject, which never become another's (OpenID Connect Core 5.7).

use std::collections::HashMap;

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::external_identities;

/// Somebody at a provider, and whose account here is or was theirs.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = external_identities, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ExternalIdentity {
    pub issuer: String,
    pub subject: String,
    pub user_id: i64,
    pub linked_at: Instant,
    /// Since when it is so no more.
    pub unlinked_at: Option<Instant>,
}

/// What is known of the provider's subject.
///
/// # Errors
/// Only what the database says.
pub fn find(
    connection: &mut AnyConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<ExternalIdentity>, StoreError> {
    let known = external_identities::table.find((issuer, subject)).select(ExternalIdentity::as_select());
    Ok(known.first(connection).optional()?)
}

/// Whether the account is linked to somebody at the provider.
///
/// # Errors
/// Only what the database says.
pub fn is_linked(connection: &mut AnyConnection, issuer: &str, user: i64) -> Result<bool, StoreError> {
    let linked = external_identities::table
        .filter(external_identities::user_id.eq(user))
        .filter(external_identities::issuer.eq(issuer))
        .filter(external_identities::unlinked_at.is_null())
        .select(external_identities::user_id);
    Ok(linked.first::<i64>(connection).optional()?.is_some())
}

/// Since when each of these users is linked to somebody, of those who are.
///
/// # Errors
/// Only what the database says.
pub fn linked_among(
    connection: &mut AnyConnection,
    users: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Instant>, StoreError> {
    let users: Vec<i64> = users.into_iter().collect();
    let linked = external_identities::table
        .filter(external_identities::user_id.eq_any(users))
        .filter(external_identities::unlinked_at.is_null())
        .order(external_identities::linked_at)
        .select((external_identities::user_id, external_identities::linked_at));
    Ok(linked.load::<(i64, Instant)>(connection)?.into_iter().collect())
}

/// Links an account, also to somebody whose link was taken away.
///
/// # Errors
/// [`StoreError::Conflict`] if the account is linked at that provider; [`StoreError::MissingReference`] for an unknown user.
pub fn link(connection: &mut AnyConnection, identity: &ExternalIdentity) -> Result<(), StoreError> {
    let known = external_identities::table.find((&identity.issuer, &identity.subject));
    if diesel::update(known).set(identity).execute(connection)? == 0 {
        diesel::insert_into(external_identities::table).values(identity).execute(connection)?;
    }
    Ok(())
}

/// Takes the links of an account away, and tells what they were.
///
/// # Errors
/// Only what the database says.
pub fn unlink(
    connection: &mut AnyConnection,
    user: i64,
    at: Instant,
) -> Result<Vec<ExternalIdentity>, StoreError> {
    let linked = external_identities::table
        .filter(external_identities::user_id.eq(user))
        .filter(external_identities::unlinked_at.is_null());
    let identities = linked.select(ExternalIdentity::as_select()).load(connection)?;
    diesel::update(linked).set(external_identities::unlinked_at.eq(Some(at))).execute(connection)?;
    Ok(identities)
}
