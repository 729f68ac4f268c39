//! Writing many files together.
//!
//! They go to the disk in groups: all of a group are on their way before the first is waited for, and the
//! directories are synchronised once, at the end. One by one, a thousand files would wait for the disk two
//! thousand times.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use super::entry::{etag, metadata};
use super::error::Result;
use super::root::{Place, sync_directory};
use super::write::{Upload, WriteLocks};

/// How many files are on their way together. Each holds four descriptors meanwhile.
pub(crate) const GROUP: usize = 64;

/// Files that are being written, a group at a time.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    locks: &'a WriteLocks,
    directories: BTreeMap<(u32, u32, u64), OwnedFd>,
}

impl<'a> Group<'a> {
    pub(crate) fn new(locks: &'a WriteLocks) -> Self {
        Self {
            locks,
            directories: BTreeMap::new(),
        }
    }

    /// Makes a group durable and gives all of it their names, each after `before` was done with what stands
    /// there. Answers with the new versions, in the order of the files; one that failed is left as it was.
    pub(crate) fn publish<Key, T>(
        &mut self,
        mut group: Vec<(Key, Upload)>,
        mut before: impl FnMut(&Place) -> Result<T>,
    ) -> Vec<(Key, Result<(String, T)>)> {
        for (_, upload) in &mut group {
            upload.begin_settling();
        }
        // All of them first: the disk has the rest meanwhile.
        let settle = |(key, mut upload): (Key, Upload)| (key, upload.settle().map(|()| upload));
        let settled: Vec<_> = group.into_iter().map(settle).collect();
        let mut publish = |upload| self.publish_one(upload, &mut before);
        let published = settled
            .into_iter()
            .map(|(key, settled)| (key, settled.and_then(&mut publish)));
        published.collect()
    }

    fn publish_one<T>(
        &mut self,
        upload: Upload,
        before: impl FnOnce(&Place) -> Result<T>,
    ) -> Result<(String, T)> {
        let mut done = None;
        let renamed = upload.rename(self.locks, |place| {
            done = Some(before(place)?);
            Ok(())
        })?;
        let directory = metadata(&renamed.place.parent)?;
        let key = (
            directory.stx_dev_major,
            directory.stx_dev_minor,
            directory.stx_ino,
        );
        self.directories.entry(key).or_insert(renamed.place.parent);
        let done = done.expect("it was done before the name was given");
        Ok((etag(&renamed.written), done))
    }

    /// Makes all names durable.
    pub(crate) fn synchronise(&mut self) -> Result<()> {
        for directory in std::mem::take(&mut self.directories).values() {
            sync_directory(directory)?;
        }
        Ok(())
    }
}
