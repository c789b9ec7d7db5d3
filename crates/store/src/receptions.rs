//! The read tables of reception sessions: what is folded from their journals, for lists and for what must not be booked twice.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use domain::access::{Actor, Staff};
use domain::id::{CaseId, ReceptionId, UserId};
use domain::organisation::{Directory, OrganisationKind};
use domain::reception::{BookingState, Reception, ReceptionState};

use crate::connection::{AnyConnection, MultiBackend};
use crate::digest::push_hex;
use crate::error::StoreError;
use crate::portable::{Instant, next_prefix};
use crate::schema::{case_people, organisations, people, reception_bookings, receptions, users};
use crate::slice::Range;

/// The constraint that a second live booking of a matter breaks; see [`StoreError::is_conflict_on`].
pub const MATTER_BOOKED: &str = "reception_bookings_matter_id_key";

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = receptions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ReceptionRow {
    pub id: i64,
    pub version: i32,
    pub kind: String,
    pub state: String,
    pub leader_id: i64,
    pub organisation_id: i64,
    pub post: String,
    pub responsibilities: String,
    /// The office's day, as the two times are in its time zone.
    pub day: NaiveDate,
    pub begins_at: NaiveTime,
    pub ends_at: NaiveTime,
    pub place: String,
    pub capacity: i32,
    pub waiting_places: i32,
    pub taken: i32,
    pub waiting: i32,
    pub visits: i32,
    pub published_on: Option<NaiveDate>,
    pub updated_at: Instant,
}

/// One matter that is, or was, to be taken up.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reception_bookings, treat_none_as_default_value = false)]
pub struct BookingRow {
    pub reception_id: i64,
    pub no: i32,
    pub case_id: i64,
    pub matter_id: i64,
    pub state: String,
    pub day: NaiveDate,
    pub begins_at: NaiveTime,
    pub ends_at: NaiveTime,
    pub told: bool,
}

/// Everything that the read tables say of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceptionProjection {
    pub reception: ReceptionRow,
    /// In the order of their numbers.
    pub bookings: Vec<BookingRow>,
}

impl ReceptionProjection {
    /// What the read tables are to say of the session.
    pub fn of(reception: &Reception) -> Self {
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let times = &reception.arrangement;
        let bookings = reception.bookings.iter().map(|booking| BookingRow {
            reception_id: reception.id.get(),
            no: booking.no.into(),
            case_id: booking.case.get(),
            matter_id: booking.matter.get(),
            state: booking.state.as_ref().to_owned(),
            day: times.day,
            begins_at: times.from,
            ends_at: times.until,
            told: booking.told,
        });
        Self {
            reception: ReceptionRow {
                id: reception.id.get(),
                version: i32::try_from(reception.version).unwrap_or(i32::MAX),
                kind: reception.kind.as_ref().to_owned(),
                state: reception.state.as_ref().to_owned(),
                leader_id: reception.host.leader.get(),
                organisation_id: reception.organisation.get(),
                post: reception.host.post.as_str().to_owned(),
                responsibilities: reception.host.responsibilities.as_str().to_owned(),
                day: times.day,
                begins_at: times.from,
                ends_at: times.until,
                place: times.place.as_str().to_owned(),
                capacity: times.capacity.into(),
                waiting_places: times.waiting_places.into(),
                taken: count(reception.taken()),
                waiting: count(reception.waiting()),
                visits: count(reception.visits.len()),
                published_on: reception.published_on,
                updated_at: reception.updated_at.into(),
            },
            bookings: bookings.collect(),
        }
    }
}

/// Writes what changed between two states of a session; without a state before, it is new.
///
/// # Errors
/// [`StoreError::Conflict`] on [`MATTER_BOOKED`]; [`StoreError::Broken`] if the read tables do not have the session.
pub fn project(
    connection: &mut AnyConnection,
    before: Option<&Reception>,
    after: &Reception,
) -> Result<(), StoreError> {
    let before = before.map(ReceptionProjection::of);
    let after = ReceptionProjection::of(after);
    match &before {
        None => {
            diesel::insert_into(receptions::table).values(&after.reception).execute(connection)?;
        }
        Some(_) => {
            let row = receptions::table.find(after.reception.id);
            if diesel::update(row).set(&after.reception).execute(connection)? == 0 {
                let session = ReceptionId::new(after.reception.id);
                let detail = format!("session {session} is in the journal only; rebuild");
                return Err(StoreError::broken("receptions", detail));
            }
        }
    }
    let was = before.map(|before| before.bookings).unwrap_or_default();
    for row in was.iter().filter(|row| !after.bookings.contains(row)) {
        diesel::delete(reception_bookings::table.find((row.reception_id, row.no))).execute(connection)?;
    }
    for row in after.bookings.iter().filter(|row| !was.contains(row)) {
        diesel::insert_into(reception_bookings::table).values(row).execute(connection)?;
    }
    Ok(())
}

