//! Signing in at a provider of OpenID Connect.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Session, origin_of, signed_in_or};
use super::json::Payload;
use super::problem::documented::{BodyProblems, CredentialProblems, LimitProblems};
use super::problem::{Problem, ProblemBody};
use super::second_factor::SecondFactorWanted;
use crate::app::App;
use crate::identity::single_sign_on::{self, BroughtBack, TRANSACTION_LIFETIME};

/// Whether users can sign in at a provider.
#[derive(Serialize, ToSchema)]
pub struct SingleSignOnOffer {
    /// Without it, there are only user name and password.
    offered: bool,
    /// To where the provider may send the browser back.
    #[schema(example = json!(["https://office.example/signed-in"]))]
    redirect_uris: Vec<String>,
}

/// A sign-in to begin at the provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleSignOnBeginning {
    /// One of those that are configured; by default the first.
    #[serde(default)]
    #[schema(example = "https://office.example/signed-in")]
    redirect_uri: Option<String>,
}

/// A sign-in that was begun at the provider.
#[derive(Serialize, ToSchema)]
pub struct SingleSignOnBegun {
    /// Where the browser goes.
    #[schema(example = "https://id.example/authorize?response_type=code&client_id=daowei&state=q7S")]
    authorization_url: String,
    /// Kept by the client, and by nobody else, until the browser is back.
    #[schema(example = "AX9tbXlzZWFsZWR0cmFuc2FjdGlvbg")]
    transaction: String,
    /// How long the user may take, in seconds.
    #[schema(example = 600)]
    expires_in: i64,
}

/// What the browser brought back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleSignOnCompletion {
    /// From the beginning.
    #[schema(value_type = String, example = "AX9tbXlzZWFsZWR0cmFuc2FjdGlvbg")]
    transaction: SecretString,
    /// The parameter `state`.
    #[schema(value_type = String, example = "q7S")]
    state: SecretString,
    /// The parameter `code`.
    #[schema(value_type = String, example = "SplxlOBeZQQYbYS6WxSbIA")]
    code: SecretString,
    /// The parameter `iss`, where there is one.
    #[serde(default)]
    #[schema(example = "https://id.example")]
    iss: Option<String>,
}

/// Ask for single sign-on
///
/// Whether a provider of OpenID Connect is configured.
#[utoipa::path(operation_id = "get_single_sign_on", tag = "sign-in", security(()), responses(
    (status = 200, description = "Whether it is offered", body = SingleSignOnOffer), LimitProblems,
))]
#[get("/single-sign-on")]
pub async fn get_single_sign_on(app: web::Data<App>) -> web::Json<SingleSignOnOffer> {
    let configured = app.provider.iter().flat_map(|provider| provider.redirect_uris());
    let redirect_uris = configured.map(|url| url.as_str().to_owned()).collect();
    web::Json(SingleSignOnOffer { offered: app.provider.is_some(), redirect_uris })
}

/// Begin a single sign-on
///
/// Send the browser to `authorization_url`; it comes back to the redirect URI with `code` and `state`. A user who declines there comes
/// back with `error` instead, and nothing is to be sent here.
#[utoipa::path(operation_id = "begin_single_sign_on", tag = "sign-in", security(()), request_body = SingleSignOnBeginning, responses(
    (status = 200, description = "Begun", body = SingleSignOnBegun),
    (status = 404, description = "No provider is configured", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
    (status = 503, description = "The provider is away", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
    BodyProblems, LimitProblems,
))]
#[post("/single-sign-on")]
pub async fn begin_single_sign_on(
    app: web::Data<App>,
    body: Payload<SingleSignOnBeginning>,
) -> Result<web::Json<SingleSignOnBegun>, Problem> {
    let begun = single_sign_on::begin(&app, body.value.redirect_uri).await?;
    Ok(web::Json(SingleSignOnBegun {
        authorization_url: begun.url,
        transaction: begun.transaction.expose_secret().to_owned(),
        expires_in: TRANSACTION_LIFETIME.num_seconds(),
    }))
}

/// Complete a single sign-on
///
/// With what the browser brought back, once: after any refusal begin again (401: not begun here, by another client, more than ten minutes
/// ago, or the provider does not vouch for it). At the first sign-in the account is found by its user name and linked to who the user
/// is at the provider; from then on by that link, whatever the user is called there. A second factor is asked for (202) as after a
/// password, unless the provider's counts here.
#[utoipa::path(operation_id = "complete_single_sign_on", tag = "sign-in", security(()), request_body = SingleSignOnCompletion,
    responses(
        (status = 200, description = "Signed in", body = Session),
        (status = 202, description = "A second factor is asked for", body = SecondFactorWanted),
        (status = 403, description = "The provider vouches for somebody who has no active account here",
            body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "No provider is configured", body = ProblemBody<'static>,
            content_type = "application/problem+json"),
        (status = 503, description = "The provider is away", body = ProblemBody<'static>,
            content_type = "application/problem+json"),
        BodyProblems, CredentialProblems,
    ))]
#[post("/single-sign-on/completion")]
pub async fn complete_single_sign_on(
    app: web::Data<App>,
    request: HttpRequest,
    body: Payload<SingleSignOnCompletion>,
) -> Result<HttpResponse, Problem> {
    let SingleSignOnCompletion { transaction, state, code, iss } = body.value;
    let brought = BroughtBack { transaction, state, code, issuer: iss };
    let from = origin_of(&app, &request);
    let completed = single_sign_on::complete(Arc::clone(&app), brought, from).await?;
    Ok(signed_in_or(&app, completed))
}
