//! The life of one connection of a node, from the upgrade to its end.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::NodeConnectionReason;
use atelier_tunnel::{
    AcceptError, AcceptOptions, Accepted, Attached, End, Lane, accept, peer, tune,
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::gate::{Gate, lost_right};
use super::presence::Change;
use super::rows::cached;
use super::store::NodeRow;
use super::wire;
use crate::ctx::Ctx;
use crate::error::Chain;

/// A node that is back within this time was never away, as far as people are told.
const GRACE: Duration = Duration::from_secs(2);

/// Lets a node in, keeps its connection in its place, and tells the news of both. `socket` is what the
/// connection runs on, where that is known.
pub(super) async fn run<I>(ctx: Ctx, io: I, socket: Option<OwnedFd>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Boxed, as leaving is: neither takes memory while the connection idles, ten thousand times.
    let entered = Box::pin(enter(&ctx, io, socket)).await;
    if let Some((id, lane, attached)) = entered {
        let (end, was_current) = attached.ended().await;
        tracing::info!(node.id = %id, lane = ?lane, "a server's connection ended: {end}");
        if lane == Lane::Interactive && was_current {
            // A silent line has had its time already: both ends know by now.
            let grace = match end {
                End::Silent(_) => Duration::ZERO,
                _ => GRACE,
            };
            Box::pin(leave(&ctx, id, &end, grace)).await;
        }
    }
}

async fn enter<I>(ctx: &Ctx, io: I, socket: Option<OwnedFd>) -> Option<(NodeId, Lane, Attached)>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let nodes = ctx.app().nodes();
    let options = AcceptOptions {
        admission: Some(Arc::clone(&nodes.admission)),
        peer: socket.as_ref().and_then(peer),
        nodes: nodes.tunnels.known(),
        ..AcceptOptions::default()
    };
    let address = ctx.origin().address.as_deref().unwrap_or("-");
    let tuned = |lane| {
        if let Some(socket) = &socket
            && let Err(error) = tune(socket, lane)
        {
            tracing::debug!(%error, "a server's socket cannot be tuned");
        }
    };
    // Until it says which it is, it is taken for the one that must not wait.
    tuned(Lane::Interactive);
    let accepted = match accept(io, &options, &Gate::new(ctx.clone())).await {
        Ok(accepted) => accepted,
        Err(AcceptError::Refused(refusal)) => {
            tracing::info!(address, reason = ?refusal.reason, "a server was not let in: {refusal}");
            return None;
        }
        Err(error) => {
            tracing::info!(address, error = %Chain(&error), "a server did not come in");
            return None;
        }
    };
    let Accepted {
        grant: read,
        hello,
        connection,
    } = accepted;
    let (row, lane) = (&read.row, hello.lane);
    if lane != Lane::Interactive {
        tuned(lane);
    }
    drop(socket);
    let attached = match nodes.tunnels.attach(&row.id, &hello.instance, connection) {
        Ok(attached) => attached,
        Err(error) => {
            tracing::info!(node.id = %row.id, "{error}");
            return None;
        }
    };
    if lane == Lane::Interactive {
        arrive(ctx, row);
    }
    // It may have been revoked or removed while it came in. From here on that ends this connection.
    if let Some(end) = lost_right(ctx, &read).await {
        attached.tunnel.end(&end);
        let gone = Change::down(row.id, ctx.now(), reason(&end));
        nodes.presences.gone(gone, || false);
        nodes.presences.forget(row.id);
        tell(ctx, row.id).await;
        return None;
    }
    Some((row.id, lane, attached))
}

fn arrive(ctx: &Ctx, row: &NodeRow) {
    let (app, now) = (ctx.app(), ctx.now());
    tracing::info!(node.id = %row.id, node.name = row.name, "a server is connected");
    if app.nodes().presences.arrived(row.id, now) {
        let news = wire::changed(app, row);
        app.events().publish(now, row.organization_id, news);
    }
    app.nodes().returned.notify_one();
}

async fn leave(ctx: &Ctx, id: NodeId, end: &End, grace: Duration) {
    let nodes = ctx.app().nodes();
    let left_at = ctx.now();
    nodes.presences.left(id, left_at);
    tokio::time::sleep(grace).await;
    let is_back = || nodes.tunnels.tunnel(&id).is_connected();
    let gone = Change::down(id, left_at, reason(end));
    if !nodes.presences.gone(gone, is_back) {
        return;
    }
    tell(ctx, id).await;
}

/// What people are told of an end. A lane that was replaced or not used is none of their server's line.
fn reason(end: &End) -> NodeConnectionReason {
    match end {
        End::Closed => NodeConnectionReason::Closed,
        End::Silent(silence) => NodeConnectionReason::Silent {
            silence_ms: u64::try_from(silence.as_millis()).unwrap_or(u64::MAX),
        },
        End::Revoked => NodeConnectionReason::Revoked,
        End::Rejoined => NodeConnectionReason::Rejoined,
        other => NodeConnectionReason::Failed {
            detail: other.to_string(),
        },
    }
}

/// Tells the news of a server, if there is one still.
async fn tell(ctx: &Ctx, id: NodeId) {
    match cached(ctx, id).await {
        Ok(row) => {
            let news = wire::changed(ctx.app(), &row);
            ctx.app()
                .events()
                .publish(ctx.now(), row.organization_id, news);
        }
        Err(error) => {
            tracing::info!(node.id = %id, error = %Chain(&error), "news of a server is not told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_a_servers_line_has_its_reason() {
        let failed = |detail: &str| NodeConnectionReason::Failed {
            detail: detail.to_owned(),
        };
        let silence_ms = 9_000;
        for (end, expected) in [
            (End::Closed, NodeConnectionReason::Closed),
            (
                End::Silent(Duration::from_secs(9)),
                NodeConnectionReason::Silent { silence_ms },
            ),
            (End::Revoked, NodeConnectionReason::Revoked),
            (End::Rejoined, NodeConnectionReason::Rejoined),
            (End::Failed("reset".to_owned()), failed("reset")),
            (End::Killed("a test".to_owned()), failed("a test")),
        ] {
            assert_eq!(reason(&end), expected);
        }
    }
}
