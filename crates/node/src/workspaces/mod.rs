//! All workspaces of this node: what is wanted, what is, and what is remembered of them.

mod record;
mod sampler;
mod validate;
mod workspace;

use std::collections::HashMap;
use std::sync::Arc;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{NodeWorkspace, WorkspaceSpec, WorkspaceUsage};
use futures_util::future::join_all;
use parking_lot::Mutex;

use self::record::Record;
use self::workspace::{ChangeError, Workspace};
use crate::Clock;
use crate::drivers::host::HostDriver;
use crate::error::{NodeError, chain};
use crate::proxy::{Agent, Pipes};

/// The workspaces of a node.
#[derive(Debug)]
pub(crate) struct Workspaces {
    shared: Arc<Shared>,
    all: Mutex<HashMap<WorkspaceId, Arc<Workspace>>>,
}

/// What a workspace that runs has used and uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkspaceUse {
    pub(crate) id: WorkspaceId,
    /// CPU time since its start.
    pub(crate) cpu_us: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) processes: u32,
    /// Bytes read from devices and written to them, where that is counted.
    pub(crate) moved: Option<(u64, u64)>,
}

/// What all workspaces have in common.
#[derive(Debug)]
struct Shared {
    driver: Arc<HostDriver>,
    pipes: Pipes,
    clock: Clock,
}

impl Workspaces {
    /// Finds all workspaces, adopts those that still run, and cleans up after those that do not.
    pub(crate) async fn open(
        driver: Arc<HostDriver>,
        pipes: Pipes,
        clock: Clock,
    ) -> std::io::Result<Self> {
        let ids = driver.storage.workspaces()?;
        let shared = Arc::new(Shared {
            driver,
            pipes,
            clock,
        });
        let workspaces = Self {
            shared: Arc::clone(&shared),
            all: Mutex::default(),
        };
        let (opened, shared) = (&workspaces, &shared);
        let taken_up = ids.iter().copied().map(|id| async move {
            let workspace = opened.entry(id);
            let record = Record::load_or_recover(&shared.driver.storage.workspace(id))?;
            if let Err(error) = workspace.take_up(record).await {
                tracing::error!(workspace.id = %id, error = chain(&error), "taking up failed");
            }
            Ok::<_, std::io::Error>(())
        });
        join_all(taken_up)
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
        for id in shared.driver.leftovers() {
            if !ids.contains(&id) {
                shared.driver.clean_up(id);
            }
        }
        shared.driver.empty_trash(|_| {});
        Ok(workspaces)
    }

    /// All of them, oldest first.
    pub(crate) fn list(&self) -> Vec<NodeWorkspace> {
        let all: Vec<_> = self.all.lock().values().cloned().collect();
        let mut list: Vec<_> = all
            .iter()
            .filter_map(|workspace| workspace.view())
            .collect();
        list.sort_by_key(|workspace| workspace.id);
        list
    }

    /// One of them.
    pub(crate) fn view(&self, id: WorkspaceId) -> Result<NodeWorkspace, NodeError> {
        self.find(id)?.view().ok_or_else(|| unknown(id))
    }

    /// What one uses.
    pub(crate) async fn usage(&self, id: WorkspaceId) -> Result<WorkspaceUsage, NodeError> {
        self.find(id)?.usage().await
    }

    /// What those that run use, where something counts it.
    pub(crate) fn used(&self) -> Vec<WorkspaceUse> {
        let all: Vec<_> = self.all.lock().values().cloned().collect();
        all.iter()
            .filter_map(|workspace| workspace.used())
            .collect()
    }

    /// The way to one's agent.
    pub(crate) fn agent(&self, id: WorkspaceId) -> Result<Agent, NodeError> {
        self.find(id)?.agent()
    }

    /// Brings one to the desired state, making it when it is new. Goes on when the caller goes away.
    pub(crate) async fn apply(
        self: &Arc<Self>,
        id: WorkspaceId,
        spec: WorkspaceSpec,
    ) -> Result<NodeWorkspace, NodeError> {
        validate::spec(&spec)?;
        let all = Arc::clone(self);
        self.finish(async move {
            loop {
                let workspace = all.entry(id);
                match workspace.apply(spec.clone()).await {
                    Ok(view) => return Ok(view),
                    Err(ChangeError::Deleted) => all.forget(id, &workspace),
                    Err(ChangeError::Failed(error)) => {
                        if workspace.view().is_none() {
                            all.forget(id, &workspace);
                        }
                        return Err(error);
                    }
                }
            }
        })
        .await
    }

    /// Stops one and deletes its storage. One that does not exist is deleted already.
    pub(crate) async fn delete(self: &Arc<Self>, id: WorkspaceId) -> Result<(), NodeError> {
        let Ok(workspace) = self.find(id) else {
            return Ok(());
        };
        let all = Arc::clone(self);
        self.finish(async move {
            match workspace.delete().await {
                Ok(()) | Err(ChangeError::Deleted) => {
                    all.forget(id, &workspace);
                    Ok(())
                }
                Err(ChangeError::Failed(error)) => Err(error),
            }
        })
        .await
    }

    /// Stops those that run, whatever was wanted; `reason` is for the log.
    pub(crate) async fn stop_all(&self, reason: &str) {
        let all: Vec<_> = self.all.lock().values().cloned().collect();
        join_all(all.iter().map(|workspace| workspace.stop(reason))).await;
    }

    /// Runs a change to its end, whether or not the caller waits for it.
    async fn finish<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, NodeError>> + Send + 'static,
    ) -> Result<T, NodeError> {
        let task = self.shared.pipes.tasks.spawn(change);
        task.await
            .unwrap_or_else(|error| Err(NodeError::internal("The change was broken off.", error)))
    }

    fn find(&self, id: WorkspaceId) -> Result<Arc<Workspace>, NodeError> {
        let found = self.all.lock().get(&id).cloned();
        found.ok_or_else(|| unknown(id))
    }

    fn entry(&self, id: WorkspaceId) -> Arc<Workspace> {
        let mut all = self.all.lock();
        let entry = all.entry(id);
        Arc::clone(entry.or_insert_with(|| Workspace::new(id, Arc::clone(&self.shared))))
    }

    /// Drops the entry, unless another has taken its place.
    fn forget(&self, id: WorkspaceId, workspace: &Arc<Workspace>) {
        let mut all = self.all.lock();
        if all
            .get(&id)
            .is_some_and(|found| Arc::ptr_eq(found, workspace))
        {
            all.remove(&id);
        }
    }
}

fn unknown(id: WorkspaceId) -> NodeError {
    NodeError::not_found(format!("There is no workspace {id} on this server."))
}
