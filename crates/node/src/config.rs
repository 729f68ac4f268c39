//! What a node is told when it is opened.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::node::WorkspaceLimits;

use crate::update::Updates;
use crate::{Clock, POLICY_FILE};

/// The user ids that workspaces run as on a node that is root. Above those of people and packages,
/// and below systemd's containers (systemd's UIDS-GIDS document).
const UIDS: Range<u32> = 400_000..500_000;

/// A workspace's processes and threads when nobody says otherwise: room for a language server and a
/// bundler with their threads, far below what a machine can bear.
const PROCESSES: u32 = 1024;

/// A workspace's memory at most, when nobody says otherwise.
const MEMORY_MAX: u64 = 4 << 30;

/// How often the machine measures itself.
const TELEMETRY_EVERY: Duration = Duration::from_secs(10);

/// Variables by which programs find their way out: proxies and certificates to trust.
const NETWORK_VARIABLES: &[&str] = &[
    "ALL_PROXY",
    "AWS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NIX_SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
];

/// A node's configuration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NodeConfig {
    /// Where everything is kept. Only one node may use it at a time.
    pub data_dir: PathBuf,
    /// What the host's owner permits; read when the node is opened. Without it everything that
    /// [`HostPolicy`](crate::HostPolicy) permits by itself.
    pub policy_file: Option<PathBuf>,
    /// How often the machine measures itself; never when absent.
    pub telemetry_every: Option<Duration>,
    /// How workspaces are started.
    pub launcher: Launcher,
    /// The limits of workspaces that ask for none.
    pub defaults: WorkspaceLimits,
    /// What workspaces may read besides the system, at the same paths.
    pub read_only_paths: Vec<PathBuf>,
    /// Where programs are looked for, to find toolchains that lie outside of the system.
    pub search_path: Vec<PathBuf>,
    /// Variables that every workspace gets: how this machine reaches the network, by default.
    pub environment: BTreeMap<String, String>,
    /// The user ids of workspaces, where the node is root.
    pub uids: Range<u32>,
    /// Tells the time.
    pub clock: Clock,
    /// The data directory's lock, where another node has handed it over.
    pub lock: Option<Arc<File>>,
    /// How the node is given new programs; not at all when absent.
    pub updates: Option<Updates>,
}

/// How workspaces are started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Launcher {
    /// As sandboxed processes of this program, which must have the subcommands `sandbox-init` and
    /// `agent`. They survive the node.
    Sandbox {
        /// The program, usually the running one.
        program: PathBuf,
    },
    /// As tasks in this process, without any isolation. For tests: everything in such a workspace
    /// runs as the node's own user, and dies with the node.
    InProcess,
}

impl NodeConfig {
    /// A configuration with defaults that suit this machine.
    pub fn new(data_dir: impl Into<PathBuf>, launcher: Launcher) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the node's configuration; only where toolchains are depends on it"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        let real = matches!(launcher, Launcher::Sandbox { .. });
        Self {
            data_dir: data_dir.into(),
            // Tests are not to depend on the machine that they run on.
            policy_file: real.then(|| POLICY_FILE.into()),
            telemetry_every: real.then_some(TELEMETRY_EVERY),
            launcher,
            defaults: WorkspaceLimits {
                memory_bytes: Some(MEMORY_MAX.min(crate::system::memory_bytes() / 2)),
                cpu_millis: Some(crate::system::cpus().saturating_mul(1000)),
                processes: Some(PROCESSES),
            },
            read_only_paths: Vec::new(),
            search_path: std::env::split_paths(&path).collect(),
            environment: network_environment(),
            uids: UIDS,
            clock: Clock::system(),
            lock: None,
            updates: None,
        }
    }
}

/// Those variables as the node has them, save addresses with credentials, which are the server's.
fn network_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(key, value)| {
            NETWORK_VARIABLES.contains(&key.to_ascii_uppercase().as_str()) && !value.contains('@')
        })
        .collect()
}
