//! What servers and workspaces used, and use now.
//!
//! A server measures itself every 10 s ([`crate::node::TelemetrySample`]); the control plane collects
//! that, keeps it for a while as it is, and longer by the minute and by the hour.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::node::{TelemetrySample, WorkspaceSample};

/// The most points that a history has.
pub const TELEMETRY_POINTS_MAX: u32 = 1_500;

/// Of which time the history is wanted, and how finely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct TelemetryHistoryQuery {
    /// From when; an hour before `to` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until when; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
    /// About so many points, 1 to 1500; 300 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u32>,
}

/// What a server used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryHistory {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// The distance of the points, in milliseconds, where nothing is missing.
    pub step_ms: i64,
    /// The time of each point; of one that sums up others, when the first of them was.
    pub times: Vec<Timestamp>,
    /// A series for each thing that was measured. While nothing was, there is one point without values.
    pub series: Vec<TelemetrySeries>,
    /// The newest measurement of all, whole, whatever time is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<TelemetrySample>,
}

/// What a workspace used. As [`TelemetryHistory`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceTelemetry {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// The distance of the points, in milliseconds, where nothing is missing.
    pub step_ms: i64,
    /// The time of each point.
    pub times: Vec<Timestamp>,
    /// A series for each thing that was measured.
    pub series: Vec<TelemetrySeries>,
    /// The newest measurement in which it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<WorkspaceReading>,
}

/// One measurement of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceReading {
    /// When.
    pub at: Timestamp,
    /// What; absent while it does not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<WorkspaceSample>,
}

/// One thing over time. Each list has a value, or its absence, for each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetrySeries {
    /// What.
    pub metric: TelemetryMetric,
    /// Of which core (its number), file system (its path), device or interface (its name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// On average; of errors, the sum.
    pub average: Vec<Option<u64>>,
    /// At least; absent where that says nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Vec<Option<u64>>>,
    /// At most; absent where that says nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Vec<Option<u64>>>,
}

/// What is measured, with its unit. “Thousandths” are of one CPU, of the time, or of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TelemetryMetric {
    /// All CPUs together, in thousandths of all.
    Cpu,
    /// One CPU, in thousandths.
    Core,
    /// The load average over a minute, in thousandths.
    Load1,
    /// The load average over 5 minutes, in thousandths.
    Load5,
    /// The load average over 15 minutes, in thousandths.
    Load15,
    /// How much of the time something waited for CPU, in thousandths.
    PressureCpu,
    /// How much of the time something waited for memory, in thousandths.
    PressureMemory,
    /// How much of the time something waited for devices, in thousandths.
    PressureIo,
    /// Memory in use, in bytes.
    MemoryUsed,
    /// All memory, in bytes.
    MemoryTotal,
    /// Swap in use, in bytes.
    SwapUsed,
    /// All swap, in bytes.
    SwapTotal,
    /// Space in use on a file system, in bytes.
    DiskUsed,
    /// The size of a file system, in bytes.
    DiskTotal,
    /// Inodes in use on a file system.
    InodesUsed,
    /// Inodes of a file system; 0 where their number is not fixed.
    InodesTotal,
    /// Read from a device, in bytes per second.
    DeviceRead,
    /// Written to a device, in bytes per second.
    DeviceWritten,
    /// How much of the time a device was busy, in thousandths.
    DeviceBusy,
    /// Received by an interface, in bytes per second.
    NetworkReceived,
    /// Sent by an interface, in bytes per second.
    NetworkSent,
    /// Packets lost or damaged at an interface.
    NetworkErrors,
    /// Open file handles.
    OpenFiles,
    /// CPU of a workspace, in thousandths of one.
    WorkspaceCpu,
    /// Memory of a workspace, in bytes.
    WorkspaceMemory,
    /// Processes and threads of a workspace.
    WorkspaceProcesses,
    /// Read from devices by a workspace, in bytes per second.
    WorkspaceRead,
    /// Written to devices by a workspace, in bytes per second.
    WorkspaceWritten,
}

/// What a server uses now, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeUsage {
    /// When it was measured.
    pub at: Timestamp,
    /// CPU, in thousandths of all that there are.
    pub cpu_millis: u32,
    /// Memory in use, in bytes.
    pub memory_used_bytes: u64,
    /// All memory, in bytes.
    pub memory_total_bytes: u64,
    /// The fullest file system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskUsage>,
}

/// How full a file system is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiskUsage {
    /// Where it is mounted.
    pub path: String,
    /// Space in use, in bytes.
    pub used_bytes: u64,
    /// Its size, in bytes.
    pub total_bytes: u64,
}
