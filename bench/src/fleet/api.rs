//! What a person at the servers page waits for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::control_plane::ControlPlane;
use crate::http::Connection;
use crate::report::Samples;

/// How often the page is asked for.
const EVERY: Duration = Duration::from_millis(20);
/// How often in all, of each kind.
const TIMES: u32 = 500;

/// The first page, and one that is searched for.
pub(super) async fn pages(
    server: &ControlPlane,
    nodes: u32,
    scale: u32,
) -> anyhow::Result<[Samples; 2]> {
    let mut all = [const { Samples::new() }; 2];
    // One of the last: all names are compared.
    let search = format!("&search=de-{:05}", nodes.saturating_sub(2));
    for (filter, samples) in ["", &search].into_iter().zip(&mut all) {
        let mut connection = Connection::open(&server.address, &request(server, filter)).await?;
        let mut ticks = tokio::time::interval(EVERY);
        for _ in 0..TIMES / scale {
            ticks.tick().await;
            let asked = Instant::now();
            connection.ask().await?;
            samples.push(asked.elapsed());
        }
    }
    Ok(all)
}

fn request(server: &ControlPlane, filter: &str) -> Arc<str> {
    format!(
        "GET /api/v1/organizations/{}/nodes?limit=50{filter} HTTP/1.1\r\nHost: {}\r\n\
         Authorization: Bearer {}\r\n\r\n",
        server.organization, server.address, server.token
    )
    .into()
}

/// Asks for the first page again and again, whether the last answer is there or not.
#[derive(Debug)]
pub(super) struct Prober {
    enough: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<Samples>>,
}

impl Prober {
    pub(super) fn start(server: &ControlPlane) -> Self {
        let enough = CancellationToken::new();
        let (address, request) = (server.address.clone(), request(server, ""));
        let task = tokio::spawn(probe(address, request, enough.clone()));
        Self { enough, task }
    }

    /// Waits for the answers that are outstanding.
    pub(super) async fn finish(self) -> anyhow::Result<Samples> {
        self.enough.cancel();
        self.task.await?
    }
}

async fn probe(
    address: String,
    request: Arc<str>,
    enough: CancellationToken,
) -> anyhow::Result<Samples> {
    let mut asked = JoinSet::new();
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = enough.cancelled() => break,
        }
        let (address, request) = (address.clone(), Arc::clone(&request));
        asked.spawn(async move {
            let began = Instant::now();
            Connection::open(&address, &request).await?.ask().await?;
            anyhow::Ok(began.elapsed())
        });
    }
    let mut samples = Samples::default();
    while let Some(answered) = asked.join_next().await {
        samples.push(answered??);
    }
    Ok(samples)
}
