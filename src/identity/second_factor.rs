//! The second factor: the codes of an authenticator (RFC 6238), or a recovery code in their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::AuditedAct;
use domain::id::UserId;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use store::second_factors::{self, ChallengeRow, SECRET_LENGTH};
use store::users::{self, User};
use store::{AnyConnection, Instant, StoreError, sessions};
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::attempt::{
    Attempt, WRONG_CODE, WRONG_PASSWORD, attempted, failures_after_provider, failures_of, to_its_end,
};
use super::password::random_groups;
use super::sessions::{Means, NewSession, Origin, Tokens, field_refused};
use super::token::{hash_of, new_secret};
use super::{Account, SignedIn, single_sign_on};
use crate::app::App;
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};

/// How long a sign-in waits for its second factor.
pub const CHALLENGE_LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How long an authenticator may take to be set up.
pub const ENROLMENT_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// The name under which an authenticator shows the account.
const ISSUER: &str = "daowei";
const RECOVERY_CODES: usize = 8;
/// 124 bits: what has fewer than 112 needs a slow hash (ASVS 5, 6.5.2).
const RECOVERY_CODE_GROUPS: usize = 5;
const DIGITS: u8 = 6;
const STEP_SECONDS: u64 = 30;
/// So many steps before and after the present one are taken as well, since clocks differ.
const STEPS_BESIDE: u16 = 1;

/// A sign-in whose password was right and which waits for a second factor.
pub struct Challenge {
    /// Told once, and shown with the code.
    pub token: SecretString,
    /// Whether there is an authenticator, or one is to be set up first.
    pub is_enrolled: bool,
}

/// What an authenticator is set up with.
pub struct Enrolment {
    /// In base32, for who types it.
    pub secret: SecretString,
    /// `otpauth://totp/…`, for a QR code.
    pub uri: SecretString,
}

/// Recovery codes, told once.
pub type RecoveryCodes = Vec<SecretString>;

/// What there is of a second factor.
pub struct Standing {
    /// Since when there is an authenticator.
    pub enrolled_at: Option<DateTime<Utc>>,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
}

/// With what somebody was recognised.
#[derive(Clone, Copy)]
enum Shown {
    Authenticator,
    RecoveryCode,
}

impl Shown {
    const fn word(self) -> &'static str {
        match self {
            Self::Authenticator => "authenticator",
            Self::RecoveryCode => "recovery_code",
        }
    }
}

/// What every authenticator app knows: other algorithms and lengths some of them take for these in silence.
fn authenticator(username: &str, secret: &[u8; SECRET_LENGTH]) -> Result<Totp, ServiceError> {
    let built = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP_SECONDS)
        .with_skew(STEPS_BESIDE)
        .with_secret(Secret::from(*secret))
        .with_issuer(Some(ISSUER))
        .with_account_name(username)
        .build();
    built.map_err(|error| ServiceError::Internal(format!("an authenticator: {error}")))
}

/// The time step to which the code belongs, if it is good now.
fn step_of(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<i64> {
    let step = totp.check(code, u64::try_from(now.timestamp()).ok()?)?;
    i64::try_from(step).ok()
}

/// A code as it was meant: people type spaces, dashes, capitals, and with a Chinese input method full-width characters.
fn meant(code: &SecretString) -> Zeroizing<String> {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(c),
        _ => c,
    };
    let told = code.expose_secret().chars().map(narrow);
    let told =
        told.filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}'));
    Zeroizing::new(told.flat_map(char::to_lowercase).collect())
}

