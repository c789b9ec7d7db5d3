//! How often leaders are to receive visits, and how often they did.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use domain::id::UserId;
use domain::reception::ReceptionState;
use domain::reception::norms::ReceptionNorm;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::meta;
use crate::portable::each_backend;
use crate::schema::{reception_norms, receptions};

const TABLE: &str = "reception_norms";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reception_norms)]
struct NormRow {
    organ_kind: String,
    organ_level: String,
    period: String,
    sessions: i32,
}

impl TryFrom<NormRow> for ReceptionNorm {
    type Error = StoreError;

    fn try_from(row: NormRow) -> Result<Self, StoreError> {
        let broken = |word: &str| StoreError::broken(TABLE, format!("{word:?} is no word of it"));
        Ok(Self {
            organ_kind: row.organ_kind.parse().map_err(|_unknown| broken(&row.organ_kind))?,
            organ_level: row.organ_level.parse().map_err(|_unknown| broken(&row.organ_level))?,
            period: row.period.parse().map_err(|_unknown| broken(&row.period))?,
            sessions: u16::try_from(row.sessions).map_err(|error| StoreError::broken(TABLE, error))?,
        })
    }
}

/// All norms, in the order of kinds and levels.
///
/// # Errors
/// [`StoreError::Broken`].
pub fn load_all(connection: &mut AnyConnection) -> Result<Vec<ReceptionNorm>, StoreError> {
    let all = reception_norms::table.order((reception_norms::organ_kind, reception_norms::organ_level));
    all.select(NormRow::as_select()).load(connection)?.into_iter().map(ReceptionNorm::try_from).collect()
}

/// Whether there is any norm.
///
/// # Errors
/// Only what the database says.
pub fn has_any(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    Ok(reception_norms::table.select(count_star()).first::<i64>(connection)? > 0)
}

/// Puts these norms in the place of all earlier ones.
///
/// # Errors
/// [`StoreError::Conflict`] where two are for the same kind and level.
pub fn replace_all(connection: &mut AnyConnection, norms: &[ReceptionNorm]) -> Result<(), StoreError> {
    diesel::delete(reception_norms::table).execute(connection)?;
    for norm in norms {
        let row = NormRow {
            organ_kind: norm.organ_kind.as_ref().to_owned(),
            organ_level: norm.organ_level.as_ref().to_owned(),
            period: norm.period.as_ref().to_owned(),
            sessions: norm.sessions.into(),
        };
        diesel::insert_into(reception_norms::table).values(row).execute(connection)?;
    }
    meta::bump_directory_version(connection)
}

/// What a leader has held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldCount {
    /// Sessions, those that nobody came to among them.
    pub sessions: u32,
    /// Matters that were taken up.
    pub visits: u32,
}

/// What each leader held from one day to another, both among them.
///
/// # Errors
/// Only what the database says.
pub fn held_between(
    connection: &mut AnyConnection,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<UserId, HeldCount>, StoreError> {
    let held = receptions::table
        .filter(receptions::day.ge(first))
        .filter(receptions::day.le(last))
        .filter(receptions::state.eq(ReceptionState::Held.as_ref()))
        .group_by(receptions::leader_id)
        .select((receptions::leader_id, count_star(), sum(receptions::visits)));
    let rows: Vec<(i64, i64, Option<i64>)> = each_backend!(connection, concrete => held.load(concrete))?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|(leader, sessions, visits)| {
            let count = HeldCount { sessions: number(sessions), visits: number(visits.unwrap_or(0)) };
            (UserId::new(leader), count)
        })
        .collect())
}
