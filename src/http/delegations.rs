//! Deputies: one's own, and for the security administrator everybody's.

use std::collections::{BTreeSet, HashMap};

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use domain::access::{DelegationRequest, DelegationState, Duty};
use domain::id::{DelegationId, UserId};
use domain::text::Remark;
use serde::{Deserialize, Serialize};
use store::Instant;
use store::delegations::{Delegation, Wanted as Delegations};
use utoipa::{IntoParams, ToSchema};

use super::admin::SecurityAdministrator;
use super::answer::Answer;
use super::cases::call::{Caller, KeyHeader};
use super::conditional::Expected;
use super::json::Payload;
use super::organisations::id_of;
use super::paging::{Wanted, next_link};
use super::problem::Problem;
use super::problem::documented::{CommandProblems, ListProblems, TokenProblems};
use super::query::Query;
use super::then::Then;
use crate::service::delegations::{self, Giving};

/// A user by their name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NamedUser {
    id: UserId,
    #[schema(example = "王芳")]
    display_name: String,
}

/// Duties in somebody else's hands for a time.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Delegation)]
pub struct DelegationView {
    /// The delegation's identifier.
    pub id: DelegationId,
    /// In whose place the deputy acts: what they name in `Acting-For`.
    principal: NamedUser,
    deputy: NamedUser,
    /// What was handed over; of it counts what the principal still has.
    duties: Vec<Duty>,
    reason: String,
    from_at: DateTime<Utc>,
    until_at: DateTime<Utc>,
    state: DelegationState,
    created_at: DateTime<Utc>,
    /// The principal, or a security administrator.
    created_by: NamedUser,
    /// When it was ended before its time.
    ended_at: Option<DateTime<Utc>>,
    ended_by: Option<NamedUser>,
}

impl DelegationView {
    /// The delegation as it stands at that time, with the users' names.
    pub fn of(delegation: &Delegation, names: &HashMap<i64, String>, now: Instant) -> Self {
        let user = |id: i64| NamedUser {
            id: UserId::new(id),
            display_name: names.get(&id).cloned().unwrap_or_default(),
        };
        let lasts = (delegation.from_at.into(), delegation.until_at.into());
        let state = DelegationState::at(now.into(), lasts, delegation.ended_at.is_some());
        Self {
            id: DelegationId::new(delegation.id),
            principal: user(delegation.principal_id),
            deputy: user(delegation.deputy_id),
            duties: delegation.duties.iter().copied().collect(),
            reason: delegation.reason.clone(),
            from_at: delegation.from_at.into(),
            until_at: delegation.until_at.into(),
            state,
            created_at: delegation.created_at.into(),
            created_by: user(delegation.created_by_id),
            ended_at: delegation.ended_at.map(Into::into),
            ended_by: delegation.ended_by_id.map(user),
        }
    }
}

/// Who acts for the caller, and for whom the caller acts, now or later.
#[derive(Serialize, ToSchema)]
pub struct MyDelegations {
    /// What the caller has handed over.
    pub given: Vec<DelegationView>,
    /// What was handed to the caller.
    pub received: Vec<DelegationView>,
}

/// List my deputies, and for whom I stand in
///
/// What is in force or to come, the newest 200 of each. The deputy names the principal in `Acting-For` on everything below
/// `/api/v1/cases`, and then sees by office what the principal sees, acts with the duties that were handed over, with what is the
/// principal's by name as far as it belongs to them (`register` or `visit_back`: what they filed; `handle`: what they handle;
/// `handle` or `lead`: their measures; `lead`: the cases in their charge), and with both users' ties: what either of them may not sign, verify, approve or review is
/// closed, and so is a case that accuses either. Where the principal signs in with a second factor, the deputy must have, too.
#[utoipa::path(operation_id = "list_my_delegations", tag = "sign-in", responses(
    (status = 200, description = "The delegations", body = MyDelegations), TokenProblems,
))]
#[get("/me/delegations")]
pub async fn list_my_delegations(caller: Caller) -> Result<web::Json<MyDelegations>, Problem> {
    Ok(web::Json(delegations::of_user(&caller.app, caller.signed_in.staff().user).await?))
}

/// Hand duties to a deputy
///
/// To a colleague of the same organisation, for leave or a shift; to one deputy once at a time. The accusations only to one who is
/// cleared for them. It ends early when either account is disabled, moves or changes its role, or gets a new password from a
/// security administrator.
#[utoipa::path(operation_id = "give_delegation", tag = "sign-in", params(KeyHeader),
    request_body(content = DelegationRequest, example = json!({
        "deputy": "01HZX5TJ4R2QK", "duties": ["dispatch", "register"],
        "from_at": "2026-12-01T00:00:00+08:00", "until_at": "2026-12-08T00:00:00+08:00", "reason": "年休假"
    })),
    responses((status = 200, description = "Handed over", body = DelegationView), CommandProblems))]
