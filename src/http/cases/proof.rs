//! The proof that an event of a case is one of a signed checkpoint's.

use actix_web::{get, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::id::CaseId;
use serde::Serialize;
use store::checkpoints::{self, Proof};
use utoipa::{IntoParams, ToSchema};

use super::call::CaseCaller;
use super::purpose::PurposeQuery;
use crate::http::admin::checkpoints::CheckpointView;
use crate::http::problem::documented::ReadProblems;
use crate::http::problem::kinds::{NOT_FOUND, NOT_YET_PROVABLE};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::cases::{self, Seeing};

/// The path of an event.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EventPath {
    /// The case's identifier.
    #[param(example = "01HZX5TJ4R2QK")]
    #[expect(dead_code, reason = "only described; the handler reads the path")]
    id: String,
    /// The event's number in its case.
    #[param(example = 1)]
    #[expect(dead_code, reason = "only described; the handler reads the path")]
    seq: u32,
}

/// What shows, without this server, that an event stood in the journal when a checkpoint was made.
#[derive(Serialize, ToSchema)]
pub struct EventProof {
    /// What the event's hash is taken over: lines of text, each with its end. They have the hash of the event before it in
    /// its case, and the SHA-256 of its own content in place of the content.
    event_text: String,
    /// SHA-256 of `event_text`, in hexadecimal digits: the leaf.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    event_hash: String,
    /// The event's place among those of the checkpoint, from 0.
    leaf_index: usize,
    /// The number of the checkpoint's events.
    tree_size: usize,
    /// The inclusion path of RFC 9162, section 2.1.3, in hexadecimal digits, from the leaf up.
    inclusion_path: Vec<String>,
    checkpoint: CheckpointView,
    /// The Ed25519 key of the checkpoint's signature, in base64; compare it with the one that the office has published.
    public_key: String,
}

impl From<Proof> for EventProof {
    fn from(proof: Proof) -> Self {
        Self {
            event_text: proof.event_text,
            event_hash: proof.event_hash.to_string(),
            leaf_index: proof.index,
            tree_size: proof.count,
            inclusion_path: proof.path.iter().map(ToString::to_string).collect(),
            public_key: STANDARD.encode(&proof.checkpoint.public_key),
            checkpoint: CheckpointView::of(&(&proof.checkpoint).into()),
        }
    }
}

/// Prove an event
///
/// That it stands in the journal as it stood when a checkpoint was signed, checkable offline:
/// docs/tamper-evidence.md has the lines for it. An event is under a checkpoint within about the interval of the sweep.
#[utoipa::path(operation_id = "prove_case_event", tag = "see", params(EventPath, PurposeQuery),
    responses((status = 200, description = "The proof", body = EventProof),
        (status = 409, description = "No checkpoint has the event yet", body = ProblemBody<'static>,
            content_type = "application/problem+json"), ReadProblems))]
#[get("/{id}/events/{seq}/proof")]
pub async fn prove_case_event(
    Then(CaseCaller(caller), query): Then<CaseCaller, Query<PurposeQuery>>,
    path: web::Path<(String, String)>,
) -> Result<web::Json<EventProof>, Problem> {
    let (id, seq) = path.into_inner();
    let id: CaseId = id.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))?;
    let seq: i32 = seq.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))?;
    let seeing = Seeing { client: caller.client, purpose: query.0.stated()? };
    let proof = cases::see(&caller.app, caller.actor(), id, seeing, move |connection, _, case| {
        Ok(checkpoints::prove(connection, case.id.get(), seq)?)
    });
    let proof = proof.await?.ok_or_else(|| Problem::new(NOT_YET_PROVABLE))?;
    Ok(web::Json(proof.into()))
}
