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
    let (modified, changed) = (metadata.stx_mtime, metadata.stx_ctime);
    let numbers = [
        metadata.stx_ino,
        metadata.stx_size,
        modified.tv_sec.cast_unsigned(),
        modified.tv_nsec.into(),
        changed.tv_sec.cast_unsigned(),
        changed.tv_nsec.into(),
    ];
    // By hand: `format!` takes a tenth of the time of a long list.
    let mut tag = String::with_capacity(64);
    for (index, number) in numbers.into_iter().enumerate() {
        tag.push(if index == 0 { '"' } else { '-' });
        push_hexadecimal(&mut tag, number);
    }
    tag.push('"');
    tag
}

fn push_hexadecimal(text: &mut String, number: u64) {
    let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        let value = (number >> (4 * digit)) & 0xf;
        text.push(char::from(
            b"0123456789abcdef"[usize::try_from(value).expect("a digit")],
        ));
    }
}

/// What a link says, and what it leads to inside the root.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) text: Vec<u8>,
    pub(crate) target: Option<Metadata>,
}

/// The entry that `path` names (a link itself), freshly read.
pub(crate) fn view(root: &RootDir, path: &RelativePath) -> Result<FileEntry> {
    let fd = root.open_at(path, OFlags::PATH | OFlags::NOFOLLOW)?;
    let metadata = metadata(&fd)?;
    let link = match file_type(&metadata) {
        // An empty name reads the link that the descriptor stands for (readlinkat(2)).
        FileType::Symlink => Some(Link {
            text: readlinkat(&fd, "", Vec::new())?.into_bytes(),
            target: root.target(path),
        }),
        _ => None,
    };
    Ok(describe(path.name(), path.wire(), &metadata, link))
}

/// The entry `name`, of which `path` is the whole path on the wire, from what is known of it.
pub(crate) fn describe(
    name: &[u8],
    path: String,
    metadata: &Metadata,
    link: Option<Link>,
) -> FileEntry {
    let kind = kind(metadata);
    let target_kind = link
        .as_ref()
        .and_then(|link| link.target.as_ref())
        .map(self::kind);
    FileEntry {
        name: String::from_utf8_lossy(name).into_owned(),
        path,
        kind,
        size: if kind == FileKind::Directory {
            0
        } else {
            metadata.stx_size
        },
        modified_at: modified_at(metadata),
        mode: u32::from(metadata.stx_mode) & 0o777,
        target: link.map(|link| String::from_utf8_lossy(&link.text).into_owned()),
        target_kind,
        etag: is_file(metadata).then(|| etag(metadata)),
    }
}

/// Likewise, as the API names it.
pub(crate) fn kind(metadata: &Metadata) -> FileKind {
    match file_type(metadata) {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Symlink,
        _ => FileKind::Other,
    }
}

/// When it was modified, to the millisecond.
pub(crate) fn modified_at(metadata: &Metadata) -> Timestamp {
    let time = metadata.stx_mtime;
    let ms = i64::from(time.tv_nsec / 1_000_000);
    Timestamp(time.tv_sec.saturating_mul(1000).saturating_add(ms))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::push_hexadecimal;

    proptest! {
        #[test]
        fn numbers_are_written_as_elsewhere(number: u64, shift in 0_u32..64) {
            let number = number >> shift;
            let mut text = String::new();
            push_hexadecimal(&mut text, number);
            prop_assert_eq!(text, format!("{number:x}"));
        }
    }
}
