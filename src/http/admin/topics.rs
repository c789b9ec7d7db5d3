//! Keeping the tree of topics.

use actix_web::{post, put, web};
use domain::text::Line;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SystemAdministrator;
use crate::http::answer::Answer;
use crate::http::cases::call::{KeyHeader, MatchHeader};
use crate::http::conditional::Expected;
use crate::http::json::Payload;
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::http::then::Then;
use crate::http::topics::TopicView;
use crate::service::directories::topics;

/// A topic to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopic {
    /// Six digits, two for each level; the levels above it must be there.
    #[schema(example = "010188")]
    pub code: String,
    #[schema(value_type = String, example = "新业态用工")]
    pub name: Line,
}

/// What is said of a topic.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicEntry {
    /// A new name shows in everything below the topic as well.
    #[schema(value_type = String, example = "新业态用工")]
    pub name: Line,
    /// Whether new cases may have it; what is withdrawn takes everything below with it.
    pub active: bool,
}

/// Add a topic
///
/// Its code says where in the tree it stands.
#[utoipa::path(operation_id = "add_topic", tag = "administer", params(KeyHeader),
    request_body(content = NewTopic, example = json!({"code": "010188", "name": "新业态用工"})),
    responses((status = 201, description = "Added", body = TopicView), CommandProblems))]
#[post("/topics")]
pub async fn add_topic(
    Then(administrator, body): Then<SystemAdministrator, Payload<NewTopic>>,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(topics::add(&app, call, body.value).await?)
}

/// Change a topic
///
/// Renames it, withdraws it with everything below it, or takes it back into use.
#[utoipa::path(operation_id = "update_topic", tag = "administer", params(
    ("code" = String, Path, description = "Six digits", example = "010188"), KeyHeader, MatchHeader,
),
    request_body(content = TopicEntry, example = json!({"name": "新业态用工", "active": false})),
    responses((status = 200, description = "Changed", body = TopicView), CommandProblems))]
#[put("/topics/{code}")]
pub async fn update_topic(
    Then(administrator, body): Then<SystemAdministrator, Payload<TopicEntry>>,
    code: web::Path<String>,
    expected: Expected,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(topics::update(&app, call, code.into_inner(), body.value).await?)
}
