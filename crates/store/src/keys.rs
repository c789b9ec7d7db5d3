//! Keys for personal data, from a file or from the environment.
//!
//! A ring is a list of entries, one a line or separated by commas:
//!
//! * `NUMBER:BASE64`, a master key of 32 bytes. The highest number seals; the others only open what they once sealed. A lone key
//!   needs no number. `NUMBER:sm4:BASE64` is one for the national algorithms.
//! * `sealing:NUMBER`, where another key seals than that of the highest number: a new key is given to all processes before any of
//!   them seals with it.
//! * `index:BASE64` or `index:sm3:BASE64`, the key of the blind indexes; without it, it is derived from the key of the lowest number, which then must stay.
//! * `signed:BASE64`, the public key of checkpoints whose master key is gone.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Generate, Key as AeadKey};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::suites::{KEY_LENGTH, Suite};
use crate::{checkpoints, sealing};

const FIRST_ID: u8 = 1;

/// Why there are no keys; says nothing of their content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("no key is given")]
    None,
    #[error(
        "entry {entry} of the key ring is not NUMBER:BASE64 of {KEY_LENGTH} bytes, nor sealing:, index: or signed:"
    )]
    NotAKey { entry: usize },
    #[error("the key ring has no key of number {id}")]
    Unknown { id: u8 },
    #[error("the key {id} seals; another seals before this one is retired")]
    Seals { id: u8 },
    #[error("the key ring has no number left for another key")]
    Full,
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
    suite: Suite,
    bytes: SecretBox<[u8; KEY_LENGTH]>,
}

impl Key {
    /// The number by which what it sealed names it.
    pub fn id(&self) -> u8 {
        self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        self.bytes.expose_secret()
    }

    /// Its algorithms, which it has for good.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    fn random(id: u8, suite: Suite) -> Result<Self, KeyError> {
        let key = AeadKey::<XChaCha20Poly1305>::try_generate().map_err(|_none| KeyError::NoRandomness)?;
        Ok(Self { id, suite, bytes: SecretBox::new(Box::new(key.into())) })
    }

    fn line(&self) -> Zeroizing<String> {
        let suite = if self.suite == Suite::National { SM4 } else { "" };
        let key = encoded(self.bytes());
        // Long enough at once: text that grows leaves itself behind.
        let mut line = Zeroizing::new(String::with_capacity(100));
        for part in [&self.id.to_string(), ":", suite, key.as_str(), "\n"] {
            line.push_str(part);
        }
        line
    }
}

/// What an entry of a ring says.
enum Entry {
    Key(Key),
    Sealing(u8),
    Index(Suite, Bytes),
    Signed([u8; KEY_LENGTH]),
}

/// Before a key for the national algorithms, to seal and to index.
const SM4: &str = "sm4:";
const SM3: &str = "sm3:";

type Bytes = SecretBox<[u8; KEY_LENGTH]>;

fn encoded(key: &[u8; KEY_LENGTH]) -> Zeroizing<String> {
    Zeroizing::new(STANDARD.encode(key))
}

fn decoded(text: &str) -> Option<Bytes> {
    let decoded: SecretBox<Vec<u8>> = SecretBox::new(Box::new(STANDARD.decode(text).ok()?));
    let bytes: [u8; KEY_LENGTH] = decoded.expose_secret().as_slice().try_into().ok()?;
    Some(SecretBox::new(Box::new(bytes)))
}

impl Entry {
    fn parse(entry: &str) -> Option<Self> {
        let Some((name, text)) = entry.split_once(':') else {
            return Some(Self::Key(Key {
                id: FIRST_ID,
                suite: Suite::International,
                bytes: decoded(entry)?,
            }));
        };
        let text = text.trim();
        let of_suite = |national: &str| match text.strip_prefix(national) {
            Some(text) => Some((Suite::National, decoded(text)?)),
            None => Some((Suite::International, decoded(text)?)),
        };
        Some(match name.trim() {
            "sealing" => Self::Sealing(text.parse().ok()?),
            "index" => {
                let (suite, key) = of_suite(SM3)?;
                Self::Index(suite, key)
            }
            "signed" => Self::Signed(*decoded(text)?.expose_secret()),
            id => {
                let (suite, bytes) = of_suite(SM4)?;
                Self::Key(Key { id: id.parse().ok()?, suite, bytes })
            }
        })
    }
}

