//! The directories and the calendar as decisions see them, read again only when they have changed.

use std::sync::{Arc, PoisonError, RwLock};

use domain::deadline::Calendar;
use domain::organisation::Directory;
use store::{AnyConnection, StoreError, directory, meta};

/// A snapshot of the directories and the calendar.
#[derive(Debug)]
pub struct Office {
    /// The directory version that the snapshot was read at.
    pub version: i64,
    /// Organs, users and review rules.
    pub directory: Directory,
    /// The holiday calendar.
    pub calendar: Calendar,
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
            let office = Office {
                version,
                directory: directory::load_directory(connection)?,
                calendar: directory::load_calendar(connection)?,
            };
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
