//! Making a job: for a person, and for a schedule.

use atelier_api::agent::processes::Span;
use atelier_api::ids::ScheduleId;
use atelier_api::ids::{AccountId, ExecutionId, NodeId, NodeJobId, NodeRunId, OrganizationId};
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate, NodeJobFinding, NodeRunState};
use atelier_policy::{Decision, Verdict};
use serde_json::json;

use super::fields::{self, NODES_MAX, Spec};
use super::store::runs::{self, RunRow};
use super::store::{self, Approval, JobRow};
use super::{service, wire};
use crate::app::App;
use crate::authz::Action;
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::nodes;

/// Who wants a job, and which.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// In which organization.
    pub(crate) organization: OrganizationId,
    /// What for.
    pub(crate) request: &'a NodeJobCreate,
    /// Whoever answers for it.
    pub(crate) account: AccountId,
    /// Their name.
    pub(crate) name: &'a str,
    /// The schedule whose job it is.
    pub(crate) schedule: Option<ScheduleId>,
    /// As what it is audited.
    pub(crate) action: Action,
}

/// Checks all of a request but its servers, the command policy's denials too.
///
/// # Errors
/// `invalid` with the field; `forbidden` where the policy denies the command.
pub(crate) fn check(app: &App, request: &NodeJobCreate) -> Result<()> {
    decided(app, request).map(drop)
}

fn decided(app: &App, request: &NodeJobCreate) -> Result<(Spec, Verdict)> {
    let spec = fields::spec(request)?;
    let verdict = app.node_jobs().policy.check_line(&spec.command);
    if verdict.decision == Decision::Deny {
        return Err(Error::forbidden(format!(
            "The command policy refuses this command. {}",
            reasons(&verdict)
        )));
    }
    Ok((spec, verdict))
}

/// Makes a job in the caller's transaction, or finds the one that the same key made; answers whether it
/// is new. The caller has authorized it, and wakes the dispatcher after the commit.
///
/// # Errors
/// As [`check`]; `not_found`, `conflict` or `invalid` for servers that it cannot be run on.
pub(crate) async fn create(
    ctx: &Ctx,
    tx: &mut CtxTx,
    asked: &Asked<'_>,
) -> Result<(NodeJob, bool)> {
    let Asked {
        organization,
        request,
        ..
    } = *asked;
    let (spec, verdict) = decided(ctx.app(), request)?;
    tx.lock(&format!("node_jobs:{organization}")).await?;
    if let Some(key) = &request.idempotency_key
        && let Some(known) = store::find_by_key(tx, organization, key).await?
    {
        if known.spec != spec {
            return Err(Error::conflict(
                "Another job was made with this idempotency key. Use a new key for a new job.",
            )
            .with_field("idempotency_key"));
        }
        return Ok((wire::job(tx, known).await?, false));
    }
    let held = verdict.decision == Decision::Ask;
    let nodes = targets(tx, organization, request).await?;
    let now = ctx.now();
    let job = JobRow {
        id: NodeJobId::from_uuid(ctx.next_id()),
        organization_id: organization,
        idempotency_key: request.idempotency_key.clone(),
        approval: if held {
            Approval::Awaiting
        } else {
            Approval::None
        },
        reason: held.then(|| reasons(&verdict)),
        findings: if held {
            findings(ctx.app(), &verdict)
        } else {
            Vec::new()
        },
        schedule: asked.schedule,
        created_by: asked.account,
        created_by_name: asked.name.to_owned(),
        decided_by_name: None,
        created_at: now,
        expires_at: now.plus_ms(i64::try_from(spec.ttl_ms).unwrap_or(i64::MAX)),
        cancelled: false,
        spec,
    };
    store::insert(tx, &job).await?;
    for node in &nodes {
        runs::insert(tx, &new_run(ctx, &job, *node)).await?;
    }
    let details = json!({
        "command": service::audited(&job), "servers": nodes.len(), "schedule": asked.schedule,
    });
    tx.audit(organization, asked.action, &job.id, details);
    let node_job_id = job.id;
    tx.publish(organization, EventBody::NodeJobChanged { node_job_id });
    Ok((wire::job(tx, job).await?, true))
}

async fn targets(
    conn: &mut Conn,
    organization: OrganizationId,
    request: &NodeJobCreate,
) -> Result<Vec<NodeId>> {
    let nodes = match (request.nodes.is_empty(), request.labels.is_empty()) {
        (false, true) => {
            let mut ids = request.nodes.clone();
            ids.sort_unstable();
            ids.dedup();
            nodes::named(conn, organization, &ids).await?;
            ids
        }
        (true, false) => nodes::labelled(conn, organization, &request.labels).await?,
        _ => {
            return Err(Error::invalid(
                "nodes",
                "Say on which servers: by their ids, or by their labels.",
            ));
        }
    };
    if nodes.is_empty() {
        return Err(Error::invalid("labels", "No server has all these labels."));
    }
    if nodes.len() > NODES_MAX {
        return Err(Error::limit_reached(format!(
            "A job runs on at most {NODES_MAX} servers."
        )));
    }
    Ok(nodes)
}

fn new_run(ctx: &Ctx, job: &JobRow, node: NodeId) -> RunRow {
    RunRow {
        id: NodeRunId::from_uuid(ctx.next_id()),
        job: job.id,
        node,
        node_name: String::new(),
        node_local: false,
        state: if job.approval == Approval::Awaiting {
            NodeRunState::Held
        } else {
            NodeRunState::Queued
        },
        reason: None,
        priority: job.spec.priority.into(),
        attempt: 1,
        execution: ExecutionId::from_uuid(ctx.next_id()),
        acknowledged: false,
        expires_at: job.expires_at,
        started_at: None,
        finished_at: None,
        exit: None,
        output: Span::default(),
    }
}

/// Why the policy says so, in words.
fn reasons(verdict: &Verdict) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for finding in verdict.decisive() {
        if !reasons.contains(&finding.reason.as_str()) {
            reasons.push(&finding.reason);
        }
    }
    reasons.join(" ")
}

/// What whoever is to approve it should know.
fn findings(app: &App, verdict: &Verdict) -> Vec<NodeJobFinding> {
    let policy = &app.node_jobs().policy;
    let finding = |it: &atelier_policy::Finding| NodeJobFinding {
        command: it.shown(),
        rule: policy.name_of(&it.rule),
        reason: it.reason.clone(),
    };
    verdict.decisive().map(finding).collect()
}
