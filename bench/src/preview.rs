//! An application in a workspace, asked through its host name and directly.

use std::sync::Arc;
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

/// What the baseline is called in its workspace.
const PROGRAM: &str = "preview-application";

/// An application as they are developed: an HTTP server of Node.js, which answers with a short text.
const NODE: &str = "node -e 'require(\"http\").createServer((_, answer) => answer.end(\"hello\")).listen(0, \"127.0.0.1\")'";

/// A large body, in bytes.
const LARGE: u64 = 512 << 20;

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
    small(server, &way, node, "by Node.js", true, scale, report).await?;
    let way = Way::open(server, id, bare).await?;
    small(
        server,
        &way,
        bare,
        "that cost nothing",
        false,
        scale,
        report,
    )
    .await?;
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

/// Requests a second, and what the way adds to one. Answers that cost nothing are beside the point, since a
/// way of three hops costs something on the same cores: they are shown, and bound nothing.
async fn small(
    server: &ControlPlane,
    way: &Way,
    port: u16,
    what: &str,
    bound: bool,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let alone = format!("127.0.0.1:{port}");
    let bare: Arc<str> = format!("GET /json HTTP/1.1\r\nHost: {alone}\r\n\r\n").into();
    let ours: Arc<str> = format!(
        "GET /json HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
        way.host, way.cookie
    )
    .into();
    let lasts = Duration::from_secs(5) / scale;
    let (mut rates, mut bare_rates) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        bare_rates.push(flat_out(&alone, &bare, lasts).await?);
        rates.push(flat_out(&server.address, &ours, lasts).await?);
    }
    let (through, direct) = (median(rates), median(bare_rates));
    let work = format!("preview by host name, small answers {what}");
    let measured = format!("{through:.0} requests/s ({:.2} ×)", through / direct);
    let baseline = format!("{direct:.0} requests/s");
    if !bound {
        report.shown(&work, measured, baseline);
        return Ok(());
    }
    report.row(
        &work,
        measured,
        baseline,
        "≥ 0.5 ×",
        through >= 0.5 * direct,
    );
    // The same rate for both, which neither is busy with.
    let pace = through / 4.0;
    let (mut runs, mut bare_runs) = (Samples::new(), Samples::new());
    for _ in 0..5 {
        bare_runs.extend(paced(&alone, &bare, pace, lasts).await?);
        runs.extend(paced(&server.address, &ours, pace, lasts).await?);
    }
    let added = runs.median().saturating_sub(bare_runs.median());
    report.row(
        "… p50 added, at a quarter of that",
        format!("{} ({})", time(added), time(runs.median())),
        time(bare_runs.median()),
        "≤ 0.4 ms",
        added <= Duration::from_micros(400),
    );
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
