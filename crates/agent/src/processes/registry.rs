//! All processes of the workspace.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::processes::{self as wire, PROCESSES_MAX, ProcessCreate};
use atelier_api::ids::ProcessId;
use parking_lot::Mutex;

use super::process::Process;
use crate::launch::Launch;
use crate::{AgentError, Config};

/// The processes, oldest first.
pub(crate) struct Processes {
    config: Arc<Config>,
    all: Mutex<Vec<Arc<Process>>>,
}

impl Processes {
    /// No processes yet.
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            all: Mutex::new(Vec::new()),
        }
    }

    /// How many are running.
    pub(crate) fn running(&self) -> usize {
        self.all
            .lock()
            .iter()
            .filter(|process| process.is_running())
            .count()
    }

    /// Ends all of them.
    pub(crate) async fn kill_all(&self) {
        let all = std::mem::take(&mut *self.all.lock());
        futures_util::future::join_all(all.iter().map(|process| process.kill())).await;
    }

    pub(crate) fn list(&self) -> Vec<wire::Process> {
        self.all
            .lock()
            .iter()
            .map(|process| process.view())
            .collect()
    }

    pub(super) fn get(&self, id: ProcessId) -> Result<Arc<Process>, AgentError> {
        self.all.lock().iter().find(|process| process.id == id).cloned().ok_or_else(|| {
            AgentError::not_found(format!(
                "There is no process {id}. Of those that have ended only the last are remembered."
            ))
        })
    }

    pub(crate) fn create(&self, create: ProcessCreate) -> Result<wire::Process, AgentError> {
        let launch = Launch::new(
            &self.config,
            create.command,
            create.cwd.as_deref(),
            create.env,
        )?;
        let mut all = self.all.lock();
        if all.len() >= PROCESSES_MAX {
            let Some(oldest) = all.iter().position(|process| !process.is_running()) else {
                return Err(AgentError::limit_reached(format!(
                    "{PROCESSES_MAX} processes are running already, which is the most that the \
                     workspace may start. End one that is not needed, then try again."
                )));
            };
            all.remove(oldest);
        }
        let timeout = create.timeout_ms.map(Duration::from_millis);
        let process = Process::start(launch, create.stdin, timeout)?;
        all.push(process.clone());
        Ok(process.view())
    }

    pub(super) async fn delete(&self, id: ProcessId) -> Result<(), AgentError> {
        let process = self.get(id)?;
        self.all.lock().retain(|other| other.id != id);
        process.kill().await;
        Ok(())
    }
}
