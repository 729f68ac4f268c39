//! Jobs of workspaces. Each is for one generation of the row and does nothing once that is past.

use std::time::Duration;

use atelier_api::ErrorCode;
use atelier_api::ids::WorkspaceId;
use atelier_api::node::{ActualState, DesiredState, WorkspaceSpec};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::workspaces::{StepState, WorkspaceSource, WorkspaceState, WorkspaceStepKind};
use serde::{Deserialize, Serialize};

use super::store::{self, WorkspaceRow};
use super::{clone, service, steps};
use crate::ctx::{Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::jobs::{Job, JobEnd, JobError, JobOptions, JobRun};

/// How often a running start looks whether it is still wanted.
const SUPERSEDED_POLL: Duration = Duration::from_millis(300);

/// How the reason of a workspace begins whose job waits.
const WAITS: &str = "It waits for the server";

/// Brings a workspace up: sandbox, agent, clone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WorkspaceStart {
    workspace: WorkspaceId,
    generation: u64,
}

/// Brings a workspace down, and up again if that is wanted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WorkspaceStop {
    workspace: WorkspaceId,
    generation: u64,
    then_start: bool,
}

/// Deletes a deleted workspace's storage for good.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WorkspacePurge {
    workspace: WorkspaceId,
    generation: u64,
}

/// A workspace's jobs run one after the other, before the platform's housekeeping.
pub(super) fn options(row: &WorkspaceRow) -> JobOptions {
    let workspace = &row.workspace;
    JobOptions {
        organization: Some(workspace.organization_id),
        subject: Some(workspace.id.to_string()),
        priority: 10,
        idempotency_key: Some(format!("{}:{}", workspace.id, row.generation)),
        serial_key: Some(workspace.id.to_string()),
        ..JobOptions::default()
    }
}

impl WorkspaceStart {
    pub(super) fn of(row: &WorkspaceRow) -> Self {
        Self {
            workspace: row.workspace.id,
            generation: row.generation,
        }
    }
}

impl WorkspaceStop {
    pub(super) fn of(row: &WorkspaceRow, then_start: bool) -> Self {
        Self {
            workspace: row.workspace.id,
            generation: row.generation,
            then_start,
        }
    }
}

impl WorkspacePurge {
    pub(super) fn of(row: &WorkspaceRow) -> Self {
        Self {
            workspace: row.workspace.id,
            generation: row.generation,
        }
    }
}

impl Job for WorkspaceStart {
    const KIND: &'static str = "workspace_start";
    const ATTEMPTS_MAX: u32 = 3;
    /// A large clone over a slow line; cancellable, and its progress is shown.
    const TIMEOUT: Duration = Duration::from_secs(60 * 60);

    async fn run(self, ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        tokio::select! {
            done = bring_up(&ctx, self.workspace, self.generation) => {
                or_wait(&ctx, self.workspace, self.generation, done).await
            }
            gone = superseded(&ctx, self.workspace, self.generation) => Ok(gone?),
        }
    }

    async fn ended(self, ctx: Ctx, end: JobEnd) -> Result<()> {
        fail(&ctx, self.workspace, self.generation, end).await
    }
}

impl Job for WorkspaceStop {
    const KIND: &'static str = "workspace_stop";
    const TIMEOUT: Duration = Duration::from_secs(60);

    async fn run(self, ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        let done = bring_down(&ctx, &self).await;
        or_wait(&ctx, self.workspace, self.generation, done).await
    }

    async fn ended(self, ctx: Ctx, end: JobEnd) -> Result<()> {
        fail(&ctx, self.workspace, self.generation, end).await
    }
}

impl Job for WorkspacePurge {
    const KIND: &'static str = "workspace_purge";
    /// The node may be away for long; what is deleted must not stay for ever.
    const ATTEMPTS_MAX: u32 = 1_000;

    async fn run(self, ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        let Some(row) = current(&ctx, self.workspace, self.generation).await? else {
            return Ok(());
        };
        service::node_client(&ctx, row.workspace.node_id)
            .await?
            .delete(self.workspace)
            .await?;
        let Some((mut tx, row)) = held(&ctx, self.workspace, self.generation).await? else {
            return Ok(());
        };
        store::delete(&mut tx, self.workspace).await?;
        tx.publish(
            row.workspace.organization_id,
            EventBody::WorkspacePurged {
                workspace_id: self.workspace,
            },
        );
        Ok(tx.commit().await?)
    }
}

async fn bring_up(ctx: &Ctx, id: WorkspaceId, generation: u64) -> Result<(), JobError> {
    // First whether the server is there: while it is not, nothing else changes.
    let Some(row) = current(ctx, id, generation).await? else {
        return Ok(());
    };
    let client = service::node_client(ctx, row.workspace.node_id).await?;
    let Some(row) = enter(ctx, id, generation, WorkspaceStepKind::Sandbox).await? else {
        return Ok(());
    };
    let known = client
        .apply(id, &spec(ctx, &row, DesiredState::Running))
        .await?;
    if known.state != ActualState::Running {
        let detail = known
            .detail
            .unwrap_or_else(|| "The node gave no reason.".to_owned());
        return Err(JobError::Fatal(Error::conflict(detail)));
    }
    if let (WorkspaceSource::Git { url, reference }, false) = (&row.workspace.source, row.cloned) {
        if enter(ctx, id, generation, WorkspaceStepKind::Clone)
            .await?
            .is_none()
        {
            return Ok(());
        }
        clone::run(ctx, &client, &row, url, reference.as_deref()).await?;
    }
    let Some((mut tx, mut row)) = held(ctx, id, generation).await? else {
        return Ok(());
    };
    row.cloned = true;
    steps::end(&mut row.workspace.steps, StepState::Done, None, ctx.now());
    service::set_state(ctx, &mut row, WorkspaceState::Running, None);
    service::save(&mut tx, &mut row, None).await?;
    tx.commit().await?;
    ctx.app().workspaces().touched.add(id);
    Ok(())
}

