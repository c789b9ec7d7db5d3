//! Organs, and who reviews their decisions, for whoever is signed in.

use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::id::OrganisationId;
use domain::organisation::{OrganisationKind, OrganisationLevel};
use domain::region::RegionCode;
use serde::{Deserialize, Serialize};
use store::organisations::{OrganisationFilter, OrganisationRow};
use utoipa::{IntoParams, ToSchema};

use super::cases::call::Caller;
use super::directory;
use super::paging::Wanted;
use super::problem::Problem;
use super::problem::documented::{ListProblems, ReadProblems};
use super::problem::kinds::NOT_FOUND;
use super::query::Query;
use super::then::Then;
use crate::service::directories::organisations;

/// An organ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub struct OrganisationView {
    id: OrganisationId,
    #[schema(example = "上城区信访局")]
    name: String,
    #[schema(value_type = OrganisationKind)]
    kind: String,
    #[schema(value_type = OrganisationLevel)]
    level: String,
    /// The region that it is of.
    #[schema(example = "330102000000")]
    region: String,
    /// The organ above it in the same line.
    superior: Option<OrganisationId>,
    /// Whether it works still.
    active: bool,
}

impl From<OrganisationRow> for OrganisationView {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: OrganisationId::new(row.id),
            name: row.name,
            kind: row.kind,
            level: row.level,
            region: row.region_code,
            superior: row.superior_id.map(OrganisationId::new),
            active: row.active,
        }
    }
}

/// An organ by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedOrganisation {
    /// The organ's identifier.
    pub id: OrganisationId,
    /// Its name.
    #[schema(example = "上城区人民政府")]
    pub name: String,
}

/// An organ with those above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganisationDetail {
    #[serde(flatten)]
    organisation: OrganisationView,
    superior_name: Option<String>,
    /// Who reviews its decisions (复查, Art. 35); null where the directory knows nobody.
    review_authority: Option<NamedOrganisation>,
    /// Who re-reviews them after that (复核, Art. 36).
    re_review_authority: Option<NamedOrganisation>,
}

impl OrganisationDetail {
    /// The organ with those above it.
    pub fn new(
        row: OrganisationRow,
        superior: Option<NamedOrganisation>,
        review_authority: Option<NamedOrganisation>,
        re_review_authority: Option<NamedOrganisation>,
    ) -> Self {
        let superior_name = superior.map(|superior| superior.name);
        Self { organisation: row.into(), superior_name, review_authority, re_review_authority }
    }
}

/// Which organs to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrganisationsQuery {
    /// Any of these.
    #[serde(default)]
    kind: Vec<OrganisationKind>,
    /// Any of these.
    #[serde(default)]
    level: Vec<OrganisationLevel>,
    /// Of this region itself.
    #[param(value_type = Option<String>)]
    region: Option<RegionCode>,
    /// Of this region or one inside it.
    #[param(value_type = Option<String>)]
    under: Option<RegionCode>,
    /// Directly below this organ.
    superior: Option<OrganisationId>,
    /// Whether it works still.
    active: Option<bool>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of organs.
#[derive(Serialize, ToSchema)]
pub struct OrganisationsPage {
    items: Vec<OrganisationView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List organisations
///
/// Organs in the order of their identifiers, also those that work no more.
#[utoipa::path(operation_id = "list_organisations", tag = "directories", params(OrganisationsQuery), responses(
    (status = 200, description = "A page of organs", body = OrganisationsPage), ListProblems,
))]
#[get("/organisations")]
pub async fn list_organisations(
    Then(caller, query): Then<Caller, Query<OrganisationsQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let OrganisationsQuery { kind, level, region, under, superior, active, limit, cursor } = query.0;
    let wanted = Wanted::read(limit, cursor.as_deref())?;
    let filter = OrganisationFilter { kinds: kind, levels: level, region, under, superior, active };
    let after = wanted.after_id()?;
    let (version, rows) = organisations::list(&caller.app, filter, after, wanted.fetched()).await?;
    let (rows, next_cursor) = wanted.cut(rows, |row| OrganisationId::new(row.id).to_string());
    let items = rows.into_iter().map(OrganisationView::from).collect();
    let page = OrganisationsPage { items, next_cursor };
    directory::answer(&request, version, &page, page.next_cursor.as_deref())
}

/// Read an organisation
///
/// With its superior, and the organs that review and re-review its decisions (Art. 35, 36).
#[utoipa::path(operation_id = "get_organisation", tag = "directories", params(
    ("id" = String, Path, description = "The organ's identifier", example = "01HZX5TJ4R2QK"),
), responses((status = 200, description = "The organ", body = OrganisationDetail), ReadProblems))]
#[get("/organisations/{id}")]
pub async fn get_organisation(
    caller: Caller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (version, detail) = organisations::find(&caller.app, id_of(&id)?).await?;
    directory::answer(&request, version, &detail, None)
}

/// The identifier in a path.
///
/// # Errors
/// It is none, so there is no such thing.
pub fn id_of<I: FromStr>(path: &str) -> Result<I, Problem> {
    path.parse().map_err(|_not_an_id| Problem::new(NOT_FOUND))
}
