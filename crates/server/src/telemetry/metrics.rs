//! What of a measurement is kept, under which number, how exactly, and how it is summed up.
//!
//! Invariant: a number never changes its meaning, since stored blocks hold it.

use atelier_api::node::TelemetrySample;
use atelier_api::v1::telemetry::TelemetryMetric as Metric;

use super::block::{Part, Series};

/// The unit in which memory and space are stored, in bytes: what is less moves no chart.
const COARSE: u64 = 64 * 1024;

/// The most of each kind that a measurement may have; a server that says more is cut short.
const CORES_MAX: usize = 256;
const NAMED_MAX: usize = 32;
const WORKSPACES_MAX: usize = 128;

/// The longest name that is kept, in bytes.
const NAME_MAX: usize = 96;

/// No value is larger, so that differences fit.
const VALUE_MAX: u64 = 1 << 62;

/// How many values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Summary {
    /// Their average alone.
    Average,
    /// And the largest.
    High,
    /// And the smallest and the largest.
    LowHigh,
    /// Their sum.
    Sum,
}

/// One kind of series.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) code: u8,
    pub(super) metric: Metric,
    pub(super) summary: Summary,
    /// What a stored 1 stands for.
    pub(super) unit: u64,
}

const fn kind(code: u8, metric: Metric, summary: Summary, unit: u64) -> Kind {
    Kind {
        code,
        metric,
        summary,
        unit,
    }
}

/// All of them, in the order of their numbers.
static KINDS: [Kind; 28] = [
    kind(0, Metric::Cpu, Summary::LowHigh, 1),
    kind(1, Metric::Core, Summary::Average, 1),
    kind(2, Metric::Load1, Summary::High, 1),
    kind(3, Metric::Load5, Summary::Average, 1),
    kind(4, Metric::Load15, Summary::Average, 1),
    kind(5, Metric::PressureCpu, Summary::High, 1),
    kind(6, Metric::PressureMemory, Summary::High, 1),
    kind(7, Metric::PressureIo, Summary::High, 1),
    kind(8, Metric::MemoryUsed, Summary::LowHigh, COARSE),
    kind(9, Metric::MemoryTotal, Summary::Average, COARSE),
    kind(10, Metric::SwapUsed, Summary::High, COARSE),
    kind(11, Metric::SwapTotal, Summary::Average, COARSE),
    kind(12, Metric::DiskUsed, Summary::Average, COARSE),
    kind(13, Metric::DiskTotal, Summary::Average, COARSE),
    kind(14, Metric::InodesUsed, Summary::Average, 1),
    kind(15, Metric::InodesTotal, Summary::Average, 1),
    kind(16, Metric::DeviceRead, Summary::High, 1),
    kind(17, Metric::DeviceWritten, Summary::High, 1),
    kind(18, Metric::DeviceBusy, Summary::High, 1),
    kind(19, Metric::NetworkReceived, Summary::High, 1),
    kind(20, Metric::NetworkSent, Summary::High, 1),
    kind(21, Metric::NetworkErrors, Summary::Sum, 1),
    kind(22, Metric::OpenFiles, Summary::Average, 1),
    kind(23, Metric::WorkspaceCpu, Summary::High, 1),
    kind(24, Metric::WorkspaceMemory, Summary::High, COARSE),
    kind(25, Metric::WorkspaceProcesses, Summary::Average, 1),
    kind(26, Metric::WorkspaceRead, Summary::High, 1),
    kind(27, Metric::WorkspaceWritten, Summary::High, 1),
];

/// The kind with this number; none of a later version's.
pub(super) fn of_code(code: u8) -> Option<&'static Kind> {
    KINDS.get(usize::from(code))
}

/// Whether it is of a workspace, and not of the machine.
pub(super) fn is_of_workspace(metric: Metric) -> bool {
    metric >= Metric::WorkspaceCpu
}

