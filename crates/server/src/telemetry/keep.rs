//! Taking measurements over into the database: as they are, by the minute, by the hour.
//!
//! Minutes are summed up again from all that is kept of them, and hours from their minutes. So what
//! comes twice counts once, and what comes late counts where it belongs, in whatever order.

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;

use super::block::Block;
use super::rollup::{self, HOUR_MS, MINUTE_MS};
use super::store::{self, Resolution};
use crate::config;
use crate::ctx::Conn;
use crate::error::Result;

/// From when on what is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    now: Timestamp,
    raw_ms: i64,
    minutes_ms: i64,
    hours_ms: i64,
}

impl Kept {
    pub(super) fn new(config: &config::Telemetry, now: Timestamp) -> Self {
        Self {
            now,
            raw_ms: i64::from(config.raw_hours) * HOUR_MS,
            minutes_ms: i64::from(config.minute_days) * 24 * HOUR_MS,
            hours_ms: i64::from(config.hour_days) * 24 * HOUR_MS,
        }
    }

    /// What ended before this is kept no longer.
    pub(super) fn from(self, resolution: Resolution) -> Timestamp {
        let ms = match resolution {
            Resolution::Raw => self.raw_ms,
            Resolution::Minute => self.minutes_ms,
            Resolution::Hour => self.hours_ms,
        };
        self.now.plus_ms(-ms)
    }

    fn holds(self, resolution: Resolution, start: i64) -> bool {
        start.saturating_add(resolution.span_ms()) > self.from(resolution).0
    }
}

/// Takes over a node's measurements.
pub(super) async fn absorb(conn: &mut Conn, node: NodeId, new: &Block, kept: Kept) -> Result<()> {
    let mut minutes = Block::default();
    for (start, part) in parts(new, Resolution::Raw) {
        let raw = if kept.holds(Resolution::Raw, start) {
            merged(conn, node, Resolution::Raw, start, &part).await?
        } else {
            part.clone()
        };
        for minute in rollup::rows(&part, MINUTE_MS).times() {
            let rows = raw.rows(*minute, minute + MINUTE_MS);
            minutes.put(*minute, rollup::row(&raw, rows));
        }
    }
    for (start, part) in parts(&minutes, Resolution::Minute) {
        let by_minute = if kept.holds(Resolution::Minute, start) {
            merged(conn, node, Resolution::Minute, start, &part).await?
        } else {
            part
        };
        let day = Resolution::Hour.span(start);
        if kept.holds(Resolution::Hour, day) {
            let hour = rollup::rows(&by_minute, HOUR_MS);
            merged(conn, node, Resolution::Hour, day, &hour).await?;
        }
    }
    Ok(())
}

/// The spans that a block's rows are in, with those rows.
fn parts(block: &Block, resolution: Resolution) -> Vec<(i64, Block)> {
    let mut parts = Vec::new();
    let mut next = block.times().first().copied();
    while let Some(at) = next {
        let start = resolution.span(at);
        let end = start.saturating_add(resolution.span_ms());
        parts.push((start, block.cut(start, end)));
        let rest = block.rows(end, i64::MAX);
        next = block.times().get(rest.start).copied();
    }
    parts
}

/// What is kept of a span, with these rows in place of those at the same times; written if that is new.
async fn merged(
    conn: &mut Conn,
    node: NodeId,
    resolution: Resolution,
    start: i64,
    new: &Block,
) -> Result<Block> {
    let known = store::span(conn, node, resolution, start).await?;
    let mut merged = known.clone();
    merged.merge(new);
    if merged != known {
        store::put_span(conn, node, resolution, start, &merged).await?;
    }
    Ok(merged)
}
