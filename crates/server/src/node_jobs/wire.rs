//! Rows → what people see.

use atelier_api::v1::node_jobs::{NodeJob, NodeJobState, NodeRun, NodeRunCounts, NodeRunState};

use super::limits::Load;
use super::store::runs::{self, RunRow};
use super::store::{Approval, JobRow};
use crate::app::App;
use crate::ctx::Conn;
use crate::error::Result;
use crate::nodes;

pub(super) async fn job(conn: &mut Conn, row: JobRow) -> Result<NodeJob> {
    let counts = runs::counts(conn, row.id).await?;
    Ok(NodeJob {
        id: row.id,
        organization_id: row.organization_id,
        state: state(row.approval, counts),
        command: row.spec.command,
        cwd: row.spec.cwd,
        reason: row.reason,
        findings: row.findings,
        schedule_id: row.schedule,
        created_by: row.created_by,
        created_by_name: row.created_by_name,
        decided_by_name: row.decided_by_name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        timeout_ms: row.spec.timeout_ms,
        priority: row.spec.priority,
        concurrency: row.spec.concurrency,
        retries: row.spec.retries,
        counts,
    })
}

fn state(approval: Approval, counts: NodeRunCounts) -> NodeJobState {
    let NodeRunCounts {
        queued,
        running,
        succeeded,
        failed,
        interrupted,
        cancelled,
        expired,
    } = counts;
    let ended = succeeded + failed + interrupted + cancelled + expired;
    match approval {
        Approval::Refused => NodeJobState::Refused,
        Approval::Awaiting if queued > 0 => NodeJobState::AwaitingApproval,
        _ if queued > 0 && running + ended == 0 => NodeJobState::Queued,
        _ if queued + running > 0 => NodeJobState::Running,
        _ if failed + interrupted > 0 => NodeJobState::Failed,
        _ if expired > 0 => NodeJobState::Expired,
        // Of a job whose servers were removed nothing is left.
        _ if cancelled > 0 || succeeded == 0 => NodeJobState::Cancelled,
        _ => NodeJobState::Succeeded,
    }
}

pub(super) fn run(app: &App, row: RunRow, load: &Load) -> NodeRun {
    let online = nodes::is_online(app, row.node, row.node_local);
    let name = &row.node_name;
    let reason = match row.state {
        NodeRunState::Held => Some("It waits for a person to approve it.".to_owned()),
        NodeRunState::Queued if !online => Some(format!(
            "It waits for the server “{name}”, which is not connected."
        )),
        NodeRunState::Queued => Some(load.reason(&row)),
        NodeRunState::Running if !online => Some(format!(
            "The line to the server “{name}” is down. What has begun there goes on."
        )),
        _ => row.reason,
    };
    NodeRun {
        id: row.id,
        node_job_id: row.job,
        node_id: row.node,
        node_name: row.node_name,
        state: row.state,
        reason,
        attempt: row.attempt,
        started_at: row.started_at,
        finished_at: row.finished_at,
        exit: row.exit,
        output: row.output,
    }
}
