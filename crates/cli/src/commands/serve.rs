//! `atelier serve`: the control plane with its local node.

use std::path::PathBuf;

use anyhow::Context as _;
use atelier_node::Launcher;
use atelier_server::ctx::Clock;
use atelier_server::{Config, Server, ServerOptions, config::LogFormat};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Runs the control plane, with this machine as its first server.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration file.
    #[arg(long, env = "ATELIER_CONFIG")]
    config: Option<PathBuf>,
    /// The folder that holds everything.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long)]
    address: Option<String>,
    /// The port to listen on; 0 takes a free one.
    #[arg(long)]
    port: Option<u16>,
}

pub(crate) fn run(arguments: &Serve) -> anyhow::Result<()> {
    let mut flags = Vec::new();
    if let Some(data) = &arguments.data {
        let data = data.to_str().context("--data must be UTF-8")?;
        flags.push(("data.dir", toml::Value::String(data.to_owned()).to_string()));
    }
    if let Some(address) = &arguments.address {
        flags.push((
            "listen.address",
            toml::Value::String(address.clone()).to_string(),
        ));
    }
    if let Some(port) = arguments.port {
        flags.push(("listen.port", port.to_string()));
    }
    let config = Config::load(arguments.config.as_deref(), std::env::vars(), &flags)?;
    log(&config)?;
    let program = std::env::current_exe().context("this program's own file is not known")?;
    let options = ServerOptions {
        config,
        clock: Clock::system(),
        launcher: Some(Launcher::Sandbox { program }),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not be made")?;
    // On the threads of those who are taken in: from this one each would have to be handed over.
    let serving = runtime.spawn(serve(options));
    runtime.block_on(serving).context("the server broke off")?
}

async fn serve(options: ServerOptions) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let server = Server::start(options).await?;
    announce(&server);
    // What only the start needed of the program need not stay in memory.
    atelier_agent::release_pages();
    server
        .serve(async move {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            tracing::info!("shutting down; workspaces go on running");
        })
        .await
        .context("the server ended with an error")
}

/// The one thing that goes to standard output: where to open it.
#[expect(clippy::print_stdout, reason = "the link is this command's output")]
fn announce(server: &Server) {
    match server.setup_link() {
        Some(link) => println!("Atelier is ready. Create the first account: {link}"),
        None => println!("Atelier is ready: {}", server.url()),
    }
    tracing::info!(address = %server.address(), "listening on {}", server.address());
    if let Some(address) = server.tls_address() {
        tracing::info!(%address, "listening with TLS on {address}");
    }
}

fn log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log.filter).context("log.filter cannot be used")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Json => builder.json().flatten_event(true).init(),
        LogFormat::Text => builder.with_ansi(false).init(),
    }
    Ok(())
}
