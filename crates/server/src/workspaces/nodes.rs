//! What the nodes must know of the workspaces on them.

use atelier_api::ids::{NodeId, OrganizationId};
use atelier_api::v1::events::EventBody;

use super::store;
use crate::ctx::{Conn, CtxTx};
use crate::error::Result;

/// How many workspaces a node has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CountOn {
    /// Those that were not deleted.
    pub(crate) live: u64,
    /// Deleted ones whose storage is still there.
    pub(crate) deleted: u64,
}

/// Counts the workspaces on a node.
pub(crate) async fn count_on(conn: &mut Conn, node: NodeId) -> Result<CountOn> {
    let (live, deleted) = store::count_on(conn, node).await?;
    Ok(CountOn { live, deleted })
}

/// Forgets the deleted workspaces of a node that goes and takes their storage along.
pub(crate) async fn forget_deleted_on(
    tx: &mut CtxTx,
    organization: OrganizationId,
    node: NodeId,
) -> Result<()> {
    for workspace_id in store::deleted_on(tx, node).await? {
        store::delete(tx, workspace_id).await?;
        tx.publish(organization, EventBody::WorkspacePurged { workspace_id });
    }
    Ok(())
}
