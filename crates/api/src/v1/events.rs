//! Events: news over `GET /api/v1/events`, a WebSocket of JSON text frames.
//!
//! The client sends [`EventSubscribe`] first (and again to change it); the server answers with
//! `subscribed` and then sends every event of these topics that the actor may see, in order of
//! `sequence`. With `after`, it first repeats what it still holds after that number; when it no
//! longer holds all of it, or the client fell behind, it says `dropped`: read again what is shown.

use serde::{Deserialize, Serialize};

use super::nodes::Node;
use super::workspaces::Workspace;
use crate::Timestamp;
use crate::ids::{
    AccountId, NodeId, NodeJobId, NodeRolloutId, OrganizationId, ScheduleId, WorkspaceId,
};

/// The WebSocket subprotocol of the event stream.
pub const SUBPROTOCOL: &str = "atelier.events.v1";

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventClientMessage {
    /// Sets the topics.
    Subscribe(EventSubscribe),
}

/// Sets the topics, at most 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventSubscribe {
    /// `organization:org_…` (all of an organization that the actor may see), `workspace:ws_…`,
    /// `node:node_…`, or `account:acc_…` (the own one: what nobody else hears of).
    pub topics: Vec<String>,
    /// The epoch of the numbers that `after` is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// The last sequence number that the client has handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum EventServerMessage {
    /// The topics are set; what comes has a higher number than `sequence`.
    Subscribed {
        /// Changes when the server starts: numbers of another epoch mean nothing.
        epoch: String,
        /// The number of the newest event.
        sequence: u64,
    },
    /// An event.
    Event(Event),
    /// Events were lost to this client: read again what is shown.
    Dropped {
        /// The number of the newest event.
        sequence: u64,
    },
    /// The subscription was refused; the connection closes.
    Error {
        /// Why.
        detail: String,
    },
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Counts the events since the server's start.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub organization_id: OrganizationId,
    /// What.
    pub body: EventBody,
}

/// What happened. Kinds only grow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum EventBody {
    /// A workspace was made or changed in any way.
    WorkspaceChanged {
        /// As it now is.
        workspace: Box<Workspace>,
    },
    /// A workspace's storage is gone.
    WorkspacePurged {
        /// Which.
        workspace_id: WorkspaceId,
    },
    /// A server joined, came, went or was changed in any way.
    NodeChanged {
        /// As it now is.
        node: Box<Node>,
    },
    /// A server was removed.
    NodeDeleted {
        /// Which.
        node_id: NodeId,
    },
    /// A node job was made, or it or one of its runs changed. Commands are not for everybody who may
    /// hear events: read the job.
    NodeJobChanged {
        /// Which.
        node_job_id: NodeJobId,
    },
    /// A schedule was made, or it changed in any way.
    ScheduleChanged {
        /// Which.
        schedule_id: ScheduleId,
    },
    /// A schedule was deleted.
    ScheduleDeleted {
        /// Which.
        schedule_id: ScheduleId,
    },
    /// A rollout of a program to servers was made, or it or its part on a server changed: read it.
    NodeRolloutChanged {
        /// Which.
        node_rollout_id: NodeRolloutId,
    },
    /// What is set for a port of a workspace changed: read the ports.
    PortChanged {
        /// Where.
        workspace_id: WorkspaceId,
        /// Which.
        port: u16,
    },
    /// A look into a workspace found its repositories otherwise than the one before: read the list.
    RepositoriesChanged {
        /// Where.
        workspace_id: WorkspaceId,
    },
    /// Members or the organization itself changed.
    OrganizationChanged,
    /// A person's preferences changed. Only that person hears of it, by the topic of the account.
    PreferenceChanged {
        /// Whose.
        account_id: AccountId,
        /// Which.
        namespace: String,
        /// Their version now.
        etag: String,
    },
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}
