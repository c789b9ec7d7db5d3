//! Signing in, staying signed in, and signing out.
//!
//! A refresh token is used once; one that comes again was copied, and ends the whole session (RFC 9700 §4.14).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::audit::AuditedAct;
use domain::id::UserId;
use secrecy::SecretString;
use store::sessions::{RefreshTokenRow, SessionRow, Taken};
use store::users::{self, User};
use store::{AnyConnection, Instant, StoreError, former_passwords, second_factors, sessions};

use super::attempt::{Attempt, WRONG_PASSWORD, attempted, failures_of, failures_of_nobody, to_its_end};
use super::password::{Chooser, PasswordError, check_chosen};
use super::second_factor::{self, Challenge, ShownFirst};
use super::token::{Bearer, SessionId, hash_of, new_secret};
use super::{Account, SignedIn};
use crate::app::App;
use crate::http::problem::{FieldError, field_text};
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};

/// What somebody who has signed in gets.
pub struct Tokens {
    /// Goes into `Authorization: Bearer`.
    pub access: String,
    /// Buys the next pair, once.
    pub refresh: SecretString,
    /// Whose they are.
    pub account: Account,
}

/// What comes of a right password.
pub enum SignedInOr {
    /// Nothing more is asked for.
    SignedIn(Box<Tokens>),
    /// A second factor is.
    SecondFactor(Challenge),
}

/// From where somebody signs in.
pub struct Origin {
    /// The site whose failures are counted.
    pub network: IpAddr,
    /// The address that is recorded.
    pub address: IpAddr,
    /// What the client calls itself, so that its owner recognises it.
    pub user_agent: Option<String>,
}

/// By what means somebody signs in.
#[derive(Clone, Copy)]
pub(super) struct Means {
    /// Whether a provider has vouched for them, and they have shown no password.
    pub single_sign_on: bool,
    /// Whether they have shown a second factor.
    pub second_factor: bool,
}

/// A session to begin, with its first refresh token.
pub(super) struct NewSession {
    row: SessionRow,
    token: RefreshTokenRow,
    refresh: SecretString,
}

impl NewSession {
    pub(super) fn of(
        app: &App,
        user: i64,
        address: Option<IpAddr>,
        user_agent: Option<String>,
        means: Means,
    ) -> Self {
        let id = app.ids.next_number();
        let refresh = new_secret();
        let mut token = token_row(app, &refresh, id, user);
        if means.single_sign_on {
            token.expires_at = token.expires_at.min(end_of_single_sign_on(app, token.issued_at));
        }
        let address = address.map(|address| address.to_canonical().to_string()).unwrap_or_default();
        let row = SessionRow {
            id,
            user_id: user,
            started_at: token.issued_at,
            address,
            user_agent,
            second_factor: means.second_factor,
            single_sign_on: means.single_sign_on,
        };
        Self { row, token, refresh }
    }

    /// Begins it and records the sign-in, and with what factor besides the password or the provider.
    pub(super) fn begin(
        &self,
        connection: &mut AnyConnection,
        app: &App,
        client: &Client,
        factor: &'static str,
    ) -> Result<(), ServiceError> {
        sessions::begin(connection, &self.row)?;
        sessions::insert(connection, &self.token)?;
        let acted = Acted::done(AuditedAct::SignIn).on(format!("session:{}", SessionId::new(self.row.id)));
        let first = if self.row.single_sign_on { "single_sign_on" } else { "password" };
        let acted = acted.with(&BTreeMap::from([("by", first), ("second_factor", factor)]))?;
        Ok(audit::record(connection, app, client, &acted)?)
    }

    pub(super) fn tokens(self, app: &App, account: Account) -> Result<Tokens, ServiceError> {
        let bearer = Bearer {
            user: account.staff.user,
            session: SessionId::new(self.row.id),
            second_factor: self.row.second_factor,
            single_sign_on: self.row.single_sign_on,
        };
        finish(app, account, bearer, self.refresh)
    }
}

