//! How soon a change on disk is told, and how soon all is right again after very many.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use atelier_api::agent::files::{FileList, WatchMessage};
use atelier_api::ids::WorkspaceId;
use futures_util::StreamExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, time};

/// How many files change at once.
const MANY: usize = 10_000;

/// A viewer that hears nothing for so long has heard all: more than changes are gathered for.
const SILENCE: Duration = Duration::from_millis(150);

pub(super) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("bench watch").await?;
    let folder = server.folder(id);
    let mut viewer = Viewer::open(server, id).await?;
    let mut told = Samples::new();
    for index in 0..300 / scale {
        let name = format!("file-{index}");
        let began = Instant::now();
        fs::write(folder.join(&name), "x")?;
        viewer.until(&name).await?;
        told.push(began.elapsed());
    }
    let (p50, p99) = (told.median(), told.quantile(0.99));
    report.row(
        "change on disk → told",
        format!("{} (p99 {})", time(p50), time(p99)),
        String::from("–"),
        "p99 ≤ 150 ms, of 200 until it is seen",
        p99 <= Duration::from_millis(150),
    );

    let many = MANY / scale as usize;
    let mut consistent = Samples::new();
    for round in 0..5 {
        change_all(&folder.join("tree"), many, round)?;
        let began = Instant::now();
        change_all(&folder.join("tree"), many, round + 1)?;
        let changed = began.elapsed();
        viewer.until_silence().await?;
        // What a page does then: it reads again what it shows.
        let list: FileList = server
            .get(&format!("/workspaces/{id}/files/list?path=tree"))
            .await?;
        anyhow::ensure!(list.total == many as u64, "{} entries", list.total);
        let size = format!("round {}", round + 1).len() as u64;
        anyhow::ensure!(
            list.items.iter().all(|entry| entry.size == size),
            "an old version"
        );
        let waited = changed + SILENCE;
        consistent.push(began.elapsed().saturating_sub(waited));
    }
    let p50 = consistent.median();
    report.row(
        &format!("{many} files changed at once → consistent"),
        time(p50),
        String::from("–"),
        "≤ 2 s",
        p50 <= Duration::from_secs(2),
    );
    Ok(())
}

fn change_all(folder: &Path, many: usize, round: u32) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for index in 0..many {
        fs::write(
            folder.join(format!("file-{index}")),
            format!("round {round}"),
        )?;
    }
    Ok(())
}

struct Viewer(WebSocketStream<TcpStream>);

impl Viewer {
    async fn open(server: &ControlPlane, id: WorkspaceId) -> anyhow::Result<Self> {
        let address = &server.address;
        let path = format!("/api/v1/workspaces/{id}/files/watch?recursive=true");
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        let bearer = format!("Bearer {}", server.token).parse()?;
        request.headers_mut().insert("authorization", bearer);
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let (stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let mut viewer = Self(stream);
        anyhow::ensure!(viewer.next().await? == WatchMessage::Ready, "not ready");
        Ok(viewer)
    }

    async fn next(&mut self) -> anyhow::Result<WatchMessage> {
        loop {
            match self.0.next().await {
                Some(message) => {
                    if let Message::Text(text) = message? {
                        return Ok(serde_json::from_str(&text)?);
                    }
                }
                None => anyhow::bail!("the watch ended"),
            }
        }
    }

    /// Waits until a change of this path is told.
    async fn until(&mut self, path: &str) -> anyhow::Result<()> {
        loop {
            if let WatchMessage::Changes { changes } = self.next().await?
                && changes.iter().any(|change| change.path == path)
            {
                return Ok(());
            }
        }
    }

    /// Waits until nothing more is told.
    async fn until_silence(&mut self) -> anyhow::Result<()> {
        while let Ok(message) = tokio::time::timeout(SILENCE, self.next()).await {
            message?;
        }
        Ok(())
    }
}
