//! Decisions about workspaces.

use std::time::Duration;

use atelier_api::Page;
use atelier_api::ids::{NodeId, OrganizationId, WorkspaceId};
use atelier_api::node::Driver;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::workspaces::{
    StepState, Workspace, WorkspaceCreate, WorkspaceListQuery, WorkspaceState, WorkspaceStatus,
    WorkspaceUpdate,
};
use bytes::Bytes;
use serde_json::json;

use super::jobs::{self, WorkspacePurge, WorkspaceStart, WorkspaceStop};
use super::store::{self, Placement, WorkspaceRow};
use super::{fields, steps};
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::{names, nodes};

/// For how long a deleted workspace can be restored.
pub(super) const RESTORE_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Creates a workspace and begins to start it.
pub(super) async fn create(
    ctx: &Ctx,
    organization: OrganizationId,
    request: WorkspaceCreate,
) -> Result<Workspace> {
    ctx.authorize(
        Action::WorkspaceCreate,
        &Resource::Organization(organization),
    )?;
    let person = ctx.person()?;
    let name = names::name("workspace", &request.name)?;
    fields::source(&request.source, ctx.app().templates())?;
    fields::limits(&request.limits)?;

    let mut tx = ctx.begin().await?;
    tx.lock(&format!("workspaces:{organization}")).await?;
    let bound = ctx.app().config().workspaces.per_organization_max;
    if store::count(&mut tx, organization).await? >= u64::from(bound) {
        return Err(Error::limit_reached(format!(
            "This organization has {bound} workspaces, as many as it may. Delete one first."
        )));
    }
    let node = nodes::choose(ctx, &mut tx, organization, request.node_id).await?;
    let now = ctx.now();
    let row = WorkspaceRow {
        name_key: name.key,
        generation: 1,
        cloned: false,
        workspace: Workspace {
            id: WorkspaceId::from_uuid(ctx.next_id()),
            organization_id: organization,
            owner_id: person.account,
            owner_name: person.name.clone(),
            name: name.text,
            node_id: node.id,
            node_name: node.name,
            driver: Driver::Host,
            steps: steps::begin(&request.source, false, now),
            source: request.source,
            state: WorkspaceState::Starting,
            state_since: now,
            state_reason: None,
            limits: request.limits,
            created_at: now,
            deleted_at: None,
            version: 1,
        },
    };
    store::insert(&mut tx, &row).await?;
    let workspace = row.workspace.clone();
    tx.enqueue(&WorkspaceStart::of(&row), jobs::options(&row))
        .await?;
    let details = json!({ "name": workspace.name, "source": workspace.source });
    tx.audit(
        organization,
        Action::WorkspaceCreate,
        &workspace.id,
        details,
    );
    tx.publish(organization, changed(&workspace));
    tx.commit().await?;
    Ok(workspace)
}

pub(super) async fn view(ctx: &Ctx, id: WorkspaceId) -> Result<Workspace> {
    let row = load(&mut *ctx.read().await?, id).await?;
    authorize(ctx, Action::WorkspaceView, &row.workspace)?;
    Ok(row.workspace)
}

/// A page of the list as JSON, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &WorkspaceListQuery,
) -> Result<Bytes> {
    ctx.authorize(Action::WorkspaceList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let cache = &ctx.app().workspaces().lists;
    let key = (organization, format!("{query:?}"));
    if let Some(page) = cache.get(ctx.app().db(), &key) {
        return Ok(page);
    }
    let generation = ctx.app().db().generation();
    let cursor = query.cursor.as_deref();
    let rows = store::list(
        &mut *ctx.read().await?,
        organization,
        query.deleted,
        query.node,
        cursor,
        limit + 1,
    )
    .await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.workspace.id.to_string());
    let page = Page {
        items: rows.into_iter().map(|row| row.workspace).collect(),
        next_cursor,
    };
    let page = Bytes::from(serde_json::to_vec(&page).map_err(Error::internal)?);
    cache.put(ctx.app().db(), generation, key, page.clone());
    Ok(page)
}

/// Renames a workspace.
pub(super) async fn update(
    ctx: &Ctx,
    id: WorkspaceId,
    request: WorkspaceUpdate,
) -> Result<Workspace> {
    let (mut tx, mut row) = begin(ctx, Action::WorkspaceUpdate, id).await?;
    let Some(name) = request.name else {
        return Ok(row.workspace);
    };
    let name = names::name("workspace", &name)?;
    let before = std::mem::replace(&mut row.workspace.name, name.text);
    row.name_key = name.key;
    let details = json!({ "name": { "from": before, "to": row.workspace.name } });
    save(&mut tx, &mut row, Some((Action::WorkspaceUpdate, details))).await?;
    tx.commit().await?;
    Ok(row.workspace)
}

