//! Who works where: colleagues to choose handlers and owners of measures from.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{Duty, Role};
use domain::id::{OrganisationId, UserId};
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::directory::staff_of;
use store::users::{User, UserFilter};
use utoipa::{IntoParams, ToSchema};

use super::cases::call::Caller;
use super::conditional;
use super::organisations::NamedOrganisation;
use super::paging::{Wanted, next_link};
use super::problem::Problem;
use super::problem::documented::ListProblems;
use super::query::Query;
use super::then::Then;
use crate::service::directories::users;

/// A colleague.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Colleague)]
pub struct StaffView {
    /// The user's identifier.
    pub id: UserId,
    #[schema(example = "王芳")]
    display_name: String,
    role: Role,
    /// What the user is charged with.
    duties: Vec<Duty>,
    organisation: NamedOrganisation,
}

impl StaffView {
    /// The user with the name of the organisation.
    ///
    /// # Errors
    /// A role or duty that does not parse.
    pub fn of(user: &User, names: &HashMap<i64, String>) -> Result<Self, StoreError> {
        let staff = staff_of(user)?;
        Ok(Self {
            id: staff.user,
            display_name: user.display_name.clone(),
            role: staff.role,
            duties: staff.duties.into_iter().collect(),
            organisation: NamedOrganisation {
                id: staff.organisation,
                name: names.get(&user.organisation_id).cloned().unwrap_or_default(),
            },
        })
    }
}

/// Which colleagues to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StaffQuery {
    /// Of this organisation.
    organisation: Option<OrganisationId>,
    /// Of any of these roles.
    #[serde(default)]
    role: Vec<Role>,
    /// With any of these duties.
    #[serde(default)]
    duty: Vec<Duty>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of colleagues.
#[derive(Serialize, ToSchema)]
pub struct StaffPage {
    items: Vec<StaffView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List colleagues
///
/// Active users, to choose handlers and owners from. Grid members see those of their own organisation.
#[utoipa::path(operation_id = "list_users", tag = "directories", params(StaffQuery), responses(
    (status = 200, description = "A page of colleagues", body = StaffPage), ListProblems,
))]
#[get("/users")]
pub async fn list_users(
    Then(caller, query): Then<Caller, Query<StaffQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let StaffQuery { organisation, role, duty, limit, cursor } = query.0;
    let wanted = Wanted::read(limit, cursor.as_deref())?;
    let filter = UserFilter { organisation, roles: role, duties: duty, active: None };
    let after = wanted.after_id()?;
    let asking = caller.signed_in.staff().clone();
    let (version, users) = users::colleagues(&caller.app, asking, filter, after, wanted.fetched()).await?;
    let (items, next_cursor) = wanted.cut(users, |user| user.id.to_string());
    let page = StaffPage { items, next_cursor };
    // People's names are not for a cache, so only the tag is given.
    let mut response = conditional::answer(&request, version, &page)?;
    if let Some((name, link)) = next_link(&request, page.next_cursor.as_deref()) {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}
