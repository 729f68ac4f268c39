//! Decisions about nodes.

use std::collections::BTreeMap;

use atelier_api::Page;
use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::page::PageQuery;
use atelier_api::v1::nodes::{Node, NodeState};

use super::client::NodeClient;
use super::store::{self, NodeRow};
use crate::authz::{Action, Resource};
use crate::ctx::{Conn, Ctx, CtxTx};
use crate::error::{Error, Result};
use crate::http::paging;

/// Gives the embedded local node to an organization: called when the first one is set up.
pub(crate) async fn join_local(
    ctx: &Ctx,
    tx: &mut CtxTx,
    organization: OrganizationId,
) -> Result<()> {
    let node = NodeRow {
        id: NodeId::from_uuid(ctx.next_id()),
        organization_id: organization,
        name: ctx.app().config().node.name.clone(),
        local: true,
        created_at: ctx.now(),
        info: None,
    };
    store::insert(tx, &node).await
}

/// The client of a node.
///
/// # Errors
/// `node_offline` when it is not connected.
pub(crate) fn client_of(ctx: &Ctx, node: &NodeRow) -> Result<NodeClient> {
    match &ctx.app().nodes().local {
        Some(link) if node.local => Ok(NodeClient::new(link.clone())),
        _ => Err(Error::node_offline(&node.name)),
    }
}

/// The client of a node, by its id.
///
/// # Errors
/// `node_offline` when it is not connected.
pub(crate) async fn client_by_id(ctx: &Ctx, id: NodeId) -> Result<NodeClient> {
    let (cache, db) = (&ctx.app().nodes().rows, ctx.app().db());
    if let Some(row) = cache.get(db, &id) {
        return client_of(ctx, &row);
    }
    let generation = db.generation();
    let row = store::find(&mut *ctx.read().await?, id)
        .await?
        .ok_or_else(|| Error::not_found("server"))?;
    let client = client_of(ctx, &row);
    cache.put(db, generation, id, row);
    client
}

/// The node for a new workspace: the one asked for, or the organization's first.
pub(crate) async fn choose(
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: Option<NodeId>,
) -> Result<NodeRow> {
    match wanted {
        Some(id) => store::find(conn, id)
            .await?
            .filter(|node| node.organization_id == organization)
            .ok_or_else(|| Error::invalid("node_id", "This organization has no such server.")),
        None => store::list(conn, organization, "", 1)
            .await?
            .into_iter()
            .next()
            .ok_or_else(|| {
                Error::conflict(
                    "This organization has no server to run workspaces on. Add one first.",
                )
            }),
    }
}

pub(super) async fn view(ctx: &Ctx, id: NodeId) -> Result<Node> {
    let row = store::find(&mut *ctx.read().await?, id)
        .await?
        .ok_or_else(|| Error::not_found("server"))?;
    let resource = Resource::Organization(row.organization_id);
    ctx.authorize(Action::NodeView, &resource)
        .map_err(|error| hide(error, "server"))?;
    node(ctx, row).await
}

pub(super) async fn list(
    ctx: &Ctx,
    organization: OrganizationId,
    query: &PageQuery,
) -> Result<Page<Node>> {
    ctx.authorize(Action::NodeList, &Resource::Organization(organization))?;
    let limit = paging::limit(query.limit)?;
    let after = query.cursor.as_deref().unwrap_or("");
    let rows = store::list(&mut *ctx.read().await?, organization, after, limit + 1).await?;
    let (rows, next_cursor) = paging::cut(rows, limit, |row| row.id.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(node(ctx, row).await?);
    }
    Ok(Page { items, next_cursor })
}

/// The node with what it says of itself now, or said last.
async fn node(ctx: &Ctx, row: NodeRow) -> Result<Node> {
    let fresh = match client_of(ctx, &row) {
        Ok(client) => client.info().await.ok(),
        Err(_) => None,
    };
    if let Some(info) = &fresh
        && row.info.as_ref() != Some(info)
    {
        let mut tx = ctx.begin().await?;
        store::set_info(&mut tx, row.id, info).await?;
        tx.commit().await?;
    }
    Ok(Node {
        id: row.id,
        organization_id: row.organization_id,
        name: row.name,
        local: row.local,
        state: if fresh.is_some() {
            NodeState::Online
        } else {
            NodeState::Offline
        },
        state_since: None,
        created_at: row.created_at,
        last_seen_at: None,
        address: None,
        labels: BTreeMap::new(),
        draining: false,
        revoked: false,
        round_trip_us: None,
        warning: None,
        info: fresh.or(row.info),
    })
}

/// A refusal because of the organization is worded for the thing that was asked for.
fn hide(error: Error, noun: &str) -> Error {
    if error.code() == atelier_api::ErrorCode::NotFound {
        Error::not_found(noun)
    } else {
        error
    }
}
