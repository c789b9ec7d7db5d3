//! The three-level tree of topics, for whoever is signed in.

use actix_web::{HttpRequest, HttpResponse, get};
use serde::{Deserialize, Serialize};
use store::topics::TopicRow;
use utoipa::{IntoParams, ToSchema};

use super::cases::call::Caller;
use super::directory;
use super::paging::{Wanted, bad_parameter};
use super::problem::Problem;
use super::problem::documented::ListProblems;
use super::query::Query;
use super::then::Then;
use crate::service::directories::topics::{self, TopicFilter, above, level_of};

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Topic)]
pub struct TopicView {
    /// Six digits, two for each level.
    #[schema(example = "010101")]
    code: String,
    /// 1 to 3.
    #[schema(minimum = 1, maximum = 3)]
    level: u8,
    /// The topic directly above; null at the top.
    #[schema(example = "010100")]
    parent: Option<String>,
    /// Its own name.
    #[schema(example = "土地承包")]
    name: String,
    level1: String,
    /// Empty for a topic of the first level.
    level2: String,
    /// Empty above the third level.
    level3: String,
    /// The edition of the tree that it comes from.
    #[schema(example = "2020")]
    version: String,
    /// Whether new cases may have it.
    active: bool,
}

impl From<TopicRow> for TopicView {
    fn from(row: TopicRow) -> Self {
        let level = level_of(&row.code);
        let name = match level {
            1 => &row.level1,
            2 => &row.level2,
            _ => &row.level3,
        };
        Self {
            level,
            parent: above(&row.code),
            name: name.clone(),
            code: row.code,
            level1: row.level1,
            level2: row.level2,
            level3: row.level3,
            version: row.version,
            active: row.active,
        }
    }
}

/// Which topics to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TopicsQuery {
    /// Of this first level, by its name.
    level1: Option<String>,
    /// Of this second level, by its name.
    level2: Option<String>,
    /// Directly below the topic of this code.
    parent: Option<String>,
    /// How deep in the tree.
    #[param(minimum = 1, maximum = 3)]
    level: Option<u8>,
    /// A part of a name of any of its levels.
    q: Option<String>,
    /// Whether new cases may have it.
    active: Option<bool>,
    /// 1 to 200, by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    /// Where the page before ended, from its `next_cursor`.
    cursor: Option<String>,
}

/// A page of topics.
#[derive(Serialize, ToSchema)]
pub struct TopicsPage {
    items: Vec<TopicView>,
    /// What to send as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
}

/// List topics
///
/// The nodes of the tree in the order of their codes, each below the one it belongs to.
#[utoipa::path(operation_id = "list_topics", tag = "directories", params(TopicsQuery), responses(
    (status = 200, description = "A page of topics", body = TopicsPage), ListProblems,
))]
#[get("/topics")]
pub async fn list_topics(
    Then(caller, query): Then<Caller, Query<TopicsQuery>>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let TopicsQuery { level1, level2, parent, level, q, active, limit, cursor } = query.0;
    if level.is_some_and(|level| !(1..=3).contains(&level)) {
        return Err(bad_parameter("level", "out_of_range"));
    }
    let wanted = Wanted::read(limit, cursor.as_deref())?;
    let filter = TopicFilter { level1, level2, parent, level, part_of_name: q, active };
    let (version, rows) = topics::list(&caller.app, filter, wanted.after.clone(), wanted.fetched()).await?;
    let (rows, next_cursor) = wanted.cut(rows, |row| row.code.clone());
    let page = TopicsPage { items: rows.into_iter().map(TopicView::from).collect(), next_cursor };
    directory::answer(&request, version, &page, page.next_cursor.as_deref())
}
