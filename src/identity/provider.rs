//! The provider of OpenID Connect that signs users in: found by discovery, asked over TLS, and believed about who somebody is only by
//! its signature.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
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
    AccessToken, AccessTokenHash, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, SignatureVerificationError, SubjectIdentifier, TokenResponse, UserInfoClaims,
    UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use crate::clock::Clock;
use crate::config::{SingleSignOn, is_safe_address};

/// How long one answer of the provider is waited for.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
/// More than the keys of any provider take.
const MOST_BYTES: usize = 1024 * 1024;
/// How much of the provider's own words is logged.
const MOST_LOGGED: usize = 300;
/// How many codes are redeemed at a time: each waits for the provider.
const MOST_REDEEMED: usize = 16;
/// How long a code waits for others.
const LONGEST_QUEUE: Duration = Duration::from_secs(2);
/// What a subject has at most (OpenID Connect Core 2).
const MOST_OF_SUBJECT: usize = 255;
/// How old what is known of the provider may be while it is away.
const MOST_AGE_AWAY: TimeDelta = TimeDelta::days(1);
/// How old what is known of the provider may be.
const MOST_AGE: TimeDelta = TimeDelta::hours(1);
/// How old it is at least before a signature of an unknown key is a reason to ask for it again.
const LEAST_AGE: TimeDelta = TimeDelta::seconds(1);
/// How long nobody asks again after the provider was not reached.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

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

/// The chain of an error's reasons, in a line of bounded length: some of it is the provider's own words.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    for further in std::iter::successors(error.source(), |error| error.source()) {
        // What a parser says of what it found quotes it, and that may be anybody's address.
        if let Some(wrong) = further.downcast_ref::<serde_path_to_error::Error<serde_json::Error>>() {
            text = format!("{text} at {}", wrong.path());
            break;
        }
        text = format!("{text}: {further}");
    }
    text.chars().filter(|c| !c.is_control()).take(MOST_LOGGED).collect()
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

/// Whether the text can be who somebody is at a provider.
pub fn is_subject(text: &str) -> bool {
    !text.is_empty() && text.len() <= MOST_OF_SUBJECT && !text.chars().any(char::is_control)
}

/// Somebody for whom the provider vouches.
pub struct Vouched {
    /// Who they are there, for ever.
    pub subject: SubjectIdentifier,
    /// Whether they have shown a second factor there.
    pub second_factor: bool,
    /// What they are called there now, if the ID token says it.
    username: Option<String>,
    /// With which the rest is asked for.
    access_token: AccessToken,
}

/// What is asked of the user-info endpoint by name, whatever it is.
#[derive(Debug, Clone, Deserialize, Serialize)]
struct FurtherClaims(Map<String, Value>);

impl openidconnect::AdditionalClaims for FurtherClaims {}

/// A provider, with what is known of it.
pub struct Provider {
    settings: SingleSignOn,
    agent: Agent,
    clock: Clock,
    known: RwLock<Option<Known>>,
    /// Held while asking, so that it is asked once for all who wait; when it was last away.
    asking: Mutex<Option<DateTime<Utc>>>,
    redeeming: Semaphore,
}

/// What is known, and since when.
type Known = (Arc<CoreProviderMetadata>, DateTime<Utc>);

/// How long ago it was; a clock that was set back makes nothing young for ever.
fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    (now - at).abs()
}

impl Provider {
    /// Prepares for asking the provider; does not ask it yet, so that its outage keeps nobody out who has a password.
    ///
    /// # Errors
    /// The machine has no certificates of authorities to know it by.
    pub fn new(settings: SingleSignOn, clock: Clock) -> std::io::Result<Self> {
        let agent = Agent::new(settings.issuer.url().scheme() == "https")?;
        Ok(Self {
            settings,
            agent,
            clock,
            known: RwLock::default(),
            asking: Mutex::default(),
            redeeming: Semaphore::new(MOST_REDEEMED),
        })
    }

    /// What the provider calls itself.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// To where it may send the browser back.
    pub fn redirect_uris(&self) -> &[RedirectUrl] {
        &self.settings.redirect_uris
    }

