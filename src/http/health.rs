//! Is the process there, can it serve, and how does it do.

use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, Responder, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::kinds::UNAVAILABLE;
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
/// In the text format of Prometheus.
#[utoipa::path(operation_id = "get_metrics", tag = "system", security(()), responses(
    (status = 200, description = "The metrics", body = String, content_type = "text/plain"),
))]
#[get("/metrics")]
pub async fn get_metrics(app: web::Data<App>) -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.metrics.render())
}
