//! One upload: what has come of it, and whose turn it is to add to it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use atelier_api::agent::files::{FileEntry, Root};
use atelier_api::agent::uploads::FileUpload;
use atelier_api::ids::UploadId;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::files::error::{Reason, Result};
use crate::files::path::RelativePath;
use crate::files::root::RootDir;
use crate::files::write::{Precondition, Upload, WriteLocks};

/// The right to add to an upload, until somebody else asks for it: a connection that died without a
/// word must not keep its client, who has come back over another one, from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn(u64);

/// A file that comes in parts. Whatever touches the disk blocks; callers see to that.
#[derive(Debug)]
pub(crate) struct Resumable {
    kind: Root,
    root: Arc<RootDir>,
    path: RelativePath,
    length: Option<u64>,
    /// Also read while the disk is at work.
    received: AtomicU64,
    touched: Mutex<Instant>,
    finished: OnceLock<FileEntry>,
    /// Held while the disk is at work.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    turn: u64,
    /// Gone when finished or given up.
    upload: Option<Upload>,
}

impl Resumable {
    /// Begins to upload the file that `path` leads to; refused where `length` would not fit.
    pub(crate) fn begin(
        kind: Root,
        root: Arc<RootDir>,
        path: RelativePath,
        precondition: Precondition,
        length: Option<u64>,
    ) -> Result<Self> {
        let upload = Upload::begin(&root, &path, precondition)?;
        if length.is_some_and(|length| length > upload.space()) {
            return Err(Reason::OutOfSpace.into());
        }
        Ok(Self {
            kind,
            root,
            path,
            length,
            received: AtomicU64::new(0),
            touched: Mutex::new(Instant::now()),
            finished: OnceLock::new(),
            state: Mutex::new(State {
                turn: 0,
                upload: Some(upload),
            }),
        })
    }

    /// Where it goes.
    pub(crate) fn target(&self) -> (Root, &RelativePath) {
        (self.kind, &self.path)
    }

    /// Whether it has its name.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished.get().is_some()
    }

    /// Whether nothing has come yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.received() == 0
    }

    /// How many bytes are kept.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Acquire)
    }

    /// When the last byte came.
    pub(crate) fn touched(&self) -> Instant {
        *self.touched.lock()
    }

    /// How far it is. Whoever adds to it has no turn any more, so that this stays true until the one who
    /// asks goes on.
    pub(crate) fn view(&self, id: UploadId) -> FileUpload {
        self.state.lock().turn += 1;
        FileUpload {
            id,
            root: self.kind,
            path: self.path.wire(),
            offset: self.received(),
            length: self.length,
            finished: self.finished.get().cloned(),
        }
    }

    /// Takes the turn to add at `offset`, which must be where it is.
    pub(crate) fn take_turn(&self, offset: u64) -> Result<Turn> {
        let mut state = self.state.lock();
        self.open(&mut state)?;
        let received = self.received();
        if offset != received {
            return Err(Reason::UploadOffset(received).into());
        }
        state.turn += 1;
        Ok(Turn(state.turn))
    }

    /// Adds to it. What does not fit on the disk is not kept, what came before it is.
    pub(crate) fn add(&self, turn: Turn, chunks: &[Bytes]) -> Result<()> {
        let mut state = self.state.lock();
        if state.turn != turn.0 {
            return Err(Reason::UploadTaken.into());
        }
        let upload = self.open(&mut state)?;
        let more: usize = chunks.iter().map(Bytes::len).sum();
        if let Some(length) = self.length
            && upload.length() + more as u64 > length
        {
            return Err(Reason::UploadLonger(length).into());
        }
        let written = upload.write(chunks);
        self.received.store(upload.length(), Ordering::Release);
        *self.touched.lock() = Instant::now();
        written
    }

    /// Gives the file its name, if the precondition holds: this one, else the one that it began with.
    /// When it does not, the upload stays. Done already, it answers the same again.
    pub(crate) fn finish(
        &self,
        locks: &WriteLocks,
        precondition: Option<Precondition>,
    ) -> Result<FileEntry> {
        let mut state = self.state.lock();
        if let Some(entry) = self.finished.get() {
            return Ok(entry.clone());
        }
        let upload = self.open(&mut state)?;
        let received = upload.length();
        if let Some(length) = self.length
            && received < length
        {
            return Err(Reason::UploadIncomplete(received, length).into());
        }
        if let Some(precondition) = precondition {
            upload.demand(precondition);
        }
        upload.check()?;
        upload.cut()?;
        state.turn += 1;
        let upload = state.upload.take().expect("it was open");
        let entry = upload.publish(locks, &self.root, &self.path)?;
        *self.touched.lock() = Instant::now();
        Ok(self.finished.get_or_init(|| entry).clone())
    }

    /// Frees what it holds.
    pub(crate) fn give_up(&self) {
        let mut state = self.state.lock();
        state.turn += 1;
        state.upload = None;
    }

    fn open<'a>(&self, state: &'a mut State) -> Result<&'a mut Upload> {
        state.upload.as_mut().ok_or_else(|| {
            if self.is_finished() {
                Reason::UploadFinished
            } else {
                Reason::UploadGivenUp
            }
            .into()
        })
    }
}
