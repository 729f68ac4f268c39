//! An application in a workspace, asked through its host name and directly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::ids::WorkspaceId;
use atelier_api::v1::ports::{PortAddressing, PortList, PortOpen, PortOpened};
use futures_util::StreamExt as _;
use reqwest::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};

use crate::control_plane::ControlPlane;
use crate::http::{flat_out, paced};
use crate::report::{Report, Samples, median, rate, time};
use crate::terminal::ECHO;

/// What the baseline is called in its workspace.
const PROGRAM: &str = "preview-application";

/// An application as they are developed: an HTTP server of Node.js, which answers with a short text.
const NODE: &str = "node -e 'require(\"http\").createServer((_, answer) => answer.end(\"hello\")).listen(0, \"127.0.0.1\")'";

/// A large body, in bytes.
const LARGE: u64 = 512 << 20;

/// On how many connections requests go flat out. With 16 a fifth of both processors stays idle on the way, so that
/// it is the waits that are measured and not what a request costs.
const CONNECTIONS: usize = 64;

/// Shown beside it: few, and as many as a page of many parts opened by many people.
const OTHER_CONNECTIONS: [usize; 2] = [16, 256];

/// How fast somebody types beside it.
const KEY_EVERY: Duration = Duration::from_millis(10);

/// The way to an application by its host name.
struct Way {
    host: String,
    cookie: String,
    client: Client,
}

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("previewed").await?;
    let folder = server.folder(id);
    std::fs::copy(std::env::current_exe()?, folder.join(PROGRAM))?;
    let large = std::fs::File::create(folder.join("large"))?;
    large.set_len(LARGE / u64::from(scale))?;
    server
        .terminal(id, &format!("/workspace/{PROGRAM} --baseline"))
        .await?;
    let bare = listening(server, id, None).await?;
    server.terminal(id, NODE).await?;
    let node = listening(server, id, Some(bare)).await?;
    let way = Way::open(server, id, node).await?;
    let asked = Asked::new(server, &way, node, scale);
    small(&asked, report).await?;
    typing(server, id, &asked, report).await?;
    let way = Way::open(server, id, bare).await?;
    free(&Asked::new(server, &way, bare, scale), report).await?;
    bodies(server, &way, bare, scale, report).await
}

/// A port that an application listens on, other than the one that is known.
async fn listening(
    server: &ControlPlane,
    id: WorkspaceId,
    known: Option<u16>,
) -> anyhow::Result<u16> {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        let list: PortList = server.get(&format!("/workspaces/{id}/ports")).await?;
        let mut ports = list.items.iter().map(|port| port.port);
        let found = ports.find(|port| known != Some(*port));
        if let Some(found) = found {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    anyhow::bail!("the application was not seen to listen")
}

impl Way {
    async fn open(server: &ControlPlane, id: WorkspaceId, port: u16) -> anyhow::Result<Self> {
        let open = PortOpen {
            addressing: Some(PortAddressing::Host),
            path: None,
        };
        let path = format!("/workspaces/{id}/ports/{port}/open");
        let answer = server
            .request(Method::POST, &path)
            .json(&open)
            .send()
            .await?;
        let opened: PortOpened = answer.error_for_status()?.json().await?;
        let url = opened.url.strip_prefix("http://").context("no http")?;
        let (host, target) = url.split_once('/').context("no path")?;
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .build()?;
        let entered = client
            .get(format!("http://{}/{target}", server.address))
            .header(HOST, host)
            .send()
            .await?;
        ensure!(entered.headers().contains_key(LOCATION), "{entered:?}");
        let cookie = entered.headers().get(SET_COOKIE).context("no cookie")?;
        let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
        Ok(Self {
            host: host.to_owned(),
            cookie: cookie.to_owned(),
            client,
        })
    }
}

/// The same request through our way and without it.
struct Asked<'a> {
    through: &'a str,
    alone: String,
    ours: Arc<str>,
    bare: Arc<str>,
    /// How long one run lasts.
    lasts: Duration,
}

impl<'a> Asked<'a> {
    fn new(server: &'a ControlPlane, way: &Way, port: u16, scale: u32) -> Self {
        let alone = format!("127.0.0.1:{port}");
        let bare = format!("GET /json HTTP/1.1\r\nHost: {alone}\r\n\r\n").into();
        let ours = format!(
            "GET /json HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
            way.host, way.cookie
        )
        .into();
        Self {
            through: &server.address,
            alone,
            ours,
            bare,
            lasts: Duration::from_secs(5) / scale,
        }
    }

    /// Requests a second on so many connections: ours, and the application's alone.
    async fn rates(&self, connections: usize) -> anyhow::Result<(f64, f64)> {
        let (mut rates, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            bare.push(flat_out(&self.alone, &self.bare, self.lasts, connections).await?);
            rates.push(flat_out(self.through, &self.ours, self.lasts, connections).await?);
        }
        Ok((median(rates), median(bare)))
    }

