//! The demonstration's accounts, as a script or a person is told of them.

use std::collections::{HashMap, HashSet};

use domain::id::OrganisationId;
use serde::Serialize;
use store::{AnyConnection, StoreError, organisations, users};

use super::people::{self, PASSWORD};

/// An account to sign in with.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// The name to sign in with.
    pub username: String,
    /// The password that the demonstration gave it.
    pub password: &'static str,
    /// What the user is.
    pub role: String,
    /// What the user is charged with.
    pub duties: Vec<String>,
    /// The name of the organisation.
    pub organisation: String,
    /// The identifier of the organisation.
    pub organisation_id: OrganisationId,
    /// The code of the region that the user works for, if any.
    pub territory: Option<String>,
}

/// The accounts that the demonstration made and that are still active, in the order in which it made them.
///
/// # Errors
/// What the database says.
pub fn load(connection: &mut AnyConnection) -> Result<Vec<Account>, StoreError> {
    let ours: HashSet<String> = people::everybody().into_iter().map(|character| character.username).collect();
    let names: HashMap<i64, String> =
        organisations::load_all(connection)?.into_iter().map(|organ| (organ.id, organ.name)).collect();
    let accounts = users::load_all(connection)?
        .into_iter()
        .filter(|user| user.active && ours.contains(&user.username))
        .map(|user| Account {
            username: user.username,
            password: PASSWORD,
            role: user.role,
            duties: user.duties,
            organisation: names.get(&user.organisation_id).cloned().unwrap_or_default(),
            organisation_id: OrganisationId::new(user.organisation_id),
            territory: user.territory,
        })
        .collect();
    Ok(accounts)
}
