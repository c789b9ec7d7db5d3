//! The read tables of many cases at once: one statement a table, whatever the number of cases.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::cases::CaseRow;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::portable::each_backend;
use crate::projection::{
    CaseBacklogRow, CaseOrganisationRow, CasePersonRow, CaseUserRow, ClaimRow, DeadlineRow, MeasureRow,
    Projection,
};
use crate::schema::{
    case_backlog, case_organisations, case_people, case_users, cases, claims, deadlines, measures,
};
use crate::slice::Range;

/// What the read tables say of each case in the range, in the order of [`Projection::in_order`].
pub(crate) fn load_between(
    connection: &mut AnyConnection,
    range: Range,
) -> Result<BTreeMap<i64, Projection>, StoreError> {
    let (after, last) = (range.after(), range.last());
    let rows = cases::table.filter(cases::id.gt(after)).filter(cases::id.le(last));
    let rows: Vec<CaseRow> = rows.select(CaseRow::as_select()).load(connection)?;
    let mut told: BTreeMap<i64, Projection> =
        rows.into_iter().map(|case| (case.id, Projection::without_parts(case))).collect();
    /// Loads the range of one table into a list of the projections; a macro, because each table is a type of its own.
    macro_rules! fill {
        ($table:ident, $row:ty, $list:ident) => {{
            let rows = $table::table.filter($table::case_id.gt(after)).filter($table::case_id.le(last));
            let rows: Vec<$row> = rows.select(<$row>::as_select()).load(connection)?;
            for row in rows {
                // The database keeps no such row without its case.
                if let Some(projection) = told.get_mut(&row.case_id) {
                    projection.$list.push(row);
                }
            }
        }};
    }
    fill!(claims, ClaimRow, claims);
    fill!(measures, MeasureRow, measures);
    fill!(deadlines, DeadlineRow, deadlines);
    fill!(case_organisations, CaseOrganisationRow, organisations);
    fill!(case_people, CasePersonRow, people);
    fill!(case_users, CaseUserRow, users);
    fill!(case_backlog, CaseBacklogRow, backlog);
    Ok(told.into_iter().map(|(id, projection)| (id, projection.in_order())).collect())
}

/// Rows of one statement: the widest table has 32 columns, and SQLite takes 32,766 values.
const MOST_ROWS: usize = 500;

/// Writes what the read tables say of the cases, over whatever they said before.
pub(crate) fn replace(connection: &mut AnyConnection, projections: &[Projection]) -> Result<(), StoreError> {
    for some in projections.chunks(MOST_ROWS) {
        delete(connection, some.iter().map(|projection| projection.case.id).collect())?;
    }
    /// Inserts the rows of all cases into one table; a macro, because each table is a type of its own.
    macro_rules! insert {
        ($table:ident, $rows:expr) => {{
            let rows: Vec<_> = $rows.collect();
            for some in rows.chunks(MOST_ROWS) {
                let insert = diesel::insert_into($table::table).values(some.to_vec());
                each_backend!(connection, concrete => insert.execute(concrete))?;
            }
        }};
    }
    insert!(cases, projections.iter().map(|projection| &projection.case));
    insert!(claims, projections.iter().flat_map(|projection| &projection.claims));
    insert!(measures, projections.iter().flat_map(|projection| &projection.measures));
    insert!(deadlines, projections.iter().flat_map(|projection| &projection.deadlines));
    insert!(case_organisations, projections.iter().flat_map(|projection| &projection.organisations));
    insert!(case_people, projections.iter().flat_map(|projection| &projection.people));
    insert!(case_users, projections.iter().flat_map(|projection| &projection.users));
    insert!(case_backlog, projections.iter().flat_map(|projection| &projection.backlog));
    Ok(())
}

/// Takes the cases out of the read tables; the rows that hang on a case go with it.
pub(crate) fn delete(connection: &mut AnyConnection, ids: Vec<i64>) -> Result<(), StoreError> {
    diesel::delete(cases::table.filter(cases::id.eq_any(ids))).execute(connection)?;
    Ok(())
}

/// Keeps every other transaction from changing a case or a session until this one ends, after waiting for those that do.
///
/// A single case cannot be locked here: the row that would be locked may be the one that is missing. The embedded
/// engine has one writer anyway.
pub(crate) fn lock(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if let AnyConnection::Postgres(concrete) = connection {
        // The mode that also waits for who holds a single row, as every command does: a weaker one would deadlock.
        diesel::sql_query("LOCK TABLE cases, receptions IN EXCLUSIVE MODE").execute(concrete)?;
    }
    Ok(())
}
