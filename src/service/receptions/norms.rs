//! How often leaders were to receive visits, and how often they did.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::access::{Actor, Duty, Role, Staff};
use domain::id::{OrganisationId, UserId};
use domain::organisation::{Directory, OrganisationLevel};
use domain::reception::norms::{NormPeriod, ReceptionNorm};
use domain::reception::policy::relations_to;
use store::reception_norms::{self, HeldCount};
use store::{AnyConnection, users};

use crate::app::App;
use crate::service::ServiceError;
use crate::service::execute::Circumstances;

/// What a leader owes and has held.
pub struct LeaderHeld {
    /// The leader.
    pub leader: UserId,
    /// Their name.
    pub name: String,
    /// Where they work.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// Its level.
    pub level: OrganisationLevel,
    /// In which days the norm is to be met, where one is for the organ.
    pub period: Option<(NormPeriod, RangeInclusive<NaiveDate>)>,
    /// Sessions that it asks for.
    pub due: u16,
    /// What was held in the period; without a norm, in the month.
    pub held: HeldCount,
}

/// What the leaders whose sessions the actor arranges, or supervises, owe and have held around that day.
///
/// # Errors
/// What the database says.
pub async fn held(
    app: &Arc<App>,
    actor: Actor,
    on: Option<NaiveDate>,
) -> Result<Vec<LeaderHeld>, ServiceError> {
    let inner = Arc::clone(app);
    let count = move |connection: &mut AnyConnection| {
        let circumstances = Circumstances::of(&inner, connection, &actor)?;
        let on = on.unwrap_or_else(|| circumstances.local_now().date());
        let directory = &circumstances.office.directory;
        let norms = reception_norms::load_all(connection)?;
        let mut leaders = directory.leading_cadres();
        leaders.retain(|leader| is_counted(&actor, leader, directory));
        let names = users::display_names(connection, leaders.iter().map(|leader| leader.user.get()))?;
        let mut counted = HashMap::new();
        let mut told = Vec::with_capacity(leaders.len());
        for leader in leaders {
            let Some(organ) = directory.organisation(leader.organisation) else { continue };
            let is_for =
                |norm: &&ReceptionNorm| norm.organ_kind == organ.kind && norm.organ_level == organ.level;
            let norm = norms.iter().find(is_for);
            let days = norm.map_or(NormPeriod::Month, |norm| norm.period).around(on);
            let span = (*days.start(), *days.end());
            let held = match counted.get(&span) {
                Some(held) => held,
                None => {
                    let held = reception_norms::held_between(connection, span)?;
                    counted.entry(span).or_insert(held)
                }
            };
            told.push(LeaderHeld {
                leader: leader.user,
                name: names.get(&leader.user.get()).cloned().unwrap_or_default(),
                organisation: organ.id,
                organisation_name: organ.name.clone(),
                level: organ.level,
                period: norm.map(|norm| (norm.period, days)),
                due: norm.map_or(0, |norm| norm.sessions),
                held: held.get(&leader.user).copied().unwrap_or_default(),
            });
        }
        told.sort_by_key(|it| (Reverse(u32::from(it.due).saturating_sub(it.held.sessions)), it.leader));
        Ok::<_, ServiceError>(told)
    };
    app.store.read(count).await
}

/// Those whose sessions the actor could arrange, and for a reviewer those of their territory.
fn is_counted(actor: &Actor, leader: &Staff, directory: &Directory) -> bool {
    let reviews = || {
        let reviewer =
            actor.staff().filter(|staff| staff.role == Role::Reviewer || staff.has(Duty::Supervise));
        let place = directory.organisation(leader.organisation).map(|organ| &organ.region);
        let territory = reviewer.and_then(|reviewer| reviewer.territory.as_ref());
        territory.zip(place).is_some_and(|(territory, place)| territory.contains(place))
    };
    !relations_to(actor, leader.user, leader.organisation, directory).is_empty() || reviews()
}
