//! The measurements of many nodes: what collecting and keeping them costs, what they take on the
//! disk, and how soon a day of one is shown.

mod simulated;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::Page;
use atelier_api::ids::NodeId;
use atelier_api::v1::nodes::Node;
use atelier_api::v1::telemetry::{TelemetryHistory, TelemetryMetric};
use atelier_db::sqlx;
use atelier_db::{Db, DbOptions, Durability};
use reqwest::Method;

pub(crate) use simulated::routes;

use crate::control_plane::ControlPlane;
use crate::cpu;
use crate::fleet::Crowd;
use crate::report::{Report, Samples, time};

/// How often each node measures, as real ones do.
const MEASURING: Duration = Duration::from_secs(10);
/// Measurements are written after five minutes: only then all of the cost is there.
const SETTLE: Duration = Duration::from_secs(330);
/// Each node's measurements are written once in this time.
const WATCHED: Duration = Duration::from_secs(300);
/// How long the first node's day may take to be filled in.
const FILLED_WITHIN: Duration = Duration::from_secs(300);
/// How often the day's chart is asked for.
const CHARTS: u32 = 200;
const CHART_EVERY: Duration = Duration::from_millis(50);
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// What a row takes beside its content: its key in the table and in two indexes.
const ROW_BYTES: i64 = 180;

pub(crate) async fn measure(
    server: &ControlPlane,
    nodes: u32,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut crowd = Crowd::start(&server.address, MEASURING).await?;
    let began = Instant::now();
    crowd.join(server, nodes).await?;
    println!("{nodes} nodes joined in {}", time(began.elapsed()));
    let first = first(server).await?;
    filled(server, first).await?;
    tokio::time::sleep((SETTLE / scale).saturating_sub(began.elapsed())).await;

    let pid = i32::try_from(server.pid())?;
    let share = cpu::share(pid, WATCHED / scale).await?;
    report.row(
        &format!("telemetry of {nodes} nodes every 10 s, SQLite: the control plane's CPU"),
        format!("{:.1} % of a core", share * 100.0),
        String::from("–"),
        "≤ 10 %",
        share <= 0.1,
    );
    let each = stored(&server.data.path().join("data/atelier.db"), first).await?;
    report.row(
        "… stored by the minute and by the hour, for each minute of a node",
        format!("{each} bytes"),
        String::from("–"),
        "≤ 400 bytes",
        each <= 400,
    );
    let charts = charts(server, first, scale).await?;
    let p95 = charts.quantile(0.95);
    report.row(
        "… all charts of a node's day, p95",
        format!("{} (p50 {})", time(p95), time(charts.median())),
        String::from("–"),
        "≤ 50 ms",
        p95 <= Duration::from_millis(50),
    );
    Ok(())
}

/// The node that has measured for a day.
async fn first(server: &ControlPlane) -> anyhow::Result<NodeId> {
    let path = format!(
        "/organizations/{}/nodes?search=node-00000",
        server.organization
    );
    let page: Page<Node> = server.get(&path).await?;
    Ok(page
        .items
        .first()
        .context("the first node is not there")?
        .id)
}

fn day(node: NodeId) -> String {
    format!("/nodes/{node}/telemetry?points=360")
}

/// Waits until its day is there without a gap.
async fn filled(server: &ControlPlane, node: NodeId) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let now: TelemetryHistory = server.get(&day(node)).await?;
        let path = format!("{}&from={}", day(node), now.to.0 - DAY_MS);
        let history: TelemetryHistory = server.get(&path).await?;
        let cpu = history.series.iter();
        let cpu = cpu
            .clone()
            .find(|series| series.metric == TelemetryMetric::Cpu);
        let points = cpu.map_or(0, |series| series.average.iter().flatten().count());
        if points >= 359 {
            println!("a day was filled in in {}", time(began.elapsed()));
            return Ok(());
        }
        ensure!(
            began.elapsed() < FILLED_WITHIN,
            "only {points} of 360 points of the day were filled in"
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Bytes for each minute that was summed up of a node.
async fn stored(path: &Path, node: NodeId) -> anyhow::Result<i64> {
    let options = DbOptions::Sqlite {
        path: path.to_owned(),
        durability: Durability::Normal,
    };
    let db = Db::open(&options).await?;
    let mut conn = db.read().await?;
    let bytes: i64 = sqlx::query_scalar(
        "SELECT CAST(SUM(LENGTH(content)) AS BIGINT) FROM node_telemetry \
         WHERE node_id = $1 AND resolution_s > 10",
    )
    .bind(node.to_string())
    .fetch_one(&mut *conn)
    .await?;
    let count = "SELECT COUNT(*) FROM node_telemetry WHERE node_id = $1 AND resolution_s = $2";
    let mut rows = [0_i64; 2];
    for (rows, resolution) in rows.iter_mut().zip([60_i64, 3_600]) {
        let counting = sqlx::query_scalar(count)
            .bind(node.to_string())
            .bind(resolution);
        *rows = counting.fetch_one(&mut *conn).await?;
    }
    drop(conn);
    db.close().await;
    let [hours, days] = rows;
    ensure!(hours > 1, "nothing is stored by the minute");
    // The newest hour has only begun.
    Ok((bytes + (hours + days) * ROW_BYTES) / ((hours - 1) * 60))
}

/// How long a day of one node takes, while all others go on.
async fn charts(server: &ControlPlane, node: NodeId, scale: u32) -> anyhow::Result<Samples> {
    let now: TelemetryHistory = server.get(&day(node)).await?;
    let path = format!("{}&from={}", day(node), now.to.0 - DAY_MS);
    let mut samples = Samples::new();
    let mut ticks = tokio::time::interval(CHART_EVERY);
    let mut size = 0;
    for _ in 0..CHARTS / scale {
        ticks.tick().await;
        let asked = Instant::now();
        let answer = server.request(Method::GET, &path).send().await?;
        size = answer.error_for_status()?.bytes().await?.len();
        samples.push(asked.elapsed());
    }
    println!("a day's charts are {} KiB of JSON", size / 1024);
    Ok(samples)
}
