//! Regions and grids, for whoever is signed in.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::NaiveDate;
use domain::region::{RegionCode, RegionLevel};
use serde::{Deserialize, Serialize};
use store::regions::{RegionFilter, RegionRow};
use utoipa::{IntoParams, ToSchema};

use super::cases::call::Caller;
use super::directory;
use super::paging::Wanted;
use super::problem::Problem;
use super::problem::documented::{ListProblems, ReadProblems};
use super::problem::kinds::NOT_FOUND;
use super::query::Query;
use super::then::Then;
use crate::service::directories::regions;

/// A region or grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Region)]
pub struct RegionView {
    /// 12 digits, or 15 with the grid.
    #[schema(example = "330102001000")]
    code: String,
    #[schema(example = "清波街道")]
    name: String,
    #[schema(value_type = RegionLevel)]
    level: String,
    /// The region directly above; null at the top.
    #[schema(example = "330102000000")]
    parent: Option<String>,
    valid_from: NaiveDate,
    /// The last day in force; null while it goes on.
    valid_to: Option<NaiveDate>,
    /// The region that took its place.
    successor: Option<String>,
}

impl From<RegionRow> for RegionView {
    fn from(row: RegionRow) -> Self {
        Self {
            code: row.code,
            name: row.name,
            level: row.level,
            parent: row.parent_code,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            successor: row.successor_code,
        }
    }
}

/// Which regions to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RegionsQuery {
    /// The region directly above.
    #[param(value_type = Option<String>)]
    parent: Option<RegionCode>,
    /// Any of these.
    #[serde(default)]
    level: Vec<RegionLevel>,
    /// This region and everything inside it.
    #[param(value_type = Option<String>)]
    under: Option<RegionCode>,
    /// In force on this day.
    in_force_on: Option<NaiveDate>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of regions.
#[derive(Serialize, ToSchema)]
pub struct RegionsPage {
    items: Vec<RegionView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List regions
///
/// Regions and grids in the order of their codes, also those that have ended.
#[utoipa::path(operation_id = "list_regions", tag = "directories", params(RegionsQuery), responses(
    (status = 200, description = "A page of regions", body = RegionsPage), ListProblems,
))]
#[get("/regions")]
pub async fn list_regions(
    Then(caller, query): Then<Caller, Query<RegionsQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let RegionsQuery { parent, level, under, in_force_on, limit, cursor } = query.0;
    let wanted = Wanted::read(limit, cursor.as_deref())?;
    let filter = RegionFilter { parent, levels: level, under, in_force_on };
    let (version, rows) = regions::list(&caller.app, filter, wanted.after.clone(), wanted.fetched()).await?;
    let (rows, next_cursor) = wanted.cut(rows, |row| row.code.clone());
    let page = RegionsPage { items: rows.into_iter().map(RegionView::from).collect(), next_cursor };
    directory::answer(&request, version, &page, page.next_cursor.as_deref())
}

/// Read a region
///
/// With the days between which it is in force, and its successor where it has one.
#[utoipa::path(operation_id = "get_region", tag = "directories", params(
    ("code" = String, Path, description = "12 digits, or 15 with the grid", example = "330102000000"),
), responses((status = 200, description = "The region", body = RegionView), ReadProblems))]
#[get("/regions/{code}")]
pub async fn get_region(
    caller: Caller,
    code: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (version, row) = regions::find(&caller.app, code_of(&code)?).await?;
    directory::answer(&request, version, &RegionView::from(row), None)
}

/// The code in a path.
///
/// # Errors
/// It is none, so there is no such region.
pub fn code_of(path: &web::Path<String>) -> Result<RegionCode, Problem> {
    path.parse().map_err(|_not_a_code| Problem::new(NOT_FOUND))
}