/// Begins to start a workspace that is stopped or failed; else answers how it is.
pub(super) async fn start(ctx: &Ctx, id: WorkspaceId) -> Result<Workspace> {
    let (mut tx, mut row) = begin(ctx, Action::WorkspaceStart, id).await?;
    match row.workspace.state {
        WorkspaceState::Stopped | WorkspaceState::Failed => {}
        WorkspaceState::Starting | WorkspaceState::Running => return Ok(row.workspace),
        WorkspaceState::Stopping => {
            return Err(Error::conflict(
                "The workspace is stopping. Start it when it has stopped.",
            ));
        }
        WorkspaceState::Deleted => return Err(deleted()),
    }
    enqueue_start(ctx, &mut tx, &mut row).await?;
    save(&mut tx, &mut row, Some((Action::WorkspaceStart, json!({})))).await?;
    tx.commit().await?;
    Ok(row.workspace)
}

/// Begins to stop a workspace, in whatever state it is; `then_start` restarts it.
pub(super) async fn stop(
    ctx: &Ctx,
    id: WorkspaceId,
    action: Action,
    then_start: bool,
) -> Result<Workspace> {
    let (mut tx, mut row) = begin(ctx, action, id).await?;
    match row.workspace.state {
        WorkspaceState::Deleted => return Err(deleted()),
        WorkspaceState::Stopped if !then_start => return Ok(row.workspace),
        _ => {}
    }
    enqueue_stop(ctx, &mut tx, &mut row, then_start).await?;
    save(&mut tx, &mut row, Some((action, json!({})))).await?;
    tx.commit().await?;
    Ok(row.workspace)
}

/// Gives up a start that is under way.
pub(super) async fn cancel(ctx: &Ctx, id: WorkspaceId) -> Result<Workspace> {
    let (mut tx, mut row) = begin(ctx, Action::WorkspaceCancel, id).await?;
    if row.workspace.state != WorkspaceState::Starting {
        return Err(Error::conflict(
            "Only a start that is under way can be cancelled.",
        ));
    }
    let reason = format!("{} cancelled the start.", ctx.actor().name());
    steps::end(
        &mut row.workspace.steps,
        StepState::Cancelled,
        None,
        ctx.now(),
    );
    enqueue_stop(ctx, &mut tx, &mut row, false).await?;
    row.workspace.state_reason = Some(reason);
    save(
        &mut tx,
        &mut row,
        Some((Action::WorkspaceCancel, json!({}))),
    )
    .await?;
    tx.commit().await?;
    Ok(row.workspace)
}

/// Deletes a workspace so that it can be restored for [`RESTORE_FOR`].
pub(super) async fn delete(ctx: &Ctx, id: WorkspaceId) -> Result<Workspace> {
    let (mut tx, mut row) = begin(ctx, Action::WorkspaceDelete, id).await?;
    if row.workspace.state == WorkspaceState::Deleted {
        return Ok(row.workspace);
    }
    row.generation += 1;
    row.workspace.deleted_at = Some(ctx.now());
    set_state(ctx, &mut row, WorkspaceState::Deleted, None);
    tx.enqueue(&WorkspaceStop::of(&row, false), jobs::options(&row))
        .await?;
    let mut options = jobs::options(&row);
    options.delay = RESTORE_FOR;
    options.serial_key = None;
    tx.enqueue(&WorkspacePurge::of(&row), options).await?;
    let details = json!({ "name": row.workspace.name });
    save(&mut tx, &mut row, Some((Action::WorkspaceDelete, details))).await?;
    tx.commit().await?;
    Ok(row.workspace)
}

/// Brings a deleted workspace back, stopped.
pub(super) async fn restore(ctx: &Ctx, id: WorkspaceId) -> Result<Workspace> {
    let (mut tx, mut row) = begin(ctx, Action::WorkspaceRestore, id).await?;
    if row.workspace.state != WorkspaceState::Deleted {
        return Ok(row.workspace);
    }
    row.generation += 1;
    row.workspace.deleted_at = None;
    set_state(ctx, &mut row, WorkspaceState::Stopped, None);
    let details = json!({ "name": row.workspace.name });
    save(&mut tx, &mut row, Some((Action::WorkspaceRestore, details))).await?;
    tx.commit().await?;
    Ok(row.workspace)
}

/// What it uses, and what protects it.
pub(super) async fn status(ctx: &Ctx, id: WorkspaceId) -> Result<WorkspaceStatus> {
    let row = load(&mut *ctx.read().await?, id).await?;
    authorize(ctx, Action::WorkspaceStatus, &row.workspace)?;
    let client = node_client(ctx, row.workspace.node_id).await?;
    if row.workspace.state != WorkspaceState::Running {
        let protections = client.info().await?.protections;
        return Ok(WorkspaceStatus {
            usage: None,
            protections,
        });
    }
    let (usage, known) = tokio::join!(client.usage(id), client.workspace(id));
    Ok(WorkspaceStatus {
        usage: usage.ok(),
        protections: known?.protections,
    })
}

/// Where a workspace is, if the actor may do `action` to it and it runs.
pub(super) async fn placed_running(
    ctx: &Ctx,
    action: Action,
    id: WorkspaceId,
) -> Result<Placement> {
    let placement = placement(ctx, id).await?;
    ctx.authorize(action, &owned(placement.organization, placement.owner))?;
    is_running(placement.state)?;
    Ok(placement)
}