/// At least one master key, each with a number of its own.
pub struct KeyRing {
    oldest: Key,
    /// In order of their numbers.
    younger: Vec<Key>,
    /// Which seals, where it is not the youngest.
    sealing: Option<u8>,
    /// Of the blind indexes, where it is not derived from the oldest.
    index: Option<(Suite, Bytes)>,
    /// Of checkpoints whose master key is gone.
    signed: Vec<[u8; KEY_LENGTH]>,
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
        let (mut keys, mut sealing, mut index, mut signed) = (Vec::new(), None, None, Vec::new());
        for (place, entry) in entries.enumerate() {
            match Entry::parse(entry).ok_or(KeyError::NotAKey { entry: place + 1 })? {
                Entry::Key(key) => keys.push(key),
                Entry::Sealing(id) => sealing = Some(id),
                Entry::Index(suite, key) => index = Some((suite, key)),
                Entry::Signed(key) => signed.push(key),
            }
        }
        keys.sort_by_key(Key::id);
        let mut in_order = keys.into_iter();
        let oldest = in_order.next().ok_or(KeyError::None)?;
        let mut ring = Self { oldest, younger: Vec::new(), sealing, index, signed };
        for key in in_order {
            if ring.youngest().id == key.id {
                return Err(KeyError::Twice { id: key.id });
            }
            ring.younger.push(key);
        }
        match sealing.filter(|id| ring.keys().all(|key| key.id != *id)) {
            Some(id) => Err(KeyError::Unknown { id }),
            None => Ok(ring),
        }
    }

    /// All keys, in the order of their numbers.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.oldest).chain(&self.younger)
    }

    fn youngest(&self) -> &Key {
        self.younger.last().unwrap_or(&self.oldest)
    }

    /// The key that seals.
    pub fn sealing(&self) -> &Key {
        let named = self.sealing.and_then(|id| self.keys().find(|key| key.id == id));
        named.unwrap_or_else(|| self.youngest())
    }

    /// The ring with another, random key of the next number that none of the ring and none of these has had; unless it only opens
    /// at first, it seals from now on.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`], [`KeyError::Full`].
    pub fn with_another(
        mut self,
        suite: Suite,
        opens_only: bool,
        had: impl IntoIterator<Item = u8>,
    ) -> Result<Self, KeyError> {
        let highest = had.into_iter().fold(self.youngest().id, u8::max);
        let id = highest.checked_add(1).ok_or(KeyError::Full)?;
        self.sealing = opens_only.then_some(self.sealing().id);
        self.younger.push(Key::random(id, suite)?);
        Ok(self)
    }

    /// The ring without the key of that number, and that key's own entry. What was derived from it and goes on being needed stays.
    ///
    /// # Errors
    /// [`KeyError::Unknown`], [`KeyError::Seals`].
    pub fn without(mut self, id: u8) -> Result<(Self, SecretString), KeyError> {
        if self.sealing().id == id {
            return Err(KeyError::Seals { id });
        }
        let index = (self.index_suite(), SecretBox::new(Box::new(*self.index_key())));
        let (gone, mut left): (Vec<Key>, Vec<Key>) =
            std::iter::once(self.oldest).chain(self.younger).partition(|key| key.id == id);
        let Some(gone) = gone.first() else { return Err(KeyError::Unknown { id }) };
        self.signed.push(checkpoints::public_key_of(gone));
        // The key that seals is among them.
        let oldest = if left.is_empty() { return Err(KeyError::None) } else { left.remove(0) };
        Ok((Self { oldest, younger: left, index: Some(index), ..self }, gone.line().as_str().into()))
    }

    /// The algorithms of the blind indexes.
    pub(crate) fn index_suite(&self) -> Suite {
        self.index.as_ref().map_or(self.oldest.suite, |(suite, _)| *suite)
    }

    /// The key of the blind indexes.
    pub(crate) fn index_key(&self) -> Zeroizing<[u8; KEY_LENGTH]> {
        match &self.index {
            Some((_, key)) => Zeroizing::new(*key.expose_secret()),
            None => sealing::derive(&self.oldest, b"daowei blind index 1"),
        }
    }

    /// The public keys of checkpoints whose master key is gone.
    pub(crate) fn signed(&self) -> &[[u8; KEY_LENGTH]] {
        &self.signed
    }

    /// The ring as it is read again, an entry a line.
    pub fn text(&self) -> SecretString {
        // Long enough at once: text that grows leaves itself behind.
        let mut text = String::with_capacity(100 * (2 + self.younger.len() + self.signed.len()));
        for key in self.keys() {
            text.push_str(&key.line());
        }
        if let Some(id) = self.sealing {
            text.push_str(&format!("sealing:{id}\n"));
        }
        if let Some((suite, index)) = &self.index {
            let suite = if *suite == Suite::National { SM3 } else { "" };
            let key = encoded(index.expose_secret());
            for part in ["index:", suite, key.as_str(), "\n"] {
                text.push_str(part);
            }
        }
        for signed in &self.signed {
            text.push_str(&format!("signed:{}\n", STANDARD.encode(signed)));
        }
        text.into()
    }

    /// Writes the ring into the place of the one in the file, or in the file that it is a link to: whatever happens meanwhile, it has
    /// one or the other. It stays its owner's.
    ///
    /// # Errors
    /// [`KeyError::File`]; the ring in the file is the one of before then.
    pub fn replace_file(&self, path: &Path) -> Result<(), KeyError> {
        let replaced = std::fs::canonicalize(path).and_then(|path| replace(&path, &self.text()));
        replaced.map_err(|source| file_error(path, source))
    }

    /// Reads a ring from a file, and warns if others on the machine could read it too.
    ///
    /// # Errors
    /// [`KeyError::File`], and those of [`KeyRing::from_base64`].
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let text =
            std::fs::read_to_string(path).map(Zeroizing::new).map_err(|source| file_error(path, source))?;
        warn_if_shared(path);
        Self::from_base64(&text)
    }

    /// Makes a file with one new random key of the suite, which only its owner may read.
    ///
    /// # Errors
    /// [`KeyError::File`] also if the file is there already: a key is never overwritten.
    pub fn create_file(path: &Path, suite: Suite) -> Result<Self, KeyError> {
        let line = Key::random(FIRST_ID, suite)?.line();
        write_private(path, line.as_bytes()).map_err(|source| file_error(path, source))?;
        Self::from_base64(&line)
    }

    /// The key that seals, and the others.
    pub(crate) fn sealing_and_others(&self) -> (&Key, impl Iterator<Item = &Key>) {
        let sealing = self.sealing();
        (sealing, self.keys().filter(move |key| key.id != sealing.id))
    }
}

