//! Many cases at once, for making data to measure on: each row as the journal and the projection would write it.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use domain::id::PersonId;
use domain::person::Person;

use crate::chain;
use crate::connection::{self, AnyConnection, DatabaseUrl, Purpose};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal::{self, EventRow};
use crate::meta;
use crate::people::PersonRow;
use crate::projection::Projection;
use crate::schema::{
    case_backlog, case_numbers, case_organisations, case_people, case_users, cases, claims, deadlines,
    measures, people, users,
};
use crate::sealing::Sealer;
use crate::users::{User, UserRow};

/// Rows a statement of the journal takes: each has eleven values, and SQLite takes 32,766 in one statement.
const MOST_EVENTS: usize = 500;
/// A case that is in no table yet.
#[derive(Debug, Clone)]
pub struct NewCase {
    pub events: Vec<EventRow>,
    pub projection: Projection,
}

/// A person who is in no table yet, and when they were registered, in UTC.
pub type NewPerson = (PersonId, Person, DateTime<Utc>);

/// Opens a connection of its own on which much is written at a time.
///
/// # Errors
/// Those of [`connection::open`].
pub fn open(url: &DatabaseUrl) -> Result<AnyConnection, StoreError> {
    let mut connection = connection::open(url, Purpose::Write)?;
    connection.batch_execute(match url {
        // Events lie by their time, so that those of one case are far apart: the pages in between must stay at hand.
        DatabaseUrl::Sqlite(_) => "PRAGMA cache_size = -1000000; PRAGMA wal_autocheckpoint = 50000",
        DatabaseUrl::Postgres(_) => "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0",
    })?;
    Ok(connection)
}

/// Runs the work in one transaction.
///
/// # Errors
/// What the work answers, and what the database says.
pub fn write<T>(
    connection: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.transaction(work)
}

/// Inserts rows of one table; a macro, because each table is a type of its own.
macro_rules! insert_rows {
    ($connection:expr, $table:ident, $rows:expr) => {{
        let rows: Vec<_> = $rows.collect();
        match $connection {
            AnyConnection::Postgres(concrete) => {
                diesel::copy_from($table::table).from_insertable(&rows).execute(concrete)?;
            }
            AnyConnection::Sqlite(concrete) => {
                // One prepared statement row by row: parsing a long one anew costs more.
                for row in &rows {
                    diesel::insert_into($table::table).values(row).execute(concrete)?;
                }
            }
        }
    }};
}

/// Inserts people, sealed.
///
/// # Errors
/// [`StoreError::Sealing`], [`StoreError::Conflict`] on an id.
pub fn insert_people(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    new: &[NewPerson],
) -> Result<(), StoreError> {
    let sealed = new.iter().map(|(id, person, at)| PersonRow::seal(sealer, *id, person, (*at).into()));
    let sealed = sealed.collect::<Result<Vec<_>, _>>()?;
    insert_rows!(connection, people, sealed.into_iter());
    Ok(())
}

/// Inserts cases: their journals, and what the read tables say of them. Their people are there already.
///
/// # Errors
/// [`StoreError::Conflict`] on an id or a number, [`StoreError::MissingReference`] for an unknown person.
pub fn insert_cases(connection: &mut AnyConnection, new: Vec<NewCase>) -> Result<(), StoreError> {
    let (journals, projections): (Vec<_>, Vec<_>) =
        new.into_iter().map(|case| (case.events, case.projection)).unzip();
    let linked = journals.into_iter().flat_map(|mut journal| {
        chain::link(&mut journal, Digest::ZERO);
        journal
    });
    let journal: Vec<EventRow> = linked.collect();
    insert_rows!(connection, cases, projections.iter().map(|of| of.case.clone()));
    insert_rows!(connection, claims, projections.iter().flat_map(|of| of.claims.clone()));
    insert_rows!(connection, measures, projections.iter().flat_map(|of| of.measures.clone()));
    insert_rows!(connection, deadlines, projections.iter().flat_map(|of| of.deadlines.clone()));
    insert_rows!(connection, case_organisations, projections.iter().flat_map(|of| of.organisations.clone()));
    insert_rows!(connection, case_people, projections.iter().flat_map(|of| of.people.clone()));
    insert_rows!(connection, case_users, projections.iter().flat_map(|of| of.users.clone()));
    insert_rows!(connection, case_backlog, projections.iter().flat_map(|of| of.backlog.clone()));
    for rows in journal.chunks(MOST_EVENTS) {
        journal::insert(connection, rows)?;
    }
    Ok(())
}

/// Inserts accounts, and counts the directories' version up once.
///
/// # Errors
/// [`StoreError::Conflict`] on `users_username_key`, [`StoreError::MissingReference`] for an unknown organ.
pub fn insert_users(connection: &mut AnyConnection, new: &[User]) -> Result<(), StoreError> {
    for user in new {
        diesel::insert_into(users::table).values(UserRow::from(user)).execute(connection)?;
    }
    meta::bump_directory_version(connection)
}

/// Writes down the last serial number of each county and year, over what was there.
///
/// # Errors
/// Only what the database says.
pub fn set_case_numbers(
    connection: &mut AnyConnection,
    numbers: &[(String, i32, i32)],
) -> Result<(), StoreError> {
    for (county, year, last) in numbers {
        let row = case_numbers::table.find((county, year));
        if diesel::update(row).set(case_numbers::last.eq(last)).execute(connection)? == 0 {
            let new =
                (case_numbers::county.eq(county), case_numbers::year.eq(year), case_numbers::last.eq(last));
            diesel::insert_into(case_numbers::table).values(new).execute(connection)?;
        }
    }
    Ok(())
}

/// The last serial number of each county and year.
///
/// # Errors
/// Only what the database says.
pub fn case_numbers(connection: &mut AnyConnection) -> Result<Vec<(String, i32, i32)>, StoreError> {
    Ok(case_numbers::table
        .select((case_numbers::county, case_numbers::year, case_numbers::last))
        .load(connection)?)
}

/// Lets the engine look at what there is, as it would by itself after a while: its plans hang on it.
///
/// # Errors
/// Only what the database says.
pub fn analyse(connection: &mut AnyConnection) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(concrete) => concrete.batch_execute("VACUUM (ANALYZE)")?,
        AnyConnection::Sqlite(concrete) => concrete.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?,
    }
    Ok(())
}
