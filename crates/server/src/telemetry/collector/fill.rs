//! Fetches what outages left out: newest first, an hour at a time, and so slowly that nobody notices.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use atelier_api::Timestamp;
use atelier_api::ids::NodeId;
use atelier_api::node::TelemetryQuery;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::super::block::Block;
use super::super::keep::{self, Kept};
use super::super::store;
use super::track::PAGE;
use super::{Gap, Held, block_of};
use crate::ctx::Ctx;
use crate::error::{Chain, Error, Result};
use crate::nodes::{self, Measurements, NodeClient};

/// So far apart hours are begun: five a second are a few percent of a core.
const APART: Duration = Duration::from_millis(200);

/// How soon it is looked again where no gap was found: all nodes are looked at for it.
const IDLE: Duration = Duration::from_secs(2);

/// After an hour a node rests for so many times as long as that took: no line, however slow, is
/// filled by more than a quarter.
const REST: u32 = 3;

/// A node's next attempt is not sooner.
const PAUSE_FAILED: Duration = Duration::from_secs(30);

/// How many nodes are filled at once, so that one behind a slow line does not hold the others up.
const AT_ONCE: usize = 4;

/// How long a page may take; on such a line the next attempt is not sooner.
const PAGE_WITHIN: Duration = Duration::from_secs(60);

/// How many pages an hour may have, of one that measures faster than it should.
const PAGES_MAX: usize = 20;

/// Fills gaps for as long as there are any.
pub(super) async fn run(ctx: Ctx) {
    let mut ticks = tokio::time::interval(APART);
    let mut filling = FuturesUnordered::new();
    // When each may go on; nothing while it is being filled.
    let mut rest: HashMap<NodeId, Option<Instant>> = HashMap::new();
    loop {
        tokio::select! {
            Some((node, filled)) = filling.next(), if !filling.is_empty() => {
                rest.insert(node, Some(Instant::now() + pause(node, filled)));
            }
            _ = ticks.tick(), if filling.len() < AT_ONCE => {
                let Some(node) = next(&ctx, &mut rest) else {
                    ticks.reset_after(IDLE);
                    continue;
                };
                rest.insert(node, None);
                let ctx = ctx.clone();
                filling.push(async move {
                    let began = Instant::now();
                    let filled = fill(&ctx, node).await;
                    (node, filled.map(|()| began.elapsed()))
                });
            }
        }
    }
}

fn pause(node: NodeId, filled: Result<Duration>) -> Duration {
    match filled {
        Ok(took) => took.saturating_mul(REST),
        Err(error) => {
            tracing::debug!(node.id = %node, error = %Chain(&error), "missed measurements are fetched later");
            PAUSE_FAILED
        }
    }
}

/// The connected node with a gap that has waited longest.
fn next(ctx: &Ctx, rest: &mut HashMap<NodeId, Option<Instant>>) -> Option<NodeId> {
    let held = ctx.app().telemetry().nodes.lock();
    let has_gap = |held: &Held| {
        let track = held.track.as_ref();
        track.is_some_and(|track| !track.gaps.is_empty())
    };
    rest.retain(|node, at| at.is_none() || held.get(node).is_some_and(has_gap));
    let now = Instant::now();
    let with_gap = held.iter().filter(|(_, held)| has_gap(held));
    let waiting = with_gap.filter_map(|(node, _)| match rest.get(node) {
        None => Some((now.checked_sub(PAUSE_FAILED), *node)),
        Some(Some(at)) if *at <= now => Some((Some(*at), *node)),
        Some(_) => None,
    });
    let waiting = waiting.filter(|(_, node)| nodes::connected_client(ctx.app(), *node).is_ok());
    waiting.min().map(|(_, node)| node)
}

/// Fetches the newest hour of a node's newest gap.
async fn fill(ctx: &Ctx, node: NodeId) -> Result<()> {
    let telemetry = ctx.app().telemetry();
    let track = telemetry
        .nodes
        .lock()
        .get(&node)
        .and_then(|held| held.track.clone());
    let Some((mut track, window)) = track.and_then(|track| Some((track.clone(), track.window()?)))
    else {
        return Ok(());
    };
    let client = nodes::connected_client(ctx.app(), node)?;
    let mut samples = fetch(&client, window).await?;
    let now = ctx.now();
    samples = samples
        .into_iter()
        .filter_map(|sample| track.believed(sample, now))
        .collect();
    track.filled(window);
    write(ctx, node, &block_of(&samples), &track.gaps).await?;
    if let Some(held) = telemetry.nodes.lock().get_mut(&node)
        && let Some(track) = &mut held.track
    {
        track.filled(window);
    }
    Ok(())
}

async fn write(ctx: &Ctx, node: NodeId, block: &Block, gaps: &[Gap]) -> Result<()> {
    let kept = Kept::new(&ctx.app().config().telemetry, ctx.now());
    let mut tx = ctx.app().db().begin().await?;
    if nodes::exists(&mut tx, node).await? {
        keep::absorb(&mut tx, node, block, kept).await?;
        store::put_gaps(&mut tx, node, gaps).await?;
    }
    // Nothing that a cache holds is changed.
    Ok(tx.commit_log().await?)
}

/// What the node has of a window.
async fn fetch(
    client: &NodeClient,
    window: Gap,
) -> Result<Vec<atelier_api::node::TelemetrySample>> {
    let mut found = Vec::new();
    let mut after = window.after;
    // The first tells whether there is anything: a whole page of what comes later would be in vain.
    let mut limit = 1;
    for _ in 0..PAGES_MAX {
        let query = TelemetryQuery {
            after: Some(Timestamp(after)),
            limit: Some(limit),
        };
        let asked = tokio::time::timeout(PAGE_WITHIN, client.telemetry_in_bulk(&query));
        let page = asked.await;
        let page = page.map_err(|_| Error::unavailable("The server did not answer in time."))??;
        limit = PAGE;
        let Measurements { list: page, unread } = page;
        let more = page.more;
        let asked_after = after;
        for sample in page.items {
            if sample.at.0 > window.until {
                return Ok(found);
            }
            if sample.at.0 > after {
                after = sample.at.0;
                found.push(sample);
            }
        }
        // What cannot be read is passed over.
        after = after.max(unread.map_or(i64::MIN, |unread| unread.0));
        if !more || after == asked_after || after >= window.until {
            break;
        }
    }
    Ok(found)
}
