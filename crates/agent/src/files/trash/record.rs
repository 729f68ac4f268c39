//! What the trash knows of an entry: a file beside it.

use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};

use atelier_api::Timestamp;
use atelier_api::agent::files::FileKind;
use atelier_api::agent::trash::TrashEntry;
use atelier_api::ids::TrashId;
use rustix::fs::{Mode, OFlags, openat};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::files::entry::{self, Metadata};
use crate::files::error::{FileError, Reason, Result};
use crate::files::path::RelativePath;
use crate::files::root::Place;
use crate::files::temporary::{Existing, Temporary};

const NAME: &[u8] = b"item.json";

/// Longer than any path on the wire, in which each of 4,095 bytes may take three; anyone can write into the
/// trash, so what is read is bounded.
const BYTES_MAX: u64 = 64 * 1024;

/// What is written down of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The path that it had, as on the wire.
    pub(super) path: String,
    kind: FileKind,
    pub(super) deleted_at: Timestamp,
    /// Absent until it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
}

impl Record {
    pub(super) fn new(path: &RelativePath, metadata: &Metadata) -> Self {
        let kind = entry::kind(metadata);
        Self {
            path: path.wire(),
            kind,
            deleted_at: clock::now(),
            size: (kind != FileKind::Directory).then(|| metadata.stx_blocks * 512),
        }
    }

    /// Reads the one in an item.
    pub(super) fn read(item: &OwnedFd) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file: std::fs::File = openat(item, NAME, flags, Mode::empty())?.into();
        let mut json = Vec::new();
        file.take(BYTES_MAX).read_to_end(&mut json)?;
        // Somebody else wrote it: to us it is nothing.
        serde_json::from_slice(&json).map_err(|_| Reason::NotFound.into())
    }

    /// Writes it into an item, in place of an older one.
    pub(super) fn save(&self, item: &OwnedFd) -> Result<()> {
        write(
            item,
            NAME,
            &serde_json::to_vec(self).expect("a record is plain data"),
        )
    }

    /// The path that it had.
    pub(super) fn path(&self) -> Result<RelativePath> {
        RelativePath::parse(&self.path).map_err(FileError::from)
    }

    pub(super) fn describe(&self, id: TrashId) -> TrashEntry {
        let name = self.path().unwrap_or_default();
        TrashEntry {
            id,
            name: String::from_utf8_lossy(name.name()).into_owned(),
            path: self.path.clone(),
            kind: self.kind,
            size: self.size,
            deleted_at: self.deleted_at,
        }
    }
}

/// Writes a small file whole.
pub(super) fn write(directory: &OwnedFd, name: &[u8], content: &[u8]) -> Result<()> {
    let parent = directory.as_fd().try_clone_to_owned()?;
    let (temporary, mut file) = Temporary::file(parent, Mode::RUSR | Mode::WUSR)?;
    file.write_all(content)?;
    let destination = Place {
        parent: directory.as_fd().try_clone_to_owned()?,
        name: name.to_vec(),
    };
    temporary.publish(&destination, Existing::Replace)
}
