//! The second factor: to complete a sign-in, and to set up one's own.

use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Session, origin_of};
use super::json::Payload;
use super::problem::documented::{BodyProblems, CredentialProblems, TokenProblems};
use super::problem::{Problem, ProblemBody};
use super::rate;
use super::then::Then;
use crate::app::App;
use crate::identity::SignedIn;
use crate::identity::second_factor::{
    self, CHALLENGE_LIFETIME, Challenge, Credentials, ENROLMENT_LIFETIME, Enrolment, RecoveryCodes,
};

/// What a sign-in waits for whose password was right.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorWanted {
    /// Shown with the code.
    #[schema(example = "b1Yb0mTn4gqk2fYk2p0kZ0s6Jq8oYw3n5c7u9x1z3A5")]
    challenge: String,
    /// How long the sign-in waits, in seconds.
    #[schema(example = 300)]
    expires_in: i64,
    /// Whether there is an authenticator; without one, it is set up first.
    enrolled: bool,
}

impl From<Challenge> for SecondFactorWanted {
    fn from(challenge: Challenge) -> Self {
        Self {
            challenge: challenge.token.expose_secret().to_owned(),
            expires_in: CHALLENGE_LIFETIME.num_seconds(),
            enrolled: challenge.is_enrolled,
        }
    }
}

/// A challenge that a sign-in was answered with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeShown {
    #[schema(value_type = String, example = "b1Yb0mTn4gqk2fYk2p0kZ0s6Jq8oYw3n5c7u9x1z3A5")]
    challenge: SecretString,
}

/// What completes a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorShown {
    /// From the answer to the sign-in.
    #[schema(value_type = String, example = "b1Yb0mTn4gqk2fYk2p0kZ0s6Jq8oYw3n5c7u9x1z3A5")]
    challenge: SecretString,
    /// The six digits that the authenticator shows, or a recovery code.
    #[schema(value_type = String, example = "492039")]
    code: SecretString,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeShown {
    /// The six digits that the authenticator shows.
    #[schema(value_type = String, example = "492039")]
    code: SecretString,
}

/// What is shown again before a second factor changes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialsShown {
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    password: SecretString,
    /// A code of the authenticator until now or a recovery code, where there is an authenticator.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "492039")]
    code: Option<SecretString>,
}

impl From<CredentialsShown> for Credentials {
    fn from(shown: CredentialsShown) -> Self {
        Self { password: shown.password, code: shown.code }
    }
}

/// What an authenticator is set up with; it counts from its first code on.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentView {
    /// In base32, to be typed: SHA-1, six digits, 30 seconds.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// The same for a QR code.
    #[schema(
        example = "otpauth://totp/daowei:wang.fang?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=daowei"
    )]
    uri: String,
    /// How long it waits for the first code, in seconds.
    #[schema(example = 600)]
    expires_in: i64,
}

impl From<Enrolment> for EnrolmentView {
    fn from(enrolment: Enrolment) -> Self {
        Self {
            secret: enrolment.secret.expose_secret().to_owned(),
            uri: enrolment.uri.expose_secret().to_owned(),
            expires_in: ENROLMENT_LIFETIME.num_seconds(),
        }
    }
}

fn told(codes: RecoveryCodes) -> Vec<String> {
    codes.iter().map(|code| code.expose_secret().to_owned()).collect()
}

/// A session that was completed with a second factor.
#[derive(Serialize, ToSchema)]
pub struct CompletedSession {
    #[serde(flatten)]
    session: Session,
    /// Told once, where the authenticator was set up in this sign-in: each stands in for a lost authenticator once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["k7fqm-2vxbn-p9wcd-tr4hj-m3ncx"]))]
    recovery_codes: Option<Vec<String>>,
}

/// Recovery codes, told once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodesTold {
    /// Each stands in for a lost authenticator once; those of before are no longer good.
    #[schema(example = json!(["k7fqm-2vxbn-p9wcd-tr4hj-m3ncx"]))]
    recovery_codes: Vec<String>,
}

/// What the caller has of a second factor.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorView {
    /// Whether the caller signs in with one by role or duty.
    required: bool,
    /// Since when there is an authenticator; null where there is none.
    enrolled_at: Option<DateTime<Utc>>,
    /// How many recovery codes are left.
    #[schema(example = 8)]
    recovery_codes_left: i64,
}

/// Complete a sign-in
///
/// With the challenge and a code of the authenticator, or a recovery code. A wrong code counts as a failed sign-in; no code is
/// taken twice. The first code of an authenticator that was set up in this sign-in confirms it, and recovery codes come with the
/// session.
#[utoipa::path(operation_id = "complete_sign_in", tag = "sign-in", security(()), request_body = SecondFactorShown,
    responses(
        (status = 200, description = "Signed in", body = CompletedSession),
        (status = 403, description = "The sign-in at the provider is nobody's here any more", body = ProblemBody<'static>,
            content_type = "application/problem+json"),
        (status = 409, description = "There is no authenticator yet: set one up first", body = ProblemBody<'static>,
            content_type = "application/problem+json"),
        BodyProblems, CredentialProblems,
    ))]
#[post("/second-factor")]
pub async fn complete_sign_in(
    app: web::Data<App>,
    request: HttpRequest,
    body: Payload<SecondFactorShown>,
) -> Result<web::Json<CompletedSession>, Problem> {
    let SecondFactorShown { challenge, code } = body.value;
    let from = origin_of(&app, &request);
    let (tokens, codes) = second_factor::complete_sign_in(Arc::clone(&app), challenge, code, from).await?;
    Ok(web::Json(CompletedSession { session: Session::new(&app, tokens), recovery_codes: codes.map(told) }))
}

