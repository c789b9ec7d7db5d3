//! The demonstration: a municipality that does not exist, its accounts, and some fifty cases in every state.
//!
//! All of it is one transaction, so a data directory has the whole demonstration or none of it. It is never made
//! in a database that has anything else: its passwords are known to everybody.

mod accounts;
mod acts;
mod organs;
mod people;
mod petition;
mod places;
mod stage;
mod stories;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::bail;
use chrono::{DateTime, Utc};
use domain::id::{OfUser, UserId};
use futures_util::future::try_join_all;
use store::users::User;
use store::{AnyConnection, Failure, StoreError, directory, meta, organisations, regions, seed, users};

pub use accounts::Account;
pub use people::PASSWORD;

use crate::app::App;
use crate::service::office::Office;
use crate::worker;
use people::Character;
use stage::Stage;

/// Marks the database as a demonstration's, with the instant at which it was made.
const MARK: &str = "demonstration_made_at";

/// Makes the demonstration if the database is empty, keeps it if it is there, and answers its accounts.
///
/// # Errors
/// The database has something else in it, or cannot be written.
pub async fn prepare(app: &Arc<App>) -> anyhow::Result<Vec<Account>> {
    let (is_made, is_empty) = app
        .store
        .read(|connection| {
            let is_made = meta::get(connection, MARK)?.is_some();
            Ok::<_, StoreError>((is_made, organisations::load_all(connection)?.is_empty()))
        })
        .await?;
    if !is_made {
        if !is_empty {
            bail!(
                "{} has an office's own data; a demonstration wants a directory of its own, as in --data demo-data",
                app.settings.database_url
            );
        }
        make(app).await?;
    }
    Ok(app.store.read(accounts::load).await?)
}

/// The demonstration's history looks as if no worker had been there for months, until a checkpoint has it. On a server that has
/// other work it may be a moment until everything before this is settled.
async fn under_a_checkpoint(app: &Arc<App>) -> anyhow::Result<()> {
    for _ in 0..50 {
        if worker::checkpoint(app).await? > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn make(app: &Arc<App>) -> anyhow::Result<()> {
    let now = app.clock.now();
    let characters = hashed(app, people::everybody()).await?;
    let inner = Arc::clone(app);
    app.store.write(move |connection| write(&inner, connection, &characters, now).map_err(Unmade)).await?;
    let swept = worker::sweep(app).await?;
    under_a_checkpoint(app).await?;
    tracing::info!(swept, "the demonstration was made");
    Ok(())
}

/// Why the demonstration was not made; nothing of it is kept.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
struct Unmade(anyhow::Error);

impl From<StoreError> for Unmade {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl Failure for Unmade {
    fn as_store_error(&self) -> Option<&StoreError> {
        self.0.downcast_ref()
    }
}

/// Every account has a salt of its own, so every one is hashed; together they use all processors.
async fn hashed(app: &App, characters: Vec<Character>) -> anyhow::Result<Vec<(Character, String)>> {
    let hashes = try_join_all(characters.iter().map(|_| app.passwords.hash(PASSWORD.into()))).await?;
    Ok(characters.into_iter().zip(hashes).collect())
}

fn write(
    app: &App,
    connection: &mut AnyConnection,
    characters: &[(Character, String)],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    seed::seed_reference_data(connection)?;
    regions::upsert_all(connection, &places::rows()?)?;
    let (organs, organ_ids) = organs::rows(&app.ids)?;
    organisations::upsert_all(connection, &organs)?;
    let mut user_ids = HashMap::new();
    for (character, password_hash) in characters {
        let Some(organ) = organ_ids.get(&character.organ) else {
            bail!("the demonstration has no organ {}", character.organ)
        };
        let id = app.ids.next::<OfUser>();
        users::insert(connection, &account(id, character, password_hash, organ.get(), now))?;
        user_ids.insert(character.username.clone(), id);
    }
    meta::set(connection, MARK, &now.to_rfc3339())?;
    // Not the application's snapshot: what this transaction wrote may yet be undone.
    let version = meta::directory_version(connection)?;
    let directories = directory::load_directory(connection)?;
    let office = Arc::new(Office::new(version, directories, directory::load_calendar(connection)?));
    stories::tell_all(&mut Stage::new(app, connection, office, &organ_ids, &user_ids, now))
}

fn account(id: UserId, character: &Character, hash: &str, organ: i64, now: DateTime<Utc>) -> User {
    User {
        id: id.get(),
        username: character.username.clone(),
        display_name: character.display_name.clone(),
        password_hash: hash.to_owned(),
        role: character.role.as_ref().to_owned(),
        duties: character.duties.iter().map(|duty| duty.as_ref().to_owned()).collect(),
        organisation_id: organ,
        territory: character.territory.clone(),
        active: true,
        created_at: now.into(),
        updated_at: now.into(),
        password_changed_at: now.into(),
    }
}
