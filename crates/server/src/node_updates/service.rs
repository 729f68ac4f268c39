//! Decisions about rollouts.

use std::collections::HashMap;
use std::sync::Arc;

use atelier_api::ids::{NodeId, NodeRolloutId, NodeUpdateId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::node_rollouts::{
    NodeRollout, NodeRolloutCreate, NodeRolloutState, NodeUpdateCounts, NodeUpdateRun,
    NodeUpdateState,
};
use atelier_api::{ErrorCode, Page};
use serde_json::json;

use super::advance::NodeRolloutAdvance;
use super::fields::{NODES_MAX, Plan};
use super::store::{self, updates};
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::jobs::JobOptions;
use crate::nodes::{self, NodeRow, Program};

/// The programs by architecture, as they are when a rollout is made.
type Programs = HashMap<String, Option<Arc<Program>>>;

/// Makes a rollout.
pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    request: &NodeRolloutCreate,
) -> Result<NodeRollout> {
    ctx.authorize(
        Action::NodeRolloutCreate,
        &Resource::Organization(organization),
    )?;
    let person = ctx.person()?;
    let plan = Plan::of(request)?;
    let rows = targets(ctx, organization, request).await?;
    // Before the transaction: to read a program takes its time.
    let programs = programs(ctx, &rows).await?;
    let mut tx = ctx.begin().await?;
    tx.lock(&format!("node_rollouts:{organization}")).await?;
    if store::under_way(&mut tx, organization).await?.is_some() {
        return Err(Error::conflict(
            "Another rollout is under way. Wait for its end, or abort it first.",
        ));
    }
    let mut rollout = NodeRollout {
        id: NodeRolloutId::from_uuid(ctx.next_id()),
        organization_id: organization,
        state: NodeRolloutState::Running,
        reason: None,
        canary: plan.canary,
        batch: plan.batch,
        pause_s: plan.pause_s,
        wait_for_offline: request.wait_for_offline,
        healthy_within_s: plan.healthy_within_s,
        next_stage_at: None,
        created_by: person.account,
        created_by_name: person.name.clone(),
        created_at: ctx.now(),
        finished_at: None,
        counts: NodeUpdateCounts::default(),
    };
    store::insert(&mut tx, &rollout).await?;
    let mut place = 0;
    for row in &rows {
        let mut run = part(ctx, &rollout, row, &programs);
        if run.state == NodeUpdateState::Waiting {
            run.stage = plan.stage(place);
            place += 1;
        }
        updates::insert(&mut tx, &run).await?;
    }
    rollout.counts = updates::counts(&mut tx, rollout.id).await?;
    let details = json!({ "servers": rows.len(), "canary": plan.canary, "batch": plan.batch });
    tx.audit(
        organization,
        Action::NodeRolloutCreate,
        &rollout.id,
        details,
    );
    go_on(&mut tx, &rollout).await?;
    tx.commit().await?;
    Ok(rollout)
}

/// The servers that are asked for, as they are.
async fn targets(
    ctx: &Ctx,
    organization: OrganizationId,
    request: &NodeRolloutCreate,
) -> Result<Vec<NodeRow>> {
    let mut conn = ctx.read().await?;
    let said = [
        !request.nodes.is_empty(),
        !request.labels.is_empty(),
        request.all,
    ];
    if said.iter().filter(|said| **said).count() != 1 {
        return Err(Error::invalid(
            "nodes",
            "Say which servers: by their ids, by their labels, or all.",
        ));
    }
    let ids: Vec<NodeId> = if request.all {
        nodes::all(&mut conn, organization).await?
    } else if request.nodes.is_empty() {
        nodes::labelled(&mut conn, organization, &request.labels).await?
    } else {
        let mut ids: Vec<NodeId> = Vec::new();
        for id in &request.nodes {
            // In the order in which they were named: the first ones are the canary.
            if !ids.contains(id) {
                ids.push(*id);
            }
        }
        nodes::named(&mut conn, organization, &ids).await?;
        ids
    };
    if ids.is_empty() {
        return Err(Error::invalid("labels", "No server has all these labels."));
    }
    if ids.len() > NODES_MAX {
        return Err(Error::limit_reached(format!(
            "A rollout has at most {NODES_MAX} servers."
        )));
    }
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        rows.extend(nodes::find(&mut conn, id).await?);
    }
    Ok(rows)
}

