//! Files for callers inside of the agent: what the bridge does.

use std::sync::Arc;

use atelier_api::agent::files::{FileEntry, FileList, FileListQuery, FileWatchQuery, Root};
use bytes::Bytes;

use super::error::{FileError, Reason};
use super::list::{Key, list};
use super::path::RelativePath;
use super::read::Content;
use super::root::RootDir;
use super::routes::{Files, about};
use super::watch::Subscription;
use super::write::{Precondition, Upload};
use super::{blocking, parse_path};
use crate::AgentError;

/// A page that was asked for.
pub(super) struct Wanted {
    pub(super) root: Arc<RootDir>,
    pub(super) path: RelativePath,
    pub(super) after: Option<Key>,
}

fn read(root: &RootDir, path: &RelativePath, offset: u64, length: u64) -> Result<Piece, FileError> {
    let content = Content::open(root, path)?;
    let offset = offset.min(content.size);
    let end = content.size.min(offset.saturating_add(length));
    Ok(Piece {
        bytes: content.piece(offset..end)?,
        etag: content.etag,
        size: content.size,
        offset,
    })
}

/// A piece of a file.
pub(crate) struct Piece {
    /// The version that it is of.
    pub(crate) etag: String,
    /// The file's size.
    pub(crate) size: u64,
    /// Where it begins.
    pub(crate) offset: u64,
    /// The bytes; none behind the end.
    pub(crate) bytes: Bytes,
}

impl Files {
    /// Which page of which directory is asked for.
    pub(super) fn wanted(&self, query: &FileListQuery) -> Result<Wanted, AgentError> {
        let after = match &query.cursor {
            Some(cursor) => Some(Key::from_cursor(cursor).ok_or_else(|| {
                AgentError::malformed("The cursor is not one that a list gave. Begin without one.")
            })?),
            None => None,
        };
        Ok(Wanted {
            root: self.roots.get(query.root)?,
            path: parse_path(&query.path)?,
            after,
        })
    }

    /// A page of a directory, of at most `limit` entries.
    pub(crate) async fn page(
        &self,
        query: &FileListQuery,
        limit: usize,
    ) -> Result<FileList, AgentError> {
        let Wanted { root, path, after } = self.wanted(query)?;
        blocking(move || list(&root, &path, after.as_ref(), limit).map_err(about(&path))).await
    }

    /// A piece of a file.
    pub(crate) async fn piece(
        &self,
        root: Root,
        path: &str,
        offset: u64,
        length: u64,
    ) -> Result<Piece, AgentError> {
        let root = self.roots.get(root)?;
        let path = parse_path(path)?;
        blocking(move || read(&root, &path, offset, length).map_err(about(&path))).await
    }

    /// Writes a whole file, if what stands there is as demanded.
    pub(crate) async fn put(
        &self,
        root: Root,
        path: &str,
        content: Vec<u8>,
        precondition: Precondition,
    ) -> Result<FileEntry, AgentError> {
        let root = self.roots.get(root)?;
        let path = parse_path(path)?;
        let locks = Arc::clone(&self.locks);
        blocking(move || {
            Upload::begin(&root, &path, precondition)
                .and_then(|upload| upload.with(&[content.into()]))
                .and_then(|upload| upload.publish(&locks, &root, &path))
                .map_err(about(&path))
        })
        .await
    }

    /// Watches a directory.
    pub(crate) async fn watch(&self, query: &FileWatchQuery) -> Result<Subscription, AgentError> {
        let root = self.roots.get(query.root)?;
        let path = parse_path(&query.path)?;
        let about = about(&path);
        if query.recursive && root.is_whole_system() {
            let error = FileError::from(Reason::WatchLimit("this root is too large."));
            return Err(about(error).into());
        }
        let watcher = self.watchers.of(query.root);
        let subscription = watcher.subscribe(root, path, query.recursive).await;
        Ok(subscription.map_err(about)?)
    }
}