    fn known(&self) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known of the provider, asked for again where it is older than that; where it cannot be asked now, what was known.
    async fn metadata(&self, most_age: TimeDelta) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let is_fresh = |(_, since): &Known| age(*since, self.clock.now()) < most_age;
        let known = self.known();
        if let Some((metadata, _)) = known.as_ref().filter(|known| is_fresh(known)) {
            return Ok(Arc::clone(metadata));
        }
        let is_known_lately = |(_, since): &Known| age(*since, self.clock.now()) < MOST_AGE_AWAY;
        let known = known.filter(is_known_lately);
        let mut away_at = match (&known, self.asking.try_lock()) {
            (_, Ok(asking)) => asking,
            // Somebody asks already, and what is known is good enough to begin with.
            (Some((metadata, _)), Err(_)) if most_age == MOST_AGE => return Ok(Arc::clone(metadata)),
            (_, Err(_)) => self.asking.lock().await,
        };
        let known = self.known();
        if let Some((metadata, _)) = known.as_ref().filter(|known| is_fresh(known)) {
            return Ok(Arc::clone(metadata));
        }
        let known = known.filter(is_known_lately).map(|(metadata, _)| metadata);
        if away_at.is_some_and(|at| age(at, self.clock.now()) < PAUSE) {
            return known.ok_or_else(|| ProviderError::Away("it was away a moment ago".to_owned()));
        }
        let found = CoreProviderMetadata::discover_async(self.settings.issuer.clone(), &self.agent).await;
        match found.map_err(|error| away(&error)).and_then(checked) {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                let known = Some((Arc::clone(&metadata), self.clock.now()));
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
                *away_at = None;
                Ok(metadata)
            }
            Err(error) => {
                *away_at = Some(self.clock.now());
                tracing::warn!(%error, "the provider of single sign-on cannot be asked");
                known.ok_or(error)
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
    pub async fn begin(&self, redirect_uri: RedirectUrl) -> Result<(String, Transaction), ProviderError> {
        let metadata = self.metadata(MOST_AGE).await?;
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

    /// Held while a code is redeemed and what belongs to it is asked for, since each waits for the provider.
    ///
    /// # Errors
    /// [`ProviderError::Away`] while too many others wait for it.
    pub async fn permit(&self) -> Result<SemaphorePermit<'_>, ProviderError> {
        let permit = tokio::time::timeout(LONGEST_QUEUE, self.redeeming.acquire()).await;
        permit.map_err(|error| away(&error))?.map_err(|error| away(&error))
    }

    /// Whom the provider vouches for with the code.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn redeem(&self, code: String, transaction: Transaction) -> Result<Vouched, ProviderError> {
        let Transaction { nonce, verifier, redirect_uri, .. } = transaction;
        let metadata = self.metadata(MOST_AGE).await?;
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
        let now = self.clock.now();
        let subject = match subject_of(&client, &answer, id_token, &nonce, now) {
            Err(error) if is_of_another_key(&error) => {
                // It may have changed its keys since.
                let client = self.client(&*self.metadata(LEAST_AGE).await?);
                subject_of(&client, &answer, id_token, &nonce, now)
            }
            subject => subject,
        };
        let subject = subject.map_err(|error| refused(&error))?;
        if !is_subject(&subject) {
            return Err(ProviderError::Refused("a subject that is none".to_owned()));
        }
        let claims = payload_of(id_token).ok_or_else(|| ProviderError::Refused("no claims".to_owned()))?;
        let mut methods =
            claims.get("amr").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let second_factor = methods.any(|method| self.settings.second_factor_methods.contains(method));
        let access_token = answer.access_token().clone();
        Ok(Vouched { username: self.username_among(&claims), subject, second_factor, access_token })
    }

    /// What the claims say the user is called here.
    fn username_among(&self, claims: &Map<String, Value>) -> Option<String> {
        claims.get(self.settings.username_claim.as_ref()?)?.as_str().map(str::to_owned)
    }

    /// What they are called here: as the ID token says, or the user-info endpoint, where many providers tell it alone (OpenID Connect
    /// Core 5.4).
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn username_of(&self, vouched: &Vouched) -> Result<Option<String>, ProviderError> {
        if vouched.username.is_some() || self.settings.username_claim.is_none() {
            return Ok(vouched.username.clone());
        }
        let client = self.client(&*self.metadata(MOST_AGE).await?);
        let asked = client.user_info(vouched.access_token.clone(), Some(vouched.subject.clone()));
        let Ok(request) = asked else { return Ok(None) };
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

/// Whether another key than those that are known may have signed it: providers name their keys, or not, or anew.
fn is_of_another_key(error: &ClaimsVerificationError) -> bool {
    use SignatureVerificationError::{AmbiguousKeyId, CryptoError, NoMatchingKey};
    let ClaimsVerificationError::SignatureVerification(error) = error else { return false };
    matches!(error, AmbiguousKeyId(_) | CryptoError(_) | NoMatchingKey)
}

/// What the provider says of itself, if all its addresses are such as are asked, and where browsers are sent.
fn checked(metadata: CoreProviderMetadata) -> Result<CoreProviderMetadata, ProviderError> {
    let token = metadata.token_endpoint().map(|url| url.url());
    let user_info = metadata.userinfo_endpoint().map(|url| url.url());
    let always = [metadata.authorization_endpoint().url(), metadata.jwks_uri().url()];
    let unsafe_one =
        always.into_iter().chain(token).chain(user_info).find(|url| !is_safe_address(url, false));
    if let Some(url) = unsafe_one {
        return Err(ProviderError::Away(format!(
            "it names an address that is not asked, of {:?}",
            url.scheme()
        )));
    }
    Ok(metadata)
}

/// The claims of a token that was verified, by their names.
fn payload_of(id_token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = id_token.to_string();
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// Asks the provider, within bounds; follows it nowhere else.
enum Agent {
    Tls(HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>),
    /// For one on this machine, which needs no authorities.
    Plain(HttpClient<HttpConnector, Full<Bytes>>),
}

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
    fn new(with_tls: bool) -> std::io::Result<Self> {
        let builder = HttpClient::builder(TokioExecutor::new());
        if !with_tls {
            return Ok(Self::Plain(builder.build_http()));
        }
        let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_only().enable_http1().build();
        Ok(Self::Tls(builder.build(connector)))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let asked = match self {
            Self::Tls(client) => client.request(request),
            Self::Plain(client) => client.request(request),
        };
        let answered = tokio::time::timeout(LONGEST_ANSWER, asked.err_into().and_then(whole)).await;
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
