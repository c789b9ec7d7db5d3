//! Regions and grids: codes that never change, with the days between which each is in force.

use std::collections::HashSet;
use std::iter::successors;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::audit::AuditedAct;
use domain::refusal::FieldCode;
use domain::region::RegionCode;
use store::regions::{self, RegionFilter, RegionRow};
use store::{AnyConnection, StoreError};

use super::organisations::is_known_region;
use super::{Changed, DirectoryFault, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::admin::regions::{NewRegion, RegionEntry};
use crate::http::answer::Answer;
use crate::http::regions::RegionView;
use crate::service::ServiceError;
use crate::service::audit::Acted;
use crate::service::cases::Call;

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
    limit: i64,
) -> Result<Versioned<Vec<RegionRow>>, ServiceError> {
    read(app, move |connection| Ok(regions::list(connection, &filter, after.as_deref(), limit)?)).await
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
    let acted = Acted::done(AuditedAct::AddRegion).on(format!("region:{}", code.as_str()));
    change(app, call, acted, move |connection| {
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
    let acted = Acted::done(AuditedAct::UpdateRegion).on(format!("region:{}", code.as_str()));
    change(app, call, acted, move |connection| {
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
    let mut faults = Faults::default();
    let parent = match &entry.parent {
        Some(parent) => {
            let is_above = parent != code && parent.contains(code) && is_known_region(connection, parent)?;
            faults.expect(is_above, "/parent", DirectoryFault::NotTheRegionAbove);
            Some(parent.clone())
        }
        None => nearest_above(connection, code)?,
    };
    let ends_in_order = entry.valid_to.is_none_or(|last| last >= entry.valid_from);
    faults.expect(ends_in_order, "/valid_to", DirectoryFault::EndsBeforeItBegins);
    if let Some(successor) = &entry.successor {
        let is_known = is_known_region(connection, successor)?;
        faults.expect(is_known, "/successor", FieldCode::UnknownRegion);
        faults.expect(entry.valid_to.is_some(), "/successor", DirectoryFault::SuccessorWithoutEnd);
        let leads_back = leads_to(connection, successor, code)?;
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

/// The narrowest region above that is there.
fn nearest_above(
    connection: &mut AnyConnection,
    code: &RegionCode,
) -> Result<Option<RegionCode>, StoreError> {
    for above in successors(code.parent(), RegionCode::parent) {
        if is_known_region(connection, &above)? {
            return Ok(Some(above));
        }
    }
    Ok(None)
}

/// Whether following the successors from one region comes to another; a circle of old is gone round once.
fn leads_to(connection: &mut AnyConnection, from: &RegionCode, to: &RegionCode) -> Result<bool, StoreError> {
    let mut seen = HashSet::new();
    let mut next = Some(from.as_str().to_owned());
    while let Some(code) = next.take().filter(|code| seen.insert(code.clone())) {
        if code == to.as_str() {
            return Ok(true);
        }
        next = regions::find_known(connection, &code)?.and_then(|row| row.successor_code);
    }
    Ok(false)
}