/// Writes something secret into a file that only its owner may read, unless it stands there already; it has the owner of the file
/// beside it.
///
/// # Errors
/// [`KeyError::File`] also if the file is there with something else: a key is never overwritten.
pub fn keep_private(path: &Path, beside: &Path, secret: &SecretString) -> Result<(), KeyError> {
    match std::fs::read_to_string(path) {
        Ok(kept) if kept == secret.expose_secret() => return Ok(()),
        Ok(_) => {
            let source = io::Error::new(io::ErrorKind::AlreadyExists, "another key is kept there");
            return Err(file_error(path, source));
        }
        Err(_) => {}
    }
    let kept = written_beside(path, beside, secret).and_then(|new| std::fs::rename(&new, path));
    kept.and_then(|()| sync_directory(path)).map_err(|source| file_error(path, source))
}

fn replace(path: &Path, text: &SecretString) -> io::Result<()> {
    let new = written_beside(path, path, text)?;
    std::fs::rename(&new, path)?;
    sync_directory(path)
}

/// Writes a file that is to get the name, with the owner of the other.
fn written_beside(path: &Path, owned_as: &Path, text: &SecretString) -> io::Result<PathBuf> {
    let new = path.with_extension("new");
    remove_if_there(&new)?;
    write_private(&new, text.expose_secret().as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (owner, own) = (std::fs::metadata(owned_as)?, std::fs::metadata(&new)?);
        if (owner.uid(), owner.gid()) != (own.uid(), own.gid()) {
            std::os::unix::fs::chown(&new, Some(owner.uid()), Some(owner.gid()))?;
        }
    }
    Ok(new)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
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
    sync_directory(path)
}

fn sync_directory(path: &Path) -> io::Result<()> {
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