async fn programs(ctx: &Ctx, rows: &[NodeRow]) -> Result<Programs> {
    let mut programs = Programs::new();
    for row in rows {
        let Some(info) = &row.info else { continue };
        if !programs.contains_key(&info.architecture) {
            let found = nodes::program(ctx.app(), &info.architecture).await?;
            programs.insert(info.architecture.clone(), found);
        }
    }
    Ok(programs)
}

/// A rollout's part on one server; one that cannot be updated is passed over from the first.
fn part(ctx: &Ctx, rollout: &NodeRollout, row: &NodeRow, programs: &Programs) -> NodeUpdateRun {
    let architecture = row.info.as_ref().map(|info| info.architecture.as_str());
    let program = architecture.and_then(|it| programs.get(it)?.as_ref());
    let skipped = match (row.local, architecture, program) {
        (true, ..) => {
            Some("It is part of the control plane, and is updated together with it.".to_owned())
        }
        (_, None, _) => Some("It has never been connected.".to_owned()),
        (_, Some(architecture), None) => Some(format!(
            "The control plane has no program for {architecture} (updates.programs)."
        )),
        _ => None,
    };
    NodeUpdateRun {
        id: NodeUpdateId::from_uuid(ctx.next_id()),
        node_rollout_id: rollout.id,
        node_id: row.id,
        node_name: row.name.clone(),
        stage: 0,
        state: match skipped {
            Some(_) => NodeUpdateState::Skipped,
            None => NodeUpdateState::Waiting,
        },
        finished_at: skipped.as_ref().map(|_| ctx.now()),
        reason: skipped,
        program: program.map(|program| program.sha256.clone()),
        started_at: None,
    }
}

/// A page of an organization's rollouts, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<NodeRollout>> {
    ctx.authorize(
        Action::NodeRolloutList,
        &Resource::Organization(organization),
    )?;
    let limit = paging::limit(query.limit)?;
    let before = query.cursor.as_deref().map(cursor).transpose()?;
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, organization, before, limit + 1).await?;
    let (items, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    Ok(Page { items, next_cursor })
}

fn cursor<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::invalid("cursor", "Pass the next_cursor of the page before."))
}

pub(super) async fn view(ctx: &Ctx, id: NodeRolloutId) -> Result<NodeRollout> {
    let mut conn = ctx.read().await?;
    load(ctx, &mut conn, Action::NodeRolloutView, id).await
}

/// A page of a rollout's servers.
pub(super) async fn list_nodes(
    ctx: &Ctx,
    id: NodeRolloutId,
    query: &PageQuery,
) -> Result<Page<NodeUpdateRun>> {
    let mut conn = ctx.read().await?;
    load(ctx, &mut conn, Action::NodeRolloutNodeList, id).await?;
    let limit = paging::limit(query.limit)?;
    let after: Option<NodeUpdateId> = query.cursor.as_deref().map(cursor).transpose()?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = updates::list(&mut conn, id, &after, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.run.id.to_string());
    Ok(Page {
        items: rows.into_iter().map(|row| row.run).collect(),
        next_cursor,
    })
}

/// Lets no further stage begin.
pub(super) async fn pause(ctx: &Ctx, id: NodeRolloutId) -> Result<NodeRollout> {
    let (mut tx, mut rollout) = begin(ctx, Action::NodeRolloutPause, id).await?;
    if rollout.state != NodeRolloutState::Running {
        return Err(Error::conflict("The rollout is not running."));
    }
    rollout.state = NodeRolloutState::Paused;
    rollout.reason = Some(format!("Paused by {}.", ctx.actor().name()));
    store::update(&mut tx, &rollout).await?;
    tx.audit(
        rollout.organization_id,
        Action::NodeRolloutPause,
        &id,
        json!({}),
    );
    publish(&mut tx, &rollout);
    tx.commit().await?;
    Ok(rollout)
}

/// Lets the next stage begin.
pub(super) async fn resume(ctx: &Ctx, id: NodeRolloutId) -> Result<NodeRollout> {
    let (mut tx, mut rollout) = begin(ctx, Action::NodeRolloutResume, id).await?;
    if rollout.state != NodeRolloutState::Paused {
        return Err(Error::conflict("The rollout is not paused."));
    }
    rollout.state = NodeRolloutState::Running;
    rollout.reason = None;
    // Whoever resumes does not want to wait any more; what is under way is waited for all the same.
    rollout.next_stage_at = (rollout.counts.running == 0).then(|| ctx.now());
    store::update(&mut tx, &rollout).await?;
    tx.audit(
        rollout.organization_id,
        Action::NodeRolloutResume,
        &id,
        json!({}),
    );
    go_on(&mut tx, &rollout).await?;
    tx.commit().await?;
    Ok(rollout)
}

