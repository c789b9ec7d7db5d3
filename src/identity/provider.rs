//! The provider of OpenID Connect that signs users in: found by discovery, asked over TLS, and believed only by its signature.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryFutureExt;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::core::{
    CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreIdToken,
    CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, SignatureVerificationError, SubjectIdentifier, TokenResponse, UserInfoClaims,
    UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::config::SingleSignOn;

/// How long one answer of the provider is waited for.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
/// More than the keys of any provider take.
const MOST_BYTES: usize = 1024 * 1024;
/// How old what is known of the provider may be.
const MOST_AGE: TimeDelta = TimeDelta::hours(1);
/// How old it is at least before a signature of an unknown key is a reason to ask for it again.
const LEAST_AGE: TimeDelta = TimeDelta::seconds(1);
/// How long nobody asks again after the provider was not reached.
const PAUSE: TimeDelta = TimeDelta::seconds(2);

/// The ones that need the provider's private key; what a shared secret or nothing has signed is nobody's word.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why the provider has vouched for nobody; says nothing that is secret.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It is not reached, does not answer in time, or not as a provider does.
    #[error("the provider is away: {0}")]
    Away(String),
    /// It does not take the code, or what it says does not hold.
    #[error("the provider does not vouch for it: {0}")]
    Refused(String),
}

/// The chain of an error's reasons, in a line.
fn reasons(error: &dyn std::error::Error) -> String {
    let further = std::iter::successors(error.source(), |error| error.source());
    further.fold(error.to_string(), |text, error| format!("{text}: {error}"))
}

fn away(error: &dyn std::error::Error) -> ProviderError {
    ProviderError::Away(reasons(error))
}

fn refused(error: &dyn std::error::Error) -> ProviderError {
    ProviderError::Refused(reasons(error))
}

/// What a sign-in at the provider is begun with, and completed with by the one who began it.
#[derive(Serialize, Deserialize)]
pub struct Transaction {
    /// Comes back with the code.
    pub state: CsrfToken,
    /// Comes back in what the provider signs.
    nonce: Nonce,
    /// Shows that who brings the code has asked for it (RFC 7636).
    verifier: PkceCodeVerifier,
    /// To where the provider sends the browser back.
    redirect_uri: RedirectUrl,
}

/// Somebody for whom the provider vouches.
#[derive(Debug)]
pub struct Vouched {
    /// Who they are there, for ever.
    pub subject: String,
    /// What they are called there now.
    pub username: Option<String>,
    /// Whether they have shown a second factor there.
    pub second_factor: bool,
}

/// What is asked of the user-info endpoint by name, whatever it is.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct FurtherClaims(Map<String, Value>);

impl openidconnect::AdditionalClaims for FurtherClaims {}

/// A provider, with what is known of it.
pub struct Provider {
    settings: SingleSignOn,
    agent: Agent,
    discovery: Mutex<Discovery>,
}

#[derive(Default)]
struct Discovery {
    known: Option<(Arc<CoreProviderMetadata>, DateTime<Utc>)>,
    failed_at: Option<DateTime<Utc>>,
}

/// How long ago it was; a clock that was set back makes nothing young for ever.
fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    (now - at).abs()
}

impl Provider {
    /// Prepares for asking the provider; does not ask it yet, so that its outage keeps nobody out who has a password.
    ///
    /// # Errors
    /// The machine has no certificates of authorities to know it by.
    pub fn new(settings: SingleSignOn) -> std::io::Result<Self> {
        let agent = Agent::new(settings.issuer.url().scheme() == "https")?;
        Ok(Self { settings, agent, discovery: Mutex::default() })
    }

    /// What the provider calls itself.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// To where it may send the browser back.
    pub fn redirect_uris(&self) -> &[RedirectUrl] {
        &self.settings.redirect_uris
    }