/// Signs in with name and password, as far as that goes; every failure looks and lasts the same.
///
/// # Errors
/// Wrong credentials or a disabled account, which are not told apart; too many failures before, right or wrong.
pub async fn sign_in(
    app: Arc<App>,
    username: String,
    password: SecretString,
    from: Origin,
) -> Result<SignedInOr, ServiceError> {
    let Origin { network, address, user_agent } = from;
    to_its_end(async move {
        let name = username.clone();
        let found = app.store.read(move |connection| users::find_by_username(connection, &name)).await?;
        let counted_as = counted_as(&app, found.as_ref(), &username);
        let client = Client::at(address, found.as_ref().map(|user| UserId::new(user.id)));
        attempted(&app, counted_as, network, (AuditedAct::SignIn, client), |attempt| {
            open_session(&app, found, password, attempt, client, user_agent)
        })
        .await
    })
    .await
}

/// Whether the password is older than one may be.
fn has_expired(app: &App, user: &User) -> bool {
    let age = app.clock.now() - DateTime::<Utc>::from(user.password_changed_at);
    app.settings.password_max_age.is_some_and(|most| age.to_std().is_ok_and(|age| age >= most))
}

fn counted_as(app: &App, found: Option<&User>, username: &str) -> String {
    match found {
        Some(user) => failures_of(UserId::new(user.id)),
        None => failures_of_nobody(app, username),
    }
}

/// A change of password by who does not sign in first, as with one that has expired.
pub struct ChangeAtSignIn {
    /// The name to sign in with.
    pub username: String,
    /// The password until now.
    pub current: SecretString,
    /// The one in its place.
    pub new: SecretString,
    /// A code, where there is an authenticator.
    pub code: Option<SecretString>,
}

/// Changes a password without a session and ends all the account's sessions; every failure to show the credentials looks and lasts
/// as at a sign-in, and counts as one.
///
/// # Errors
/// Wrong credentials or a disabled account; the new password is weak or was used; too many failures before.
pub async fn change_password_at_sign_in(
    app: Arc<App>,
    change: ChangeAtSignIn,
    from: Origin,
) -> Result<(), ServiceError> {
    to_its_end(async move {
        let name = change.username.clone();
        let found = app.store.read(move |connection| users::find_by_username(connection, &name)).await?;
        let counted_as = counted_as(&app, found.as_ref(), &change.username);
        let user = found.as_ref().map(|user| UserId::new(user.id));
        let client = Client::at(from.address, user);
        attempted(&app, counted_as, from.network, (AuditedAct::ChangePassword, client), |attempt| {
            replace_password_at_sign_in(&app, found, change, attempt, client)
        })
        .await
    })
    .await
}

async fn replace_password_at_sign_in(
    app: &Arc<App>,
    found: Option<User>,
    change: ChangeAtSignIn,
    attempt: Attempt,
    client: Client,
) -> Result<(), ServiceError> {
    let ChangeAtSignIn { current, new, code, .. } = change;
    let user = found.filter(|user| user.active);
    let phc = user.as_ref().map(|user| user.password_hash.clone());
    let matches = app.passwords.verify(current, phc).await?;
    let user = user.filter(|_| matches).ok_or(ServiceError::WrongCredentials)?;
    let chooser = Chooser { username: &user.username, display_name: &user.display_name };
    check_chosen(&chooser, &new).map_err(|weak| field_refused("/new_password", weak.code, weak.english))?;
    // Before anything is told of former passwords.
    let (inner, shown_by) = (Arc::clone(app), user.clone());
    let shown =
        app.store.write(move |connection| second_factor::show(connection, &inner, &shown_by, code.as_ref()));
    shown.await?;
    let wrong = || ServiceError::WrongCredentials;
    set_verified_password(app, user, new, client, wrong, move |connection| attempt.succeeded(connection))
        .await
}

/// Sets the new password if the one that was verified is still the account's, and ends all its sessions; `settle` ends the attempt.
async fn set_verified_password(
    app: &Arc<App>,
    user: User,
    new: SecretString,
    client: Client,
    wrong: fn() -> ServiceError,
    settle: impl Fn(&mut AnyConnection) -> Result<(), StoreError> + Send + 'static,
) -> Result<(), ServiceError> {
    refuse_used_before(app, &user, &new, "/new_password").await?;
    let phc = app.passwords.hash(new).await?;
    let (now, inner) = (Instant::from(app.clock.now()), Arc::clone(app));
    let changed = app.store.write(move |connection| {
        if users::password_hash_to_change(connection, user.id)?.as_ref() != Some(&user.password_hash) {
            return Err(wrong());
        }
        users::set_password(connection, user.id, &phc, now)?;
        sessions::revoke_user(connection, user.id, now)?;
        settle(connection)?;
        Ok(audit::record(connection, &inner, &client, &Acted::done(AuditedAct::ChangePassword))?)
    });
    changed.await
}

