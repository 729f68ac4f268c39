//! `atelier node`: this machine as a server of a control plane elsewhere.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use atelier_node::daemon::doctor::{Check, Health, doctor};
use atelier_node::daemon::{DaemonDirectory, Destination, Join, Proxy, RunError};
use atelier_node::update::{self, Own, Role, ServeError, Service};
use atelier_node::{Launcher, Node, NodeConfig, daemon};
use clap::{Args, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::block_on;
use crate::output::Output;
use crate::status::say;

/// The exit status of a daemon that may not come back: `EX_NOPERM` of sysexits.h. A service manager need
/// not start it again.
const REVOKED: i32 = 77;

/// The daemon has little to do at a time.
const THREADS: usize = 2;

#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// Joins a control plane with a token from its servers page.
    Join(JoinArgs),
    /// Serves this machine to the control plane that it has joined.
    Run(RunArgs),
    /// Says whether this program could run here in place of another.
    #[command(hide = true)]
    Probe(Place),
    /// Looks for what keeps this server from working, and says what to do.
    Doctor(DoctorArgs),
    /// Forgets the control plane. Workspaces and their files stay on this machine.
    Leave(LeaveArgs),
}

/// Where the daemon's things are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The folder that holds everything; by default /var/lib/atelier-node, or
    /// ~/.local/share/atelier-node of a user who is not root.
    #[arg(long)]
    data: Option<PathBuf>,
    /// What this server permits; by default /etc/atelier/node.toml, if it is there.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// How the control plane is known.
#[derive(Debug, Args)]
struct Trust {
    /// A file with the certificate authority (PEM) that signed its certificate.
    #[arg(long, value_name = "FILE", conflicts_with = "pin")]
    ca: Option<PathBuf>,
    /// The SHA-256 of its certificate, which is then the only one that is believed.
    #[arg(long, value_name = "SHA256")]
    pin: Option<String>,
    /// Permits an http:// address of another machine: everything can then be read on the way.
    #[arg(long)]
    allow_plaintext: bool,
}

#[derive(Debug, Args)]
pub(crate) struct JoinArgs {
    /// The control plane's address, https://…
    #[arg(long)]
    url: String,
    /// The join token. In the environment it does not show in lists of processes.
    #[arg(long, env = "ATELIER_JOIN_TOKEN", hide_env_values = true)]
    token: String,
    /// Joins with a new key in place of the one that this server has.
    #[arg(long)]
    new_key: bool,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    place: Place,
    /// What is logged, as `target=level,…`.
    #[arg(long, env = "ATELIER_LOG_FILTER", default_value = "info")]
    log: String,
    /// What workspaces may read besides the system, at the same path; may be given many times.
    #[arg(long, value_name = "PATH", value_parser = absolute)]
    read_only_path: Vec<PathBuf>,
    /// How it came to be started; programs say it to each other.
    #[arg(long, hide = true, default_value = "first")]
    role: Role,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The control plane to look for, instead of the one that this server has joined.
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct LeaveArgs {
    /// Does not ask.
    #[arg(long)]
    yes: bool,
    /// Stops the workspaces and the machine's terminals and processes, too.
    #[arg(long)]
    stop: bool,
    #[command(flatten)]
    place: Place,
}

/// Runs the command; answers the exit status.
pub(crate) fn run(command: NodeCommand, output: Output) -> anyhow::Result<i32> {
    match command {
        NodeCommand::Join(arguments) => block_on(join(arguments, output)).map(|()| 0),
        NodeCommand::Run(arguments) => serve(&arguments),
        NodeCommand::Probe(place) => prove(&place),
        NodeCommand::Doctor(arguments) => block_on(examine(arguments, output)),
        NodeCommand::Leave(arguments) => block_on(leave(arguments, output)).map(|()| 0),
    }
}

async fn join(arguments: JoinArgs, output: Output) -> anyhow::Result<()> {
    let directory = arguments.place.directory()?;
    let node = Node::open(arguments.place.config(&directory)?).await?;
    let join = Join {
        destination: arguments.trust.destination(arguments.url)?,
        proxy: proxy()?,
        token: arguments.token,
        fresh_key: arguments.new_key,
    };
    let joined = daemon::join(&node, &directory, join).await;
    node.shutdown().await;
    let joined = joined?;
    let sentence = format!(
        "This machine is the server “{}” ({}) now. Start its daemon: atelier node run",
        joined.name, joined.node_id
    );
    output.line(&joined, &sentence)
}

fn serve(arguments: &RunArgs) -> anyhow::Result<i32> {
    // First of all: its file may be replaced at any time.
    let own = Own::find().context("this program's own file is not known")?;
    let filter = EnvFilter::try_new(&arguments.log).context("--log cannot be used")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    let directory = arguments.place.directory()?;
    let mut config = arguments.place.config(&directory)?;
    config.read_only_paths.clone_from(&arguments.read_only_path);
    let again = arguments.again(&directory);
    if arguments.role == Role::First {
        update::become_chosen(directory.path(), &own, &config.clock, &again);
    }
    let service = Service {
        config,
        proxy: proxy()?,
        role: arguments.role,
        own,
        arguments: again,
        probe: arguments.place.probe(&directory),
        directory,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate())?;
        let mut interrupted = signal(SignalKind::interrupt())?;
        let shutdown = CancellationToken::new();
        let serving = update::serve(service, shutdown.clone());
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return anyhow::Ok(ended),
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        tracing::info!("shutting down; workspaces go on running");
        shutdown.cancel();
        Ok(serving.await)
    })?;
    match ended {
        Err(ServeError::Run(error @ RunError::Revoked(_))) => {
            say(&format!("atelier: {error}"));
            Ok(REVOKED)
        }
        ended => Ok(ended.map(|()| 0)?),
    }
}

