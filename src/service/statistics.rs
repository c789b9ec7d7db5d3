//! Numbers of cases.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use domain::access::{Actor, Scope};
use domain::id::{OrganisationId, UserId};
use domain::organisation::OrganisationLevel;
use store::leaders::{self, LeaderCount};
use store::users;

use super::ServiceError;
use super::execute::Circumstances;
use crate::app::App;

/// A leader, and what they have in charge.
#[derive(Debug)]
pub struct LeaderTold {
    pub leader: UserId,
    pub name: String,
    /// Where they work now, or worked last; none where the directory does not know it.
    pub organisation: Option<(OrganisationId, OrganisationLevel)>,
    pub count: LeaderCount,
}

/// What is in charge of leaders.
#[derive(Debug)]
pub struct Charges {
    /// Whoever has most in charge first.
    pub leaders: Vec<LeaderTold>,
    /// How many leaders of each level have something in charge, and what; the highest first.
    pub levels: Vec<(Option<OrganisationLevel>, usize, LeaderCount)>,
}

/// What is in charge of leaders, of the cases that the actor may know of.
///
/// # Errors
/// What the database says.
pub async fn charges(app: &Arc<App>, caller_key: &str, actor: Actor) -> Result<Charges, ServiceError> {
    let inner = Arc::clone(app);
    app.store
        .read_for(caller_key, move |connection| {
            let circumstances = Circumstances::of(&inner, connection, &actor)?;
            let Some(staff) = circumstances.actor.staff() else { return Err(ServiceError::NotFound) };
            let directory = &circumstances.office.directory;
            let counts = leaders::count_by_leader(connection, &Scope::of(staff, directory))?;
            let ids = counts.keys().map(|leader| leader.get());
            let mut known = users::names_and_organisations(connection, ids)?;
            let told = counts.into_iter().map(|(leader, count)| {
                let (name, organisation) = known.remove(&leader.get()).unwrap_or_default();
                let organ = directory.organisation(OrganisationId::new(organisation));
                LeaderTold { leader, name, organisation: organ.map(|organ| (organ.id, organ.level)), count }
            });
            let mut leaders: Vec<LeaderTold> = told.collect();
            leaders.sort_by_key(|told| Reverse(told.count.in_charge));
            Ok(Charges { levels: by_level(&leaders), leaders })
        })
        .await
}

fn by_level(leaders: &[LeaderTold]) -> Vec<(Option<OrganisationLevel>, usize, LeaderCount)> {
    let mut levels = BTreeMap::<_, (usize, LeaderCount)>::new();
    for LeaderTold { organisation, count, .. } in leaders {
        let (leaders, sum) = levels.entry(organisation.map(|(_, level)| level)).or_default();
        *leaders += 1;
        sum.in_charge += count.in_charge;
        sum.open += count.open;
        sum.resolved += count.resolved;
        sum.double_resolved += count.double_resolved;
    }
    levels.into_iter().map(|(level, (leaders, sum))| (level, leaders, sum)).collect()
}
