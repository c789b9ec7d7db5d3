//! Keeping the accounts: who may sign in, in which role, with which duties.

use std::collections::{BTreeSet, HashMap};

use actix_web::http::header::IF_MATCH;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use chrono::{DateTime, Utc};
use domain::access::{Duty, Role};
use domain::id::{OrganisationId, UserId};
use domain::region::RegionCode;
use domain::text::Line;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::directory::staff_of;
use store::users::{User, UserFilter};
use store::{Instant, StoreError};
use utoipa::{IntoParams, ToSchema};

use super::SecurityAdministrator;
use crate::http::answer::Answer;
use crate::http::cases::call::{Caller, KeyHeader, MatchHeader};
use crate::http::conditional::{self, Expected};
use crate::http::json::Payload;
use crate::http::organisations::{NamedOrganisation, id_of};
use crate::http::paging::{Wanted, next_link};
use crate::http::problem::documented::{CommandProblems, ListProblems, ReadProblems};
use crate::http::problem::kinds::{FORBIDDEN, VERSION_REQUIRED};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::directories::users;

/// An account, as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// The user's identifier.
    pub id: UserId,
    #[schema(example = "wang.fang")]
    username: String,
    #[schema(example = "王芳")]
    display_name: String,
    role: Role,
    duties: Vec<Duty>,
    organisation: NamedOrganisation,
    #[schema(value_type = Option<String>, example = "330102001000")]
    territory: Option<RegionCode>,
    /// Whether the user can sign in.
    active: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    password_changed_at: DateTime<Utc>,
    /// Since when the user has an authenticator; null where there is none.
    second_factor_since: Option<DateTime<Utc>>,
    /// Since when the account is linked to a user of single sign-on; null where it is not.
    single_sign_on_since: Option<DateTime<Utc>>,
}

/// What of accounts stands in other tables, by their ids.
#[derive(Debug, Default)]
pub struct AccountExtras {
    /// What their organisations are called, by the organisations' ids.
    pub organisations: HashMap<i64, String>,
    /// Since when they have an authenticator.
    pub authenticators: HashMap<i64, Instant>,
    /// Since when they are linked to a user of single sign-on.
    pub links: HashMap<i64, Instant>,
}

impl AccountView {
    /// The account with what stands in other tables.
    ///
    /// # Errors
    /// A role, duty or territory that does not parse.
    pub fn of(user: &User, extras: &AccountExtras) -> Result<Self, StoreError> {
        let since = |at: &HashMap<i64, Instant>| at.get(&user.id).copied().map(Into::into);
        let staff = staff_of(user)?;
        Ok(Self {
            id: staff.user,
            username: user.username.clone(),
            display_name: user.display_name.clone(),
            role: staff.role,
            duties: staff.duties.into_iter().collect(),
            organisation: NamedOrganisation {
                id: staff.organisation,
                name: extras.organisations.get(&user.organisation_id).cloned().unwrap_or_default(),
            },
            territory: staff.territory,
            active: user.active,
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
            password_changed_at: user.password_changed_at.into(),
            second_factor_since: since(&extras.authenticators),
            single_sign_on_since: since(&extras.links),
        })
    }
}

/// An account with the password that was made for it.
#[derive(Serialize, ToSchema)]
pub struct AccountWithPassword {
    #[serde(flatten)]
    account: AccountView,
    /// Told once, where it was made here; a repetition with the same key is without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Password, example = "k7fqm-2vxbn-p9wcd-tr4hj")]
    password: Option<String>,
}

/// What is said of an account.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    #[schema(value_type = String, example = "王芳")]
    pub display_name: Line,
    pub role: Role,
    /// None for the three administrators.
    #[serde(default)]
    pub duties: BTreeSet<Duty>,
    pub organisation: OrganisationId,
    /// The region the user works for; a grid member's is a grid or a village.
    #[serde(default)]
    pub territory: Option<RegionCode>,
    /// Whether the user can sign in; whoever is disabled is signed out at once.
    pub active: bool,
}

