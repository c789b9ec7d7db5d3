//! Removes what has expired: kept answers, sessions that nobody can use any more, sign-ins and authenticators that nobody
//! has completed, failed sign-ins, keys of tokens that have all expired.

use std::sync::Arc;

use store::{Instant, idempotency, second_factors, sessions, sign_in_failures, token_keys};

use super::step;
use crate::app::App;
use crate::identity::second_factor::ENROLMENT_LIFETIME;
use crate::service::ServiceError;

/// Purges what has expired by now.
///
/// # Errors
/// What the database says.
pub async fn purge(app: &Arc<App>) -> Result<(), ServiceError> {
    let now = Instant::from(app.clock.now());
    let forgotten = Instant::from(app.clock.now() - app.settings.sign_in_limits.lock);
    let unconfirmed = Instant::from(app.clock.now() - ENROLMENT_LIFETIME);
    let retired = Instant::from(app.tokens.oldest_retirement(app.clock.now()));
    let purged = step(app, move |connection| {
        idempotency::purge_expired(connection, now)?;
        sessions::purge_expired(connection, now)?;
        second_factors::purge(connection, now, unconfirmed)?;
        sign_in_failures::purge(connection, forgotten)?;
        token_keys::purge(connection, retired)?;
        Ok(())
    });
    purged.await.map(|_by_us| ())
}
