//! The read tables of one case: what `Projection::of` makes of its fold, written where it changed.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::case::Case;
use domain::deadline::Rules;
use domain::id::CaseId;
use serde::Serialize;

use crate::cases::{self, CaseRow};
use crate::clock_changes;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::{Instant, Kept, each_backend, insert_one};
use crate::read_tables;
use crate::schema::{case_backlog, case_organisations, case_people, case_users, claims, deadlines, measures};
use crate::slice::Range;

/// One claim: what is asked, and what was decided on it (Art. 32).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
pub struct ClaimRow {
    pub case_id: i64,
    pub no: i32,
    /// None for an accusation.
    pub text: Option<String>,
    pub reasonableness: String,
    pub result: Option<String>,
}

/// One of the four measures of Art. 27, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = measures, treat_none_as_default_value = false)]
pub struct MeasureRow {
    pub case_id: i64,
    pub kind: String,
    pub state: String,
    pub owner_id: Option<i64>,
    pub due_on: Option<NaiveDate>,
    pub verified_on: Option<NaiveDate>,
}

/// One clock of the case.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = deadlines, treat_none_as_default_value = false)]
pub struct DeadlineRow {
    pub case_id: i64,
    pub no: i32,
    pub kind: String,
    pub state: String,
    pub organisation_id: Option<i64>,
    pub started_on: NaiveDate,
    pub nominal_due_on: NaiveDate,
    pub legal_due_on: NaiveDate,
    /// The next day on which the sweep has something to say of it.
    pub next_alarm_on: Option<NaiveDate>,
}

/// That an organ has or had a part in the case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = case_organisations, treat_none_as_default_value = false)]
pub struct CaseOrganisationRow {
    pub case_id: i64,
    pub organisation_id: i64,
    /// The case's, as are the next two: an organ's cases are listed by them, from an index of this table.
    pub status: String,
    pub next_due_on: Option<NaiveDate>,
    pub updated_at: Instant,
}

/// A person's part in the case, in the order in which they were named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = case_people, treat_none_as_default_value = false)]
pub struct CasePersonRow {
    pub case_id: i64,
    pub person_id: i64,
    /// A [`PersonPart`](crate::projection_of::PersonPart).
    pub part: String,
    pub no: i32,
}

/// A user's part in the case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = case_users, treat_none_as_default_value = false)]
pub struct CaseUserRow {
    pub case_id: i64,
    pub user_id: i64,
    /// A [`UserPart`](crate::projection_of::UserPart).
    pub part: String,
}

/// The case's present or last time on a list of backlog.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = case_backlog, treat_none_as_default_value = false)]
pub struct CaseBacklogRow {
    pub case_id: i64,
    pub stage: String,
    pub batch: String,
    pub list_no: String,
    /// The organ that answers for it.
    pub organisation_id: i64,
    pub listed_on: NaiveDate,
    pub target_on: NaiveDate,
}

/// Everything that the read tables say of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    pub case: CaseRow,
    pub claims: Vec<ClaimRow>,
    pub measures: Vec<MeasureRow>,
    pub deadlines: Vec<DeadlineRow>,
    pub organisations: Vec<CaseOrganisationRow>,
    pub people: Vec<CasePersonRow>,
    pub users: Vec<CaseUserRow>,
    /// One, or none where it was on no list.
    pub backlog: Vec<CaseBacklogRow>,
}

impl Projection {
    /// The case's own row, with nothing that hangs on it.
    pub(crate) const fn without_parts(case: CaseRow) -> Self {
        Self {
            case,
            claims: Vec::new(),
            measures: Vec::new(),
            deadlines: Vec::new(),
            organisations: Vec::new(),
            people: Vec::new(),
            users: Vec::new(),
            backlog: Vec::new(),
        }
    }

    /// Puts every list into the order of its key, in which [`load`] gives them, so that two can be compared.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.claims.sort_by_key(|row| row.no);
        self.measures.sort_by(|one, other| one.kind.cmp(&other.kind));
        self.deadlines.sort_by_key(|row| row.no);
        self.organisations.sort();
        self.people.sort();
        self.users.sort();
        self
    }
}

/// Writes what changed between two states of a case; without a state before, the case is new.
///
/// Both are compared in memory: nothing is read. `updated_at` is when the server wrote down the last event of
/// `after`, in UTC.
///
/// # Errors
/// [`StoreError::Conflict`] on `cases_case_no_key`, `cases_query_code_key` or `cases_source_no_key`;
/// [`StoreError::MissingReference`] for an unknown person; [`StoreError::Broken`] if the read tables do not
/// have the case, so that they want a rebuild.
pub fn project(
    connection: &mut AnyConnection,
    before: Option<&Case>,
    after: &Case,
    rules: &Rules,
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let before = before.map(|case| Projection::of(case, rules, updated_at));
    write_changes(connection, before.as_ref(), &Projection::of(after, rules, updated_at))
}