#[post("/me/delegations")]
pub async fn give_delegation(
    Then(caller, body): Then<Caller, Payload<DelegationRequest>>,
) -> Result<Answer, Problem> {
    let own = caller.signed_in.staff().user;
    let (app, call) = caller.call(body.fingerprint, Expected::Any);
    Ok(delegations::give(&app, call, Giving { principal: own, given_by: own }, body.value).await?)
}

/// What ending takes: nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ending {}

/// End a delegation of mine
///
/// At once, by the principal or by the deputy; one that is over stays as it is.
#[utoipa::path(operation_id = "end_my_delegation", tag = "sign-in", params(
    ("id" = String, Path, description = "The delegation's identifier", example = "01HZX5TJ4R2QK"), KeyHeader,
),
    request_body(content = Ending, example = json!({})),
    responses((status = 200, description = "Ended", body = DelegationView), CommandProblems))]
#[post("/me/delegations/{id}/end")]
pub async fn end_my_delegation(
    Then(caller, body): Then<Caller, Payload<Ending>>,
    id: web::Path<String>,
) -> Result<Answer, Problem> {
    let (id, own) = (id_of(&id)?, caller.signed_in.staff().user);
    let (app, call) = caller.call(body.fingerprint, Expected::Any);
    Ok(delegations::end(&app, call, id, own, Some(own)).await?)
}

/// Which delegations to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DelegationsQuery {
    /// In this user's place.
    principal: Option<UserId>,
    /// To this deputy.
    deputy: Option<UserId>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of delegations.
#[derive(Serialize, ToSchema)]
pub struct DelegationsPage {
    items: Vec<DelegationView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List delegations
///
/// All of them, the newest first, also those that are over.
#[utoipa::path(operation_id = "list_delegations", tag = "administer", params(DelegationsQuery), responses(
    (status = 200, description = "A page of delegations", body = DelegationsPage), ListProblems,
))]
#[get("/delegations")]
pub async fn list_delegations(
    Then(administrator, query): Then<SecurityAdministrator, Query<DelegationsQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let DelegationsQuery { principal, deputy, limit, cursor } = query.0;
    let page = Wanted::read(limit, cursor.as_deref())?;
    let before: Option<DelegationId> = page.after_id()?;
    let wanted = Delegations {
        principal_id: principal.map(UserId::get),
        deputy_id: deputy.map(UserId::get),
        still_at: None,
        before: before.map(DelegationId::get),
    };
    let found = delegations::list(&administrator.0.app, wanted, page.fetched()).await?;
    let (items, next_cursor) = page.cut(found, |delegation| delegation.id.to_string());
    let link = next_link(&request, next_cursor.as_deref());
    let mut response = HttpResponse::Ok().json(DelegationsPage { items, next_cursor });
    if let Some((name, link)) = link {
        response.headers_mut().insert(name, link);
    }
    Ok(response)
}

/// A delegation for somebody who cannot make it themselves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegationFor {
    /// In whose place.
    principal: UserId,
    /// A colleague of the same organisation.
    deputy: UserId,
    /// Of the principal's duties.
    duties: BTreeSet<Duty>,
    /// From when; at once where it is not given or has passed.
    from_at: Option<DateTime<Utc>>,
    /// Until when, at most 366 days from now.
    until_at: DateTime<Utc>,
    /// Why: illness, leave.
    reason: Remark,
}

/// Hand a user's duties to a deputy
///
/// For somebody who is ill; whose account is disabled has no place to fill.
#[utoipa::path(operation_id = "give_delegation_for", tag = "administer", params(KeyHeader),
    request_body(content = DelegationFor, example = json!({
        "principal": "01HZX5TJ4R2QK", "deputy": "01HZX5TJ4R2QM", "duties": ["sign"],
        "until_at": "2026-12-08T00:00:00+08:00", "reason": "病假"
    })),
    responses((status = 200, description = "Handed over", body = DelegationView), CommandProblems))]
#[post("/delegations")]
pub async fn give_delegation_for(
    Then(administrator, body): Then<SecurityAdministrator, Payload<DelegationFor>>,
) -> Result<Answer, Problem> {
    let DelegationFor { principal, deputy, duties, from_at, until_at, reason } = body.value;
    let request = DelegationRequest { deputy, duties, from_at, until_at, reason };
    let giving = Giving { principal, given_by: administrator.0.signed_in.staff().user };
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(delegations::give(&app, call, giving, request).await?)
}

/// End a delegation
///
/// At once; one that is over stays as it is.
#[utoipa::path(operation_id = "end_delegation", tag = "administer", params(
    ("id" = String, Path, description = "The delegation's identifier", example = "01HZX5TJ4R2QK"), KeyHeader,
),
    request_body(content = Ending, example = json!({})),
    responses((status = 200, description = "Ended", body = DelegationView), CommandProblems))]
#[post("/delegations/{id}/end")]
pub async fn end_delegation(
    Then(administrator, body): Then<SecurityAdministrator, Payload<Ending>>,
    id: web::Path<String>,
) -> Result<Answer, Problem> {
    let (id, own) = (id_of(&id)?, administrator.0.signed_in.staff().user);
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(delegations::end(&app, call, id, own, None).await?)
}