async fn open_session(
    app: &Arc<App>,
    found: Option<User>,
    password: SecretString,
    attempt: Attempt,
    client: Client,
    user_agent: Option<String>,
) -> Result<SignedInOr, ServiceError> {
    let user = found.filter(|user| user.active);
    let phc = user.as_ref().map(|user| user.password_hash.clone());
    let matches = app.passwords.verify(password.clone(), phc).await?;
    let Some(user) = user.filter(|_| matches) else {
        tracing::info!("a sign-in was refused");
        return Err(ServiceError::WrongCredentials);
    };
    if has_expired(app, &user) {
        return Err(ServiceError::PasswordExpired);
    }
    let upgraded = match app.passwords.is_outdated(&user.password_hash) {
        true => Some(app.passwords.hash(password).await?),
        false => None,
    };
    // The account is read again inside the write: it may have been disabled while the password was hashed.
    let inner = Arc::clone(app);
    let begun = app.store.write(move |connection| {
        // The password may have been changed as well, and then what was shown is another's.
        if users::password_hash_to_change(connection, user.id)?.as_ref() != Some(&user.password_hash) {
            return Err(ServiceError::WrongCredentials);
        }
        if let Some(upgraded) = &upgraded {
            users::upgrade_hash(connection, user.id, upgraded)?;
        }
        let account = Account::load(connection, UserId::new(user.id))?;
        let account = account.ok_or(ServiceError::WrongCredentials)?;
        if let Some(challenge) =
            second_factor::challenge(connection, &inner, &account, &client, ShownFirst::Password)?
        {
            attempt.goes_on(connection)?;
            return Ok(Begun::Challenge(challenge));
        }
        let means = Means { single_sign_on: false, second_factor: false };
        let session = NewSession::of(&inner, user.id, client.address, user_agent.clone(), means);
        session.begin(connection, &inner, &client, "none")?;
        attempt.succeeded(connection)?;
        Ok(Begun::Session(Box::new((session, account))))
    });
    match begun.await? {
        Begun::Challenge(challenge) => Ok(SignedInOr::SecondFactor(challenge)),
        Begun::Session(begun) => {
            let (session, account) = *begun;
            tracing::info!(user = %account.staff.user, "signed in");
            Ok(SignedInOr::SignedIn(Box::new(session.tokens(app, account)?)))
        }
    }
}

enum Begun {
    Session(Box<(NewSession, Account)>),
    Challenge(Challenge),
}

