//! The sessions that somebody may know of: filtered, in the order of their days and times, and paged by the last row seen.

use chrono::{NaiveDate, NaiveTime};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::access::{Actor, Role, Staff};
use domain::id::{OrganisationId, UserId};
use domain::organisation::{Directory, OrganisationKind};
use domain::reception::ReceptionState;
use domain::reception::content::ReceptionKind;
use domain::region::RegionCode;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::StoreError;
use crate::portable::next_prefix;
use crate::receptions::ReceptionRow;
use crate::schema::{organisations, reception_bookings, receptions};

/// Which sessions are asked for; all conditions hold at once.
#[derive(Debug, Clone, Default)]
pub struct ReceptionFilter {
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub leader: Option<UserId>,
    pub organisation: Option<OrganisationId>,
    /// Any of these.
    pub kinds: Vec<ReceptionKind>,
    /// Any of these.
    pub states: Vec<ReceptionState>,
    /// Of organs of this region, or of one inside it.
    pub region: Option<RegionCode>,
    /// With somebody booked who is not told yet.
    pub to_be_told: bool,
}

/// The place of a session in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceptionPlace {
    pub day: NaiveDate,
    pub begins_at: NaiveTime,
    pub id: i64,
}

type Condition = Box<dyn BoxableExpression<receptions::table, MultiBackend, SqlType = Bool>>;

/// What the actor may know of, as [`Reception::is_known_to`] says it of one session; a test holds the two together.
fn known_to(actor: &Actor, directory: &Directory) -> Condition {
    let published: Condition = Box::new(receptions::published_on.is_not_null());
    let Some(staff) = actor.staff() else { return published };
    match arranged_by(staff, directory) {
        Some(arranged) => Box::new(published.or(arranged)),
        None => published,
    }
}

fn arranged_by(staff: &Staff, directory: &Directory) -> Option<Condition> {
    if staff.role.is_administrator() || staff.role == Role::GridMember {
        return None;
    }
    let mut arranged: Condition = Box::new(
        receptions::leader_id
            .eq(staff.user.get())
            .or(receptions::organisation_id.eq(staff.organisation.get())),
    );
    let organ = directory.organisation(staff.organisation);
    let is_office = organ.is_some_and(|organ| organ.kind == OrganisationKind::PetitionDepartment);
    if let Some(territory) = staff.territory.as_ref().filter(|_| is_office) {
        arranged = Box::new(arranged.or(inside(territory.significant_prefix())));
    }
    Some(arranged)
}

/// Of an organ whose region begins with the prefix.
fn inside(prefix: &str) -> Condition {
    let organ = organisations::table
        .filter(organisations::id.eq(receptions::organisation_id))
        .filter(organisations::region_code.ge(prefix.to_owned()));
    match next_prefix(prefix) {
        Some(next) => Box::new(exists(organ.filter(organisations::region_code.lt(next)))),
        None => Box::new(exists(organ)),
    }
}

/// Up to `limit` sessions that the actor may know of, in the order of their days and times, after the given place.
///
/// # Errors
/// Only what the database says.
pub fn list(
    connection: &mut AnyConnection,
    (actor, directory): (&Actor, &Directory),
    filter: &ReceptionFilter,
    after: Option<ReceptionPlace>,
    limit: i64,
) -> Result<Vec<ReceptionRow>, StoreError> {
    let mut query = receptions::table
        .filter(known_to(actor, directory))
        .order((receptions::day, receptions::begins_at, receptions::id))
        .limit(limit)
        .select(ReceptionRow::as_select())
        .into_boxed();
    if let Some(from) = filter.from {
        query = query.filter(receptions::day.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(receptions::day.le(until));
    }
    if let Some(leader) = filter.leader {
        query = query.filter(receptions::leader_id.eq(leader.get()));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(receptions::organisation_id.eq(organisation.get()));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(receptions::kind.eq_any(words(&filter.kinds)));
    }
    if !filter.states.is_empty() {
        query = query.filter(receptions::state.eq_any(words(&filter.states)));
    }
    if let Some(region) = &filter.region {
        query = query.filter(inside(region.significant_prefix()));
    }
    if filter.to_be_told {
        let untold = reception_bookings::table
            .filter(reception_bookings::reception_id.eq(receptions::id))
            .filter(reception_bookings::to_be_told.eq(true));
        query = query.filter(exists(untold));
    }
    if let Some(ReceptionPlace { day, begins_at, id }) = after {
        let same_time = receptions::begins_at.eq(begins_at).and(receptions::id.gt(id));
        let same_day = receptions::day.eq(day).and(receptions::begins_at.gt(begins_at).or(same_time));
        // The first condition says nothing new, but lets the index start at the place.
        query = query.filter(receptions::day.ge(day)).filter(receptions::day.gt(day).or(same_day));
    }
    Ok(query.load(connection)?)
}

fn words(values: &[impl AsRef<str>]) -> Vec<String> {
    values.iter().map(|value| value.as_ref().to_owned()).collect()
}
