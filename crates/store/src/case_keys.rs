//! The keys of confidential cases: what their events say is sealed under a key of the case's own, which is itself sealed under the
//! installation's (envelope encryption). So the installation's key changes without touching the journal, whose hashes are taken
//! over what is stored.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use domain::id::CaseId;
use secrecy::zeroize::Zeroizing;

use crate::connection::AnyConnection;
use crate::error::StoreError;
use crate::journal;
use crate::schema::case_keys;
use crate::sealing::{self, Place, SealError, Sealer};
use crate::slice::Range;
use crate::suites::{Lock, Suite};

/// What a sealed body begins and ends with; it is JSON, as every body is.
const BEFORE: &str = r#"{"sealed":""#;
const AFTER: &str = r#""}"#;

/// Whether the body of an event is sealed.
pub fn is_sealed(body: &str) -> bool {
    body.starts_with(BEFORE)
}

/// The key of one case.
pub(crate) struct CaseKey(Lock);

fn place(case: i64) -> Place {
    Place { table: "case_keys", column: "key_sealed", row: case }
}

/// With what the body is authenticated: its event and kind, so that it opens nowhere else.
fn event_place(event: i64, kind: &str) -> String {
    let mut place = String::with_capacity(48);
    // Writing to a text does not fail.
    let _ = write!(place, "events.body:{event}:{kind}");
    place
}

impl CaseKey {
    /// The key of the case as it is stored.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] under another installation's keys.
    pub(crate) fn open(sealer: &Sealer, case: i64, sealed: &[u8]) -> Result<Self, StoreError> {
        let key = Zeroizing::new(sealer.open(place(case), sealed)?);
        let broken = || StoreError::broken("case_keys", format!("the key of {case}"));
        let (suite, key) = key.split_first().ok_or_else(broken)?;
        let suite = Suite::of_byte(*suite).ok_or_else(broken)?;
        Ok(Self(Lock::new(suite, key.try_into().map_err(|_length| broken())?)))
    }

    /// Seals what an event says.
    pub(crate) fn seal(&self, event: i64, kind: &str, body: &str) -> Result<String, SealError> {
        let sealed = self.0.seal(&event_place(event, kind), body.as_bytes())?;
        Ok(format!("{BEFORE}{}{AFTER}", STANDARD.encode(sealed)))
    }

    /// Opens what an event says, if it is sealed under this key and for that event.
    pub(crate) fn unseal(&self, event: i64, kind: &str, body: &str) -> Option<String> {
        let sealed = STANDARD.decode(body.strip_prefix(BEFORE)?.strip_suffix(AFTER)?).ok()?;
        let opened = self.0.open(&event_place(event, kind), &sealed).ok()?;
        String::from_utf8(opened).ok()
    }
}

/// Whether a key as it is stored was destroyed.
pub(crate) const fn is_destroyed(sealed: &[u8]) -> bool {
    sealed.is_empty()
}

/// Destroys the key of a case, and with it all that its events say.
///
/// # Errors
/// Only what the database says.
pub fn destroy(connection: &mut AnyConnection, case: CaseId) -> Result<(), StoreError> {
    let key = diesel::update(case_keys::table.find(case.get()));
    key.set(case_keys::key_sealed.eq(Vec::new())).execute(connection)?;
    Ok(())
}

/// The key of the case, if it has one.
///
/// # Errors
/// [`StoreError::Erased`] if it was destroyed; [`StoreError::Sealing`] under another installation's keys.
pub(crate) fn find(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: i64,
) -> Result<Option<CaseKey>, StoreError> {
    let sealed: Option<Vec<u8>> =
        case_keys::table.find(case).select(case_keys::key_sealed).first(connection).optional()?;
    // An empty key of which the journal does not tell that it was destroyed is a broken one.
    if sealed.as_deref().is_some_and(is_destroyed) && journal::is_erased(connection, case)? {
        return Err(StoreError::Erased);
    }
    sealed.map(|sealed| CaseKey::open(sealer, case, &sealed)).transpose()
}

/// The key of the case, made now if it has none, as one has that was begun by an earlier version; whoever asks has the case locked.
///
/// # Errors
/// As [`find`]; [`StoreError::Sealing`] if the system gives no random bytes.
pub(crate) fn find_or_make(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: i64,
) -> Result<CaseKey, StoreError> {
    match find(connection, sealer, case)? {
        Some(key) => Ok(key),
        None => make(connection, sealer, case),
    }
}

/// A key for a case that has just begun.
///
/// # Errors
/// [`StoreError::Conflict`] on `case_keys_case_id_key`; [`StoreError::Sealing`] if the system gives no random bytes.
pub(crate) fn make(
    connection: &mut AnyConnection,
    sealer: &Sealer,
    case: i64,
) -> Result<CaseKey, StoreError> {
    let (suite, key) = (sealer.suite(), sealing::random_key()?);
    let stored = Zeroizing::new([&[suite.byte()][..], &*key].concat());
    let row = (case_keys::case_id.eq(case), case_keys::key_sealed.eq(sealer.seal(place(case), &stored)?));
    diesel::insert_into(case_keys::table).values(row).execute(connection)?;
    Ok(CaseKey(Lock::new(suite, &key)))
}

/// The keys of the cases in the range, as they are stored.
pub(crate) fn load_between(
    connection: &mut AnyConnection,
    range: Range,
) -> Result<BTreeMap<i64, Vec<u8>>, StoreError> {
    let between = case_keys::table
        .filter(case_keys::case_id.gt(range.after()))
        .filter(case_keys::case_id.le(range.last()))
        .select((case_keys::case_id, case_keys::key_sealed));
    Ok(between.load::<(i64, Vec<u8>)>(connection)?.into_iter().collect())
}
