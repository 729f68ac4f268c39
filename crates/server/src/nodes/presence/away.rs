//! Servers that stay away after a restart of the control plane. Their lines went down with the process before, which
//! told nobody: for all that come back that is no news.

use atelier_api::Timestamp;
use atelier_api::v1::nodes::NodeConnectionReason;

use super::Change;
use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::nodes::store::{self, LineUp};

/// How long after the start a server may be on its way back, in milliseconds. A daemon dials again within
/// 30 s, and ten thousand are let in within 15 s more. Should it be too short once, what is written is true all
/// the same: it was away until it came.
const ON_ITS_WAY_MAX_MS: i64 = 2 * 60 * 1_000;

/// How many rows are read at once: ten thousand servers in five reads, once.
const READ_AT_ONCE: u32 = 2_000;

/// The search for them, once after the start.
#[derive(Debug)]
pub(super) struct Search {
    started: Timestamp,
    /// The last that was looked at.
    after: String,
    ended: bool,
}

impl Search {
    pub(super) fn new(started: Timestamp) -> Self {
        Self {
            started,
            after: String::new(),
            ended: false,
        }
    }

    /// Whether it is time to go on.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        !self.ended && now.ms_since(self.started) >= ON_ITS_WAY_MAX_MS
    }

    /// Goes on where it was, and answers whether there was something: what is to be written is with the rest.
    pub(super) async fn go_on(&mut self, ctx: &Ctx) -> bool {
        let lines = match self.read(ctx).await {
            Ok(lines) => lines,
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "which servers stayed away after the start could not be read");
                return false;
            }
        };
        let Some(last) = lines.last() else {
            self.ended = true;
            return false;
        };
        self.after = last.node.to_string();
        let presences = &ctx.app().nodes().presences;
        presences.stayed_away(lines.iter().map(down));
        true
    }

    async fn read(&self, ctx: &Ctx) -> Result<Vec<LineUp>> {
        let mut conn = ctx.read().await?;
        store::lines_up(&mut conn, &self.after, READ_AT_ONCE).await
    }
}

/// When the server was last seen its line was still up. A process that was killed may not have written that
/// for ten minutes.
fn down(line: &LineUp) -> Change {
    let seen = line.last_seen_at.unwrap_or(line.since).max(line.since);
    Change::down(line.node, seen, NodeConnectionReason::StayedAway)
}
