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
use crate::case_keys;
use crate::connection::AnyConnection;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::journal::{self, EventRow};
use crate::people::{self, SealedPerson};
use crate::projection::{self, Projection};
use crate::sealing::Sealer;

/// A case that is not there yet.
pub struct NewCase<'case> {
    pub case: &'case Case,
    pub events: &'case [Recorded],
    /// Those of its people who are not there yet.
    pub people: &'case [SealedPerson],
}

/// Writes a new case; `next_id` gives each event's row its id. What the events of a confidential one say is sealed.
///
/// # Errors
/// Those of [`projection::project`] and [`case_journal::append`]; [`StoreError::Conflict`] on a person's id.
pub fn insert(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    NewCase { case, events, people }: &NewCase<'_>,
    rules: &Rules,
    at: DateTime<Utc>,
    next_id: &mut dyn FnMut() -> i64,
) -> Result<(), StoreError> {
    let sealing = case.is_confidential().then_some(sealer);
    let key = sealing.map(|sealer| case_keys::make(connection, sealer, case.id.get())).transpose()?;
    match connection {
        AnyConnection::Postgres(concrete) => {
            let events = new_events(case.id, key.as_ref(), 0, events, next_id)?;
            let events = journal::numbered(case.id.get(), 0, Digest::ZERO, &events);
            let rows = AllRows::of(people, &Projection::of(case, rules, at), &events)?;
            rows.get_result::<i64>(concrete)?;
        }
        AnyConnection::Sqlite(_) => {
            for person in *people {
                people::insert(connection, person)?;
            }
            // The case row first: what the journal and the other read tables refer to.
            projection::project(connection, None, case, rules, at)?;
            case_journal::append_under(connection, key.as_ref(), case.id, 0, events, next_id)?;
        }
    }
    Ok(())
}

/// The tables of a new case and their columns, those referred to first. Named, because a later version may add columns, whose
/// defaults hold for what a process of this one writes.
const TABLES: [(&str, &str); 9] = [
    (
        "people",
        "id, name_sealed, identity_sealed, phone_sealed, address_sealed, particulars_sealed, identity_index, \
         name_phone_index, created_at",
    ),
    (
        "cases",
        "id, case_no, query_code, version, status, purpose, channel, source, subject, attribution_region, \
         topic_code, holder_id, registered_by, filed_at, accepted_on, closed_on, matter_resolved_on, \
         heart_resolved_on, double_resolved_on, head_count, group_petition, anonymous, repeat_of, confidential, \
         next_due_on, overdue, source_no, updated_at, terminated_on, received_by, supervision, \
         repeat_count",
    ),
    ("claims", "case_id, no, text, reasonableness, result"),
    ("measures", "case_id, kind, state, owner_id, due_on, verified_on"),
    (
        "deadlines",
        "case_id, no, kind, state, organisation_id, started_on, nominal_due_on, legal_due_on, next_alarm_on",
    ),
    ("case_organisations", "case_id, organisation_id, status, next_due_on, updated_at"),
    ("case_people", "case_id, person_id, part, no"),
    ("case_users", "case_id, user_id, part"),
    ("events", "id, case_id, seq, kind, body, actor, occurred_at, occurred_on, recorded_at, hash"),
];

/// The rows of each table as a JSON array, for one statement: nine would each go to the server and back.
///
/// However many rows there are, the text is the same and stays prepared. References are checked at its end.
struct AllRows([String; TABLES.len()]);

impl AllRows {
    fn of(people: &[SealedPerson], projection: &Projection, events: &[EventRow]) -> Result<Self, StoreError> {
        Ok(Self([
            json(people)?,
            json(std::slice::from_ref(&projection.case))?,
            json(&projection.claims)?,
            json(&projection.measures)?,
            json(&projection.deadlines)?,
            json(&projection.organisations)?,
            json(&projection.people)?,
            json(&projection.users)?,
            json(events)?,
        ]))
    }
}

fn json<Row: Serialize>(rows: &[Row]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::broken("cases", error))
}

impl QueryFragment<Pg> for AllRows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut before = "WITH ";
        for ((table, columns), rows) in TABLES.iter().zip(&self.0) {
            out.push_sql(&format!(
                "{before}new_{table} AS (INSERT INTO {table} ({columns}) \
                 SELECT {columns} FROM json_populate_recordset(NULL::{table}, "
            ));
            out.push_bind_param::<Text, _>(rows)?;
            out.push_sql("::json) RETURNING 1)");
            before = ", ";
        }
        out.push_sql(" SELECT count(*) FROM new_events");
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
