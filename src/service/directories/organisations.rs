//! Organs: never deleted, because cases name them; one that is gone is no longer active.

use std::collections::HashMap;
use std::iter::successors;
use std::sync::Arc;

use domain::id::{OfOrganisation, OrganisationId};
use domain::organisation::{OrganisationKind, OrganisationLevel, ReviewStage};
use domain::refusal::FieldCode;
use domain::region::RegionCode;
use store::organisations::{self, OrganisationRow};
use store::{AnyConnection, StoreError, regions, users};

use super::{Changed, DirectoryFault, Faults, Versioned, change, read};
use crate::app::App;
use crate::http::admin::organisations::OrganisationEntry;
use crate::http::answer::Answer;
use crate::http::organisations::{NamedOrganisation, OrganisationDetail, OrganisationView};
use crate::service::ServiceError;
use crate::service::cases::Call;

/// What a list of organs is narrowed to.
#[derive(Debug, Default)]
pub struct OrganisationFilter {
    /// Any of these; none for all.
    pub kinds: Vec<OrganisationKind>,
    /// Any of these; none for all.
    pub levels: Vec<OrganisationLevel>,
    /// Of this region itself.
    pub region: Option<RegionCode>,
    /// Of this region or one inside it.
    pub under: Option<RegionCode>,
    /// Directly below this organ.
    pub superior: Option<OrganisationId>,
    /// Whether it works still.
    pub active: Option<bool>,
}

impl OrganisationFilter {
    fn lets_through(&self, row: &OrganisationRow) -> bool {
        (self.kinds.is_empty() || self.kinds.iter().any(|kind| kind.as_ref() == row.kind))
            && (self.levels.is_empty() || self.levels.iter().any(|level| level.as_ref() == row.level))
            && self.region.as_ref().is_none_or(|region| region.as_str() == row.region_code)
            && self.under.as_ref().is_none_or(|under| row.region_code.starts_with(under.significant_prefix()))
            && self.superior.is_none_or(|superior| row.superior_id == Some(superior.get()))
            && self.active.is_none_or(|active| active == row.active)
    }
}

/// Up to `limit` organs after the id, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn list(
    app: &App,
    filter: OrganisationFilter,
    after: Option<OrganisationId>,
    limit: usize,
) -> Result<Versioned<Vec<OrganisationRow>>, ServiceError> {
    read(app, move |connection| {
        let rows = organisations::load_all(connection)?.into_iter();
        let rest = rows.filter(|row| after.is_none_or(|after| row.id > after.get()));
        Ok(rest.filter(|row| filter.lets_through(row)).take(limit).collect())
    })
    .await
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

/// The names of all organs.
///
/// # Errors
/// What the database says.
pub fn names(connection: &mut AnyConnection) -> Result<HashMap<i64, String>, StoreError> {
    Ok(organisations::load_all(connection)?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Adds an organ.
///
/// # Errors
/// The entry does not hold.
pub async fn add(app: &Arc<App>, call: Call, entry: OrganisationEntry) -> Result<Answer, ServiceError> {
    let id = app.ids.next::<OfOrganisation>();
    change(app, call, move |connection| {
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
    change(app, call, move |connection| {
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
    let known = organisations::load_all(connection)?;
    let mut faults = Faults::default();
    let has_region = is_known_region(connection, &entry.region)?;
    faults.expect(has_region, "/region", FieldCode::UnknownRegion);
    if let Some(superior) = entry.superior {
        let is_active = known.iter().any(|row| row.id == superior.get() && row.active);
        faults.expect(is_active || superior == id, "/superior", FieldCode::UnknownOrganisation);
        let leads_back = leads_to(&known, superior, id);
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
    match regions::find(connection, code.as_str()) {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether following the superiors from one organ comes to another; no chain is longer than the organs are many.
fn leads_to(known: &[OrganisationRow], from: OrganisationId, to: OrganisationId) -> bool {
    let next = |id: &i64| known.iter().find(|row| row.id == *id)?.superior_id;
    successors(Some(from.get()), next).take(known.len() + 1).any(|id| id == to.get())
}

/// An organ goes last: its people and the organs below it first find another place.
fn check_nothing_is_left(connection: &mut AnyConnection, id: OrganisationId) -> Result<(), ServiceError> {
    let mut faults = Faults::default();
    let has_users =
        users::load_all(connection)?.iter().any(|user| user.active && user.organisation_id == id.get());
    faults.expect(!has_users, "/active", DirectoryFault::HasActiveUsers);
    let has_inferiors = organisations::load_all(connection)?
        .iter()
        .any(|row| row.active && row.superior_id == Some(id.get()));
    faults.expect(!has_inferiors, "/active", DirectoryFault::HasActiveInferiors);
    faults.finish()
}
