//! Organs: never deleted, because cases name them; one that is gone is no longer active.

use std::collections::HashSet;
use std::sync::Arc;

use domain::audit::AuditedAct;
use domain::id::{OfOrganisation, OrganisationId};
use domain::organisation::ReviewStage;
use domain::refusal::FieldCode;
use domain::region::RegionCode;
use store::organisations::{self, OrganisationFilter, OrganisationRow};
use store::{AnyConnection, StoreError, regions, users};

use super::{Changed, DirectoryFault, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::admin::organisations::OrganisationEntry;
use crate::http::answer::Answer;
use crate::http::organisations::{NamedOrganisation, OrganisationDetail, OrganisationView};
use crate::service::ServiceError;
use crate::service::audit::Acted;
use crate::service::cases::Call;

/// Up to `limit` organs after the id, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn list(
    app: &App,
    filter: OrganisationFilter,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Versioned<Vec<OrganisationRow>>, ServiceError> {
    let after = after.map(OrganisationId::get);
    read(app, move |connection| Ok(organisations::list(connection, &filter, after, limit)?)).await
}

/// The organ with its superior and the organs that review its decisions (Art. 35, 36).
///
/// # Errors
/// There is none.
pub async fn find(app: &Arc<App>, id: OrganisationId) -> Result<Versioned<OrganisationDetail>, ServiceError> {
    let inner = Arc::clone(app);
    read(app, move |connection| {
        let row = organisations::find(connection, id.get())?;
        let office = inner.offices.current(connection)?;
        let named = |id: Option<OrganisationId>| {
            let organ = office.directory.organisation(id?)?;
            Some(NamedOrganisation { id: organ.id, name: organ.name.clone() })
        };
        let review = office.directory.review_authority(id, ReviewStage::Review);
        // Art. 36: the re-review is asked of the organ above the one that reviewed.
        let re_review =
            review.and_then(|organ| office.directory.review_authority(organ, ReviewStage::ReReview));
        let superior = named(row.superior_id.map(OrganisationId::new));
        Ok(OrganisationDetail::new(row, superior, named(review), named(re_review)))
    })
    .await
}

/// Adds an organ.
///
/// # Errors
/// The entry does not hold.
pub async fn add(app: &Arc<App>, call: Call, entry: OrganisationEntry) -> Result<Answer, ServiceError> {
    let id = app.ids.next::<OfOrganisation>();
    let acted = Acted::done(AuditedAct::AddOrganisation).on(format!("organisation:{id}"));
    change(app, call, acted, move |connection| {
        let row = checked(connection, id, &entry)?;
        organisations::insert(connection, &row)?;
        Ok(Changed::new_at(OrganisationView::from(row), format!("/api/v1/organisations/{id}")))
    })
    .await
}

/// Changes an organ to what is given.
///
/// # Errors
/// There is none; the entry does not hold; the version has moved on.
pub async fn update(
    app: &Arc<App>,
    call: Call,
    id: OrganisationId,
    entry: OrganisationEntry,
) -> Result<Answer, ServiceError> {
    let acted = Acted::done(AuditedAct::UpdateOrganisation).on(format!("organisation:{id}"));
    change(app, call, acted, move |connection| {
        let before = organisations::find(connection, id.get())?;
        let row = checked(connection, id, &entry)?;
        if before.active && !row.active {
            check_nothing_is_left(connection, id)?;
        }
        organisations::update(connection, &row)?;
        Ok(Changed::there(OrganisationView::from(row)))
    })
    .await
}

fn checked(
    connection: &mut AnyConnection,
    id: OrganisationId,
    entry: &OrganisationEntry,
) -> Result<OrganisationRow, ServiceError> {
    let mut faults = Faults::default();
    let has_region = is_known_region(connection, &entry.region)?;
    faults.expect(has_region, "/region", FieldCode::UnknownRegion);
    if let Some(superior) = entry.superior {
        let is_active = organisations::find_known(connection, superior.get())?.is_some_and(|row| row.active);
        faults.expect(is_active || superior == id, "/superior", FieldCode::UnknownOrganisation);
        let leads_back = leads_to(connection, superior, id)?;
        faults.expect(!leads_back, "/superior", DirectoryFault::SuperiorCycle);
    }
    faults.finish()?;
    Ok(OrganisationRow {
        id: id.get(),
        name: entry.name.as_str().to_owned(),
        kind: entry.kind.as_ref().to_owned(),
        level: entry.level.as_ref().to_owned(),
        region_code: entry.region.as_str().to_owned(),
        superior_id: entry.superior.map(OrganisationId::get),
        active: entry.active,
    })
}

/// Whether there is such a region, in force or not.
///
/// # Errors
/// What the database says.
pub fn is_known_region(connection: &mut AnyConnection, code: &RegionCode) -> Result<bool, StoreError> {
    Ok(regions::find_known(connection, code.as_str())?.is_some())
}

/// Whether following the superiors from one organ comes to another; a circle of old is gone round once.
fn leads_to(
    connection: &mut AnyConnection,
    from: OrganisationId,
    to: OrganisationId,
) -> Result<bool, StoreError> {
    let mut seen = HashSet::new();
    let mut next = Some(from.get());
    while let Some(id) = next.take().filter(|id| seen.insert(*id)) {
        if id == to.get() {
            return Ok(true);
        }
        next = organisations::find_known(connection, id)?.and_then(|row| row.superior_id);
    }
    Ok(false)
}

/// An organ goes last: its people and the organs below it first find another place.
fn check_nothing_is_left(connection: &mut AnyConnection, id: OrganisationId) -> Result<(), ServiceError> {
    let mut faults = Faults::default();
    let has_users = users::has_active(connection, id.get())?;
    faults.expect(!has_users, "/active", DirectoryFault::HasActiveUsers);
    let has_inferiors = organisations::has_active_inferiors(connection, id.get())?;
    faults.expect(!has_inferiors, "/active", DirectoryFault::HasActiveInferiors);
    faults.finish()
}
