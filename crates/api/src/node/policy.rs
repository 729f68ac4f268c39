//! The host-owned policy: what a server lets the control plane do on it.

use serde::{Deserialize, Serialize};

/// What a server permits, as its owner wrote it in `/etc/atelier/node.toml`. The node enforces it;
/// the control plane can show it and cannot widen it. What is absent there is permitted, save
/// `privileged`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodePolicy {
    /// Workspaces may run here.
    pub workspaces: bool,
    /// Terminals of the machine itself.
    pub terminal: bool,
    /// Processes of the machine itself, and node jobs.
    pub exec: bool,
    /// Files of the machine itself.
    pub files: FilesPolicy,
    /// Containers.
    pub containers: bool,
    /// Terminals, files and processes of the machine may act as root; else as an ordinary user.
    pub privileged: bool,
    /// The control plane may replace the node's program by a newer one.
    pub update: bool,
}

impl Default for NodePolicy {
    fn default() -> Self {
        Self {
            workspaces: true,
            terminal: true,
            exec: true,
            files: FilesPolicy::default(),
            containers: true,
            privileged: false,
            update: true,
        }
    }
}

/// Which files of the machine may be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FilesPolicy {
    /// At all.
    pub permitted: bool,
    /// Only below these absolute paths; empty means anything that the user may reach.
    pub roots: Vec<String>,
    /// Reading only.
    pub read_only: bool,
}

impl Default for FilesPolicy {
    fn default() -> Self {
        Self {
            permitted: true,
            roots: Vec::new(),
            read_only: false,
        }
    }
}
