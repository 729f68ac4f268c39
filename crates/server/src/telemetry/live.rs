//! The streams of nodes that somebody watches: one for each, however many watch it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::NodeId;
use atelier_api::node::TelemetrySample;
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::ctx::Ctx;
use crate::error::{Chain, Error, Result};
use crate::nodes;

/// How soon a stream that ended is opened again.
const AGAIN: Duration = Duration::from_secs(2);

/// The longest line that is read, in bytes.
const LINE_MAX: usize = 1 << 20;

/// Who watches what.
#[derive(Debug, Default)]
pub(super) struct Watched(Mutex<HashMap<NodeId, watch::Sender<Option<Arc<TelemetrySample>>>>>);

/// The newest measurement of a node, and each that follows, by our clock.
pub(super) fn watch(ctx: &Ctx, node: NodeId) -> watch::Receiver<Option<Arc<TelemetrySample>>> {
    let telemetry = ctx.app().telemetry();
    let mut watched = telemetry.live.0.lock();
    if let Some(sender) = watched.get(&node) {
        return sender.subscribe();
    }
    let (sender, receiver) = watch::channel(telemetry.latest(node));
    watched.insert(node, sender.clone());
    let reading = ctx.clone();
    ctx.app().tasks().spawn("telemetry_live", async move {
        loop {
            tokio::select! {
                () = read(&reading, node, &sender) => {}
                () = sender.closed() => {}
            }
            let mut watched = reading.app().telemetry().live.0.lock();
            // Under the lock: who comes now finds it, or begins anew.
            if sender.receiver_count() == 0 {
                watched.remove(&node);
                return;
            }
        }
    });
    receiver
}

/// Passes on what comes, and waits a moment after the stream's end.
async fn read(ctx: &Ctx, node: NodeId, sender: &watch::Sender<Option<Arc<TelemetrySample>>>) {
    if let Err(error) = follow(ctx, node, sender).await {
        tracing::debug!(node.id = %node, error = %Chain(&error), "a server's live measurements ended");
    }
    tokio::time::sleep(AGAIN).await;
}

async fn follow(
    ctx: &Ctx,
    node: NodeId,
    sender: &watch::Sender<Option<Arc<TelemetrySample>>>,
) -> Result<()> {
    let client = nodes::connected_client(ctx.app(), node)?;
    let mut stream = client.telemetry_live().await?;
    let mut line = Vec::new();
    while let Some(bytes) = stream.next().await {
        for byte in bytes.map_err(Error::internal)? {
            if byte != b'\n' {
                line.push(byte);
                continue;
            }
            let sample = serde_json::from_slice(&line).map_err(Error::internal)?;
            line.clear();
            tell(ctx, node, sender, sample);
        }
        if line.len() > LINE_MAX {
            return Err(Error::internal("a measurement is too long"));
        }
    }
    Ok(())
}

fn tell(
    ctx: &Ctx,
    node: NodeId,
    sender: &watch::Sender<Option<Arc<TelemetrySample>>>,
    sample: TelemetrySample,
) {
    let telemetry = ctx.app().telemetry();
    let Some(sample) = telemetry.clock_of(node).believed(sample, ctx.now()) else {
        return;
    };
    telemetry.tell_latest(node, sample.clone());
    sender.send_if_modified(|newest| {
        // The stream begins with one that was asked for before, perhaps.
        let is_newer = newest.as_ref().is_none_or(|known| known.at < sample.at);
        if is_newer {
            *newest = Some(Arc::new(sample));
        }
        is_newer
    });
}
