//! Carrying one run to its end, over a line that may break at any time. Whatever fails is taken up
//! again by the dispatcher, from what the database says.

use atelier_api::ErrorCode;
use atelier_api::node::jobs::{
    Execution, ExecutionOutputQuery, ExecutionSpec, ExecutionState, WAIT_MS_MAX,
};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::{NodeJobFinding, NodeRunState};

use super::store::runs::{self, RunRow};
use super::store::{self, Approval, JobRow};
use super::{outcome, service};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::nodes::{self, NodeClient};

/// How much of a run's output is kept.
const OUTPUT_KEPT: u64 = 256 << 10;

/// How many questions of the policy are kept of a job: with many servers, each may ask the same.
const FINDINGS_MAX: usize = 100;

/// Brings a run, which is `running`, as far as it goes. `fresh`: nobody has asked the server yet.
pub(super) async fn carry(ctx: &Ctx, mut run: RunRow, fresh: bool) -> Result<()> {
    let mut conn = ctx.read().await?;
    if !fresh {
        // Whoever carried it until now may have brought it on since it was read.
        match runs::find(&mut conn, run.id).await? {
            Some(now) if now.state == NodeRunState::Running => run = now,
            _ => return Ok(()),
        }
    }
    let job = store::find(&mut conn, run.job).await?;
    let Some(job) = job else {
        return Ok(());
    };
    drop(conn);
    let client = nodes::client_by_id(ctx, run.node).await?;
    if !run.acknowledged && !begin(ctx, &client, &job, &mut run, fresh).await? {
        return Ok(());
    }
    loop {
        let execution = match client.execution(run.execution, WAIT_MS_MAX).await {
            Ok(execution) => execution,
            Err(error) if error.code() == ErrorCode::NotFound => {
                let reason = "The server no longer knows of it. It is not run again.".to_owned();
                outcome::end(ctx, &mut run, NodeRunState::Interrupted, Some(reason));
                return save(ctx, &job, &run, None).await;
            }
            Err(error) => return Err(error),
        };
        if execution.state != ExecutionState::Running {
            return finish(ctx, &client, &job, run, &execution).await;
        }
    }
}

/// Has the server begin; answers whether it has.
async fn begin(
    ctx: &Ctx,
    client: &NodeClient,
    job: &JobRow,
    run: &mut RunRow,
    fresh: bool,
) -> Result<bool> {
    // Time has passed since it was asked last, and it may or may not have heard: begun in time is
    // what it has begun.
    if !fresh && run.expires_at <= ctx.now() {
        match client.execution(run.execution, 0).await {
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::NotFound => {
                // So that the first request, should it still be under way, comes to nothing.
                client.cancel_execution(run.execution).await?;
                let reason = "It could not begin in time.".to_owned();
                outcome::end(ctx, run, NodeRunState::Expired, Some(reason));
                save(ctx, job, run, None).await?;
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
    }
    let spec = ExecutionSpec {
        command: job.spec.command.clone(),
        cwd: job.spec.cwd.clone(),
        env: job.spec.env.clone(),
        timeout_ms: job.spec.timeout_ms,
        output_limit_bytes: OUTPUT_KEPT,
        approved: job.approval == Approval::Approved,
    };
    match client.execute(run.execution, &spec).await {
        Ok(_) => {}
        Err(error) if error.code() == ErrorCode::ApprovalRequired => {
            hold(ctx, job, run, &error.problem().detail).await?;
            return Ok(false);
        }
        Err(error) if is_final(&error) => {
            let reason = error.problem().detail.clone();
            outcome::end(ctx, run, NodeRunState::Failed, Some(reason));
            save(ctx, job, run, None).await?;
            return Ok(false);
        }
        Err(error) => return Err(error),
    }
    run.acknowledged = true;
    let was = (NodeRunState::Running, run.execution);
    let mut tx = ctx.begin().await?;
    let ours = runs::update(&mut tx, was, run).await?;
    tx.commit().await?;
    Ok(ours)
}

/// The server's own policy asks: a person has to say yes, as where the control plane's does.
async fn hold(ctx: &Ctx, job: &JobRow, run: &mut RunRow, question: &str) -> Result<()> {
    let was = (NodeRunState::Running, run.execution);
    let mut tx = ctx.begin().await?;
    tx.lock(&service::lock_scope(job.id)).await?;
    let Some(mut job) = store::find(&mut tx, job.id).await? else {
        return Ok(());
    };
    if job.cancelled || job.approval == Approval::Refused {
        let reason = "It was cancelled before it began.".to_owned();
        outcome::end(ctx, run, NodeRunState::Cancelled, Some(reason));
    } else if job.approval == Approval::Approved {
        // Meanwhile somebody has said yes, for another server: it is asked again with that.
        run.state = NodeRunState::Queued;
    } else {
        run.state = NodeRunState::Held;
        run.started_at = None;
        let finding = NodeJobFinding {
            command: job.spec.command.clone(),
            rule: format!("the own policy of “{}”", run.node_name),
            reason: question.to_owned(),
        };
        if job.findings.len() < FINDINGS_MAX {
            job.findings.push(finding);
        }
        job.approval = Approval::Awaiting;
        job.reason.get_or_insert_with(|| question.to_owned());
        store::update(&mut tx, &job).await?;
    }
    if runs::update(&mut tx, was, run).await? {
        let node_job_id = job.id;
        tx.publish(
            job.organization_id,
            EventBody::NodeJobChanged { node_job_id },
        );
        tx.commit().await?;
    }
    Ok(())
}

/// Whether the server will refuse again.
fn is_final(error: &Error) -> bool {
    matches!(
        error.code(),
        ErrorCode::Forbidden
            | ErrorCode::Invalid
            | ErrorCode::Malformed
            | ErrorCode::MethodNotAllowed
            | ErrorCode::NotFound
            | ErrorCode::TooLarge
    )
}

async fn finish(
    ctx: &Ctx,
    client: &NodeClient,
    job: &JobRow,
    mut run: RunRow,
    execution: &Execution,
) -> Result<()> {
    let all = ExecutionOutputQuery::default();
    let (start, output) = client.execution_output(run.execution, &all).await?;
    run.output.start = start;
    run.output.end = start + output.len() as u64;
    outcome::take_over(ctx, &mut run, execution);
    save(ctx, job, &run, Some(&output)).await
}

/// Writes down how a run has ended, or that it is tried again.
async fn save(ctx: &Ctx, job: &JobRow, run: &RunRow, output: Option<&[u8]>) -> Result<()> {
    let was = (NodeRunState::Running, run.execution);
    let mut run = run.clone();
    let mut tx = ctx.begin().await?;
    tx.lock(&service::lock_scope(job.id)).await?;
    // It may have been cancelled meanwhile.
    let job = store::find(&mut tx, job.id).await?;
    let Some(job) = job else {
        return Ok(());
    };
    let begun = run.acknowledged;
    if run.state == NodeRunState::Failed
        && begun
        && run.attempt <= job.spec.retries
        && !job.cancelled
    {
        outcome::try_again(ctx, &mut run);
    }
    if runs::update(&mut tx, was, &run).await? {
        if let Some(output) = output {
            runs::save_output(&mut tx, run.id, output).await?;
        }
        tx.publish(
            job.organization_id,
            EventBody::NodeJobChanged {
                node_job_id: job.id,
            },
        );
        tx.commit().await?;
    }
    Ok(())
}
