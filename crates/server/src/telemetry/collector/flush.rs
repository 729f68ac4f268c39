//! Writes what has come.

use std::collections::HashSet;
use std::time::Duration;

use atelier_api::ids::NodeId;
use tokio_util::sync::CancellationToken;

use super::super::block::Block;
use super::super::keep::{self, Kept};
use super::super::store::{self, Resolution};
use super::{FLUSH_ROWS, Track};
use crate::ctx::Ctx;
use crate::error::{Chain, Result};
use crate::nodes;

/// How often it is looked what is to be written.
const EVERY: Duration = Duration::from_secs(1);

/// Every so many turns it is looked whose line is down: what they sent is all there is, and is written.
const GONE_EVERY: u32 = 5;

/// What waits for longer is written, however little it is.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// How many nodes one transaction writes for: some milliseconds, so that nobody waits long.
const BATCH: usize = 12;

/// At a time, one in so many of all nodes is written for: all within four minutes.
const SHARE: usize = 240;

/// How long the last writing may take, at the shutdown; the nodes have what it leaves.
const LAST_WITHIN: Duration = Duration::from_secs(2);

/// How many spans are removed in a transaction, and how often it is looked for such.
const PRUNED: u32 = 200;
const PRUNE_EVERY: u32 = 30;

/// Runs until the shutdown, and writes what is left then.
pub(super) async fn run(ctx: Ctx, stop: CancellationToken) {
    let mut failing = false;
    let mut turn = 0_u32;
    loop {
        let stopped = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        if stopped {
            let last = write_all(&ctx, waiting(&ctx, &Which::All));
            if !matches!(tokio::time::timeout(LAST_WITHIN, last).await, Ok(Ok(()))) {
                tracing::info!("some measurements were not written; they are asked for again");
            }
            return;
        }
        turn = turn.wrapping_add(1);
        let which = if turn.is_multiple_of(GONE_EVERY) {
            Which::FullOrGone(nodes::connected(&ctx).await)
        } else {
            Which::Full
        };
        let mut written = write_all(&ctx, waiting(&ctx, &which)).await;
        if written.is_ok() && turn % PRUNE_EVERY == 1 {
            written = prune(&ctx).await;
        }
        // Said once: a database that is away stays away for a while.
        match written {
            Ok(()) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(
                    error = %Chain(&error),
                    "measurements cannot be written; servers keep them until they can"
                );
            }
            Err(_) => {}
        }
    }
}

/// Whose measurements are written.
enum Which {
    /// Of those of whom enough has come, or has waited long enough.
    Full,
    /// And of those who are not among the connected.
    FullOrGone(HashSet<NodeId>),
    /// At the end, everybody's.
    All,
}

fn waiting(ctx: &Ctx, which: &Which) -> Vec<NodeId> {
    let held = ctx.app().telemetry().nodes.lock();
    let due = held.iter().filter(|(node, held)| {
        let waited = || held.since.is_some_and(|since| since.elapsed() >= WAIT_MAX);
        let named = || match which {
            Which::Full => false,
            Which::FullOrGone(connected) => !connected.contains(node),
            Which::All => true,
        };
        held.rows > 0 && (held.rows >= FLUSH_ROWS || waited() || named())
    });
    let mut due: Vec<_> = due.map(|(node, held)| (held.since, *node)).collect();
    due.sort_unstable();
    if !matches!(which, Which::All) {
        due.truncate(BATCH.max(held.len() / SHARE));
    }
    due.into_iter().map(|(_, node)| node).collect()
}

async fn write_all(ctx: &Ctx, nodes: Vec<NodeId>) -> Result<()> {
    for batch in nodes.chunks(BATCH) {
        if write(ctx, batch).await.is_ok() {
            continue;
        }
        // One that was removed just now must not hold the others up.
        for node in batch {
            write(ctx, &[*node]).await?;
        }
    }
    Ok(())
}

/// What is written of a node, and how far it is then.
struct Part {
    node: NodeId,
    block: Block,
    track: Track,
}

async fn write(ctx: &Ctx, batch: &[NodeId]) -> Result<()> {
    let parts: Vec<Part> = {
        let held = ctx.app().telemetry().nodes.lock();
        let part = |node: &NodeId| {
            let held = held.get(node)?;
            Some(Part {
                node: *node,
                block: held.pending(),
                track: held.track.clone()?,
            })
        };
        batch.iter().filter_map(part).collect()
    };
    let kept = Kept::new(&ctx.app().config().telemetry, ctx.now());
    let mut tx = ctx.app().db().begin().await?;
    for Part { node, block, track } in &parts {
        if !nodes::exists(&mut tx, *node).await? {
            ctx.app().telemetry().forget(*node);
            continue;
        }
        keep::absorb(&mut tx, *node, block, kept).await?;
        store::put_track(&mut tx, *node, track).await?;
    }
    // Nothing that a cache holds is changed.
    tx.commit_log().await?;
    let mut held = ctx.app().telemetry().nodes.lock();
    for Part { node, block, .. } in parts {
        if let Some(held) = held.get_mut(&node)
            && let Some(last) = block.times().last()
        {
            // What came meanwhile is later.
            let rest = held.pending().cut(last.saturating_add(1), i64::MAX);
            held.since = None;
            held.set_pending(&rest);
        }
    }
    Ok(())
}

/// Removes what is kept no longer, some at a time.
async fn prune(ctx: &Ctx) -> Result<()> {
    let kept = Kept::new(&ctx.app().config().telemetry, ctx.now());
    for resolution in Resolution::ALL {
        loop {
            let mut tx = ctx.app().db().begin().await?;
            let removed = store::prune(&mut tx, resolution, kept.from(resolution), PRUNED).await?;
            tx.commit_log().await?;
            if removed < u64::from(PRUNED) {
                break;
            }
        }
    }
    Ok(())
}
