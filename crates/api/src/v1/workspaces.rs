//! Workspaces.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{AccountId, NodeId, OrganizationId, WorkspaceId};
use crate::node::{Driver, Protection, WorkspaceLimits, WorkspaceUsage};

/// An isolated environment on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Whose organization.
    pub organization_id: OrganizationId,
    /// Who owns it.
    pub owner_id: AccountId,
    /// The owner's name.
    pub owner_name: String,
    /// The name, unique among the organization's workspaces that are not deleted.
    pub name: String,
    /// Where it lives.
    pub node_id: NodeId,
    /// The node's name.
    pub node_name: String,
    /// How it runs.
    pub driver: Driver,
    /// What it was made from.
    pub source: WorkspaceSource,
    /// Its state.
    pub state: WorkspaceState,
    /// Since when.
    pub state_since: Timestamp,
    /// Why it is in this state, and what to do when it is stuck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// The steps of the last start, in order.
    pub steps: Vec<WorkspaceStep>,
    /// What it may use.
    pub limits: WorkspaceLimits,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was deleted; it can be restored for 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// Counts its changes: a higher number is newer.
    pub version: u64,
}

/// The states of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WorkspaceState {
    /// No process runs; files are kept.
    Stopped,
    /// On the way to running; `steps` says where it is.
    Starting,
    /// It can be worked in.
    Running,
    /// On the way to stopped.
    Stopping,
    /// It could not be started or ended by itself; `state_reason` says why.
    Failed,
    /// Marked for deletion; restorable for 7 days.
    Deleted,
}

/// What a workspace was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WorkspaceSource {
    /// A template, by name.
    Template {
        /// Its name.
        template: String,
    },
    /// A Git repository, cloned into `/workspace/<its name>`.
    Git {
        /// The address, without credentials.
        url: String,
        /// The branch or tag; the remote's default when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
}

/// A step of starting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceStep {
    /// Which.
    pub kind: WorkspaceStepKind,
    /// How it stands.
    pub state: StepState,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// 0 to 100, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// What it says of itself: the last line of progress, or why it failed and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The kinds of steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum WorkspaceStepKind {
    /// Waiting for a place in the queue.
    Queue,
    /// Storage, sandbox and agent on the node.
    Sandbox,
    /// The repository is cloned.
    Clone,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StepState {
    /// Not yet begun.
    Pending,
    /// Under way.
    Running,
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Cancelled by a person.
    Cancelled,
}

/// Creates a workspace, and starts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceCreate {
    /// 1 to 63 characters of any script: letters, digits, spaces, `-`, `_`, `.`, marks and emoji;
    /// no slash, no control character; not `.` or `..`; trimmed.
    pub name: String,
    /// What from.
    pub source: WorkspaceSource,
    /// Where; chosen when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
    /// Limits; the node's defaults where absent.
    #[serde(default)]
    pub limits: WorkspaceLimits,
}

/// Changes a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceUpdate {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Query of `workspace_list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct WorkspaceListQuery {
    /// Where to continue: the `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many rows at most, 1 to 200; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only deleted ones that can be restored; else only those not deleted.
    #[serde(default)]
    pub deleted: bool,
    /// Only those on this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
}

/// What a running workspace uses, and what protects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceStatus {
    /// Use of CPU, memory and processes; absent while it does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<WorkspaceUsage>,
    /// Which protections hold.
    pub protections: Vec<Protection>,
}