fn is_of_authenticator(code: &str) -> bool {
    code.len() == usize::from(DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Uses up a code of the user's authenticator, or a recovery code; none if it is neither, or was used.
fn take(
    connection: &mut AnyConnection,
    app: &App,
    user: &User,
    code: &SecretString,
) -> Result<Option<Shown>, ServiceError> {
    let code = meant(code);
    if !is_of_authenticator(&code) {
        let hash = hash_of(&code.as_str().into());
        let taken = second_factors::take_recovery_code(connection, user.id, &hash)?;
        return Ok(taken.then_some(Shown::RecoveryCode));
    }
    let Some(factor) = second_factors::find(connection, &app.sealer, user.id)? else { return Ok(None) };
    let totp = authenticator(&user.username, factor.secret.expose_secret())?;
    let Some(step) = step_of(&totp, &code, app.clock.now()) else { return Ok(None) };
    Ok(second_factors::take_step(connection, factor.id, step)?.then_some(Shown::Authenticator))
}

/// Uses up a code where the user has an authenticator.
///
/// # Errors
/// The code is missing, wrong, or was used.
pub(super) fn show(
    connection: &mut AnyConnection,
    app: &App,
    user: &User,
    code: Option<&SecretString>,
) -> Result<(), ServiceError> {
    if second_factors::confirmed_at(connection, user.id)?.is_none() {
        return Ok(());
    }
    let code = code.ok_or_else(|| field_refused("/code", "missing_field", "A code of the authenticator"))?;
    take(connection, app, user, code)?.map(|_shown| ()).ok_or(ServiceError::WrongSecondFactor)
}

/// Begins to set an authenticator up.
fn begin(
    connection: &mut AnyConnection,
    app: &App,
    user: &User,
    client: &Client,
    shown: Option<Shown>,
) -> Result<Enrolment, ServiceError> {
    let secret = Zeroizing::new(rand::random::<[u8; SECRET_LENGTH]>());
    let totp = authenticator(&user.username, &secret)?;
    let uri = totp.to_url().map_err(|error| ServiceError::Internal(format!("an authenticator: {error}")))?;
    let row = (app.ids.next_number(), user.id);
    second_factors::begin(connection, &app.sealer, row, &secret, app.clock.now().into())?;
    audit::record(connection, app, client, &with_shown(AuditedAct::BeginSecondFactor, shown)?)?;
    Ok(Enrolment { secret: totp.secret().to_base32().into(), uri: uri.into() })
}

/// The act, done by who has shown this besides the password.
fn with_shown(act: AuditedAct, shown: Option<Shown>) -> Result<Acted, ServiceError> {
    let shown = shown.map_or("none", Shown::word);
    Acted::done(act).with(&BTreeMap::from([("second_factor", shown)]))
}

/// Confirms what was begun with its first code, and makes recovery codes; none if the code is wrong.
fn confirm(
    connection: &mut AnyConnection,
    app: &App,
    user: &User,
    code: &SecretString,
) -> Result<Option<RecoveryCodes>, ServiceError> {
    let now = app.clock.now();
    let since = Instant::from(now - ENROLMENT_LIFETIME);
    let begun = second_factors::find_begun(connection, &app.sealer, user.id, since)?;
    let begun = begun.ok_or(ServiceError::SecondFactorNotEnrolled)?;
    let totp = authenticator(&user.username, begun.secret.expose_secret())?;
    let Some(step) = step_of(&totp, &meant(code), now) else { return Ok(None) };
    if !second_factors::take_step(connection, begun.id, step)? {
        return Ok(None);
    }
    second_factors::confirm(connection, user.id, begun.id, now.into())?;
    users::touch(connection, user.id, now)?;
    Ok(Some(renew_recovery_codes(connection, user)?))
}

fn renew_recovery_codes(connection: &mut AnyConnection, user: &User) -> Result<RecoveryCodes, StoreError> {
    let codes: RecoveryCodes = (0..RECOVERY_CODES).map(|_| random_groups(RECOVERY_CODE_GROUPS)).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| hash_of(&meant(code).as_str().into())).collect();
    second_factors::replace_recovery_codes(connection, user.id, &hashes)?;
    Ok(codes)
}

/// What was shown before the second factor.
#[derive(Clone, Copy)]
pub(super) enum ShownFirst<'a> {
    Password,
    /// A provider's word, with issuer and subject.
    Identity(&'a str, &'a str),
}

impl<'a> ShownFirst<'a> {
    const fn identity(self) -> Option<(&'a str, &'a str)> {
        match self {
            Self::Password => None,
            Self::Identity(issuer, subject) => Some((issuer, subject)),
        }
    }
}

/// Makes the sign-in wait for a second factor, in the transaction in which its password was found right or a provider vouched for
/// it; none if none is asked for.
pub(super) fn challenge(
    connection: &mut AnyConnection,
    app: &App,
    account: &Account,
    client: &Client,
    by: ShownFirst<'_>,
) -> Result<Option<Challenge>, StoreError> {
    let user = account.staff.user.get();
    let is_enrolled = second_factors::confirmed_at(connection, user)?.is_some();
    if !is_enrolled && !app.settings.second_factor_for.includes(&account.staff) {
        return Ok(None);
    }
    let token = new_secret();
    let expires_at = Instant::from(app.clock.now() + CHALLENGE_LIFETIME);
    let row = ChallengeRow {
        token_hash: hash_of(&token),
        user_id: user,
        expires_at,
        issuer: by.identity().map(|(issuer, _)| issuer.to_owned()),
        subject: by.identity().map(|(_, subject)| subject.to_owned()),
    };
    second_factors::challenge(connection, &row)?;
    audit::record(connection, app, client, &Acted::done(AuditedAct::AskSecondFactor))?;
    Ok(Some(Challenge { token, is_enrolled }))
}

