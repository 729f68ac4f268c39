//! One workspace: what is wanted of it, what it is, and the way from one to the other.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{
    ActualState, DesiredState, NodeWorkspace, Protection, SeedFile, WorkspaceLimits, WorkspaceSpec,
    WorkspaceUsage,
};
use parking_lot::Mutex;

use super::record::Record;
use super::sampler::CpuSampler;
use super::{Shared, WorkspaceUse};
use crate::drivers::host::{Running, blocking};
use crate::error::NodeError;
use crate::proxy::Agent;

/// How long a workspace is watched for its CPU use when there is no earlier sample.
const SAMPLE_FOR: Duration = Duration::from_millis(250);

const ENDED_MEANWHILE: &str =
    "The workspace ended while its server was down or the node was not running. Start it again.";

/// A workspace. Changes are made one at a time; reading never waits for them.
#[derive(Debug)]
pub(super) struct Workspace {
    id: WorkspaceId,
    shared: Arc<Shared>,
    /// Held during a change.
    change: tokio::sync::Mutex<Inner>,
    view: Mutex<View>,
    sampler: Mutex<CpuSampler>,
}

#[derive(Debug, Default)]
struct Inner {
    /// None until its storage is made.
    record: Option<Record>,
    running: Option<Running>,
    /// Counts the starts, so that news of an earlier one is told apart.
    starts: u64,
    /// Its storage is gone for good; whoever waited for the lock must look it up again.
    deleted: bool,
}

/// What others see, as of the last change.
#[derive(Debug, Default)]
struct View {
    workspace: Option<NodeWorkspace>,
    running: Option<Running>,
    limits: WorkspaceLimits,
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) enum ChangeError {
    /// It was deleted meanwhile.
    Deleted,
    /// For the caller.
    Failed(NodeError),
}

impl From<NodeError> for ChangeError {
    fn from(error: NodeError) -> Self {
        Self::Failed(error)
    }
}