/// An account to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 3 to 64 of a-z, 0-9, dot, hyphen and underscore; it stays.
    #[schema(min_length = 3, max_length = 64, pattern = "^[a-z0-9._-]{3,64}$", example = "wang.fang")]
    pub username: String,
    /// At least ten characters; by default one is made and told once.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password, min_length = 10)]
    pub password: Option<SecretString>,
    #[schema(value_type = String, example = "王芳")]
    pub display_name: Line,
    pub role: Role,
    /// None for the three administrators.
    #[serde(default)]
    pub duties: BTreeSet<Duty>,
    pub organisation: OrganisationId,
    /// The region the user works for; a grid member's is a grid or a village.
    #[serde(default)]
    pub territory: Option<RegionCode>,
}

impl NewUser {
    /// What is said of the account, besides name and password.
    pub fn entry(&self) -> UserEntry {
        UserEntry {
            display_name: self.display_name.clone(),
            role: self.role,
            duties: self.duties.clone(),
            organisation: self.organisation,
            territory: self.territory.clone(),
            active: true,
        }
    }
}

/// A password to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    /// At least ten characters; by default one is made and told once.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password, min_length = 10)]
    password: Option<SecretString>,
    /// Whether the second factor goes as well, for who has lost the authenticator and the recovery codes. By default it stays.
    #[serde(default)]
    second_factor: bool,
}

/// Which accounts to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountsQuery {
    /// Of this organisation.
    organisation: Option<OrganisationId>,
    /// Of any of these roles.
    #[serde(default)]
    role: Vec<Role>,
    /// With any of these duties.
    #[serde(default)]
    duty: Vec<Duty>,
    /// Whether the user can sign in.
    active: Option<bool>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub struct AccountsPage {
    items: Vec<AccountView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List accounts
///
/// All of them, also those that cannot sign in any more, in the order of their identifiers.
#[utoipa::path(operation_id = "list_accounts", tag = "administer", params(AccountsQuery), responses(
    (status = 200, description = "A page of accounts", body = AccountsPage), ListProblems,
))]
#[get("/users")]
pub async fn list_accounts(
    Then(administrator, query): Then<SecurityAdministrator, Query<AccountsQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let AccountsQuery { organisation, role, duty, active, limit, cursor } = query.0;
    let wanted = Wanted::read(limit, cursor.as_deref())?;
    let filter = UserFilter { organisation, roles: role, duties: duty, active };
    let after = wanted.after_id()?;
    let (version, users) = users::list(&administrator.0.app, filter, after, wanted.fetched()).await?;
    let (items, next_cursor) = wanted.cut(users, |user| user.id.to_string());
    let page = AccountsPage { items, next_cursor };
    let mut response = conditional::answer(&request, version, &page)?;
    if let Some((name, link)) = next_link(&request, page.next_cursor.as_deref()) {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}

/// Read an account
///
/// With the `ETag` that a change of it takes back in `If-Match`.
#[utoipa::path(operation_id = "get_account", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 200, description = "The account", body = AccountView), ReadProblems))]
#[get("/users/{id}")]
pub async fn get_account(
    administrator: SecurityAdministrator,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (version, account) = users::find(&administrator.0.app, id_of(&id)?).await?;
    conditional::answer(&request, version, &account)
}

/// Add an account
///
/// Without a password one is made and told in this answer alone.
#[utoipa::path(operation_id = "add_account", tag = "administer", params(KeyHeader),
    request_body(content = NewUser, example = json!({
        "username": "wang.fang", "display_name": "王芳", "role": "official",
        "duties": ["register", "dispatch"], "organisation": "01HZX5TJ4R2QK", "territory": "330102000000"
    })),
    responses((status = 201, description = "Added", body = AccountWithPassword), CommandProblems))]
#[post("/users")]
pub async fn add_account(
    Then(administrator, body): Then<SecurityAdministrator, Payload<NewUser>>,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(users::add(&app, call, body.value).await?)
}

