//! Writes down when nodes were last seen, and when their lines went up and down: late, and many at once. Some
//! time after the start, which have not come back, too.

use std::time::Duration;

use atelier_api::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::nodes::presence::Unsaved;
use crate::nodes::presence::away::Search;
use crate::nodes::store;

/// How often what has changed is written.
const EVERY: Duration = Duration::from_secs(10);

/// Every so many turns all that are there are written: a control plane that is killed then says of a
/// node that it was last seen at most ten minutes too early.
const ALL_EVERY: u32 = 60;

/// How many rows of each table one transaction writes, so that nobody waits long for the writer.
const BATCH: usize = 500;

/// While more than so many come within a turn, as after a restart, nothing is written: letting them in is work
/// enough.
const MANY: usize = 1_000;

/// But not for more turns than this: half a minute.
const LET_PASS_MAX: u32 = 3;

/// Runs until the shutdown, and writes what is left then. `started`: when this process did.
pub(in crate::nodes) async fn run(ctx: Ctx, started: Timestamp, stop: CancellationToken) {
    let presences = &ctx.app().nodes().presences;
    let (mut turn, mut rush) = (0_u32, Rush::default());
    let mut away = Search::new(started);
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        if !stopped && rush.lasts(presences.unsaved()) {
            continue;
        }
        turn = turn.wrapping_add(1);
        if stopped || turn.is_multiple_of(ALL_EVERY) {
            presences.see_all(ctx.now());
        }
        save(&ctx).await;
        while away.is_due(ctx.now()) && away.go_on(&ctx).await {
            save(&ctx).await;
        }
        if stopped {
            return;
        }
    }
}

/// Many servers that come or go.
#[derive(Debug, Default)]
struct Rush {
    /// How many waited to be written at the last turn that was let pass.
    waited: usize,
    /// How many turns in a row were.
    passed: u32,
}

impl Rush {
    /// Whether this turn is let pass, with so many waiting.
    fn lasts(&mut self, waiting: usize) -> bool {
        let more = waiting.saturating_sub(self.waited);
        if more > MANY && self.passed < LET_PASS_MAX {
            self.waited = waiting;
            self.passed += 1;
            return true;
        }
        *self = Self::default();
        false
    }
}

async fn save(ctx: &Ctx) {
    let presences = &ctx.app().nodes().presences;
    let mut unsaved = presences.take_unsaved();
    if unsaved.lost > 0 {
        tracing::warn!(
            count = unsaved.lost,
            "of servers' lines that went up and down the oldest are forgotten: they could not be written"
        );
    }
    while !unsaved.is_empty() {
        let rest = unsaved.split_off(BATCH);
        if let Err(error) = write(ctx, &unsaved).await {
            tracing::warn!(error = %Chain(&error), "when servers were last seen could not be written");
            // What is older goes before what is newer.
            presences.put_back(rest);
            presences.put_back(unsaved);
            return;
        }
        unsaved = rest;
    }
}

async fn write(ctx: &Ctx, unsaved: &Unsaved) -> Result<()> {
    let mut tx = ctx.app().db().begin().await?;
    store::set_last_seen(&mut tx, &unsaved.seen).await?;
    store::add_changes(&mut tx, &unsaved.changes).await?;
    // No cache holds what it changes but `rows.rs`, where nobody reads it.
    Ok(tx.commit_log().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_a_rush_is_written_after_it() {
        let mut rush = Rush::default();
        let turns = [9_000, 10_000, 10, 0, 1_000].map(|waiting| rush.lasts(waiting));
        assert_eq!(turns, [true, false, false, false, false]);
    }

    #[test]
    fn a_rush_without_end_is_written_all_the_same() {
        let mut rush = Rush::default();
        let turns = [2_000, 4_000, 6_000, 8_000, 2_000].map(|waiting| rush.lasts(waiting));
        assert_eq!(turns, [true, true, true, false, true]);
    }
}