impl Workspace {
    /// A workspace that has no storage yet.
    pub(super) fn new(id: WorkspaceId, shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            id,
            shared,
            change: tokio::sync::Mutex::default(),
            view: Mutex::default(),
            sampler: Mutex::default(),
        })
    }

    /// What it is; none before its storage is made.
    pub(super) fn view(&self) -> Option<NodeWorkspace> {
        self.view.lock().workspace.clone()
    }

    /// The way to its agent, while it runs.
    pub(super) fn agent(&self) -> Result<Agent, NodeError> {
        let view = self.view.lock();
        let running = view.running.as_ref().filter(|running| !running.has_ended());
        running
            .map(|running| running.agent().clone())
            .ok_or_else(NodeError::workspace_not_running)
    }

    /// What it has used and uses; nothing when it does not run, or nothing counts.
    pub(super) fn used(&self) -> Option<WorkspaceUse> {
        let running = self.view.lock().running.clone();
        let used = running.filter(Running::is_alive)?.usage().ok()??;
        Some(WorkspaceUse {
            id: self.id,
            cpu_us: used.cpu_us,
            memory_bytes: used.memory_bytes,
            processes: used.processes,
            moved: used.moved,
        })
    }

    /// What it uses.
    pub(super) async fn usage(&self) -> Result<WorkspaceUsage, NodeError> {
        let (running, limits) = {
            let view = self.view.lock();
            let running = view.running.clone().filter(Running::is_alive);
            (
                running.ok_or_else(NodeError::workspace_not_running)?,
                view.limits.clone(),
            )
        };
        let read = || {
            let used = running
                .usage()
                .map_err(|error| NodeError::internal("The use could not be read.", error))?;
            used.ok_or_else(|| NodeError::unavailable("Nothing counts what this workspace uses."))
        };
        let sample = |cpu_us| self.sampler.lock().sample(Instant::now(), cpu_us);
        let mut used = read()?;
        let mut cpu_millis = sample(used.cpu_us);
        if cpu_millis.is_none() {
            tokio::time::sleep(SAMPLE_FOR).await;
            used = read()?;
            cpu_millis = sample(used.cpu_us);
        }
        Ok(WorkspaceUsage {
            at: self.shared.clock.now(),
            cpu_us: used.cpu_us,
            cpu_millis: cpu_millis.unwrap_or(0),
            memory_bytes: used.memory_bytes,
            memory_limit_bytes: limits.memory_bytes,
            cpu_limit_millis: limits.cpu_millis,
            processes: used.processes,
        })
    }

    /// Brings it to the desired state. That it could not be started is no error but a state.
    pub(super) async fn apply(
        self: &Arc<Self>,
        mut spec: WorkspaceSpec,
    ) -> Result<NodeWorkspace, ChangeError> {
        let mut inner = self.change.lock().await;
        if inner.deleted {
            return Err(ChangeError::Deleted);
        }
        let seed = mem::take(&mut spec.seed);
        let desired = spec.desired;
        match &mut inner.record {
            Some(record) if spec.generation < record.spec.generation => {
                return Err(NodeError::stale(format!(
                    "Generation {} has been applied already; {} is older.",
                    record.spec.generation, spec.generation
                ))
                .into());
            }
            Some(record) => record.spec = spec,
            none => *none = Some(self.create(spec, seed).await?),
        }
        match desired {
            DesiredState::Running => self.ensure_running(&mut inner).await,
            DesiredState::Stopped => self.ensure_stopped(&mut inner).await,
        }
        self.publish(&mut inner)?;
        Ok(self.view().expect("published with a record"))
    }

    /// Stops it, against what was wanted of it.
    pub(super) async fn stop(&self, reason: &str) {
        let mut inner = self.change.lock().await;
        if inner.running.is_none() {
            return;
        }
        tracing::warn!(workspace.id = %self.id, reason, "a workspace is stopped");
        self.ensure_stopped(&mut inner).await;
        if let Err(error) = self.publish(&mut inner) {
            tracing::error!(workspace.id = %self.id, %error, "a state could not be written");
        }
    }

    /// Stops it and deletes its storage.
    pub(super) async fn delete(&self) -> Result<(), ChangeError> {
        let mut inner = self.change.lock().await;
        if inner.deleted {
            return Err(ChangeError::Deleted);
        }
        self.ensure_stopped(&mut inner).await;
        if inner.running.is_some() {
            let detail = inner.failure().unwrap_or_default().to_owned();
            self.publish(&mut inner)?;
            return Err(NodeError::unavailable(detail).into());
        }
        let driver = &self.shared.driver;
        driver
            .storage
            .remove(self.id)
            .map_err(|error| NodeError::storage("deleting the workspace", error))?;
        inner.deleted = true;
        *self.view.lock() = View::default();
        let uid = inner.record.take().map(|record| record.uid);
        driver.empty_trash(move |driver| {
            if let Some(uid) = uid {
                driver.give_back_uid(uid);
            }
        });
        Ok(())
    }

    /// Takes up what an earlier life of the node has left: storage, and maybe a running agent.
    pub(super) async fn take_up(self: &Arc<Self>, record: Record) -> Result<(), NodeError> {
        let mut inner = self.change.lock().await;
        let driver = &self.shared.driver;
        driver.reserve_uid(record.uid);
        let run = record.run.clone();
        let running = run.and_then(|run| driver.adopt(self.id, record.uid, run));
        let wanted = record.spec.desired == DesiredState::Running;
        inner.record = Some(record);
        if let Some(running) = running {
            self.watch(&mut inner, running);
            self.check_health(&mut inner).await;
        } else {
            self.clean_up().await;
            if wanted && inner.failure().is_none() {
                inner.fail(ENDED_MEANWHILE);
            }
        }
        self.publish(&mut inner)
    }

    async fn create(&self, spec: WorkspaceSpec, seed: Vec<SeedFile>) -> Result<Record, NodeError> {
        let driver = &self.shared.driver;
        let uid = driver.take_uid().ok_or_else(|| {
            NodeError::unavailable(
                "Every user id for workspaces is taken on this server. Delete a workspace, or give \
                 the node a larger range.",
            )
        })?;
        let record = Record {
            spec,
            uid,
            since: self.shared.clock.now(),
            failure: None,
            run: None,
        };
        let created = driver.create_storage(self.id, uid, seed, record.to_bytes());
        created.await.map_err(|error| {
            driver.give_back_uid(uid);
            NodeError::storage("making the workspace's storage", error)
        })?;
        Ok(record)
    }

    async fn ensure_running(self: &Arc<Self>, inner: &mut Inner) {
        let driver = Arc::clone(&self.shared.driver);
        let record = inner.record.as_ref().expect("made before it is started");
        let (uid, spec) = (record.uid, record.spec.clone());
        if let Some(running) = inner.running.as_ref().filter(|running| running.is_alive()) {
            if let Err(error) = running.set_limits(&driver.limits(&spec.limits)) {
                tracing::warn!(workspace.id = %self.id, %error, "limits could not be changed");
            }
            self.check_health(inner).await;
            return;
        }
        inner.running = None;
        // What a run that ended by itself may have left.
        self.clean_up().await;
        match driver.start(self.id, uid, &spec).await {
            Ok(running) => {
                inner.set_failure(None);
                self.watch(inner, running);
            }
            Err(reason) => {
                self.clean_up().await;
                inner.fail(&reason);
            }
        }
    }

    async fn ensure_stopped(&self, inner: &mut Inner) {
        if let Some(running) = &inner.running
            && let Err(error) = running.stop().await
        {
            inner.fail(&format!("The workspace could not be stopped: {error}."));
            return;
        }
        if inner.running.take().is_some() {
            self.clean_up().await;
        }
        inner.set_failure(None);
    }

    /// An agent that is there but does not answer is not restarted: that would end people's work,
    /// and it may only be busy.
    async fn check_health(&self, inner: &mut Inner) {
        let Some(running) = &inner.running else {
            return;
        };
        match running.agent().health().await {
            Ok(()) => inner.set_failure(None),
            Err(_) => inner.fail(
                "The workspace's agent runs but does not answer. If that stays so, stop the \
                 workspace and start it again.",
            ),
        }
    }

    /// Notes what runs, and sees to it that its end is noticed.
    fn watch(self: &Arc<Self>, inner: &mut Inner, running: Running) {
        inner.starts += 1;
        inner.running = Some(running.clone());
        let (workspace, start) = (Arc::clone(self), inner.starts);
        let shutdown = self.shared.pipes.shutdown.clone();
        self.shared.pipes.tasks.spawn(async move {
            tokio::select! {
                () = running.ended() => workspace.note_end(start).await,
                () = shutdown.cancelled() => {}
            }
        });
    }

    /// The init process of a start has ended: by itself, unless it was stopped meanwhile.
    async fn note_end(&self, start: u64) {
        let mut inner = self.change.lock().await;
        if inner.starts != start || inner.deleted {
            return;
        }
        let Some(running) = inner.running.take() else {
            return;
        };
        let reason = self.shared.driver.why_it_ended(self.id, &running);
        tracing::warn!(workspace.id = %self.id, reason, "a workspace ended by itself");
        self.clean_up().await;
        inner.fail(&reason);
        if let Err(error) = self.publish(&mut inner) {
            tracing::error!(workspace.id = %self.id, %error, "a state could not be written");
        }
    }

    async fn clean_up(&self) {
        let (driver, id) = (Arc::clone(&self.shared.driver), self.id);
        let cleaned = blocking(move || {
            driver.clean_up(id);
            Ok(())
        });
        // Fails only when the runtime shuts down; the next life of the node cleans up then.
        let _ = cleaned.await;
        self.shared.driver.empty_trash(|_| {});
    }

    /// Writes the state down and shows it.
    fn publish(&self, inner: &mut Inner) -> Result<(), NodeError> {
        let Inner {
            record: Some(record),
            running,
            ..
        } = inner
        else {
            return Ok(());
        };
        let state = match (&record.failure, &running) {
            (Some(_), _) => ActualState::Failed,
            (None, Some(_)) => ActualState::Running,
            (None, None) => ActualState::Stopped,
        };
        let before = self.view.lock().workspace.as_ref().map(|view| view.state);
        let changed = match before {
            Some(before) => before != state,
            // After a restart of the node: the record's time is that of the state it had.
            None => state != ActualState::Running || record.run.is_none(),
        };
        if changed {
            record.since = self.shared.clock.now();
        }
        record.run = running.as_ref().and_then(Running::record);
        let driver = &self.shared.driver;
        let saved = record.save(&driver.storage.workspace(self.id).state());
        let protections: &[Protection] = running.as_ref().map_or(&[], Running::protections);
        *self.view.lock() = View {
            workspace: Some(NodeWorkspace {
                id: self.id,
                generation: record.spec.generation,
                state,
                since: record.since,
                detail: record.failure.clone(),
                protections: protections.to_vec(),
            }),
            running: running.clone(),
            limits: driver.limits(&record.spec.limits),
        };
        saved.map_err(|error| NodeError::storage("writing the workspace's state", error))
    }
}

impl Inner {
    fn failure(&self) -> Option<&str> {
        self.record.as_ref()?.failure.as_deref()
    }

    fn fail(&mut self, reason: &str) {
        self.set_failure(Some(reason.to_owned()));
    }

    fn set_failure(&mut self, failure: Option<String>) {
        if let Some(record) = &mut self.record {
            record.failure = failure;
        }
    }
}