/// Change an account
///
/// Replaces everything but the user name and the password, at once for whoever is signed in. Nobody changes their own
/// role or duties, and the last active security administrator stays active.
#[utoipa::path(operation_id = "update_account", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
    KeyHeader, MatchHeader,
),
    request_body(content = UserEntry, example = json!({
        "display_name": "王芳", "role": "official", "duties": ["handle"],
        "organisation": "01HZX5TJ4R2QK", "territory": "330102000000", "active": true
    })),
    responses((status = 200, description = "Changed", body = AccountView), CommandProblems,
        (status = 428, description = "`If-Match` is required", body = ProblemBody<'static>,
            content_type = "application/problem+json")))]
#[put("/users/{id}")]
pub async fn update_account(
    Then(administrator, body): Then<SecurityAdministrator, Payload<UserEntry>>,
    id: web::Path<String>,
    request: HttpRequest,
    expected: Expected,
) -> Result<Answer, Problem> {
    if !request.headers().contains_key(IF_MATCH) {
        return Err(Problem::new(VERSION_REQUIRED));
    }
    let id = id_of(&id)?;
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(users::update(&app, call, id, body.value).await?)
}

/// Unlock an account
///
/// Forgets the failed sign-ins for which it is locked; one that is not locked stays as it is.
#[utoipa::path(operation_id = "unlock_account", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 204, description = "Unlocked"), ReadProblems))]
#[post("/users/{id}/unlock")]
pub async fn unlock_account(
    administrator: SecurityAdministrator,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    users::unlock(&administrator.0.app, administrator.0.client, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reset a password
///
/// Ends all of the user's sessions, and unlocks the account; a link to single sign-on stays. Without a password one is made and told in
/// this answer alone. Who has lost their authenticator gets a new password with `second_factor`, after their person was ascertained;
/// nobody takes away their own like that.
#[utoipa::path(operation_id = "reset_password", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"), KeyHeader,
),
    request_body(content = PasswordReset, example = json!({})),
    responses((status = 200, description = "Reset", body = AccountWithPassword), CommandProblems))]
#[post("/users/{id}/password")]
pub async fn reset_password(
    Then(administrator, body): Then<SecurityAdministrator, Payload<PasswordReset>>,
    id: web::Path<String>,
) -> Result<Answer, Problem> {
    let id = id_of(&id)?;
    let PasswordReset { password, second_factor } = body.value;
    if second_factor && administrator.0.signed_in.staff().user == id {
        return Err(Problem::new(FORBIDDEN).detail(
            "不得重置本人的动态口令，请由其他安全管理员办理",
            "Another security administrator takes yours away",
        ));
    }
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(users::reset_password(&app, call, id, password, second_factor).await?)
}

/// Somebody at the provider of single sign-on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkEntry {
    /// Who they are there: the claim `sub`.
    #[schema(min_length = 1, max_length = 255, example = "248289761001")]
    subject: String,
}

/// Link an account to single sign-on
///
/// To whom it belongs at the provider, before they sign in there, or in the place of somebody else; then its sessions end. Nobody links
/// their own. An authenticator of the account is asked for at the first sign-in.
#[utoipa::path(operation_id = "link_account", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
), request_body = LinkEntry, responses((status = 204, description = "Linked"), CommandProblems))]
#[put("/users/{id}/single-sign-on")]
pub async fn link_account(
    Then(administrator, body): Then<SecurityAdministrator, Payload<LinkEntry>>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    if administrator.0.signed_in.staff().user == id {
        return Err(Problem::new(FORBIDDEN).detail(
            "不得关联本人的账号，请由其他安全管理员办理",
            "Another security administrator links yours",
        ));
    }
    let Caller { app, client, .. } = administrator.0;
    users::link(&app, client, id, body.value.subject).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Unlink an account from single sign-on
///
/// Ends all its sessions and delegations. By its name it is not linked to the same person again, but to somebody else; where the one
/// who was linked was not the owner, reset the password as well, with `second_factor`. 404 where the account is not linked.
#[utoipa::path(operation_id = "unlink_account", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 204, description = "Unlinked"), ReadProblems))]
#[delete("/users/{id}/single-sign-on")]
pub async fn unlink_account(
    administrator: SecurityAdministrator,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    users::unlink(&administrator.0.app, administrator.0.client, id).await?;
    Ok(HttpResponse::NoContent().finish())
}
