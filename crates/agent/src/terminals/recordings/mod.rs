//! Recordings of terminals (shapes: [`atelier_api::agent::recordings`]).
//!
//! Invariants: only what the program printed and the screen's size are recorded, never what was typed;
//! nobody waits for a recording; what recordings take is bounded, and what had to go for a new one is
//! said.

mod cast;
mod recorder;
mod routes;
mod store;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use atelier_api::agent::recordings::{
    RECORDING_BYTES_MAX, RECORDING_DURATION_MAX_MS, RECORDINGS_BYTES_MAX, RECORDINGS_MAX,
    RECORDINGS_RUNNING_MAX, Recording, RecordingCreated, RecordingList,
};
use atelier_api::ids::{RecordingId, TerminalId};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use self::recorder::{Progress, Recorder};
use self::store::Store;
use super::terminal::Terminal;
use crate::{AgentError, clock, ids};

pub(super) use routes::routes;

/// How much may be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingLimits {
    /// How large one may become, in bytes.
    pub bytes: u64,
    /// How long one may take, in milliseconds.
    pub duration_ms: u64,
    /// How large all may become together, in bytes.
    pub bytes_together: u64,
    /// How many are kept.
    pub count: usize,
}

impl Default for RecordingLimits {
    fn default() -> Self {
        Self {
            bytes: RECORDING_BYTES_MAX,
            duration_ms: RECORDING_DURATION_MAX_MS,
            bytes_together: RECORDINGS_BYTES_MAX,
            count: RECORDINGS_MAX,
        }
    }
}

/// All recordings of the workspace.
pub(crate) struct Recordings {
    store: Store,
    limits: RecordingLimits,
    running: Mutex<BTreeMap<RecordingId, Running>>,
    /// One is begun at a time, so that they do not count on the same room.
    beginning: tokio::sync::Mutex<()>,
}

/// A recording that is being made.
#[derive(Clone)]
struct Running {
    terminal: TerminalId,
    progress: Arc<Progress>,
    stop: CancellationToken,
    ended: CancellationToken,
}

impl Recordings {
    /// Those below this home.
    pub(crate) fn new(home: &Path, limits: RecordingLimits) -> Self {
        Self {
            store: Store::below(home),
            limits,
            running: Mutex::new(BTreeMap::new()),
            beginning: tokio::sync::Mutex::new(()),
        }
    }

    async fn list(&self) -> Result<RecordingList, AgentError> {
        let (store, running) = (self.store.clone(), self.running.lock().clone());
        let mut items = blocking(move || store.list()).await?;
        for recording in &mut items {
            complete(recording, running.get(&recording.id));
        }
        Ok(RecordingList {
            size_bytes: items.iter().map(|recording| recording.size_bytes).sum(),
            size_bytes_max: self.limits.bytes_together,
            items,
        })
    }

    async fn begin(
        self: &Arc<Self>,
        terminal: Arc<Terminal>,
    ) -> Result<RecordingCreated, AgentError> {
        let _one_at_a_time = self.beginning.lock().await;
        let kept = self.may_begin(&terminal)?;
        let id = ids::recording();
        let (name, size) = {
            let core = terminal.core();
            (core.label.name.clone(), core.size)
        };
        let at = clock::now();
        let header = cast::header(terminal.id, &name, at, size);
        let (store, limits) = (self.store.clone(), self.limits);
        let header_bytes = header.len() as u64;
        let (file, dropped) = blocking(move || {
            let dropped = store.make_room(&limits, &kept)?;
            Ok((store.create(id, &header)?, dropped))
        })
        .await?;

        let running = Running {
            terminal: terminal.id,
            progress: Arc::default(),
            stop: CancellationToken::new(),
            ended: CancellationToken::new(),
        };
        let (progress, stop) = (running.progress.clone(), running.stop.clone());
        progress.size_bytes.store(header_bytes, Ordering::Relaxed);
        self.running.lock().insert(id, running.clone());
        terminal.core().recording = Some(id);
        let recorder = Recorder {
            terminal: terminal.clone(),
            file,
            size,
            limits: self.limits,
            progress,
            stop,
        };
        let recordings = Arc::clone(self);
        let of = terminal.id;
        tokio::spawn(async move {
            recorder.run().await;
            terminal.core().recording = None;
            recordings.running.lock().remove(&id);
            running.ended.cancel();
        });
        let recording = Recording {
            id,
            terminal: of,
            name,
            started_at: at,
            duration_ms: 0,
            size_bytes: header_bytes,
            cols: size.cols,
            rows: size.rows,
            ended: None,
        };
        Ok(RecordingCreated { recording, dropped })
    }

    /// Those that are being made, if one more may be.
    fn may_begin(&self, terminal: &Terminal) -> Result<Vec<RecordingId>, AgentError> {
        let running = self.running.lock();
        if running.values().any(|one| one.terminal == terminal.id) {
            return Err(AgentError::conflict(
                "This terminal is being recorded already.",
            ));
        }
        if !terminal.is_running() {
            return Err(AgentError::conflict("The terminal's program has ended."));
        }
        if running.len() >= RECORDINGS_RUNNING_MAX {
            return Err(AgentError::limit_reached(format!(
                "{RECORDINGS_RUNNING_MAX} terminals are being recorded, as many as may be at the same \
                 time. Stop one of the recordings, then try again."
            )));
        }
        Ok(running.keys().copied().collect())
    }

    /// Ends a recording, if it is still being made.
    async fn stop(&self, id: RecordingId) -> Result<Recording, AgentError> {
        let running = self.running.lock().get(&id).cloned();
        if let Some(running) = running {
            running.stop.cancel();
            running.ended.cancelled().await;
        }
        self.view(id).await
    }

    async fn view(&self, id: RecordingId) -> Result<Recording, AgentError> {
        // Looked up before: what ends meanwhile has not ended yet in what is read.
        let running = self.running.lock().get(&id).cloned();
        let store = self.store.clone();
        let mut recording = blocking(move || store.view(id)).await?;
        complete(&mut recording, running.as_ref());
        Ok(recording)
    }

    /// The file, for reading.
    async fn open(&self, id: RecordingId) -> Result<std::fs::File, AgentError> {
        let store = self.store.clone();
        blocking(move || store.open(id)).await
    }

    async fn delete(&self, id: RecordingId) -> Result<(), AgentError> {
        if self.running.lock().contains_key(&id) {
            return Err(AgentError::conflict(
                "This recording is still being made. Stop it first.",
            ));
        }
        let store = self.store.clone();
        blocking(move || store.delete(id)).await
    }
}

/// What only who makes it knows.
fn complete(recording: &mut Recording, running: Option<&Running>) {
    if let Some(Running { progress, .. }) = running {
        recording.ended = None;
        recording.size_bytes = progress.size_bytes.load(Ordering::Relaxed);
        recording.duration_ms = progress.duration_ms.load(Ordering::Relaxed);
    }
}

/// Works with files, beside everything else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, AgentError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| AgentError::internal("The recording failed.", error))?;
    done.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => AgentError::not_found("There is no such recording."),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            AgentError::not_found("There is no such recording.").caused_by(error)
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => AgentError::out_of_space(
            "The disk is full, so that nothing can be recorded. Delete something, then try again.",
        )
        .caused_by(error),
        _ => AgentError::internal("The recordings cannot be read or written.", error),
    })
}
