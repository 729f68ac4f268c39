//! A control plane with many nodes, and what becomes of them when it is killed.

mod api;
mod census;
mod crowd;
mod simulated;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use rustix::process::{Resource, getrlimit, setrlimit};

pub(crate) use crowd::Crowd;
pub(crate) use simulated::serve;

use crate::control_plane::ControlPlane;
use crate::report::{Report, time};
use crate::{cpu, memory};
use census::online;

/// How long the control plane is watched while nothing is asked of it.
const IDLE: Duration = Duration::from_secs(60);
/// How often each node measures. A real one does every 10 s; what is asked of the fleet is every 30 s, and the suite
/// `telemetry` has the other.
const MEASURING: Duration = Duration::from_secs(30);
/// How long it may take to settle at the start.
const SETTLE: Duration = Duration::from_secs(10);
/// And after the joining and the return: measurements wait for five minutes until they are written, so that only then
/// as much is held of each as ever will be.
const SETTLE_ALL: Duration = Duration::from_secs(330);
/// The most that a node may take: 60 kB, in KiB.
const EACH_MAX: u64 = 58;
/// When a return is given up.
const BACK_WITHIN: Duration = Duration::from_secs(180);
/// Descriptors of a process that are no connections of nodes.
const DESCRIPTORS_KEPT: u64 = 1_000;

/// Permits this process and those that it starts as many descriptors as they can have.
pub(crate) fn raise_limits(nodes: u32) -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    let most = limit
        .maximum
        .map_or(u64::MAX, |most| most.saturating_sub(DESCRIPTORS_KEPT));
    ensure!(
        u64::from(nodes) <= most,
        "the limit of open files permits {most} nodes"
    );
    Ok(())
}

pub(crate) async fn measure(
    server: &mut ControlPlane,
    program: &Path,
    nodes: u32,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    // Its first answers cost it more than later ones.
    ensure!(
        online(server).await?.len() == 1,
        "the embedded node is not there"
    );
    tokio::time::sleep(SETTLE / scale).await;
    let alone = memory::resident(pid(server)?)?;
    let mut crowd = Crowd::start(&server.address, MEASURING).await?;
    let began = Instant::now();
    crowd.join(server, nodes).await?;
    println!("{nodes} nodes joined in {}", time(began.elapsed()));
    tokio::time::sleep(SETTLE_ALL / scale).await;
    let together = memory::resident(pid(server)?)?;
    let before = online(server).await?;
    ensure!(
        before.len() == nodes as usize + 1,
        "the control plane lists {} nodes as online",
        before.len()
    );
    let each = |resident: u64| resident.saturating_sub(alone) / u64::from(nodes);
    let of_each = format!("{nodes} nodes connected: the control plane's RSS for each");
    memory::kib(report, &of_each, each(together), EACH_MAX);
    standing(server, nodes, scale, report).await?;

    restart(server, program, &mut crowd, nodes, report).await?;
    tokio::time::sleep(SETTLE_ALL / scale).await;
    ensure!(
        online(server).await? == before,
        "not the same nodes are back"
    );
    let again = memory::resident(pid(server)?)?;
    memory::kib(
        report,
        "… its RSS for each, after that",
        each(again),
        EACH_MAX,
    );
    Ok(())
}

fn pid(server: &ControlPlane) -> anyhow::Result<i32> {
    Ok(i32::try_from(server.pid())?)
}

/// While all are connected and nothing happens.
async fn standing(
    server: &ControlPlane,
    nodes: u32,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let share = cpu::share(pid(server)?, IDLE / scale).await?;
    report.row(
        "… its CPU, each pinged every 30 s",
        format!("{:.1} % of a core", share * 100.0),
        String::from("–"),
        "≤ 10 %",
        share <= 0.1,
    );
    let [page, search] = api::pages(server, nodes, scale).await?;
    for (work, samples) in [("50 servers", page), ("50 servers, searched", search)] {
        let p95 = samples.quantile(0.95);
        report.row(
            &format!("… page of {work}, p95"),
            format!("{} (p50 {})", time(p95), time(samples.median())),
            String::from("–"),
            "≤ 50 ms",
            p95 <= Duration::from_millis(50),
        );
    }
    Ok(())
}

/// It is killed, and started again at once.
async fn restart(
    server: &mut ControlPlane,
    program: &Path,
    crowd: &mut Crowd,
    nodes: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let began = Instant::now();
    server.kill().await?;
    crowd.notice().await?;
    println!("all noticed within {}", time(began.elapsed()));
    let began = Instant::now();
    server.start_again(program).await?;
    let ready = began.elapsed();
    let prober = api::Prober::start(server);
    crowd.until(nodes, BACK_WITHIN).await?;
    let back = began.elapsed();
    let spent = cpu::used(pid(server)?)?;
    println!("{}", crowd.census());
    report.row(
        &format!("control plane killed and started again: all {nodes} back"),
        format!("{:.1} s", back.as_secs_f64()),
        format!("{} from start to ready", time(ready)),
        "≤ 15 s",
        back <= Duration::from_secs(15),
    );
    report.row(
        "… its CPU until then",
        format!("{:.1} s", spent.as_secs_f64()),
        String::from("–"),
        "≤ 3 s",
        spent <= Duration::from_secs(3),
    );
    let meanwhile = prober.finish().await?;
    let p99 = meanwhile.quantile(0.99);
    report.row(
        "… page of 50 servers meanwhile, on new connections, p99",
        format!("{} (p50 {})", time(p99), time(meanwhile.median())),
        String::from("–"),
        "≤ 250 ms",
        p99 <= Duration::from_millis(250),
    );
    Ok(())
}
