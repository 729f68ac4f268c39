//! The workspace agent's API, served under `/v1` on its Unix socket. The control plane offers the
//! same shapes under `/api/v1/workspaces/{workspace}/…` and passes requests on unread.

pub mod archives;
pub mod bridge;
pub mod commands;
pub mod files;
pub mod git;
pub mod languages;
pub mod ports;
pub mod processes;
pub mod recordings;
pub mod search;
pub mod terminals;
pub mod transfers;
pub mod trash;
pub mod uploads;
pub mod vscode;

use serde::{Deserialize, Serialize};

/// What `GET /v1/health` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentHealth {
    /// The agent's version.
    pub version: String,
    /// The agent's process id, as seen inside the workspace.
    pub pid: u32,
    /// How many terminals are alive.
    pub terminals: u32,
    /// How many processes are running.
    pub processes: u32,
}
