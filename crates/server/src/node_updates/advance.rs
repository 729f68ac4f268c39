//! The job that begins a rollout's next stage, or ends the rollout.

use std::time::Duration;

use atelier_api::ids::NodeRolloutId;
use atelier_api::v1::node_rollouts::{NodeRollout, NodeRolloutState, NodeUpdateState};
use serde::{Deserialize, Serialize};

use super::apply::NodeUpdateApply;
use super::service;
use super::store::{self, updates};
use crate::ctx::{Ctx, CtxTx};
use crate::error::Result;
use crate::jobs::{Job, JobError, JobOptions, JobRun};

/// Looks what is to be done next. Any number of them may run: what they do follows from the rows alone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NodeRolloutAdvance {
    pub(super) rollout: NodeRolloutId,
}

impl Job for NodeRolloutAdvance {
    const KIND: &'static str = "node_rollout_advance";
    /// A rollout must not stand still because the database was away.
    const ATTEMPTS_MAX: u32 = 1_000;

    async fn run(self, ctx: Ctx, _run: JobRun) -> Result<(), JobError> {
        let mut tx = ctx.begin().await?;
        service::hold(&mut tx, self.rollout).await?;
        let Some(rollout) = store::find(&mut tx, self.rollout).await? else {
            return Ok(());
        };
        if rollout.state == NodeRolloutState::Running && rollout.counts.running == 0 {
            advance(&ctx, &mut tx, rollout).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Nothing is under way.
async fn advance(ctx: &Ctx, tx: &mut CtxTx, mut rollout: NodeRollout) -> Result<()> {
    if let Some(failed) = updates::failed(tx, rollout.id).await? {
        let why = failed.run.reason.unwrap_or_default();
        let reason = format!("It stopped at the server “{}”. {why}", failed.run.node_name);
        return service::end(
            ctx,
            tx,
            &mut rollout,
            NodeRolloutState::Failed,
            Some(reason),
        )
        .await;
    }
    let Some(stage) = updates::next_stage(tx, rollout.id).await? else {
        let reason = match rollout.counts.skipped {
            0 => None,
            1 => Some("One server was passed over.".to_owned()),
            count => Some(format!("{count} servers were passed over.")),
        };
        return service::end(ctx, tx, &mut rollout, NodeRolloutState::Succeeded, reason).await;
    };
    let now = ctx.now();
    let begun = rollout.counts.succeeded > 0;
    match rollout.next_stage_at {
        None if begun && rollout.pause_s > 0 => {
            let at = now.plus_ms(i64::from(rollout.pause_s) * 1_000);
            rollout.next_stage_at = Some(at);
            rollout.reason = Some("It pauses before the next stage.".to_owned());
            store::update(tx, &rollout).await?;
            service::publish(tx, &rollout);
            return later(tx, &rollout, Duration::from_secs(rollout.pause_s.into())).await;
        }
        Some(at) if at > now => {
            let ms = u64::try_from(at.ms_since(now)).unwrap_or(0);
            return later(tx, &rollout, Duration::from_millis(ms)).await;
        }
        _ => {}
    }
    rollout.next_stage_at = None;
    rollout.reason = None;
    store::update(tx, &rollout).await?;
    for mut row in updates::waiting(tx, rollout.id, stage).await? {
        row.run.state = NodeUpdateState::Running;
        row.run.started_at = Some(now);
        updates::update(tx, &row).await?;
        let job = NodeUpdateApply {
            rollout: rollout.id,
            update: row.run.id,
        };
        let options = JobOptions {
            organization: Some(rollout.organization_id),
            subject: Some(row.run.node_id.to_string()),
            idempotency_key: Some(row.run.id.to_string()),
            ..JobOptions::default()
        };
        tx.enqueue(&job, options).await?;
    }
    service::publish(tx, &rollout);
    Ok(())
}

/// Looks again after the pause; who resumes meanwhile has it looked at once.
async fn later(tx: &mut CtxTx, rollout: &NodeRollout, delay: Duration) -> Result<()> {
    let options = JobOptions {
        organization: Some(rollout.organization_id),
        subject: Some(rollout.id.to_string()),
        delay,
        ..JobOptions::default()
    };
    let job = NodeRolloutAdvance {
        rollout: rollout.id,
    };
    tx.enqueue(&job, options).await.map(drop)
}