/// Nothing, or why the agent cannot be asked.
pub(super) fn is_running(state: WorkspaceState) -> Result<()> {
    match state {
        WorkspaceState::Running => Ok(()),
        // The agent may be there before the clone has ended.
        WorkspaceState::Starting => Err(Error::workspace_not_running("starting")),
        WorkspaceState::Stopping => Err(Error::workspace_not_running("stopping")),
        WorkspaceState::Stopped => Err(Error::workspace_not_running("stopped")),
        WorkspaceState::Failed => Err(Error::workspace_not_running("not running: it failed")),
        WorkspaceState::Deleted => Err(deleted()),
    }
}

/// The node that a workspace is on, if the actor may do `action` to the workspace.
///
/// # Errors
/// `not_found` or `forbidden` when not.
pub(crate) async fn node_of(ctx: &Ctx, action: Action, id: WorkspaceId) -> Result<NodeId> {
    let placement = placement(ctx, id).await?;
    ctx.authorize(action, &owned(placement.organization, placement.owner))?;
    Ok(placement.node)
}

pub(super) async fn placement(ctx: &Ctx, id: WorkspaceId) -> Result<Placement> {
    let (cache, db) = (&ctx.app().workspaces().placements, ctx.app().db());
    if let Some(placement) = cache.get(db, &id) {
        return Ok(placement);
    }
    let generation = db.generation();
    let placement = store::placement(&mut *ctx.read().await?, id)
        .await?
        .ok_or_else(|| Error::not_found("workspace"))?;
    cache.put(db, generation, id, placement);
    Ok(placement)
}

pub(super) async fn node_client(
    ctx: &Ctx,
    id: atelier_api::ids::NodeId,
) -> Result<nodes::NodeClient> {
    nodes::client_by_id(ctx, id).await
}

/// Raises the generation and enqueues its start.
pub(super) async fn enqueue_start(ctx: &Ctx, tx: &mut CtxTx, row: &mut WorkspaceRow) -> Result<()> {
    row.generation += 1;
    row.workspace.steps = steps::begin(&row.workspace.source, row.cloned, ctx.now());
    set_state(ctx, row, WorkspaceState::Starting, None);
    tx.enqueue(&WorkspaceStart::of(row), jobs::options(row))
        .await?;
    Ok(())
}

async fn enqueue_stop(
    ctx: &Ctx,
    tx: &mut CtxTx,
    row: &mut WorkspaceRow,
    then_start: bool,
) -> Result<()> {
    row.generation += 1;
    set_state(ctx, row, WorkspaceState::Stopping, None);
    tx.enqueue(&WorkspaceStop::of(row, then_start), jobs::options(row))
        .await?;
    Ok(())
}

pub(super) fn set_state(
    ctx: &Ctx,
    row: &mut WorkspaceRow,
    state: WorkspaceState,
    reason: Option<String>,
) {
    row.workspace.state = state;
    row.workspace.state_since = ctx.now();
    row.workspace.state_reason = reason;
}

/// Writes the row, audits when a person did it, and tells the news after the commit.
pub(super) async fn save(
    tx: &mut CtxTx,
    row: &mut WorkspaceRow,
    audit: Option<(Action, serde_json::Value)>,
) -> Result<()> {
    store::update(tx, row).await?;
    let organization = row.workspace.organization_id;
    if let Some((action, details)) = audit {
        tx.audit(organization, action, &row.workspace.id, details);
    }
    tx.publish(organization, changed(&row.workspace));
    Ok(())
}

fn changed(workspace: &Workspace) -> EventBody {
    EventBody::WorkspaceChanged {
        workspace: Box::new(workspace.clone()),
    }
}

pub(super) async fn load(conn: &mut Conn, id: WorkspaceId) -> Result<WorkspaceRow> {
    store::find(conn, id)
        .await?
        .ok_or_else(|| Error::not_found("workspace"))
}

/// A transaction in which the row is held, authorized.
async fn begin(ctx: &Ctx, action: Action, id: WorkspaceId) -> Result<(CtxTx, WorkspaceRow)> {
    let mut tx = ctx.begin().await?;
    tx.lock(&lock_scope(id)).await?;
    let row = load(&mut tx, id).await?;
    authorize(ctx, action, &row.workspace)?;
    Ok((tx, row))
}

pub(super) fn lock_scope(id: WorkspaceId) -> String {
    format!("workspace:{id}")
}

fn authorize(ctx: &Ctx, action: Action, workspace: &Workspace) -> Result<()> {
    ctx.authorize(
        action,
        &owned(workspace.organization_id, workspace.owner_id),
    )
}

fn owned(organization: OrganizationId, owner: atelier_api::ids::AccountId) -> Resource {
    Resource::Owned {
        organization,
        owner,
        noun: "workspace",
    }
}

fn deleted() -> Error {
    Error::conflict("The workspace is deleted. Restore it first.")
}
