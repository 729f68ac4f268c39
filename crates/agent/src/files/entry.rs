//! What is known about an entry, and its version.

use std::os::fd::AsFd;

use atelier_api::Timestamp;
use atelier_api::agent::files::{FileEntry, FileKind};
use rustix::fs::{AtFlags, FileType, OFlags, Statx, StatxFlags, readlinkat, statx};

use super::error::Result;
use super::path::RelativePath;
use super::root::RootDir;

/// What the kernel says about a file.
pub(crate) type Metadata = Statx;

/// What is asked of the kernel.
pub(crate) const MASK: StatxFlags = StatxFlags::BASIC_STATS;

/// What an open file is; works for `O_PATH`, too.
pub(crate) fn metadata(fd: impl AsFd) -> Result<Metadata> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW;
    Ok(statx(fd, "", flags, MASK)?)
}

pub(crate) fn file_type(metadata: &Metadata) -> FileType {
    FileType::from_raw_mode(metadata.stx_mode.into())
}

pub(crate) fn is_directory(metadata: &Metadata) -> bool {
    file_type(metadata) == FileType::Directory
}

pub(crate) fn is_file(metadata: &Metadata) -> bool {
    file_type(metadata) == FileType::RegularFile
}

/// Tells whether two descriptions are of the same file.
pub(crate) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    let id = |m: &Metadata| (m.stx_dev_major, m.stx_dev_minor, m.stx_ino);
    id(one) == id(other)
}

/// The version of a file as a strong entity tag (RFC 9110 §8.8.3): inode, size, and both times to
/// the nanosecond. The change time cannot be set by a program, so no edit keeps the tag.
pub(crate) fn etag(metadata: &Metadata) -> String {
    format!(
        "\"{:x}-{:x}-{:x}.{:x}-{:x}.{:x}\"",
        metadata.stx_ino,
        metadata.stx_size,
        metadata.stx_mtime.tv_sec,
        metadata.stx_mtime.tv_nsec,
        metadata.stx_ctime.tv_sec,
        metadata.stx_ctime.tv_nsec,
    )
}

/// The entry that `path` names (a link itself), freshly read.
pub(crate) fn view(root: &RootDir, path: &RelativePath) -> Result<FileEntry> {
    let fd = root.open_at(path, OFlags::PATH | OFlags::NOFOLLOW)?;
    let metadata = metadata(&fd)?;
    let link = match file_type(&metadata) {
        // An empty name reads the link that the descriptor stands for (readlinkat(2)).
        FileType::Symlink => Some(readlinkat(&fd, "", Vec::new())?.into_bytes()),
        _ => None,
    };
    Ok(describe(
        root,
        path,
        &path.wire(),
        &metadata,
        link.as_deref(),
    ))
}

/// The entry at `path`, written `wire`, from what is known of it.
pub(crate) fn describe(
    root: &RootDir,
    path: &RelativePath,
    wire: &str,
    metadata: &Metadata,
    link: Option<&[u8]>,
) -> FileEntry {
    let kind = kind(metadata);
    FileEntry {
        name: String::from_utf8_lossy(path.name()).into_owned(),
        path: wire.to_owned(),
        kind,
        size: if kind == FileKind::Directory {
            0
        } else {
            metadata.stx_size
        },
        modified_at: modified_at(metadata),
        mode: u32::from(metadata.stx_mode) & 0o777,
        target: link.map(|link| String::from_utf8_lossy(link).into_owned()),
        target_kind: link
            .and_then(|_| root.target(path))
            .map(|target| self::kind(&target)),
        etag: is_file(metadata).then(|| etag(metadata)),
    }
}

fn kind(metadata: &Metadata) -> FileKind {
    match file_type(metadata) {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Symlink,
        _ => FileKind::Other,
    }
}

fn modified_at(metadata: &Metadata) -> Timestamp {
    let time = metadata.stx_mtime;
    let ms = i64::from(time.tv_nsec / 1_000_000);
    Timestamp(time.tv_sec.saturating_mul(1000).saturating_add(ms))
}
