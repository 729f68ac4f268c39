//! Decisions about node jobs.

use atelier_api::agent::processes::Span;
use atelier_api::ids::{ExecutionId, NodeId, NodeJobId, NodeRunId, OrganizationId};
use atelier_api::node::jobs::ExecutionOutputQuery;
use atelier_api::page::PageQuery;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate, NodeRun, NodeRunState};
use atelier_api::v1::organizations::Role;
use atelier_api::{ErrorCode, Page};
use atelier_policy::{Decision, Policy, Verdict};
use bytes::Bytes;
use serde_json::json;

use super::fields::{self, NODES_MAX};
use super::store::runs::{self, RunRow};
use super::store::{self, Approval, JobRow};
use super::wire;
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::nodes;

/// How many bytes of a command the audit log holds.
const AUDITED_MAX: usize = 1_000;

/// Makes a job, or finds the one that the same key made; answers whether it is new.
pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    request: &NodeJobCreate,
) -> Result<(NodeJob, bool)> {
    ctx.authorize(Action::NodeJobCreate, &Resource::Organization(organization))?;
    let person = ctx.person()?;
    let spec = fields::spec(request)?;
    let verdict = Policy::built_in_only().check_line(&spec.command);
    if verdict.decision == Decision::Deny {
        return Err(Error::forbidden(format!(
            "The command policy refuses this command. {}",
            reasons(&verdict)
        )));
    }
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("node_jobs:{organization}")).await?;
    if let Some(key) = &request.idempotency_key
        && let Some(known) = store::find_by_key(&mut tx, organization, key).await?
    {
        if known.spec != spec {
            return Err(Error::conflict(
                "Another job was made with this idempotency key. Use a new key for a new job.",
            )
            .with_field("idempotency_key"));
        }
        return Ok((wire::job(&mut tx, known).await?, false));
    }
    let asked = verdict.decision == Decision::Ask;
    let nodes = targets(&mut tx, organization, request).await?;
    let now = ctx.now();
    let job = JobRow {
        id: NodeJobId::from_uuid(ctx.next_id()),
        organization_id: organization,
        idempotency_key: request.idempotency_key.clone(),
        approval: if asked {
            Approval::Awaiting
        } else {
            Approval::None
        },
        reason: asked.then(|| reasons(&verdict)),
        created_by: person.account,
        created_by_name: person.name.clone(),
        decided_by_name: None,
        created_at: now,
        expires_at: now.plus_ms(i64::try_from(spec.ttl_ms).unwrap_or(i64::MAX)),
        cancelled: false,
        spec,
    };
    store::insert(&mut tx, &job).await?;
    for node in &nodes {
        runs::insert(&mut tx, &new_run(ctx, &job, *node)).await?;
    }
    let details = json!({ "command": audited(&job), "servers": nodes.len() });
    tx.audit(organization, Action::NodeJobCreate, &job.id, details);
    let made = wire::job(&mut tx, job.clone()).await?;
    commit(ctx, tx, &job).await?;
    Ok((made, true))
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

fn audited(job: &JobRow) -> String {
    let command = &job.spec.command;
    if command.len() <= AUDITED_MAX {
        return command.clone();
    }
    let end = command.floor_char_boundary(AUDITED_MAX);
    format!("{}…", &command[..end])
}

/// A page of an organization's jobs, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<NodeJob>> {
    ctx.authorize(Action::NodeJobList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, organization, before, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(wire::job(&mut conn, row).await?);
    }
    Ok(Page { items, next_cursor })
}

fn cursor<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::invalid("cursor", "Pass the next_cursor of the page before."))
}

pub(super) async fn view(ctx: &Ctx, id: NodeJobId) -> Result<NodeJob> {
    let mut conn = ctx.read().await?;
    let row = load(ctx, &mut conn, Action::NodeJobView, id).await?;
    wire::job(&mut conn, row).await
}