/// Exchanges a refresh token for the next pair.
///
/// # Errors
/// The token is unknown, used, revoked or too old, or the account is disabled.
pub async fn refresh(app: &Arc<App>, token: SecretString, address: IpAddr) -> Result<Tokens, ServiceError> {
    let now = Instant::from(app.clock.now());
    let next = new_secret();
    // The family and user are known only inside the transaction.
    let row = token_row(app, &next, 0, 0);
    let (hash, inner) = (hash_of(&token), Arc::clone(app));
    let taken = app.store.write(move |connection| {
        let taken = sessions::take(connection, &hash, now)?;
        if let Taken::Reused { family_id, user_id, ended: true } = &taken {
            let client = Client::at(address, Some(UserId::new(*user_id)));
            let session = SessionId::new(*family_id);
            let acted = Acted::refused(AuditedAct::ReuseRefreshToken).on(format!("session:{session}"));
            audit::record(connection, &inner, &client, &acted)?;
        }
        let Taken::Good(used) = taken else { return Ok((taken, None)) };
        let session = SessionRow {
            id: used.family_id,
            user_id: used.user_id,
            started_at: used.issued_at,
            address: address.to_canonical().to_string(),
            user_agent: None,
            second_factor: false,
            single_sign_on: false,
        };
        sessions::begin_if_missing(connection, &session)?;
        let SessionRow { second_factor, single_sign_on, started_at, .. } =
            sessions::find(connection, used.family_id)?;
        let account = Account::load(connection, UserId::new(used.user_id))?;
        // Role and duties may have changed to such as sign in with more than was shown; or what was shown first is too old.
        let needs_more =
            |account: &Account| !second_factor && inner.settings.second_factor_for.includes(&account.staff);
        let expired = match single_sign_on {
            true => end_of_single_sign_on(&inner, started_at) <= now,
            false => has_expired(&inner, &users::find(connection, used.user_id)?),
        };
        let account = account.filter(|account| !expired && !needs_more(account));
        if account.is_some() {
            let mut row = RefreshTokenRow { family_id: used.family_id, user_id: used.user_id, ..row.clone() };
            if single_sign_on {
                row.expires_at = row.expires_at.min(end_of_single_sign_on(&inner, started_at));
            }
            sessions::insert(connection, &row)?;
        } else {
            sessions::revoke_family(connection, used.family_id, now)?;
        }
        Ok::<_, StoreError>((
            Taken::Good(used),
            account.map(|account| (account, second_factor, single_sign_on)),
        ))
    });
    match taken.await? {
        (Taken::Good(used), Some((account, second_factor, single_sign_on))) => {
            let session = SessionId::new(used.family_id);
            let bearer = Bearer { user: account.staff.user, session, second_factor, single_sign_on };
            finish(app, account, bearer, next)
        }
        (Taken::Reused { family_id, user_id, .. }, _) => {
            tracing::warn!(family_id, user_id, "a refresh token came twice; its session was ended");
            Err(ServiceError::NotSignedIn)
        }
        _ => Err(ServiceError::NotSignedIn),
    }
}

/// The caller's account, with the names that the rules do not need.
///
/// # Errors
/// The account was closed in this moment; what the database says.
pub async fn account_of(app: &App, caller: &SignedIn) -> Result<Account, ServiceError> {
    let user = caller.staff().user;
    let found = app.store.ask(move |connection| Account::load(connection, user)).await?;
    found.ok_or(ServiceError::NotSignedIn)
}

/// Ends the caller's session, with its access tokens.
///
/// # Errors
/// Only what the database says.
pub async fn sign_out(app: &Arc<App>, caller: &SignedIn, address: IpAddr) -> Result<(), ServiceError> {
    let (session, now) = (caller.session, Instant::from(app.clock.now()));
    let (client, inner) = (Client::at(address, Some(caller.staff().user)), Arc::clone(app));
    let signed_out = app.store.write(move |connection| {
        sessions::revoke_family(connection, session.get(), now)?;
        let acted = Acted::done(AuditedAct::SignOut).on(format!("session:{session}"));
        audit::record(connection, &inner, &client, &acted)
    });
    Ok(signed_out.await?)
}

/// The sessions of a user that go on, the newest first, each with the moment when it was last refreshed.
///
/// # Errors
/// There is no such account.
pub async fn sessions_of(app: &App, user: UserId) -> Result<Vec<(SessionRow, Instant)>, ServiceError> {
    let now = Instant::from(app.clock.now());
    let open = app.store.read(move |connection| {
        users::find(connection, user.get())?;
        sessions::open_of(connection, user.get(), now)
    });
    Ok(open.await?)
}

/// Ends a session of a user's at once, with its access tokens.
///
/// # Errors
/// There is none that goes on.
pub async fn end_session(
    app: &Arc<App>,
    client: Client,
    user: UserId,
    session: SessionId,
) -> Result<(), ServiceError> {
    let (now, inner) = (Instant::from(app.clock.now()), Arc::clone(app));
    let ended = app.store.write(move |connection| {
        if !sessions::end(connection, user.get(), session.get(), now)? {
            return Err(ServiceError::NotFound);
        }
        let acted = Acted::done(AuditedAct::EndSession).on(format!("session:{session}"));
        let acted = acted.with(&BTreeMap::from([("user", user)]))?;
        Ok(audit::record(connection, &inner, &client, &acted)?)
    });
    ended.await
}

