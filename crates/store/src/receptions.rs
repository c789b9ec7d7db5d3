//! The read tables of reception sessions: what is folded from their journals.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use domain::id::ReceptionId;
use domain::reception::Reception;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::Instant;
use crate::schema::{reception_bookings, receptions};
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
    pub to_be_told: bool,
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
            to_be_told: booking.is_to_be_told(),
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
    // Both are in the order of their numbers, of which none goes away.
    let mut was = was.iter().peekable();
    for row in &after.bookings {
        match was.next_if(|was| was.no == row.no) {
            Some(same) if same == row => continue,
            Some(_) => {
                diesel::delete(reception_bookings::table.find((row.reception_id, row.no)))
                    .execute(connection)?;
            }
            None => {}
        }
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
