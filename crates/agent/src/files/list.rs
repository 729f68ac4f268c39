//! One directory, paged: directories first, then by name, case-insensitively.

use std::os::fd::{AsFd, OwnedFd};

use atelier_api::agent::files::FileList;
use rustix::fs::{AtFlags, FileType, RawDir, SeekFrom, readlinkat, seek, statx};
use rustix::io::Errno;

use super::entry::{self, Link, Metadata};
use super::error::Result;
use super::path::{RelativePath, push_encoded};
use super::reserved::is_reserved;
use super::root::RootDir;
use super::temporary;

/// How much of a directory one system call reads, in bytes: about 2,000 names.
const BUFFER_BYTES: usize = 64 * 1024;

/// Where an entry stands in the list. A page begins after the key of the last entry of the page
/// before, so that it stays right when entries come and go between.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    is_not_directory: bool,
    folded: String,
    name: Vec<u8>,
}

impl Key {
    fn new(is_directory: bool, name: &[u8]) -> Self {
        Self {
            is_not_directory: !is_directory,
            folded: String::from_utf8_lossy(name).to_lowercase(),
            name: name.to_vec(),
        }
    }

    fn cursor(&self) -> String {
        let kind = if self.is_not_directory { 'f' } else { 'd' };
        format!("{kind}{}", hex::encode(&self.name))
    }

    /// Reads a cursor; nothing when it is not one of ours.
    pub(crate) fn from_cursor(cursor: &str) -> Option<Self> {
        let (kind, name) = cursor.split_at_checked(1)?;
        let name = hex::decode(name).ok()?;
        match kind {
            "d" => Some(Self::new(true, &name)),
            "f" => Some(Self::new(false, &name)),
            _ => None,
        }
    }
}

/// At most `limit` entries of a directory, those that come first after `after`.
pub(crate) fn list(
    root: &RootDir,
    path: &RelativePath,
    after: Option<&Key>,
    limit: usize,
) -> Result<FileList> {
    let directory = root.open_directory(path)?;
    let mut page = Page::new(limit);
    let mut total = 0;
    let mut leftovers = Vec::new();
    each_entry(&directory, |name, kind| {
        if temporary::is_temporary(name) {
            leftovers.push(name.to_vec());
            return Ok(());
        }
        if is_reserved(name) {
            return Ok(());
        }
        total += 1;
        let key = Key::new(kind == FileType::Directory, name);
        if after.is_none_or(|after| key > *after) {
            page.push(key);
        }
        Ok(())
    })?;
    if root.for_writing().is_ok() {
        temporary::sweep(&directory, &leftovers);
    }
    let (keys, more) = page.finish();
    let next_cursor = keys.last().filter(|_| more).map(Key::cursor);

    let mut prefix = path.wire();
    if !path.is_root() {
        prefix.push('/');
    }
    let mut items = Vec::with_capacity(keys.len());
    for key in &keys {
        let Some(metadata) = metadata_of(&directory, &key.name)? else {
            continue;
        };
        let link = match entry::file_type(&metadata) {
            FileType::Symlink => link(root, path, &directory, &key.name),
            _ => None,
        };
        let mut wire = String::with_capacity(prefix.len() + key.name.len());
        wire.push_str(&prefix);
        push_encoded(&mut wire, &key.name);
        items.push(entry::describe(&key.name, wire, &metadata, link));
    }
    Ok(FileList {
        items,
        total,
        next_cursor,
    })
}

fn link(root: &RootDir, path: &RelativePath, directory: &OwnedFd, name: &[u8]) -> Option<Link> {
    let text = readlinkat(directory, name, Vec::new()).ok()?.into_bytes();
    let target = root.target(&path.join(name));
    Some(Link { text, target })
}

/// Calls `visit` with the name and type of every entry but `.` and `..`, in the kernel's order.
pub(crate) fn each_entry(
    directory: impl AsFd,
    mut visit: impl FnMut(&[u8], FileType) -> Result<()>,
) -> Result<()> {
    // It may have been read before.
    seek(directory.as_fd(), SeekFrom::Start(0))?;
    let mut buffer = Vec::with_capacity(BUFFER_BYTES);
    let mut entries = RawDir::new(directory.as_fd(), buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if matches!(name, b"." | b"..") {
            continue;
        }
        let kind = match entry.file_type() {
            // Some file systems do not say it in the directory.
            FileType::Unknown => match metadata_of(&directory, name)? {
                Some(metadata) => entry::file_type(&metadata),
                None => continue,
            },
            kind => kind,
        };
        visit(name, kind)?;
    }
    Ok(())
}

fn metadata_of(directory: impl AsFd, name: &[u8]) -> Result<Option<Metadata>> {
    match statx(directory, name, AtFlags::SYMLINK_NOFOLLOW, entry::MASK) {
        Ok(metadata) => Ok(Some(metadata)),
        // Gone since the directory was read.
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// The `limit` smallest keys of any number, in memory for twice as many.
struct Page {
    keys: Vec<Key>,
    limit: usize,
    more: bool,
}

impl Page {
    fn new(limit: usize) -> Self {
        Self {
            keys: Vec::new(),
            limit,
            more: false,
        }
    }

    fn push(&mut self, key: Key) {
        self.keys.push(key);
        if self.keys.len() >= 2 * self.limit + 2 {
            self.keys.select_nth_unstable(self.limit);
            self.keys.truncate(self.limit);
            self.more = true;
        }
    }

    /// The keys in order, and whether there are more.
    fn finish(mut self) -> (Vec<Key>, bool) {
        self.keys.sort_unstable();
        let more = self.more || self.keys.len() > self.limit;
        self.keys.truncate(self.limit);
        (self.keys, more)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_page_is_the_head_of_the_sorted_list(
            names in proptest::collection::btree_set("[a-cA-C]{1,3}", 0..60),
            limit in 1_usize..20,
        ) {
            let mut sorted: Vec<Key> = names
                .iter()
                .map(|name| Key::new(name.len() == 1, name.as_bytes()))
                .collect();
            let mut page = Page::new(limit);
            sorted.iter().cloned().for_each(|key| page.push(key));
            sorted.sort();
            let (keys, more) = page.finish();
            prop_assert_eq!(more, sorted.len() > limit);
            sorted.truncate(limit);
            prop_assert_eq!(keys, sorted);
        }

        #[test]
        fn a_cursor_gives_the_key_back(name in proptest::collection::vec(any::<u8>(), 1..50), dir: bool) {
            let key = Key::new(dir, &name);
            prop_assert_eq!(Key::from_cursor(&key.cursor()), Some(key));
        }

        #[test]
        fn foreign_cursors_are_refused_or_read(cursor in ".{0,20}") {
            let _ = Key::from_cursor(&cursor);
        }
    }
}
