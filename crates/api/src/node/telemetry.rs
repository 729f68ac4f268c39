//! What a machine measures of itself every 10 s. Rates are over the time since the measurement before.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::WorkspaceId;

/// How many measurements one answer holds at most: an hour and a half.
pub const TELEMETRY_LIMIT_MAX: u32 = 540;

/// Which measurements are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetryQuery {
    /// Only those after this time; the oldest that are kept when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
    /// At most so many; [`TELEMETRY_LIMIT_MAX`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Measurements, oldest first. The time of the last is the next query's `after`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryList {
    /// The measurements.
    pub items: Vec<TelemetrySample>,
    /// There are more after the last.
    pub more: bool,
    /// The machine's clock when it answered, by which its measurements are dated; absent from nodes of
    /// before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetrySample {
    /// When it was taken; later than that of the one before, also when the clock was set back.
    pub at: Timestamp,
    /// Seconds that the machine has been up.
    pub uptime_s: u64,
    /// For each logical CPU: how busy it was, in thousandths.
    pub cpu_millis: Vec<u32>,
    /// The load average over 1, 5 and 15 minutes, in thousandths.
    pub load_millis: [u64; 3],
    /// How much of the last 10 s something waited for each; absent where the kernel does not count it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressure: Option<PressureSample>,
    /// Memory and swap.
    pub memory: MemorySample,
    /// Mounted file systems that lie on devices.
    pub disks: Vec<DiskSample>,
    /// Devices and what moved to and from them.
    pub devices: Vec<DeviceSample>,
    /// Network interfaces.
    pub networks: Vec<NetworkSample>,
    /// Open file handles of the whole machine.
    pub open_files: u64,
    /// The processes that use most CPU, and those that use most memory.
    pub processes: Vec<ProcessSample>,
    /// Workspaces that run.
    pub workspaces: Vec<WorkspaceSample>,
}

/// Pressure (Linux, `Documentation/accounting/psi.rst`), in thousandths of the last 10 s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PressureSample {
    /// Something waited for CPU.
    pub cpu_millis: u32,
    /// Something waited for memory.
    pub memory_millis: u32,
    /// Something waited for devices.
    pub io_millis: u32,
}

/// Memory, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemorySample {
    /// All of it.
    pub total_bytes: u64,
    /// What programs could get without swapping.
    pub available_bytes: u64,
    /// All swap.
    pub swap_total_bytes: u64,
    /// Swap in use.
    pub swap_used_bytes: u64,
}

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiskSample {
    /// Where it is mounted.
    pub path: String,
    /// Its size.
    pub total_bytes: u64,
    /// What ordinary users can still write.
    pub available_bytes: u64,
    /// Inodes; 0 where their number is not fixed.
    pub inodes: u64,
    /// Inodes that are left.
    pub inodes_available: u64,
}

/// A block device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceSample {
    /// E.g. `nvme0n1`.
    pub name: String,
    /// Bytes read per second.
    pub read_bytes_per_s: u64,
    /// Bytes written per second.
    pub written_bytes_per_s: u64,
    /// How much of the time it was busy, in thousandths.
    pub busy_millis: u32,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NetworkSample {
    /// E.g. `eth0`.
    pub name: String,
    /// Bytes received per second.
    pub received_bytes_per_s: u64,
    /// Bytes sent per second.
    pub sent_bytes_per_s: u64,
    /// Packets that were lost or damaged, in both directions, since the measurement before.
    pub errors: u64,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProcessSample {
    /// Its id.
    pub pid: u32,
    /// The program's name, at most 15 bytes.
    pub name: String,
    /// CPU, in thousandths of one.
    pub cpu_millis: u32,
    /// Resident memory.
    pub memory_bytes: u64,
}

/// A workspace that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceSample {
    /// Which.
    pub id: WorkspaceId,
    /// CPU, in thousandths of one.
    pub cpu_millis: u32,
    /// Memory, without the page cache.
    pub memory_bytes: u64,
    /// Processes and threads.
    pub processes: u32,
    /// Bytes read from devices per second; absent where the kernel does not count it for a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_bytes_per_s: Option<u64>,
    /// Bytes written to devices per second; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_bytes_per_s: Option<u64>,
}
