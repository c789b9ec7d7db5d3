//! Sessions: one's own, and those of an account for the security administrator.

use std::sync::Arc;

use actix_web::{HttpResponse, delete, get, web};
use chrono::{DateTime, Utc};
use domain::id::UserId;
use serde::Serialize;
use store::Instant;
use store::sessions::SessionRow;
use utoipa::ToSchema;

use super::admin::SecurityAdministrator;
use super::cases::call::Caller;
use super::organisations::id_of;
use super::problem::Problem;
use super::problem::documented::ReadProblems;
use crate::app::App;
use crate::identity::token::SessionId;
use crate::identity::{end_session, sessions_of};

/// A sign-in that goes on.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    #[schema(value_type = String, example = "01HZX5TJ4R2QK")]
    id: SessionId,
    started_at: DateTime<Utc>,
    /// When it was last refreshed.
    refreshed_at: DateTime<Utc>,
    /// The network address from which it began.
    #[schema(example = "192.0.2.17")]
    address: String,
    /// What the client called itself then.
    #[schema(example = "daowei-android/2.1")]
    user_agent: Option<String>,
    /// Whether a second factor was shown in it.
    second_factor: bool,
    /// Whether it was begun by single sign-on, without a password.
    single_sign_on: bool,
    /// Whether it is the one that asks.
    current: bool,
}

/// The sessions of a user, the newest first.
#[derive(Serialize, ToSchema)]
pub struct Sessions {
    items: Vec<SessionView>,
}

impl Sessions {
    async fn of(app: &Arc<App>, user: UserId, current: Option<SessionId>) -> Result<Self, Problem> {
        let open = sessions_of(app, user).await?;
        let view = |(row, refreshed_at): (SessionRow, Instant)| SessionView {
            id: SessionId::new(row.id),
            started_at: row.started_at.into(),
            refreshed_at: refreshed_at.into(),
            address: row.address,
            user_agent: row.user_agent,
            second_factor: row.second_factor,
            single_sign_on: row.single_sign_on,
            current: current.is_some_and(|current| current.get() == row.id),
        };
        Ok(Self { items: open.into_iter().map(view).collect() })
    }
}

/// List my sessions
///
/// Every sign-in of the caller's that goes on, so that one that is not theirs can be ended.
#[utoipa::path(operation_id = "list_my_sessions", tag = "sign-in", responses(
    (status = 200, description = "The sessions", body = Sessions), ReadProblems,
))]
#[get("/me/sessions")]
pub async fn list_my_sessions(caller: Caller) -> Result<web::Json<Sessions>, Problem> {
    let signed_in = &caller.signed_in;
    Ok(web::Json(Sessions::of(&caller.app, signed_in.staff().user, Some(signed_in.session)).await?))
}

/// End a session of mine
///
/// At once, with its access tokens; it may be the one that asks.
#[utoipa::path(operation_id = "end_my_session", tag = "sign-in", params(
    ("id" = String, Path, description = "The session's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 204, description = "Ended"), ReadProblems))]
#[delete("/me/sessions/{id}")]
pub async fn end_my_session(caller: Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    end_session(&caller.app, caller.client, caller.signed_in.staff().user, id_of(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the sessions of an account
#[utoipa::path(operation_id = "list_account_sessions", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 200, description = "The sessions", body = Sessions), ReadProblems))]
#[get("/users/{id}/sessions")]
pub async fn list_account_sessions(
    administrator: SecurityAdministrator,
    id: web::Path<String>,
) -> Result<web::Json<Sessions>, Problem> {
    Ok(web::Json(Sessions::of(&administrator.0.app, id_of(&id)?, None).await?))
}

/// End a session of an account
///
/// At once, with its access tokens.
#[utoipa::path(operation_id = "end_account_session", tag = "administer", params(
    ("id" = String, Path, description = "The user's identifier", example = "01HZX5TJ4R2QK"),
    ("session" = String, Path, description = "The session's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 204, description = "Ended"), ReadProblems))]
#[delete("/users/{id}/sessions/{session}")]
pub async fn end_account_session(
    administrator: SecurityAdministrator,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (user, session) = path.into_inner();
    let Caller { app, client, .. } = administrator.0;
    end_session(&app, client, id_of(&user)?, id_of(&session)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
