//! The embedded node.

use std::collections::BTreeMap;

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::node::NodeInfo;

use super::client::NodeClient;
use super::presence;
use super::store::{self, NodeRow};
use crate::app::App;
use crate::ctx::{Ctx, CtxTx};
use crate::error::{Chain, Result};
use crate::names;

/// Gives the embedded local node to an organization: called when the first one is set up,
/// unless the configuration wants none.
pub(crate) async fn join_local(
    ctx: &Ctx,
    tx: &mut CtxTx,
    organization: OrganizationId,
) -> Result<()> {
    let config = &ctx.app().config().node;
    if !config.enabled {
        return Ok(());
    }
    let name = config.name.clone();
    let node = NodeRow {
        id: NodeId::from_uuid(ctx.next_id()),
        organization_id: organization,
        name_key: names::key(&name),
        name,
        local: true,
        created_at: ctx.now(),
        info: None,
        public_key: None,
        labels: BTreeMap::new(),
        draining: false,
        revoked: false,
        last_seen_at: None,
        address: None,
        machine: None,
        warning: None,
    };
    store::insert(tx, &node).await
}

/// What the embedded node says of itself: asked once, since it changes only with this process.
/// Absent where there is none.
pub(super) async fn info(app: &App) -> Option<&NodeInfo> {
    let nodes = app.nodes();
    let link = nodes.local.clone()?;
    let asked = nodes
        .local_info
        .get_or_try_init(|| async { NodeClient::new(link).info().await })
        .await;
    match asked {
        Ok(info) => Some(info),
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "the embedded node does not say what it is");
            None
        }
    }
}

/// Starts what writes down when nodes were last seen, and which stayed away after this start.
pub(crate) fn start(app: &App) {
    let ctx = Ctx::system(app, "node_last_seen");
    let started = ctx.now();
    app.tasks()
        .spawn_graceful("presence_saver", |stop| async move {
            presence::saver::run(ctx, started, stop).await;
        });
}
