//! Terminals: key echo, throughput with every byte checked, fairness, a viewer that stops reading.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use atelier_api::agent::terminals::{ACK_EVERY_BYTES, ClientMessage, ServerMessage};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::baseline::Baseline;
use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, median, rate, ratio, time};

/// A program that answers each byte with itself.
pub(crate) const ECHO: &str = "stty raw -echo; echo ready; exec cat";

/// What a throughput run sends, and how much of it.
const LINE: &[u8] =
    b"The quick brown fox jumps over the lazy dog, 0123456789 times, and then again.\n";
const THROUGHPUT_BYTES: u64 = 200_000_000;

/// A terminal's stream, Atelier's or the baseline's.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// Atelier's protocol: acknowledge what is read.
    acks: bool,
    offset: u64,
    acked: u64,
    /// The next binary frame is a snapshot, not output.
    snapshot: bool,
}

impl Socket {
    /// Connects; with a token and subprotocol to Atelier, without to the baseline.
    pub(crate) async fn open(
        address: &str,
        path: &str,
        atelier: Option<(&str, &'static str)>,
    ) -> anyhow::Result<Self> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        if let Some((token, protocol)) = atelier {
            let headers = request.headers_mut();
            headers.insert("authorization", format!("Bearer {token}").parse()?);
            headers.insert("sec-websocket-protocol", protocol.parse()?);
        }
        let (stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        Ok(Self {
            stream,
            acks: atelier.is_some(),
            offset: 0,
            acked: 0,
            snapshot: false,
        })
    }

    pub(crate) async fn send(&mut self, bytes: &'static [u8]) -> anyhow::Result<()> {
        Ok(self
            .stream
            .send(Message::Binary(Bytes::from_static(bytes)))
            .await?)
    }

    /// The next output.
    pub(crate) async fn output(&mut self) -> anyhow::Result<Bytes> {
        loop {
            match self.stream.next().await.context("the stream ended")?? {
                Message::Binary(bytes) if std::mem::take(&mut self.snapshot) => drop(bytes),
                Message::Binary(bytes) => {
                    self.offset += bytes.len() as u64;
                    if self.acks && self.offset - self.acked >= ACK_EVERY_BYTES {
                        self.acked = self.offset;
                        let ack = serde_json::to_string(&ClientMessage::Ack {
                            offset: self.offset,
                        })?;
                        self.stream.send(Message::text(ack)).await?;
                    }
                    return Ok(bytes);
                }
                Message::Text(text) => {
                    if let ServerMessage::Hello {
                        offset,
                        snapshot_bytes,
                        ..
                    } = serde_json::from_str(&text)?
                    {
                        (self.offset, self.acked) = (offset, offset);
                        self.snapshot = snapshot_bytes > 0;
                    }
                }
                Message::Close(_) => bail!("the stream was closed"),
                _ => {}
            }
        }
    }

    /// Reads until `text` has come.
    pub(crate) async fn until(&mut self, text: &str) -> anyhow::Result<()> {
        let mut seen = Vec::new();
        while !seen
            .windows(text.len())
            .any(|window| window == text.as_bytes())
        {
            seen.extend_from_slice(&self.output().await?);
        }
        Ok(())
    }

    /// Waits until what comes next is the echo of the next key.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<()> {
        self.until("ready").await?;
        // The line end after it.
        while self.echo(10).await.is_err() {}
        Ok(())
    }

    /// Round trips of one key each.
    pub(crate) async fn echo(&mut self, keys: u32) -> anyhow::Result<Samples> {
        let mut samples = Samples::default();
        for _ in 0..keys {
            let began = Instant::now();
            self.send(b"x").await?;
            let answer = self.output().await?;
            samples.push(began.elapsed());
            ensure!(&answer[..] == b"x", "the echo of x was {answer:?}");
        }
        Ok(samples)
    }
}

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let workspace = server.workspace("bench terminals").await?;
    let baseline = Baseline::start().await?;
    let connect = async |script: &'static str, atelier: bool| -> anyhow::Result<Socket> {
        if atelier {
            let terminal = server.terminal(workspace, script).await?;
            server.attach(workspace, &terminal).await
        } else {
            let path = format!("/pty?{}", script.replace(' ', "%20"));
            Socket::open(&baseline.address, &path, None).await
        }
    };
    echo(&connect, scale, report).await?;
    throughput(&connect, scale, report).await?;
    server.close_terminals(workspace).await?;
    fairness(&connect, scale, report).await?;
    server.close_terminals(workspace).await?;
    stalled(server, workspace, scale, report).await
}

/// Key echo in each of these terminals that run [`ECHO`], in batches that alternate.
pub(crate) async fn alternate<const N: usize>(
    mut sockets: [Socket; N],
    scale: u32,
) -> anyhow::Result<[Samples; N]> {
    let mut samples = [const { Samples::new() }; N];
    for socket in &mut sockets {
        socket.until("ready").await?;
        // The line end after it, and caches.
        while socket.echo(100).await.is_err() {}
    }
    for _ in 0..20 {
        for (socket, samples) in sockets.iter_mut().zip(&mut samples) {
            samples.extend(socket.echo(1_000 / scale).await?);
        }
    }
    Ok(samples)
}

