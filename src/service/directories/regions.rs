//! Regions and grids: codes that never change, with the days between which each is in force.

use std::iter::successors;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::refusal::FieldCode;
use domain::region::{RegionCode, RegionLevel};
use store::regions::{self, RegionRow};
use store::{AnyConnection, StoreError};

use super::{Changed, DirectoryFault, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::admin::regions::{NewRegion, RegionEntry};
use crate::http::answer::Answer;
use crate::http::regions::RegionView;
use crate::service::ServiceError;
use crate::service::cases::Call;

/// What a list of regions is narrowed to.
#[derive(Debug, Default)]
pub struct RegionFilter {
    /// The region directly above.
    pub parent: Option<RegionCode>,
    /// Any of these; none for all.
    pub levels: Vec<RegionLevel>,
    /// This region and everything inside it.
    pub under: Option<RegionCode>,
    /// In force on this day.
    pub in_force_on: Option<NaiveDate>,
}

impl RegionFilter {
    fn lets_through(&self, row: &RegionRow) -> bool {
        let is = |wanted: &Option<RegionCode>, code: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| code == Some(wanted.as_str()))
        };
        is(&self.parent, row.parent_code.as_deref())
            && (self.levels.is_empty() || self.levels.iter().any(|level| level.as_ref() == row.level))
            && self.under.as_ref().is_none_or(|under| row.code.starts_with(under.significant_prefix()))
            && self.in_force_on.is_none_or(|day| is_in_force(row, day))
    }
}

/// Whether the region exists on the day; its last day counts.
pub fn is_in_force(row: &RegionRow, day: NaiveDate) -> bool {
    row.valid_from <= day && row.valid_to.is_none_or(|last| day <= last)
}

/// Up to `limit` regions after the code, in the order of their codes.
///
/// # Errors
/// What the database says.
pub async fn list(
    app: &App,
    filter: RegionFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Versioned<Vec<RegionRow>>, ServiceError> {
    read(app, move |connection| {
        let rows = regions::load_all(connection)?.into_iter();
        let rest = rows.filter(|row| after.as_ref().is_none_or(|after| row.code > *after));
        Ok(rest.filter(|row| filter.lets_through(row)).take(limit).collect())
    })
    .await
}

/// The region with the code.
///
/// # Errors
/// There is none.
pub async fn find(app: &App, code: RegionCode) -> Result<Versioned<RegionRow>, ServiceError> {
    read(app, move |connection| Ok(regions::find(connection, code.as_str())?)).await
}

/// Adds a region.
///
/// # Errors
/// The code is taken; the entry does not hold.
pub async fn add(app: &Arc<App>, call: Call, new: NewRegion) -> Result<Answer, ServiceError> {
    let (code, entry) = new.parts();
    change(app, call, move |connection| {
        let row = checked(connection, &code, &entry)?;
        regions::insert(connection, &row).map_err(|error| match error {
            StoreError::Conflict { .. } => Faults::only("/code", DirectoryFault::CodeTaken),
            other => other.into(),
        })?;
        let location = format!("/api/v1/regions/{}", row.code);
        Ok(Changed::new_at(RegionView::from(row), location))
    })
    .await
}

/// Changes a region to what is given; its code stays.
///
/// # Errors
/// There is none; the entry does not hold; the version has moved on.
pub async fn update(
    app: &Arc<App>,
    call: Call,
    code: RegionCode,
    entry: RegionEntry,
) -> Result<Answer, ServiceError> {
    change(app, call, move |connection| {
        regions::find(connection, code.as_str())?;
        let row = checked(connection, &code, &entry)?;
        regions::update(connection, &row)?;
        Ok(Changed::there(RegionView::from(row)))
    })
    .await
}

fn checked(
    connection: &mut AnyConnection,
    code: &RegionCode,
    entry: &RegionEntry,
) -> Result<RegionRow, ServiceError> {
    let known = regions::load_all(connection)?;
    let has = |wanted: &RegionCode| known.iter().any(|row| row.code == wanted.as_str());
    let mut faults = Faults::default();
    let parent = match &entry.parent {
        Some(parent) => {
            let is_above = parent != code && parent.contains(code) && has(parent);
            faults.expect(is_above, "/parent", DirectoryFault::NotTheRegionAbove);
            Some(parent.clone())
        }
        None => successors(code.parent(), RegionCode::parent).find(has),
    };
    let ends_in_order = entry.valid_to.is_none_or(|last| last >= entry.valid_from);
    faults.expect(ends_in_order, "/valid_to", DirectoryFault::EndsBeforeItBegins);
    if let Some(successor) = &entry.successor {
        faults.expect(has(successor), "/successor", FieldCode::UnknownRegion);
        faults.expect(entry.valid_to.is_some(), "/successor", DirectoryFault::SuccessorWithoutEnd);
        let leads_back = leads_to(&known, successor, code);
        faults.expect(!leads_back, "/successor", DirectoryFault::SuccessorCycle);
    }
    faults.finish()?;
    Ok(RegionRow {
        code: code.as_str().to_owned(),
        name: entry.name.as_str().to_owned(),
        level: code.level().as_ref().to_owned(),
        parent_code: parent.map(String::from),
        valid_from: entry.valid_from,
        valid_to: entry.valid_to,
        successor_code: entry.successor.clone().map(String::from),
    })
}

/// Whether following the successors from one region comes to another; no chain is longer than the regions are many.
fn leads_to(known: &[RegionRow], from: &RegionCode, to: &RegionCode) -> bool {
    let next = |code: &&str| known.iter().find(|row| row.code == **code)?.successor_code.as_deref();
    successors(Some(from.as_str()), next).take(known.len() + 1).any(|code| code == to.as_str())
}