    /// What is known of the provider, asked for again where it is older than that; where it cannot be asked now, what was known.
    async fn metadata(
        &self,
        most_age: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        // Held while asking, so that it is asked once for all who wait.
        let mut discovery = self.discovery.lock().await;
        let known = discovery.known.clone();
        if let Some((metadata, _)) = known.as_ref().filter(|(_, since)| age(*since, now) < most_age) {
            return Ok(Arc::clone(metadata));
        }
        let known = known.map(|(metadata, _)| metadata);
        if discovery.failed_at.is_some_and(|at| age(at, now) < PAUSE) {
            return known.ok_or_else(|| ProviderError::Away("it was away a moment ago".to_owned()));
        }
        match CoreProviderMetadata::discover_async(self.settings.issuer.clone(), &self.agent).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *discovery = Discovery { known: Some((Arc::clone(&metadata), now)), failed_at: None };
                Ok(metadata)
            }
            Err(error) => {
                discovery.failed_at = Some(now);
                tracing::warn!(error = reasons(&error), "the provider of single sign-on is away");
                known.ok_or_else(|| away(&error))
            }
        }
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let Self { settings: SingleSignOn { client_id, client_secret, .. }, .. } = self;
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        // Basic is what a provider takes that does not say (OpenID Connect Discovery 1.0, 3).
        let auth_type = match takes(CoreClientAuthMethod::ClientSecretBasic) {
            true => AuthType::BasicAuth,
            false => AuthType::RequestBody,
        };
        CoreClient::from_provider_metadata(metadata.clone(), client_id.clone(), client_secret.clone())
            .set_auth_type(auth_type)
    }

    /// The address at which the user signs in, and what completes that.
    ///
    /// # Errors
    /// [`ProviderError::Away`].
    pub async fn begin(
        &self,
        redirect_uri: RedirectUrl,
        now: DateTime<Utc>,
    ) -> Result<(String, Transaction), ProviderError> {
        let metadata = self.metadata(MOST_AGE, now).await?;
        let client = self.client(&metadata).set_redirect_uri(redirect_uri.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let asked = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(self.settings.scopes.iter().cloned())
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = asked.url();
        Ok((url.into(), Transaction { state, nonce, verifier, redirect_uri }))
    }

    /// Whom the provider vouches for with the code, as of `now`.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn redeem(
        &self,
        code: String,
        transaction: Transaction,
        now: DateTime<Utc>,
    ) -> Result<Vouched, ProviderError> {
        let Transaction { nonce, verifier, redirect_uri, .. } = transaction;
        let metadata = self.metadata(MOST_AGE, now).await?;
        let client = self.client(&metadata).set_redirect_uri(redirect_uri);
        let request = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| away(&error))?;
        let answer = request.set_pkce_verifier(verifier).request_async(&self.agent).await;
        let answer = answer.map_err(|error| match &error {
            RequestTokenError::ServerResponse(told)
                if *told.error() == CoreErrorResponseType::InvalidGrant =>
            {
                refused(&error)
            }
            // It is not the user's fault that the provider does not know this installation.
            _ => away(&error),
        })?;
        let id_token = answer.id_token().ok_or_else(|| ProviderError::Refused("no ID token".to_owned()))?;
        let subject = match subject_of(&client, &answer, id_token, &nonce, now) {
            Err(error) if is_of_unknown_key(&error) => {
                // It may have changed its keys since.
                let client = self.client(&*self.metadata(LEAST_AGE, now).await?);
                subject_of(&client, &answer, id_token, &nonce, now)
            }
            subject => subject,
        };
        let subject = subject.map_err(|error| refused(&error))?;
        let claims = payload_of(id_token).ok_or_else(|| ProviderError::Refused("no claims".to_owned()))?;
        let methods =
            claims.get("amr").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let second_factor =
            methods.into_iter().any(|method| self.settings.second_factor_methods.contains(method));
        let username = match self.username_among(&claims) {
            Some(username) => Some(username),
            // Many providers tell it only when asked (OpenID Connect Core 5.4).
            None => self.username_asked_for(&client, &answer, subject.clone()).await?,
        };
        Ok(Vouched { subject: subject.to_string(), username, second_factor })
    }

    /// What the claims say the user is called here.
    fn username_among(&self, claims: &Map<String, Value>) -> Option<String> {
        let name = &self.settings.username_claim;
        // An address that the provider has not verified can be anybody's.
        if name == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
            return None;
        }
        claims.get(name)?.as_str().map(|username| username.trim().to_ascii_lowercase())
    }

    async fn username_asked_for(
        &self,
        client: &Client,
        answer: &CoreTokenResponse,
        subject: SubjectIdentifier,
    ) -> Result<Option<String>, ProviderError> {
        let Ok(request) = client.user_info(answer.access_token().clone(), Some(subject)) else {
            return Ok(None);
        };
        let told = request.request_async::<FurtherClaims, _, CoreGenderClaim>(&self.agent).await;
        let told: UserInfoClaims<FurtherClaims, CoreGenderClaim> = told.map_err(|error| match &error {
            UserInfoError::ClaimsVerification(_) => refused(&error),
            _ => away(&error),
        })?;
        let claims = serde_json::to_value(&told).map_err(|error| away(&error))?;
        Ok(claims.as_object().and_then(|claims| self.username_among(claims)))
    }
}

