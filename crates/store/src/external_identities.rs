//! Who an account is at a provider of OpenID Connect: by the subject, the only thing there that never becomes another's
//! (OpenID Connect Core 5.7).

use std::collections::HashMap;

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::external_identities;

/// An account's identity at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = external_identities, treat_none_as_default_value = false)]
pub struct ExternalIdentity {
    pub user_id: i64,
    pub issuer: String,
    pub subject: String,
    /// When it was first seen.
    pub linked_at: Instant,
}

/// Whose account the provider's subject is linked to.
///
/// # Errors
/// Only what the database says.
pub fn user_of(
    connection: &mut AnyConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<i64>, StoreError> {
    let linked = external_identities::table
        .filter(external_identities::issuer.eq(issuer))
        .filter(external_identities::subject.eq(subject))
        .select(external_identities::user_id);
    Ok(linked.first(connection).optional()?)
}

/// Since when each of these users is linked to a provider, of those who are.
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
        .select((external_identities::user_id, external_identities::linked_at));
    Ok(linked.load::<(i64, Instant)>(connection)?.into_iter().collect())
}

/// Links an account to who it is at a provider.
///
/// # Errors
/// [`StoreError::Conflict`] if one of the two is linked already; [`StoreError::MissingReference`] for an unknown user.
pub fn link(connection: &mut AnyConnection, identity: &ExternalIdentity) -> Result<(), StoreError> {
    diesel::insert_into(external_identities::table).values(identity).execute(connection)?;
    Ok(())
}

/// Takes the link of an account away, and tells what it was.
///
/// # Errors
/// Only what the database says.
pub fn unlink(connection: &mut AnyConnection, user: i64) -> Result<Option<ExternalIdentity>, StoreError> {
    let own = external_identities::table.find(user);
    let linked: Option<ExternalIdentity> =
        own.select(ExternalIdentity::as_select()).first(connection).optional()?;
    diesel::delete(own).execute(connection)?;
    Ok(linked)
}
