//! Node jobs: a command run on servers, once on each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::agent::processes::Span;
use crate::agent::terminals::ExitStatus;
use crate::ids::{AccountId, NodeId, NodeJobId, NodeRunId, OrganizationId, ScheduleId};

/// Asks for a command to be run: on the servers named, or on all that have all the labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeJobCreate {
    /// On these servers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeId>,
    /// Or on those that have all these labels now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// A line or a script for `/bin/sh`.
    pub command: String,
    /// Where: absolute, or below the home of the server's machine user, which it is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Variables to add. They are not shown again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// On each server it is ended after so many milliseconds; an hour when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What has not begun after so many milliseconds is `expired`, and never run; a day when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// Higher goes first on a server; 0 is ordinary.
    #[serde(default)]
    pub priority: i32,
    /// On at most so many servers at once; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// How often it is tried again on a server where it fails.
    #[serde(default)]
    pub retries: u32,
    /// A second request with the same key answers the first one's job, and runs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// A node job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeJob {
    /// Its id.
    pub id: NodeJobId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What is run.
    pub command: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// How it stands as a whole.
    pub state: NodeJobState,
    /// What the command policy asks about, or why a person refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which rules of the command policy ask about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<NodeJobFinding>,
    /// The schedule that has made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<ScheduleId>,
    /// Who asked for it.
    pub created_by: AccountId,
    /// Their name.
    pub created_by_name: String,
    /// Who approved or refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by_name: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// What has not begun by then expires.
    pub expires_at: Timestamp,
    /// On each server it is ended after so many milliseconds.
    pub timeout_ms: u64,
    /// Higher goes first.
    pub priority: i32,
    /// On at most so many servers at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// How often it is tried again where it fails.
    pub retries: u32,
    /// How many of its runs are in which state.
    pub counts: NodeRunCounts,
}

/// One reason for which the command policy asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeJobFinding {
    /// The command in the line that it is about, as its words; `…` is what is known only when it runs.
    pub command: String,
    /// Which rule, in words.
    pub rule: String,
    /// Why it asks.
    pub reason: String,
}

/// Query of the list of node jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct NodeJobListQuery {
    /// Where to continue: the `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How many rows at most, 1 to 200; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Only those that run on this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeId>,
    /// Only those that this schedule has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// Only those that stand like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: Option<NodeJobGroup>,
}

/// How node jobs stand, as lists tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeJobGroup {
    /// A person has to say yes.
    AwaitingApproval,
    /// Waiting for its servers, or under way.
    Active,
    /// Ended, and not well everywhere.
    Failed,
    /// Ended, well or not.
    Ended,
}

/// How a node job stands as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeJobState {
    /// The command policy wants a person's yes.
    AwaitingApproval,
    /// A person said no.
    Refused,
    /// It has begun nowhere yet.
    Queued,
    /// It has not ended everywhere.
    Running,
    /// Done everywhere.
    Succeeded,
    /// It failed or was interrupted somewhere.
    Failed,
    /// Its time to live passed somewhere before it could begin.
    Expired,
    /// It was cancelled.
    Cancelled,
}

/// How many runs are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeRunCounts {
    /// Waiting, for an approval too.
    pub queued: u64,
    /// Under way.
    pub running: u64,
    /// Done.
    pub succeeded: u64,
    /// Ended otherwise than with 0, or could not begin.
    pub failed: u64,
    /// The server's agent ended meanwhile.
    pub interrupted: u64,
    /// Cancelled.
    pub cancelled: u64,
    /// Not begun in time.
    pub expired: u64,
}

/// A node job on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeRun {
    /// Its id.
    pub id: NodeRunId,
    /// Of which job.
    pub node_job_id: NodeJobId,
    /// Where.
    pub node_id: NodeId,
    /// The server's name.
    pub node_name: String,
    /// How it stands.
    pub state: NodeRunState,
    /// What it waits for, or why it ended so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The how manieth attempt, from 1.
    pub attempt: u32,
    /// When the attempt began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// How the command ended, by the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<ExitStatus>,
    /// The offsets of the output that is kept, once it has ended.
    pub output: Span,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NodeRunState {
    /// Waits for an approval.
    Held,
    /// Waiting; `reason` says for what.
    Queued,
    /// Under way.
    Running,
    /// Ended with 0.
    Succeeded,
    /// Ended otherwise, or could not begin.
    Failed,
    /// The server's agent ended meanwhile; not run again.
    Interrupted,
    /// Cancelled.
    Cancelled,
    /// Not begun in time.
    Expired,
}

impl NodeRunState {
    /// Whether nothing more happens.
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Held | Self::Queued | Self::Running)
    }
}
