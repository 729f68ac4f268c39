//! One writer in a repository at a time. Short ones wait for each other; whoever waits in vain is told for
//! what.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use crate::AgentError;

/// How long one waits for another.
const PATIENCE: Duration = Duration::from_secs(5);

/// A turn in a repository: as long as it is held, nobody else of the agent's writes there.
pub(super) type Turn = OwnedMutexGuard<String>;

/// Who writes where: the text is the command.
#[derive(Debug, Default)]
pub(super) struct Writers(Mutex<HashMap<PathBuf, Arc<tokio::sync::Mutex<String>>>>);

impl Writers {
    /// Waits for a turn in the repository whose data lies at `directory`.
    pub(super) async fn turn(&self, directory: &Path, what: &str) -> Result<Turn, AgentError> {
        let lock = {
            let mut writers = self.0.lock();
            writers.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(writers.entry(directory.to_owned()).or_default())
        };
        match tokio::time::timeout(PATIENCE, lock.lock_owned()).await {
            Ok(mut turn) => {
                what.clone_into(&mut turn);
                Ok(turn)
            }
            Err(_) => Err(AgentError::conflict(format!(
                "Something else is under way in this repository, so “git {what}” has to wait. End it, or \
                 try again when it is done.",
            ))),
        }
    }
}
