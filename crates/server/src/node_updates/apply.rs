//! The job that updates one server.

use std::time::Duration;

use atelier_api::ErrorCode;
use atelier_api::ids::{NodeRolloutId, NodeUpdateId};
use atelier_api::node::update::{UpdateOrder, UpdateReport, UpdateState};
use atelier_api::v1::node_rollouts::{NodeRollout, NodeUpdateState};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::service;
use super::store::updates::UpdateRow;
use super::store::{self, updates};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::jobs::{Job, JobEnd, JobError, JobRun};
use crate::nodes::{self, NodeClient};

/// How long a server that is not connected may take to come back before it is passed over: after a start of
/// the control plane none is connected yet.
const BACK_WITHIN: Duration = Duration::from_secs(20);

/// How often a server is asked how far it is.
const EVERY: Duration = Duration::from_millis(250);

/// What a server needs besides the new program's time: the handover, and going back.
const BESIDES: Duration = Duration::from_secs(120);

/// Updates one server.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NodeUpdateApply {
    pub(super) rollout: NodeRolloutId,
    pub(super) update: NodeUpdateId,
}

/// How it ended.
#[derive(Debug)]
struct End {
    state: NodeUpdateState,
    reason: Option<String>,
}

impl End {
    fn new(state: NodeUpdateState, reason: impl Into<String>) -> Self {
        Self {
            state,
            reason: Some(reason.into()),
        }
    }
}

impl Job for NodeUpdateApply {
    const KIND: &'static str = "node_update_apply";
    const ATTEMPTS_MAX: u32 = 5;
    const TIMEOUT: Duration = Duration::from_secs(45 * 60);
    /// Each sends a whole program.
    const CONCURRENCY_MAX: usize = 16;

    async fn run(self, ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        let Some((rollout, row)) = current(&ctx, &self).await? else {
            return Ok(settle(&ctx, &self, None).await?);
        };
        let end = match connected(&ctx, &row).await {
            Ok(client) => match carry(&ctx, &rollout, &row, &client).await {
                Ok(end) => end,
                Err(error) => judge(&ctx, &self, error).await?,
            },
            Err(error) if error.code() != ErrorCode::NodeOffline => return Err(error.into()),
            Err(error) if row.ordered || rollout.wait_for_offline => {
                return Err(JobError::NotYet(error));
            }
            Err(_) => End::new(NodeUpdateState::Skipped, "It was not connected."),
        };
        Ok(settle(&ctx, &self, Some(end)).await?)
    }

    async fn ended(self, ctx: Ctx, end: JobEnd) -> Result<()> {
        let reason = match end {
            JobEnd::Failed(reason) => reason,
            JobEnd::Cancelled => "The job was cancelled.".to_owned(),
            JobEnd::Expired => "The job waited too long.".to_owned(),
        };
        settle(&ctx, &self, Some(End::new(NodeUpdateState::Failed, reason))).await
    }
}

/// The rows, while the update is under way.
async fn current(ctx: &Ctx, job: &NodeUpdateApply) -> Result<Option<(NodeRollout, UpdateRow)>> {
    let mut conn = ctx.read().await?;
    let rollout = store::find(&mut conn, job.rollout).await?;
    let row = updates::find(&mut conn, job.update).await?;
    let row = row.filter(|row| row.run.state == NodeUpdateState::Running);
    Ok(rollout.zip(row))
}

async fn carry(
    ctx: &Ctx,
    rollout: &NodeRollout,
    row: &UpdateRow,
    client: &NodeClient,
) -> Result<End> {
    let Some(program) = &row.run.program else {
        return Ok(End::new(
            NodeUpdateState::Failed,
            "There is no program for it.",
        ));
    };
    let status = client.update_status().await?;
    let known = status.report.filter(|report| report.id == row.run.id);
    if known.is_none() {
        if status.program.as_ref() == Some(program) {
            return Ok(End::new(
                NodeUpdateState::Succeeded,
                "It ran this program already.",
            ));
        }
        if !status.kept.contains(program) {
            send(ctx, client, row, program).await?;
        }
        ordered(ctx, row).await?;
        let order = UpdateOrder {
            id: row.run.id,
            sha256: program.clone(),
            healthy_within_s: rollout.healthy_within_s,
        };
        if let Some(end) = ended(client.update(&order).await?) {
            return Ok(end);
        }
    }
    follow(ctx, rollout, row).await
}

/// The way to the server, for which is waited a little.
async fn connected(ctx: &Ctx, row: &UpdateRow) -> Result<NodeClient> {
    let until = Instant::now() + BACK_WITHIN;
    loop {
        match nodes::client_by_id(ctx, row.run.node_id).await {
            Err(error) if error.code() == ErrorCode::NodeOffline && Instant::now() < until => {
                tokio::time::sleep(EVERY).await;
            }
            result => return result,
        }
    }
}

