//! The programs that servers are given: this one, and those of the configuration.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::error::{Error, Result};

/// The running program, also when the file that it was started from has been replaced.
const OWN_PROGRAM: &str = "/proc/self/exe";

/// A program that can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    path: PathBuf,
    /// In hexadecimal.
    pub(crate) sha256: String,
    /// In bytes.
    pub(crate) size: u64,
    /// Tells the file from another that is put in its place.
    mark: Mark,
}

/// Device, inode, size, time of the last change.
type Mark = (u64, u64, u64, i64, i64);

/// What is known of the files, which are read once.
#[derive(Debug, Default)]
pub(super) struct Programs(Mutex<HashMap<PathBuf, Arc<Program>>>);

impl Program {
    /// Opens it for reading.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn open(&self) -> Result<tokio::fs::File> {
        let opened = tokio::fs::File::open(&self.path).await;
        opened.map_err(|error| unreadable(&self.path, error))
    }
}

/// The program for an architecture, as `uname -m` says it; nothing where there is none.
///
/// # Errors
/// When its file cannot be read.
pub(crate) async fn program(app: &App, architecture: &str) -> Result<Option<Arc<Program>>> {
    let configured = app.config().updates.programs.get(architecture);
    let path = match configured {
        Some(path) => path.clone(),
        None if architecture == std::env::consts::ARCH => OWN_PROGRAM.into(),
        None => return Ok(None),
    };
    let known = app.nodes().programs.0.lock().get(&path).cloned();
    let reading = path.clone();
    let read = tokio::task::spawn_blocking(move || read(&reading, known)).await;
    let program = read
        .map_err(Error::internal)?
        .map_err(|error| unreadable(&path, error))?;
    app.nodes()
        .programs
        .0
        .lock()
        .insert(path, Arc::clone(&program));
    Ok(Some(program))
}

/// The architectures that there is a program for.
pub(super) fn architectures(app: &App) -> Vec<&str> {
    let configured = app.config().updates.programs.keys().map(String::as_str);
    let mut all: Vec<&str> = configured.chain([std::env::consts::ARCH]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let detail = format!(
        "The program {} that servers are given cannot be read.",
        path.display()
    );
    Error::unavailable(detail).with_source(error)
}

/// What is known still holds, or is read anew.
fn read(path: &Path, known: Option<Arc<Program>>) -> io::Result<Arc<Program>> {
    let mark = mark(&fs::metadata(path)?);
    if let Some(known) = known.filter(|known| known.mark == mark) {
        return Ok(known);
    }
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => {
                hash.update(&buffer[..count]);
                size += count as u64;
            }
        }
    }
    Ok(Arc::new(Program {
        path: path.to_owned(),
        sha256: hex::encode(hash.finalize()),
        size,
        mark,
    }))
}

fn mark(found: &fs::Metadata) -> Mark {
    (
        found.dev(),
        found.ino(),
        found.size(),
        found.mtime(),
        found.mtime_nsec(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_read_again_when_another_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("atelier");
        fs::write(&path, "one").unwrap();
        let first = read(&path, None).unwrap();
        assert!(Arc::ptr_eq(
            &first,
            &read(&path, Some(Arc::clone(&first))).unwrap()
        ));
        fs::write(folder.path().join("new"), "two!").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        let second = read(&path, Some(Arc::clone(&first))).unwrap();
        assert_ne!(second.sha256, first.sha256);
        assert_eq!(second.size, 4);
    }
}
