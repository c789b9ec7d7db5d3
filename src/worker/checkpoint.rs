//! Makes checkpoints over what was written since the last, until there is nothing more.

use std::sync::Arc;

use store::checkpoints;

use super::step;
use crate::app::App;
use crate::service::ServiceError;

/// Makes checkpoints; answers how many. The last one is told in the log, from where it can be kept outside.
///
/// # Errors
/// What the database says; the journal does not have any more what the last checkpoint ends with.
pub async fn checkpoint(app: &Arc<App>) -> Result<usize, ServiceError> {
    let (mut made, mut last) = (0, None);
    loop {
        let inner = Arc::clone(app);
        let step = step(app, move |connection| {
            Ok(checkpoints::make(connection, &inner.signing_keys, inner.clock.now())?)
        });
        match step.await? {
            Some(Some(checkpoint)) => {
                made += 1;
                last = Some(checkpoint.published());
            }
            Some(None) | None => break,
        }
    }
    if let Some(checkpoint) = last {
        tracing::info!(%checkpoint, "made");
    }
    Ok(made)
}