/// The sign-in that waits under the token.
fn challenged(
    connection: &mut AnyConnection,
    app: &App,
    token_hash: &[u8],
) -> Result<ChallengeRow, ServiceError> {
    let waiting = second_factors::challenged(connection, token_hash, app.clock.now().into())?;
    waiting.ok_or(ServiceError::NotSignedIn)
}

/// As [`challenged`], if their account is still active; until this transaction ends nobody else changes it, or completes the
/// sign-in.
fn challenged_alone(
    connection: &mut AnyConnection,
    app: &App,
    token_hash: &[u8],
) -> Result<Waiting, ServiceError> {
    let ChallengeRow { user_id, .. } = challenged(connection, app, token_hash)?;
    users::password_hash_to_change(connection, user_id)?;
    // What was read before may have changed until the account was ours alone.
    let ChallengeRow { issuer, subject, .. } = challenged(connection, app, token_hash)?;
    let account = Account::load(connection, UserId::new(user_id))?.ok_or(ServiceError::NotSignedIn)?;
    Ok(Waiting { user: users::find(connection, user_id)?, account, identity: issuer.zip(subject) })
}

/// Who has signed in but for the second factor.
struct Waiting {
    user: User,
    account: Account,
    /// Issuer and subject, where a provider has vouched for them.
    identity: Option<(String, String)>,
}

/// Begins to set up the authenticator without which a sign-in does not go on.
///
/// # Errors
/// Nothing waits under the challenge; there is an authenticator already.
pub async fn begin_at_sign_in(
    app: &Arc<App>,
    challenge: SecretString,
    from: Origin,
) -> Result<Enrolment, ServiceError> {
    let (hash, inner) = (hash_of(&challenge), Arc::clone(app));
    let begun = app.store.write(move |connection| {
        let Waiting { user, account, .. } = challenged_alone(connection, &inner, &hash)?;
        if second_factors::confirmed_at(connection, user.id)?.is_some() {
            return Err(ServiceError::SecondFactorEnrolled);
        }
        let client = Client::at(from.address, Some(account.staff.user));
        begin(connection, &inner, &user, &client, None)
    });
    begun.await
}

/// Completes a sign-in with a second factor; with the first code of an authenticator that was set up meanwhile, recovery codes
/// come with it.
///
/// # Errors
/// Nothing waits under the challenge; the code is wrong or was used; there is no authenticator; too many failures before.
pub async fn complete_sign_in(
    app: Arc<App>,
    challenge: SecretString,
    code: SecretString,
    from: Origin,
) -> Result<(Tokens, Option<RecoveryCodes>), ServiceError> {
    let hash = hash_of(&challenge);
    to_its_end(async move {
        let (asked, inner) = (hash.clone(), Arc::clone(&app));
        let waiting = app.store.read(move |connection| challenged(connection, &inner, &asked));
        let ChallengeRow { user_id, issuer, .. } = waiting.await?;
        let id = UserId::new(user_id);
        let client = Client::at(from.address, Some(id));
        let counted_as = if issuer.is_some() { failures_after_provider(id) } else { failures_of(id) };
        attempted(&app, counted_as, from.network, (AuditedAct::SignIn, client), |attempt| {
            complete(&app, hash, code, attempt, client, from.user_agent)
        })
        .await
    })
    .await
}