async fn send(ctx: &Ctx, client: &NodeClient, row: &UpdateRow, sha256: &str) -> Result<()> {
    let node = nodes::find(&mut *ctx.read().await?, row.run.node_id).await?;
    let architecture = node
        .and_then(|node| node.info)
        .map(|info| info.architecture);
    let offered = match architecture {
        Some(architecture) => nodes::program(ctx.app(), &architecture).await?,
        None => None,
    };
    let offered = offered.filter(|program| program.sha256 == sha256).ok_or_else(|| {
        Error::conflict(
            "The control plane offers another program by now: it was updated itself. Begin a new rollout.",
        )
    })?;
    let file = offered.open().await?;
    client.send_program(sha256, offered.size, file).await
}

/// Notes that the server may have its order, before it has.
async fn ordered(ctx: &Ctx, row: &UpdateRow) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let mut row = row.clone();
    row.ordered = true;
    row.run.reason = Some("The server tries the new program out.".to_owned());
    updates::update(&mut tx, &row).await?;
    tx.commit().await
}

/// Asks until the server says how it ended. It is not connected meanwhile.
async fn follow(ctx: &Ctx, rollout: &NodeRollout, row: &UpdateRow) -> Result<End> {
    // It is tried twice: beside the program of before, and in its place.
    let within = Duration::from_secs(u64::from(rollout.healthy_within_s) * 2) + BESIDES;
    let until = Instant::now() + within;
    loop {
        tokio::time::sleep(EVERY).await;
        let asked = async {
            let client = nodes::client_by_id(ctx, row.run.node_id).await?;
            client.update_status().await
        };
        match asked.await {
            Ok(status) => {
                let report = status.report.filter(|report| report.id == row.run.id);
                let Some(report) = report else {
                    let reason = "The server knows nothing of the update any more.";
                    return Ok(End::new(NodeUpdateState::Failed, reason));
                };
                if let Some(end) = ended(report) {
                    return Ok(end);
                }
            }
            Err(error) if error.code() == ErrorCode::NotFound => return Err(error),
            // On its way from one program to the next.
            Err(_) => {}
        }
        if Instant::now() > until {
            let reason = format!(
                "The server has not said within {} s how it ended. Look at its daemon's log.",
                within.as_secs()
            );
            return Ok(End::new(NodeUpdateState::Failed, reason));
        }
    }
}

fn ended(report: UpdateReport) -> Option<End> {
    let state = match report.state {
        UpdateState::Succeeded => NodeUpdateState::Succeeded,
        UpdateState::Failed => NodeUpdateState::Failed,
        _ => return None,
    };
    Some(End {
        state,
        reason: report.reason,
    })
}

/// What an error means: the end, or another attempt.
async fn judge(ctx: &Ctx, job: &NodeUpdateApply, error: Error) -> Result<End, JobError> {
    let Some((_, row)) = current(ctx, job).await? else {
        return Err(JobError::Retry(error));
    };
    let end = match error.code() {
        // It went away under the order: how that ends, it says when it is back.
        ErrorCode::NodeOffline if row.ordered => return Err(JobError::NotYet(error)),
        ErrorCode::Forbidden => End::new(NodeUpdateState::Skipped, error.to_string()),
        ErrorCode::NotFound if !row.ordered => End::new(
            NodeUpdateState::Failed,
            "Its program is too old to be updated from here. Run the install script on it once.",
        ),
        ErrorCode::NodeOffline
        | ErrorCode::Internal
        | ErrorCode::Unavailable
        | ErrorCode::Timeout => return Err(JobError::Retry(error)),
        _ => End::new(NodeUpdateState::Failed, error.to_string()),
    };
    Ok(end)
}

/// Notes the end, if it has not been noted, and has the rollout go on.
async fn settle(ctx: &Ctx, job: &NodeUpdateApply, end: Option<End>) -> Result<()> {
    let mut tx = ctx.begin().await?;
    service::hold(&mut tx, job.rollout).await?;
    let Some(rollout) = store::find(&mut tx, job.rollout).await? else {
        return Ok(());
    };
    let row = updates::find(&mut tx, job.update).await?;
    let row = row.filter(|row| row.run.state == NodeUpdateState::Running);
    if let (Some(mut row), Some(end)) = (row, end) {
        row.run.state = end.state;
        row.run.reason = end.reason;
        row.run.finished_at = Some(ctx.now());
        updates::update(&mut tx, &row).await?;
    }
    service::go_on(&mut tx, &rollout).await?;
    tx.commit().await
}
