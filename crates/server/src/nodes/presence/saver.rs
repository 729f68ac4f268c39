//! Writes down when nodes were last seen, and when their lines went up and down: late, and many at once.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::nodes::presence::Unsaved;
use crate::nodes::store;

/// How often what has changed is written.
const EVERY: Duration = Duration::from_secs(10);

/// Every so many turns all that are there are written: a control plane that is killed then says of a
/// node that it was last seen at most ten minutes too early.
const ALL_EVERY: u32 = 60;

/// How many rows of each table one transaction writes, so that nobody waits long for the writer.
const BATCH: usize = 500;

/// Runs until the shutdown, and writes what is left then.
pub(in crate::nodes) async fn run(ctx: Ctx, stop: CancellationToken) {
    let mut turn = 0_u32;
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        turn = turn.wrapping_add(1);
        if stopped || turn.is_multiple_of(ALL_EVERY) {
            ctx.app().nodes().presences.see_all(ctx.now());
        }
        save(&ctx).await;
        if stopped {
            return;
        }
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
