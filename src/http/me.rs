//! The caller's own account.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::json::Payload;
use super::problem::Problem;
use super::problem::documented::{BodyProblems, CredentialProblems, TokenProblems};
use super::rate;
use super::rate::{client_address, client_site};
use super::then::Then;
use super::view::UserView;
use crate::app::App;
use crate::identity::{self, SignedIn};

/// A change of password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password until now.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    current_password: SecretString,
    /// At least ten characters, not the user name.
    #[schema(value_type = String, format = Password, min_length = 10, example = "another horse, another staple")]
    new_password: SecretString,
}

/// Who am I
///
/// The caller's account, with role, duties, organisation and territory as they are now.
#[utoipa::path(operation_id = "get_me", tag = "sign-in", responses(
    (status = 200, description = "The caller", body = UserView), TokenProblems,
))]
#[get("/me")]
pub async fn get_me(app: web::Data<App>, caller: SignedIn) -> Result<impl Responder, Problem> {
    Ok(web::Json(UserView::from(identity::account_of(&app, &caller).await?)))
}

/// Change my password
///
/// Ends all of the caller's sessions, this one too. A wrong current password counts as a failed sign-in.
#[utoipa::path(operation_id = "change_password", tag = "sign-in", request_body = PasswordChange, responses(
    (status = 204, description = "Changed; sign in again"), BodyProblems, TokenProblems, CredentialProblems,
))]
#[post("/me/password", wrap = "from_fn(rate::sign_in)")]
pub async fn change_password(
    app: web::Data<App>,
    Then(caller, body): Then<SignedIn, Payload<PasswordChange>>,
    request: HttpRequest,
) -> Result<impl Responder, Problem> {
    let PasswordChange { current_password, new_password } = body.value;
    let network = client_site(&request, app.settings.trusted_proxy_count);
    let address = client_address(&request, app.settings.trusted_proxy_count);
    identity::change_password(Arc::clone(&app), &caller, current_password, new_password, network, address)
        .await?;
    Ok(HttpResponse::NoContent())
}
