//! What must not be twice at one time: a leader's session, a petitioner's booking, a matter's.

use chrono::{NaiveDate, NaiveTime};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use domain::id::{CaseId, ReceptionId, UserId};
use domain::reception::content::Arrangement;
use domain::reception::{BookingState, ReceptionState};
use strum::VariantArray;

use crate::connection::AnyConnection;
use crate::digest::push_hex;
use crate::error::StoreError;
use crate::projection_of::PersonPart;
use crate::schema::{case_people, cases, people, reception_bookings, receptions, users};

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
    /// When a session of that arrangement is.
    pub const fn of(times: &Arrangement) -> Self {
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
    let ahead = ReceptionState::VARIANTS.iter().filter(|state| state.is_ahead());
    let ahead: Vec<String> = ahead.map(|state| state.as_ref().to_owned()).collect();
    let others = receptions::table
        .filter(receptions::leader_id.eq(leader.get()))
        .filter(receptions::day.eq(span.day))
        .filter(receptions::begins_at.lt(span.until))
        .filter(receptions::ends_at.gt(span.from))
        .filter(receptions::state.eq_any(ahead))
        .filter(receptions::id.ne_all(besides.iter().map(|id| id.get()).collect::<Vec<_>>()));
    Ok(diesel::select(exists(others)).get_result(connection)?)
}

/// Keeps other transactions from booking for any petitioner of these cases until this one ends. Who a petitioner is, the blind
/// index of their identity document tells; who has shown none is not known to be somebody else's petitioner.
///
/// # Errors
/// [`StoreError::Locked`] if another holds one for long.
pub fn lock_petitioners(connection: &mut AnyConnection, cases: &[CaseId]) -> Result<(), StoreError> {
    if !matches!(connection, AnyConnection::Postgres(_)) {
        return Ok(());
    }
    for index in identities_of(connection, cases)? {
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

/// In the order in which everybody locks them. Whoever speaks for a group may do so for two.
fn identities_of(connection: &mut AnyConnection, cases: &[CaseId]) -> Result<Vec<Vec<u8>>, StoreError> {
    let named = case_people::table
        .inner_join(people::table)
        .filter(case_people::case_id.eq_any(cases.iter().map(|case| case.get()).collect::<Vec<_>>()))
        .filter(case_people::part.eq(PersonPart::Petitioner.as_ref()))
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
    let identities = identities_of(connection, &[case])?;
    if identities.is_empty() {
        return Ok(false);
    }
    let of_the_same = case_people::table
        .inner_join(people::table)
        .filter(case_people::part.eq(PersonPart::Petitioner.as_ref()))
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

/// The first case of the chain of repeats that the case belongs to, and every case of that chain.
///
/// # Errors
/// Only what the database says.
pub fn matter_of(connection: &mut AnyConnection, case: CaseId) -> Result<(CaseId, Vec<CaseId>), StoreError> {
    let mut first = case.get();
    loop {
        let earlier = cases::table.find(first).select(cases::repeat_of);
        // A repeat is of an earlier case, so this ends.
        match earlier.first::<Option<i64>>(connection).optional()?.flatten() {
            Some(earlier) if earlier < first => first = earlier,
            _ => break,
        }
    }
    let (mut all, mut newest) = (vec![first], vec![first]);
    while !newest.is_empty() {
        let repeats = cases::table
            .filter(cases::repeat_of.is_not_null())
            .filter(cases::repeat_of.assume_not_null().eq_any(newest))
            .select(cases::id);
        newest = repeats.load(connection)?;
        all.extend(&newest);
    }
    Ok((CaseId::new(first), all.into_iter().map(CaseId::new).collect()))
}

/// The session in which one of the cases of a matter has a live booking, if one has.
///
/// # Errors
/// Only what the database says.
pub fn live_booking_among(
    connection: &mut AnyConnection,
    cases: &[CaseId],
) -> Result<Option<ReceptionId>, StoreError> {
    let found = reception_bookings::table
        .filter(reception_bookings::case_id.eq_any(cases.iter().map(|case| case.get()).collect::<Vec<_>>()))
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
