//! Numbers of cases, of those that the caller may know of.

use actix_web::{get, web};
use domain::id::{OrganisationId, UserId};
use domain::organisation::OrganisationLevel;
use serde::Serialize;
use store::leaders::LeaderCount;
use utoipa::ToSchema;

use super::cases::call::Caller;
use super::problem::Problem;
use super::problem::documented::ReadProblems;
use crate::service::statistics::{self, LeaderTold};

/// Cases in charge of leaders, and how far they have come.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ChargeCounts {
    /// Those that are closed among them.
    in_charge: u32,
    /// In which the leader still reports.
    open: u32,
    /// Whose matter is resolved.
    resolved: u32,
    /// Whose matter and whose heart is resolved.
    double_resolved: u32,
}

impl From<LeaderCount> for ChargeCounts {
    fn from(count: LeaderCount) -> Self {
        let LeaderCount { in_charge, open, resolved, double_resolved } = count;
        Self { in_charge, open, resolved, double_resolved }
    }
}

/// What one leader has in charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaderCharges {
    leader: UserId,
    #[schema(example = "王县长")]
    name: String,
    /// Where they work now, or worked last.
    organisation: Option<OrganisationId>,
    level: Option<OrganisationLevel>,
    #[serde(flatten)]
    counts: ChargeCounts,
}

/// What the leaders of one level have in charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct LevelCharges {
    level: Option<OrganisationLevel>,
    leaders: usize,
    #[serde(flatten)]
    counts: ChargeCounts,
}

/// Who has how many cases in charge.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChargesView {
    /// Whoever has most in charge first.
    leaders: Vec<LeaderCharges>,
    levels: Vec<LevelCharges>,
}

/// Count what leaders have in charge
///
/// By leader and by the level at which they work now, of the cases that the caller may know of. No accusation is in anybody's charge (Art. 30), so none is
/// counted.
#[utoipa::path(operation_id = "count_charges", tag = "count", responses(
    (status = 200, description = "The counts", body = ChargesView), ReadProblems,
))]
#[get("/statistics/leaders-in-charge")]
pub async fn count_charges(caller: Caller) -> Result<web::Json<ChargesView>, Problem> {
    let told = statistics::charges(&caller.app, &caller.caller_key(), caller.actor()).await?;
    let leader = |LeaderTold { leader, name, organisation, count }: LeaderTold| LeaderCharges {
        leader,
        name,
        organisation: organisation.map(|(id, _)| id),
        level: organisation.map(|(_, level)| level),
        counts: count.into(),
    };
    let levels = told.levels.into_iter().map(|(level, leaders, count)| LevelCharges {
        level,
        leaders,
        counts: count.into(),
    });
    let levels = levels.collect();
    Ok(web::Json(ChargesView { leaders: told.leaders.into_iter().map(leader).collect(), levels }))
}