/// As [`project`], of many cases that there are already: their states before and after.
///
/// # Errors
/// As [`project`].
pub(crate) fn project_all(
    connection: &mut AnyConnection,
    states: &[(&Case, &Case)],
    rules: &Rules,
    updated_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let projected = |case: &Case| Projection::of(case, rules, updated_at);
    let mut changes: Vec<(Projection, Projection)> =
        states.iter().map(|(before, after)| (projected(before), projected(after))).collect();
    if let AnyConnection::Postgres(concrete) = connection {
        let (alike, mut others): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(before, after)| clock_changes::is_one(before, after));
        let incomplete = match alike.is_empty() {
            true => BTreeSet::new(),
            false => clock_changes::write(concrete, &alike)?,
        };
        others.extend(alike.into_iter().filter(|(_, after)| incomplete.contains(&after.case.id)));
        changes = others;
    }
    // The embedded engine has no round trip to spare, and keeps the statement of one row prepared.
    changes.iter().try_for_each(|(before, after)| write_changes(connection, Some(before), after))
}

/// The rows that are only before, and those that are only after; a row that changed is among both.
fn differences<'rows, Row: PartialEq>(
    before: &'rows [Row],
    after: &'rows [Row],
) -> (Vec<&'rows Row>, Vec<&'rows Row>) {
    if before == after {
        return (Vec::new(), Vec::new());
    }
    let gone = before.iter().filter(|row| !after.contains(row)).collect();
    let come = after.iter().filter(|row| !before.contains(row)).collect();
    (gone, come)
}

/// Batches of up to so many rows each have a statement of their own that stays prepared.
const MOST_ROWS_KEPT: usize = 8;

/// Changes the case's rows of one table from those before to those after; a macro, because each table is a type
/// of its own.
macro_rules! change {
    ($connection:expr, $table:ident, $before:expr, $after:expr, |$row:ident| $key:expr) => {{
        let (gone, come) = differences($before, $after);
        for $row in gone {
            diesel::delete($table::table.find($key)).execute($connection)?;
        }
        if !come.is_empty() {
            match $connection {
                // One round trip for all; the text depends on how many, so a large batch is not kept prepared.
                AnyConnection::Postgres(concrete) if come.len() <= MOST_ROWS_KEPT => {
                    let insert = diesel::insert_into($table::table).values(come);
                    Kept(insert.returning($table::case_id)).load::<i64>(concrete)?;
                }
                AnyConnection::Postgres(concrete) => {
                    diesel::insert_into($table::table).values(come).execute(concrete)?;
                }
                AnyConnection::Sqlite(concrete) => {
                    for row in come {
                        insert_one!(concrete, $table, row)?;
                    }
                }
            }
        }
    }};
}

fn write_changes(
    connection: &mut AnyConnection,
    before: Option<&Projection>,
    after: &Projection,
) -> Result<(), StoreError> {
    write_changed_case(connection, before.map(|before| &before.case), &after.case)?;
    change!(connection, claims, before.map_or(&[], |b| &b.claims), &after.claims, |row| (
        row.case_id,
        row.no
    ));
    change!(connection, measures, before.map_or(&[], |b| &b.measures), &after.measures, |row| {
        (row.case_id, row.kind.as_str())
    });
    change!(connection, deadlines, before.map_or(&[], |b| &b.deadlines), &after.deadlines, |row| {
        (row.case_id, row.no)
    });
    let organisations = write_order_of_organisations(connection, before, after)?;
    change!(connection, case_organisations, &organisations, &after.organisations, |row| (
        row.case_id,
        row.organisation_id
    ));
    change!(connection, case_people, before.map_or(&[], |b| &b.people), &after.people, |row| {
        (row.case_id, row.person_id, row.part.as_str())
    });
    change!(connection, case_users, before.map_or(&[], |b| &b.users), &after.users, |row| {
        (row.case_id, row.user_id, row.part.as_str())
    });
    change!(connection, case_backlog, before.map_or(&[], |b| &b.backlog), &after.backlog, |row| row.case_id);
    Ok(())
}

/// What an organ's cases are listed by.
#[derive(AsChangeset)]
#[diesel(table_name = case_organisations)]
struct OrderOfOrganisations<'row> {
    updated_at: Instant,
    status: Option<&'row str>,
    next_due_on: Option<Option<NaiveDate>>,
}

