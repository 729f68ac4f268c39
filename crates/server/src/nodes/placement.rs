//! Which node a new workspace is placed on.

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::node::NodePolicy;
use atelier_api::v1::nodes::NodeState;

use super::store::{self, NodeRow};
use super::{service, wire};
use crate::app::App;
use crate::ctx::{Conn, Ctx};
use crate::error::{Error, Result};

/// How many rows are looked at at once.
const BATCH: u32 = 200;

/// The node for a new workspace: the one asked for, or the organization's first that takes any.
pub(crate) async fn choose(
    ctx: &Ctx,
    conn: &mut Conn,
    organization: OrganizationId,
    wanted: Option<NodeId>,
) -> Result<NodeRow> {
    let Some(id) = wanted else {
        return first(ctx.app(), conn, organization).await;
    };
    let node = store::find(conn, id)
        .await?
        .filter(|node| node.organization_id == organization)
        .ok_or_else(|| Error::invalid("node_id", "This organization has no such server."))?;
    let name = &node.name;
    if node.revoked {
        return Err(Error::conflict(format!(
            "The server “{name}” was revoked. It must join again before workspaces can be placed \
             on it."
        )));
    }
    if node.draining {
        return Err(Error::conflict(format!(
            "The server “{name}” is draining: it takes no new workspaces. Choose another one, or \
             end its draining."
        )));
    }
    if !permits(&node) {
        return Err(Error::conflict(format!(
            "The owner of the server “{name}” does not permit workspaces on it \
             (/etc/atelier/node.toml there). Choose another one."
        )));
    }
    if !is_there(ctx.app(), &node) {
        return Err(service::offline(ctx.app(), &node));
    }
    Ok(node)
}

async fn first(app: &App, conn: &mut Conn, organization: OrganizationId) -> Result<NodeRow> {
    let mut after = String::new();
    let mut seen = None;
    loop {
        let nodes = store::placeable(conn, organization, &after, BATCH).await?;
        let Some(last) = nodes.last() else {
            return Err(match seen {
                Some(node) => service::offline(app, &node),
                None => Error::conflict(
                    "This organization has no server that takes new workspaces. Add one, or end \
                     the draining of one.",
                ),
            });
        };
        after = last.id.to_string();
        let mut nodes = nodes.into_iter().filter(permits);
        if let Some(there) = nodes.by_ref().find(|node| {
            let there = is_there(app, node);
            if !there && seen.is_none() {
                seen = Some(node.clone());
            }
            there
        }) {
            return Ok(there);
        }
    }
}

/// The embedded node comes and goes with this process: what is placed on it while it is switched off
/// waits for it.
fn is_there(app: &App, node: &NodeRow) -> bool {
    node.local || wire::state(app, node.id, false) == NodeState::Online
}

/// Nodes of before say nothing of a policy and permit it.
fn permits(node: &NodeRow) -> bool {
    let policy: Option<&NodePolicy> = node.info.as_ref().and_then(|info| info.policy.as_ref());
    policy.is_none_or(|policy| policy.workspaces)
}
