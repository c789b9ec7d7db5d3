//! The sealing keys: no key, no start. They come from the settings or from a file that only its owner may read. All other
//! keys are made from them, or lie sealed under them in the database.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;
use store::keys::KeyRing;
use store::suites::Suite;

use super::Settings;

/// The keys of one installation.
pub struct Keys {
    /// Master keys that seal personal data.
    pub sealing: KeyRing,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Neither the settings nor the data directory have the key.
    #[error(
        "there is no {name}: set {variable} to 32 random bytes in base64, or let the first `daowei user add` make {}",
        path.display()
    )]
    Missing {
        /// What the key is called.
        name: &'static str,
        /// The environment variable that can give it.
        variable: &'static str,
        /// The file that can hold it.
        path: PathBuf,
    },
    /// The sealing keys cannot be used.
    #[error("the sealing key: {0}")]
    Sealing(#[from] store::keys::KeyError),
    /// The file is open to others.
    #[error("{} may be read by others than its owner; set its mode to 0600", .0.display())]
    Open(PathBuf),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Keys {
    /// Takes the keys from the settings or the key files.
    ///
    /// # Errors
    /// A key that is missing, malformed, or in a file that others can read.
    pub fn load(settings: &Settings) -> Result<Self, KeyError> {
        let sealing = match &settings.key {
            Some(text) => KeyRing::from_base64(text.expose_secret())?,
            None => KeyRing::from_file(&present(sealing_file(settings), "sealing key", "DAOWEI_KEY")?)?,
        };
        Ok(Self { sealing })
    }

    /// As `load`, but makes the files that are missing and tells which.
    ///
    /// # Errors
    /// As `load`, or a directory that cannot be written.
    pub fn load_or_make(settings: &Settings) -> Result<(Self, Vec<PathBuf>), KeyError> {
        let mut made = Vec::new();
        let sealing = sealing_file(settings);
        let unreadable = |path: &Path, source| KeyError::Unreadable { path: path.to_owned(), source };
        if settings.key.is_none() && !sealing.exists() {
            make_directory(&sealing).map_err(|source| unreadable(&sealing, source))?;
            KeyRing::create_file(&sealing, settings.suite.unwrap_or(Suite::International))?;
            made.push(sealing);
        }
        Ok((Self::load(settings)?, made))
    }
}

/// The file that holds the sealing keys where the settings do not.
pub fn sealing_file(settings: &Settings) -> PathBuf {
    settings.data.join("keys").join("sealing.key")
}

fn present(path: PathBuf, name: &'static str, variable: &'static str) -> Result<PathBuf, KeyError> {
    if !path.exists() {
        return Err(KeyError::Missing { name, variable, path });
    }
    refuse_open_file(&path)?;
    Ok(path)
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata =
        fs::metadata(path).map_err(|source| KeyError::Unreadable { path: path.to_owned(), source })?;
    if metadata.permissions().mode() & 0o077 == 0 { Ok(()) } else { Err(KeyError::Open(path.to_owned())) }
}

#[cfg(not(unix))]
fn refuse_open_file(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

fn make_directory(file: &Path) -> std::io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}
