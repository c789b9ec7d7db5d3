//! The whole URL tree on one screen; one file an endpoint or a small resource.

pub mod answer;
pub mod auth;
pub mod conditional;
pub mod context;
pub mod docs;
pub mod guard;
pub mod health;
pub mod idempotency;
pub mod json;
pub mod me;
pub mod problem;
pub mod query;
pub mod rate;
pub mod view;

use actix_web::App;
use actix_web::middleware::from_fn;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

/// Every route; `openapi.yaml` comes from the same calls, so that it cannot drift.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(health::get_health)
        .service(health::get_readiness)
        .service(health::get_metrics)
        .service(problem::page::list_problems)
        .service(problem::page::get_problem)
        .map(docs::pages)
        .service(
            scope("/api/v1/auth")
                .wrap(from_fn(rate::sign_in))
                .service(auth::sign_in)
                .service(auth::refresh)
                .service(auth::sign_out),
        )
        .service(scope("/api/v1").service(me::get_me).service(me::change_password));
}

/// The OpenAPI document of the routes.
pub fn document() -> OpenApi {
    let (_, document) =
        App::new().into_utoipa_app().openapi(docs::about()).configure(routes).split_for_parts();
    docs::finished(document)
}
