//! The directories and the calendar as decisions see them, read again only when they have changed.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use domain::deadline::Calendar;
use domain::organisation::Directory;
use domain::region::RegionCode;
use quick_cache::sync::Cache;
use store::regions::RegionRow;
use store::{AnyConnection, StoreError, directory, meta, regions, topics};

use super::directories::regions::is_in_force;

/// How many regions and how many topics are remembered: of a province's villages and grids those in which people petition.
const MOST_REMEMBERED: usize = 4_096;

/// A snapshot of the directories and the calendar.
#[derive(Debug)]
pub struct Office {
    /// The directory version that the snapshot was read at.
    pub version: i64,
    /// Organs, users and review rules.
    pub directory: Directory,
    /// The holiday calendar.
    pub calendar: Calendar,
    /// Regions, as far as they were asked for; none where there is no such region.
    regions: Cache<RegionCode, Option<Arc<RegionRow>>>,
    /// Whether topics are in use, as far as they were asked for.
    topics: Cache<String, bool>,
}

impl Office {
    /// What was read at that version.
    pub fn new(version: i64, directory: Directory, calendar: Calendar) -> Self {
        let (regions, topics) = (Cache::new(MOST_REMEMBERED), Cache::new(MOST_REMEMBERED));
        Self { version, directory, calendar, regions, topics }
    }

    /// Whether there is such a region and it is in force on the legal day.
    ///
    /// # Errors
    /// Only what the database says.
    pub fn has_region(
        &self,
        connection: &mut AnyConnection,
        region: &RegionCode,
        day: NaiveDate,
    ) -> Result<bool, StoreError> {
        let row = match self.regions.get(region) {
            Some(row) => row,
            None => {
                let row = regions::find_known(connection, region.as_str())?.map(Arc::new);
                self.regions.insert(region.clone(), row.clone());
                row
            }
        };
        Ok(row.is_some_and(|row| is_in_force(&row, day)))
    }

    /// Whether there is such a topic and it is in use.
    ///
    /// # Errors
    /// Only what the database says.
    pub fn has_topic(&self, connection: &mut AnyConnection, topic: &str) -> Result<bool, StoreError> {
        if let Some(is_in_use) = self.topics.get(topic) {
            return Ok(is_in_use);
        }
        let is_in_use = match topics::find(connection, topic) {
            Ok(row) => row.active,
            Err(StoreError::NotFound) => false,
            Err(error) => return Err(error),
        };
        self.topics.insert(topic.to_owned(), is_in_use);
        Ok(is_in_use)
    }
}

/// The newest snapshot that this process has read.
#[derive(Debug, Default)]
pub struct Offices(RwLock<Option<Arc<Office>>>);

impl Offices {
    /// The snapshot of that version, if this process has read it.
    pub fn of_version(&self, version: i64) -> Option<Arc<Office>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().filter(|office| office.version == version).cloned()
    }

    /// The snapshot that is current in the connection's transaction: one small select where nothing has changed.
    ///
    /// # Errors
    /// A row that does not parse, or what the database says.
    pub fn current(&self, connection: &mut AnyConnection) -> Result<Arc<Office>, StoreError> {
        let mut version = meta::directory_version(connection)?;
        if let Some(office) = self.of_version(version) {
            return Ok(office);
        }
        let office = loop {
            let directory = directory::load_directory(connection)?;
            let office = Office::new(version, directory, directory::load_calendar(connection)?);
            // On PostgreSQL each statement of a write sees what was committed before it: a change between two of these
            // would make a snapshot that never was.
            version = meta::directory_version(connection)?;
            if version == office.version {
                break Arc::new(office);
            }
        };
        let mut newest = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A replica may be behind, and those who ask the server are not to read everything again because of it.
        if newest.as_ref().is_none_or(|newest| newest.version < office.version) {
            *newest = Some(Arc::clone(&office));
        }
        drop(newest);
        Ok(office)
    }
}
