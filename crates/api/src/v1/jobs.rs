//! Jobs.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{JobId, OrganizationId};

/// A durable unit of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is; absent for the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// What it does: `workspace_start`.
    pub kind: String,
    /// The resource that it is about, e.g. a workspace's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How it stands.
    pub state: JobState,
    /// Why it waits, or why it failed, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Higher runs first.
    pub priority: i32,
    /// How often it has been begun.
    pub attempts: u32,
    /// After how many attempts it is given up.
    pub attempts_max: u32,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// Not before this time.
    pub run_at: Timestamp,
    /// When the last attempt began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobState {
    /// Waiting; `reason` says for what.
    Queued,
    /// Under way.
    Running,
    /// Done.
    Succeeded,
    /// Given up.
    Failed,
    /// Cancelled by a person, or because another takes its place.
    Cancelled,
    /// Its time to live passed before it could run.
    Expired,
}
