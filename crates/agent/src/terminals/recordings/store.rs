//! The recordings of a workspace, as files below the user's home.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use atelier_api::agent::recordings::Recording;
use atelier_api::ids::RecordingId;

use super::RecordingLimits;
use super::cast;

/// Where they lie, below the home.
const DIRECTORY: &str = ".local/share/atelier/recordings";

/// What follows a recording's id in its file's name.
const SUFFIX: &str = ".cast";

/// How many files are looked at. Nobody but the agent is to put any there.
const FILES_MAX: usize = 10_000;

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct Store {
    directory: PathBuf,
}

impl Store {
    pub(super) fn below(home: &Path) -> Self {
        Self {
            directory: home.join(DIRECTORY),
        }
    }

    /// All of them, newest first. A file that is none is passed over.
    pub(super) fn list(&self) -> io::Result<Vec<Recording>> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut ids: Vec<RecordingId> = entries
            .take(FILES_MAX)
            .filter_map(|entry| {
                let name = entry.ok()?.file_name();
                name.to_str()?.strip_suffix(SUFFIX)?.parse().ok()
            })
            .collect();
        // Ids rise with time.
        ids.sort_unstable_by(|one, other| other.cmp(one));
        let readable = ids.into_iter().filter_map(|id| self.view(id).ok());
        Ok(readable.collect())
    }

    pub(super) fn view(&self, id: RecordingId) -> io::Result<Recording> {
        cast::read(&self.path(id), id)
    }

    pub(super) fn open(&self, id: RecordingId) -> io::Result<File> {
        File::open(self.path(id))
    }

    pub(super) fn delete(&self, id: RecordingId) -> io::Result<()> {
        fs::remove_file(self.path(id))
    }

    /// Deletes the oldest that are not `kept` until there is room for one more; those that went.
    pub(super) fn make_room(
        &self,
        limits: &RecordingLimits,
        kept: &[RecordingId],
    ) -> io::Result<Vec<Recording>> {
        let mut all = self.list()?;
        // Those that are being made may become as large as they may.
        let reserved = limits.bytes * (kept.len() as u64 + 1);
        let (mut dropped, mut at) = (Vec::new(), all.len());
        while at > 0 {
            let ended = all.iter().filter(|one| !kept.contains(&one.id));
            let size = ended.map(|one| one.size_bytes).sum::<u64>();
            if all.len() < limits.count && size + reserved <= limits.bytes_together {
                break;
            }
            at -= 1;
            if !kept.contains(&all[at].id) {
                let oldest = all.remove(at);
                self.delete(oldest.id)?;
                dropped.push(oldest);
            }
        }
        Ok(dropped)
    }

    /// A new file that begins with `header`.
    pub(super) fn create(&self, id: RecordingId, header: &[u8]) -> io::Result<File> {
        let mut builder = fs::DirBuilder::new();
        builder
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)?;
        let mut options = fs::OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(self.path(id))?;
        file.write_all(header)?;
        Ok(file)
    }

    fn path(&self, id: RecordingId) -> PathBuf {
        self.directory.join(format!("{id}{SUFFIX}"))
    }
}
