//! Files, written from a template that is made once a process and kept in memory, where nothing is left behind.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::{Contents, fill};

/// The file's name in its directory.
const FILE: &str = "daowei.db";

/// A directory with the file in it, and its address; the program makes an empty one itself.
pub(crate) fn database(contents: Contents) -> (TempDir, String) {
    let directory = directory();
    let file = directory.path().join(FILE);
    let url = format!("sqlite:{}", file.display());
    if let Some(bytes) = template(contents) {
        write_private(&file, bytes).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    (directory, url)
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary directory: {error}"))
}

fn template(contents: Contents) -> Option<&'static [u8]> {
    static TABLES: OnceLock<Vec<u8>> = OnceLock::new();
    static REFERENCE_DATA: OnceLock<Vec<u8>> = OnceLock::new();
    let made = match contents {
        Contents::Nothing => return None,
        Contents::Tables => &TABLES,
        Contents::ReferenceData => &REFERENCE_DATA,
    };
    Some(made.get_or_init(|| {
        let directory = directory();
        let file = directory.path().join(FILE);
        // The last connection that closes writes the log back into the file.
        fill(&format!("sqlite:{}", file.display()), contents);
        fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }))
}

/// Whether any of the files in the directory has the words.
pub(crate) fn hold(directory: &Path, words: &str) -> bool {
    let files = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let mut contents = files.filter_map(|file| fs::read(file.path()).ok());
    contents.any(|bytes| bytes.windows(words.len()).any(|part| part == words.as_bytes()))
}

/// With the mode that the program gives it.
fn write_private(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(file)?, bytes)
}