fn prove(place: &Place) -> anyhow::Result<i32> {
    let directory = place.directory()?;
    let config = place.config(&directory)?;
    Output::Json.line(&update::probe(&config, &directory), "")?;
    Ok(0)
}

async fn examine(arguments: DoctorArgs, output: Output) -> anyhow::Result<i32> {
    let directory = arguments.place.directory()?;
    let config = arguments.place.config(&directory)?;
    let destination = match arguments.url {
        Some(url) => Some(arguments.trust.destination(url)?),
        None => None,
    };
    let proxy = proxy().map_err(|error| format!("{error:#}"));
    let checks = doctor(&config, &directory, destination, proxy).await;
    output.line(&checks, render(&checks).trim_end())?;
    let bad = checks.iter().any(|check| check.health == Health::Bad);
    Ok(i32::from(bad))
}

/// A line for each check, and one for what to do.
fn render(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.name.len()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for check in checks {
        let sign = match check.health {
            Health::Good => "✓",
            Health::Warning => "!",
            Health::Bad => "✗",
            Health::Unknown => "?",
        };
        let detail: String = check
            .detail
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let _ = writeln!(text, "{sign} {:width$}  {detail}", check.name);
        if let Some(advice) = &check.advice {
            let _ = writeln!(text, "  {:width$}  → {advice}", "");
        }
    }
    text
}

async fn leave(arguments: LeaveArgs, output: Output) -> anyhow::Result<()> {
    let directory = arguments.place.directory()?;
    let place = directory.path().display().to_string();
    if !arguments.yes {
        if !std::io::stdin().is_terminal() {
            bail!("nobody can be asked here; --yes leaves without asking");
        }
        say(&format!(
            "The key and the registration in {place} will be deleted; to come back, this server has \
             to join again. Workspaces and their files stay. Type yes to go on:"
        ));
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if answer.trim() != "yes" {
            bail!("nothing was changed");
        }
    }
    if arguments.stop {
        let node = Node::open(arguments.place.config(&directory)?).await?;
        node.stop_all().await;
        node.shutdown().await;
    }
    directory.leave()?;
    let sentence = format!(
        "This server has left. Remove it on the servers page, too; what workspaces hold is still in \
         {place}."
    );
    output.line(
        &serde_json::json!({ "left": true, "data": place }),
        &sentence,
    )
}

impl Place {
    fn directory(&self) -> anyhow::Result<DaemonDirectory> {
        let path = match &self.data {
            Some(path) => path.clone(),
            None if rustix::process::geteuid().is_root() => "/var/lib/atelier-node".into(),
            None => {
                let home = variable("HOME").context("HOME is not set; name a folder (--data)")?;
                PathBuf::from(home).join(".local/share/atelier-node")
            }
        };
        Ok(DaemonDirectory::new(path))
    }

    /// As arguments of another program.
    fn again(&self, directory: &DaemonDirectory) -> Vec<OsString> {
        let mut again = vec!["--data".into(), directory.path().into()];
        if let Some(policy) = &self.policy {
            again.extend(["--policy".into(), OsString::from(policy)]);
        }
        again
    }

    /// The arguments by which another program says whether it could run here.
    fn probe(&self, directory: &DaemonDirectory) -> Vec<OsString> {
        let mut probe = vec!["node".into(), "probe".into()];
        probe.extend(self.again(directory));
        probe
    }

    fn config(&self, directory: &DaemonDirectory) -> anyhow::Result<NodeConfig> {
        let program = std::env::current_exe().context("this program's own file is not known")?;
        let mut config = NodeConfig::new(directory.path(), Launcher::Sandbox { program });
        if let Some(file) = &self.policy {
            // One that was named and is not there would permit what it was to forbid.
            fs::metadata(file).with_context(|| format!("there is no {}", file.display()))?;
            config.policy_file = Some(file.clone());
        }
        Ok(config)
    }
}

impl RunArgs {
    /// The arguments by which another program does the same.
    fn again(&self, directory: &DaemonDirectory) -> Vec<OsString> {
        let mut again = vec!["node".into(), "run".into()];
        again.extend(self.place.again(directory));
        again.extend(["--log".into(), OsString::from(&self.log)]);
        for path in &self.read_only_path {
            again.extend(["--read-only-path".into(), OsString::from(path)]);
        }
        again
    }
}

/// A path that means the same wherever the program was started.
fn absolute(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_absolute() {
        Ok(path)
    } else {
        Err("it must begin with `/`".to_owned())
    }
}

impl Trust {
    fn destination(self, url: String) -> anyhow::Result<Destination> {
        let mut destination = Destination::new(url);
        if let Some(file) = self.ca {
            let pem = fs::read_to_string(&file);
            let pem = pem.with_context(|| format!("{} cannot be read", file.display()))?;
            destination.ca = Some(pem);
        }
        destination.pin = self.pin;
        destination.allow_plaintext = self.allow_plaintext;
        Ok(destination)
    }
}

/// The way out that the environment names.
fn proxy() -> anyhow::Result<Proxy> {
    Proxy::from_env(variable).context("HTTPS_PROXY cannot be used")
}

#[expect(
    clippy::disallowed_methods,
    reason = "this command's configuration is read here"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checklist_lines_up() {
        let check = |name, health, advice: Option<&str>| Check {
            name,
            health,
            detail: "seen\u{1b}[2J".into(),
            advice: advice.map(str::to_owned),
        };
        let checks = [
            check("dns", Health::Good, None),
            check("handshake", Health::Bad, Some("do")),
        ];
        assert_eq!(
            render(&checks),
            "✓ dns        seen [2J\n✗ handshake  seen [2J\n             → do\n"
        );
    }
}
