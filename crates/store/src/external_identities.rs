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
    /// When they first showed all that was asked for at a sign-in.
    pub shown_at: Option<Instant>,
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

/// Since when each of these users is linked to somebody at the provider, of those who are.
///
/// # Errors
/// Only what the database says.
pub fn linked_among(
    connection: &mut AnyConnection,
    issuer: &str,
    users: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Instant>, StoreError> {
    let users: Vec<i64> = users.into_iter().collect();
    let linked = external_identities::table
        .filter(external_identities::user_id.eq_any(users))
        .filter(external_identities::issuer.eq(issuer))
        .filter(external_identities::unlinked_at.is_null())
        .select((external_identities::user_id, external_identities::linked_at));
    Ok(linked.load::<(i64, Instant)>(connection)?.into_iter().collect())
}

/// Links an account, also to somebody whose link was taken away.
///
/// # Errors
/// [`StoreError::Conflict`] if the account or the subject is linked at that provider, which only a race finds here: the transaction
/// is tried again; [`StoreError::MissingReference`] for an unknown user.
pub fn link(connection: &mut AnyConnection, identity: &ExternalIdentity) -> Result<(), StoreError> {
    let known = external_identities::table
        .find((&identity.issuer, &identity.subject))
        .filter(external_identities::unlinked_at.is_not_null());
    if diesel::update(known).set(identity).execute(connection)? == 0 {
        diesel::insert_into(external_identities::table).values(identity).execute(connection)?;
    }
    Ok(())
}

/// Says that somebody who is linked has shown all that was asked for, if that is not said yet.
///
/// # Errors
/// Only what the database says.
pub fn show(
    connection: &mut AnyConnection,
    issuer: &str,
    subject: &str,
    at: Instant,
) -> Result<(), StoreError> {
    let first =
        external_identities::table.find((issuer, subject)).filter(external_identities::shown_at.is_null());
    diesel::update(first).set(external_identities::shown_at.eq(Some(at))).execute(connection)?;
    Ok(())
}

/// The constraint that is in the way of a second link of a subject.
pub(crate) const SUBJECT_LINKED: &str = "external_identities_issuer_subject_key";
/// The constraint that is in the way of a second link of an account at a provider.
pub(crate) const ACCOUNT_LINKED: &str = "external_identities_linked_key";

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
