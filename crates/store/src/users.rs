//! The accounts of staff. A password is only ever here as its argon2id hash.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::access::{Duty, Role};
use domain::id::OrganisationId;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::former_passwords;
use crate::meta;
use crate::portable::Instant;
use crate::schema::{organisations, users};
use crate::second_factors;

/// With the one in use these are the five that are not used again.
pub const FORMER_KEPT: i64 = 4;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    pub username: String,
    pub display_name: String,
    pub password_hash: String,
    pub role: String,
    pub duties: Vec<String>,
    pub organisation_id: i64,
    /// The code of the region that the user is responsible for.
    pub territory: Option<String>,
    pub active: bool,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub password_changed_at: Instant,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({}, {}, {})", self.id, self.username, self.role)
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct UserRow {
    id: i64,
    username: String,
    display_name: String,
    password_hash: String,
    role: String,
    duties: serde_json::Value,
    organisation_id: i64,
    territory: Option<String>,
    active: bool,
    created_at: Instant,
    updated_at: Instant,
    password_changed_at: Instant,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let duties = serde_json::from_value(row.duties)
            .map_err(|error| StoreError::broken("users", format!("duties of {}: {error}", row.id)))?;
        Ok(Self {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            password_hash: row.password_hash,
            role: row.role,
            duties,
            organisation_id: row.organisation_id,
            territory: row.territory,
            active: row.active,
            created_at: row.created_at,
            updated_at: row.updated_at,
            password_changed_at: row.password_changed_at,
        })
    }
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            password_hash: user.password_hash.clone(),
            role: user.role.clone(),
            duties: user.duties.as_slice().into(),
            organisation_id: user.organisation_id,
            territory: user.territory.clone(),
            active: user.active,
            created_at: user.created_at,
            updated_at: user.updated_at,
            password_changed_at: user.password_changed_at,
        }
    }
}

/// The account with the name a user signs in with, if there is one.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn find_by_username(connection: &mut AnyConnection, username: &str) -> Result<Option<User>, StoreError> {
    let found = users::table.filter(users::username.eq(username)).select(UserRow::as_select());
    found.first(connection).optional()?.map(User::try_from).transpose()
}

/// The account with the id.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::Broken`].
pub fn find(connection: &mut AnyConnection, id: i64) -> Result<User, StoreError> {
    users::table.find(id).select(UserRow::as_select()).first(connection)?.try_into()
}

/// What the users are called, by their ids.
///
/// # Errors
/// Only what the database says.
pub fn display_names(
    connection: &mut AnyConnection,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, String>, StoreError> {
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let named = users::table.filter(users::id.eq_any(ids)).select((users::id, users::display_name));
    Ok(named.load(connection)?.into_iter().collect())
}

/// What the users are called and where they work, also those whose accounts are disabled, by their ids.
///
/// # Errors
/// Only what the database says.
pub fn names_and_organisations(
    connection: &mut AnyConnection,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, (String, i64)>, StoreError> {
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let named = users::table.filter(users::id.eq_any(ids));
    let named: Vec<(i64, String, i64)> =
        named.select((users::id, users::display_name, users::organisation_id)).load(connection)?;
    Ok(named.into_iter().map(|(id, name, organisation)| (id, (name, organisation))).collect())
}

/// An account with the name of its organisation.
pub type UserOfOrganisation = (User, String);

/// The active account with the id, and the name of its organisation, if there is one.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn find_active(
    connection: &mut AnyConnection,
    id: i64,
) -> Result<Option<UserOfOrganisation>, StoreError> {
    let found = users::table
        .inner_join(organisations::table)
        .filter(users::id.eq(id).and(users::active))
        .select((UserRow::as_select(), organisations::name));
    let found: Option<(UserRow, String)> = found.first(connection).optional()?;
    found.map(|(row, organisation)| Ok((row.try_into()?, organisation))).transpose()
}

/// What a list of users is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Of any of these roles; none for all.
    pub roles: Vec<Role>,
    /// With any of these duties; none for all.
    pub duties: Vec<Duty>,
    /// Whether they can sign in.
    pub active: Option<bool>,
}

/// The most accounts that are read at once in search of a duty.
const MOST_READ: i64 = 2000;

/// Up to `limit` accounts after the given id that pass the filter, in the order of their ids.
///
/// Duties are a list within the row, which no index serves: they are looked for in ever longer runs of accounts.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn list(
    connection: &mut AnyConnection,
    filter: &UserFilter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<User>, StoreError> {
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let (mut after, mut length) = (after, limit);
    loop {
        let run = run_of(connection, filter, after, length)?;
        let is_last = i64::try_from(run.len()).is_ok_and(|read| read < length);
        after = run.last().map(|user| user.id).or(after);
        found
            .extend(run.into_iter().filter(|user| filter.duties.is_empty() || has_any(user, &filter.duties)));
        if is_last || found.len() >= wanted {
            found.truncate(wanted);
            return Ok(found);
        }
        length = length.saturating_mul(4).clamp(1, MOST_READ.max(limit));
    }
}

fn has_any(user: &User, duties: &[Duty]) -> bool {
    user.duties.iter().any(|held| duties.iter().any(|duty| duty.as_ref() == held))
}

