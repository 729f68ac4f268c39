//! Many small files in one request.

use std::sync::Arc;

use atelier_api::agent::files::FileEntry;
use atelier_api::agent::transfers::EntryOutcome;
use bytes::Bytes;

use super::change::create_directories;
use super::entry;
use super::error::{FileError, Reason, Result};
use super::group::Group;
use super::path::RelativePath;
use super::read::Content;
use super::root::RootDir;
use super::transfer::outcome;
use super::write::{Precondition, Upload, WriteLocks};

/// A file as it came.
#[derive(Debug)]
pub(super) struct Named {
    /// What it was called, for the answer.
    pub(super) name: String,
    /// Where it goes, with what.
    pub(super) file: Result<Small>,
}

/// A file that is in memory whole.
#[derive(Debug)]
pub(super) struct Small {
    pub(super) path: RelativePath,
    pub(super) content: Vec<Bytes>,
}

/// Where files are written, and over what.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) root: Arc<RootDir>,
    pub(super) locks: Arc<WriteLocks>,
    pub(super) precondition: Precondition,
}

impl Batch {
    /// Writes a group of files and makes them durable; says of each how it went, in their order.
    pub(super) fn write(&self, files: Vec<Named>) -> Vec<EntryOutcome> {
        let mut begun = Vec::with_capacity(files.len());
        let mut told = Vec::with_capacity(files.len());
        for (index, Named { name, file }) in files.into_iter().enumerate() {
            let small = match file {
                Ok(small) => small,
                Err(error) => {
                    told.push((index, name, Err(error)));
                    continue;
                }
            };
            match self.begin(&small) {
                Ok(upload) => begun.push(((index, name, small), upload)),
                Err(error) => told.push((index, name, self.or_the_same(&small, Err(error)))),
            }
        }
        let mut group = Group::new(&self.locks);
        for ((index, name, small), published) in group.publish(begun, |_| Ok(())) {
            let written = self.or_the_same(&small, published.map(|(etag, ())| etag));
            told.push((index, name, written));
        }
        let durable = group.synchronise();
        told.sort_unstable_by_key(|(index, ..)| *index);
        let told = told.into_iter().map(|(_, name, written)| {
            let written = match &durable {
                Ok(()) => written,
                // Whether the name stays is not known.
                Err(error) => written.and(Err(error.reason().clone().into())),
            };
            outcome(name, written.map(Some))
        });
        told.collect()
    }

    /// Writes a file's content beside what it replaces, in directories that are made where they are wanting.
    fn begin(&self, small: &Small) -> Result<Upload> {
        let begin = || Upload::begin(&self.root, &small.path, self.precondition.clone());
        let upload = match begin() {
            Err(error) if *error.reason() == Reason::NotFound => {
                let (parent, _) = small.path.split().ok_or(Reason::RootItself)?;
                create_directories(&self.root, &parent)?;
                begin()?
            }
            begun => begun?,
        };
        upload.with(&small.content)
    }

    /// The entry as it stands there now. What stands there with this very content is as good as written: the
    /// answer to who wrote it may have been lost, and they send it again.
    fn or_the_same(&self, small: &Small, written: Result<String>) -> Result<FileEntry> {
        let is_taken = |error: &FileError| {
            self.precondition == Precondition::Absent
                && matches!(error.reason(), Reason::Stale(Some(_)))
        };
        let etag = match written {
            Err(error) if is_taken(&error) => {
                let etag = self.held(small).ok().flatten().ok_or(error)?;
                self.root.locate_target(&small.path)?.sync()?;
                etag
            }
            written => written?,
        };
        let mut entry = entry::view(&self.root, &small.path)?;
        // Of a link, the version that counts is its target's.
        entry.etag = Some(etag);
        Ok(entry)
    }

    /// The version of the file that stands there, if it has this content.
    fn held(&self, small: &Small) -> Result<Option<String>> {
        let there = Content::open(&self.root, &small.path)?;
        let mut end = 0;
        for chunk in &small.content {
            let begin = end;
            end += chunk.len() as u64;
            if end > there.size || there.piece(begin..end)? != chunk {
                return Ok(None);
            }
        }
        Ok((end == there.size).then_some(there.etag))
    }
}
