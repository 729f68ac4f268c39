//! The `host` driver: a workspace is a sandboxed process tree on this machine, under a user of its
//! own where the node is root.

mod cgroup;
mod launch;
pub(crate) mod machine;
mod probe;
mod process;
mod protections;
mod running;
pub(crate) mod sandbox;
mod start;
mod storage;
mod surroundings;
mod toolchains;
mod uids;
mod usage;

use std::io;
use std::path::Path;
use std::sync::Arc;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{Protection, SeedFile, WorkspaceLimits};
use tokio::sync::OnceCell;

use self::cgroup::Cgroups;
use self::sandbox::EXIT_FILE;
use self::storage::Storage;
use self::surroundings::Surroundings;
use self::uids::UidPool;
use crate::proxy::{Agent, AgentSocket, Pipes};
use crate::{Launcher, NodeConfig};

pub(crate) use self::process::InitProcess;
pub(crate) use self::running::{RunRecord, Running};
pub(crate) use self::storage::{WorkspaceDirectory, seed_path, write_whole};

/// Starts, finds and stops workspaces on this machine.
#[derive(Debug)]
pub(crate) struct HostDriver {
    launcher: Launcher,
    defaults: WorkspaceLimits,
    surroundings: Surroundings,
    pub(crate) storage: Storage,
    cgroups: Cgroups,
    uids: Option<UidPool>,
    node_protections: OnceCell<Vec<Protection>>,
    pipes: Pipes,
}

impl HostDriver {
    /// Takes the data directory.
    pub(crate) fn open(config: &NodeConfig, pipes: Pipes) -> io::Result<Self> {
        let sandboxed = matches!(config.launcher, Launcher::Sandbox { .. });
        let privileged = sandboxed && rustix::process::geteuid().is_root();
        let storage = Storage::open(&config.data_dir, privileged, config.lock.clone())?;
        let identity = fingerprint(storage.root());
        let cgroups = if sandboxed {
            Cgroups::open(&format!("atelier-{identity:08x}"))
        } else {
            Cgroups::Unavailable(protections::NOT_ISOLATED.into())
        };
        Ok(Self {
            launcher: config.launcher.clone(),
            defaults: config.defaults.clone(),
            surroundings: Surroundings::new(config),
            storage,
            cgroups,
            uids: privileged.then(|| UidPool::new(config.uids.clone(), identity.into())),
            node_protections: OnceCell::new(),
            pipes,
        })
    }

    /// A user id for a new workspace: its own where the node is root, else the node's.
    pub(crate) fn take_uid(&self) -> Option<u32> {
        match &self.uids {
            Some(pool) => pool.take(),
            None => Some(rustix::process::geteuid().as_raw()),
        }
    }

    /// Remembers that a user id is taken.
    pub(crate) fn reserve_uid(&self, uid: u32) {
        if let Some(pool) = &self.uids {
            pool.reserve(uid);
        }
    }

    /// Takes a user id back, once nothing on disk belongs to it.
    pub(crate) fn give_back_uid(&self, uid: u32) {
        if let Some(pool) = &self.uids {
            pool.give_back(uid);
        }
    }

    /// Makes a workspace's storage.
    pub(crate) async fn create_storage(
        self: &Arc<Self>,
        id: WorkspaceId,
        uid: u32,
        seed: Vec<SeedFile>,
        state: Vec<u8>,
    ) -> io::Result<()> {
        let driver = Arc::clone(self);
        blocking(move || driver.storage.create(id, uid, &seed, &state)).await
    }

    /// The limits that apply to a workspace.
    pub(crate) fn limits(&self, asked: &WorkspaceLimits) -> WorkspaceLimits {
        let default = &self.defaults;
        WorkspaceLimits {
            memory_bytes: asked.memory_bytes.or(default.memory_bytes),
            cpu_millis: asked.cpu_millis.or(default.cpu_millis),
            processes: asked.processes.or(default.processes),
        }
    }

