//! How accounts are shown.

use domain::access::{Duty, Role};
use domain::id::{OrganisationId, UserId};
use domain::region::RegionCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::Account;

/// A user, as shown to themselves.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// The user's identifier.
    id: UserId,
    /// The name to sign in with.
    #[schema(example = "wang.fang")]
    username: String,
    /// The name to show.
    #[schema(example = "王芳")]
    display_name: String,
    /// What the user is.
    role: Role,
    /// What the user is charged with.
    duties: Vec<Duty>,
    /// Where the user works.
    organisation: OrganisationView,
    /// The region the user works for, where there is one.
    #[schema(value_type = Option<String>, example = "330102001000")]
    territory: Option<RegionCode>,
}

/// The organisation of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = UserOrganisation)]
pub struct OrganisationView {
    /// The organisation's identifier.
    id: OrganisationId,
    /// Its name.
    #[schema(example = "某市信访局")]
    name: String,
}

impl From<Account> for UserView {
    fn from(account: Account) -> Self {
        let Account { staff, username, display_name, organisation_name } = account;
        Self {
            id: staff.user,
            username,
            display_name,
            role: staff.role,
            duties: staff.duties.into_iter().collect(),
            organisation: OrganisationView { id: staff.organisation, name: organisation_name },
            territory: staff.territory,
        }
    }
}
