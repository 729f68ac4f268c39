//! Decisions about nodes.

use std::collections::HashSet;
use std::sync::Arc;

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::events::EventBody;
use atelier_api::v1::nodes::{
    Node, NodeConnectionChange, NodeConnectionReason, NodeListQuery, NodeState, NodeUpdate,
};
use atelier_api::{ErrorCode, Page};
use atelier_tunnel::{End, Link};
use serde_json::{Map, json};

use super::client::NodeClient;
use super::presence::Change;
use super::rows::{self, PageKey, cached, load};
use super::store::{self, Filter, NodeRow};
use super::{fields, local, wire};
use crate::app::App;
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;
use crate::{names, workspaces};

/// How many ids are read at once where the state decides which are wanted.
const IDS_BATCH: u32 = 2_000;

/// The client of a node.
///
/// # Errors
/// `node_offline` when it is not connected.
pub(super) fn client_of(app: &App, node: &NodeRow) -> Result<NodeClient> {
    if node.local {
        let link = app.nodes().local.clone();
        return link.map(NodeClient::new).ok_or_else(|| offline(app, node));
    }
    let tunnel = app.nodes().tunnels.tunnel(&node.id);
    if tunnel.is_connected() {
        Ok(NodeClient::new(Link::Tunnel(tunnel)))
    } else {
        Err(offline(app, node))
    }
}

/// The refusal for a node that is not there, with since when.
pub(super) fn offline(app: &App, node: &NodeRow) -> Error {
    let presence = app.nodes().presences.get(node.id);
    let away_ms = match presence {
        // Its line broke just now.
        Some(presence) if presence.online => Some(0),
        Some(presence) => Some(app.clock().now().ms_since(presence.since)),
        None => node
            .last_seen_at
            .map(|seen| app.clock().now().ms_since(seen)),
    };
    Error::node_offline(&node.name, away_ms)
}

/// The client of a node, by its id.
///
/// # Errors
/// `node_offline` when it is not connected.
pub(crate) async fn client_by_id(ctx: &Ctx, id: NodeId) -> Result<NodeClient> {
    let row = cached(ctx, id).await?;
    client_of(ctx.app(), &row)
}

/// Whether the actor may do this to a server.
///
/// # Errors
/// `not_found` or `forbidden` when not.
pub(crate) async fn authorized(ctx: &Ctx, action: Action, id: NodeId) -> Result<()> {
    authorize(ctx, action, &*cached(ctx, id).await?)
}

/// One server.
pub(super) async fn view(ctx: &Ctx, id: NodeId) -> Result<Node> {
    let row = load(&mut *ctx.read().await?, id).await?;
    authorize(ctx, Action::NodeView, &row)?;
    if row.local {
        local::info(ctx.app()).await;
    }
    Ok(wire::node(ctx.app(), &row))
}

/// A page of when the line to a server went up and down, newest first, as far as it is written.
pub(super) async fn connections(
    ctx: &Ctx,
    id: NodeId,
    query: &PageQuery,
) -> Result<Page<NodeConnectionChange>> {
    authorize(ctx, Action::NodeConnectionList, &*cached(ctx, id).await?)?;
    let limit = paging::limit(query.limit)?;
    let before = match query.cursor.as_deref() {
        None => i64::MAX,
        Some(text) => text
            .parse()
            .map_err(|_| Error::invalid("cursor", "Pass the next_cursor of the page before."))?,
    };
    let mut conn = ctx.read().await?;
    let rows = store::connections(&mut conn, id, before, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.sequence.to_string());
    Ok(Page {
        items: rows.into_iter().map(|row| row.change).collect(),
        next_cursor,
    })
}

