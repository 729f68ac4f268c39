//! The workspace list against a bare JSON route that answers the same page.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::Page;
use atelier_api::v1::workspaces::Workspace;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::baseline::Baseline;
use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, median, time};

/// How many rows the list has.
const ROWS: u32 = 50;
/// How many connections ask at once.
const CONNECTIONS: usize = 16;

/// Connections of a paced run: so many that each has its next request due long after the last.
const PACED_CONNECTIONS: usize = 256;

/// A connection that asks the same thing again and again.
pub(crate) struct Connection {
    stream: TcpStream,
    request: Arc<str>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str, request: &Arc<str>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: Arc::clone(request),
            buffer: vec![0; 256 * 1024],
        })
    }

    /// One request and its whole answer; how many bytes of body.
    pub(crate) async fn ask(&mut self) -> anyhow::Result<usize> {
        self.stream.write_all(self.request.as_bytes()).await?;
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..]).await?;
            ensure!(count > 0, "the server closed the connection");
            filled += count;
            let Some(end) = find(&self.buffer[..filled], b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
            ensure!(head.starts_with("http/1.1 200"), "{head}");
            let length = head.split("content-length: ").nth(1).context("no length")?;
            let length: usize = length.split("\r\n").next().unwrap_or("").parse()?;
            while filled < end + 4 + length {
                filled += self.stream.read(&mut self.buffer[filled..]).await?;
            }
            return Ok(length);
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// Requests a second, as fast as they go on so many connections.
pub(crate) async fn flat_out(
    address: &str,
    request: &Arc<str>,
    lasts: Duration,
    connections: usize,
) -> anyhow::Result<f64> {
    let count = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + lasts;
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(address, request).await?;
        let count = Arc::clone(&count);
        tasks.push(tokio::spawn(async move {
            while Instant::now() < until {
                connection.ask().await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(count.load(Ordering::Relaxed) as f64 / lasts.as_secs_f64())
}

/// Latencies at a given rate. Each request has its time: what a late answer on its connection costs it
/// counts, what the harness's timer (which ticks in milliseconds) costs it does not.
pub(crate) async fn paced(
    address: &str,
    request: &Arc<str>,
    rate: f64,
    lasts: Duration,
) -> anyhow::Result<Samples> {
    let mut tasks = Vec::new();
    let every = Duration::from_secs_f64(PACED_CONNECTIONS as f64 / rate);
    for index in 0..PACED_CONNECTIONS {
        let mut connection = Connection::open(address, request).await?;
        tasks.push(tokio::spawn(async move {
            let mut samples = Samples::default();
            let began = Instant::now() + every.mul_f64(index as f64 / PACED_CONNECTIONS as f64);
            let mut turn = 0_u32;
            while began.elapsed() < lasts {
                let due = began + every * turn;
                let is_late = due <= Instant::now();
                tokio::time::sleep_until(due.into()).await;
                let asked = if is_late { due } else { Instant::now() };
                connection.ask().await?;
                samples.push(asked.elapsed());
                turn += 1;
            }
            anyhow::Ok(samples)
        }));
    }
    let mut all = Samples::default();
    for task in tasks {
        all.extend(task.await??);
    }
    Ok(all)
}

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    for row in 0..ROWS {
        let id = server.workspace(&format!("row {row}")).await?;
        server.change(id, "stop").await?;
    }
    let path = format!("/organizations/{}/workspaces?limit=50", server.organization);
    let page: Page<Workspace> = server.get(&path).await?;
    ensure!(
        page.items.len() == ROWS as usize,
        "the list has {} rows",
        page.items.len()
    );
    for workspace in &page.items {
        server
            .until(
                workspace.id,
                atelier_api::v1::workspaces::WorkspaceState::Stopped,
            )
            .await?;
    }
    let page: Page<Workspace> = server.get(&path).await?;
    let baseline = Baseline::start().await?;
    reqwest::Client::builder()
        .no_proxy()
        .build()?
        .put(format!("http://{}/json", baseline.address))
        .json(&page)
        .send()
        .await?
        .error_for_status()?;
    let ours: Arc<str> = format!(
        "GET /api/v1{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        server.address, server.token
    )
    .into();
    let bare: Arc<str> = format!("GET /json HTTP/1.1\r\nHost: {}\r\n\r\n", baseline.address).into();
    let lasts = Duration::from_secs(5) / scale;
    let (mut rates, mut bare_rates) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        bare_rates.push(flat_out(&baseline.address, &bare, lasts, CONNECTIONS).await?);
        rates.push(flat_out(&server.address, &ours, lasts, CONNECTIONS).await?);
    }
    let (rate, bare_rate) = (median(rates), median(bare_rates));
    report.row(
        "workspace list, 50 rows, authenticated, SQLite",
        format!("{rate:.0} requests/s ({:.2} ×)", rate / bare_rate),
        format!("{bare_rate:.0} requests/s"),
        "≥ 0.4 ×",
        rate >= 0.4 * bare_rate,
    );
    let (mut runs, mut bare_runs) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        bare_runs.push(paced(&baseline.address, &bare, bare_rate / 2.0, lasts).await?);
        runs.push(paced(&server.address, &ours, rate / 2.0, lasts).await?);
    }
    let of_all = |runs: &[Samples], share| {
        runs.iter()
            .map(|run| run.quantile(share))
            .collect::<Samples>()
            .median()
    };
    let p99 = of_all(&runs, 0.99);
    report.row(
        "… p99 at half of that load",
        format!("{} (p50 {})", time(p99), time(of_all(&runs, 0.5))),
        format!("{} at half of its own", time(of_all(&bare_runs, 0.99))),
        "≤ 5 ms",
        p99 <= Duration::from_millis(5),
    );
    Ok(())
}
