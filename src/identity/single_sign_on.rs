//! Signing in at a provider of OpenID Connect, with the authorization code flow and PKCE (RFC 9700 §2.1.1).
//!
//! What was begun is told, sealed, to whoever began it and kept nowhere: only they can complete it, and the provider takes each code
//! once. An account is found by its name at the first sign-in, and from then on by who it is at the provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::AuditedAct;
use domain::id::UserId;
use openidconnect::RedirectUrl;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::external_identities::{self, ExternalIdentity};
use store::sealing::Place;
use store::users;
use store::{AnyConnection, StoreError};

use super::Account;
use super::attempt::to_its_end;
use super::provider::{Provider, ProviderError, Transaction, Vouched};
use super::second_factor;
use super::sessions::{Means, NewSession, Origin, SignedInOr, field_refused};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};

/// How long somebody may take at the provider.
pub const TRANSACTION_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Where what was begun is sealed for: no table, the one who began it keeps it.
const PLACE: Place = Place { table: "single_sign_on", column: "transaction", row: 0 };

/// A sign-in at the provider that was begun.
pub struct Begun {
    /// Where the user signs in.
    pub authorization_url: String,
    /// Shown with the code.
    pub transaction: SecretString,
}

/// A transaction, and until when it is completed.
#[derive(Serialize, Deserialize)]
struct Waiting {
    transaction: Transaction,
    until: DateTime<Utc>,
}

/// What the browser brought back from the provider.
pub struct BroughtBack {
    /// From the beginning.
    pub transaction: SecretString,
    /// The `state` beside the code.
    pub state: SecretString,
    /// The code.
    pub code: SecretString,
    /// The `iss` beside the code, where the provider adds one (RFC 9207).
    pub issuer: Option<String>,
}

fn provider(app: &App) -> Result<&Provider, ServiceError> {
    app.provider.as_ref().ok_or(ServiceError::SingleSignOnOff)
}

impl From<ProviderError> for ServiceError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Away(why) => {
                tracing::error!(why, "the provider of single sign-on is of no use now");
                Self::ProviderAway
            }
            ProviderError::Refused(why) => {
                tracing::warn!(why, "the provider of single sign-on does not vouch for a sign-in");
                Self::SingleSignOnFailed
            }
        }
    }
}

/// Begins a sign-in at the provider, which sends the browser back to the address, or to the first of the configured.
///
/// # Errors
/// There is no provider; the address is none of the configured; the provider is away.
pub async fn begin(app: &App, redirect_uri: Option<String>) -> Result<Begun, ServiceError> {
    let (provider, now) = (provider(app)?, app.clock.now());
    let mut configured = provider.redirect_uris().iter();
    let chosen: Option<&RedirectUrl> = match &redirect_uri {
        Some(wanted) => configured.find(|known| known.as_str() == wanted),
        None => configured.next(),
    };
    let unknown =
        || field_refused("/redirect_uri", "unknown_redirect_uri", "Not one that is configured here");
    let (authorization_url, transaction) = provider.begin(chosen.ok_or_else(unknown)?.clone(), now).await?;
    let waiting = Waiting { transaction, until: now + TRANSACTION_LIFETIME };
    let sealed = app.sealer.seal(PLACE, &serde_json::to_vec(&waiting)?).map_err(StoreError::from)?;
    Ok(Begun { authorization_url, transaction: URL_SAFE_NO_PAD.encode(sealed).into() })
}

/// What was begun, if it was here and lately, and the state is its.
fn begun(app: &App, shown: &BroughtBack) -> Option<Transaction> {
    let sealed = URL_SAFE_NO_PAD.decode(shown.transaction.expose_secret()).ok()?;
    let waiting: Waiting = serde_json::from_slice(&app.sealer.open(PLACE, &sealed).ok()?).ok()?;
    let is_its = waiting.transaction.state.secret() == shown.state.expose_secret();
    (is_its && app.clock.now() < waiting.until).then_some(waiting.transaction)
}

/// Completes a sign-in with what the browser brought back, as far as that goes: a second factor is asked for as after a password,
/// unless the provider has seen one and that is configured to count.
///
/// # Errors
/// There is no provider, or it is away; it does not vouch for the code; nobody active here is whom it vouches for.
pub async fn complete(app: Arc<App>, shown: BroughtBack, from: Origin) -> Result<SignedInOr, ServiceError> {
    to_its_end(async move {
        let completed = vouched_for(&app, shown).await;
        let vouched = match completed {
            Ok(vouched) => vouched,
            Err(error) => {
                note_refusal(&app, Client::at(from.address, None), &error).await?;
                return Err(error);
            }
        };
        open_session(&app, vouched, from).await
    })
    .await
}

async fn vouched_for(app: &App, shown: BroughtBack) -> Result<Vouched, ServiceError> {
    let provider = provider(app)?;
    let transaction = begun(app, &shown).ok_or(ServiceError::SingleSignOnFailed)?;
    // Whose answer it is not would be sent to whom it does not concern (RFC 9207).
    if shown.issuer.as_ref().is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(ServiceError::SingleSignOnFailed);
    }
    let code = shown.code.expose_secret().to_owned();
    Ok(provider.redeem(code, transaction, app.clock.now()).await?)
}

