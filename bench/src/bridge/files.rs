//! A large file through the tunnel, alone and eight at once.

use std::fmt;
use std::time::Instant;

use anyhow::ensure;
use atelier_api::ids::WorkspaceId;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use reqwest::{Method, RequestBuilder, StatusCode};
use rustix::fs::sync;
use tokio::task::spawn_blocking;

use crate::control_plane::ControlPlane;
use crate::report::{Report, median, rate};

/// The size of a file, in bytes.
const SIZE: u64 = 256 << 20;

/// What each way must reach, in MB/s.
const BOUND: f64 = 800.0;

/// What is done with the file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Down,
    Up,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "down",
            Self::Up => "up, written durably,",
        })
    }
}

/// On the local node, through the tunnel with TLS, and through one without.
pub(super) async fn measure(
    server: &ControlPlane,
    workspaces: [WorkspaceId; 3],
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let content = Bytes::from(vec![7; usize::try_from(SIZE / u64::from(scale))?]);
    let transfer = async |way, id, number| transfer(server, way, id, number, &content).await;
    // It is there to be downloaded, and the bulk connection stands.
    for id in workspaces {
        transfer(Way::Up, id, 0).await?;
        transfer(Way::Down, id, 0).await?;
    }
    for (way, streams, runs) in [
        (Way::Down, 1, 7),
        (Way::Down, 8, 3),
        (Way::Up, 1, 7),
        (Way::Up, 8, 3),
    ] {
        let mut rates = [const { Vec::new() }; 3];
        for _ in 0..runs {
            for (id, rates) in workspaces.into_iter().zip(&mut rates) {
                if let Way::Up = way {
                    make_room(server, id, streams).await?;
                }
                let began = Instant::now();
                try_join_all((0..streams).map(|number| transfer(way, id, number))).await?;
                let bytes = streams * content.len() as u64;
                rates.push(rate(bytes, began.elapsed()));
            }
        }
        let [local, tunnel, plain] = rates.map(median);
        report.row(
            &format!("256 MiB {way} through the tunnel, {streams} at once"),
            format!("{tunnel:.0} MB/s"),
            format!("{local:.0} MB/s on the local node, {plain:.0} MB/s without TLS"),
            "≥ 800 MB/s",
            tunnel >= BOUND,
        );
    }
    Ok(())
}

/// One of the files, which hold this; what goes down has gone up before.
pub(crate) async fn transfer(
    server: &ControlPlane,
    way: Way,
    id: WorkspaceId,
    number: u64,
    content: &Bytes,
) -> anyhow::Result<()> {
    match way {
        Way::Down => {
            let received = received(download(server, id)).await?;
            ensure!(received == content.len() as u64, "{received} bytes came");
        }
        Way::Up => {
            request(server, Method::PUT, id, number)
                .header("If-Match", "*")
                .body(content.clone())
                .send()
                .await?
                .error_for_status()?;
        }
    }
    Ok(())
}

/// Removes what was uploaded before, down to the disk: an upload would else pay for freeing what it replaces, with the
/// next commit of the journal (a quarter of a second for 256 MiB where the disk is told what is free).
async fn make_room(server: &ControlPlane, id: WorkspaceId, files: u64) -> anyhow::Result<()> {
    for number in 0..files {
        let path = format!("/workspaces/{id}/files?path=large-{number}");
        let answer = server.request(Method::DELETE, &path).send().await?;
        if answer.status() != StatusCode::NOT_FOUND {
            answer.error_for_status()?;
        }
    }
    Ok(spawn_blocking(sync).await?)
}

/// Of one file, whoever asks: it is the line that is measured.
pub(crate) fn download(server: &ControlPlane, id: WorkspaceId) -> RequestBuilder {
    request(server, Method::GET, id, 0)
}

/// How many bytes come.
pub(crate) async fn received(request: RequestBuilder) -> anyhow::Result<u64> {
    let mut body = request.send().await?.error_for_status()?.bytes_stream();
    let mut received = 0;
    while let Some(chunk) = body.next().await {
        received += chunk?.len() as u64;
    }
    Ok(received)
}

fn request(server: &ControlPlane, method: Method, id: WorkspaceId, number: u64) -> RequestBuilder {
    let path = format!("/workspaces/{id}/files/content?path=large-{number}");
    server.request(method, &path)
}
