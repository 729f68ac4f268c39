//! Lines as they are, for those who call many nodes often: no row is read for a call.

use std::collections::HashSet;

use atelier_api::ids::NodeId;
use atelier_tunnel::Link;

use super::client::NodeClient;
use super::store;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{Chain, Error, Result};

/// All nodes that can be called now.
pub(crate) async fn connected(ctx: &Ctx) -> HashSet<NodeId> {
    let nodes = ctx.app().nodes();
    let mut connected: HashSet<NodeId> = nodes.tunnels.connected().into_iter().collect();
    if nodes.local.is_some() && nodes.local_id.get().is_none() {
        // There is none before the set-up.
        match find_local(ctx).await {
            Ok(Some(id)) => drop(nodes.local_id.set(id)),
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(error = %Chain(&error), "the embedded node was not found");
            }
        }
    }
    connected.extend(nodes.local.as_ref().and(nodes.local_id.get()));
    connected
}

async fn find_local(ctx: &Ctx) -> Result<Option<NodeId>> {
    let row = store::find_local(&mut *ctx.read().await?).await?;
    Ok(row.map(|row| row.id))
}

/// The client of a node that is connected.
///
/// # Errors
/// `node_offline` when it is not.
pub(crate) fn connected_client(app: &App, id: NodeId) -> Result<NodeClient> {
    let nodes = app.nodes();
    if nodes.local_id.get() == Some(&id)
        && let Some(link) = nodes.local.clone()
    {
        return Ok(NodeClient::new(link));
    }
    let tunnel = nodes.tunnels.tunnel(&id);
    if tunnel.is_connected() {
        Ok(NodeClient::new(Link::Tunnel(tunnel)))
    } else {
        Err(Error::node_offline("of these measurements", None))
    }
}
