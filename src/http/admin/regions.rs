//! Keeping the regions: adding, renaming, ending, merging. A code never changes and never goes.

use actix_web::{post, put, web};
use chrono::NaiveDate;
use domain::region::RegionCode;
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
use crate::http::regions::{RegionView, code_of};
use crate::http::then::Then;
use crate::service::directories::regions;

/// What is said of a region.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionEntry {
    #[schema(value_type = String, example = "清波街道")]
    pub name: Line,
    /// The region above; by default the nearest known one that the code is inside of.
    #[serde(default)]
    pub parent: Option<RegionCode>,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The last day in force; null while it goes on.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The region that takes its place, where it ends.
    #[serde(default)]
    pub successor: Option<RegionCode>,
}

/// A region to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegion {
    pub code: RegionCode,
    #[schema(value_type = String, example = "清波街道")]
    pub name: Line,
    /// The region above; by default the nearest known one that the code is inside of.
    #[serde(default)]
    pub parent: Option<RegionCode>,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The last day in force; null while it goes on.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// The region that takes its place, where it ends.
    #[serde(default)]
    pub successor: Option<RegionCode>,
}

impl NewRegion {
    /// The code, and what is said of it.
    pub fn parts(self) -> (RegionCode, RegionEntry) {
        let Self { code, name, parent, valid_from, valid_to, successor } = self;
        (code, RegionEntry { name, parent, valid_from, valid_to, successor })
    }
}

/// Add a region
///
/// The level follows from the code. What contains it must be there already.
#[utoipa::path(operation_id = "add_region", tag = "administer", params(KeyHeader),
    request_body(content = NewRegion, example = json!({
        "code": "330102001000", "name": "清波街道", "valid_from": "2026-01-01"
    })),
    responses((status = 201, description = "Added", body = RegionView), CommandProblems))]
#[post("/regions")]
pub async fn add_region(
    Then(administrator, body): Then<SystemAdministrator, Payload<NewRegion>>,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(regions::add(&app, call, body.value).await?)
}

/// Change a region
///
/// Replaces everything but the code. A region that was merged away ends and names its successor.
#[utoipa::path(operation_id = "update_region", tag = "administer", params(
    ("code" = String, Path, description = "12 digits, or 15 with the grid", example = "330102001000"),
    KeyHeader, MatchHeader,
),
    request_body(content = RegionEntry, example = json!({
        "name": "清波街道", "valid_from": "2026-01-01", "valid_to": "2026-12-31", "successor": "330102002000"
    })),
    responses((status = 200, description = "Changed", body = RegionView), CommandProblems))]
#[put("/regions/{code}")]
pub async fn update_region(
    Then(administrator, body): Then<SystemAdministrator, Payload<RegionEntry>>,
    code: web::Path<String>,
    expected: Expected,
) -> Result<Answer, Problem> {
    let code = code_of(&code)?;
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(regions::update(&app, call, code, body.value).await?)
}