    /// Latencies at a rate that neither is busy with.
    async fn latencies(&self, rate: f64) -> anyhow::Result<(Duration, Duration)> {
        let (mut runs, mut bare) = (Samples::new(), Samples::new());
        for _ in 0..5 {
            bare.extend(paced(&self.alone, &self.bare, rate, self.lasts).await?);
            runs.extend(paced(self.through, &self.ours, rate, self.lasts).await?);
        }
        Ok((runs.median(), bare.median()))
    }
}

fn measured((through, direct): (f64, f64)) -> (String, String) {
    let measured = format!("{through:.0} requests/s ({:.2} ×)", through / direct);
    (measured, format!("{direct:.0} requests/s"))
}

/// Requests a second, and what the way adds to one.
async fn small(asked: &Asked<'_>, report: &mut Report) -> anyhow::Result<()> {
    let rates = asked.rates(CONNECTIONS).await?;
    let (through, direct) = rates;
    let (ours, baseline) = measured(rates);
    let work = format!("preview by host name, small answers by Node.js, {CONNECTIONS} connections");
    report.row(&work, ours, baseline, "≥ 0.5 ×", through >= 0.5 * direct);
    for connections in OTHER_CONNECTIONS {
        let (ours, baseline) = measured(asked.rates(connections).await?);
        report.shown(&format!("… {connections} connections"), ours, baseline);
    }
    let (with, without) = asked.latencies(through / 4.0).await?;
    let added = with.saturating_sub(without);
    report.row(
        "… p50 added, at a quarter of that",
        format!("{} ({})", time(added), time(with)),
        time(without),
        "≤ 0.4 ms",
        added <= Duration::from_micros(400),
    );
    Ok(())
}

/// A key's echo, while an application takes what it can get of the machine: through us, and by itself.
async fn typing(
    server: &ControlPlane,
    id: WorkspaceId,
    asked: &Asked<'_>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let terminal = server.terminal(id, ECHO).await?;
    let mut socket = server.attach(id, &terminal).await?;
    socket.settle().await?;
    let (mut ours, mut bare) = (Samples::new(), Samples::new());
    for _ in 0..5 {
        for (samples, address, request) in [
            (&mut bare, asked.alone.as_str(), &asked.bare),
            (&mut ours, asked.through, &asked.ours),
        ] {
            let done = AtomicBool::new(false);
            let load = async {
                let rate = flat_out(address, request, asked.lasts, CONNECTIONS).await;
                done.store(true, Ordering::Relaxed);
                rate
            };
            let keys = async {
                while !done.load(Ordering::Relaxed) {
                    samples.extend(socket.echo(1).await?);
                    tokio::time::sleep(KEY_EVERY).await;
                }
                anyhow::Ok(())
            };
            tokio::try_join!(load, keys)?;
        }
    }
    let shown = |keys: &Samples| {
        let (middle, most) = (keys.median(), keys.quantile(0.99));
        format!("{} (p50 {})", time(most), time(middle))
    };
    report.shown(
        &format!("a key's echo while previews go flat out on {CONNECTIONS} connections, p99"),
        shown(&ours),
        format!("{}, while the application does without us", shown(&bare)),
    );
    Ok(())
}

/// Answers that cost nothing are beside the point, since a way of three hops costs something on the same cores: they
/// are shown, and bound nothing.
async fn free(asked: &Asked<'_>, report: &mut Report) -> anyhow::Result<()> {
    let (ours, baseline) = measured(asked.rates(CONNECTIONS).await?);
    let work = "preview by host name, small answers that cost nothing";
    report.shown(work, ours, baseline);
    Ok(())
}

/// Large bodies down.
async fn bodies(
    server: &ControlPlane,
    way: &Way,
    port: u16,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let size = LARGE / u64::from(scale);
    let target = "/file/workspace/large";
    let direct = || way.client.get(format!("http://127.0.0.1:{port}{target}"));
    let through = || {
        way.client
            .get(format!("http://{}{target}", server.address))
            .header(HOST, &way.host)
            .header(COOKIE, &way.cookie)
    };
    let (mut rates, mut bare_rates) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        bare_rates.push(rate(size, read(direct(), size).await?));
        rates.push(rate(size, read(through(), size).await?));
    }
    let (through, direct) = (median(rates), median(bare_rates));
    report.row(
        "preview by host name, a large body",
        format!("{through:.0} MB/s ({:.2} ×)", through / direct),
        format!("{direct:.0} MB/s"),
        "≥ 0.6 ×",
        through >= 0.6 * direct,
    );
    Ok(())
}

/// How long a whole body takes.
async fn read(request: reqwest::RequestBuilder, size: u64) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let mut body = request.send().await?.error_for_status()?.bytes_stream();
    let mut seen = 0;
    while let Some(chunk) = body.next().await {
        seen += chunk?.len() as u64;
    }
    ensure!(seen == size, "{seen} of {size} bytes came");
    Ok(began.elapsed())
}
