//! The baselines: the smallest servers that do the same kind of thing.
//!
//! * `/pty?script=…`: a WebSocket straight to a PTY; one read, one message, nothing kept.
//! * `/json`: a JSON route that serializes the same page that it is given at `PUT /json`.
//! * `/file/…`: a static-file route of tower-http.
//! * `PUT /write/…`: a route that takes a content, and writes, synchronizes and renames it.
//! * `PUT /stream/…`: likewise, but writes it as it comes.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use atelier_api::Page;
use atelier_api::v1::workspaces::Workspace;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, put};
use axum::serve::ListenerExt as _;
use futures_util::StreamExt as _;
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tower_http::services::ServeDir;

use crate::helper::Helper;

type Pages = Arc<Mutex<Option<Page<Workspace>>>>;

/// Serves on a free port, and prints it.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let router = Router::new()
        .route("/pty", any(pty))
        .route("/json", get(json).put(json_put))
        .nest_service("/file", ServeDir::new("/"))
        .route(
            "/write/{*path}",
            put(write).layer(DefaultBodyLimit::disable()),
        )
        .route("/stream/{*path}", put(stream))
        .with_state(Pages::default());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

/// A baseline in a process of its own.
#[derive(Debug)]
pub(crate) struct Baseline {
    _helper: Helper,
    pub(crate) address: String,
}

impl Baseline {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let (helper, address) = Helper::start(&["--baseline"]).await?;
        Ok(Self {
            _helper: helper,
            address,
        })
    }
}

async fn json(State(pages): State<Pages>) -> Response {
    let page = pages.lock().expect("no holder panics").clone();
    let body = serde_json::to_vec(&page).unwrap_or_default();
    ([("content-type", "application/json")], body).into_response()
}

async fn json_put(State(pages): State<Pages>, body: Bytes) {
    *pages.lock().expect("no holder panics") = serde_json::from_slice(&body).ok();
}

async fn write(uri: Uri, body: Bytes) -> StatusCode {
    let path = uri.path().trim_start_matches("/write").to_owned();
    let written = tokio::task::spawn_blocking(move || durable_write(&path, &body));
    match written.await {
        Ok(Ok(())) => StatusCode::OK,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn stream(uri: Uri, body: Body) -> StatusCode {
    let path = uri.path().trim_start_matches("/stream").to_owned();
    match stream_to(&path, body).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn stream_to(path: &str, body: Body) -> anyhow::Result<()> {
    let temporary = format!("{path}.new");
    let mut file = tokio::fs::File::create(&temporary).await?;
    let mut body = body.into_data_stream();
    while let Some(chunk) = body.next().await {
        file.write_all(&chunk?).await?;
    }
    file.sync_all().await?;
    Ok(tokio::fs::rename(&temporary, path).await?)
}

/// The plainest durable write: another file, synchronized, takes the name.
pub(crate) fn durable_write(path: &str, content: &[u8]) -> io::Result<()> {
    let temporary = format!("{path}.new");
    let mut file = File::create(&temporary)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

async fn pty(RawQuery(script): RawQuery, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |socket| {
        let script = script.unwrap_or_default().replace("%20", " ");
        if let Err(error) = run(socket, &script).await {
            println!("baseline: {error}");
        }
    })
}

async fn run(mut socket: WebSocket, script: &str) -> anyhow::Result<()> {
    let (master, mut child) = spawn(script)?;
    #[expect(
        unsafe_code,
        reason = "tokio leaves it to the caller that the descriptor is open"
    )]
    // SAFETY: an `OwnedFd` names the same open descriptor until it is dropped, after its registration.
    let master = unsafe { AsyncFd::register(master).map_err(io::Error::from)? };
    let mut buffer = vec![0; 64 * 1024];
    loop {
        tokio::select! {
            read = master.async_io(Interest::READABLE, |fd| Ok(rustix::io::read(fd, &mut buffer)?)) => {
                match read {
                    Ok(count) if count > 0 => {
                        socket.send(Message::Binary(Bytes::copy_from_slice(&buffer[..count]))).await?;
                    }
                    _ => break,
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    let mut rest = &bytes[..];
                    while !rest.is_empty() {
                        let count = master
                            .async_io(Interest::WRITABLE, |fd| match rustix::io::write(fd, rest) {
                                Ok(count) => Ok(count),
                                Err(Errno::AGAIN) => Err(io::ErrorKind::WouldBlock.into()),
                                Err(error) => Err(error.into()),
                            })
                            .await?;
                        rest = &rest[count..];
                    }
                }
                Some(Ok(_)) => {}
                _ => break,
            }
        }
    }
    child.start_kill()?;
    child.wait().await?;
    Ok(())
}

#[expect(
    unsafe_code,
    reason = "a child must make the PTY its controlling terminal"
)]
fn spawn(script: &str) -> anyhow::Result<(OwnedFd, Child)> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?;
    let slave = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_str()?)?;
    rustix::io::ioctl_fionbio(&master, true)?;
    let mut command = Command::new("sh");
    command.args(["-c", script]).kill_on_drop(true);
    command
        .stdin(slave.try_clone()?)
        .stdout(slave.try_clone()?)
        .stderr(slave);
    // SAFETY: both calls are plain system calls, which are async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
            Ok(())
        });
    }
    Ok((master, command.spawn()?))
}
