//! Work that is safe to repeat: look-up, effect and kept answer are one transaction, so no crash comes between them.

use std::sync::Arc;
use std::time::Duration;

use domain::case::fold;
use domain::id::CaseId;
use store::idempotency::{self, KeptAnswer};
use store::{AnyConnection, Instant, case_journal};

use super::ServiceError;
use super::known_cases::Showing;
use crate::app::App;
use crate::http::answer::{Answer, Kept};
use crate::http::cases::view::{CaseView, people_of};
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
    app: &Arc<App>,
    caller_key: &str,
    key: Option<IdempotencyKey>,
    fingerprint: Fingerprint,
    keep_for: Duration,
    work: impl Fn(&mut AnyConnection) -> Result<Answer, ServiceError> + Send + 'static,
) -> Result<Answer, ServiceError> {
    let Some(key) = key else { return app.store.write_for(caller_key, work).await };
    let _running = app.running_keys.enter(caller_key, &key).ok_or(ServiceError::StillRunning)?;
    let now = app.clock.now();
    let (created_at, expires_at) = (Instant::from(now), Instant::from(now + keep_for));
    let (actor, key) = (caller_key.to_owned(), key.as_str().to_owned());
    let inner = Arc::clone(app);
    let (bare, fingerprint) = (fingerprint, keyed(app, fingerprint));
    let once = move |connection: &mut AnyConnection| {
        if let Some(kept) = idempotency::find(connection, &actor, &key, created_at)? {
            return replay(connection, &inner, kept, [&fingerprint, &bare]);
        }
        let answer = work(connection)?;
        let (body, shown) = match &answer.kept {
            Kept::Body => (answer.body.clone(), None),
            Kept::Instead(body) => (body.clone(), None),
            Kept::Case { id, version, showing } => (serde_json::to_string(showing)?, Some((*id, *version))),
        };
        let kept = KeptAnswer {
            actor: actor.clone(),
            key: key.clone(),
            fingerprint: fingerprint.clone(),
            status: answer.status.into(),
            body,
            etag: answer.etag.clone(),
            location: answer.location.clone(),
            created_at,
            expires_at,
            case_id: shown.map(|(id, _)| id.get()),
            case_version: shown.and_then(|(_, version)| i32::try_from(version).ok()),
        };
        idempotency::insert(connection, &kept)?;
        Ok(answer)
    };
    app.store.write_for(caller_key, once).await
}

/// A fingerprint under our key: whoever reads the database could guess a short request, or one with a password, from a bare hash.
fn keyed(app: &App, fingerprint: Fingerprint) -> Vec<u8> {
    let text: String = fingerprint.iter().map(|byte| format!("{byte:02x}")).collect();
    app.sealer.blind_index("idempotency_keys.fingerprint", &[&text])
}

/// Whether an answer is kept for requests with this key.
///
/// # Errors
/// What the database says.
pub async fn is_kept(
    app: &Arc<App>,
    caller_key: &str,
    key: Option<&IdempotencyKey>,
) -> Result<bool, ServiceError> {
    let Some(key) = key else { return Ok(false) };
    let (actor, key, now) = (caller_key.to_owned(), key.as_str().to_owned(), Instant::from(app.clock.now()));
    Ok(app.store.read(move |connection| idempotency::is_kept(connection, &actor, &key, now)).await?)
}

fn replay(
    connection: &mut AnyConnection,
    app: &App,
    kept: KeptAnswer,
    fingerprints: [&[u8]; 2],
) -> Result<Answer, ServiceError> {
    // An earlier version kept the bare one, for as long as a phone may be offline.
    if !fingerprints.contains(&kept.fingerprint.as_slice()) {
        return Err(ServiceError::KeyReused);
    }
    let status = u16::try_from(kept.status).map_err(|_not_a_status| {
        ServiceError::Internal(format!("a kept answer has the status {}", kept.status))
    })?;
    let KeptAnswer { body, etag, location, case_id, case_version, .. } = kept;
    let body = match (case_id, case_version) {
        (Some(id), Some(version)) => {
            let (id, showing) = (CaseId::new(id), serde_json::from_str(&body)?);
            case_as_shown(connection, app, id, u32::try_from(version).unwrap_or_default(), showing)?
        }
        _ => body,
    };
    Ok(Answer { status, body, etag, location, kept: Kept::Body, replayed: true })
}

