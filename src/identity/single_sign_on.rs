//! Signing in at a provider of OpenID Connect, with the authorization code flow and PKCE (RFC 9700 §2.1.1).
//!
//! What was begun is told, sealed, to whoever began it and kept nowhere: only they can complete it, and the provider takes each code
//! once. An account is found by its name at the first sign-in, and from then on by who its owner is at the provider.

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
use store::{AnyConnection, StoreError, second_factors, users};

use super::Account;
use super::attempt::to_its_end;
use super::provider::{Provider, ProviderError, Transaction, Vouched};
use super::second_factor::{self, ShownFirst};
use super::sessions::{Means, NewSession, Origin, SignedInOr, field_refused};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};
use crate::service::directories::users::is_username;

/// How long somebody may take at the provider.
pub const TRANSACTION_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Where what was begun is sealed for: no table, the one who began it keeps it.
const PLACE: Place = Place { table: "single_sign_on", column: "transaction", row: 0 };

/// A sign-in at the provider that was begun.
pub struct Authorization {
    /// Where the user signs in.
    pub url: String,
    /// Shown with the code.
    pub transaction: SecretString,
}

/// A transaction, and until when it is completed.
#[derive(Serialize, Deserialize)]
struct SealedTransaction {
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
pub async fn begin(app: &App, redirect_uri: Option<String>) -> Result<Authorization, ServiceError> {
    let provider = provider(app)?;
    let mut configured = provider.redirect_uris().iter();
    let chosen: Option<&RedirectUrl> = match &redirect_uri {
        Some(wanted) => configured.find(|known| known.as_str() == wanted),
        None => configured.next(),
    };
    let unknown =
        || field_refused("/redirect_uri", "unknown_redirect_uri", "Not one that is configured here");
    let (url, transaction) = provider.begin(chosen.ok_or_else(unknown)?.clone()).await?;
    let begun = SealedTransaction { transaction, until: app.clock.now() + TRANSACTION_LIFETIME };
    let sealed = app.sealer.seal(PLACE, &serde_json::to_vec(&begun)?).map_err(StoreError::from)?;
    Ok(Authorization { url, transaction: URL_SAFE_NO_PAD.encode(sealed).into() })
}

/// What was begun, if it was here and lately, and what came back is its.
fn begun(app: &App, issuer: &str, shown: &BroughtBack) -> Option<Transaction> {
    let sealed = URL_SAFE_NO_PAD.decode(shown.transaction.expose_secret()).ok()?;
    let begun: SealedTransaction = serde_json::from_slice(&app.sealer.open(PLACE, &sealed).ok()?).ok()?;
    let is_its = begun.transaction.state.secret() == shown.state.expose_secret()
        // The code would be shown to another provider than the one that has made it (RFC 9207).
        && shown.issuer.as_deref().is_none_or(|told| told == issuer);
    (is_its && app.clock.now() < begun.until).then_some(begun.transaction)
}

/// Completes a sign-in with what the browser brought back, as far as that goes: a second factor is asked for as after a password,
/// unless the provider has seen one and that counts.
///
/// # Errors
/// There is no provider, or it is away; it does not vouch for the code; nobody active here is whom it vouches for.
pub async fn complete(app: Arc<App>, shown: BroughtBack, from: Origin) -> Result<SignedInOr, ServiceError> {
    to_its_end(async move {
        let provider = provider(&app)?;
        let transaction = begun(&app, provider.issuer(), &shown).ok_or(ServiceError::SingleSignOnFailed)?;
        let code = shown.code.expose_secret().to_owned();
        match vouched_for(&app, provider, code, transaction).await {
            Ok((vouched, username)) => open_session(&app, provider, vouched, username, from).await,
            Err(error) => {
                note_failure(&app, &from, &error).await?;
                Err(error)
            }
        }
    })
    .await
}

/// Whom the provider vouches for, and what they are called there where that is still to be known.
async fn vouched_for(
    app: &App,
    provider: &Provider,
    code: String,
    transaction: Transaction,
) -> Result<(Vouched, Option<String>), ServiceError> {
    let _permit = provider.permit().await?;
    let vouched = provider.redeem(code, transaction).await?;
    let (issuer, subject) = (provider.issuer().to_owned(), vouched.subject.to_string());
    let known = app.store.read(move |connection| external_identities::find(connection, &issuer, &subject));
    let username = match known.await? {
        Some(_) => None,
        None => provider.username_of(&vouched).await?,
    };
    Ok((vouched, username))
}

/// Records that the provider has not vouched for what came from a network, or for nobody who is known here: once a minute, since codes
/// can be made up without end, and many have an account there.
async fn note_failure(app: &Arc<App>, from: &Origin, failure: &ServiceError) -> Result<(), ServiceError> {
    let why = match failure {
        ServiceError::SingleSignOnFailed => "not_vouched_for",
        ServiceError::NoAccount => "no_account",
        _ => return Ok(()),
    };
    let now = app.clock.now();
    let is_told = |at: DateTime<Utc>| (now - at).abs() < TimeDelta::minutes(1);
    if app.known_failures.get(&from.network).is_some_and(is_told) {
        return Ok(());
    }
    app.known_failures.insert(from.network, now);
    note_refusal(app, Client::at(from.address, None), why).await
}

async fn note_refusal(app: &Arc<App>, client: Client, why: &'static str) -> Result<(), ServiceError> {
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

async fn open_session(
    app: &Arc<App>,
    provider: &Provider,
    vouched: Vouched,
    username: Option<String>,
    from: Origin,
) -> Result<SignedInOr, ServiceError> {
    let (address, user_agent) = (from.address, from.user_agent.clone());
    let (issuer, subject) = (provider.issuer().to_owned(), vouched.subject.to_string());
    let inner = Arc::clone(app);
    let opened = app.store.write(move |connection| {
        let owner =
            |connection: &mut AnyConnection| owner_of(connection, &issuer, &subject, username.as_deref());
        let Some(id) = owner(connection)?.user() else { return Ok(Opened::Nobody(None)) };
        // Nobody else changes the account until this transaction ends; it may have been linked until it was ours alone.
        users::password_hash_to_change(connection, id.get())?;
        let owner = owner(connection)?;
        let account = Account::load(connection, id)?;
        let (Some(account), Owner::Linked(same, _) | Owner::Called(same)) = (account, owner) else {
            return Ok(Opened::Nobody(Some(id)));
        };
        if same != id {
            return Ok(Opened::Nobody(Some(id)));
        }
        let client = Client::at(address, Some(id));
        // Who is only called as the account is, or said to be its owner, does not get round an authenticator that was set up here.
        let counts = vouched.second_factor
            && (matches!(owner, Owner::Linked(_, true))
                || second_factors::confirmed_at(connection, id.get())?.is_none());
        let by = ShownFirst::Identity(&issuer, &subject);
        if !counts
            && let Some(challenge) = second_factor::challenge(connection, &inner, &account, &client, by)?
        {
            return Ok(Opened::Challenge(challenge));
        }
        link_at_sign_in(connection, &inner, &client, id, (&issuer, &subject))?;
        let means = Means { single_sign_on: true, second_factor: counts };
        let session = NewSession::of(&inner, id.get(), client.address, user_agent.clone(), means);
        session.begin(connection, &inner, &client, if counts { "provider" } else { "none" })?;
        Ok::<_, ServiceError>(Opened::Session(Box::new((session, account))))
    });
    match opened.await? {
        Opened::Nobody(user) => {
            match user {
                Some(_) => note_refusal(app, Client::at(address, user), "no_account").await?,
                None => note_failure(app, &from, &ServiceError::NoAccount).await?,
            }
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

/// Whose account it is, as far as one can tell.
#[derive(Clone, Copy)]
enum Owner {
    /// Theirs by who they are at the provider; whether they have shown all that was asked for before.
    Linked(UserId, bool),
    /// Theirs by what they are called there.
    Called(UserId),
    /// Not theirs, though it was or is called so.
    NotTheirs(UserId),
    Unknown,
}

impl Owner {
    const fn user(self) -> Option<UserId> {
        match self {
            Self::Linked(user, _) | Self::Called(user) | Self::NotTheirs(user) => Some(user),
            Self::Unknown => None,
        }
    }
}

fn owner_of(
    connection: &mut AnyConnection,
    issuer: &str,
    subject: &str,
    username: Option<&str>,
) -> Result<Owner, StoreError> {
    if let Some(known) = external_identities::find(connection, issuer, subject)? {
        let user = UserId::new(known.user_id);
        return Ok(match known.unlinked_at {
            None => Owner::Linked(user, known.shown_at.is_some()),
            Some(_) => Owner::NotTheirs(user),
        });
    }
    // To the letter: another case or another space can be another's name there.
    let Some(username) = username.filter(|name| is_username(name)) else { return Ok(Owner::Unknown) };
    let Some(user) = users::find_by_username(connection, username)? else { return Ok(Owner::Unknown) };
    let is_linked = external_identities::is_linked(connection, issuer, user.id)?;
    let user = UserId::new(user.id);
    Ok(if is_linked { Owner::NotTheirs(user) } else { Owner::Called(user) })
}

/// Whether the account is, or may be, linked to somebody at the provider that is asked now.
///
/// # Errors
/// Only what the database says.
pub(super) fn may_be_linked(
    connection: &mut AnyConnection,
    app: &App,
    id: UserId,
    (issuer, subject): (&str, &str),
) -> Result<bool, StoreError> {
    if app.provider.as_ref().is_none_or(|provider| provider.issuer() != issuer) {
        return Ok(false);
    }
    Ok(match external_identities::find(connection, issuer, subject)? {
        Some(known) => known.unlinked_at.is_none() && known.user_id == id.get(),
        None => !external_identities::is_linked(connection, issuer, id.get())?,
    })
}

/// Links the account to who signs in to it, unless it is, in the transaction in which they have shown all that is asked for.
///
/// # Errors
/// Only what the database says.
pub(super) fn link_at_sign_in(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    id: UserId,
    (issuer, subject): (&str, &str),
) -> Result<(), ServiceError> {
    if external_identities::find(connection, issuer, subject)?.is_none() {
        link(connection, app, client, AuditedAct::LinkOwnAccount, id, (issuer, subject))?;
    }
    Ok(external_identities::show(connection, issuer, subject, app.clock.now().into())?)
}

/// Links an account that is not linked at the provider to somebody there, whose link to another was taken away or never made.
///
/// # Errors
/// Only what the database says.
pub fn link(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    act: AuditedAct,
    id: UserId,
    (issuer, subject): (&str, &str),
) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let identity = ExternalIdentity {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        user_id: id.get(),
        linked_at: now.into(),
        shown_at: None,
        unlinked_at: None,
    };
    external_identities::link(connection, &identity)?;
    users::touch(connection, id.get(), now)?;
    Ok(audit::record(connection, app, client, &linking(act, id, &identity)?)?)
}

/// The act of linking or unlinking an account.
///
/// # Errors
/// Only that it cannot be written down.
pub fn linking(act: AuditedAct, id: UserId, identity: &ExternalIdentity) -> Result<Acted, ServiceError> {
    let ExternalIdentity { issuer, subject, .. } = identity;
    Acted::done(act).on_account(id).with(&BTreeMap::from([("issuer", issuer), ("subject", subject)]))
}
