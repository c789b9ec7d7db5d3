//! The application, built once, by the server and by the tests alike.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::id::UserId;
use quick_cache::sync::Cache;
use store::checkpoints::SigningKeys;
use store::sealing::Sealer;
use store::{DatabaseUrl, Store, StoreOptions, key_checks, seed, token_keys};

use crate::clock::Clock;
use crate::config::Settings;
use crate::config::keys::Keys;
use crate::http::idempotency::RunningKeys;
use crate::http::rate::Limits;
use crate::identity::password::Passwords;
use crate::identity::provider::Provider;
use crate::identity::token::TokenIssuer;
use crate::ids::Ids;
use crate::service::ServiceError;
use crate::service::known_cases::KnownCases;
use crate::service::office::{Office, Offices};
use crate::telemetry::Metrics;

/// Locks that are remembered as told; one that is forgotten is told again.
const MOST_KNOWN_LOCKS: usize = 1_024;

/// Everything a request needs.
pub struct App {
    /// The checked settings.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// Seals and opens personal data.
    pub sealer: Arc<Sealer>,
    /// Signs checkpoints.
    pub signing_keys: Arc<SigningKeys>,
    /// The present.
    pub clock: Clock,
    /// The maker of identifiers.
    pub ids: Ids,
    /// What tells this process from others on the same database.
    pub process: i64,
    /// The hasher of passwords.
    pub passwords: Passwords,
    /// The issuer of tokens.
    pub tokens: TokenIssuer,
    /// Who signs users in besides this program, where one is configured.
    pub provider: Option<Provider>,
    /// Until when accounts are locked whose lock is in the audit trail already.
    pub known_locks: Cache<UserId, DateTime<Utc>>,
    /// When a single sign-on from a network that did not hold was last put into the audit trail.
    pub known_failures: Cache<IpAddr, DateTime<Utc>>,
    /// Idempotency keys whose first request is still running.
    pub running_keys: RunningKeys,
    /// Cases as they were last read.
    pub known_cases: KnownCases,
    /// The snapshot of directories and calendar.
    pub offices: Offices,
    /// Limits on requests by address.
    pub limits: Limits,
    /// The process's metrics.
    pub metrics: Metrics,
}

impl App {
    /// Opens the store, bringing its tables up to date, and prepares the rest, for a program that does not serve. Blocks; not for an
    /// async thread.
    ///
    /// # Errors
    /// The data directory or database cannot be used, the machine lacks randomness or memory, or the keys are not those with which
    /// the database was begun.
    pub fn build(settings: Settings, keys: &Keys, clock: Clock) -> anyhow::Result<Self> {
        let store = open_store(&settings)?;
        key_checks::compare(&settings.database_url, &keys.sealing)?;
        Self::on(store, settings, keys, clock)
    }

    /// As [`App::build`], for a server: the database remembers that one has begun with these keys.
    ///
    /// # Errors
    /// As [`App::build`].
    pub fn build_to_serve(settings: Settings, keys: &Keys, clock: Clock) -> anyhow::Result<Self> {
        let store = open_store(&settings)?;
        key_checks::remember(&settings.database_url, &keys.sealing)?;
        Self::on(store, settings, keys, clock)
    }

    fn on(store: Store, settings: Settings, keys: &Keys, clock: Clock) -> anyhow::Result<Self> {
        let ids = Ids::new(clock.clone(), settings.node);
        let sealer = Arc::new(Sealer::new(&keys.sealing));
        let now = clock.now();
        token_keys::make_first(&settings.database_url, &sealer, ids.next_number(), now)?;
        let (version, in_use) = token_keys::load_at(&settings.database_url, &sealer)?;
        let provider = settings.single_sign_on.clone();
        let provider = provider.map(|named| Provider::new(named, clock.clone())).transpose();
        Ok(Self {
            store,
            process: ids.next_number(),
            sealer,
            signing_keys: Arc::new(SigningKeys::new(&keys.sealing)),
            ids,
            clock,
            passwords: Passwords::new()?,
            tokens: TokenIssuer::new(version, &in_use, &settings)?,
            provider: provider.context("single sign-on")?,
            known_locks: Cache::new(MOST_KNOWN_LOCKS),
            known_failures: Cache::new(MOST_KNOWN_LOCKS),
            running_keys: RunningKeys::default(),
            known_cases: KnownCases::default(),
            offices: Offices::default(),
            limits: Limits::new(&settings.rates),
            metrics: Metrics::of_process()?,
            settings,
        })
    }

    /// The directories and the calendar as they are now.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn office(self: &Arc<Self>) -> Result<Arc<Office>, ServiceError> {
        let app = Arc::clone(self);
        Ok(self.store.read(move |connection| app.offices.current(connection)).await?)
    }

    /// Reads the keys of access tokens again, which change with the version of the directories.
    ///
    /// # Errors
    /// They cannot be read, or none of them signs.
    pub async fn renew_token_keys(self: &Arc<Self>) -> Result<(), ServiceError> {
        let app = Arc::clone(self);
        let read = self.store.read(move |connection| token_keys::load(connection, &app.sealer));
        let (version, keys) = read.await?;
        self.tokens.renew(version, &keys).map_err(|error| ServiceError::Internal(error.to_string()))
    }
}

/// Opens the database, making the data directory where it is missing, and brings its tables and its
/// reference data up to date.
///
/// # Errors
/// The directory or the database cannot be used.
pub fn open_store(settings: &Settings) -> anyhow::Result<Store> {
    std::fs::create_dir_all(&settings.data)
        .map_err(|error| anyhow::anyhow!("the data directory {}: {error}", settings.data.display()))?;
    let workers = u32::try_from(settings.workers).unwrap_or(u32::MAX);
    let options = StoreOptions {
        readers: match settings.database_url {
            // Its readers compute on our processors: more than two for each would only take memory.
            DatabaseUrl::Sqlite(_) => settings.database_connections.min(workers.saturating_mul(2)),
            DatabaseUrl::Postgres(_) => settings.database_connections,
        },
        glances: workers,
        writers: settings.database_connections,
        queue_length: settings.write_queue,
        replica: settings.database_replica_url.clone(),
    };
    let store = Store::open(&settings.database_url, &options)?;
    seed::seed_database(&settings.database_url)?;
    Ok(store)
}
