//! Work that is safe to repeat: look-up, effect and kept answer are one transaction, so no crash comes between them.

use std::time::Duration;

use store::idempotency::{self, KeptAnswer};
use store::{AnyConnection, Instant};

use super::ServiceError;
use crate::app::App;
use crate::http::answer::Answer;
use crate::http::idempotency::IdempotencyKey;
use crate::http::json::Fingerprint;

/// How long a staff member's answers are kept.
pub const KEPT_FOR_STAFF: Duration = Duration::from_secs(24 * 3600);
/// How long a grid member's answers are kept: they work offline for weeks.
pub const KEPT_FOR_GRID_MEMBERS: Duration = Duration::from_secs(30 * 24 * 3600);

/// Runs `work` in one write transaction; with a key, keeps its answer there, or replays the one that is kept.
///
/// A refusal keeps nothing, so the same request may succeed later. `work` may run more than once.
///
/// # Errors
/// What `work` answers; the key was used for another request; its first request is still running.
pub async fn repeatable(
    app: &App,
    caller_key: &str,
    key: Option<IdempotencyKey>,
    fingerprint: Fingerprint,
    keep_for: Duration,
    work: impl Fn(&mut AnyConnection) -> Result<Answer, ServiceError> + Send + 'static,
) -> Result<Answer, ServiceError> {
    let Some(key) = key else { return app.store.write(work).await };
    let _running = app.running_keys.enter(caller_key, &key).ok_or(ServiceError::StillRunning)?;
    let now = app.clock.now();
    let (created_at, expires_at) = (Instant::from(now), Instant::from(now + keep_for));
    let (actor, key) = (caller_key.to_owned(), key.as_str().to_owned());
    let once = move |connection: &mut AnyConnection| {
        if let Some(kept) = idempotency::find(connection, &actor, &key, created_at)? {
            return replay(kept, &fingerprint);
        }
        let answer = work(connection)?;
        let kept = KeptAnswer {
            actor: actor.clone(),
            key: key.clone(),
            fingerprint: fingerprint.to_vec(),
            status: answer.status.into(),
            body: answer.body.clone(),
            etag: answer.etag.clone(),
            location: answer.location.clone(),
            created_at,
            expires_at,
        };
        idempotency::insert(connection, &kept)?;
        Ok(answer)
    };
    app.store.write(once).await
}

fn replay(kept: KeptAnswer, fingerprint: &Fingerprint) -> Result<Answer, ServiceError> {
    if kept.fingerprint != fingerprint {
        return Err(ServiceError::KeyReused);
    }
    let status = u16::try_from(kept.status)
        .map_err(|_| ServiceError::Internal(format!("a kept answer has the status {}", kept.status)))?;
    let KeptAnswer { body, etag, location, .. } = kept;
    Ok(Answer { status, body, etag, location, replayed: true })
}
