//! The node API, served under `/v1`: in process for the local node, through the tunnel for others.
//!
//! | request | does |
//! | --- | --- |
//! | `GET /v1/info` | [`NodeInfo`] |
//! | `GET /v1/workspaces` | [`NodeWorkspaceList`] |
//! | `PUT /v1/workspaces/{workspace}` ([`WorkspaceSpec`]) | bring it to the desired state; idempotent |
//! | `GET /v1/workspaces/{workspace}` | [`NodeWorkspace`] |
//! | `GET /v1/workspaces/{workspace}/usage` | [`WorkspaceUsage`] |
//! | `DELETE /v1/workspaces/{workspace}` | stop it and delete its storage; idempotent |
//! | any `/v1/workspaces/{workspace}/agent/{*rest}` | to the agent's `/v1/{rest}`, upgrades too |
//! | any `/v1/workspaces/{workspace}/ports/{port}/proxy/{*rest}` | to what listens there, as `/{rest}`, byte for byte; upgrades too |
//! | `GET /v1/telemetry?after&limit` ([`TelemetryQuery`]) | [`TelemetryList`], of the last 7 days |
//! | `GET /v1/telemetry/live` | each [`TelemetrySample`] as it is taken, the latest first; a line of JSON each |
//! | `/v1/jobs/{execution}` | runs a command at most once: [`jobs`] |
//! | `/v1/update…` | replaces the node's program: [`update`] |
//! | any `/v1/machine/{*rest}` | to the machine's own agent: its terminals, files and processes, as far as the [`NodePolicy`] permits |
//!
//! What the host does not permit answers 403 with the code `forbidden`.

mod application;
pub mod jobs;
mod policy;
mod telemetry;
pub mod update;

use std::collections::BTreeMap;

pub use application::{Application, NoApplication};
pub use policy::{FilesPolicy, NodePolicy};
use serde::{Deserialize, Serialize};
pub use telemetry::{
    DeviceSample, DiskSample, MemorySample, NetworkSample, PressureSample, ProcessSample,
    TELEMETRY_LIMIT_MAX, TelemetryList, TelemetryQuery, TelemetrySample, WorkspaceSample,
};

use crate::Timestamp;
use crate::ids::WorkspaceId;

/// Marks an answer as an application's own; without it, it is the node that answers.
pub const PREVIEW_HEADER: &str = "atelier-preview";

/// What an application is to be told as its `Host`; only the control plane says so.
pub const PREVIEW_HOST_HEADER: &str = "atelier-preview-host";

/// What a node is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeInfo {
    /// The version of the node daemon.
    pub version: String,
    /// The host name.
    pub hostname: String,
    /// E.g. `Linux 6.18.0`.
    pub kernel: String,
    /// E.g. `x86_64`.
    pub architecture: String,
    /// Logical CPUs.
    pub cpus: u32,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// Drivers that work here.
    pub drivers: Vec<Driver>,
    /// What the `host` driver enforces here.
    pub protections: Vec<Protection>,
    /// What the host permits; absent from nodes of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<NodePolicy>,
    /// Tells apart machines that were cloned: a hash of `/etc/machine-id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The SHA-256 of the program that the daemon runs, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
}

/// How a node runs workspaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Driver {
    /// A sandboxed process tree on the host.
    #[default]
    Host,
}

/// One protection of a workspace, and whether it holds on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Protection {
    /// Which.
    pub kind: ProtectionKind,
    /// Whether it is enforced.
    pub holds: bool,
    /// How it is enforced, or why it is not and what to do.
    pub detail: String,
}

/// The protections that a workspace can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum ProtectionKind {
    /// Its own user id on the host.
    OwnUser,
    /// Its own mount namespace: private `/tmp`, read-only system, only its own files.
    Filesystem,
    /// Its own PID namespace: sees only its own processes.
    Processes,
    /// Its own IPC namespace.
    Ipc,
    /// `no_new_privs` and no capabilities.
    NoNewPrivileges,
    /// Landlock: files, abstract sockets and signals.
    Landlock,
    /// A limit on memory.
    MemoryLimit,
    /// A limit on CPU.
    CpuLimit,
    /// A limit on the number of processes.
    ProcessLimit,
}

/// What the control plane wants of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceSpec {
    /// Running or stopped.
    pub desired: DesiredState,
    /// Counts the changes of the desired state; a spec with a lower one than the last is refused
    /// with `stale`, so that a late request cannot undo a newer one.
    pub generation: u64,
    /// The workspace's name: host name and prompt.
    pub name: String,
    /// The driver.
    #[serde(default)]
    pub driver: Driver,
    /// Limits.
    pub limits: WorkspaceLimits,
    /// Variables for every terminal and process.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Files to put into an empty `/workspace` when its storage is first made: path → content.
    #[serde(default)]
    pub seed: Vec<SeedFile>,
}

/// A file of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedFile {
    /// Below `/workspace`.
    pub path: String,
    /// The content.
    pub text: String,
    /// Whether to make it executable.
    #[serde(default)]
    pub executable: bool,
}

/// Limits of a workspace. Absent means the node's default, not unlimited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceLimits {
    /// Bytes of memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Thousandths of a CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_millis: Option<u32>,
    /// Processes and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DesiredState {
    /// The agent answers.
    Running,
    /// No process is left; storage stays.
    Stopped,
}

/// What is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ActualState {
    /// The agent answers.
    Running,
    /// No process is left.
    Stopped,
    /// It ended by itself or could not be started; `detail` says why.
    Failed,
}

/// A workspace as the node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeWorkspace {
    /// Which.
    pub id: WorkspaceId,
    /// The generation of the spec last applied.
    pub generation: u64,
    /// What is.
    pub state: ActualState,
    /// Since when.
    pub since: Timestamp,
    /// Why, when it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What holds for this workspace.
    pub protections: Vec<Protection>,
}

/// All workspaces of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeWorkspaceList {
    /// All of them.
    pub items: Vec<NodeWorkspace>,
}

/// What a running workspace uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceUsage {
    /// When it was measured.
    pub at: Timestamp,
    /// CPU time used since its start, in microseconds.
    pub cpu_us: u64,
    /// CPU use over the last second or so, in thousandths of a CPU.
    pub cpu_millis: u32,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// The limit on memory; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
    /// The limit on CPU, in thousandths; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit_millis: Option<u32>,
    /// Processes and threads.
    pub processes: u32,
}
