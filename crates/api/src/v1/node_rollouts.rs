//! Rollouts: the control plane's program given to servers, in stages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{AccountId, NodeId, NodeRolloutId, NodeUpdateId, OrganizationId};

/// Asks for servers to be updated to the program that the control plane offers: those named, those that have
/// all the labels, or all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeRolloutCreate {
    /// These servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeId>,
    /// Or those that have all these labels now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Or all servers of the organization.
    #[serde(default)]
    pub all: bool,
    /// So many come first, by themselves; 1 when absent, 0 for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<u32>,
    /// So many at once after them; 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// So many seconds between one stage's end and the next one's beginning; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_s: Option<u32>,
    /// Wait for servers that are not connected when their stage comes, instead of passing them over.
    #[serde(default)]
    pub wait_for_offline: bool,
    /// A server goes back to its program of before when the new one is not healthy after so many seconds;
    /// 60 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy_within_s: Option<u32>,
}

/// A rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeRollout {
    /// Its id.
    pub id: NodeRolloutId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// How it stands as a whole.
    pub state: NodeRolloutState,
    /// Why it stands so, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many servers come first.
    pub canary: u32,
    /// How many at once after them.
    pub batch: u32,
    /// Seconds between stages.
    pub pause_s: u32,
    /// Servers that are not connected are waited for.
    pub wait_for_offline: bool,
    /// Seconds that a new program has to become healthy.
    pub healthy_within_s: u32,
    /// The next stage does not begin before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_stage_at: Option<Timestamp>,
    /// Who asked for it.
    pub created_by: AccountId,
    /// Their name.
    pub created_by_name: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// How many of its servers are in which state.
    pub counts: NodeUpdateCounts,
}

/// How a rollout stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeRolloutState {
    /// It goes on by itself.
    Running,
    /// A person has paused it: no further stage begins.
    Paused,
    /// All servers run the program, those that were passed over aside.
    Succeeded,
    /// A server could not be updated; those after it were not touched.
    Failed,
    /// A person has ended it.
    Aborted,
}

impl NodeRolloutState {
    /// Nothing more happens.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Aborted)
    }
}

/// How many servers are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeUpdateCounts {
    /// Their stage has not come.
    pub waiting: u64,
    /// Under way.
    pub running: u64,
    /// They run the program.
    pub succeeded: u64,
    /// They run the program of before.
    pub failed: u64,
    /// Passed over.
    pub skipped: u64,
    /// Not touched, because the rollout ended before.
    pub aborted: u64,
}

/// A rollout's part on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeUpdateRun {
    /// Its id.
    pub id: NodeUpdateId,
    /// Of which rollout.
    pub node_rollout_id: NodeRolloutId,
    /// Where.
    pub node_id: NodeId,
    /// The server's name.
    pub node_name: String,
    /// In which stage: 0 is the canary's.
    pub stage: u32,
    /// How it stands.
    pub state: NodeUpdateState,
    /// What it waits for, or why it ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The SHA-256 of the program that it gets; absent where none fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// How an update of one server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeUpdateState {
    /// Its stage has not come.
    Waiting,
    /// Under way.
    Running,
    /// It runs the program.
    Succeeded,
    /// It runs the program of before.
    Failed,
    /// It was passed over.
    Skipped,
    /// The rollout ended before its stage came.
    Aborted,
}