/// Brings what the organs' rows are listed by up to date, in one statement for all; the rows that are there then.
fn write_order_of_organisations(
    connection: &mut AnyConnection,
    before: Option<&Projection>,
    after: &Projection,
) -> Result<Vec<CaseOrganisationRow>, StoreError> {
    let mut rows = before.map(|before| before.organisations.clone()).unwrap_or_default();
    let case = &after.case;
    // The state before does not know when it was written: an event more is what tells that it is older.
    if before.is_none_or(|before| before.case.version == case.version) {
        return Ok(rows);
    }
    let was = before.map(|before| &before.case);
    // As with the case itself, what is named is taken out of its indexes and put in again.
    let change = OrderOfOrganisations {
        updated_at: case.updated_at,
        status: was.filter(|was| was.status != case.status).map(|_| case.status.as_str()),
        next_due_on: was.filter(|was| was.next_due_on != case.next_due_on).map(|_| case.next_due_on),
    };
    let of_case = case_organisations::table.filter(case_organisations::case_id.eq(case.id));
    let update = diesel::update(of_case).set(change);
    each_backend!(connection, concrete => {
        Kept(update.returning(case_organisations::case_id)).load::<i64>(concrete)?;
    });
    for row in &mut rows {
        row.status.clone_from(&case.status);
        (row.next_due_on, row.updated_at) = (case.next_due_on, case.updated_at);
    }
    Ok(rows)
}

fn write_changed_case(
    connection: &mut AnyConnection,
    before: Option<&CaseRow>,
    after: &CaseRow,
) -> Result<(), StoreError> {
    match before {
        None => cases::insert(connection, after),
        Some(before) if before == after => Ok(()),
        Some(before) => match cases::update(connection, before, after) {
            Err(StoreError::NotFound) => {
                let case = CaseId::new(after.id);
                Err(StoreError::broken("cases", format!("case {case} is in the journal only; rebuild")))
            }
            written => written,
        },
    }
}

/// Writes what the read tables say of one case, over whatever they said before.
///
/// # Errors
/// Those of [`cases::insert`]; [`StoreError::MissingReference`] for an unknown person.
pub fn write(connection: &mut AnyConnection, projection: &Projection) -> Result<(), StoreError> {
    read_tables::replace(connection, std::slice::from_ref(projection))
}

/// What the read tables say of the case, if it is there.
///
/// # Errors
/// Only what the database says.
pub fn load(connection: &mut AnyConnection, case_id: i64) -> Result<Option<Projection>, StoreError> {
    Ok(read_tables::load_between(connection, Range::of(case_id))?.remove(&case_id))
}

/// Takes a case out of the read tables; the journal is not touched.
///
/// # Errors
/// Only what the database says.
pub fn delete(connection: &mut AnyConnection, case_id: i64) -> Result<(), StoreError> {
    read_tables::delete(connection, vec![case_id])
}

/// Empties the read tables, for a rebuild in the same transaction; the journal is not touched.
///
/// # Errors
/// Only what the database says.
pub fn clear(connection: &mut AnyConnection) -> Result<(), StoreError> {
    // The rows that hang on a case or a session go with it.
    diesel::delete(crate::schema::cases::table).execute(connection)?;
    diesel::delete(crate::schema::receptions::table).execute(connection)?;
    Ok(())
}

/// A deadline with something to announce; its three parts are the place to go on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueAlarm {
    pub next_alarm_on: NaiveDate,
    pub case_id: i64,
    pub no: i32,
}

/// Up to `limit` deadlines with something to announce by that day, in order, after the given place.
///
/// # Errors
/// Only what the database says.
pub fn due_alarms(
    connection: &mut AnyConnection,
    on_or_before: NaiveDate,
    after: Option<(NaiveDate, i64, i32)>,
    limit: i64,
) -> Result<Vec<DueAlarm>, StoreError> {
    let alarm_on = deadlines::next_alarm_on.assume_not_null();
    let mut due = deadlines::table
        .filter(deadlines::next_alarm_on.is_not_null())
        .filter(alarm_on.le(on_or_before))
        .order((alarm_on, deadlines::case_id, deadlines::no))
        .limit(limit)
        .select((alarm_on, deadlines::case_id, deadlines::no))
        .into_boxed();
    if let Some((day, case_id, no)) = after {
        let same_case = deadlines::case_id.eq(case_id).and(deadlines::no.gt(no));
        let same_day = alarm_on.eq(day).and(deadlines::case_id.gt(case_id).or(same_case));
        // The first condition says nothing new, but lets the index start at the place.
        due = due.filter(alarm_on.ge(day)).filter(alarm_on.gt(day).or(same_day));
    }
    let rows: Vec<(NaiveDate, i64, i32)> = due.load(connection)?;
    Ok(rows.into_iter().map(|(next_alarm_on, case_id, no)| DueAlarm { next_alarm_on, case_id, no }).collect())
}

/// Up to `limit` cases after the given one with a clock that has not ended, in order; a change of calendar recomputes them.
///
/// # Errors
/// Only what the database says.
pub fn cases_with_open_deadlines(
    connection: &mut AnyConnection,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    // Written out, because an index of some rows serves only a condition that both engines see to be its own.
    let open = deadlines::table
        .filter(sql::<Bool>("deadlines.state IN ('running', 'paused')"))
        .filter(deadlines::case_id.gt(after.unwrap_or(i64::MIN)))
        .select(deadlines::case_id)
        .distinct()
        .order(deadlines::case_id)
        .limit(limit);
    Ok(open.load(connection)?)
}
