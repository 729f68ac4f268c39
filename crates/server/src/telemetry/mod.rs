//! Telemetry: what servers measured of themselves, collected, kept, summed up and shown.
//!
//! A node measures every 10 s and keeps that for a week. The collector (`collector.rs`) asks each that
//! is connected every half a minute for what is new; only while somebody watches one is its stream
//! open (`live.rs`). What was asked for waits in memory for at most five minutes, packed into a few
//! kilobytes, and is then taken over into the database (`keep.rs`) together with how far it reaches.
//! Decision 0010 has the figures behind that.
//!
//! * Invariant: nothing is lost that the node still has. What is not written yet was not taken over:
//!   whatever breaks, it is asked for again.
//! * Invariant: a measurement that comes twice counts once, and in whatever order they come, minutes
//!   and hours are sums of all that there are.
//! * Invariant: no time that a node names is believed. It is put right by what the node's clock says
//!   when it answers, and what is then from another week is dropped.

mod block;
mod collector;
mod history;
mod keep;
mod live;
mod metrics;
mod rollup;
mod routes;
#[cfg(test)]
mod samples;
mod service;
mod store;

use std::collections::HashMap;
use std::sync::Arc;

use atelier_api::ids::NodeId;
use atelier_api::node::TelemetrySample;
use atelier_api::v1::telemetry::{DiskUsage, NodeUsage};
use parking_lot::Mutex;

use self::collector::Held;

pub(crate) use collector::start;
pub(crate) use routes::routes;

/// What is held in memory of the nodes' measurements.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    nodes: Mutex<HashMap<NodeId, Held>>,
    live: live::Watched,
}

impl Telemetry {
    /// What a node uses, as it measured last; nothing before this process has heard of it.
    pub(crate) fn usage(&self, node: NodeId) -> Option<NodeUsage> {
        self.latest(node).map(|sample| usage(&sample))
    }

    /// Forgets a node that was removed.
    pub(crate) fn forget(&self, node: NodeId) {
        self.nodes.lock().remove(&node);
    }

    fn latest(&self, node: NodeId) -> Option<Arc<TelemetrySample>> {
        self.nodes.lock().get(&node)?.latest.clone()
    }

    /// A measurement has come that may be the newest.
    fn tell_latest(&self, node: NodeId, sample: TelemetrySample) {
        let mut nodes = self.nodes.lock();
        let held = nodes.entry(node).or_default();
        if held
            .latest
            .as_ref()
            .is_none_or(|known| known.at < sample.at)
        {
            held.latest = Some(Arc::new(to_size(sample)));
        }
    }
}

/// Its lists as long as what is in them: it is kept, ten thousand times perhaps.
fn to_size(mut sample: TelemetrySample) -> TelemetrySample {
    sample.cpu_millis.shrink_to_fit();
    sample.disks.shrink_to_fit();
    sample.devices.shrink_to_fit();
    sample.networks.shrink_to_fit();
    sample.processes.shrink_to_fit();
    sample.workspaces.shrink_to_fit();
    sample
}

fn usage(sample: &TelemetrySample) -> NodeUsage {
    let memory = &sample.memory;
    let disks = sample.disks.iter().filter(|disk| disk.total_bytes > 0);
    let disks = disks.map(|disk| DiskUsage {
        path: disk.path.clone(),
        used_bytes: disk.total_bytes.saturating_sub(disk.available_bytes),
        total_bytes: disk.total_bytes,
    });
    let share =
        |disk: &DiskUsage| u128::from(disk.used_bytes) * 1_000 / u128::from(disk.total_bytes);
    NodeUsage {
        at: sample.at,
        cpu_millis: metrics::cpu_millis(sample),
        memory_used_bytes: memory.total_bytes.saturating_sub(memory.available_bytes),
        memory_total_bytes: memory.total_bytes,
        disk: disks.max_by_key(share),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_names_the_fullest_disk() {
        let mut sample = samples::sample(7);
        let mut fuller = sample.disks[0].clone();
        fuller.path = "/data".to_owned();
        fuller.available_bytes = 1;
        let mut none = fuller.clone();
        none.total_bytes = 0;
        sample.disks.extend([fuller, none]);
        let usage = usage(&sample);
        assert_eq!((usage.at.0, usage.cpu_millis), (7, 200));
        assert_eq!(usage.memory_used_bytes, 2 << 30);
        assert_eq!(usage.disk.unwrap().path, "/data");
    }

    #[test]
    fn an_older_measurement_does_not_take_the_place_of_a_newer() {
        let telemetry = Telemetry::default();
        let node = NodeId::from_uuid(uuid::Uuid::from_u128(1));
        for at in [5, 9, 7] {
            telemetry.tell_latest(node, samples::sample(at));
        }
        assert_eq!(telemetry.usage(node).unwrap().at.0, 9);
        telemetry.forget(node);
        assert_eq!(telemetry.usage(node), None);
    }
}
