//! A large file over a line of 400 Mbit/s with a round trip of 50 ms, alone and in eight parts at once.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use atelier_api::ids::WorkspaceId;
use atelier_testkit::network::Network;
use bytes::Bytes;
use futures_util::future::try_join_all;

use super::plain::{Far, Plain};
use crate::bridge::files::{Way, transfer};
use crate::control_plane::ControlPlane;
use crate::report::{Report, median, rate};

/// The line: bytes in a second, those of the packets' headers too; and half of its round trip.
const LINE: u32 = 400_000_000 / 8;
const LATE: Duration = Duration::from_millis(25);
/// What is transferred, in one stream or by all together, in bytes.
const SIZE: u64 = 256 << 20;
/// The share of the line that content must have.
const BOUND: f64 = 0.9;

pub(super) async fn measure(
    server: &ControlPlane,
    program: &Path,
    network: &Network,
    far: &Far,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    network.delay(LATE);
    network.slow(LINE);
    let node = super::join(server, program, network).await?;
    let measured = match server.workspace_on("bench far away", Some(node.id)).await {
        Ok(id) => measure_on(server, id, far, scale, report).await,
        Err(error) => Err(error),
    };
    let ended = measured.and(server.finish().await);
    ended.and(node.leave(program).await)
}

async fn measure_on(
    server: &ControlPlane,
    id: WorkspaceId,
    far: &Far,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let runs = if scale == 1 { 5 } else { 1 };
    for streams in [1, 8] {
        let part = SIZE / streams;
        let content = Bytes::from(vec![7; usize::try_from(part)?]);
        let opening = (0..streams).map(|_| Plain::open(far));
        let mut plain = try_join_all(opening).await?;
        // What goes up is what comes down then.
        for way in [Way::Up, Way::Down] {
            // Both find out how fast the line is, and the tunnel's bulk connection stands.
            together(server, id, way, streams, &content).await?;
            beside(&mut plain, way, &content).await?;
            let mut rates = [const { Vec::new() }; 2];
            for _ in 0..runs {
                let began = Instant::now();
                together(server, id, way, streams, &content).await?;
                rates[0].push(rate(part * streams, began.elapsed()));
                let began = Instant::now();
                beside(&mut plain, way, &content).await?;
                rates[1].push(rate(part * streams, began.elapsed()));
            }
            let [tunnel, plain] = rates.map(median);
            let share = tunnel * 1e6 / f64::from(LINE);
            report.row(
                &format!(
                    "256 MiB {way} through the tunnel over 400 Mbit/s with a round trip of 50 ms, \
                     in {streams} at once"
                ),
                format!("{tunnel:.1} MB/s ({:.1} % of the line)", share * 100.0),
                format!("{plain:.1} MB/s by as many plain TCP streams"),
                "≥ 90 %",
                share >= BOUND,
            );
        }
    }
    Ok(())
}

/// Through the tunnel.
async fn together(
    server: &ControlPlane,
    id: WorkspaceId,
    way: Way,
    streams: u64,
    content: &Bytes,
) -> anyhow::Result<()> {
    let transfers = (0..streams).map(|number| transfer(server, way, id, number, content));
    try_join_all(transfers).await.map(drop)
}

/// Beside it.
async fn beside(plain: &mut [Plain], way: Way, content: &Bytes) -> anyhow::Result<()> {
    let received = AtomicU64::new(0);
    match way {
        Way::Down => {
            let bytes = content.len() as u64;
            let transfers = plain.iter_mut().map(|plain| plain.down(bytes, &received));
            try_join_all(transfers).await.map(drop)
        }
        Way::Up => {
            let transfers = plain.iter_mut().map(|plain| plain.up(content));
            try_join_all(transfers).await.map(drop)
        }
    }
}
