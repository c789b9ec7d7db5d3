//! Keeping the organs: adding, changing, and ending their work. None goes, because cases name them.

use actix_web::{post, put, web};
use domain::id::OrganisationId;
use domain::organisation::{OrganisationKind, OrganisationLevel};
use domain::region::RegionCode;
use domain::text::Line;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SystemAdministrator;
use crate::http::answer::Answer;
use crate::http::cases::call::{KeyHeader, MatchHeader};
use crate::http::conditional::Expected;
use crate::http::json::Payload;
use crate::http::organisations::{OrganisationView, id_of};
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::http::then::Then;
use crate::service::directories::organisations;

/// What is said of an organ.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationEntry {
    #[schema(value_type = String, example = "上城区人力资源和社会保障局")]
    pub name: Line,
    pub kind: OrganisationKind,
    pub level: OrganisationLevel,
    /// The region that it is of.
    pub region: RegionCode,
    /// The organ above it in the same line.
    #[serde(default)]
    pub superior: Option<OrganisationId>,
    /// Whether it works still; it ends once nobody and no organ below is left in it.
    pub active: bool,
}

/// An organ to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    #[schema(value_type = String, example = "上城区人力资源和社会保障局")]
    pub name: Line,
    pub kind: OrganisationKind,
    pub level: OrganisationLevel,
    /// The region that it is of.
    pub region: RegionCode,
    /// The organ above it in the same line.
    #[serde(default)]
    pub superior: Option<OrganisationId>,
}

impl From<NewOrganisation> for OrganisationEntry {
    fn from(new: NewOrganisation) -> Self {
        let NewOrganisation { name, kind, level, region, superior } = new;
        Self { name, kind, level, region, superior, active: true }
    }
}

/// Add an organisation
///
/// Its region and its superior must be there already.
#[utoipa::path(operation_id = "add_organisation", tag = "administer", params(KeyHeader),
    request_body(content = NewOrganisation, example = json!({
        "name": "上城区人力资源和社会保障局", "kind": "functional_department", "level": "county",
        "region": "330102000000"
    })),
    responses((status = 201, description = "Added", body = OrganisationView), CommandProblems))]
#[post("/organisations")]
pub async fn add_organisation(
    Then(administrator, body): Then<SystemAdministrator, Payload<NewOrganisation>>,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, Expected::Any);
    Ok(organisations::add(&app, call, body.value.into()).await?)
}

/// Change an organisation
///
/// Replaces everything but the identifier. With `active` false it works no more: its users and the organs below it
/// go elsewhere first.
#[utoipa::path(operation_id = "update_organisation", tag = "administer", params(
    ("id" = String, Path, description = "The organ's identifier", example = "01HZX5TJ4R2QK"),
    KeyHeader, MatchHeader,
),
    request_body(content = OrganisationEntry, example = json!({
        "name": "上城区人力资源和社会保障局", "kind": "functional_department", "level": "county",
        "region": "330102000000", "active": true
    })),
    responses((status = 200, description = "Changed", body = OrganisationView), CommandProblems))]
#[put("/organisations/{id}")]
pub async fn update_organisation(
    Then(administrator, body): Then<SystemAdministrator, Payload<OrganisationEntry>>,
    id: web::Path<String>,
    expected: Expected,
) -> Result<Answer, Problem> {
    let id = id_of(&id)?;
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(organisations::update(&app, call, id, body.value).await?)
}