    /// Takes a workspace over that was started in an earlier life of the node.
    pub(crate) fn adopt(&self, id: WorkspaceId, uid: u32, record: RunRecord) -> Option<Running> {
        let agent = self.agent(id, uid).ok()?;
        Running::adopt(record, self.group(id), agent)
    }

    /// Why a workspace ended by itself, for people.
    pub(crate) fn why_it_ended(&self, id: WorkspaceId, running: &Running) -> String {
        // Written inside the workspace, so it may say anything.
        let exit = self.storage.run(id).join(EXIT_FILE);
        let said = storage::read_untrusted(&exit).unwrap_or_default();
        let said = crate::text::one_line(&said);
        // The kernel kills with SIGKILL; when it is the init that it kills, nothing is said.
        let killed = said.is_empty() || said.contains("signal 9");
        if killed && running.oom_kills() > 0 {
            return "The workspace reached its limit of memory and the kernel ended its agent. Start \
                    it again, with more memory if it needs it."
                .to_owned();
        }
        let said = if said.is_empty() {
            "The workspace ended by itself.".to_owned()
        } else {
            said
        };
        format!("{said}{}", self.log_tail(id))
    }

    /// Removes what a workspace that does not run may have left outside of its storage. Blocks.
    pub(crate) fn clean_up(&self, id: WorkspaceId) {
        if let Some(group) = self.group(id)
            && let Err(error) = group.kill_and_remove()
        {
            tracing::warn!(workspace.id = %id, %error, "a control group could not be removed");
        }
        if let Err(error) = self.storage.trash(&self.storage.run(id)) {
            tracing::warn!(workspace.id = %id, %error, "a run directory could not be removed");
        }
    }

    /// All workspaces of which something is left outside of their storage.
    pub(crate) fn leftovers(&self) -> Vec<WorkspaceId> {
        let mut ids = self.storage.runs().unwrap_or_default();
        ids.extend(
            self.cgroups
                .names()
                .iter()
                .filter_map(|name| name.parse::<WorkspaceId>().ok()),
        );
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Deletes what lies in the trash, and then runs `after`, in the background.
    pub(crate) fn empty_trash(self: &Arc<Self>, after: impl FnOnce(&Self) + Send + 'static) {
        let driver = Arc::clone(self);
        self.pipes
            .tasks
            .spawn_blocking(move || match driver.storage.empty_trash() {
                Ok(()) => after(&driver),
                Err(error) => tracing::warn!(%error, "the trash could not be emptied"),
            });
    }

    /// Looks around on the machine ahead of the first start, which then need not wait.
    pub(crate) fn warm_up(self: &Arc<Self>) {
        if matches!(self.launcher, Launcher::Sandbox { .. }) {
            let driver = Arc::clone(self);
            self.pipes.tasks.spawn(async move {
                driver.surroundings.toolchains().await;
            });
        }
    }

    fn agent(&self, id: WorkspaceId, uid: u32) -> io::Result<Agent> {
        let peer = self.uids.is_some().then_some(uid);
        Ok(Agent::new(AgentSocket::open(&self.storage.run(id), peer)?))
    }

    fn group(&self, id: WorkspaceId) -> Option<cgroup::Group> {
        self.cgroups.group(&id.to_string())
    }

    /// The end of what the agent and the sandbox wrote, to append to an explanation.
    fn log_tail(&self, id: WorkspaceId) -> String {
        let log = std::fs::read(self.storage.workspace(id).log()).unwrap_or_default();
        let tail = String::from_utf8_lossy(&log[log.len().saturating_sub(400)..]).into_owned();
        let tail = crate::text::one_line(&tail);
        if tail.is_empty() {
            tail
        } else {
            format!(" It said: {tail}")
        }
    }
}

impl Drop for HostDriver {
    fn drop(&mut self) {
        self.cgroups.remove_if_empty();
    }
}

/// Runs something that blocks on files or the kernel.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// A number that tells this data directory from others on the machine (FNV-1a, 32 bits).
fn fingerprint(root: &Path) -> u32 {
    root.as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0x811c_9dc5, |hash: u32, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        })
}
