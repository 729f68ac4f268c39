//! Files that are written together, and those that are left as they are.

use atelier_api::agent::search::{SkipReason, SkippedFile};

use super::content::ContentError;
use crate::AgentError;
use crate::files::{FileError, Group, Place, Reason, RelativePath, Upload, WriteLocks};

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
    group: Group<'a>,
    pub(super) skipped: Vec<SkippedFile>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(locks: &'a WriteLocks) -> Self {
        Self {
            group: Group::new(locks),
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
        group: Vec<Prepared>,
        before: impl FnMut(&Place) -> Result<T, FileError>,
    ) -> Vec<Written<T>> {
        let keyed = group.into_iter().map(
            |Prepared {
                 path,
                 upload,
                 matches,
             }| ((path.wire(), matches), upload),
        );
        let mut written = Vec::new();
        for ((path, matches), published) in self.group.publish(keyed.collect(), before) {
            if let Some((etag, before)) = self.or_skip(&path, published.map_err(Skip::from)) {
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

    /// Makes all names durable.
    pub(super) fn synchronise(&mut self) -> Result<(), FileError> {
        self.group.synchronise()
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
