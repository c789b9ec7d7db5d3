//! Sealing of single fields, and blind indexes for looking them up.
//!
//! A sealed value is one byte of key number, a random nonce of 24 bytes and the XChaCha20-Poly1305 ciphertext.
//! Its table, column and row are authenticated with it, so a value copied to another row does not open there.

use chacha20poly1305::aead::{Aead, Generate, Key as AeadKey, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::keys::{Key, KeyRing};

const NONCE_LENGTH: usize = 24;
const KEY_LENGTH: usize = 32;
const INDEX_LENGTH: usize = 32;

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

/// One key, under which a value is a random nonce and its ciphertext.
pub(crate) struct Lock(XChaCha20Poly1305);

impl Lock {
    pub(crate) fn new(key: &[u8; KEY_LENGTH]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals the value for that place, behind what stands before it.
    fn seal_behind(&self, before: &[u8], place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = XNonce::try_generate().map_err(|_no_randomness| SealError::CannotSeal)?;
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let ciphertext = self.0.encrypt(&nonce, payload).map_err(|_too_long| SealError::CannotSeal)?;
        Ok([before, &nonce, &ciphertext].concat())
    }

    /// Seals the value for that place.
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_behind(&[], place, plain)
    }

    /// Opens a value that was sealed for that place.
    pub(crate) fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let does_not_open = || SealError::DoesNotOpen { place: place.to_owned() };
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or_else(does_not_open)?;
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_forged| does_not_open())
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
    others: Vec<Opener>,
    index_key: [u8; INDEX_LENGTH],
}

impl Drop for Sealer {
    fn drop(&mut self) {
        // The ciphers wipe themselves.
        self.index_key.fill(0);
    }
}

impl Sealer {
    /// Derives the working keys from the master keys of the ring.
    pub fn new(ring: &KeyRing) -> Self {
        let (sealing, others) = ring.sealing_and_others();
        Self { sealing: opener(sealing), others: others.map(opener).collect(), index_key: ring.index_key() }
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

    /// The number of the key that seals, with which every value sealed under it begins.
    pub(crate) fn sealing_id(&self) -> u8 {
        self.sealing.id
    }

    /// A keyed hash of the parts, the same for equal parts of the same column and for nothing else.
    pub fn blind_index(&self, column: &str, parts: &[&str]) -> Vec<u8> {
        let mut mac = keyed(&self.index_key);
        for part in std::iter::once(&column).chain(parts) {
            // The length keeps ("ab", "c") apart from ("a", "bc").
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().to_vec()
    }
}

fn opener(key: &Key) -> Opener {
    Opener { id: key.id(), lock: Lock::new(&derive(key, b"daowei sealing 1")) }
}

/// One master key gives a separate key for each use.
pub(crate) fn derive(master: &Key, label: &[u8]) -> [u8; INDEX_LENGTH] {
    let mut mac = keyed(master.bytes());
    mac.update(label);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // 32 bytes padded with zeros are the HMAC key block that RFC 2104 makes of a short key.
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block.into())
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
pub(crate) fn random_key() -> Result<[u8; 32], SealError> {
    let key = AeadKey::<XChaCha20Poly1305>::try_generate().map_err(|_no_randomness| SealError::CannotSeal)?;
    Ok(key.into())
}
