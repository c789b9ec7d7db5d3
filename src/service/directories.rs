//! The use cases on the directories: regions, organs, users, topics, the calendar, and who reviews whom.
//!
//! All directories share one version, which is their entity tag: a change of any of them gives each a new one.

pub mod calendar;
mod faults;
pub mod organisations;
pub mod reception_norms;
pub mod regions;
pub mod review_rules;
pub mod topics;
pub mod users;

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};
use store::{AnyConnection, meta};

pub use faults::{DirectoryFault, Faults};

use super::ServiceError;
use super::audit::{self, Acted};
use super::cases::Call;
use super::repeatable::{KEPT_FOR_STAFF, repeatable};
use crate::app::App;
use crate::http::answer::Answer;

/// Something read from the directories, with the version that they had.
pub type Versioned<T> = (i64, T);

/// What a change of a directory answers: the entry, and its address where it is new.
struct Changed<V> {
    view: V,
    location: Option<String>,
}

impl<V> Changed<V> {
    const fn new_at(view: V, location: String) -> Self {
        Self { view, location: Some(location) }
    }

    const fn there(view: V) -> Self {
        Self { view, location: None }
    }
}

/// Reads from the directories together with their version.
async fn read<T: Send + 'static>(
    app: &App,
    query: impl FnOnce(&mut AnyConnection) -> Result<T, ServiceError> + Send + 'static,
) -> Result<Versioned<T>, ServiceError> {
    app.store.read(|connection| Ok((meta::directory_version(connection)?, query(connection)?))).await
}

/// Changes a directory in one transaction that is safe to repeat; a version that the caller names must be the current one.
async fn change<V: Serialize>(
    app: &Arc<App>,
    call: Call,
    acted: Acted,
    work: impl Fn(&mut AnyConnection) -> Result<Changed<V>, ServiceError> + Send + 'static,
) -> Result<Answer, ServiceError> {
    let Call { caller_key, client, key, fingerprint, expected, .. } = call;
    let inner = Arc::clone(app);
    let once = move |connection: &mut AnyConnection| {
        meta::lock_directories(connection)?;
        if !expected.is_met_by(meta::directory_version(connection)?) {
            return Err(ServiceError::VersionLost);
        }
        let Changed { view, location } = work(connection)?;
        audit::record(connection, &inner, &client, &acted.clone().with(&view)?)?;
        let answer = match location {
            Some(location) => Answer::created(&view, location)?,
            None => Answer::ok(&view)?,
        };
        Ok(answer.version(meta::directory_version(connection)?))
    };
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, once).await
}

/// The answer with a field that only this caller sees, and only now: what is kept for a repetition is without it.
fn with_field(mut answer: Answer, name: &str, value: Value) -> Result<Answer, ServiceError> {
    let mut body: Map<String, Value> = serde_json::from_str(&answer.body)?;
    body.insert(name.to_owned(), value);
    answer.body = serde_json::to_string(&body)?;
    Ok(answer)
}
