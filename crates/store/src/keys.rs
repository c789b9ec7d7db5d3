//! Keys for personal data, from a file or from the environment.
//!
//! A ring is a list of numbered keys of 32 bytes, written `NUMBER:BASE64`, one a line or separated by commas.
//! The highest number seals; the others only open what they once sealed. A lone key needs no number.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Generate, Key as AeadKey};
use secrecy::{ExposeSecret, SecretBox};

const KEY_LENGTH: usize = 32;
const FIRST_ID: u8 = 1;

/// Why there are no keys; says nothing of their content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("no key is given")]
    None,
    #[error("entry {entry} of the key ring is not NUMBER:BASE64 of {KEY_LENGTH} bytes")]
    NotAKey { entry: usize },
    #[error("the key ring has two keys of number {id}")]
    Twice { id: u8 },
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    #[error("cannot use the key file {path}")]
    File { path: String, source: io::Error },
}

/// A master key; wiped from memory when dropped.
pub struct Key {
    id: u8,
    bytes: SecretBox<[u8; KEY_LENGTH]>,
}

impl Key {
    pub(crate) fn id(&self) -> u8 {
        self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        self.bytes.expose_secret()
    }

    fn parse(entry: &str) -> Option<Self> {
        let (id, text) = match entry.split_once(':') {
            Some((id, text)) => (id.trim().parse().ok()?, text.trim()),
            None => (FIRST_ID, entry),
        };
        let decoded: SecretBox<Vec<u8>> = SecretBox::new(Box::new(STANDARD.decode(text).ok()?));
        let bytes: [u8; KEY_LENGTH] = decoded.expose_secret().as_slice().try_into().ok()?;
        Some(Self { id, bytes: SecretBox::new(Box::new(bytes)) })
    }
}

/// At least one master key, each with a number of its own.
pub struct KeyRing {
    oldest: Key,
    /// In order of their numbers.
    younger: Vec<Key>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing of {} keys", 1 + self.younger.len())
    }
}

impl KeyRing {
    /// Reads a ring from text, as it comes from the environment.
    ///
    /// # Errors
    /// [`KeyError::None`], [`KeyError::NotAKey`], [`KeyError::Twice`].
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let entries = text.split(['\n', ',']).map(str::trim).filter(|entry| !entry.is_empty());
        let mut keys = Vec::new();
        for (index, entry) in entries.enumerate() {
            keys.push(Key::parse(entry).ok_or(KeyError::NotAKey { entry: index + 1 })?);
        }
        keys.sort_by_key(Key::id);
        let mut in_order = keys.into_iter();
        let mut ring = Self { oldest: in_order.next().ok_or(KeyError::None)?, younger: Vec::new() };
        for key in in_order {
            if ring.newest_and_others().0.id == key.id {
                return Err(KeyError::Twice { id: key.id });
            }
            ring.younger.push(key);
        }
        Ok(ring)
    }

    /// Reads a ring from a file, and warns if others on the machine could read it too.
    ///
    /// # Errors
    /// [`KeyError::File`], and those of [`KeyRing::from_base64`].
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let text = std::fs::read_to_string(path).map_err(|source| file_error(path, source))?;
        warn_if_shared(path);
        Self::from_base64(&text)
    }

    /// Makes a file with one new random key, which only its owner may read.
    ///
    /// # Errors
    /// [`KeyError::File`] also if the file is there already: a key is never overwritten.
    pub fn create_file(path: &Path) -> Result<Self, KeyError> {
        let key = AeadKey::<XChaCha20Poly1305>::try_generate().map_err(|_none| KeyError::NoRandomness)?;
        let line = format!("{FIRST_ID}:{}\n", STANDARD.encode(key));
        write_private(path, line.as_bytes()).map_err(|source| file_error(path, source))?;
        Self::from_base64(&line)
    }

    pub(crate) fn oldest(&self) -> &Key {
        &self.oldest
    }

    pub(crate) fn newest_and_others(&self) -> (&Key, impl Iterator<Item = &Key>) {
        let newest = self.younger.last().unwrap_or(&self.oldest);
        let all = std::iter::once(&self.oldest).chain(&self.younger);
        (newest, all.filter(move |key| key.id != newest.id))
    }
}

fn file_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::File { path: path.display().to_string(), source }
}

/// A lost key loses every sealed field, so the file and its entry in the directory are on disk before it is used.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn warn_if_shared(path: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(path)
        && std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
    {
        tracing::warn!(path = %path.display(), "others on this machine may read the key file; its mode should be 0600");
    }
}
