//! What the process shares: built once in `lib.rs`, handed to every `Ctx`.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use atelier_db::Db;
use atelier_policy::Policy;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::ctx::{Clock, Ids};
use crate::events::Bus;
use crate::gateway::Gateway;
use crate::identity::Identity;
use crate::jobs::Jobs;
use crate::node_jobs::NodeJobs;
use crate::nodes::Nodes;
use crate::secrets::Secrets;
use crate::telemetry::Telemetry;
use crate::templates::Templates;
use crate::terminal_shares::LiveShares;
use crate::workspaces;

/// The process's shared state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    config: Config,
    db: Db,
    clock: Clock,
    ids: Ids,
    jobs: Jobs,
    events: Bus,
    gateway: Gateway,
    identity: Identity,
    nodes: Nodes,
    secrets: Secrets,
    node_jobs: NodeJobs,
    telemetry: Telemetry,
    templates: Templates,
    live_shares: LiveShares,
    workspaces: workspaces::Caches,
    tasks: Tasks,
}

/// The parts of an [`App`].
#[derive(Debug)]
pub struct AppParts {
    /// The configuration.
    pub config: Config,
    /// The command policy that it holds.
    pub policy: Policy,
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// The node links.
    pub nodes: Nodes,
    /// The templates.
    pub templates: Templates,
    /// What keeps previews apart from the platform.
    pub gateway: Gateway,
    /// What seals stored secrets.
    pub secrets: Secrets,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: AppParts) -> Self {
        let AppParts {
            config,
            policy,
            db,
            clock,
            nodes,
            templates,
            gateway,
            secrets,
        } = parts;
        Self(Arc::new(Shared {
            config,
            db,
            clock,
            ids: Ids::default(),
            jobs: Jobs::default(),
            events: Bus::default(),
            gateway,
            identity: Identity::default(),
            nodes,
            secrets,
            node_jobs: NodeJobs::new(policy),
            telemetry: Telemetry::default(),
            templates,
            live_shares: LiveShares::default(),
            workspaces: workspaces::Caches::default(),
            tasks: Tasks::default(),
        }))
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The database. Only `Ctx` and the engines of the ground take it from here.
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The source of ids.
    pub fn ids(&self) -> &Ids {
        &self.0.ids
    }

    /// The job engine.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// The event bus.
    pub fn events(&self) -> &Bus {
        &self.0.events
    }

    /// Who may see which application.
    pub(crate) fn gateway(&self) -> &Gateway {
        &self.0.gateway
    }

    /// What identity keeps in memory: rate limits, the cache of sessions, the hashing permits.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// The links to the nodes.
    pub fn nodes(&self) -> &Nodes {
        &self.0.nodes
    }

    /// What seals stored secrets.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// What dispatches node jobs.
    pub(crate) fn node_jobs(&self) -> &NodeJobs {
        &self.0.node_jobs
    }

    /// What is held of the nodes' measurements.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// The templates.
    pub fn templates(&self) -> &Templates {
        &self.0.templates
    }

    /// Who is there by a link.
    pub(crate) fn live_shares(&self) -> &LiveShares {
        &self.0.live_shares
    }

    /// What is kept of workspaces that was read.
    pub(crate) fn workspaces(&self) -> &workspaces::Caches {
        &self.0.workspaces
    }

    /// The background tasks.
    pub fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }
}

/// How long a shutdown waits for tasks that put things away: a database that does not answer must not keep
/// the process for ever.
const SHUTDOWN_WITHIN: Duration = Duration::from_secs(30);

/// Background tasks: named, ended at shutdown, waited for.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    running: Arc<Mutex<BTreeMap<&'static str, u32>>>,
}

impl Tasks {
    /// Runs a task until it ends or the process shuts down; then it is dropped at its next await.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (stop, running) = (self.stop.clone(), self.begin(name));
        // Boxed: what a block takes over and then waits for, it has room for twice.
        let task = Box::pin(task);
        self.tracker.spawn(async move {
            let _running = running;
            tokio::select! {
                () = task => tracing::debug!(task.name = name, "a background task ended"),
                () = stop.cancelled() => {}
            }
        });
    }

    /// Runs a task that is told of the shutdown and ends by itself, so that it can put things away.
    pub fn spawn_graceful<F>(&self, name: &'static str, task: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (task, running) = (Box::pin(task(self.stop.clone())), self.begin(name));
        self.tracker.spawn(async move {
            let _running = running;
            task.await;
        });
    }

    fn begin(&self, name: &'static str) -> Running {
        *self.running.lock().entry(name).or_default() += 1;
        Running {
            name,
            all: Arc::clone(&self.running),
        }
    }

    /// Resolves at shutdown.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Tells all tasks to end and waits until they have, for at most 30 s.
    pub async fn shutdown(&self) {
        let left = self.end_within(SHUTDOWN_WITHIN).await;
        if !left.is_empty() {
            tracing::error!(
                tasks = ?left,
                "some background tasks did not end in time and are left behind"
            );
        }
    }

    /// The names of those that do not end.
    async fn end_within(&self, limit: Duration) -> Vec<&'static str> {
        self.stop.cancel();
        self.tracker.close();
        match tokio::time::timeout(limit, self.tracker.wait()).await {
            Ok(()) => Vec::new(),
            Err(_) => self.running.lock().keys().copied().collect(),
        }
    }
}

/// A task that has not ended.
struct Running {
    name: &'static str,
    all: Arc<Mutex<BTreeMap<&'static str, u32>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(count) = all.get_mut(self.name) {
            *count -= 1;
            if *count == 0 {
                all.remove(self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_does_not_end_is_named_and_left_behind() {
        let tasks = Tasks::default();
        tasks.spawn("ends_at_once", async {});
        tasks.spawn("ends_when_told", std::future::pending());
        assert!(tasks.end_within(SHUTDOWN_WITHIN).await.is_empty());
        tasks.spawn_graceful("never_ends", |_stop| std::future::pending());
        assert_eq!(tasks.end_within(Duration::ZERO).await, ["never_ends"]);
    }
}
