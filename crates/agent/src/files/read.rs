//! Reading a file as a stream of chunks.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use rustix::buffer::spare_capacity;
use rustix::fs::{Advice, OFlags, fadvise};
use rustix::io::pread;
use tokio::task::{JoinHandle, spawn_blocking};

use super::content_type::{SNIFF_BYTES, content_type};
use super::entry::{etag, is_directory, is_file, metadata};
use super::error::{Reason, Result};
use super::path::RelativePath;
use super::root::RootDir;

/// How much is read at once, in bytes. Large enough that handing the work to another thread and
/// back does not count; a download holds two of these at most.
const CHUNK_BYTES: u64 = 256 * 1024;

/// A file that is open for reading.
#[derive(Debug)]
pub(crate) struct Content {
    file: Arc<File>,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) media_type: String,
}

impl Content {
    /// Opens the file that `path` leads to.
    pub(crate) fn open(root: &RootDir, path: &RelativePath) -> Result<Self> {
        // Looked at before it is opened, since opening a device can do something.
        let metadata = metadata(root.open_at(path, OFlags::PATH)?)?;
        check(&metadata)?;
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = root.open_at(path, flags)?;
        let metadata = self::metadata(&file)?;
        check(&metadata)?;
        let mut head = Vec::with_capacity(SNIFF_BYTES);
        pread(&file, spare_capacity(&mut head), 0)?;
        if metadata.stx_size > CHUNK_BYTES {
            let _ = fadvise(&file, 0, None, Advice::Sequential);
        }
        Ok(Self {
            file: Arc::new(file.into()),
            size: metadata.stx_size,
            etag: etag(&metadata),
            media_type: content_type(path.name(), &head),
        })
    }

    /// Reads the bytes of `range`, which lies inside the file.
    pub(crate) fn piece(&self, range: Range<u64>) -> io::Result<Bytes> {
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        read_exactly(&self.file, range.start, length)
    }

    /// Streams the bytes of `range`. Fails, rather than ending early, when the file has shrunk: the
    /// receiver must not take a part for the whole.
    pub(crate) fn stream(
        &self,
        range: Range<u64>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        let file = Arc::clone(&self.file);
        let next = read_ahead(&file, &range);
        stream::try_unfold((file, range, next), async |(file, mut range, next)| {
            let Some(next) = next else { return Ok(None) };
            let chunk = next.await.map_err(io::Error::other)??;
            range.start += chunk.len() as u64;
            // Read on while this chunk is being sent.
            let next = read_ahead(&file, &range);
            Ok(Some((chunk, (file, range, next))))
        })
    }
}

fn check(metadata: &super::entry::Metadata) -> Result<()> {
    if is_directory(metadata) {
        Err(Reason::IsDirectory.into())
    } else if is_file(metadata) {
        Ok(())
    } else {
        Err(Reason::NotRegular.into())
    }
}

/// Begins to read the first chunk of `range`; nothing when it is empty.
fn read_ahead(file: &Arc<File>, range: &Range<u64>) -> Option<JoinHandle<io::Result<Bytes>>> {
    if range.is_empty() {
        return None;
    }
    let file = Arc::clone(file);
    let offset = range.start;
    let length = usize::try_from((range.end - offset).min(CHUNK_BYTES)).expect("a chunk");
    Some(spawn_blocking(move || read_exactly(&file, offset, length)))
}

fn read_exactly(file: &File, offset: u64, length: usize) -> io::Result<Bytes> {
    let mut chunk = Vec::with_capacity(length);
    while chunk.len() < length {
        let position = offset + chunk.len() as u64;
        // The capacity may be larger than what was asked for, and the file may have grown.
        let read = pread(file, spare_capacity(&mut chunk), position)?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
    }
    chunk.truncate(length);
    Ok(chunk.into())
}
