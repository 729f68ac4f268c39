//! The bridge socket: a command's round trip, beside a spawn of the same in this process.

use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use atelier_api::agent::bridge::SUBPROTOCOL;
use atelier_api::ids::WorkspaceId;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, ratio, time};

/// Batches of both alternate.
const BATCHES: u32 = 20;
const COMMANDS: u32 = 100;

/// A bridge that is open.
struct Bridge {
    socket: WebSocketStream<TcpStream>,
    last_id: u64,
}

impl Bridge {
    async fn open(server: &ControlPlane, workspace: WorkspaceId) -> anyhow::Result<Self> {
        let tcp = TcpStream::connect(&server.address).await?;
        tcp.set_nodelay(true)?;
        let url = format!(
            "ws://{}/api/v1/workspaces/{workspace}/bridge",
            server.address
        );
        let mut request = url.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("authorization", format!("Bearer {}", server.token).parse()?);
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
        let (socket, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let mut bridge = Self { socket, last_id: 0 };
        bridge
            .say(&json!({ "type": "hello", "session": "session-of-a-benchmark" }))
            .await?;
        let welcome = bridge.next().await?;
        ensure!(welcome["type"] == "welcome", "{welcome}");
        Ok(bridge)
    }

    async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    async fn next(&mut self) -> anyhow::Result<Value> {
        loop {
            match self.socket.next().await.context("the bridge ended")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(frame) => bail!("the bridge was closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Runs `true`, and waits until it is told that it has ended.
    async fn run(&mut self) -> anyhow::Result<()> {
        self.last_id += 1;
        let command = json!({ "type": "run_command", "id": self.last_id, "command": ["true"] });
        self.say(&command).await?;
        loop {
            let message = self.next().await?;
            match message["type"].as_str() {
                Some("process_started") => {}
                Some("process_exited") => {
                    ensure!(message["status"]["code"] == 0, "{message}");
                    return Ok(());
                }
                _ => bail!("{message}"),
            }
        }
    }
}

/// The same, here: started, its output captured, waited for.
async fn spawn() -> anyhow::Result<()> {
    let child = tokio::process::Command::new("true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    ensure!(
        child.wait_with_output().await?.status.success(),
        "`true` failed"
    );
    Ok(())
}

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let workspace = server.workspace("bench socket").await?;
    let mut bridge = Bridge::open(server, workspace).await?;
    let (mut ours, mut base) = (Samples::new(), Samples::new());
    for _ in 0..BATCHES {
        for _ in 0..COMMANDS / scale {
            let began = Instant::now();
            bridge.run().await?;
            ours.push(began.elapsed());
        }
        for _ in 0..COMMANDS / scale {
            let began = Instant::now();
            spawn().await?;
            base.push(began.elapsed());
        }
    }
    let ratio = ratio(ours.median(), base.median());
    report.row(
        "bridge socket: `run_command` of `true`, round trip, p50",
        format!(
            "{} ({ratio:.2} ×), p99 {}",
            time(ours.median()),
            time(ours.quantile(0.99))
        ),
        format!("{} by a local spawn", time(base.median())),
        "≤ 3 ×",
        ratio <= 3.0,
    );
    Ok(())
}
