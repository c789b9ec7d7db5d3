//! Sealing of single fields, and blind indexes for looking them up.
//!
//! A sealed value is one byte of key number, a random nonce and the ciphertext of the key's [suite](crate::suites).
//! Its table, column and row are authenticated with it, so a value copied to another row does not open there.

use chacha20poly1305::aead::{Generate, Key as AeadKey};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::zeroize::Zeroizing;

use crate::keys::{Key, KeyRing};
use crate::suites::{KEY_LENGTH, Lock, Suite};

/// Why a value could not be sealed or opened; says nothing of the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key that sealed the value is not in the key ring.
    #[error("the value is sealed under key {id}, which the key ring does not have")]
    UnknownKey { id: u8 },
    /// The value was changed, or it was sealed for another place.
    #[error("the sealed value at {place} does not open there")]
    DoesNotOpen { place: String },
    /// The operating system gave no random bytes, or the value is too long.
    #[error("the value could not be sealed")]
    CannotSeal,
}

/// The place of a sealed value, which is authenticated with it.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub table: &'static str,
    pub column: &'static str,
    pub row: i64,
}

impl Place {
    fn text(self) -> String {
        format!("{}.{}:{}", self.table, self.column, self.row)
    }
}

struct Opener {
    id: u8,
    lock: Lock,
}

/// Seals and opens fields under the keys of one ring.
pub struct Sealer {
    /// It opens as well.
    sealing: Opener,
    suite: Suite,
    others: Vec<Opener>,
    index_suite: Suite,
    index_key: Zeroizing<[u8; KEY_LENGTH]>,
}

impl Sealer {
    /// Derives the working keys from the master keys of the ring.
    pub fn new(ring: &KeyRing) -> Self {
        let (sealing, others) = ring.sealing_and_others();
        Self {
            sealing: opener(sealing),
            suite: sealing.suite(),
            others: others.map(opener).collect(),
            index_suite: ring.index_suite(),
            index_key: ring.index_key(),
        }
    }

    /// Seals the value for that place.
    ///
    /// # Errors
    /// [`SealError::CannotSeal`].
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sealing.lock.seal_behind(&[self.sealing.id], &place.text(), plain)
    }

    /// Opens a value that was sealed for that place.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`], [`SealError::DoesNotOpen`].
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let text = place.text();
        let Some((&id, rest)) = sealed.split_first() else {
            return Err(SealError::DoesNotOpen { place: text });
        };
        let opener = std::iter::once(&self.sealing)
            .chain(&self.others)
            .find(|opener| opener.id == id)
            .ok_or(SealError::UnknownKey { id })?;
        opener.lock.open(&text, rest)
    }

    /// The algorithms of the key that seals.
    pub(crate) fn suite(&self) -> Suite {
        self.suite
    }

    /// The number of the key that seals, with which every value sealed under it begins.
    pub(crate) fn sealing_id(&self) -> u8 {
        self.sealing.id
    }

    /// A keyed hash of the parts, the same for equal parts of the same column and for nothing else.
    pub fn blind_index(&self, column: &str, parts: &[&str]) -> Vec<u8> {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        let length = |part: &&str| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
        let parts: Vec<_> = std::iter::once(&column).chain(parts).map(|part| (length(part), *part)).collect();
        let parts = parts.iter().flat_map(|(length, part)| [&length[..], part.as_bytes()]);
        self.index_suite.mac(&self.index_key, parts).to_vec()
    }
}

fn opener(key: &Key) -> Opener {
    Opener { id: key.id(), lock: Lock::new(key.suite(), &derive(key, b"daowei sealing 1")) }
}

/// One master key gives a separate key for each use.
pub(crate) fn derive(master: &Key, label: &[u8]) -> Zeroizing<[u8; KEY_LENGTH]> {
    Zeroizing::new(master.suite().mac(master.bytes(), [label]))
}

/// A number that nobody can foresee.
///
/// # Errors
/// [`SealError::CannotSeal`] if the system gives no random bytes.
pub fn random_number() -> Result<u32, SealError> {
    let bytes = XNonce::try_generate().map_err(|_no_randomness| SealError::CannotSeal)?;
    Ok(bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// 32 bytes that nobody can foresee.
///
/// # Errors
/// [`SealError::CannotSeal`] if the system gives no random bytes.
pub(crate) fn random_key() -> Result<Zeroizing<[u8; KEY_LENGTH]>, SealError> {
    let key = AeadKey::<XChaCha20Poly1305>::try_generate().map_err(|_no_randomness| SealError::CannotSeal)?;
    Ok(Zeroizing::new(key.into()))
}
