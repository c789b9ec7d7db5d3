//! Signing in, staying signed in, and signing out.

use std::sync::Arc;

use actix_web::http::header::USER_AGENT;
use actix_web::{HttpRequest, HttpResponse, Responder, post, web};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::Payload;
use super::problem::Problem;
use super::problem::documented::{BodyProblems, CredentialProblems, TokenProblems};
use super::rate::{client_address, client_site};
use super::second_factor::SecondFactorWanted;
use super::view::UserView;
use crate::app::App;
use crate::identity::{self, Origin, SignedIn, SignedInOr, Tokens};

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The name to sign in with.
    #[schema(example = "wang.fang")]
    username: String,
    /// The password.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    password: SecretString,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The newest refresh token; it is used up.
    #[schema(value_type = String, example = "b1Yb0mTn4gqk2fYk2p0kZ0s6Jq8oYw3n5c7u9x1z3A5")]
    refresh_token: SecretString,
}

/// The tokens of somebody who has signed in.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// Goes into `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMUhaWDVUSjRSMlFLIn0.c2lnbmF0dXJl")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    #[schema(example = 900)]
    expires_in: u64,
    /// Buys the next pair, once; a second use ends the session.
    #[schema(example = "b1Yb0mTn4gqk2fYk2p0kZ0s6Jq8oYw3n5c7u9x1z3A5")]
    refresh_token: String,
    /// Who has signed in.
    user: UserView,
}

impl Session {
    /// The tokens as the client gets them.
    pub fn new(app: &App, tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: app.tokens.access_lifetime.as_secs(),
            refresh_token: tokens.refresh.expose_secret().to_owned(),
            user: tokens.account.into(),
        }
    }
}

/// Sign in
///
/// With a user name and password. A wrong name, a wrong password and a disabled account look the same. Failures in a row make
/// the pauses before the next attempt longer and then lock the account for a while (`sign_in_locked`, with `Retry-After`),
/// whether or not there is such an account. Whoever signs in with a second factor gets a challenge (202) and completes the
/// sign-in with it.
#[utoipa::path(operation_id = "sign_in", tag = "sign-in", security(()), request_body = SignIn, responses(
    (status = 200, description = "Signed in", body = Session),
    (status = 202, description = "The password is right, and a second factor is asked for", body = SecondFactorWanted),
    BodyProblems, CredentialProblems,
))]
#[post("/sign-in")]
pub async fn sign_in(
    app: web::Data<App>,
    request: HttpRequest,
    body: Payload<SignIn>,
) -> Result<HttpResponse, Problem> {
    let SignIn { username, password } = body.value;
    let from = origin_of(&app, &request);
    match identity::sign_in(Arc::clone(&app), username, password, from).await? {
        SignedInOr::SignedIn(tokens) => Ok(HttpResponse::Ok().json(Session::new(&app, *tokens))),
        SignedInOr::SecondFactor(challenge) => {
            Ok(HttpResponse::Accepted().json(SecondFactorWanted::from(challenge)))
        }
    }
}

/// From where a request comes.
pub fn origin_of(app: &App, request: &HttpRequest) -> Origin {
    let network = client_site(request, app.settings.trusted_proxy_count);
    let address = client_address(request, app.settings.trusted_proxy_count);
    let user_agent = request.headers().get(USER_AGENT).map(|name| String::from_utf8_lossy(name.as_bytes()));
    let user_agent = user_agent.map(|name| name.chars().filter(|c| !c.is_control()).take(200).collect());
    Origin { network, address, user_agent }
}

/// Stay signed in
///
/// Exchanges the newest refresh token for the next pair. A token that comes twice ends the whole session.
#[utoipa::path(operation_id = "refresh_session", tag = "sign-in", security(()), request_body = Refresh, responses(
    (status = 200, description = "Still signed in", body = Session), BodyProblems, CredentialProblems,
))]
#[post("/refresh")]
pub async fn refresh(
    app: web::Data<App>,
    request: HttpRequest,
    body: Payload<Refresh>,
) -> Result<impl Responder, Problem> {
    let address = client_address(&request, app.settings.trusted_proxy_count);
    let tokens = identity::refresh(&app, body.value.refresh_token, address).await?;
    Ok(web::Json(Session::new(&app, tokens)))
}

/// Sign out
///
/// Ends the session at once, with its access and refresh tokens.
#[utoipa::path(operation_id = "sign_out", tag = "sign-in", responses(
    (status = 204, description = "Signed out"), TokenProblems,
))]
#[post("/sign-out")]
pub async fn sign_out(
    app: web::Data<App>,
    caller: SignedIn,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    let address = client_address(&request, app.settings.trusted_proxy_count);
    identity::sign_out(&app, &caller, address).await?;
    Ok(HttpResponse::NoContent())
}