async fn note_refusal(app: &Arc<App>, client: Client, refusal: &ServiceError) -> Result<(), ServiceError> {
    let why = match refusal {
        ServiceError::SingleSignOnFailed => "not_vouched_for",
        ServiceError::NoAccount => "no_account",
        _ => return Ok(()),
    };
    let told = BTreeMap::from([("by", "single_sign_on"), ("why", why)]);
    audit::note(app, client, Acted::refused(AuditedAct::SignIn).with(&told)?).await
}

/// What came of it in the database.
enum Opened {
    Session(Box<(NewSession, Account)>),
    Challenge(second_factor::Challenge),
    /// With the account that it would be, if it is known.
    Nobody(Option<UserId>),
}

async fn open_session(app: &Arc<App>, vouched: Vouched, from: Origin) -> Result<SignedInOr, ServiceError> {
    let Origin { address, user_agent, .. } = from;
    let issuer = provider(app)?.issuer().to_owned();
    let inner = Arc::clone(app);
    let opened = app.store.write(move |connection| {
        let Some(found) = find(connection, &issuer, &vouched)? else { return Ok(Opened::Nobody(None)) };
        let id = UserId::new(found.user);
        // Nobody else changes the account until this transaction ends; it may have been linked until it was ours alone.
        users::password_hash_to_change(connection, found.user)?;
        let found = find(connection, &issuer, &vouched)?.filter(|again| again.user == found.user);
        let Some(found) = found else { return Ok(Opened::Nobody(Some(id))) };
        let Some(account) = Account::load(connection, id)? else { return Ok(Opened::Nobody(Some(id))) };
        let client = Client::at(address, Some(id));
        if !found.is_linked {
            let linked = external_identities::linked_among(connection, [found.user])?;
            if !linked.is_empty() {
                // It is somebody else's, who was called so before.
                return Ok(Opened::Nobody(Some(id)));
            }
            link(connection, &inner, &client, &issuer, &vouched)?;
        }
        if !vouched.second_factor
            && let Some(challenge) = second_factor::challenge(connection, &inner, &account, &client, true)?
        {
            return Ok(Opened::Challenge(challenge));
        }
        let means = Means { single_sign_on: true, second_factor: vouched.second_factor };
        let session = NewSession::of(&inner, found.user, client.address, user_agent.clone(), means);
        session.begin(
            connection,
            &inner,
            &client,
            if vouched.second_factor { "provider" } else { "none" },
        )?;
        Ok::<_, ServiceError>(Opened::Session(Box::new((session, account))))
    });
    match opened.await? {
        Opened::Nobody(user) => {
            note_refusal(app, Client::at(address, user), &ServiceError::NoAccount).await?;
            Err(ServiceError::NoAccount)
        }
        Opened::Challenge(challenge) => Ok(SignedInOr::SecondFactor(challenge)),
        Opened::Session(opened) => {
            let (session, account) = *opened;
            tracing::info!(user = %account.staff.user, "signed in at the provider");
            Ok(SignedInOr::SignedIn(Box::new(session.tokens(app, account)?)))
        }
    }
}

/// Whose account it is.
struct Found {
    user: i64,
    /// Whether by who they are at the provider, or only by what they are called.
    is_linked: bool,
}

fn find(
    connection: &mut AnyConnection,
    issuer: &str,
    vouched: &Vouched,
) -> Result<Option<Found>, StoreError> {
    if let Some(user) = external_identities::user_of(connection, issuer, &vouched.subject)? {
        return Ok(Some(Found { user, is_linked: true }));
    }
    let Some(username) = &vouched.username else { return Ok(None) };
    let found = users::find_by_username(connection, username)?;
    Ok(found.map(|user| Found { user: user.id, is_linked: false }))
}

fn link(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    issuer: &str,
    vouched: &Vouched,
) -> Result<(), ServiceError> {
    let Some(id) = client.user else { return Ok(()) };
    let now = app.clock.now();
    let identity = ExternalIdentity {
        user_id: id.get(),
        issuer: issuer.to_owned(),
        subject: vouched.subject.clone(),
        linked_at: now.into(),
    };
    external_identities::link(connection, &identity)?;
    users::touch(connection, id.get(), now)?;
    Ok(audit::record(connection, app, client, &linking(AuditedAct::LinkAccount, id, &identity)?)?)
}

/// The act of linking or unlinking an account.
///
/// # Errors
/// Only that it cannot be written down.
pub fn linking(act: AuditedAct, id: UserId, identity: &ExternalIdentity) -> Result<Acted, ServiceError> {
    let ExternalIdentity { issuer, subject, .. } = identity;
    Acted::done(act).on_account(id).with(&BTreeMap::from([("issuer", issuer), ("subject", subject)]))
}
