//! How often leaders are to receive visits, and how often they did.

use actix_web::{HttpRequest, HttpResponse, get, put, web};
use chrono::NaiveDate;
use domain::id::{OrganisationId, UserId};
use domain::organisation::OrganisationLevel;
use domain::reception::norms::{NormPeriod, ReceptionNorm};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::admin::SystemAdministrator;
use crate::http::answer::Answer;
use crate::http::cases::call::{Caller, KeyHeader, MatchHeader};
use crate::http::conditional::Expected;
use crate::http::directory;
use crate::http::json::Payload;
use crate::http::problem::Problem;
use crate::http::problem::documented::{CommandProblems, ReadProblems};
use crate::http::query::Query;
use crate::http::then::Then;
use crate::service::directories::reception_norms;
use crate::service::receptions::norms::{self, LeaderHeld};

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceptionNorms {
    /// One for a kind and level of organ.
    #[schema(max_items = 100)]
    pub norms: Vec<ReceptionNorm>,
}

/// Read the norms
///
/// How many sessions each leader of an organ of that kind and level holds in a period. An organ that no norm is for owes none.
#[utoipa::path(operation_id = "get_reception_norms", tag = "receive visits", responses(
    (status = 200, description = "The table", body = ReceptionNorms), ReadProblems,
))]
#[get("/norms")]
pub async fn get_reception_norms(caller: Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (version, table) = reception_norms::list(&caller.app).await?;
    directory::answer(&request, version, &table, None)
}

/// Replace the norms
///
/// Puts the whole table in the place of the earlier one.
#[utoipa::path(operation_id = "replace_reception_norms", tag = "administer", params(KeyHeader, MatchHeader),
    request_body(content = ReceptionNorms, example = json!({"norms": [
        {"organ_kind": "government", "organ_level": "county", "period": "month", "sessions": 1}
    ]})),
    responses((status = 200, description = "The table", body = ReceptionNorms), CommandProblems))]
#[put("/reception-norms")]
pub async fn replace_reception_norms(
    Then(administrator, body): Then<SystemAdministrator, Payload<ReceptionNorms>>,
    expected: Expected,
) -> Result<Answer, Problem> {
    let (app, call) = administrator.0.call(body.fingerprint, expected);
    Ok(reception_norms::replace(&app, call, body.value).await?)
}

/// For which periods to count.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HeldQuery {
    /// A day in the periods; by default today.
    on: Option<NaiveDate>,
}

/// What one leader owes and has held.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaderReceptions {
    leader: UserId,
    #[schema(example = "王县长")]
    name: String,
    organisation: OrganisationId,
    organisation_name: String,
    level: OrganisationLevel,
    /// Null, as are the next two, where no norm is for the organ.
    period: Option<NormPeriod>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    /// Sessions that the norm asks for in the period.
    due: u16,
    /// Sessions that were held in it, those that nobody came to among them; without a norm, in the month.
    held: u32,
    /// Whether the norm is met.
    is_met: bool,
    /// Matters that were taken up in these.
    visit_count: u32,
}

impl From<LeaderHeld> for LeaderReceptions {
    fn from(told: LeaderHeld) -> Self {
        let period = told.period.as_ref();
        Self {
            leader: told.leader,
            name: told.name,
            organisation: told.organisation,
            organisation_name: told.organisation_name,
            level: told.level,
            period: period.map(|(period, _)| *period),
            from: period.map(|(_, days)| *days.start()),
            until: period.map(|(_, days)| *days.end()),
            due: told.due,
            held: told.held.sessions,
            is_met: told.held.sessions >= u32::from(told.due),
            visit_count: told.held.visits,
        }
    }
}

/// What the leaders of one level owe and have held.
#[derive(Debug, Serialize, ToSchema)]
pub struct LevelReceptions {
    level: OrganisationLevel,
    leaders: u32,
    /// Leaders who have met their norm, those who owe nothing among them.
    met: u32,
    due: u32,
    held: u32,
    visit_count: u32,
}

/// Who holds how many sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceptionsHeld {
    /// Whoever is furthest behind first.
    leaders: Vec<LeaderReceptions>,
    levels: Vec<LevelReceptions>,
}

/// Count sessions due and held
///
/// Of every leading cadre whose sessions the caller arranges or could arrange, in the period of their norm, and by level. A
/// reviewer sees those of their territory.
#[utoipa::path(operation_id = "count_receptions", tag = "count", params(HeldQuery), responses(
    (status = 200, description = "The counts", body = ReceptionsHeld), ReadProblems,
))]
#[get("/statistics/receptions")]
pub async fn count_receptions(
    Then(caller, query): Then<Caller, Query<HeldQuery>>,
) -> Result<web::Json<ReceptionsHeld>, Problem> {
    let told = norms::held(&caller.app, caller.actor(), query.0.on).await?;
    let leaders: Vec<LeaderReceptions> = told.into_iter().map(LeaderReceptions::from).collect();
    let mut levels = std::collections::BTreeMap::<OrganisationLevel, LevelReceptions>::new();
    for leader in &leaders {
        let none =
            LevelReceptions { level: leader.level, leaders: 0, met: 0, due: 0, held: 0, visit_count: 0 };
        let sum = levels.entry(leader.level).or_insert(none);
        sum.leaders += 1;
        sum.met += u32::from(leader.is_met);
        sum.due += u32::from(leader.due);
        sum.held += leader.held;
        sum.visit_count += leader.visit_count;
    }
    Ok(web::Json(ReceptionsHeld { leaders, levels: levels.into_values().collect() }))
}
