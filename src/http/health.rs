//! Is the process there, can it serve, and how does it do.

use actix_web::http::header::{AUTHORIZATION, FORWARDED, HeaderValue, RETRY_AFTER, X_FORWARDED_FOR};
use actix_web::{HttpRequest, HttpResponse, Responder, get, web};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::problem::kinds::{NOT_FOUND, UNAVAILABLE};
use super::problem::{Problem, ProblemBody};
use crate::app::App;
use crate::service::TRY_AGAIN_AFTER;

/// How the process does.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Is the process there
#[utoipa::path(operation_id = "get_health", tag = "system", security(()), responses(
    (status = 200, description = "The process answers", body = Health),
))]
#[get("/healthz")]
pub async fn get_health() -> impl Responder {
    web::Json(OK)
}

/// Can the process serve
///
/// Whether the database answers; a balancer sends no requests while it does not.
#[utoipa::path(operation_id = "get_readiness", tag = "system", security(()), responses(
    (status = 200, description = "Requests can be served", body = Health),
    (status = 503, description = "The database does not answer", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
))]
#[get("/readyz")]
pub async fn get_readiness(app: web::Data<App>) -> Result<impl Responder, Problem> {
    if app.store.is_ready().await {
        return Ok(web::Json(OK));
    }
    Err(Problem::new(UNAVAILABLE).header(RETRY_AFTER, HeaderValue::from(TRY_AGAIN_AFTER)))
}

/// The process's metrics
///
/// In the text format of Prometheus, for whoever asks from the same machine, or has the configured token as a bearer: how often what
/// is asked tells more than others are to know.
#[utoipa::path(operation_id = "get_metrics", tag = "system", security(()), responses(
    (status = 200, description = "The metrics", body = String, content_type = "text/plain"),
    (status = 404, description = "Not for this caller", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
))]
#[get("/metrics")]
pub async fn get_metrics(request: HttpRequest, app: web::Data<App>) -> Result<impl Responder, Problem> {
    let may_read = match &app.settings.metrics_token {
        Some(token) => has_token(&request, token),
        None => is_of_this_machine(&request),
    };
    if !may_read {
        return Err(Problem::new(NOT_FOUND));
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.metrics.render()))
}

/// Compared as hashes, so that the time it takes tells nothing.
fn has_token(request: &HttpRequest, token: &SecretString) -> bool {
    let given =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    given.is_some_and(|given| Sha256::digest(given) == Sha256::digest(token.expose_secret()))
}

/// Whoever a proxy speaks for is not.
fn is_of_this_machine(request: &HttpRequest) -> bool {
    let is_local = request.peer_addr().is_some_and(|address| address.ip().to_canonical().is_loopback());
    is_local && !request.headers().contains_key(X_FORWARDED_FOR) && !request.headers().contains_key(FORWARDED)
}
