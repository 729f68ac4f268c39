//! Servers.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{NodeId, OrganizationId};
use crate::node::NodeInfo;

/// A server joined to the control plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// It is the one embedded in the control plane.
    pub local: bool,
    /// Whether it can be reached.
    pub state: NodeState,
    /// When it joined.
    pub created_at: Timestamp,
    /// What it said of itself last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<NodeInfo>,
}

/// Whether a node can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeState {
    /// It answers.
    Online,
    /// It does not.
    Offline,
}
