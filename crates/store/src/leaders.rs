//! How many cases leaders have in charge, and how far these have come.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::access::Scope;
use domain::case::transitions::IN_CHARGE;
use domain::id::UserId;

use crate::case_list::predicates::visible;
use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::schema::{case_users, cases};

/// How many cases are looked up with one statement.
const AT_A_TIME: usize = 500;

/// What a leader has in charge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeaderCount {
    /// Cases in their charge, those that are closed among them.
    pub in_charge: u32,
    /// Of these, in which they still report.
    pub open: u32,
    /// Of these, whose matter is resolved.
    pub resolved: u32,
    /// Of these, whose matter and whose heart is resolved.
    pub double_resolved: u32,
}

/// What each leader has in charge, of the cases that the scope allows; leaders without one are left out.
///
/// # Errors
/// Only what the database says.
pub fn count_by_leader(
    connection: &mut AnyConnection,
    scope: &Scope,
) -> Result<BTreeMap<UserId, LeaderCount>, StoreError> {
    if scope.nothing {
        return Ok(BTreeMap::new());
    }
    let leaders: Vec<(i64, i64)> = case_users::table
        // Written out, so that the index of the leaders alone is known to hold what is asked for.
        .filter(sql::<Bool>("case_users.part = 'leader'"))
        .select((case_users::case_id, case_users::user_id))
        .load(connection)?;
    let mut counts = BTreeMap::new();
    for some in leaders.chunks(AT_A_TIME) {
        let of_case: BTreeMap<i64, i64> = some.iter().copied().collect();
        let found: Vec<(i64, String, bool, bool)> = cases::table
            .filter(cases::id.eq_any(of_case.keys().copied().collect::<Vec<_>>()))
            .filter(visible(scope))
            .select((
                cases::id,
                cases::status,
                cases::matter_resolved_on.is_not_null(),
                cases::double_resolved_on.is_not_null(),
            ))
            .load(connection)?;
        for (case, status, resolved, double_resolved) in found {
            let Some(leader) = of_case.get(&case) else { continue };
            let count: &mut LeaderCount = counts.entry(UserId::new(*leader)).or_default();
            let reports = IN_CHARGE.iter().any(|open| open.as_ref() == status);
            count.in_charge += 1;
            count.open += u32::from(reports);
            count.resolved += u32::from(resolved);
            count.double_resolved += u32::from(double_resolved);
        }
    }
    Ok(counts)
}
