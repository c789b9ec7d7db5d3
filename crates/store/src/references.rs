//! What rows of the read tables refer to though it is not there.
//!
//! Journals outlive what they name, so the database itself guards only a few of these references.

use diesel::dsl::exists;
use diesel::prelude::*;
use domain::id::{CaseId, ReceptionId};

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::schema::{
    case_backlog, case_organisations, case_people, case_users, cases, deadlines, measures, organisations,
    people, reception_bookings, receptions, regions, topics, users,
};
use crate::slice::{Range, Subject};

/// A reference to what is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Whose row it is.
    pub(crate) of: Subject,
    /// Where the reference stands, `table.column`.
    pub(crate) column: &'static str,
    /// What it names.
    pub(crate) value: String,
}

/// The missing references of the cases and sessions in the range.
pub(crate) fn missing_between(
    connection: &mut AnyConnection,
    range: Range,
) -> Result<Vec<Missing>, StoreError> {
    let (after, last) = (range.after(), range.last());
    let mut all = Vec::new();
    let case = |id| Subject::Case(CaseId::new(id));
    let reception = |id| Subject::Reception(ReceptionId::new(id));
    /// Looks for the values of one column that the other table does not have; a macro, because each column is a type
    /// of its own.
    macro_rules! look {
        ($of:expr, $table:ident . $key:ident, $column:ident => $target:ident . $id:ident, $value:ty) => {{
            let there = $target::table.filter($target::$id.nullable().eq($table::$column.nullable()));
            let missing = $table::table
                .filter($table::$key.gt(after))
                .filter($table::$key.le(last))
                .filter($table::$column.nullable().is_not_null())
                .filter(diesel::dsl::not(exists(there)))
                .select(($table::$key, $table::$column.nullable().assume_not_null()));
            let column = concat!(stringify!($table), ".", stringify!($column));
            let missing: Vec<(i64, $value)> = missing.load(connection)?;
            all.extend(missing.into_iter().map(|(id, value)| Missing {
                of: $of(id),
                column,
                value: value.to_string(),
            }));
        }};
    }
    look!(case, cases.id, attribution_region => regions.code, String);
    look!(case, cases.id, topic_code => topics.code, String);
    look!(case, cases.id, holder_id => organisations.id, i64);
    look!(case, cases.id, registered_by => users.id, i64);
    look!(case, measures.case_id, owner_id => users.id, i64);
    look!(case, deadlines.case_id, organisation_id => organisations.id, i64);
    look!(case, case_organisations.case_id, organisation_id => organisations.id, i64);
    look!(case, case_people.case_id, person_id => people.id, i64);
    look!(case, case_backlog.case_id, organisation_id => organisations.id, i64);
    look!(case, case_users.case_id, user_id => users.id, i64);
    look!(reception, receptions.id, leader_id => users.id, i64);
    look!(reception, receptions.id, organisation_id => organisations.id, i64);
    look!(reception, reception_bookings.reception_id, case_id => cases.id, i64);
    all.extend(missing_earlier_cases(connection, range)?);
    Ok(all)
}

/// An earlier petition that a case is said to repeat.
fn missing_earlier_cases(connection: &mut AnyConnection, range: Range) -> Result<Vec<Missing>, StoreError> {
    let earlier = diesel::alias!(cases as earlier);
    let there = earlier.filter(earlier.field(cases::id).nullable().eq(cases::repeat_of));
    let missing = cases::table
        .filter(cases::id.gt(range.after()))
        .filter(cases::id.le(range.last()))
        .filter(cases::repeat_of.is_not_null())
        .filter(diesel::dsl::not(exists(there)))
        .select((cases::id, cases::repeat_of.assume_not_null()));
    let missing: Vec<(i64, i64)> = missing.load(connection)?;
    let missing = missing.into_iter();
    Ok(missing
        .map(|(id, value)| Missing {
            of: Subject::Case(CaseId::new(id)),
            column: "cases.repeat_of",
            value: value.to_string(),
        })
        .collect())
}