/// Who the token is about, once its signature, issuer, audience, nonce and time were found right, and that the access token came with
/// it.
fn subject_of(
    client: &Client,
    answer: &CoreTokenResponse,
    id_token: &CoreIdToken,
    nonce: &Nonce,
    now: DateTime<Utc>,
) -> Result<SubjectIdentifier, ClaimsVerificationError> {
    let verifier: CoreIdTokenVerifier<'_> = client.id_token_verifier();
    let verifier = verifier.set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    let claims = id_token.claims(&verifier, nonce)?;
    if let Some(told) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(ClaimsVerificationError::SignatureVerification)?;
        let key = id_token.signing_key(&verifier).map_err(ClaimsVerificationError::SignatureVerification)?;
        let own = AccessTokenHash::from_token(answer.access_token(), algorithm, key)
            .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
        if own != *told {
            return Err(ClaimsVerificationError::Other("another access token".to_owned()));
        }
    }
    Ok(claims.subject().clone())
}

fn is_of_unknown_key(error: &ClaimsVerificationError) -> bool {
    use ClaimsVerificationError::SignatureVerification;
    matches!(error, SignatureVerification(SignatureVerificationError::NoMatchingKey))
}

/// The claims of a token that was verified, by their names.
fn payload_of(id_token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = id_token.to_string();
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// Asks the provider, within bounds; follows it nowhere else.
struct Agent(HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("not within {} s", LONGEST_ANSWER.as_secs())]
    InTime,
    #[error("more than {MOST_BYTES} bytes")]
    TooLong,
    #[error(transparent)]
    Unreached(#[from] hyper_util::client::legacy::Error),
    #[error("an answer that breaks off")]
    Broken,
}

impl Agent {
    fn new(only_tls: bool) -> std::io::Result<Self> {
        let builder = HttpsConnectorBuilder::new().with_native_roots()?;
        let builder = if only_tls { builder.https_only() } else { builder.https_or_http() };
        Ok(Self(HttpClient::builder(TokioExecutor::new()).build(builder.enable_http1().build())))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let asked = self.0.request(request.map(|body| Full::new(Bytes::from(body)))).err_into();
        let answered = tokio::time::timeout(LONGEST_ANSWER, asked.and_then(whole)).await;
        answered.unwrap_or(Err(NoAnswer::InTime))
    }
}

async fn whole(response: hyper::Response<hyper::body::Incoming>) -> Result<HttpResponse, NoAnswer> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await;
    let body = body.map_err(|error| match error.is::<LengthLimitError>() {
        true => NoAnswer::TooLong,
        false => NoAnswer::Broken,
    })?;
    Ok(HttpResponse::from_parts(head, body.to_bytes().into()))
}

impl<'c> AsyncHttpClient<'c> for Agent {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}
