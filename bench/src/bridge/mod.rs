//! A real node daemon behind a real tunnel: what the way through it costs.

pub(crate) mod files;
mod stalled;

use std::path::Path;
use std::time::Duration;

use crate::control_plane::ControlPlane;
use crate::joined::{JoinedNode, Joining, Line};
use crate::node_idle;
use crate::report::{Report, ratio, time};
use crate::terminal::{ECHO, alternate};

/// How long the idle daemon is watched: six of its measurements of the machine.
const IDLE: Duration = Duration::from_secs(60);

pub(crate) async fn measure(
    server: &ControlPlane,
    program: &Path,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let plain = Line::Plain {
        address: &server.address,
    };
    // The second is there for scale: what of the cost is TLS.
    let nodes = [
        JoinedNode::start(&Joining::new(server, program, Line::pinned(server))).await?,
        JoinedNode::start(&Joining::new(server, program, plain)).await?,
    ];
    let measured = measure_on(server, &nodes, scale, report).await;
    let mut ended = measured.and(server.finish().await);
    for node in nodes {
        ended = ended.and(node.leave(program).await);
    }
    ended
}

async fn measure_on(
    server: &ControlPlane,
    nodes: &[JoinedNode; 2],
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    node_idle::watch(&nodes[0], IDLE / scale, report).await?;
    let ids = [server.local_node().await?, nodes[0].id, nodes[1].id];
    let mut workspaces = Vec::new();
    for (id, name) in ids.iter().zip(["local", "tunnel", "plain"]) {
        let name = format!("bench {name}");
        workspaces.push(server.workspace_on(&name, Some(*id)).await?);
    }
    let [local, tunnel, plain] = workspaces[..] else {
        anyhow::bail!("three workspaces were made");
    };
    let connect = async |id| {
        let terminal = server.terminal(id, ECHO).await?;
        server.attach(id, &terminal).await
    };
    let sockets = [
        connect(local).await?,
        connect(tunnel).await?,
        connect(plain).await?,
    ];
    let [local_echo, tunnel_echo, plain_echo] = alternate(sockets, scale).await?;
    for (name, share, bound) in [("p50", 0.5, 2.2), ("p99", 0.99, 3.0)] {
        let (ours, base) = (tunnel_echo.quantile(share), local_echo.quantile(share));
        let ratio = ratio(ours, base);
        report.row(
            &format!("key echo through the tunnel, {name}"),
            format!("{} ({ratio:.2} ×)", time(ours)),
            format!(
                "{} on the local node, {} through a tunnel without TLS",
                time(base),
                time(plain_echo.quantile(share))
            ),
            &format!("≤ {bound} ×"),
            ratio <= bound,
        );
    }
    files::measure(server, [local, tunnel, plain], scale, report).await?;
    stalled::measure(server, &nodes[0], tunnel, report).await
}
