//! Replacing what was found.
//!
//! Invariant: a file is changed whole or not at all, and only in the version that was searched. What it was
//! before is kept until the replacement can no longer be undone.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use atelier_api::agent::search::{
    FileReplace, REPLACE_FILES_MAX, ReplacedFile, Replacement, ReplacementUndo, ReplacementUndone,
    TextReplace,
};
use bytes::Bytes;
use grep_searcher::Searcher;
use rustix::fs::OFlags;

use super::content::{ContentError, Text};
use super::pattern::Pattern;
use super::sink::searcher;
use super::undo::{Backup, Kept, UndoStore};
use super::writing::{Prepared, Skip, Writing, Written};
use crate::AgentError;
use crate::files::{
    GROUP, Precondition, Reason, RootDir, Upload, WriteLocks, etag, is_file, metadata, parse_path,
};

/// How large a file may be in which something is replaced, in bytes. It is held in memory.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Replaces what `request` names below `root`.
pub(super) fn replace(
    root: &Arc<RootDir>,
    locks: &WriteLocks,
    store: &UndoStore,
    request: &TextReplace,
) -> Result<Replacement, AgentError> {
    if request.files.len() > REPLACE_FILES_MAX {
        let detail = format!("Replace in at most {REPLACE_FILES_MAX} files at a time.");
        return Err(AgentError::invalid("files", detail));
    }
    let pattern = Pattern::new(&request.pattern, Some(&request.replacement))?;
    let turn = store.turn();
    let mut backup = Backup::begin(&turn, root.for_writing()?)?;
    let mut replacing = Replacing {
        root,
        pattern: &pattern,
        replacement: &request.replacement,
        searcher: searcher(0),
    };
    let mut writing = Writing::new(locks);
    let mut files = Vec::new();
    for group in request.files.chunks(GROUP) {
        let mut prepared = Vec::with_capacity(group.len());
        for file in group {
            prepared.extend(writing.or_skip(&file.path, replacing.prepare(file)));
        }
        for written in writing.publish(prepared, |place| backup.keep(place)) {
            let Written {
                path,
                matches,
                etag,
                before,
            } = written;
            backup.add(&path, &etag, before);
            files.push(ReplacedFile {
                path,
                etag,
                matches,
            });
        }
    }
    writing.synchronise()?;
    Ok(Replacement {
        id: backup.finish()?,
        matches: files.iter().map(|file| u64::from(file.matches)).sum(),
        files,
        skipped: writing.skipped,
    })
}

/// Takes a replacement back, in those of its files that have not changed since.
pub(super) fn undo(
    root: &Arc<RootDir>,
    locks: &WriteLocks,
    store: &UndoStore,
    request: ReplacementUndo,
) -> Result<Option<ReplacementUndone>, AgentError> {
    let turn = store.turn();
    let Some(kept) = Kept::open(&turn, root.for_writing()?, request.replacement)? else {
        return Ok(None);
    };
    let mut writing = Writing::new(locks);
    let mut restored = HashMap::new();
    let replaced = kept.files();
    for group in replaced.chunks(GROUP) {
        let mut prepared = Vec::with_capacity(group.len());
        for file in group {
            let prior = parse_path(&file.path).map_err(Skip::from).and_then(|path| {
                let content = kept.content(file)?;
                let version = Precondition::Version(vec![file.etag.clone()]);
                let upload = Upload::begin(root, &path, version)?;
                let upload = upload.with(&[Bytes::from(content)])?;
                Ok(Prepared {
                    path,
                    upload,
                    matches: 0,
                })
            });
            prepared.extend(writing.or_skip(&file.path, prior));
        }
        let written = writing.publish(prepared, |_| Ok(()));
        restored.extend(written.into_iter().map(|file| (file.path, file.etag)));
    }
    writing.synchronise()?;
    kept.forget(&restored)?;
    let mut files: Vec<_> = restored.into_keys().collect();
    files.sort_unstable();
    Ok(Some(ReplacementUndone {
        files,
        skipped: writing.skipped,
    }))
}

/// What is replaced, and where.
struct Replacing<'a> {
    root: &'a RootDir,
    pattern: &'a Pattern,
    replacement: &'a str,
    searcher: Searcher,
}

impl Replacing<'_> {
    /// Writes a file's new content beside it.
    fn prepare(&mut self, file: &FileReplace) -> Result<Prepared, Skip> {
        let path = parse_path(&file.path)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let opened = self.root.open_at(&path, flags)?;
        let version = metadata(&opened)?;
        let tag = etag(&version);
        if !is_file(&version) || tag != file.etag {
            return Err(Skip::File(Reason::Stale(Some(tag)).into()));
        }
        if version.stx_size > FILE_BYTES_MAX {
            return Err(ContentError::TooLarge.into());
        }
        let mut content = Vec::with_capacity(usize::try_from(version.stx_size).unwrap_or(0) + 1);
        let mut opened = File::from(opened).take(FILE_BYTES_MAX);
        opened
            .read_to_end(&mut content)
            .map_err(crate::files::FileError::from)?;
        let mut text = Text::decode(content)?;
        text.can_hold(self.replacement)?;
        let chosen = file.matches.as_deref();
        let matches = text.replace(&mut self.searcher, self.pattern, chosen)?;
        let content = Bytes::from(text.encode()?);
        let upload = Upload::begin(self.root, &path, Precondition::Version(vec![tag]))?;
        let upload = upload.with(&[content])?;
        Ok(Prepared {
            path,
            upload,
            matches,
        })
    }
}