/// Set up an authenticator while signing in
///
/// For who must sign in with a second factor and has none. Another call begins anew.
#[utoipa::path(operation_id = "begin_second_factor_at_sign_in", tag = "sign-in", security(()),
    request_body = ChallengeShown, responses(
        (status = 200, description = "What the authenticator is set up with", body = EnrolmentView),
        (status = 409, description = "There is one already", body = ProblemBody<'static>,
            content_type = "application/problem+json"),
        BodyProblems, CredentialProblems,
    ))]
#[post("/second-factor/enrolment")]
pub async fn begin_at_sign_in(
    app: web::Data<App>,
    request: HttpRequest,
    body: Payload<ChallengeShown>,
) -> Result<web::Json<EnrolmentView>, Problem> {
    let from = origin_of(&app, &request);
    Ok(web::Json(second_factor::begin_at_sign_in(&app, body.value.challenge, from).await?.into()))
}

/// See my second factor
#[utoipa::path(operation_id = "get_my_second_factor", tag = "sign-in", responses(
    (status = 200, description = "What there is of it", body = SecondFactorView), TokenProblems,
))]
#[get("/me/second-factor")]
pub async fn get_my_second_factor(
    app: web::Data<App>,
    caller: SignedIn,
) -> Result<web::Json<SecondFactorView>, Problem> {
    let standing = second_factor::standing(&app, &caller).await?;
    Ok(web::Json(SecondFactorView {
        required: app.settings.second_factor_for.includes(caller.staff()),
        enrolled_at: standing.enrolled_at,
        recovery_codes_left: standing.recovery_codes_left,
    }))
}

/// Begin to set up my authenticator
///
/// One that there is stays until the new one's first code was shown. A wrong password or code counts as a failed sign-in.
#[utoipa::path(operation_id = "begin_my_second_factor", tag = "sign-in", request_body = CredentialsShown, responses(
    (status = 200, description = "What the authenticator is set up with", body = EnrolmentView),
    BodyProblems, TokenProblems, CredentialProblems,
))]
#[post("/me/second-factor/enrolment", wrap = "from_fn(rate::sign_in)")]
pub async fn begin_my_second_factor(
    app: web::Data<App>,
    Then(caller, body): Then<SignedIn, Payload<CredentialsShown>>,
    request: HttpRequest,
) -> Result<web::Json<EnrolmentView>, Problem> {
    let from = origin_of(&app, &request);
    Ok(web::Json(second_factor::begin_enrolment(&app, &caller, body.value.into(), from).await?.into()))
}

/// Set up my authenticator
///
/// With its first code, which confirms it. The caller's other sessions end.
#[utoipa::path(operation_id = "confirm_my_second_factor", tag = "sign-in", request_body = CodeShown, responses(
    (status = 200, description = "Set up", body = RecoveryCodesTold),
    (status = 409, description = "Nothing was begun, or too long ago", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
    BodyProblems, TokenProblems, CredentialProblems,
))]
#[post("/me/second-factor", wrap = "from_fn(rate::sign_in)")]
pub async fn confirm_my_second_factor(
    app: web::Data<App>,
    Then(caller, body): Then<SignedIn, Payload<CodeShown>>,
    request: HttpRequest,
) -> Result<web::Json<RecoveryCodesTold>, Problem> {
    let from = origin_of(&app, &request);
    let codes = second_factor::confirm_enrolment(&app, &caller, body.value.code, from).await?;
    Ok(web::Json(RecoveryCodesTold { recovery_codes: told(codes) }))
}

/// Renew my recovery codes
///
/// Those of before are no longer good. A wrong password or code counts as a failed sign-in.
#[utoipa::path(operation_id = "renew_my_recovery_codes", tag = "sign-in", request_body = CredentialsShown, responses(
    (status = 200, description = "Renewed", body = RecoveryCodesTold),
    (status = 409, description = "There is no authenticator", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
    BodyProblems, TokenProblems, CredentialProblems,
))]
#[post("/me/second-factor/recovery-codes", wrap = "from_fn(rate::sign_in)")]
pub async fn renew_my_recovery_codes(
    app: web::Data<App>,
    Then(caller, body): Then<SignedIn, Payload<CredentialsShown>>,
    request: HttpRequest,
) -> Result<web::Json<RecoveryCodesTold>, Problem> {
    let from = origin_of(&app, &request);
    let codes = second_factor::renew(&app, &caller, body.value.into(), from).await?;
    Ok(web::Json(RecoveryCodesTold { recovery_codes: told(codes) }))
}

/// Remove my authenticator
///
/// With its recovery codes; not where the caller signs in with one by role or duty. All sessions end. A wrong password or code
/// counts as a failed sign-in.
#[utoipa::path(operation_id = "remove_my_second_factor", tag = "sign-in", request_body = CredentialsShown, responses(
    (status = 204, description = "Removed; sign in again"),
    (status = 403, description = "The caller signs in with one by role or duty", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
    (status = 409, description = "There is none", body = ProblemBody<'static>,
        content_type = "application/problem+json"),
    BodyProblems, TokenProblems, CredentialProblems,
))]
#[post("/me/second-factor/removal", wrap = "from_fn(rate::sign_in)")]
pub async fn remove_my_second_factor(
    app: web::Data<App>,
    Then(caller, body): Then<SignedIn, Payload<CredentialsShown>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    second_factor::remove(&app, &caller, body.value.into(), origin_of(&app, &request)).await?;
    Ok(HttpResponse::NoContent().finish())
}
