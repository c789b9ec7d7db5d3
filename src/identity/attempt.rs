//! An attempt to show a password: counted as failed until it has succeeded, so that guessing is limited.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use domain::audit::AuditedAct;

use domain::id::UserId;
use store::sign_in_failures::{self, Counting};
use store::{AnyConnection, StoreError};
use tracing::Instrument;

use crate::app::App;
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};

/// The name under which the failures of an account are counted.
pub fn failures_of(user: UserId) -> String {
    format!("user:{user}")
}

/// The same for the codes that follow a sign-in at a provider, which who guesses a password does not lock.
pub fn failures_after_provider(user: UserId) -> String {
    format!("single-sign-on:{user}")
}

/// Lets an account sign in again that is locked after failures.
///
/// # Errors
/// Only what the database says.
pub fn unlock(connection: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    sign_in_failures::unlock(connection, &failures_of(user))?;
    sign_in_failures::unlock(connection, &failures_after_provider(user))
}

/// The same for a name that nobody has: one of 65,536, which only this installation can tell, so that names made up without
/// end take no room without end.
pub fn failures_of_nobody(app: &App, username: &str) -> String {
    let index = app.sealer.blind_index("sign_in_failures.account", &[username]);
    let place: String = index.iter().take(2).map(|byte| format!("{byte:02x}")).collect();
    format!("nobody:{place}")
}

/// An attempt that has been counted.
#[derive(Clone)]
pub struct Attempt {
    counted_as: String,
    network: String,
    counting: Counting,
}

impl Attempt {
    /// Counts an attempt from the network.
    ///
    /// # Errors
    /// [`ServiceError::SignInLocked`] after too many that failed.
    async fn begin(app: &App, counted_as: String, network: IpAddr) -> Result<Self, ServiceError> {
        let network = network.to_string();
        let (now, limits) = (app.clock.now(), app.settings.sign_in_limits);
        let (account, site) = (counted_as.clone(), network.clone());
        let begun = app
            .store
            .write(move |connection| sign_in_failures::begin(connection, &account, &site, now, limits));
        match begun.await? {
            sign_in_failures::Attempt::Taken(counting) => Ok(Self { counted_as, network, counting }),
            sign_in_failures::Attempt::Locked { until } => {
                tracing::warn!(counted_as, "a password was not looked at after failures");
                // A whole second more than cut off, so that who waits as told is not refused again.
                let seconds = (until - now).num_seconds().unsigned_abs() + 1;
                Err(ServiceError::SignInLocked { seconds })
            }
        }
    }

    /// Takes back what was counted for the account from its network, in the transaction of what the password allows.
    ///
    /// # Errors
    /// As [`sign_in_failures::forgive`].
    pub fn succeeded(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        sign_in_failures::forgive(connection, &self.counted_as, &self.network)
    }

    /// Takes this attempt back in the transaction that finds that it has neither failed nor succeeded: more is to be shown.
    ///
    /// # Errors
    /// As [`sign_in_failures::take_back`].
    pub fn goes_on(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        sign_in_failures::take_back(connection, &self.counted_as, &self.network, self.counting)
    }

    /// Leaves this attempt counted only where what was shown was wrong, and gives the outcome back.
    async fn counted_if_wrong<T>(
        self,
        app: &App,
        outcome: Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        if outcome.as_ref().is_err_and(|error| what_is_wrong(error).is_none()) {
            let take_back = app.store.write(move |connection| self.goes_on(connection));
            if let Err(error) = take_back.await {
                tracing::warn!(%error, "an attempt that was not wrong stays counted");
            }
        }
        outcome
    }
}

/// The code of the fault that the password is another.
pub const WRONG_PASSWORD: &str = "wrong_password";
/// The code of the fault that the authenticator shows another code.
pub const WRONG_CODE: &str = "wrong_code";

/// What of what was shown is wrong, if it is that for which something was refused.
fn what_is_wrong(refusal: &ServiceError) -> Option<&'static str> {
    match refusal {
        ServiceError::WrongCredentials => Some("wrong_credentials"),
        ServiceError::WrongSecondFactor => Some("wrong_second_factor"),
        ServiceError::Fields(faults) => {
            let wrong = [WRONG_PASSWORD, WRONG_CODE].into_iter();
            wrong.into_iter().find(|wrong| faults.iter().any(|fault| fault.code == *wrong))
        }
        _ => None,
    }
}

/// Does what a password or a code allows: counted as failed before, taken back unless something shown is wrong, and a refusal
/// of the act recorded.
///
/// # Errors
/// Too many failures before; what the work answers.
pub async fn attempted<T, Work: Future<Output = Result<T, ServiceError>>>(
    app: &Arc<App>,
    counted_as: String,
    network: IpAddr,
    (act, client): (AuditedAct, Client),
    work: impl FnOnce(Attempt) -> Work,
) -> Result<T, ServiceError> {
    let outcome = match Attempt::begin(app, counted_as, network).await {
        Ok(attempt) => {
            let outcome = work(attempt.clone()).await;
            attempt.counted_if_wrong(app, outcome).await
        }
        Err(locked) => Err(locked),
    };
    if let Err(refusal) = &outcome {
        note_refusal(app, client, act, refusal).await?;
    }
    outcome
}

/// Records that somebody did not show the right password or code, or was locked out after failures.
async fn note_refusal(
    app: &Arc<App>,
    client: Client,
    act: AuditedAct,
    refusal: &ServiceError,
) -> Result<(), ServiceError> {
    let why = match (what_is_wrong(refusal), refusal) {
        (Some(wrong), _) => wrong,
        (None, ServiceError::NoAccount) => "no_account",
        // Whoever is locked out and goes on trying is told of once a lock: the trail takes no room without end.
        (None, ServiceError::SignInLocked { seconds }) => {
            let Some(user) = client.user else { return Ok(()) };
            let now = app.clock.now();
            if app.known_locks.get(&user).is_some_and(|until| now < until) {
                return Ok(());
            }
            let seconds = i64::try_from(*seconds).unwrap_or(i64::MAX);
            app.known_locks.insert(user, now + TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX));
            "sign_in_locked"
        }
        _ => return Ok(()),
    };
    audit::note(app, client, Acted::refused(act).with(&BTreeMap::from([("why", why)]))?).await
}

/// Does the work to its end, also when the client has gone away meanwhile: that is no failure of anybody's.
///
/// # Errors
/// What the work answers; [`ServiceError::Internal`] if it panicked.
pub async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> Result<T, ServiceError> {
    let done = tokio::spawn(work.in_current_span()).await;
    done.unwrap_or_else(|error| Err(ServiceError::Internal(format!("an attempt: {error}"))))
}
