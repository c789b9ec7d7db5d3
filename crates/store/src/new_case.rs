//! A new case: its people, its read tables and its first events.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use domain::case::{Case, Recorded};
use domain::deadline::Rules;
use serde::Serialize;

use crate::case_journal::{self, new_events};
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::journal::{self, EventRow};
use crate::people::{self, SealedPerson};
use crate::projection::{self, Projection};

/// A case that is not there yet.
pub struct NewCase<'case> {
    pub case: &'case Case,
    pub events: &'case [Recorded],
    /// Those of its people who are not there yet.
    pub people: &'case [SealedPerson],
}

/// Writes a new case; `next_id` gives each event's row its id.
///
/// # Errors
/// Those of [`projection::project`] and [`case_journal::append`]; [`StoreError::Conflict`] on a person's id.
pub fn insert(
    connection: &mut AnyConnection,
    NewCase { case, events, people }: &NewCase<'_>,
    rules: &Rules,
    at: DateTime<Utc>,
    next_id: &mut dyn FnMut() -> i64,
) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Postgres(concrete) => {
            let events = new_events(case.id, 0, events, next_id)?;
            let events = journal::numbered(case.id.get(), 0, &events);
            let rows = AllRows::of(people, &Projection::of(case, rules, at), &events)?;
            rows.load::<i64>(concrete)?;
        }
        AnyConnection::Sqlite(_) => {
            for person in *people {
                people::insert(connection, person)?;
            }
            // The case row first: what the journal and the other read tables refer to.
            projection::project(connection, None, case, rules, at)?;
            case_journal::append(connection, case.id, 0, events, next_id)?;
        }
    }
    Ok(())
}

/// The rows of each table as a JSON array, for one statement: nine would each go to the server and back.
///
/// However many rows there are, the text is the same and stays prepared. References are checked at its end.
struct AllRows {
    others: [(&'static str, String); 8],
    events: String,
}

impl AllRows {
    fn of(people: &[SealedPerson], projection: &Projection, events: &[EventRow]) -> Result<Self, StoreError> {
        Ok(Self {
            others: [
                ("people", json(people)?),
                ("cases", json(std::slice::from_ref(&projection.case))?),
                ("claims", json(&projection.claims)?),
                ("measures", json(&projection.measures)?),
                ("deadlines", json(&projection.deadlines)?),
                ("case_organisations", json(&projection.organisations)?),
                ("case_people", json(&projection.people)?),
                ("case_users", json(&projection.users)?),
            ],
            events: json(events)?,
        })
    }
}

fn json<Row: Serialize>(rows: &[Row]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::broken("cases", error))
}

impl QueryFragment<Pg> for AllRows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut before = "WITH ";
        for (table, rows) in &self.others {
            out.push_sql(before);
            out.push_sql(&format!(
                "new_{table} AS (INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, "
            ));
            out.push_bind_param::<Text, _>(rows)?;
            out.push_sql("::json))");
            before = ", ";
        }
        // Not the position, which the table gives itself.
        const COLUMNS: &str = "id, case_id, seq, kind, body, actor, occurred_at, occurred_on, recorded_at";
        out.push_sql(&format!(
            " INSERT INTO events ({COLUMNS}) SELECT {COLUMNS} FROM json_populate_recordset(NULL::events, "
        ));
        out.push_bind_param::<Text, _>(&self.events)?;
        out.push_sql("::json) RETURNING id");
        Ok(())
    }
}

impl QueryId for AllRows {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for AllRows {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for AllRows {}
