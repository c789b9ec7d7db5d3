//! Cases as they were last read, so that reading one again costs a look at its version and not its whole journal.
//!
//! A case is as its events left it, so what is known of a version stays true; whoever reads asks for the version first.
//! Accusations are not kept: their words lie in no memory longer than a request takes (Art. 30).

use std::sync::{Arc, PoisonError, RwLock};

use actix_web::web::Bytes;
use domain::case::Case;
use domain::id::CaseId;
use domain::language::Language;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::http::cases::view::PersonView;

/// How much of the cases and of what was shown of them is kept, in bytes, reckoned by what they are in JSON.
const MOST_KEPT: u64 = 24 << 20;
/// A case in memory takes about as much again as its JSON.
const CASE_BESIDE_ITS_JSON: usize = 2;
/// In so many ways is a case kept as it was shown.
const MOST_WAYS: usize = 2;
/// A guess, by which the cache is laid out at the start.
const USUAL_CASE: u64 = 8 << 10;

/// How a case is shown: to whom it looks the same, it is written once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Showing {
    /// Of the labels.
    pub language: Language,
    /// Whether the petitioner's code is shown.
    pub with_code: bool,
    /// Whether the same person's earlier petitions are shown.
    pub with_repeats: bool,
}

/// A case of one version.
pub struct KnownCase {
    /// As its events left it.
    pub case: Case,
    /// Its people, masked.
    pub people: Vec<PersonView>,
    size: usize,
    /// With the version of the directories, whose names are shown.
    shown: RwLock<Vec<(Showing, i64, Bytes)>>,
}

impl KnownCase {
    /// What is to be known of a case; `size` is about how long its JSON is.
    pub fn new(case: Case, people: Vec<PersonView>, size: usize) -> Self {
        Self { case, people, size, shown: RwLock::default() }
    }

    /// The case as JSON with the names that the directories of that version have, written at the first time.
    ///
    /// # Errors
    /// What `write` answers.
    pub fn shown<E>(
        &self,
        showing: Showing,
        directory_version: i64,
        write: impl FnOnce(&Self) -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        let kept = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        let same = |kept: &&(Showing, i64, Bytes)| kept.0 == showing && kept.1 == directory_version;
        if let Some((_, _, body)) = kept.iter().find(same) {
            return Ok(body.clone());
        }
        drop(kept);
        let body = write(self)?;
        let mut kept = self.shown.write().unwrap_or_else(PoisonError::into_inner);
        // What names older directories is asked for no more, and the size is reckoned with few ways of showing.
        kept.retain(|(kept, version, _)| *version == directory_version && *kept != showing);
        kept.truncate(MOST_WAYS - 1);
        kept.push((showing, directory_version, body.clone()));
        Ok(body)
    }
}

/// The cases that were read last.
pub struct KnownCases(Cache<CaseId, Arc<KnownCase>, BySize>);

#[derive(Clone)]
struct BySize;

impl Weighter<CaseId, Arc<KnownCase>> for BySize {
    fn weight(&self, _: &CaseId, known: &Arc<KnownCase>) -> u64 {
        // Most cases are shown in one way.
        let weight = known.size.saturating_mul(CASE_BESIDE_ITS_JSON + 1);
        u64::try_from(weight).unwrap_or(u64::MAX).max(1)
    }
}

impl Default for KnownCases {
    fn default() -> Self {
        let about = usize::try_from(MOST_KEPT / USUAL_CASE).unwrap_or(1);
        Self(Cache::with_weighter(about, MOST_KEPT, BySize))
    }
}

impl KnownCases {
    /// The case of that version, if it is known.
    pub fn get(&self, id: CaseId, version: u32) -> Option<Arc<KnownCase>> {
        self.0.get(&id).filter(|known| known.case.version == version)
    }

    /// Keeps what was read, unless it is an accusation.
    pub fn keep(&self, known: &Arc<KnownCase>) {
        if !known.case.is_confidential() {
            self.0.insert(known.case.id, Arc::clone(known));
        }
    }
}
