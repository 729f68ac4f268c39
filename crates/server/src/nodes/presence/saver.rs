//! Writes down when nodes were last seen: late, and many at once.

use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use tokio_util::sync::CancellationToken;

use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::nodes::store;

/// How often what has changed is written.
const EVERY: Duration = Duration::from_secs(10);

/// Every so many turns all that are there are written: a control plane that is killed then says of a
/// node that it was last seen at most ten minutes too early.
const ALL_EVERY: u32 = 60;

/// How many rows one transaction writes, so that nobody waits long for the writer.
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
    while !unsaved.is_empty() {
        let rest = unsaved.split_off(unsaved.len().min(BATCH));
        if let Err(error) = write(ctx, &unsaved).await {
            tracing::warn!(error = %Chain(&error), "when servers were last seen could not be written");
            presences.put_back(unsaved);
            presences.put_back(rest);
            return;
        }
        unsaved = rest;
    }
}

async fn write(ctx: &Ctx, seen: &[(NodeId, Timestamp)]) -> Result<()> {
    let mut tx = ctx.app().db().begin().await?;
    store::set_last_seen(&mut tx, seen).await?;
    // No cache holds what it changes but `rows.rs`, where nobody reads it.
    Ok(tx.commit_log().await?)
}