/// The next accounts of the organisation, or of each role: the few administrators lie far apart among the many others.
fn run_of(
    connection: &mut AnyConnection,
    filter: &UserFilter,
    after: Option<i64>,
    length: i64,
) -> Result<Vec<User>, StoreError> {
    let base = || {
        let mut query = users::table.into_boxed().filter(users::id.gt(after.unwrap_or(i64::MIN)));
        if let Some(active) = filter.active {
            query = query.filter(users::active.eq(active));
        }
        query
    };
    let mut read = |query: users::BoxedQuery<'static, MultiBackend>| -> Result<Vec<User>, StoreError> {
        let run = query.order(users::id).limit(length).select(UserRow::as_select()).load(connection)?;
        run.into_iter().map(User::try_from).collect()
    };
    let words = filter.roles.iter().map(|role| role.as_ref().to_owned());
    if let Some(organisation) = filter.organisation {
        let mut query = base().filter(users::organisation_id.eq(organisation.get()));
        if !filter.roles.is_empty() {
            // With something added to it the role is looked at in what the organisation leads to, and leads nowhere.
            query = query.filter(users::role.concat("").eq_any(words.collect::<Vec<_>>()));
        }
        return read(query);
    }
    if filter.roles.is_empty() {
        return read(base());
    }
    let mut run = Vec::new();
    for word in words {
        run.extend(read(base().filter(users::role.eq(word)))?);
    }
    run.sort_by_key(|user| user.id);
    run.dedup_by_key(|user| user.id);
    run.truncate(usize::try_from(length).unwrap_or(usize::MAX));
    Ok(run)
}

/// Whether anyone active works in the organisation.
///
/// # Errors
/// Only what the database says.
pub fn has_active(connection: &mut AnyConnection, organisation: i64) -> Result<bool, StoreError> {
    let there = users::table.filter(users::organisation_id.eq(organisation)).filter(users::active.eq(true));
    Ok(diesel::select(exists(there)).get_result(connection)?)
}

/// Every account, also those no longer active; for the snapshot of the directories.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<User>, StoreError> {
    let rows = users::table.order(users::id).select(UserRow::as_select());
    rows.load(connection)?.into_iter().map(User::try_from).collect()
}

/// Adds an account.
///
/// # Errors
/// [`StoreError::Conflict`] on `users_username_key`, [`StoreError::MissingReference`] for an unknown
/// organisation or territory.
pub fn insert(connection: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    diesel::insert_into(users::table).values(UserRow::from(user)).execute(connection)?;
    meta::bump_directory_version(connection)
}

/// Changes an account to what is given.
///
/// # Errors
/// [`StoreError::NotFound`], and those of [`insert`].
pub fn update(connection: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    let changed = diesel::update(users::table.find(user.id)).set(UserRow::from(user)).execute(connection)?;
    if changed == 0 {
        return Err(StoreError::NotFound);
    }
    meta::bump_directory_version(connection)
}

/// The password's hash, which nobody changes until this transaction ends; none if there is no such account.
///
/// # Errors
/// [`StoreError::Contended`] if another holds it for long.
pub fn password_hash_to_change(
    connection: &mut AnyConnection,
    id: i64,
) -> Result<Option<String>, StoreError> {
    let hash = users::table.find(id).select(users::password_hash);
    Ok(match connection {
        AnyConnection::Postgres(concrete) => hash.for_no_key_update().first(concrete).optional()?,
        AnyConnection::Sqlite(concrete) => hash.first(concrete).optional()?,
    })
}

/// Puts the same password's hash of newer parameters in the place of the one that it was verified against; nothing else of the
/// account changes.
///
/// # Errors
/// Only what the database says.
pub fn upgrade_hash(connection: &mut AnyConnection, id: i64, upgraded: &str) -> Result<(), StoreError> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(upgraded)).execute(connection)?;
    Ok(())
}

/// Says that something of the account has changed that stands in another table, so that whoever has read it reads it again.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn touch(connection: &mut AnyConnection, id: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    let row = users::table.find(id);
    let before: Instant = row.select(users::updated_at).first(connection)?;
    // Two changes in one microsecond are two versions.
    let after = at.max(DateTime::<Utc>::from(before) + TimeDelta::microseconds(1));
    diesel::update(row).set(users::updated_at.eq(Instant::from(after))).execute(connection)?;
    meta::bump_directory_version(connection)
}

/// Changes the password, and keeps the one until now among the former; the caller also revokes the user's sessions, in the same
/// transaction.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn set_password(
    connection: &mut AnyConnection,
    id: i64,
    password_hash: &str,
    changed_at: Instant,
) -> Result<(), StoreError> {
    let before = password_hash_to_change(connection, id)?.ok_or(StoreError::NotFound)?;
    former_passwords::keep(connection, id, &before, changed_at, FORMER_KEPT)?;
    second_factors::end_challenges(connection, id)?;
    let change = (
        users::password_hash.eq(password_hash),
        users::password_changed_at.eq(changed_at),
        users::updated_at.eq(changed_at),
    );
    if diesel::update(users::table.find(id)).set(change).execute(connection)? == 0 {
        return Err(StoreError::NotFound);
    }
    meta::bump_directory_version(connection)
}
