//! One execution in memory.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::ExecutionId;
use atelier_api::node::jobs::{Execution, ExecutionState};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::record::Record;
use super::spool::Spool;
use crate::error::NodeError;

/// An execution.
#[derive(Debug)]
pub(super) struct Job {
    directory: PathBuf,
    record: Mutex<Record>,
    /// Held while the record is written, so that an older one does not come after a newer one.
    saving: Arc<tokio::sync::Mutex<()>>,
    spool: Mutex<Spool>,
    /// What those who wait look at.
    progress: watch::Sender<Progress>,
    /// It is to end.
    pub(super) cancelled: CancellationToken,
}

/// How far it has come.
#[derive(Debug, Clone, Copy)]
struct Progress {
    output_end: u64,
    ended: bool,
}

impl Job {
    /// Takes one on: when this comes back it is on the disk.
    pub(super) async fn create(directory: PathBuf, record: Record) -> io::Result<Self> {
        let written = tokio::task::spawn_blocking(move || {
            // It may be there, without a record, from when the disk was full.
            fs::create_dir_all(&directory)?;
            record.save(&directory)?;
            if let Some(parent) = directory.parent() {
                fs::File::open(parent)?.sync_all()?;
            }
            Self::new(directory, record)
        });
        written.await.map_err(io::Error::other)?
    }

    /// One of an earlier life.
    pub(super) fn load(id: ExecutionId, directory: PathBuf) -> io::Result<Self> {
        let record = Record::load(&directory)?;
        if record.execution.id != id {
            return Err(io::Error::other(format!("{id}: the record is of another")));
        }
        Self::new(directory, record)
    }

    fn new(directory: PathBuf, record: Record) -> io::Result<Self> {
        let limit = record.spec.as_ref().map_or(1, |it| it.output_limit_bytes);
        let spool = Spool::open(&directory, limit)?;
        let cancelled = CancellationToken::new();
        if record.cancel {
            cancelled.cancel();
        }
        let (progress, _) = watch::channel(Progress {
            output_end: spool.span().end,
            ended: record.execution.state != ExecutionState::Running,
        });
        Ok(Self {
            directory,
            record: Mutex::new(record),
            saving: Arc::default(),
            spool: Mutex::new(spool),
            progress,
            cancelled,
        })
    }

    pub(super) fn record(&self) -> Record {
        self.record.lock().clone()
    }

    pub(super) fn view(&self) -> Execution {
        let mut execution = self.record.lock().execution.clone();
        execution.output = self.spool.lock().span();
        execution
    }

    pub(super) fn has_ended(&self) -> bool {
        self.record.lock().execution.state != ExecutionState::Running
    }

    /// Changes what is remembered; it is on the disk when this comes back.
    pub(super) async fn update(&self, change: impl FnOnce(&mut Record)) -> io::Result<()> {
        let saving = Arc::clone(&self.saving).lock_owned().await;
        let mut record = self.record();
        change(&mut record);
        let (directory, written) = (self.directory.clone(), record.clone());
        let saved = tokio::task::spawn_blocking(move || {
            let _saving = saving;
            written.save(&directory)
        });
        saved.await.map_err(io::Error::other)??;
        let ended = record.execution.state != ExecutionState::Running;
        *self.record.lock() = record;
        if ended {
            self.progress.send_modify(|progress| progress.ended = true);
        }
        Ok(())
    }

    /// Wants it to end.
    pub(super) async fn cancel(&self) -> Result<(), NodeError> {
        if !self.has_ended() && !self.cancelled.is_cancelled() {
            let noted = self.update(|record| record.cancel = true).await;
            noted.map_err(|error| NodeError::storage("noting the end", error))?;
            self.cancelled.cancel();
        }
        Ok(())
    }

    /// Takes output in that begins at `offset`.
    pub(super) fn output(&self, bytes: &[u8]) {
        let end = {
            let mut spool = self.spool.lock();
            spool.append(bytes);
            spool.span().end
        };
        self.progress
            .send_modify(|progress| progress.output_end = end);
    }

    /// The next output begins at `offset`: what lies between was dropped by the agent.
    pub(super) fn output_begins(&self, offset: u64) {
        let mut spool = self.spool.lock();
        let end = spool.span().end;
        if offset > end {
            spool.lose(offset - end);
        }
    }

    pub(super) fn output_end(&self) -> u64 {
        self.spool.lock().span().end
    }

    pub(super) fn read(&self, offset: u64) -> io::Result<(u64, Vec<u8>)> {
        self.spool.lock().read(offset)
    }

    /// Waits for its end, for so long at most.
    pub(super) async fn wait(&self, at_most: Duration) {
        let mut progress = self.progress.subscribe();
        let ended = progress.wait_for(|progress| progress.ended);
        let _ = tokio::time::timeout(at_most, ended).await;
    }

    /// Waits for output after `offset` or its end, for so long at most.
    pub(super) async fn wait_for_output(&self, offset: u64, at_most: Duration) {
        let mut progress = self.progress.subscribe();
        let more = progress.wait_for(|progress| progress.ended || progress.output_end > offset);
        let _ = tokio::time::timeout(at_most, more).await;
    }

    /// Gives its output up.
    pub(super) fn drop_output(&self) {
        self.spool.lock().lose(0);
    }

    /// Removes what is on the disk.
    pub(super) fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            tracing::warn!(%error, "an old job could not be removed");
        }
    }
}
