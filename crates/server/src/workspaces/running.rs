//! What other features do with a running workspace.

use atelier_api::agent::ports::ListeningPorts;
use atelier_api::agent::terminals::Terminal;
use atelier_api::ids::{AccountId, OrganizationId, TerminalId, WorkspaceId};

use super::service;
use crate::authz::Action;
use crate::ctx::Ctx;
use crate::error::Result;
use crate::nodes::NodeClient;

/// A workspace whose agent can be asked.
#[derive(Debug)]
pub(crate) struct Running {
    /// Which.
    pub(crate) id: WorkspaceId,
    /// Whose audit log holds what is done to it.
    pub(crate) organization: OrganizationId,
    /// The node that it is on.
    pub(crate) client: NodeClient,
}

impl Running {
    /// One of its terminals.
    ///
    /// # Errors
    /// `not_found` when there is none, and whatever keeps the agent from answering.
    pub(crate) async fn terminal(&self, id: TerminalId) -> Result<Terminal> {
        self.client.terminal(self.id, id).await
    }

    /// What listens in it.
    ///
    /// # Errors
    /// Whatever keeps the agent from answering.
    pub(crate) async fn ports(&self) -> Result<ListeningPorts> {
        self.client.ports(self.id).await
    }
}

/// The workspace, if the actor may do `action` to it and it runs.
///
/// # Errors
/// `not_found` or `forbidden` when not; `workspace_not_running`.
pub(crate) async fn running(ctx: &Ctx, action: Action, id: WorkspaceId) -> Result<Running> {
    let placement = service::placed_running(ctx, action, id).await?;
    Ok(Running {
        id,
        organization: placement.organization,
        client: service::node_client(ctx, placement.node).await?,
    })
}

/// Who owns a workspace; to be asked by who may know it.
///
/// # Errors
/// `not_found` when there is none.
pub(crate) async fn owner_of(ctx: &Ctx, id: WorkspaceId) -> Result<AccountId> {
    Ok(service::placement(ctx, id).await?.owner)
}

/// Whose organization's a workspace is; to be asked by who may know it.
///
/// # Errors
/// `not_found` when there is none.
pub(crate) async fn organization_of(ctx: &Ctx, id: WorkspaceId) -> Result<OrganizationId> {
    Ok(service::placement(ctx, id).await?.organization)
}

/// A running workspace, for who decides by themselves who may reach what in it.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// Whose it is.
    pub(crate) organization: OrganizationId,
    /// Whose it is, within the organization.
    pub(crate) owner: AccountId,
    /// The node that it is on.
    pub(crate) client: NodeClient,
}

/// The way to a workspace, if it runs.
///
/// # Errors
/// `not_found`; `workspace_not_running`.
pub(crate) async fn reach(ctx: &Ctx, id: WorkspaceId) -> Result<Reach> {
    let placement = service::placement(ctx, id).await?;
    service::is_running(placement.state)?;
    Ok(Reach {
        organization: placement.organization,
        owner: placement.owner,
        client: service::node_client(ctx, placement.node).await?,
    })
}
