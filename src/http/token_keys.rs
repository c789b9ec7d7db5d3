//! The keys of access tokens: public for whoever verifies a token, and rotated by the security administrator.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, get, post, web};
use domain::audit::AuditedAct;
use serde::Serialize;
use store::token_keys;
use utoipa::ToSchema;

use super::admin::SecurityAdministrator;
use super::cases::call::Caller;
use super::problem::Problem;
use super::problem::documented::ReadProblems;
use crate::app::App;
use crate::identity::token::PublicKey;
use crate::service::ServiceError;
use crate::service::audit::{self, Acted};

/// A JSON Web Key Set (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct KeySet {
    /// The newest first.
    keys: Vec<PublicKey>,
}

/// Read the public keys of access tokens
///
/// Those under which a token may be good now: the one that signs, and those it has taken the place of not long ago.
#[utoipa::path(operation_id = "get_token_keys", tag = "sign-in", security(()), responses(
    (status = 200, description = "The keys", body = KeySet),
))]
#[get("/.well-known/jwks.json")]
pub async fn get_token_keys(app: web::Data<App>) -> HttpResponse {
    let keys = KeySet { keys: app.tokens.public_keys(app.clock.now()) };
    let mut response = HttpResponse::Ok().json(keys);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Rotate the key of access tokens
///
/// Another key signs from now on, in every process. Tokens that the key until now has signed stay good until they expire.
#[utoipa::path(operation_id = "rotate_token_key", tag = "administer", responses(
    (status = 204, description = "Rotated"), ReadProblems,
))]
#[post("/keys/rotation")]
pub async fn rotate_token_key(administrator: SecurityAdministrator) -> Result<HttpResponse, Problem> {
    let Caller { app, client, .. } = administrator.0;
    let inner = Arc::clone(&app);
    let rotated = app.store.write(move |connection| {
        token_keys::rotate(connection, &inner.sealer, inner.ids.next_number(), inner.clock.now())?;
        audit::record(connection, &inner, &client, &Acted::done(AuditedAct::RotateTokenKey))
    });
    rotated.await.map_err(ServiceError::from)?;
    // This process need not wait for its next request to learn of it.
    app.renew_token_keys().await?;
    Ok(HttpResponse::NoContent().finish())
}
