//! Readers that stop, and what they cost the others.

use std::time::{Duration, Instant};

use atelier_api::ids::WorkspaceId;
use futures_util::future::try_join_all;

use super::files;
use crate::control_plane::ControlPlane;
use crate::joined::JoinedNode;
use crate::memory::resident;
use crate::report::{Report, median, rate};

/// How many stop.
const READERS: u64 = 64;
/// Until what is on its way to them has come as far as it will.
const SETTLE: Duration = Duration::from_secs(5);

pub(super) async fn measure(
    server: &ControlPlane,
    node: &JoinedNode,
    id: WorkspaceId,
    report: &mut Report,
) -> anyhow::Result<()> {
    let processes = [i32::try_from(server.pid())?, node.pid()];
    let memory = || -> anyhow::Result<u64> {
        let [server, node] = processes;
        Ok(resident(server)? + resident(node)?)
    };
    let mut alone = downloads(server, id).await?;
    let before = memory()?;
    let requests = (0..READERS).map(|_| files::download(server, id).send());
    // Held, not read.
    let stalled = try_join_all(requests).await?;
    tokio::time::sleep(SETTLE).await;
    let each = memory()?.saturating_sub(before) / READERS;
    let beside = median(downloads(server, id).await?);
    for response in stalled {
        response.error_for_status()?;
    }
    // Before and after: a machine that others use too has faster and slower minutes.
    alone.extend(downloads(server, id).await?);
    let alone = median(alone);
    report.row(
        &format!("{READERS} downloads through the tunnel that stop reading: rate of another"),
        format!("{beside:.0} MB/s ({:.2} ×)", beside / alone),
        format!("{alone:.0} MB/s without them"),
        "unaffected (≥ 0.9 ×)",
        beside >= 0.9 * alone,
    );
    let work = "… growth of server and node daemon for each";
    crate::memory::kib(report, work, each, 2_000);
    Ok(())
}

/// The rates of some downloads, one after the other.
async fn downloads(server: &ControlPlane, id: WorkspaceId) -> anyhow::Result<Vec<f64>> {
    let mut rates = Vec::new();
    for _ in 0..5 {
        let began = Instant::now();
        let bytes = files::received(files::download(server, id)).await?;
        rates.push(rate(bytes, began.elapsed()));
    }
    Ok(rates)
}