async fn complete(
    app: &Arc<App>,
    hash: Vec<u8>,
    code: SecretString,
    attempt: Attempt,
    client: Client,
    user_agent: Option<String>,
) -> Result<(Tokens, Option<RecoveryCodes>), ServiceError> {
    let inner = Arc::clone(app);
    let completed = app.store.write(move |connection| {
        let Waiting { user, account, identity } = challenged_alone(connection, &inner, &hash)?;
        if let Some((issuer, subject)) = &identity
            && !single_sign_on::may_be_linked(connection, &inner, account.staff.user, (issuer, subject))?
        {
            // It was linked to somebody else meanwhile: whatever is shown, this sign-in has ended.
            second_factors::end_challenge(connection, &hash)?;
            return Ok(None);
        }
        let is_enrolled = second_factors::confirmed_at(connection, user.id)?.is_some();
        let (factor, recovery_codes) = if is_enrolled {
            let shown = take(connection, &inner, &user, &code)?.ok_or(ServiceError::WrongSecondFactor)?;
            (shown.word(), None)
        } else {
            let codes = confirm(connection, &inner, &user, &code)?.ok_or(ServiceError::WrongSecondFactor)?;
            audit::record(connection, &inner, &client, &Acted::done(AuditedAct::EnrolSecondFactor))?;
            // They were begun with less, perhaps by somebody else.
            sessions::revoke_user(connection, user.id, inner.clock.now().into())?;
            second_factors::end_challenges(connection, user.id)?;
            (Shown::Authenticator.word(), Some(codes))
        };
        second_factors::end_challenge(connection, &hash)?;
        if let Some((issuer, subject)) = &identity {
            // Not before: who is only called as the account is could otherwise take its owner's way in.
            single_sign_on::link_at_sign_in(
                connection,
                &inner,
                &client,
                account.staff.user,
                (issuer, subject),
            )?;
        }
        let means = Means { single_sign_on: identity.is_some(), second_factor: true };
        let session = NewSession::of(&inner, user.id, client.address, user_agent.clone(), means);
        session.begin(connection, &inner, &client, factor)?;
        attempt.succeeded(connection)?;
        Ok::<_, ServiceError>(Some((session, account, recovery_codes)))
    });
    let (session, account, recovery_codes) = completed.await?.ok_or(ServiceError::NoAccount)?;
    tracing::info!(user = %account.staff.user, "signed in with a second factor");
    Ok((session.tokens(app, account)?, recovery_codes))
}

/// What somebody shows again before their second factor changes.
pub struct Credentials {
    /// The password.
    pub password: SecretString,
    /// A code, where there is an authenticator.
    pub code: Option<SecretString>,
}

/// Does something to the caller's second factor in a transaction, once password and code were found right.
async fn with_credentials<T: Send + 'static>(
    app: &Arc<App>,
    caller: &SignedIn,
    credentials: Credentials,
    from: Origin,
    act: AuditedAct,
    work: impl Fn(&mut AnyConnection, &App, Showing<'_>) -> Result<T, ServiceError> + Send + Sync + 'static,
) -> Result<T, ServiceError> {
    let id = caller.staff().user;
    let client = Client::at(from.address, Some(id));
    let app = Arc::clone(app);
    if credentials.code.is_none() && standing(&app, caller).await?.enrolled_at.is_some() {
        return Err(field_refused("/code", "missing_field", "A code of the authenticator"));
    }
    to_its_end(async move {
        attempted(&app, failures_of(id), from.network, (act, client), |attempt| {
            shown_again(&app, client, credentials, attempt, work)
        })
        .await
    })
    .await
}

/// Who has shown their credentials again.
struct Showing<'a> {
    user: &'a User,
    client: &'a Client,
    shown: Option<Shown>,
}

async fn shown_again<T: Send + 'static>(
    app: &Arc<App>,
    client: Client,
    credentials: Credentials,
    attempt: Attempt,
    work: impl Fn(&mut AnyConnection, &App, Showing<'_>) -> Result<T, ServiceError> + Send + Sync + 'static,
) -> Result<T, ServiceError> {
    let Credentials { password, code } = credentials;
    let id = client.user.ok_or(ServiceError::NotSignedIn)?;
    let wrong_password = || field_refused("/password", WRONG_PASSWORD, "Not the password");
    let user = app.store.ask(move |connection| users::find(connection, id.get())).await?;
    if !app.passwords.verify(password, Some(user.password_hash.clone())).await? {
        return Err(wrong_password());
    }
    let inner = Arc::clone(app);
    let done = app.store.write(move |connection| {
        if users::password_hash_to_change(connection, user.id)?.as_ref() != Some(&user.password_hash) {
            return Err(wrong_password());
        }
        let mut shown = None;
        if second_factors::confirmed_at(connection, user.id)?.is_some() {
            // Without a code: it was set up in this moment.
            let wrong = || field_refused("/code", WRONG_CODE, "Wrong, or used already");
            let code = code.as_ref().ok_or_else(wrong)?;
            shown = Some(take(connection, &inner, &user, code)?.ok_or_else(wrong)?);
        }
        attempt.succeeded(connection)?;
        work(connection, &inner, Showing { user: &user, client: &client, shown })
    });
    done.await
}

/// Begins to set up an authenticator for the caller; one that there is stays until the new one's first code is shown.
///
/// # Errors
/// Password or code are wrong; too many failures before.
pub async fn begin_enrolment(
    app: &Arc<App>,
    caller: &SignedIn,
    credentials: Credentials,
    from: Origin,
) -> Result<Enrolment, ServiceError> {
    let act = AuditedAct::BeginSecondFactor;
    with_credentials(app, caller, credentials, from, act, move |connection, app, showing| {
        begin(connection, app, showing.user, showing.client, showing.shown)
    })
    .await
}