/// A page of a job's runs.
pub(super) async fn list_runs(
    ctx: &Ctx,
    id: NodeJobId,
    query: &PageQuery,
) -> Result<Page<NodeRun>> {
    let mut conn = ctx.read().await?;
    load(ctx, &mut conn, Action::NodeRunList, id).await?;
    let limit = paging::limit(query.limit)?;
    let after: Option<NodeRunId> = query.cursor.as_deref().map(cursor).transpose()?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = runs::list(&mut conn, id, &after, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let items = rows.into_iter().map(|row| wire::run(ctx.app(), row));
    Ok(Page {
        items: items.collect(),
        next_cursor,
    })
}

/// A run's output from an offset on, and where it begins: what was kept, or from the server while it
/// runs there.
pub(super) async fn output(
    ctx: &Ctx,
    id: NodeRunId,
    query: &ExecutionOutputQuery,
) -> Result<(u64, Bytes)> {
    let mut conn = ctx.read().await?;
    let run = runs::find(&mut conn, id).await?;
    let run = run.ok_or_else(|| Error::not_found("node run"))?;
    load(ctx, &mut conn, Action::NodeRunOutput, run.job)
        .await
        .map_err(|error| hidden(error, "node run"))?;
    if run.state.has_ended() {
        let from = query.offset.clamp(run.output.start, run.output.end);
        let kept = Bytes::from(runs::output(&mut conn, id).await?);
        let skipped = usize::try_from(from - run.output.start).unwrap_or(usize::MAX);
        return Ok((from, kept.slice(skipped.min(kept.len())..)));
    }
    // Given back before the server is asked, which takes its time.
    drop(conn);
    if run.state != NodeRunState::Running || !run.acknowledged {
        return Ok((0, Bytes::new()));
    }
    let client = nodes::client_by_id(ctx, run.node).await?;
    client.execution_output(run.execution, query).await
}

/// Cancels a job: what waits does not begin, what runs is ended.
pub(super) async fn cancel(ctx: &Ctx, id: NodeJobId) -> Result<NodeJob> {
    let (mut tx, mut job) = begin(ctx, Action::NodeJobCancel, id).await?;
    let counts = runs::counts(&mut tx, id).await?;
    if counts.queued + counts.running == 0 {
        return Err(Error::conflict("The job has already ended."));
    }
    job.cancelled = true;
    store::update(&mut tx, &job).await?;
    let reason = format!("Cancelled by {}.", ctx.actor().name());
    runs::cancel_waiting(&mut tx, id, &reason, ctx.now()).await?;
    let details = json!({ "command": audited(&job) });
    tx.audit(job.organization_id, Action::NodeJobCancel, &id, details);
    let changed = wire::job(&mut tx, job.clone()).await?;
    commit(ctx, tx, &job).await?;
    Ok(changed)
}

/// Answers what the command policy asks: by another admin than the one who wants it, or an owner.
pub(super) async fn decide(ctx: &Ctx, id: NodeJobId, approve: bool) -> Result<NodeJob> {
    let action = if approve {
        Action::NodeJobApprove
    } else {
        Action::NodeJobRefuse
    };
    let (mut tx, mut job) = begin(ctx, action, id).await?;
    let counts = runs::counts(&mut tx, id).await?;
    if job.approval != Approval::Awaiting || counts.queued == 0 {
        return Err(Error::conflict("The job does not wait for an approval."));
    }
    let person = ctx.person()?;
    let is_owner = person.role_in(job.organization_id) == Some(Role::Owner);
    if approve && person.account == job.created_by && !is_owner {
        return Err(Error::forbidden(
            "You asked for this job yourself: another admin, or an owner, has to approve it.",
        ));
    }
    job.decided_by_name = Some(person.name.clone());
    if approve {
        job.approval = Approval::Approved;
        runs::release(&mut tx, id).await?;
    } else {
        job.approval = Approval::Refused;
        let reason = format!("Refused by {}.", person.name);
        runs::cancel_waiting(&mut tx, id, &reason, ctx.now()).await?;
    }
    store::update(&mut tx, &job).await?;
    let details = json!({ "command": audited(&job), "asked_by": job.created_by_name });
    tx.audit(job.organization_id, action, &id, details);
    let changed = wire::job(&mut tx, job.clone()).await?;
    commit(ctx, tx, &job).await?;
    Ok(changed)
}

/// Changes of one job run one after the other.
pub(super) fn lock_scope(id: NodeJobId) -> String {
    format!("node_job:{id}")
}

/// A transaction in which the job is held, authorized.
async fn begin(ctx: &Ctx, action: Action, id: NodeJobId) -> Result<(CtxTx, JobRow)> {
    let mut tx = ctx.begin().await?;
    tx.lock(&lock_scope(id)).await?;
    let row = load(ctx, &mut tx, action, id).await?;
    Ok((tx, row))
}

async fn commit(ctx: &Ctx, mut tx: CtxTx, job: &JobRow) -> Result<()> {
    let node_job_id = job.id;
    tx.publish(
        job.organization_id,
        EventBody::NodeJobChanged { node_job_id },
    );
    tx.commit().await?;
    ctx.app().node_jobs().wake();
    Ok(())
}

async fn load(ctx: &Ctx, conn: &mut Conn, action: Action, id: NodeJobId) -> Result<JobRow> {
    let row = store::find(conn, id).await?;
    let row = row.ok_or_else(|| Error::not_found("node job"))?;
    ctx.authorize(action, &Resource::Organization(row.organization_id))
        .map_err(|error| hidden(error, "node job"))?;
    Ok(row)
}

/// A refusal because of the organization is worded for the thing that was asked for.
fn hidden(error: Error, noun: &str) -> Error {
    if error.code() == ErrorCode::NotFound {
        Error::not_found(noun)
    } else {
        error
    }
}
