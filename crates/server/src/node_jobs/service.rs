//! Decisions about node jobs.

use atelier_api::ids::{NodeJobId, NodeRunId, OrganizationId};
use atelier_api::node::jobs::ExecutionOutputQuery;
use atelier_api::page::PageQuery;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_jobs::{NodeJob, NodeJobCreate, NodeJobListQuery, NodeRun, NodeRunState};
use atelier_api::v1::organizations::Role;
use atelier_api::{ErrorCode, Page};
use bytes::Bytes;
use serde_json::json;

use super::create::{self, Asked};
use super::limits::Load;
use super::store::runs;
use super::store::{self, Approval, JobRow};
use super::wire;
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::nodes;

/// How many bytes of a command the audit log holds.
const AUDITED_MAX: usize = 1_000;

/// How the idempotency keys of schedules begin.
pub(crate) const SCHEDULE_KEY: &str = "schedule:";

/// Makes a job, or finds the one that the same key made; answers whether it is new.
pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    request: &NodeJobCreate,
) -> Result<(NodeJob, bool)> {
    ctx.authorize(Action::NodeJobCreate, &Resource::Organization(organization))?;
    let person = ctx.person()?;
    let is_ours = |key: &String| key.starts_with(SCHEDULE_KEY);
    if request.idempotency_key.as_ref().is_some_and(is_ours) {
        return Err(Error::invalid(
            "idempotency_key",
            format!("Keys that begin with “{SCHEDULE_KEY}” are for schedules."),
        ));
    }
    let asked = Asked {
        organization,
        request,
        account: person.account,
        name: &person.name,
        schedule: None,
        action: Action::NodeJobCreate,
    };
    let mut tx = ctx.begin().await?;
    let made = create::create(ctx, &mut tx, &asked).await?;
    tx.commit().await?;
    ctx.app().node_jobs().wake();
    Ok(made)
}

/// Makes a new job of what an ended one has not done: on the servers where it failed, was interrupted or
/// cancelled, or expired.
pub(super) async fn retry(ctx: &Ctx, id: NodeJobId) -> Result<NodeJob> {
    let (mut tx, job) = begin(ctx, Action::NodeJobRetry, id).await?;
    let person = ctx.person()?;
    let counts = runs::counts(&mut tx, id).await?;
    if counts.queued + counts.running > 0 {
        return Err(Error::conflict(
            "The job has not ended everywhere. Wait for that, or cancel it first.",
        ));
    }
    let nodes = runs::unsuccessful(&mut tx, id).await?;
    if nodes.is_empty() {
        return Err(Error::conflict(
            "The job succeeded on all its servers: nothing is left to try again.",
        ));
    }
    let asked = Asked {
        organization: job.organization_id,
        request: &job.spec.request(nodes),
        account: person.account,
        name: &person.name,
        schedule: None,
        action: Action::NodeJobRetry,
    };
    let (made, _) = create::create(ctx, &mut tx, &asked).await?;
    tx.commit().await?;
    ctx.app().node_jobs().wake();
    Ok(made)
}

/// Whether nothing more happens of a job; one that is no longer known has ended.
pub(crate) async fn has_ended(conn: &mut Conn, id: NodeJobId) -> Result<bool> {
    let counts = runs::counts(conn, id).await?;
    Ok(counts.queued + counts.running == 0)
}

/// A command as far as the audit log holds it.
pub(super) fn audited(job: &JobRow) -> String {
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
    query: &NodeJobListQuery,
) -> Result<Page<NodeJob>> {
    ctx.authorize(Action::NodeJobList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let mut conn = ctx.read().await?;
    let filter = store::Filter {
        node: query.node,
        schedule: query.schedule,
        state: query.state,
    };
    let rows = store::list(&mut conn, organization, &filter, before, limit + 1).await?;
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

/// A job, with how many of its runs are in which state.
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
    let job = load(ctx, &mut conn, Action::NodeRunList, id).await?;
    let limit = paging::limit(query.limit)?;
    let after: Option<NodeRunId> = query.cursor.as_deref().map(cursor).transpose()?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = runs::list(&mut conn, id, &after, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let load = Load::of(ctx.app(), &mut conn, &job).await?;
    let items = rows.into_iter().map(|row| wire::run(ctx.app(), row, &load));
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
