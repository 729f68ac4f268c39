//! Serving the router on a Unix socket.

use std::future::Future;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use atelier_api::node::FilesPolicy;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};

use crate::{Agent, AgentArgs, Config, pages};

/// After how many turns of tasks the runtime looks for new events at the latest; by default 61. So a
/// key typed into one terminal is not kept waiting by floods in others.
const EVENT_INTERVAL: u32 = 7;

/// Runs `atelier agent` until SIGTERM or SIGINT; for the machine itself when `machine` is given. One
/// thread serves everything, which keeps the agent small.
pub fn main(args: AgentArgs, machine: Option<FilesPolicy>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(EVENT_INTERVAL)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        let config = Config {
            machine,
            ..Config::from_args(args)
        };
        serve(config, shutdown).await
    })
}

/// Serves on the configuration's socket until `shutdown` is ready.
///
/// # Errors
/// The socket cannot be bound; `AddrInUse` when another agent answers on it.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let path = config.socket.clone();
    let listener = bind(&path).await?;
    let inode = std::fs::metadata(&path)?.ino();
    let agent = Agent::new(config);
    let router = agent.router();
    pages::release();
    tokio::pin!(shutdown);
    loop {
        let stream = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, most likely: give some time to be freed.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    agent.shut_down().await;
    // Another agent may have taken the socket's place; then it is not ours to remove.
    if std::fs::metadata(&path).is_ok_and(|now| now.ino() == inode) {
        std::fs::remove_file(&path)?;
    }
    Ok(())
}

/// Binds a socket that only the own user can reach, in place of a stale one. The socket is made
/// under another name and moved, so that nobody ever sees it with wider permissions.
async fn bind(path: &Path) -> io::Result<UnixListener> {
    if UnixStream::connect(path).await.is_ok() {
        return Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            format!("another agent serves on {}", path.display()),
        ));
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let _ = std::fs::remove_file(&temporary);
    let listener = UnixListener::bind(&temporary)?;
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&temporary, path)?;
    Ok(listener)
}
