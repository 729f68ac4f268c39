//! Typing while four downloads fill a line of 50 Mbit/s with a round trip of 40 ms.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use atelier_api::ids::WorkspaceId;
use atelier_testkit::network::{Network, Traffic};
use futures_util::StreamExt as _;
use tokio::task::JoinSet;

use super::plain::{Far, Plain};
use crate::bridge::files::download;
use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, rate, time};
use crate::terminal::{ECHO, Socket};

/// The line: bytes in a second, those of the packets' headers too; and half of its round trip.
const LINE: u32 = 50_000_000 / 8;
const LATE: Duration = Duration::from_millis(20);
/// How many packets of thousand are lost in either direction, in turn.
const LOSSES: [u32; 2] = [0, 5];
/// How many downloads there are.
const DOWNLOADS: u32 = 4;
/// How large the file is that they fetch again and again: the line needs most of a minute for one.
const SIZE: u64 = 256 << 20;
/// How many keys are typed, one after the other.
const KEYS: u32 = 1_000;
/// Until downloads fill the line, and until nothing of them is left on it.
const SETTLE: Duration = Duration::from_secs(3);
/// What may come on top of the round trip, p50 and p99.
const BOUNDS: [(&str, f64, u64); 2] = [("p50", 0.5, 25), ("p99", 0.99, 80)];

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
    let measured = measure_on(server, node.id, network, far, scale, report).await;
    network.lose(0);
    let ended = measured.and(server.finish().await);
    ended.and(node.leave(program).await)
}

async fn measure_on(
    server: &ControlPlane,
    node: atelier_api::ids::NodeId,
    network: &Network,
    far: &Far,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace_on("bench typing", Some(node)).await?;
    make_file(server, id).await?;
    let terminal = server.terminal(id, ECHO).await?;
    let mut tunnel = server.attach(id, &terminal).await?;
    tunnel.settle().await?;
    let mut plain = Plain::open(far).await?;
    let alone = tunnel.echo(KEYS / 10 / scale).await?;
    println!(
        "key echo while nothing else is on the line: p50 {}",
        time(alone.median())
    );
    for per_mille in LOSSES {
        network.lose(per_mille);
        let mut load = Load::default();
        for _ in 0..DOWNLOADS {
            load.plain(far);
        }
        let base = load.meanwhile(network, plain.echo(KEYS / scale)).await?;
        // Nobody has read from the last one meanwhile, nor answered its pings, so that it may have been given up.
        tunnel = server.attach(id, &terminal).await?;
        tunnel.settle().await?;
        let mut load = Load::default();
        for _ in 0..DOWNLOADS {
            load.tunnel(server, id);
        }
        let ours = load.meanwhile(network, tunnel.echo(KEYS / scale)).await?;
        for (who, seen) in [("plain TCP", &base), ("the tunnel", &ours)] {
            println!("{per_mille} of 1000 lost, {who}: {seen}");
        }
        rows(per_mille, &ours, &base, report);
    }
    Ok(())
}

fn rows(per_mille: u32, ours: &Seen, base: &Seen, report: &mut Report) {
    let loss = match per_mille {
        0 => String::new(),
        _ => format!(", {:.1} % lost each way", f64::from(per_mille) / 10.0),
    };
    for (name, share, more) in BOUNDS {
        let bound = 2 * LATE + Duration::from_millis(more);
        let [p_ours, p_base] = [ours, base].map(|seen| seen.keys.quantile(share));
        report.row(
            &format!(
                "key echo beside {DOWNLOADS} downloads over 50 Mbit/s with a round trip of \
                 40 ms{loss}, {name}"
            ),
            format!(
                "{} ({:.1} % take longer than the bound; downloads {:.2} MB/s)",
                time(p_ours),
                ours.keys.share_above(bound) * 100.0,
                ours.rate
            ),
            format!(
                "{} (downloads {:.2} MB/s) by plain TCP connections of their own",
                time(p_base),
                base.rate
            ),
            &format!("≤ {} (round trip + {more} ms)", time(bound)),
            p_ours <= bound,
        );
    }
}

/// What is downloaded, made where it lies.
async fn make_file(server: &ControlPlane, id: WorkspaceId) -> anyhow::Result<()> {
    let script = format!("head -c {SIZE} /dev/zero >large-0 && echo made");
    let terminal = server.terminal(id, &script).await?;
    let mut socket: Socket = server.attach(id, &terminal).await?;
    socket.until("made").await
}

/// Downloads without an end. They end when this is dropped.
#[derive(Debug, Default)]
struct Load {
    tasks: JoinSet<anyhow::Result<()>>,
    received: Arc<AtomicU64>,
}

impl Load {
    fn plain(&mut self, far: &Far) {
        let (far, received) = (far.clone(), Arc::clone(&self.received));
        self.tasks.spawn(async move {
            let mut plain = Plain::open(&far).await?;
            loop {
                plain.down(SIZE, &received).await?;
            }
        });
    }

    fn tunnel(&mut self, server: &ControlPlane, id: WorkspaceId) {
        let (request, received) = (download(server, id), Arc::clone(&self.received));
        self.tasks.spawn(async move {
            loop {
                let again = request.try_clone().context("it has no body")?;
                let mut body = again.send().await?.error_for_status()?.bytes_stream();
                while let Some(chunk) = body.next().await {
                    received.fetch_add(chunk?.len() as u64, Ordering::Relaxed);
                }
            }
        });
    }

    /// Types meanwhile.
    async fn meanwhile(
        mut self,
        network: &Network,
        typing: impl Future<Output = anyhow::Result<Samples>>,
    ) -> anyhow::Result<Seen> {
        tokio::time::sleep(SETTLE).await;
        let (began, before) = (Instant::now(), self.received.load(Ordering::Relaxed));
        let [_, back] = network.traffic();
        let keys = tokio::select! {
            keys = typing => keys?,
            Some(failed) = self.tasks.join_next() => {
                failed??;
                anyhow::bail!("a download ended");
            }
        };
        let received = self.received.load(Ordering::Relaxed) - before;
        let rate = rate(received, began.elapsed());
        let back = network.traffic()[1].since(back);
        self.tasks.shutdown().await;
        tokio::time::sleep(SETTLE).await;
        Ok(Seen { keys, rate, back })
    }
}

/// What was seen while downloads filled the line.
#[derive(Debug)]
struct Seen {
    keys: Samples,
    /// Of the downloads, in MB/s.
    rate: f64,
    /// What the line did with them.
    back: Traffic,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Traffic {
            passed,
            lost,
            dropped,
            ..
        } = self.back;
        write!(
            f,
            "{passed} packets of downloads came, {} in the queue on average, {lost} lost, {dropped} \
             dropped by the full queue",
            time(self.back.mean_wait())
        )
    }
}
