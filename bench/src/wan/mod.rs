//! A node at the other end of a long line: two network namespaces, and a relay that makes packets late,
//! lost, and slow. What plain TCP makes of the same line is measured beside it.

mod echo;
mod files;
mod plain;

use std::fs;
use std::path::Path;
use std::time::Duration;

use atelier_testkit::network::{HERE, Network};

use crate::control_plane::ControlPlane;
use crate::joined::{JoinedNode, Joining, Line};
use crate::report::Report;
use plain::{Far, Plain};

/// How long packets wait in front of the slowest part of the line, at most; what comes then is dropped.
const QUEUE: Duration = Duration::from_millis(100);
/// What the relay itself must pass, in MB/s, so that it is the line that is measured: 500 Mbit/s.
const RELAY: f64 = 62.5;
/// How much is sent to see that, in bytes.
const RELAY_BYTES: u64 = 512 << 20;

/// Moves to the machine of the control plane, and measures from there.
pub(crate) fn measure(program: &Path, scale: u32, report: &mut Report) -> anyhow::Result<()> {
    // It says why.
    let Some(network) = Network::new() else {
        return Ok(());
    };
    network.queue(QUEUE);
    network.here.run(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(measure_here(&network, program, scale, report))
    })
}

async fn measure_here(
    network: &Network,
    program: &Path,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let far = Far::serve(&network.there)?;
    println!("plain TCP has the congestion control {}", congestion()?);
    relay(&far, scale, report).await?;
    let server = ControlPlane::start_at(program, HERE).await?;
    files::measure(&server, program, network, &far, scale, report).await?;
    echo::measure(&server, program, network, &far, scale, report).await
}

/// What this machine's sockets have unless they ask for another; and what they can ask for.
fn congestion() -> anyhow::Result<String> {
    let setting = |name| -> anyhow::Result<String> {
        let text = fs::read_to_string(format!("/proc/sys/net/ipv4/{name}"))?;
        Ok(text.trim().to_owned())
    };
    let own = setting("tcp_congestion_control")?;
    let available = setting("tcp_available_congestion_control")?;
    Ok(format!("{own}; there are {available}"))
}

/// The line before it is made long.
async fn relay(far: &Far, scale: u32, report: &mut Report) -> anyhow::Result<()> {
    let mut plain = Plain::open(far).await?;
    let rate = plain.rate(RELAY_BYTES / u64::from(scale)).await?;
    report.row(
        "the relay of the long lines, neither late nor slow: a plain TCP stream",
        format!("{rate:.0} MB/s"),
        String::from("–"),
        "≥ 62.5 MB/s (500 Mbit/s)",
        rate >= RELAY,
    );
    Ok(())
}

/// A node on the other machine, which has found the line as it now is.
async fn join(
    server: &ControlPlane,
    program: &Path,
    network: &Network,
) -> anyhow::Result<JoinedNode> {
    let mut joining = Joining::new(server, program, Line::pinned(server));
    joining.machine = Some(&network.there);
    JoinedNode::start(&joining).await
}
