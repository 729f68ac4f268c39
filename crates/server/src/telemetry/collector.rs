//! The collector: three tasks for all nodes together, so that ten thousand of them cost ten thousand
//! small entries and no task, stream or timer each.
//!
//! * `poll.rs` asks every connected node for what is new, in turn;
//! * `flush.rs` writes what has come, many nodes in a transaction;
//! * `fill.rs` fetches what an outage left out, slowly and newest first.

mod fill;
mod flush;
mod poll;
mod track;

use std::sync::Arc;
use std::time::Instant;

use atelier_api::ids::NodeId;
use atelier_api::node::TelemetrySample;

use super::Telemetry;
use super::block::{self, Block};
use super::metrics;
use crate::app::App;
use crate::ctx::Ctx;

pub(super) use poll::refresh;
pub(super) use track::{Gap, Track};

/// So many measurements are written at once: five minutes.
const FLUSH_ROWS: usize = 30;

/// Where writing fails, no more than so many wait: the node has them still.
const PENDING_MAX: usize = 4 * FLUSH_ROWS;

/// What is held of one node.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Absent until it was read.
    track: Option<Track>,
    /// What has come and is not written yet: the bytes of a block.
    pending: Box<[u8]>,
    /// How many rows that are.
    rows: usize,
    /// Since when the oldest of them waits.
    since: Option<Instant>,
    /// It is being asked.
    asked: bool,
    /// When it was asked last.
    asked_at: Option<Instant>,
    pub(super) latest: Option<Arc<TelemetrySample>>,
}

impl Held {
    fn pending(&self) -> Block {
        // What this process has just written there is a block.
        block::decode(&self.pending).unwrap_or_default()
    }

    fn set_pending(&mut self, block: &Block) {
        self.rows = block.len();
        if block.is_empty() {
            self.pending = Box::default();
            self.since = None;
        } else {
            self.pending = block::encode(block).into();
            self.since.get_or_insert_with(Instant::now);
        }
    }
}

impl Telemetry {
    /// What has come of a node and is not written yet.
    pub(super) fn pending(&self, node: NodeId) -> Block {
        let nodes = self.nodes.lock();
        nodes.get(&node).map(Held::pending).unwrap_or_default()
    }

    /// By how much a node's clock is ahead, as far as is known.
    pub(super) fn clock_of(&self, node: NodeId) -> Track {
        let nodes = self.nodes.lock();
        let track = nodes.get(&node).and_then(|held| held.track.as_ref());
        Track {
            offset: track.map_or(0, |track| track.offset),
            ..Track::default()
        }
    }
}

/// A block of these measurements.
fn block_of(samples: &[TelemetrySample]) -> Block {
    let mut block = Block::default();
    for sample in samples {
        block.put(sample.at.0, metrics::values(sample));
    }
    block
}

/// Starts collecting, unless the configuration wants none.
pub(crate) fn start(app: &App) {
    if !app.config().telemetry.enabled {
        return;
    }
    let ctx = Ctx::system(app, "telemetry");
    let polling = poll::run(ctx.clone());
    app.tasks().spawn("telemetry_poll", polling);
    let filling = fill::run(ctx.clone());
    app.tasks().spawn("telemetry_fill", filling);
    app.tasks()
        .spawn_graceful("telemetry_flush", |stop| flush::run(ctx, stop));
}