/// Sets up the caller's authenticator with its first code, and ends their other sessions.
///
/// # Errors
/// The code is wrong; nothing was begun; too many failures before.
pub async fn confirm_enrolment(
    app: &Arc<App>,
    caller: &SignedIn,
    code: SecretString,
    from: Origin,
) -> Result<RecoveryCodes, ServiceError> {
    let (id, session) = (caller.staff().user, caller.session);
    let client = Client::at(from.address, Some(id));
    let app = Arc::clone(app);
    to_its_end(async move {
        let act = AuditedAct::EnrolSecondFactor;
        let inner = Arc::clone(&app);
        attempted(&app, failures_of(id), from.network, (act, client), async |attempt| {
            let confirmed = app.store.write(move |connection| {
                users::password_hash_to_change(connection, id.get())?;
                let user = users::find(connection, id.get())?;
                let wrong = || field_refused("/code", WRONG_CODE, "Wrong, or used already");
                let codes = confirm(connection, &inner, &user, &code)?.ok_or_else(wrong)?;
                attempt.succeeded(connection)?;
                sessions::raise(connection, id.get(), session.get(), inner.clock.now().into())?;
                second_factors::end_challenges(connection, id.get())?;
                audit::record(connection, &inner, &client, &Acted::done(act))?;
                Ok(codes)
            });
            confirmed.await
        })
        .await
    })
    .await
}

/// Makes recovery codes in the place of the caller's until now.
///
/// # Errors
/// There is no authenticator; password or code are wrong; too many failures before.
pub async fn renew(
    app: &Arc<App>,
    caller: &SignedIn,
    credentials: Credentials,
    from: Origin,
) -> Result<RecoveryCodes, ServiceError> {
    let act = AuditedAct::RenewRecoveryCodes;
    with_credentials(app, caller, credentials, from, act, move |connection, app, showing| {
        let Showing { user, client, shown } = showing;
        if shown.is_none() {
            return Err(ServiceError::SecondFactorNotEnrolled);
        }
        let codes = renew_recovery_codes(connection, user)?;
        audit::record(connection, app, client, &with_shown(act, shown)?)?;
        Ok(codes)
    })
    .await
}

/// Removes the caller's authenticator and recovery codes, and ends their sessions: what was shown in them is no more.
///
/// # Errors
/// The caller signs in with a second factor by role or duty; there is no authenticator; password or code are wrong; too many
/// failures before.
pub async fn remove(
    app: &Arc<App>,
    caller: &SignedIn,
    credentials: Credentials,
    from: Origin,
) -> Result<(), ServiceError> {
    let act = AuditedAct::RemoveSecondFactor;
    with_credentials(app, caller, credentials, from, act, move |connection, app, showing| {
        let Showing { user, client, shown } = showing;
        let account = Account::load(connection, UserId::new(user.id))?.ok_or(ServiceError::NotSignedIn)?;
        if app.settings.second_factor_for.includes(&account.staff) {
            return Err(ServiceError::SecondFactorRequired);
        }
        if !second_factors::remove(connection, user.id)? {
            return Err(ServiceError::SecondFactorNotEnrolled);
        }
        users::touch(connection, user.id, app.clock.now())?;
        sessions::revoke_user(connection, user.id, app.clock.now().into())?;
        second_factors::end_challenges(connection, user.id)?;
        Ok(audit::record(connection, app, client, &with_shown(act, shown)?)?)
    })
    .await
}

/// What the caller has of a second factor.
///
/// # Errors
/// Only what the database says.
pub async fn standing(app: &App, caller: &SignedIn) -> Result<Standing, ServiceError> {
    let user = caller.staff().user.get();
    let read = app.store.read(move |connection| {
        let enrolled_at = second_factors::confirmed_at(connection, user)?.map(Into::into);
        let recovery_codes_left = second_factors::recovery_code_count(connection, user)?;
        Ok::<_, StoreError>(Standing { enrolled_at, recovery_codes_left })
    });
    Ok(read.await?)
}

/// Takes an account's second factor away in the transaction in which it gets another password: otherwise whoever knows the one
/// until now could set up their own.
///
/// # Errors
/// Only what the database says.
pub fn take_away(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    id: UserId,
) -> Result<(), StoreError> {
    second_factors::remove(connection, id.get())?;
    audit::record(connection, app, client, &Acted::done(AuditedAct::ResetSecondFactor).on_account(id))
}
