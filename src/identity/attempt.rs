//! An attempt to show a password: counted as failed until it has succeeded, so that guessing is limited.

use std::future::Future;
use std::net::IpAddr;

use domain::id::UserId;
use store::sign_in_failures;
use store::{AnyConnection, StoreError};
use tracing::Instrument;

use crate::app::App;
use crate::service::ServiceError;

/// The name under which the failures of an account are counted.
pub fn failures_of(user: UserId) -> String {
    format!("user:{user}")
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
}

impl Attempt {
    /// Counts an attempt from the network.
    ///
    /// # Errors
    /// [`ServiceError::SignInLocked`] after too many that failed.
    pub async fn begin(app: &App, counted_as: String, network: IpAddr) -> Result<Self, ServiceError> {
        let attempt = Self { counted_as, network: network.to_string() };
        let (now, limits) = (app.clock.now(), app.settings.sign_in_limits);
        let Self { counted_as, network } = attempt.clone();
        let begun = app
            .store
            .write(move |connection| sign_in_failures::begin(connection, &counted_as, &network, now, limits));
        match begun.await? {
            sign_in_failures::Attempt::Taken => Ok(attempt),
            sign_in_failures::Attempt::Locked { until } => {
                tracing::warn!(attempt.counted_as, "a password was not looked at after failures");
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

    /// Takes this attempt back where it came to no end for a reason of ours, and gives the outcome back.
    pub async fn unless_ours<T>(
        self,
        app: &App,
        outcome: Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        if matches!(outcome, Err(ServiceError::Store(_) | ServiceError::Internal(_))) {
            let Self { counted_as, network } = self;
            let take_back = app
                .store
                .write(move |connection| sign_in_failures::take_back(connection, &counted_as, &network));
            if let Err(error) = take_back.await {
                tracing::warn!(%error, "an attempt that failed here stays counted");
            }
        }
        outcome
    }
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