/// A page of an organization's servers, oldest first. No server is asked anything.
pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &NodeListQuery,
) -> Result<Page<Node>> {
    ctx.authorize(Action::NodeList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let filter = fields::filter(query.search.as_deref(), query.label.as_deref())?;
    let after = match &query.cursor {
        None => String::new(),
        Some(cursor) => cursor
            .parse::<NodeId>()
            .map_err(|_| Error::invalid("cursor", "This is no cursor of this list."))?
            .to_string(),
    };
    // In this process, and only the first time.
    local::info(ctx.app()).await;
    let rows = if let Some(state) = query.state {
        let mut conn = ctx.read().await?;
        Arc::new(in_state(ctx, &mut conn, organization, &filter, after, state, limit).await?)
    } else {
        let key = PageKey {
            organization,
            filter,
            after,
            limit: limit + 1,
        };
        rows::page(ctx, key).await?
    };
    let (rows, next_cursor) = paging::cut(rows.iter().collect(), limit, |row: &&NodeRow| {
        row.id.to_string()
    });
    let items = rows.into_iter().map(|row| wire::node(ctx.app(), row));
    let items = items.collect();
    Ok(Page { items, next_cursor })
}

/// `limit + 1` rows in this state, which no database knows: only ids are read until it is clear which.
async fn in_state(
    ctx: &Ctx,
    conn: &mut Conn,
    organization: OrganizationId,
    filter: &Filter,
    mut after: String,
    state: NodeState,
    limit: u32,
) -> Result<Vec<NodeRow>> {
    let nodes = ctx.app().nodes();
    let mut online: HashSet<NodeId> = nodes.presences.online();
    if nodes.local.is_some() {
        online.extend(store::find_local(conn).await?.map(|row| row.id));
    }
    let wanted = |id: &NodeId| online.contains(id) == (state == NodeState::Online);
    let mut rows = Vec::new();
    loop {
        let ids = store::list_ids(conn, organization, filter, &after, IDS_BATCH).await?;
        let Some(last) = ids.last() else {
            return Ok(rows);
        };
        after = last.to_string();
        for id in ids.into_iter().filter(wanted) {
            rows.extend(store::find(conn, id).await?);
            if rows.len() > limit as usize {
                return Ok(rows);
            }
        }
    }
}

/// Renames, labels, drains.
pub(super) async fn update(ctx: &Ctx, id: NodeId, request: NodeUpdate) -> Result<Node> {
    let (mut tx, mut row) = begin(ctx, Action::NodeUpdate, id).await?;
    let mut details = Map::new();
    if let Some(name) = request.name {
        let name = names::name("server", &name)?;
        if name.text != row.name {
            details.insert(
                "name".to_owned(),
                json!({ "from": row.name, "to": name.text }),
            );
        }
        row.name = name.text;
        row.name_key = name.key;
    }
    if let Some(labels) = request.labels {
        fields::labels(&labels)?;
        if labels != row.labels {
            details.insert("labels".to_owned(), json!(labels));
        }
        row.labels = labels;
    }
    if let Some(draining) = request.draining {
        if draining != row.draining {
            details.insert("draining".to_owned(), json!(draining));
        }
        row.draining = draining;
    }
    store::update(&mut tx, &row).await?;
    let organization = row.organization_id;
    tx.audit(organization, Action::NodeUpdate, &id, details.into());
    tx.publish(organization, wire::changed(ctx.app(), &row));
    tx.commit().await?;
    Ok(wire::node(ctx.app(), &row))
}

/// Forgets a server's key and ends its connections.
pub(super) async fn revoke(ctx: &Ctx, id: NodeId) -> Result<Node> {
    let (mut tx, mut row) = begin(ctx, Action::NodeRevoke, id).await?;
    refuse_local(&row, "revoked")?;
    row.revoked = true;
    row.public_key = None;
    row.warning = None;
    store::update(&mut tx, &row).await?;
    let details = json!({ "name": row.name });
    tx.audit(row.organization_id, Action::NodeRevoke, &id, details);
    tx.commit().await?;
    let nodes = ctx.app().nodes();
    nodes.tunnels.remove(&id, &End::Revoked);
    let down = Change::down(id, ctx.now(), NodeConnectionReason::Revoked);
    nodes.presences.gone(down, || false);
    // Only now: the news says that it is offline.
    let news = wire::changed(ctx.app(), &row);
    ctx.app()
        .events()
        .publish(ctx.now(), row.organization_id, news);
    Ok(wire::node(ctx.app(), &row))
}

/// Removes a server that no workspaces are left on.
pub(super) async fn delete(ctx: &Ctx, id: NodeId) -> Result<()> {
    let (mut tx, row) = begin(ctx, Action::NodeDelete, id).await?;
    refuse_local(&row, "removed")?;
    let name = &row.name;
    let kept = workspaces::count_on(&mut tx, id).await?;
    if kept.live > 0 {
        return Err(Error::conflict(format!(
            "The server “{name}” has {}. Delete them first.",
            counted(kept.live, "workspace")
        )));
    }
    let there = wire::state(ctx.app(), id, false) == NodeState::Online;
    if kept.deleted > 0 && there {
        return Err(Error::conflict(format!(
            "The server “{name}” has {} that can still be restored. It can be removed when they are \
             gone for good, or while it is offline, and they with it.",
            counted(kept.deleted, "deleted workspace")
        )));
    }
    workspaces::forget_deleted_on(&mut tx, row.organization_id, id).await?;
    store::delete(&mut tx, id).await?;
    let details = json!({ "name": name });
    tx.audit(row.organization_id, Action::NodeDelete, &id, details);
    tx.publish(row.organization_id, EventBody::NodeDeleted { node_id: id });
    tx.commit().await?;
    let nodes = ctx.app().nodes();
    let removed = End::Killed("the server was removed".to_owned());
    nodes.tunnels.remove(&id, &removed);
    nodes.presences.forget(id);
    ctx.app().telemetry().forget(id);
    Ok(())
}

fn counted(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

fn refuse_local(row: &NodeRow, done: &str) -> Result<()> {
    if row.local {
        return Err(Error::conflict(format!(
            "“{}” is embedded in the control plane: it cannot be {done}. It can be drained.",
            row.name
        )));
    }
    Ok(())
}

/// A transaction in which the row is held, authorized.
async fn begin(ctx: &Ctx, action: Action, id: NodeId) -> Result<(CtxTx, NodeRow)> {
    let mut tx = ctx.begin().await?;
    tx.lock(&lock_scope(id)).await?;
    let row = load(&mut tx, id).await?;
    authorize(ctx, action, &row)?;
    Ok((tx, row))
}

/// Changes of one node run one after the other.
pub(super) fn lock_scope(id: NodeId) -> String {
    format!("node:{id}")
}

/// A refusal because of the organization is worded for the thing that was asked for.
pub(super) fn authorize(ctx: &Ctx, action: Action, row: &NodeRow) -> Result<()> {
    let resource = Resource::Organization(row.organization_id);
    ctx.authorize(action, &resource).map_err(|error| {
        if error.code() == ErrorCode::NotFound {
            Error::not_found("server")
        } else {
            error
        }
    })
}
