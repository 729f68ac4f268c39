//! Uploads that go on where they broke off ([`atelier_api::agent::uploads`]).
//!
//! They belong to the agent, so they outlive every connection, the node and the control plane. What they
//! hold is a temporary file: seen by nobody, and swept away when the agent was killed.

mod resumable;

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use atelier_api::agent::uploads::{UPLOAD_IDLE_HOURS, UPLOADS_MAX};
use atelier_api::ids::UploadId;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

pub(crate) use resumable::{Resumable, Turn};

use crate::{AgentError, ids};

/// After how long at most one is given up of which no byte came: its client never learned its id, most
/// likely.
const EMPTY_IDLE: Duration = Duration::from_secs(10 * 60);

/// How long the outcome of a finished one is kept, for a client that did not get the answer.
const FINISHED_KEPT: Duration = Duration::from_secs(60 * 60);

/// The uploads of this agent.
#[derive(Debug)]
pub(crate) struct Uploads {
    /// After how long without a byte one is given up.
    idle: Duration,
    held: Mutex<BTreeMap<UploadId, Held>>,
}

#[derive(Debug)]
struct Held {
    upload: Arc<Resumable>,
    _expiry: AbortOnDropHandle<()>,
}

impl Uploads {
    pub(crate) fn new(idle: Duration) -> Self {
        Self {
            idle,
            held: Mutex::default(),
        }
    }

    /// Takes a new one up, unless there are as many as may be.
    pub(crate) fn add(self: &Arc<Self>, upload: Resumable) -> Result<UploadId, AgentError> {
        let mut held = self.held.lock();
        if held.len() >= UPLOADS_MAX {
            // Whoever waits for an outcome still has read it within moments.
            let finished = held.iter().find(|(_, held)| held.upload.is_finished());
            let id = finished.map(|(id, _)| *id).ok_or_else(|| {
                AgentError::limit_reached(format!(
                    "{UPLOADS_MAX} uploads are under way here. Finish or cancel some first; those \
                     that nobody goes on with end after {UPLOAD_IDLE_HOURS} hours."
                ))
            })?;
            held.remove(&id);
        }
        let id = ids::upload();
        let upload = Arc::new(upload);
        let expiry = tokio::spawn(expire(
            Arc::downgrade(self),
            id,
            Arc::downgrade(&upload),
            self.idle,
        ));
        let entry = Held {
            upload,
            _expiry: AbortOnDropHandle::new(expiry),
        };
        held.insert(id, entry);
        Ok(id)
    }

    /// The one of this id.
    pub(crate) fn get(&self, id: UploadId) -> Result<Arc<Resumable>, AgentError> {
        let held = self.held.lock();
        held.get(&id)
            .map(|held| held.upload.clone())
            .ok_or_else(not_found)
    }

    /// Takes the one of this id out; the caller ends it.
    pub(crate) fn remove(&self, id: UploadId) -> Result<Arc<Resumable>, AgentError> {
        let removed = self.held.lock().remove(&id);
        removed.map(|held| held.upload).ok_or_else(not_found)
    }
}

fn not_found() -> AgentError {
    AgentError::not_found(
        "There is no such upload. It was cancelled, was left alone for too long, or the workspace was \
         restarted. Begin again.",
    )
}

/// Gives an upload up when nobody has gone on with it for long.
async fn expire(uploads: Weak<Uploads>, id: UploadId, upload: Weak<Resumable>, idle: Duration) {
    while let Some(due) = upload.upgrade().map(|upload| due(&upload, idle)) {
        if due > Instant::now() {
            tokio::time::sleep_until(due).await;
            continue;
        }
        let Some(uploads) = uploads.upgrade() else {
            return;
        };
        if let Ok(upload) = uploads.remove(id) {
            tracing::info!(upload.id = %id, "an upload was given up: nobody went on with it");
            drop(tokio::task::spawn_blocking(move || upload.give_up()));
        }
        return;
    }
}

fn due(upload: &Resumable, idle: Duration) -> Instant {
    let patience = match upload {
        upload if upload.is_finished() => FINISHED_KEPT,
        upload if upload.is_empty() => idle.min(EMPTY_IDLE),
        _ => idle,
    };
    upload.touched() + patience
}