/// Ends it: what is under way goes on to its end, nothing else is touched.
pub(super) async fn abort(ctx: &Ctx, id: NodeRolloutId) -> Result<NodeRollout> {
    let (mut tx, mut rollout) = begin(ctx, Action::NodeRolloutAbort, id).await?;
    if rollout.state.has_ended() {
        return Err(Error::conflict("The rollout has already ended."));
    }
    let reason = format!("Aborted by {}.", ctx.actor().name());
    end(
        ctx,
        &mut tx,
        &mut rollout,
        NodeRolloutState::Aborted,
        Some(reason),
    )
    .await?;
    tx.audit(
        rollout.organization_id,
        Action::NodeRolloutAbort,
        &id,
        json!({}),
    );
    tx.commit().await?;
    Ok(rollout)
}

/// The rollout ends; servers whose turn has not come are not touched.
pub(super) async fn end(
    ctx: &Ctx,
    tx: &mut CtxTx,
    rollout: &mut NodeRollout,
    state: NodeRolloutState,
    reason: Option<String>,
) -> Result<()> {
    updates::abort_waiting(
        tx,
        rollout.id,
        "The rollout ended before its turn.",
        ctx.now(),
    )
    .await?;
    rollout.state = state;
    rollout.reason = reason;
    rollout.next_stage_at = None;
    rollout.finished_at = Some(ctx.now());
    rollout.counts = updates::counts(tx, rollout.id).await?;
    store::update(tx, rollout).await?;
    forget_looks(tx, rollout).await?;
    publish(tx, rollout);
    Ok(())
}

/// Cancels the looks that wait: another one takes their place, or there is nothing to look for.
async fn forget_looks(tx: &mut CtxTx, rollout: &NodeRollout) -> Result<()> {
    let reason = "The rollout went on, or ended.";
    tx.supersede::<NodeRolloutAdvance>(&rollout.id.to_string(), reason)
        .await
}

/// Has the engine look what is to be done next, and tells the news.
pub(super) async fn go_on(tx: &mut CtxTx, rollout: &NodeRollout) -> Result<()> {
    forget_looks(tx, rollout).await?;
    let options = JobOptions {
        organization: Some(rollout.organization_id),
        subject: Some(rollout.id.to_string()),
        serial_key: Some(rollout.id.to_string()),
        ..JobOptions::default()
    };
    tx.enqueue(
        &NodeRolloutAdvance {
            rollout: rollout.id,
        },
        options,
    )
    .await?;
    publish(tx, rollout);
    Ok(())
}

pub(super) fn publish(tx: &mut CtxTx, rollout: &NodeRollout) {
    let node_rollout_id = rollout.id;
    tx.publish(
        rollout.organization_id,
        EventBody::NodeRolloutChanged { node_rollout_id },
    );
}

/// Changes of one rollout run one after the other.
pub(super) async fn hold(tx: &mut CtxTx, id: NodeRolloutId) -> Result<()> {
    tx.lock(&format!("node_rollout:{id}")).await
}

/// A transaction in which the rollout is held, authorized.
async fn begin(ctx: &Ctx, action: Action, id: NodeRolloutId) -> Result<(CtxTx, NodeRollout)> {
    let mut tx = ctx.begin().await?;
    hold(&mut tx, id).await?;
    let rollout = load(ctx, &mut tx, action, id).await?;
    Ok((tx, rollout))
}

async fn load(
    ctx: &Ctx,
    conn: &mut Conn,
    action: Action,
    id: NodeRolloutId,
) -> Result<NodeRollout> {
    let unknown = || Error::not_found("rollout");
    let rollout = store::find(conn, id).await?.ok_or_else(unknown)?;
    ctx.authorize(action, &Resource::Organization(rollout.organization_id))
        .map_err(|error| match error.code() {
            ErrorCode::NotFound => unknown(),
            _ => error,
        })?;
    Ok(rollout)
}