/// The case as it was at that version, as it was shown. Whoever has lost sight of it since gets what they were answered, as
/// from any kept answer.
fn case_as_shown(
    connection: &mut AnyConnection,
    app: &App,
    id: CaseId,
    version: u32,
    showing: Showing,
) -> Result<String, ServiceError> {
    let events = case_journal::events_page(connection, &app.sealer, id, 0, version)?;
    let case = fold(id, &events).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let people = people_of(connection, &app.sealer, &case)?;
    let office = app.offices.current(connection)?;
    Ok(serde_json::to_string(&CaseView::shown(&case, people, showing, &office))?)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use clap::Parser;
    use store::meta;

    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::config::keys::Keys;
    use crate::config::{Given, Settings};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        given: Given,
    }

    fn app(data: &tempfile::TempDir) -> (Arc<App>, ManualClock) {
        let line = Line::parse_from(["daowei", "--data", data.path().to_str().unwrap()]);
        let settings = Settings::check(&line.given).unwrap();
        let (keys, _) = Keys::load_or_make(&settings).unwrap();
        let (clock, hand) = Clock::manual("2026-03-02T01:00:00Z".parse().unwrap());
        (Arc::new(App::build(settings, &keys, clock).unwrap()), hand)
    }

    /// Counts up a number in the database, and how often it was run.
    fn counting(
        runs: &Arc<AtomicUsize>,
    ) -> impl Fn(&mut AnyConnection) -> Result<Answer, ServiceError> + Send + 'static {
        let runs = Arc::clone(runs);
        move |connection| {
            runs.fetch_add(1, Ordering::Relaxed);
            meta::bump_directory_version(connection)?;
            Ok(Answer::created(&meta::directory_version(connection)?, "/there".to_owned())?.version(7))
        }
    }

    #[tokio::test]
    async fn a_key_gives_one_effect_and_one_answer_until_it_expires() {
        let data = tempfile::tempdir().unwrap();
        let (app, clock) = app(&data);
        let key = || IdempotencyKey::parse("k-1");
        let day = KEPT_FOR_STAFF;
        let runs = Arc::new(AtomicUsize::new(0));
        let first = repeatable(&app, "user:a", key(), [1; 32], day, counting(&runs)).await.unwrap();
        let again = repeatable(&app, "user:a", key(), [1; 32], day, counting(&runs)).await.unwrap();
        assert_eq!(again, Answer { replayed: true, ..first.clone() });
        let other_body = repeatable(&app, "user:a", key(), [2; 32], day, counting(&runs)).await;
        assert!(matches!(other_body, Err(ServiceError::KeyReused)));
        assert_eq!(runs.load(Ordering::Relaxed), 1);

        let other_caller = repeatable(&app, "user:b", key(), [1; 32], day, counting(&runs)).await.unwrap();
        assert_ne!(other_caller.body, first.body);
        clock.advance(chrono::TimeDelta::hours(24));
        let expired = repeatable(&app, "user:a", key(), [2; 32], day, counting(&runs)).await.unwrap();
        assert!(!expired.replayed);
        assert_eq!(runs.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_refusal_is_not_kept_and_undoes_the_effect() {
        let data = tempfile::tempdir().unwrap();
        let (app, _) = app(&data);
        let key = || IdempotencyKey::parse("k-1");
        let before = app.store.read(meta::directory_version).await.unwrap();
        let refuse = |connection: &mut AnyConnection| {
            meta::bump_directory_version(connection)?;
            Err(ServiceError::VersionLost)
        };
        let refused = repeatable(&app, "user:a", key(), [1; 32], KEPT_FOR_STAFF, refuse).await;
        assert!(matches!(refused, Err(ServiceError::VersionLost)));
        assert_eq!(app.store.read(meta::directory_version).await.unwrap(), before);
        let runs = Arc::default();
        let later = repeatable(&app, "user:a", key(), [1; 32], KEPT_FOR_STAFF, counting(&runs)).await;
        assert!(!later.unwrap().replayed);
    }

    #[tokio::test]
    async fn of_many_at_one_time_one_has_the_effect() {
        let data = tempfile::tempdir().unwrap();
        let (app, _) = app(&data);
        let runs = Arc::new(AtomicUsize::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (app, work) = (Arc::clone(&app), counting(&runs));
            tasks.spawn(async move {
                let key = IdempotencyKey::parse("k-1");
                repeatable(&app, "user:a", key, [1; 32], KEPT_FOR_STAFF, work).await
            });
        }
        for done in tasks.join_all().await {
            assert!(matches!(done, Ok(_) | Err(ServiceError::StillRunning)), "{done:?}");
        }
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }
}
