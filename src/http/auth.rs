//! Signing in, staying signed in, and signing out.

use std::sync::Arc;

use actix_web::http::header::USER_AGENT;
use actix_web::{HttpRequest, HttpResponse, Responder, post, web};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::json::Payload;
use super::problem::documented::{BodyProblems, CredentialProblems, TokenProblems};
use super::problem::{Problem, ProblemBody};
use super::rate::{client_address, client_site};
use super::second_factor::SecondFactorWanted;
use super::view::UserView;
use crate::app::App;
use crate::identity::{self, ChangeAtSignIn, Origin, SignedIn, SignedInOr, Tokens};

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
    (status = 403, description = "The password is right and has expired", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
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
    let signed_in = identity::sign_in(Arc::clone(&app), username, password, from).await?;
    Ok(signed_in_or(&app, signed_in))
}

/// The tokens, or what the sign-in waits for.
pub fn signed_in_or(app: &App, signed_in: SignedInOr) -> HttpResponse {
    match signed_in {
        SignedInOr::SignedIn(tokens) => HttpResponse::Ok().json(Session::new(app, *tokens)),
        SignedInOr::SecondFactor(challenge) => {
            HttpResponse::Accepted().json(SecondFactorWanted::from(challenge))
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

/// A password in the place of one that has expired.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpiredPasswordChange {
    /// The name to sign in with.
    #[schema(example = "wang.fang")]
    username: String,
    /// The password until now.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    current_password: SecretString,
    /// At least ten characters, not easily guessed, none of the last five.
    #[schema(value_type = String, format = Password, min_length = 10, example = "another horse, another staple")]
    new_password: SecretString,
    /// A code of the authenticator or a recovery code, where there is an authenticator.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "492039")]
    code: Option<SecretString>,
}

/// Change a password before signing in
///
/// As one that has expired (`password_expired`). Ends all of the user's sessions; wrong credentials look, last and count as at a
/// sign-in.
#[utoipa::path(operation_id = "change_password_at_sign_in", tag = "sign-in", security(()),
    request_body = ExpiredPasswordChange, responses(
        (status = 204, description = "Changed; sign in"), BodyProblems, CredentialProblems,
    ))]
#[post("/password")]
pub async fn change_password_at_sign_in(
    app: web::Data<App>,
    request: HttpRequest,
    body: Payload<ExpiredPasswordChange>,
) -> Result<HttpResponse, Problem> {
    let ExpiredPasswordChange { username, current_password: current, new_password: new, code } = body.value;
    let change = ChangeAtSignIn { username, current, new, code };
    identity::change_password_at_sign_in(Arc::clone(&app), change, origin_of(&app, &request)).await?;
    Ok(HttpResponse::NoContent().finish())
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
