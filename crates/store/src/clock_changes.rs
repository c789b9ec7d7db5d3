//! What the clocks change of many cases on PostgreSQL, in one statement a table: the sweep and a changed calendar touch a
//! clock, when the case is due, what supervision waits for, and seldom its state.

use std::collections::{BTreeMap, BTreeSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamp};

use crate::cases::CaseRow;
use crate::error::StoreError;
use crate::portable::Kept;
use crate::projection::{CaseOrganisationRow, DeadlineRow, Projection};

/// Whether nothing else changed.
pub(crate) fn is_one(before: &Projection, after: &Projection) -> bool {
    let Projection { case, claims, measures, deadlines, organisations, people, users, backlog } = before;
    let same_case = CaseRow {
        version: after.case.version,
        updated_at: after.case.updated_at,
        status: after.case.status.clone(),
        next_due_on: after.case.next_due_on,
        overdue: after.case.overdue,
        terminated_on: after.case.terminated_on,
        supervision: after.case.supervision.clone(),
        ..case.clone()
    };
    let same_clocks = deadlines.iter().zip(&after.deadlines).all(|(before, after)| {
        let same = DeadlineRow {
            state: after.state.clone(),
            nominal_due_on: after.nominal_due_on,
            legal_due_on: after.legal_due_on,
            next_alarm_on: after.next_alarm_on,
            ..before.clone()
        };
        same == *after
    });
    let same_organisations = organisations.iter().zip(&after.organisations).all(|(before, after)| {
        let same = CaseOrganisationRow {
            status: after.status.clone(),
            next_due_on: after.next_due_on,
            updated_at: after.updated_at,
            ..before.clone()
        };
        same == *after
    });
    same_case == after.case
        && deadlines.len() == after.deadlines.len()
        && same_clocks
        && organisations.len() == after.organisations.len()
        && same_organisations
        && (claims, measures, people, users, backlog)
            == (&after.claims, &after.measures, &after.people, &after.users, &after.backlog)
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = BigInt)]
    case_id: i64,
}

/// Each column of the rows by itself, as a statement takes them; a macro, because each has a type of its own.
macro_rules! column {
    ($rows:expr, |$row:ident| $value:expr) => {
        $rows.iter().map(|$row| $value).collect::<Vec<_>>()
    };
}

const CASES: &str = "WITH changed AS MATERIALIZED (\
     SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) \
     AS changed (id, version, updated_at, status, next_due_on, overdue, terminated_on, supervision)), \
     of_organisations AS (\
     UPDATE case_organisations SET status = changed.status, next_due_on = changed.next_due_on, \
     updated_at = changed.updated_at FROM changed WHERE case_organisations.case_id = changed.id) \
     UPDATE cases SET version = changed.version, updated_at = changed.updated_at, status = changed.status, \
     next_due_on = changed.next_due_on, overdue = changed.overdue, terminated_on = changed.terminated_on, \
     supervision = changed.supervision \
     FROM changed WHERE cases.id = changed.id RETURNING cases.id AS case_id";

const DEADLINES: &str = "UPDATE deadlines SET state = changed.state, nominal_due_on = changed.nominal_due_on, \
     legal_due_on = changed.legal_due_on, next_alarm_on = changed.next_alarm_on \
     FROM unnest($1, $2, $3, $4, $5, $6) \
     AS changed (case_id, no, state, nominal_due_on, legal_due_on, next_alarm_on) \
     WHERE deadlines.case_id = changed.case_id AND deadlines.no = changed.no RETURNING deadlines.case_id";

/// Writes changes of which each [is one](is_one), and tells of which cases the read tables have not all the rows that were
/// to change.
///
/// # Errors
/// Only what the database says.
pub(crate) fn write(
    connection: &mut PgConnection,
    changes: &[(Projection, Projection)],
) -> Result<BTreeSet<i64>, StoreError> {
    let cases: Vec<&CaseRow> = changes.iter().map(|(_, after)| &after.case).collect();
    let statement = diesel::sql_query(CASES)
        .bind::<Array<BigInt>, _>(column!(cases, |row| row.id))
        .bind::<Array<Integer>, _>(column!(cases, |row| row.version))
        .bind::<Array<Timestamp>, _>(column!(cases, |row| row.updated_at))
        .bind::<Array<Text>, _>(column!(cases, |row| row.status.as_str()))
        .bind::<Array<Nullable<Date>>, _>(column!(cases, |row| row.next_due_on))
        .bind::<Array<Bool>, _>(column!(cases, |row| row.overdue))
        .bind::<Array<Nullable<Date>>, _>(column!(cases, |row| row.terminated_on))
        .bind::<Array<Nullable<Text>>, _>(column!(cases, |row| row.supervision.as_deref()));
    let changed: Vec<Changed> = Kept(statement).load(connection)?;
    let mut incomplete = left_out(&changed, cases.iter().map(|row| row.id));
    let clocks: Vec<&DeadlineRow> = changes
        .iter()
        .flat_map(|(before, after)| before.deadlines.iter().zip(&after.deadlines))
        .filter_map(|(before, after)| (before != after).then_some(after))
        .collect();
    let statement = diesel::sql_query(DEADLINES)
        .bind::<Array<BigInt>, _>(column!(clocks, |row| row.case_id))
        .bind::<Array<Integer>, _>(column!(clocks, |row| row.no))
        .bind::<Array<Text>, _>(column!(clocks, |row| row.state.as_str()))
        .bind::<Array<Date>, _>(column!(clocks, |row| row.nominal_due_on))
        .bind::<Array<Date>, _>(column!(clocks, |row| row.legal_due_on))
        .bind::<Array<Nullable<Date>>, _>(column!(clocks, |row| row.next_alarm_on));
    let changed: Vec<Changed> = Kept(statement).load(connection)?;
    incomplete.append(&mut left_out(&changed, clocks.iter().map(|row| row.case_id)));
    Ok(incomplete)
}

/// The cases of which fewer rows were changed than was meant.
fn left_out(changed: &[Changed], meant: impl Iterator<Item = i64>) -> BTreeSet<i64> {
    let mut missing: BTreeMap<i64, i64> = BTreeMap::new();
    for id in meant {
        *missing.entry(id).or_default() += 1;
    }
    for row in changed {
        *missing.entry(row.case_id).or_default() -= 1;
    }
    missing.into_iter().filter_map(|(id, rows)| (rows > 0).then_some(id)).collect()
}
