//! The signed checkpoints, for whoever keeps them outside.

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::checkpoints::{self, PublishedRow};
use utoipa::{IntoParams, ToSchema};

use super::Auditor;
use crate::http::problem::Problem;
use crate::http::problem::documented::ListProblems;
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::ServiceError;

/// A checkpoint over all events and audit entries up to it.
#[derive(Serialize, ToSchema)]
pub struct CheckpointView {
    number: i64,
    /// What `daowei verify --from` takes: the number and the SHA-256 of the signed lines of the note.
    #[schema(example = "12:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    checkpoint: String,
    made_at: DateTime<Utc>,
    /// All events of all cases up to here.
    event_count: i64,
    /// All audit entries up to here.
    entry_count: i64,
    /// The signed note (C2SP signed-note): the format, the number, the digest of the checkpoint before, the count and the
    /// Merkle root of events and of audit entries, the moment, the last event and entry; an empty
    /// line; the signature.
    note: String,
}

impl CheckpointView {
    /// The checkpoint without its hashes.
    pub fn of(row: &PublishedRow) -> Self {
        Self {
            number: row.number,
            checkpoint: row.published().to_string(),
            made_at: row.made_at.into(),
            event_count: row.event_count,
            entry_count: row.entry_count,
            note: row.signed_note(),
        }
    }
}

/// Which checkpoints to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CheckpointsQuery {
    /// Only those before this number.
    before: Option<i64>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A page of checkpoints.
#[derive(Serialize, ToSchema)]
pub struct CheckpointsPage {
    items: Vec<CheckpointView>,
    /// What to send as `before` for the next page; null at the end.
    next_before: Option<i64>,
}

/// List checkpoints
///
/// The newest first. Whoever keeps one outside can later tell whether anything before it was rewritten.
#[utoipa::path(operation_id = "list_checkpoints", tag = "administer", params(CheckpointsQuery), responses(
    (status = 200, description = "A page of checkpoints", body = CheckpointsPage), ListProblems,
))]
#[get("/checkpoints")]
pub async fn list_checkpoints(
    Then(auditor, query): Then<Auditor, Query<CheckpointsQuery>>,
) -> Result<web::Json<CheckpointsPage>, Problem> {
    let limit = crate::http::cases::list::page_size(query.0.limit)?;
    let before = query.0.before;
    let page = auditor.0.app.store.read(move |connection| {
        Ok::<_, ServiceError>(checkpoints::page_before(connection, before, limit.into())?)
    });
    let page = page.await?;
    let is_full = u32::try_from(page.len()).is_ok_and(|count| count == limit);
    let next_before = page.last().map(|row| row.number).filter(|_| is_full);
    Ok(web::Json(CheckpointsPage { items: page.iter().map(CheckpointView::of).collect(), next_before }))
}
