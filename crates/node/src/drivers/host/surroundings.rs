//! What workspaces get of the machine around them: toolchains, and how it reaches the network.

use std::collections::BTreeMap;
use std::path::PathBuf;

use atelier_api::node::WorkspaceSpec;
use tokio::sync::OnceCell;

use super::sandbox::USER;
use super::toolchains;
use crate::NodeConfig;

/// The programs that a workspace finds, after those of the toolchains.
const SYSTEM_SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What the node's configuration says of the machine, and what is found by looking.
#[derive(Debug)]
pub(super) struct Surroundings {
    read_only_paths: Vec<PathBuf>,
    search_path: Vec<PathBuf>,
    environment: BTreeMap<String, String>,
    toolchains: OnceCell<Vec<PathBuf>>,
}

impl Surroundings {
    pub(super) fn new(config: &NodeConfig) -> Self {
        Self {
            read_only_paths: config.read_only_paths.clone(),
            search_path: config.search_path.clone(),
            environment: config.environment.clone(),
            toolchains: OnceCell::new(),
        }
    }

    /// The environment of a workspace's agent.
    pub(super) async fn environment(&self, spec: &WorkspaceSpec) -> Vec<(String, String)> {
        let toolchains = self.toolchains().await;
        let mut own: Vec<String> = toolchains
            .iter()
            .map(|toolchain| toolchain.join("bin").to_string_lossy().into_owned())
            .collect();
        own.extend([".local/bin", ".cargo/bin"].map(|bin| format!("/home/{USER}/{bin}")));
        let own = own.join(":");
        let mut environment = self.environment.clone();
        environment.extend([
            ("PATH".to_owned(), format!("{own}:{SYSTEM_SEARCH_PATH}")),
            // For login shells, whose start resets PATH (see the sandbox's `/etc/profile`).
            ("ATELIER_PATH".to_owned(), own),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ]);
        environment.extend(spec.env.clone());
        environment.into_iter().collect()
    }

    /// The environment of the machine's own agent.
    pub(super) fn of_machine(&self) -> Vec<(String, String)> {
        let mut environment = self.environment.clone();
        environment.extend([
            ("PATH".to_owned(), SYSTEM_SEARCH_PATH.to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ]);
        environment.into_iter().collect()
    }

    /// What a workspace may read besides the system.
    pub(super) async fn read_only(&self) -> Vec<PathBuf> {
        let mut paths = self.read_only_paths.clone();
        paths.extend(self.toolchains().await.iter().cloned());
        paths
    }

    /// Toolchains outside of the system; looked for once.
    pub(super) async fn toolchains(&self) -> &[PathBuf] {
        self.toolchains
            .get_or_init(|| toolchains::find(&self.search_path))
            .await
    }
}
