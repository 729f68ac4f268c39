//! Writing many files together.
//!
//! They go to the disk in groups: all of a group are on their way before the first is waited for, and the
//! directories are synchronised once, at the end. One by one, a thousand files would wait for the disk two
//! thousand times.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use atelier_api::agent::search::{SkipReason, SkippedFile};

use super::content::ContentError;
use crate::AgentError;
use crate::files::{
    FileError, Place, Reason, RelativePath, Upload, WriteLocks, etag, metadata, sync_directory,
};

/// How many files are on their way together. Each holds four descriptors meanwhile.
pub(super) const GROUP: usize = 64;

/// A file whose new content is written, but has not got the name yet.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) path: RelativePath,
    pub(super) upload: Upload,
    /// How many matches were replaced in it.
    pub(super) matches: u32,
}

/// A file whose new content has its name.
#[derive(Debug)]
pub(super) struct Written<T> {
    pub(super) path: String,
    pub(super) matches: u32,
    pub(super) etag: String,
    /// What was done with what it replaced.
    pub(super) before: T,
}

/// Why a file is left as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum Skip {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Content(#[from] ContentError),
    #[error(transparent)]
    Path(#[from] AgentError),
}

/// Many files that are being written, and those that were left as they are.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    locks: &'a WriteLocks,
    directories: BTreeMap<(u32, u32, u64), OwnedFd>,
    pub(super) skipped: Vec<SkippedFile>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(locks: &'a WriteLocks) -> Self {
        Self {
            locks,
            directories: BTreeMap::new(),
            skipped: Vec::new(),
        }
    }

    /// What was prepared; or nothing, and the file is left as it is.
    pub(super) fn or_skip<T>(&mut self, path: &str, prepared: Result<T, Skip>) -> Option<T> {
        prepared
            .map_err(|skip| self.skipped.push(skipped(path, skip)))
            .ok()
    }

    /// Makes a group durable and gives all of it their names, each after `before` was done with what stands
    /// there. Those that fail are left as they are.
    pub(super) fn publish<T>(
        &mut self,
        mut group: Vec<Prepared>,
        mut before: impl FnMut(&Place) -> Result<T, FileError>,
    ) -> Vec<Written<T>> {
        for prepared in &mut group {
            prepared.upload.begin_settling();
        }
        let settle = |mut prepared: Prepared| {
            let settled = prepared.upload.settle().map_err(Skip::from);
            let path = prepared.path.wire();
            Some((self.or_skip(&path, settled).map(|()| prepared)?, path))
        };
        let settled: Vec<_> = group.into_iter().filter_map(settle).collect();
        let mut written = Vec::with_capacity(settled.len());
        for (prepared, path) in settled {
            let Prepared {
                upload, matches, ..
            } = prepared;
            let published = self.publish_one(upload, &mut before);
            if let Some((etag, before)) = self.or_skip(&path, published) {
                written.push(Written {
                    path,
                    matches,
                    etag,
                    before,
                });
            }
        }
        written
    }

    fn publish_one<T>(
        &mut self,
        upload: Upload,
        before: impl FnOnce(&Place) -> Result<T, FileError>,
    ) -> Result<(String, T), Skip> {
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
    pub(super) fn synchronise(&mut self) -> Result<(), FileError> {
        for directory in std::mem::take(&mut self.directories).values() {
            sync_directory(directory)?;
        }
        Ok(())
    }
}

fn skipped(path: &str, skip: Skip) -> SkippedFile {
    let (reason, detail) = match skip {
        Skip::Content(error) => {
            let reason = match error {
                ContentError::NoMatch => SkipReason::NoMatch,
                ContentError::TooLarge | ContentError::OldChanged => SkipReason::Other,
                ContentError::Binary | ContentError::BrokenUtf16 | ContentError::NotUtf8 => {
                    SkipReason::Encoding
                }
            };
            (reason, format!("“{path}” {error}"))
        }
        Skip::File(error) => {
            let reason = match error.reason() {
                Reason::Stale(Some(_)) => {
                    let detail = format!("“{path}” has changed meanwhile, and was left as it is.");
                    return SkippedFile {
                        path: path.into(),
                        reason: SkipReason::Changed,
                        detail,
                    };
                }
                Reason::Stale(None) | Reason::NotFound => SkipReason::NotFound,
                Reason::OutOfSpace => SkipReason::OutOfSpace,
                Reason::Denied
                | Reason::Escapes
                | Reason::NotPermitted
                | Reason::ReadOnlyFile
                | Reason::ReadOnlyFileSystem
                | Reason::ReadOnlyRoot => SkipReason::Forbidden,
                Reason::IsDirectory | Reason::NotRegular | Reason::TooManyLinks => {
                    SkipReason::Changed
                }
                _ => SkipReason::Other,
            };
            let error = AgentError::from(error.about(|| path.to_owned()));
            (reason, error.problem().detail.clone())
        }
        Skip::Path(error) => (SkipReason::Other, error.problem().detail.clone()),
    };
    SkippedFile {
        path: path.into(),
        reason,
        detail,
    }
}
