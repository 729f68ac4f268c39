//! The node daemon: opened on a data directory, it serves a router.

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::Arc;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{NodeInfo, TelemetrySample};
use atelier_tunnel::Link;
use axum::Router;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::drivers::host::HostDriver;
use crate::jobs::Jobs;
use crate::machine::Machine;
use crate::proxy::{Agent, Pipes};
use crate::routes::Entrance;
use crate::telemetry::Telemetry;
use crate::update::Updates;
use crate::workspaces::Workspaces;
use crate::{HostPolicy, NodeConfig, PolicyError, routes, system};

/// Why a node cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another node uses the data directory.
    #[error("another node uses the data directory `{0}`; stop it, or give this one its own")]
    InUse(String),
    /// The host's policy cannot be followed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The data directory cannot be used.
    #[error("the node's data directory `{directory}` cannot be used")]
    Storage {
        /// The directory.
        directory: String,
        /// Why.
        source: io::Error,
    },
}

/// A node. Dropping it ends its connections but not its workspaces, which the next node that is
/// opened on the same directory finds again. The data directory is free once the node and all its
/// routers are gone.
pub struct Node {
    inner: Arc<Inner>,
    _stop: DropGuard,
}

/// What the handlers work with.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) workspaces: Arc<Workspaces>,
    pub(crate) pipes: Pipes,
    pub(crate) policy: HostPolicy,
    pub(crate) machine: Arc<Machine>,
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) updates: Option<Updates>,
    driver: Arc<HostDriver>,
}

impl Node {
    /// Opens a node and adopts the workspaces that still run.
    pub async fn open(config: NodeConfig) -> Result<Self, OpenError> {
        let policy = match &config.policy_file {
            Some(file) => HostPolicy::load(file)?,
            None => HostPolicy::default(),
        };
        let directory = config.data_dir.display().to_string();
        let failed = |source: io::Error| {
            if source.kind() == io::ErrorKind::WouldBlock {
                OpenError::InUse(directory.clone())
            } else {
                OpenError::Storage {
                    directory: directory.clone(),
                    source,
                }
            }
        };
        let pipes = Pipes {
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
        };
        let driver = HostDriver::open(&config, pipes.clone()).map_err(failed)?;
        let driver = Arc::new(driver);
        let stop = pipes.shutdown.clone().drop_guard();
        let opened = Workspaces::open(Arc::clone(&driver), pipes.clone(), config.clock.clone());
        let workspaces = Arc::new(opened.await.map_err(failed)?);
        if !policy.permits.workspaces {
            let reason = "the policy does not permit workspaces";
            workspaces.stop_all(reason).await;
        }
        let machine = Arc::new(Machine::open(Arc::clone(&driver), &policy).await);
        let jobs = Jobs::open(
            driver.storage.root().join("jobs"),
            policy.commands.clone(),
            Arc::clone(&machine),
            pipes.clone(),
            config.clock.clone(),
        );
        let jobs = jobs.map_err(failed)?;
        let telemetry = Telemetry::open(
            driver.storage.root(),
            config.telemetry_every,
            config.clock,
            &workspaces,
            &pipes,
        );
        let telemetry = telemetry.map_err(failed)?;
        driver.warm_up();
        Ok(Self {
            inner: Arc::new(Inner {
                workspaces,
                pipes,
                policy,
                machine,
                jobs,
                telemetry,
                updates: config.updates,
                driver,
            }),
            _stop: stop,
        })
    }

    /// The node's API. It works as long as the node is not dropped.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.inner))
    }

    /// The way to it within this process. It works as long as the node is not dropped.
    pub fn link(&self) -> Link {
        Link::Local(Arc::new(Entrance::new(Arc::clone(&self.inner))))
    }

    /// What this machine is and can do.
    pub async fn info(&self) -> NodeInfo {
        self.inner.info().await
    }

    /// The data directory's lock, for whoever goes on.
    pub(crate) fn lock(&self) -> Arc<File> {
        self.inner.driver.storage.lock()
    }

    /// The agents of the workspaces that run.
    pub(crate) fn agents(&self) -> Vec<(WorkspaceId, Agent)> {
        let workspaces = &self.inner.workspaces;
        let all = workspaces.list().into_iter();
        all.filter_map(|it| Some((it.id, workspaces.agent(it.id).ok()?)))
            .collect()
    }

    /// The machine's own agent, if it runs.
    pub(crate) async fn machine_agent(&self) -> Option<Agent> {
        self.inner.machine.running_agent().await
    }

    /// Changes with each measurement of the machine.
    pub(crate) fn measurements(&self) -> watch::Receiver<Option<Arc<TelemetrySample>>> {
        self.inner.telemetry.latest()
    }

    /// Stops all workspaces and the machine's own agent: this server's work is to end. Their files stay.
    pub async fn stop_all(&self) {
        self.inner.workspaces.stop_all("the node was told to").await;
        self.inner.machine.stop().await;
    }

    /// Ends connections and waits for changes under way. Workspaces go on.
    pub async fn shutdown(&self) {
        let Pipes { tasks, shutdown } = &self.inner.pipes;
        shutdown.cancel();
        tasks.close();
        tasks.wait().await;
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Inner {
    pub(crate) async fn info(&self) -> NodeInfo {
        let protections = self.driver.node_protections().await;
        let mut info = system::info(protections, self.policy.permits.clone());
        info.program = self
            .updates
            .as_ref()
            .and_then(|it| it.own().map(str::to_owned));
        info
    }
}
