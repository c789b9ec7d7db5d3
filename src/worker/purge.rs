//! Removes what has expired: kept answers, and sessions that nobody can use any more.

use std::sync::Arc;

use store::{Instant, idempotency, sessions};

use super::step;
use crate::app::App;
use crate::service::ServiceError;

/// Purges what has expired by now.
///
/// # Errors
/// What the database says.
pub async fn purge(app: &Arc<App>) -> Result<(), ServiceError> {
    let now = Instant::from(app.clock.now());
    let purged = step(app, move |connection| {
        idempotency::purge_expired(connection, now)?;
        sessions::purge_expired(connection, now)?;
        Ok(())
    });
    purged.await.map(|_by_us| ())
}
