//! Entries as one archive, streamed while it is made ([`atelier_api::agent::archives`]).
//!
//! Invariant: whatever happens to the tree meanwhile, the archive is valid, and says what of it is not as it
//! should be. Memory does not grow with the size of files; a ZIP's directory, which stands at its end, takes
//! some hundred bytes an entry.

mod notes;
mod sink;
mod tar;
mod walk;
mod writer;
mod zip;

use std::sync::Arc;

use atelier_api::agent::archives::ArchiveFormat;
use bytes::Bytes;
use futures_util::stream::Stream;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::error::Result;
use super::path::RelativePath;
use super::root::RootDir;
use sink::Sink;
use walk::{Top, Walk};
use writer::Writer;

/// How many chunks wait for the receiver: while one is sent, the next is made.
const CHUNKS_MAX: usize = 2;

/// What is to be archived, checked to be there.
#[derive(Debug)]
pub(crate) struct Archive {
    root: Arc<RootDir>,
    tops: Vec<Top>,
    /// What the archive is to be called, without its extension.
    pub(crate) name: Vec<u8>,
}

impl Archive {
    /// Finds what `paths` name; the root stands for all that is in it.
    pub(crate) fn find(root: Arc<RootDir>, paths: &[RelativePath]) -> Result<Self> {
        let mut tops = Vec::new();
        for path in paths {
            let found = if path.is_root() {
                Top::all_in(&root)
            } else {
                root.locate(path)
                    .and_then(|place| place.existing())
                    .map(|_| vec![Top::new(path)])
            };
            tops.extend(found.map_err(|error| error.about(|| path.wire()))?);
        }
        walk::tell_apart(&mut tops);
        let name = match paths {
            [path] if !path.is_root() => path.name().to_vec(),
            _ => common_name(paths),
        };
        Ok(Self { root, tops, name })
    }

    /// Makes it, chunk by chunk. When the stream is dropped, so is the rest.
    pub(crate) fn stream(
        self,
        format: ArchiveFormat,
    ) -> impl Stream<Item = std::io::Result<Bytes>> + Send + use<> {
        let (chunks, mut made) = mpsc::channel(CHUNKS_MAX);
        let making = spawn_blocking(move || {
            let sink = Sink::new(chunks);
            let mut walk = Walk::new(&self.root, Writer::new(format, sink.clone()));
            let outcome = walk.tops(&self.tops).and_then(|()| walk.finish());
            sink.finish(outcome);
        });
        async_stream::stream! {
            while let Some(chunk) = made.recv().await {
                yield chunk;
            }
            if making.await.is_err() {
                // It panicked: the receiver must not take what came for the whole.
                yield Err(std::io::Error::other("the archive broke off"));
            }
        }
    }
}

/// The name of the directory that all lie in, as far as they lie in one that has a name.
fn common_name(paths: &[RelativePath]) -> Vec<u8> {
    let parent = |path: &RelativePath| path.split().map(|(parent, _)| parent);
    let first = paths.first().and_then(parent);
    match first {
        Some(first)
            if !first.is_root()
                && paths
                    .iter()
                    .all(|path| parent(path).as_ref() == Some(&first)) =>
        {
            first.name().to_vec()
        }
        _ => b"files".to_vec(),
    }
}