/// What the read tables say of each session in the range.
pub(crate) fn load_between(
    connection: &mut AnyConnection,
    range: Range,
) -> Result<BTreeMap<i64, ReceptionProjection>, StoreError> {
    let (after, last) = (range.after(), range.last());
    let rows = receptions::table.filter(receptions::id.gt(after)).filter(receptions::id.le(last));
    let rows: Vec<ReceptionRow> = rows.select(ReceptionRow::as_select()).load(connection)?;
    let mut told: BTreeMap<i64, ReceptionProjection> = rows
        .into_iter()
        .map(|reception| (reception.id, ReceptionProjection { reception, bookings: Vec::new() }))
        .collect();
    if told.is_empty() {
        return Ok(told);
    }
    let rows = reception_bookings::table
        .filter(reception_bookings::reception_id.gt(after))
        .filter(reception_bookings::reception_id.le(last))
        .order((reception_bookings::reception_id, reception_bookings::no));
    for row in rows.select(BookingRow::as_select()).load(connection)? {
        // The database keeps no such row without its session.
        if let Some(projection) = told.get_mut(&row.reception_id) {
            projection.bookings.push(row);
        }
    }
    Ok(told)
}

/// Writes what the read tables say of the sessions, over whatever they said before.
pub(crate) fn replace(
    connection: &mut AnyConnection,
    projections: &[ReceptionProjection],
) -> Result<(), StoreError> {
    // All are taken out first: what a matter has live in one of them may have been another's before.
    delete(connection, projections.iter().map(|projection| projection.reception.id).collect())?;
    for projection in projections {
        diesel::insert_into(receptions::table).values(&projection.reception).execute(connection)?;
        for row in &projection.bookings {
            diesel::insert_into(reception_bookings::table).values(row).execute(connection)?;
        }
    }
    Ok(())
}

/// Takes the sessions out of the read tables; their bookings go with them.
pub(crate) fn delete(connection: &mut AnyConnection, ids: Vec<i64>) -> Result<(), StoreError> {
    diesel::delete(receptions::table.filter(receptions::id.eq_any(ids))).execute(connection)?;
    Ok(())
}

/// Keeps other transactions from changing the session, if it is there, until this one ends; the embedded engine has one writer
/// anyway.
///
/// # Errors
/// [`StoreError::Locked`] if another holds it for long.
pub fn lock(connection: &mut AnyConnection, reception: ReceptionId) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        let row = receptions::table.find(reception.get()).select(receptions::id).for_no_key_update();
        row.first::<i64>(concrete).optional()?;
    }
    Ok(())
}

/// Keeps other transactions from giving the leader a session until this one ends; the embedded engine has one writer anyway.
///
/// # Errors
/// [`StoreError::Locked`] if another holds it for long.
pub fn lock_leader(connection: &mut AnyConnection, leader: UserId) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        let row = users::table.find(leader.get()).select(users::id).for_no_key_update();
        row.first::<i64>(concrete).optional()?;
    }
    Ok(())
}

/// When a session is, in the office's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub day: NaiveDate,
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl Span {
    /// When the session is.
    pub fn of(reception: &Reception) -> Self {
        let times = &reception.arrangement;
        Self { day: times.day, from: times.from, until: times.until }
    }
}

/// Whether the leader has a session, other than these, at some of that time. The leader is locked before.
///
/// # Errors
/// Only what the database says.
pub fn is_engaged(
    connection: &mut AnyConnection,
    leader: UserId,
    span: Span,
    besides: &[ReceptionId],
) -> Result<bool, StoreError> {
    let ahead = [ReceptionState::Planned, ReceptionState::Published].map(|state| state.as_ref().to_owned());
    let others = receptions::table
        .filter(receptions::leader_id.eq(leader.get()))
        .filter(receptions::day.eq(span.day))
        .filter(receptions::begins_at.lt(span.until))
        .filter(receptions::ends_at.gt(span.from))
        .filter(receptions::state.eq_any(ahead))
        .filter(receptions::id.ne_all(besides.iter().map(|id| id.get()).collect::<Vec<_>>()));
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

/// Keeps other transactions from booking for any petitioner of the case until this one ends. Who a petitioner is, the blind
/// index of their identity document tells; who has shown none is not known to be somebody else's petitioner.
///
/// # Errors
/// [`StoreError::Locked`] if another holds one for long.
pub fn lock_petitioners(connection: &mut AnyConnection, case: CaseId) -> Result<(), StoreError> {
    if !matches!(connection, AnyConnection::Postgres(_)) {
        return Ok(());
    }
    for index in identities_of(connection, case)? {
        let mut name = String::from("petitioner ");
        push_hex(&mut name, &index);
        if let AnyConnection::Postgres(concrete) = connection {
            diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 22239))")
                .bind::<Text, _>(name)
                .execute(concrete)?;
        }
    }
    Ok(())
}

