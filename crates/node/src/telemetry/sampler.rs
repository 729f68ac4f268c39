//! From counters that only grow to rates between two looks at them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use atelier_api::Timestamp;
use atelier_api::ids::WorkspaceId;
use atelier_api::node::{
    DeviceSample, NetworkSample, ProcessSample, TelemetrySample, WorkspaceSample,
};

use super::kernel::{self, CoreTicks, Device, Network, Process};
use crate::workspaces::WorkspaceUse;

/// How many processes are named for their CPU, and as many for their memory.
const TOP: usize = 5;

/// Looks, and remembers what it saw.
#[derive(Debug, Default)]
pub(super) struct Sampler {
    before: Option<Counters>,
}

/// What was counted at one look.
#[derive(Debug)]
struct Counters {
    at: Instant,
    cores: Vec<CoreTicks>,
    devices: Vec<Device>,
    networks: Vec<Network>,
    /// By id and start.
    processes: HashMap<(u32, u64), u64>,
    workspaces: HashMap<WorkspaceId, WorkspaceUse>,
}

impl Sampler {
    /// Looks; the first look gives nothing to compare with. The time is still to be set.
    pub(super) fn sample(&mut self, used: Vec<WorkspaceUse>) -> Option<TelemetrySample> {
        let processes = kernel::processes();
        let now = Counters {
            at: Instant::now(),
            cores: kernel::cores(),
            devices: kernel::devices(),
            networks: kernel::networks(),
            processes: processes
                .iter()
                .map(|process| ((process.pid, process.start_ticks), process.cpu_ticks))
                .collect(),
            workspaces: used.iter().map(|one| (one.id, *one)).collect(),
        };
        let sample = self.before.as_ref().map(|before| TelemetrySample {
            at: Timestamp(0),
            uptime_s: kernel::uptime(),
            cpu_millis: cores(&before.cores, &now.cores),
            load_millis: kernel::load(),
            pressure: kernel::pressure(),
            memory: kernel::memory(),
            disks: kernel::disks(),
            devices: devices(before, &now),
            networks: networks(before, &now),
            open_files: kernel::open_files(),
            processes: top(before, &now, processes),
            workspaces: workspaces(before, &now, used),
        });
        self.before = Some(now);
        sample
    }
}

/// How much more per second; nothing of a counter that began anew.
fn rate(before: u64, now: u64, elapsed: Duration) -> u64 {
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    now.saturating_sub(before).saturating_mul(1000) / elapsed_ms.max(1)
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn cores(before: &[CoreTicks], now: &[CoreTicks]) -> Vec<u32> {
    // With another number of them, which is which is not known.
    if before.len() != now.len() {
        return vec![0; now.len()];
    }
    let busy = |(before, now): (&CoreTicks, &CoreTicks)| {
        let all = now.all.saturating_sub(before.all).max(1);
        small((now.busy.saturating_sub(before.busy) * 1000 / all).min(1000))
    };
    before.iter().zip(now).map(busy).collect()
}

fn devices(before: &Counters, now: &Counters) -> Vec<DeviceSample> {
    let elapsed = now.at - before.at;
    let device = |device: &Device| {
        let known = |known: &&Device| known.name == device.name;
        let before = before.devices.iter().find(known)?;
        Some(DeviceSample {
            name: device.name.clone(),
            read_bytes_per_s: rate(before.read_bytes, device.read_bytes, elapsed),
            written_bytes_per_s: rate(before.written_bytes, device.written_bytes, elapsed),
            busy_millis: small(rate(before.busy_ms, device.busy_ms, elapsed).min(1000)),
        })
    };
    now.devices.iter().filter_map(device).collect()
}

fn networks(before: &Counters, now: &Counters) -> Vec<NetworkSample> {
    let elapsed = now.at - before.at;
    let network = |network: &Network| {
        let known = |known: &&Network| known.name == network.name;
        let before = before.networks.iter().find(known)?;
        Some(NetworkSample {
            name: network.name.clone(),
            received_bytes_per_s: rate(before.received_bytes, network.received_bytes, elapsed),
            sent_bytes_per_s: rate(before.sent_bytes, network.sent_bytes, elapsed),
            errors: network.errors.saturating_sub(before.errors),
        })
    };
    now.networks.iter().filter_map(network).collect()
}

/// The processes with most CPU, and those with most memory.
fn top(before: &Counters, now: &Counters, processes: Vec<Process>) -> Vec<ProcessSample> {
    let elapsed = now.at - before.at;
    let ticks = rustix::param::clock_ticks_per_second().max(1);
    let page = rustix::param::page_size() as u64;
    let sample = |process: Process| {
        // One that has started since has used all of it since.
        let key = (process.pid, process.start_ticks);
        let used = before.processes.get(&key).copied().unwrap_or(0);
        let per_s = rate(
            used * 1000 / ticks,
            process.cpu_ticks * 1000 / ticks,
            elapsed,
        );
        ProcessSample {
            pid: process.pid,
            name: process.name,
            cpu_millis: small(per_s),
            memory_bytes: process.resident_pages * page,
        }
    };
    let mut samples: Vec<ProcessSample> = processes.into_iter().map(sample).collect();
    samples.sort_by_key(|sample| Reverse((sample.cpu_millis, sample.memory_bytes)));
    let mut rest = samples.split_off(samples.len().min(TOP));
    rest.sort_by_key(|sample| Reverse(sample.memory_bytes));
    samples.extend(rest.into_iter().take(TOP));
    samples
}

fn workspaces(before: &Counters, now: &Counters, used: Vec<WorkspaceUse>) -> Vec<WorkspaceSample> {
    let elapsed = now.at - before.at;
    let sample = |one: WorkspaceUse| {
        let known = before.workspaces.get(&one.id);
        // Microseconds per second are millionths.
        let cpu = known.map_or(0, |known| rate(known.cpu_us, one.cpu_us, elapsed) / 1000);
        let moved = known.and_then(|known| known.moved).zip(one.moved);
        let moved = moved.map(|(before, now)| {
            let read = rate(before.0, now.0, elapsed);
            (read, rate(before.1, now.1, elapsed))
        });
        WorkspaceSample {
            id: one.id,
            cpu_millis: small(cpu),
            memory_bytes: one.memory_bytes,
            processes: one.processes,
            read_bytes_per_s: moved.map(|(read, _)| read),
            written_bytes_per_s: moved.map(|(_, written)| written),
        }
    };
    used.into_iter().map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_looks_make_a_measurement() {
        let mut sampler = Sampler::default();
        assert_eq!(sampler.sample(Vec::new()), None);
        let sample = sampler.sample(Vec::new()).unwrap();
        assert!(!sample.cpu_millis.is_empty() && sample.memory.total_bytes > 0);
        assert!(!sample.processes.is_empty() && sample.processes.len() <= 2 * TOP);
    }

    #[test]
    fn counters_that_began_anew_are_no_rates() {
        let second = Duration::from_secs(1);
        assert_eq!(rate(100, 350, second), 250);
        assert_eq!(rate(350, 100, second), 0);
        assert_eq!(rate(0, 7, Duration::ZERO), 7000);
        let ticks = |busy, all| CoreTicks { busy, all };
        assert_eq!(cores(&[ticks(10, 100)], &[ticks(60, 200)]), [500]);
        assert_eq!(cores(&[ticks(10, 100)], &[ticks(60, 200); 2]), [0, 0]);
    }
}