/// A measurement as values of series.
pub(super) fn values(sample: &TelemetrySample) -> Vec<(Series, u64)> {
    let mut row = Row(Vec::with_capacity(64));
    let cores = &sample.cpu_millis[..sample.cpu_millis.len().min(CORES_MAX)];
    row.put(Metric::Cpu, "", u64::from(cpu_millis(sample)));
    for (core, busy) in cores.iter().enumerate() {
        row.put(Metric::Core, &core.to_string(), u64::from(*busy));
    }
    let loads = [Metric::Load1, Metric::Load5, Metric::Load15];
    for (metric, load) in loads.into_iter().zip(sample.load_millis) {
        row.put(metric, "", load);
    }
    if let Some(pressure) = &sample.pressure {
        row.put(Metric::PressureCpu, "", pressure.cpu_millis.into());
        row.put(Metric::PressureMemory, "", pressure.memory_millis.into());
        row.put(Metric::PressureIo, "", pressure.io_millis.into());
    }
    let memory = &sample.memory;
    let used = memory.total_bytes.saturating_sub(memory.available_bytes);
    row.put(Metric::MemoryUsed, "", used);
    row.put(Metric::MemoryTotal, "", memory.total_bytes);
    row.put(Metric::SwapUsed, "", memory.swap_used_bytes);
    row.put(Metric::SwapTotal, "", memory.swap_total_bytes);
    for disk in sample.disks.iter().take(NAMED_MAX) {
        let used = disk.total_bytes.saturating_sub(disk.available_bytes);
        row.put(Metric::DiskUsed, &disk.path, used);
        row.put(Metric::DiskTotal, &disk.path, disk.total_bytes);
        let used = disk.inodes.saturating_sub(disk.inodes_available);
        row.put(Metric::InodesUsed, &disk.path, used);
        row.put(Metric::InodesTotal, &disk.path, disk.inodes);
    }
    for device in sample.devices.iter().take(NAMED_MAX) {
        row.put(Metric::DeviceRead, &device.name, device.read_bytes_per_s);
        row.put(
            Metric::DeviceWritten,
            &device.name,
            device.written_bytes_per_s,
        );
        row.put(Metric::DeviceBusy, &device.name, device.busy_millis.into());
    }
    for network in sample.networks.iter().take(NAMED_MAX) {
        let name = &network.name;
        row.put(Metric::NetworkReceived, name, network.received_bytes_per_s);
        row.put(Metric::NetworkSent, name, network.sent_bytes_per_s);
        row.put(Metric::NetworkErrors, name, network.errors);
    }
    row.put(Metric::OpenFiles, "", sample.open_files);
    for workspace in sample.workspaces.iter().take(WORKSPACES_MAX) {
        let id = &workspace.id.to_string();
        row.put(Metric::WorkspaceCpu, id, workspace.cpu_millis.into());
        row.put(Metric::WorkspaceMemory, id, workspace.memory_bytes);
        row.put(Metric::WorkspaceProcesses, id, workspace.processes.into());
        if let Some(read) = workspace.read_bytes_per_s {
            row.put(Metric::WorkspaceRead, id, read);
        }
        if let Some(written) = workspace.written_bytes_per_s {
            row.put(Metric::WorkspaceWritten, id, written);
        }
    }
    row.0
}

/// All CPUs together, in thousandths of all.
pub(super) fn cpu_millis(sample: &TelemetrySample) -> u32 {
    let sum: u64 = sample.cpu_millis.iter().map(|busy| u64::from(*busy)).sum();
    let cores = sample.cpu_millis.len().max(1) as u64;
    u32::try_from(sum / cores).unwrap_or(u32::MAX)
}

struct Row(Vec<(Series, u64)>);

impl Row {
    fn put(&mut self, metric: Metric, of: &str, value: u64) {
        let kind = KINDS.iter().find(|kind| kind.metric == metric);
        let kind = kind.expect("every metric has its kind");
        let mut end = of.len().min(NAME_MAX);
        while !of.is_char_boundary(end) {
            end -= 1;
        }
        let series = Series {
            code: kind.code,
            part: Part::Average,
            of: of[..end].into(),
        };
        // Rounded: what is there is not nothing.
        let value = value.saturating_add(kind.unit / 2) / kind.unit;
        self.0.push((series, value.min(VALUE_MAX)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_number() {
        for (number, kind) in KINDS.iter().enumerate() {
            assert_eq!(usize::from(kind.code), number, "{kind:?}");
        }
        let mut metrics: Vec<_> = KINDS.iter().map(|kind| kind.metric).collect();
        metrics.sort_unstable();
        metrics.dedup();
        assert_eq!(metrics.len(), KINDS.len());
    }

    #[test]
    fn a_server_that_says_too_much_is_cut_short() {
        let mut sample = super::super::samples::sample(0);
        sample.cpu_millis = vec![u32::MAX; 10_000];
        sample.load_millis = [u64::MAX; 3];
        let disk = sample.disks[0].clone();
        sample.disks = vec![disk; 500];
        sample.disks[0].path = "/ä".repeat(200);
        let values = values(&sample);
        assert!(values.len() < 600, "{}", values.len());
        for (series, value) in values {
            assert!(series.of.len() <= NAME_MAX && value <= VALUE_MAX);
        }
    }
}