async fn bring_down(ctx: &Ctx, stop: &WorkspaceStop) -> Result<(), JobError> {
    let Some(row) = current(ctx, stop.workspace, stop.generation).await? else {
        return Ok(());
    };
    let client = service::node_client(ctx, row.workspace.node_id).await?;
    client
        .apply(stop.workspace, &spec(ctx, &row, DesiredState::Stopped))
        .await?;
    let Some((mut tx, mut row)) = held(ctx, stop.workspace, stop.generation).await? else {
        return Ok(());
    };
    if stop.then_start {
        service::enqueue_start(ctx, &mut tx, &mut row).await?;
    } else if row.workspace.state == WorkspaceState::Stopping {
        let reason = row.workspace.state_reason.take();
        let reason = reason.filter(|reason| !reason.starts_with(WAITS));
        service::set_state(ctx, &mut row, WorkspaceState::Stopped, reason);
    }
    service::save(&mut tx, &mut row, None).await?;
    Ok(tx.commit().await?)
}

/// While the server is not connected the job waits, and the workspace says for what.
async fn or_wait(
    ctx: &Ctx,
    id: WorkspaceId,
    generation: u64,
    done: Result<(), JobError>,
) -> Result<(), JobError> {
    match done {
        Err(JobError::Retry(error)) if error.code() == ErrorCode::NodeOffline => {
            if let Some((mut tx, mut row)) = held(ctx, id, generation).await? {
                let reason = format!(
                    "{WAITS} “{}”, which is not connected.",
                    row.workspace.node_name
                );
                if row.workspace.state_reason.as_ref() != Some(&reason) {
                    row.workspace.state_reason = Some(reason);
                    service::save(&mut tx, &mut row, None).await?;
                    tx.commit().await?;
                }
            }
            Err(JobError::NotYet(error))
        }
        other => other,
    }
}

/// Begins a step of the timeline.
async fn enter(
    ctx: &Ctx,
    id: WorkspaceId,
    generation: u64,
    kind: WorkspaceStepKind,
) -> Result<Option<WorkspaceRow>> {
    let Some((mut tx, mut row)) = held(ctx, id, generation).await? else {
        return Ok(None);
    };
    steps::enter(&mut row.workspace.steps, kind, ctx.now());
    row.workspace.state_reason = None;
    service::save(&mut tx, &mut row, None).await?;
    tx.commit().await?;
    Ok(Some(row))
}

/// Resolves when the row's generation is no longer this one.
async fn superseded(ctx: &Ctx, id: WorkspaceId, generation: u64) -> Result<()> {
    loop {
        tokio::time::sleep(SUPERSEDED_POLL).await;
        if current(ctx, id, generation).await?.is_none() {
            return Ok(());
        }
    }
}

/// The row, while it is of this generation.
async fn current(ctx: &Ctx, id: WorkspaceId, generation: u64) -> Result<Option<WorkspaceRow>> {
    let row = store::find(&mut *ctx.read().await?, id).await?;
    Ok(row.filter(|row| row.generation == generation))
}

/// The same, held in a transaction.
pub(super) async fn held(
    ctx: &Ctx,
    id: WorkspaceId,
    generation: u64,
) -> Result<Option<(CtxTx, WorkspaceRow)>> {
    let mut tx = ctx.begin().await?;
    tx.lock(&service::lock_scope(id)).await?;
    let row = store::find(&mut tx, id).await?;
    Ok(row
        .filter(|row| row.generation == generation)
        .map(|row| (tx, row)))
}

/// The workspace says why it did not get where it was to go.
async fn fail(ctx: &Ctx, id: WorkspaceId, generation: u64, end: JobEnd) -> Result<()> {
    let Some((mut tx, mut row)) = held(ctx, id, generation).await? else {
        return Ok(());
    };
    if row.workspace.state == WorkspaceState::Deleted {
        return Ok(());
    }
    let (step, reason) = match end {
        JobEnd::Failed(reason) => (StepState::Failed, reason),
        JobEnd::Cancelled => (StepState::Cancelled, "The job was cancelled.".to_owned()),
        JobEnd::Expired => (StepState::Failed, "The job waited too long.".to_owned()),
    };
    steps::end(&mut row.workspace.steps, step, Some(&reason), ctx.now());
    service::set_state(ctx, &mut row, WorkspaceState::Failed, Some(reason));
    service::save(&mut tx, &mut row, None).await?;
    tx.commit().await
}

/// What the node is to make of the row.
pub(super) fn spec(ctx: &Ctx, row: &WorkspaceRow, desired: DesiredState) -> WorkspaceSpec {
    let workspace = &row.workspace;
    let defaults = &ctx.app().config().workspaces;
    let mut limits = workspace.limits.clone();
    limits.memory_bytes = limits.memory_bytes.or(defaults.memory_bytes);
    limits.cpu_millis = limits.cpu_millis.or(defaults.cpu_millis);
    limits.processes = limits.processes.or(defaults.processes);
    let seed = match &workspace.source {
        WorkspaceSource::Template { template } => ctx.app().templates().files(template),
        WorkspaceSource::Git { .. } => Vec::new(),
    };
    WorkspaceSpec {
        desired,
        generation: row.generation,
        name: workspace.name.clone(),
        driver: workspace.driver,
        limits,
        env: std::collections::BTreeMap::from([(
            "ATELIER_WORKSPACE_ID".to_owned(),
            workspace.id.to_string(),
        )]),
        seed,
    }
}