/// Changes the caller's own password and ends all their sessions; a wrong current one counts as a failed sign-in.
///
/// # Errors
/// The current password is wrong, or the new one is weak or the same; too many failures before.
pub async fn change_password(
    app: Arc<App>,
    caller: &SignedIn,
    current: SecretString,
    new: SecretString,
    network: IpAddr,
    address: IpAddr,
) -> Result<(), ServiceError> {
    let id = caller.staff().user;
    let client = Client::at(address, Some(id));
    to_its_end(async move {
        let user = app.store.ask(move |connection| users::find(connection, id.get())).await?;
        let chooser = Chooser { username: &user.username, display_name: &user.display_name };
        if let Err(weak) = check_chosen(&chooser, &new) {
            return Err(field_refused("/new_password", weak.code, weak.english));
        }
        attempted(&app, failures_of(id), network, (AuditedAct::ChangePassword, client), |attempt| {
            replace_password(&app, user, current, new, attempt, client)
        })
        .await
    })
    .await
}

async fn replace_password(
    app: &Arc<App>,
    user: User,
    current: SecretString,
    new: SecretString,
    attempt: Attempt,
    client: Client,
) -> Result<(), ServiceError> {
    let wrong = || field_refused("/current_password", WRONG_PASSWORD, "Not the current password");
    if !app.passwords.verify(current, Some(user.password_hash.clone())).await? {
        return Err(wrong());
    }
    let id = user.id;
    // A right password takes no wrong codes back.
    let settle = move |connection: &mut AnyConnection| match second_factors::confirmed_at(connection, id)? {
        Some(_) => attempt.goes_on(connection),
        None => attempt.succeeded(connection),
    };
    set_verified_password(app, user, new, client, wrong, settle).await
}

/// Refuses a password that the account has or had not long ago; each is asked for as at a sign-in.
///
/// # Errors
/// It is one of the last five; what the database says.
pub async fn refuse_used_before(
    app: &App,
    user: &User,
    new: &SecretString,
    pointer: &str,
) -> Result<(), ServiceError> {
    let id = user.id;
    let former =
        app.store.read(move |connection| former_passwords::load(connection, id, users::FORMER_KEPT)).await?;
    if app.passwords.verify(new.clone(), Some(user.password_hash.clone())).await? {
        return Err(field_refused(pointer, "password_unchanged", "The same as the current password"));
    }
    for phc in former {
        if app.passwords.verify(new.clone(), Some(phc)).await? {
            return Err(field_refused(pointer, "password_used_before", "Not one of the last five"));
        }
    }
    Ok(())
}

/// The refusal of what somebody shows or chooses, in its field.
pub fn field_refused(pointer: &str, code: &'static str, english: &'static str) -> ServiceError {
    let detail = field_text(code, english);
    ServiceError::Fields(vec![FieldError { pointer: pointer.to_owned(), code: code.into(), detail }])
}

/// When the provider is asked again whether it vouches for who signed in there at the instant.
fn end_of_single_sign_on(app: &App, at: Instant) -> Instant {
    let lifetime =
        app.settings.single_sign_on.as_ref().map_or(Duration::ZERO, |provider| provider.session_lifetime);
    (DateTime::<Utc>::from(at) + lifetime).into()
}

fn token_row(app: &App, token: &SecretString, family_id: i64, user_id: i64) -> RefreshTokenRow {
    let now = app.clock.now();
    RefreshTokenRow {
        token_hash: hash_of(token),
        family_id,
        user_id,
        issued_at: now.into(),
        expires_at: (now + app.tokens.refresh_lifetime).into(),
        used_at: None,
        revoked_at: None,
    }
}

fn finish(
    app: &App,
    account: Account,
    bearer: Bearer,
    refresh: SecretString,
) -> Result<Tokens, ServiceError> {
    let access = app.tokens.issue(bearer, app.clock.now());
    let access = access.map_err(|error| ServiceError::Internal(format!("token: {error}")))?;
    Ok(Tokens { access, refresh, account })
}

impl From<PasswordError> for ServiceError {
    fn from(error: PasswordError) -> Self {
        Self::Internal(error.to_string())
    }
}
