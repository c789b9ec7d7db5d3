//! Makes checkpoints over what was written since the last.

use std::sync::Arc;

use store::checkpoints;

use super::step;
use crate::app::App;
use crate::service::ServiceError;

/// So many are made with each sweep, so that a long journal of an earlier version does not keep the deadlines waiting.
const MOST_AT_A_TIME: usize = 64;

/// Makes checkpoints; answers how many. Each is told in the log, from where it can be kept outside.
///
/// # Errors
/// What the database says; the journal does not have any more what the last checkpoint ends with.
pub async fn checkpoint(app: &Arc<App>) -> Result<usize, ServiceError> {
    let mut made = 0;
    while made < MOST_AT_A_TIME {
        let inner = Arc::clone(app);
        let step = step(app, move |connection| {
            Ok(checkpoints::make(connection, &inner.signing_keys, inner.clock.now())?)
        });
        match step.await? {
            Some(Some(checkpoint)) => {
                made += 1;
                tracing::info!(checkpoint = %checkpoint.published(), "made");
            }
            Some(None) | None => break,
        }
    }
    Ok(made)
}
