//! What the engine itself can do, for measurements to be compared with: its floor.

use diesel::connection::SimpleConnection;
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};

use crate::bulk::{NewCase, NewPerson};
use crate::connection::{AnyConnection, DatabaseUrl};
use crate::error::StoreError;
use crate::idempotency::{self, KeptAnswer};
use crate::people::PersonRow;
use crate::portable::each_backend;
use crate::schema::{
    case_backlog, case_organisations, case_people, case_users, cases, claims, deadlines, events, measures,
    people,
};
use crate::sealing::Sealer;

diesel::table! {
    bench_floor (id) {
        id -> Integer,
        body -> Binary,
    }
}

/// Every row that the filing of one petition writes, made beforehand: what is left is the engine's own work.
pub struct FilingRows {
    person: PersonRow,
    case: NewCase,
    answer: KeptAnswer,
}

impl FilingRows {
    /// The rows of a petition, of its one petitioner and of the answer that is kept for repetitions.
    ///
    /// # Errors
    /// [`StoreError::Sealing`].
    pub fn new(
        sealer: &Sealer,
        (id, person, at): &NewPerson,
        case: NewCase,
        answer: KeptAnswer,
    ) -> Result<Self, StoreError> {
        Ok(Self { person: PersonRow::seal(sealer, *id, person, (*at).into())?, case, answer })
    }
}

/// Inserts each row with its prepared statement; a macro, because each table is a type of its own.
macro_rules! insert_each {
    ($connection:expr, $table:ident, $rows:expr) => {
        for row in $rows {
            each_backend!($connection, concrete => {
                diesel::insert_into($table::table).values(row).execute(concrete)
            })?;
        }
    };
}

/// Writes the petitions in one commit.
///
/// # Errors
/// What the database says.
pub fn commit_filings(connection: &mut AnyConnection, group: &[FilingRows]) -> Result<(), StoreError> {
    connection.transaction(|connection| {
        let position: i64 = match connection {
            AnyConnection::Sqlite(concrete) => {
                let last = events::table.select(diesel::dsl::max(events::position));
                last.first::<Option<i64>>(concrete)?.unwrap_or(0) + 1
            }
            // The column's default is the number of the transaction.
            AnyConnection::Postgres(_) => 0,
        };
        for FilingRows { person, case, answer } in group {
            let of = &case.projection;
            insert_each!(connection, people, [person]);
            insert_each!(connection, cases, [&of.case]);
            insert_each!(connection, claims, &of.claims);
            insert_each!(connection, measures, &of.measures);
            insert_each!(connection, deadlines, &of.deadlines);
            insert_each!(connection, case_organisations, &of.organisations);
            insert_each!(connection, case_people, &of.people);
            insert_each!(connection, case_users, &of.users);
            insert_each!(connection, case_backlog, &of.backlog);
            for event in &case.events {
                match connection {
                    AnyConnection::Sqlite(concrete) => {
                        let row = (event, events::position.eq(position));
                        diesel::insert_into(events::table).values(row).execute(concrete)?
                    }
                    AnyConnection::Postgres(concrete) => {
                        diesel::insert_into(events::table).values(event).execute(concrete)?
                    }
                };
            }
            idempotency::insert(connection, answer)?;
        }
        Ok(())
    })
}

/// Makes so many rows of these bytes, in the place of earlier ones.
///
/// # Errors
/// What the database says.
pub fn make_selectable(connection: &mut AnyConnection, bytes: &[u8], count: i32) -> Result<(), StoreError> {
    let kind = if matches!(connection, AnyConnection::Sqlite(_)) { "BLOB" } else { "BYTEA" };
    connection.batch_execute(&format!(
        "DROP TABLE IF EXISTS bench_floor; \
         CREATE TABLE bench_floor (id INTEGER NOT NULL PRIMARY KEY, body {kind} NOT NULL)"
    ))?;
    connection.transaction(|connection| {
        for id in 0..count {
            let row = (bench_floor::id.eq(id), bench_floor::body.eq(bytes));
            diesel::insert_into(bench_floor::table).values(row).execute(connection)?;
        }
        Ok(())
    })
}

/// One prepared select of one row by its key.
///
/// # Errors
/// [`StoreError::NotFound`].
pub fn select(connection: &mut AnyConnection, id: i32) -> Result<Vec<u8>, StoreError> {
    let row = bench_floor::table.find(id).select(bench_floor::body);
    Ok(each_backend!(connection, concrete => row.first(concrete))?)
}

/// Takes the rows of [`make_selectable`] away.
///
/// # Errors
/// What the database says.
pub fn remove_selectable(connection: &mut AnyConnection) -> Result<(), StoreError> {
    Ok(connection.batch_execute("DROP TABLE IF EXISTS bench_floor")?)
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

/// How much the database holds on disk, in bytes, an embedded one with its log.
///
/// # Errors
/// What the database says.
pub fn size(connection: &mut AnyConnection, url: &DatabaseUrl) -> Result<i64, StoreError> {
    match (connection, url) {
        (AnyConnection::Postgres(concrete), _) => {
            let size = diesel::sql_query("SELECT pg_database_size(current_database()) AS number");
            Ok(size.get_result::<Bytes>(concrete)?.number)
        }
        (AnyConnection::Sqlite(_), DatabaseUrl::Sqlite(path)) => {
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            let length = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
            Ok(i64::try_from(length(path) + length(log.as_ref())).unwrap_or(i64::MAX))
        }
        (AnyConnection::Sqlite(_), DatabaseUrl::Postgres(_)) => Ok(0),
    }
}

/// The number of the server's process that serves this connection, in the server's own numbering; an embedded database
/// has none.
///
/// # Errors
/// What the database says.
pub fn backend_process(connection: &mut AnyConnection) -> Result<Option<i32>, StoreError> {
    let AnyConnection::Postgres(concrete) = connection else { return Ok(None) };
    Ok(Some(diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result::<Backend>(concrete)?.pid))
}

/// How many events the journal has.
///
/// # Errors
/// What the database says.
pub fn event_count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(events::table.select(count_star()).first(connection)?)
}

/// How many clocks have not ended.
///
/// # Errors
/// What the database says.
pub fn open_clock_count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let open = deadlines::table.filter(deadlines::state.eq_any(["running", "paused"]));
    Ok(open.select(count_star()).first(connection)?)
}

/// Makes a schema of a database server, if it is not there.
///
/// # Errors
/// What the database says.
pub fn make_schema(connection: &mut AnyConnection, name: &str) -> Result<(), StoreError> {
    Ok(connection.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {name}"))?)
}