/// Key echo against the baseline.
async fn echo(
    connect: &impl AsyncFn(&'static str, bool) -> anyhow::Result<Socket>,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let sockets = [connect(ECHO, false).await?, connect(ECHO, true).await?];
    let samples = alternate(sockets, scale).await?;
    let [base, ours] = &samples;
    for (name, share, bound) in [("p50", 0.5, 1.8), ("p99", 0.99, 2.5)] {
        let (ours, base) = (ours.quantile(share), base.quantile(share));
        let ratio = ratio(ours, base);
        report.row(
            &format!("key echo, {name}"),
            format!("{} ({ratio:.2} ×)", time(ours)),
            time(base),
            &format!("≤ {bound} ×"),
            ratio <= bound,
        );
    }
    Ok(())
}

/// 200 MB of text, every byte compared.
async fn throughput(
    connect: &impl AsyncFn(&'static str, bool) -> anyhow::Result<Socket>,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    const SCRIPT: &str = "stty raw -echo; echo ready; read go; yes 'The quick brown fox jumps \
        over the lazy dog, 0123456789 times, and then again.' | head -c 200000000";
    let runs = if scale == 1 { 5 } else { 1 };
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        for (atelier, rates) in [false, true].into_iter().zip(&mut rates) {
            let mut socket = connect(SCRIPT, atelier).await?;
            socket.until("ready\n").await?;
            let began = Instant::now();
            socket.send(b"\n").await?;
            let mut received = 0;
            while received < THROUGHPUT_BYTES {
                let bytes = socket.output().await?;
                check(&bytes, received)?;
                received += bytes.len() as u64;
            }
            rates.push(rate(received, began.elapsed()));
        }
    }
    let [base, ours] = rates.map(median);
    report.row(
        "200 MB through a terminal, every byte checked",
        format!("{ours:.0} MB/s ({:.2} ×)", ours / base),
        format!("{base:.0} MB/s"),
        "≥ 0.9 ×",
        ours >= 0.9 * base,
    );
    Ok(())
}

/// Whether `bytes` are what stands at `offset` of the repeated line.
fn check(bytes: &[u8], offset: u64) -> anyhow::Result<()> {
    let mut at = usize::try_from(offset % LINE.len() as u64)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = rest.len().min(LINE.len() - at);
        ensure!(
            rest[..count] == LINE[at..at + count],
            "wrong bytes near offset {offset}"
        );
        rest = &rest[count..];
        at = 0;
    }
    Ok(())
}

/// Eight terminals flood, a ninth is typed into.
async fn fairness(
    connect: &impl AsyncFn(&'static str, bool) -> anyhow::Result<Socket>,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut floods = Vec::new();
    for _ in 0..8 {
        let mut socket = connect("stty raw -echo; exec yes", true).await?;
        floods.push(tokio::spawn(async move {
            while socket.output().await.is_ok() {}
        }));
    }
    let mut ninth = connect(ECHO, true).await?;
    ninth.until("ready").await?;
    while ninth.echo(10).await.is_err() {}
    let samples = ninth.echo(2_000 / scale).await?;
    for flood in floods {
        flood.abort();
    }
    let p99 = samples.quantile(0.99);
    report.row(
        "8 terminals flooding, key echo in a ninth, p99",
        format!("{} (p50 {})", time(p99), time(samples.median())),
        String::from("–"),
        "≤ 5 ms",
        p99 <= Duration::from_millis(5),
    );
    Ok(())
}

/// One viewer stops reading; the other is as fast as without it, and memory stays bounded.
async fn stalled(
    server: &ControlPlane,
    workspace: atelier_api::ids::WorkspaceId,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let bytes = THROUGHPUT_BYTES / 4 / u64::from(scale);
    let agent = crate::memory::agent_of(server, workspace)?;
    let mut rates = [Vec::new(), Vec::new()];
    let mut grown = 0;
    // Many, as a flood's rate jumps between the two that a PTY's worker gives it.
    for _ in 0..9 {
        for (with, rates) in [false, true].into_iter().zip(&mut rates) {
            let terminal = server
                .terminal(workspace, "stty raw -echo; read go; exec yes")
                .await?;
            let mut reader = server.attach(workspace, &terminal).await?;
            // Held, never read.
            let stalled = if with {
                Some(server.attach(workspace, &terminal).await?)
            } else {
                None
            };
            let before = crate::memory::resident(agent)?;
            reader.send(b"\n").await?;
            let (began, mut received) = (Instant::now(), 0);
            while received < bytes {
                received += reader.output().await?.len() as u64;
            }
            rates.push(rate(received, began.elapsed()));
            grown = grown.max(crate::memory::resident(agent)?.saturating_sub(before));
            drop(stalled);
            let path = format!("/workspaces/{workspace}/terminals/{}", terminal.id);
            server
                .request(reqwest::Method::DELETE, &path)
                .send()
                .await?
                .error_for_status()?;
        }
    }
    let [alone, beside] = rates.map(median);
    report.row(
        "a viewer that stops reading: rate of the other",
        format!("{beside:.0} MB/s ({:.2} ×)", beside / alone),
        format!("{alone:.0} MB/s without it"),
        "no effect (≥ 0.9 ×)",
        beside >= 0.9 * alone,
    );
    report.row(
        "… growth of the agent's memory (ring 4 MiB)",
        format!("{:.1} MiB", grown as f64 / 1024.0),
        String::from("–"),
        "≤ 8 MiB",
        grown <= 8 * 1024,
    );
    Ok(())
}