/// In the order in which everybody locks them.
fn identities_of(connection: &mut AnyConnection, case: CaseId) -> Result<Vec<Vec<u8>>, StoreError> {
    let named = case_people::table
        .inner_join(people::table)
        .filter(case_people::case_id.eq(case.get()))
        .filter(people::identity_index.is_not_null())
        .select(people::identity_index.assume_not_null());
    let mut indexes: Vec<Vec<u8>> = named.load(connection)?;
    indexes.sort();
    indexes.dedup();
    Ok(indexes)
}

/// Whether a petitioner of the case has a live booking of another case at some of that time. They are locked before.
///
/// # Errors
/// Only what the database says.
pub fn petitioner_is_booked(
    connection: &mut AnyConnection,
    case: CaseId,
    span: Span,
) -> Result<bool, StoreError> {
    let identities = identities_of(connection, case)?;
    if identities.is_empty() {
        return Ok(false);
    }
    let of_the_same = case_people::table
        .inner_join(people::table)
        .filter(people::identity_index.is_not_null())
        .filter(people::identity_index.assume_not_null().eq_any(identities))
        .select(case_people::case_id);
    let cases: Vec<i64> = of_the_same.load(connection)?;
    let others = reception_bookings::table
        .filter(reception_bookings::case_id.eq_any(cases))
        .filter(reception_bookings::case_id.ne(case.get()))
        .filter(reception_bookings::day.eq(span.day))
        .filter(reception_bookings::begins_at.lt(span.until))
        .filter(reception_bookings::ends_at.gt(span.from))
        .filter(live());
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

/// Written out, because an index of some rows serves only a condition that both engines see to be its own.
fn live() -> diesel::expression::SqlLiteral<Bool> {
    sql::<Bool>("reception_bookings.state IN ('booked', 'waiting')")
}

/// The session in which the matter has a live booking, if it has one.
///
/// # Errors
/// Only what the database says.
pub fn live_booking_of(
    connection: &mut AnyConnection,
    matter: CaseId,
) -> Result<Option<ReceptionId>, StoreError> {
    let found = reception_bookings::table
        .filter(reception_bookings::matter_id.eq(matter.get()))
        .filter(live())
        .select(reception_bookings::reception_id);
    Ok(found.first(connection).optional()?.map(ReceptionId::new))
}

/// The live booking of the case or, where it has none, the last by the day of its session: the session, and its number there.
///
/// # Errors
/// Only what the database says.
pub fn last_booking_of(
    connection: &mut AnyConnection,
    case: CaseId,
) -> Result<Option<(ReceptionId, u16)>, StoreError> {
    let all = reception_bookings::table.filter(reception_bookings::case_id.eq(case.get())).select((
        reception_bookings::state,
        reception_bookings::day,
        reception_bookings::reception_id,
        reception_bookings::no,
    ));
    let all: Vec<(String, NaiveDate, i64, i32)> = all.load(connection)?;
    let is_live = |state: &str| state.parse::<BookingState>().is_ok_and(BookingState::is_live);
    let last = all.into_iter().max_by_key(|(state, day, id, no)| (is_live(state), *day, *id, *no));
    last.map(|(_, _, id, no)| {
        let no = u16::try_from(no).map_err(|error| StoreError::broken("reception_bookings", error))?;
        Ok((ReceptionId::new(id), no))
    })
    .transpose()
}

/// Which sessions are asked for; all conditions hold at once.
#[derive(Debug, Clone, Default)]
pub struct ReceptionFilter {
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    pub leader: Option<UserId>,
    pub organisation: Option<i64>,
    pub kinds: Vec<String>,
    pub states: Vec<String>,
    /// Below this prefix of region codes.
    pub region_prefix: Option<String>,
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
    if staff.role.is_administrator() || staff.role == domain::access::Role::GridMember {
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
        query = query.filter(receptions::organisation_id.eq(organisation));
    }
    if !filter.kinds.is_empty() {
        query = query.filter(receptions::kind.eq_any(filter.kinds.clone()));
    }
    if !filter.states.is_empty() {
        query = query.filter(receptions::state.eq_any(filter.states.clone()));
    }
    if let Some(prefix) = &filter.region_prefix {
        query = query.filter(inside(prefix));
    }
    if filter.to_be_told {
        let untold = reception_bookings::table
            .filter(reception_bookings::reception_id.eq(receptions::id))
            .filter(reception_bookings::state.eq("booked"))
            .filter(reception_bookings::told.eq(false));
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
