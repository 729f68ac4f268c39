//! The `host` driver: a workspace is a sandboxed process tree on this machine, under a user of its
//! own where the node is root.

mod cgroup;
mod launch;
mod process;
mod protections;
mod running;
pub(crate) mod sandbox;
mod storage;
mod toolchains;
mod uids;
mod usage;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::{Protection, SeedFile, WorkspaceLimits, WorkspaceSpec};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use self::cgroup::Cgroups;
use self::launch::LaunchError;
use self::sandbox::{EXIT_FILE, SandboxSpec, SandboxStorage, USER};
use self::storage::Storage;
use self::uids::UidPool;
use crate::proxy::{Agent, AgentSocket, Pipes};
use crate::{Launcher, NodeConfig};

pub(crate) use self::running::{RunRecord, Running};
pub(crate) use self::storage::{WorkspaceDirectory, seed_path, write_whole};

/// How long an agent may take to answer after its sandbox is built.
const HEALTHY_WITHIN: Duration = Duration::from_secs(10);

/// The programs that a workspace finds, after those of the toolchains.
const SYSTEM_SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Starts, finds and stops workspaces on this machine.
#[derive(Debug)]
pub(crate) struct HostDriver {
    launcher: Launcher,
    defaults: WorkspaceLimits,
    read_only_paths: Vec<PathBuf>,
    search_path: Vec<PathBuf>,
    pub(crate) storage: Storage,
    cgroups: Cgroups,
    uids: Option<UidPool>,
    toolchains: OnceCell<Vec<PathBuf>>,
    node_protections: OnceCell<Vec<Protection>>,
    pipes: Pipes,
}

impl HostDriver {
    /// Takes the data directory.
    pub(crate) fn open(config: &NodeConfig, pipes: Pipes) -> io::Result<Self> {
        let sandboxed = matches!(config.launcher, Launcher::Sandbox { .. });
        let privileged = sandboxed && rustix::process::geteuid().is_root();
        let storage = Storage::open(&config.data_dir, privileged)?;
        let identity = fingerprint(storage.root());
        let cgroups = if sandboxed {
            Cgroups::open(&format!("atelier-{identity:08x}"))
        } else {
            Cgroups::Unavailable(protections::NOT_ISOLATED.into())
        };
        Ok(Self {
            launcher: config.launcher.clone(),
            defaults: config.defaults.clone(),
            read_only_paths: config.read_only_paths.clone(),
            search_path: config.search_path.clone(),
            storage,
            cgroups,
            uids: privileged.then(|| UidPool::new(config.uids.clone(), identity.into())),
            toolchains: OnceCell::new(),
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
        self: &std::sync::Arc<Self>,
        id: WorkspaceId,
        uid: u32,
        seed: Vec<SeedFile>,
        state: Vec<u8>,
    ) -> io::Result<()> {
        let driver = std::sync::Arc::clone(self);
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

    /// Starts a workspace and waits for its agent; the error says why for people.
    pub(crate) async fn start(
        &self,
        id: WorkspaceId,
        uid: u32,
        spec: &WorkspaceSpec,
    ) -> Result<Running, String> {
        let storage = |error: io::Error| format!("The workspace's files are not usable: {error}.");
        let run = self.storage.prepare_run(id, uid).map_err(storage)?;
        self.storage.empty_temporary(id, uid).map_err(storage)?;
        let running = match &self.launcher {
            Launcher::InProcess => self.start_in_process(id, uid, spec)?,
            Launcher::Sandbox { program } => {
                self.start_sandbox(program, id, uid, &run, spec).await?
            }
        };
        match self.wait_until_healthy(&running).await {
            Ok(()) => Ok(running),
            Err(error) => {
                let said = self.log_tail(id);
                let _ = running.stop().await;
                Err(format!("{error}{said}"))
            }
        }
    }

    /// Takes a workspace over that was started in an earlier life of the node.
    pub(crate) fn adopt(&self, id: WorkspaceId, uid: u32, record: RunRecord) -> Option<Running> {
        let agent = self.agent(id, uid).ok()?;
        Running::adopt(record, self.group(id), agent)
    }

    /// Why a workspace ended by itself, for people.
    pub(crate) fn why_it_ended(&self, id: WorkspaceId, running: &Running) -> String {
        if running.oom_kills() > 0 {
            return "The workspace reached its limit of memory and the kernel ended its agent. Start \
                    it again, with more memory if it needs it."
                .to_owned();
        }
        // Written inside the workspace, so it may say anything.
        let exit = self.storage.run(id).join(EXIT_FILE);
        let said = storage::read_untrusted(&exit).unwrap_or_default();
        let said = crate::text::one_line(&said);
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
    pub(crate) fn empty_trash(
        self: &std::sync::Arc<Self>,
        after: impl FnOnce(&Self) + Send + 'static,
    ) {
        let driver = std::sync::Arc::clone(self);
        self.pipes
            .tasks
            .spawn_blocking(move || match driver.storage.empty_trash() {
                Ok(()) => after(&driver),
                Err(error) => tracing::warn!(%error, "the trash could not be emptied"),
            });
    }

    /// What holds on this node, found out by building a sandbox once.
    pub(crate) async fn node_protections(&self) -> Vec<Protection> {
        let found = self.node_protections.get_or_init(|| async {
            let Launcher::Sandbox { program } = &self.launcher else {
                return protections::none();
            };
            let limits = self.limits(&WorkspaceLimits::default());
            match self.probe(program).await {
                Ok(found) => protections::complete(found, &self.cgroups, &limits),
                Err(error) => protections::failed(&error.0),
            }
        });
        found.await.clone()
    }

    async fn probe(&self, program: &Path) -> Result<Vec<Protection>, LaunchError> {
        let io = |error: io::Error| LaunchError(format!("Its files are not usable: {error}."));
        let uid = match &self.uids {
            Some(pool) => pool
                .take()
                .ok_or_else(|| LaunchError("No user id is free.".into()))?,
            None => rustix::process::geteuid().as_raw(),
        };
        let directory = self.storage.root().join("run/probe");
        self.storage.trash(&directory).map_err(io)?;
        std::fs::create_dir(&directory).map_err(io)?;
        let spec = SandboxSpec {
            storage: SandboxStorage {
                workspace: directory.clone(),
                home: directory.clone(),
                tmp: directory.clone(),
                var_tmp: directory.clone(),
                run: directory.clone(),
            },
            probe: true,
            ..self.sandbox_spec(program, "probe", uid, Vec::new())
        };
        let launched = launch::launch_or_degrade(program, spec, &directory.join("log")).await;
        self.give_back_uid(uid);
        self.storage.trash(&directory).map_err(io)?;
        Ok(launched?.protections)
    }

    async fn start_sandbox(
        &self,
        program: &Path,
        id: WorkspaceId,
        uid: u32,
        run: &Path,
        spec: &WorkspaceSpec,
    ) -> Result<Running, String> {
        let limits = self.limits(&spec.limits);
        let group = self
            .cgroups
            .create(&id.to_string(), &limits)
            .map_err(|error| format!("The workspace's limits could not be set: {error}."))?;
        let directory = self.storage.workspace(id);
        let env = self.environment(spec).await;
        let sandbox = SandboxSpec {
            cgroup_joins: group
                .as_ref()
                .map(cgroup::Group::join_files)
                .unwrap_or_default(),
            storage: SandboxStorage {
                workspace: directory.workspace(),
                home: directory.home(),
                tmp: directory.tmp(),
                var_tmp: directory.var_tmp(),
                run: run.to_owned(),
            },
            read_only: self.read_only().await,
            process_limit: match self.cgroups.controllers().processes {
                Ok(_) => None,
                Err(_) => limits.processes.map(u64::from),
            },
            ..self.sandbox_spec(program, &spec.name, uid, env)
        };
        let launched = match launch::launch_or_degrade(program, sandbox, &directory.log()).await {
            Ok(launched) => launched,
            Err(error) => {
                if let Some(group) = group {
                    let _ = blocking(move || group.kill_and_remove()).await;
                }
                return Err(format!("{error}{}", self.log_tail(id)));
            }
        };
        let agent = self
            .agent(id, uid)
            .map_err(|error| format!("The agent cannot be reached: {error}."))?;
        let protections = protections::complete(launched.protections, &self.cgroups, &limits);
        Ok(Running::sandbox(
            launched.process,
            launched.pid_namespace,
            group,
            agent,
            protections,
        ))
    }

    fn sandbox_spec(
        &self,
        program: &Path,
        name: &str,
        uid: u32,
        env: Vec<(String, String)>,
    ) -> SandboxSpec {
        let root = self.storage.root().to_owned();
        SandboxSpec {
            name: name.to_owned(),
            uid,
            gid: if self.uids.is_some() {
                uid
            } else {
                rustix::process::getegid().as_raw()
            },
            privileged: self.uids.is_some(),
            namespaces: true,
            cgroup_joins: Vec::new(),
            program: program.to_owned(),
            read_only: Vec::new(),
            storage: SandboxStorage {
                workspace: root.clone(),
                home: root.clone(),
                tmp: root.clone(),
                var_tmp: root.clone(),
                run: root.clone(),
            },
            hidden: vec![root],
            env,
            process_limit: None,
            probe: false,
        }
    }

    /// The environment of the agent.
    async fn environment(&self, spec: &WorkspaceSpec) -> Vec<(String, String)> {
        let mut own: Vec<String> = self
            .toolchains()
            .await
            .iter()
            .map(|toolchain| toolchain.join("bin").to_string_lossy().into_owned())
            .collect();
        own.extend([".local/bin", ".cargo/bin"].map(|bin| format!("/home/{USER}/{bin}")));
        let own = own.join(":");
        let mut env = vec![
            ("PATH".to_owned(), format!("{own}:{SYSTEM_SEARCH_PATH}")),
            ("ATELIER_PATH".to_owned(), own),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ];
        env.extend(
            spec.env
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        env
    }

    async fn read_only(&self) -> Vec<PathBuf> {
        let mut paths = self.read_only_paths.clone();
        paths.extend(self.toolchains().await.iter().cloned());
        paths
    }

    async fn toolchains(&self) -> &[PathBuf] {
        self.toolchains
            .get_or_init(|| toolchains::find(&self.search_path))
            .await
    }

    /// Finds toolchains ahead of the first start, which then need not wait.
    pub(crate) fn warm_up(self: &std::sync::Arc<Self>) {
        if matches!(self.launcher, Launcher::Sandbox { .. }) {
            let driver = std::sync::Arc::clone(self);
            self.pipes.tasks.spawn(async move {
                driver.toolchains().await;
            });
        }
    }

    fn start_in_process(
        &self,
        id: WorkspaceId,
        uid: u32,
        spec: &WorkspaceSpec,
    ) -> Result<Running, String> {
        let failed = |error: io::Error| format!("The agent could not be started: {error}.");
        let directory = self.storage.workspace(id);
        let run = AgentSocket::open(&self.storage.run(id), None).map_err(failed)?;
        let mut config = atelier_agent::Config::from_args(atelier_agent::AgentArgs {
            socket: run.path(),
            workspace: directory.workspace(),
            home: directory.home(),
            name: spec.name.clone(),
        });
        config.env.extend(spec.env.clone());
        let agent = self.agent(id, uid).map_err(failed)?;
        // The agent ends with the node.
        let stop = self.pipes.shutdown.child_token();
        let ended = CancellationToken::new();
        let (stopped, guard) = (stop.clone(), ended.clone().drop_guard());
        self.pipes.tasks.spawn(async move {
            // Holds the directory through which the socket is reached.
            let _run = run;
            let _ended = guard;
            if let Err(error) = atelier_agent::serve(config, stopped.cancelled_owned()).await {
                tracing::warn!(workspace.id = %id, %error, "an agent in this process ended");
            }
        });
        Ok(Running::in_process(stop, ended, agent, protections::none()))
    }

    fn agent(&self, id: WorkspaceId, uid: u32) -> io::Result<Agent> {
        let peer = self.uids.is_some().then_some(uid);
        Ok(Agent::new(AgentSocket::open(&self.storage.run(id), peer)?))
    }

    fn group(&self, id: WorkspaceId) -> Option<cgroup::Group> {
        self.cgroups.group(&id.to_string())
    }

    async fn wait_until_healthy(&self, running: &Running) -> Result<(), String> {
        let answered = async {
            // The socket appears when the agent is ready; until then connecting fails at once.
            let mut pause = Duration::from_millis(1);
            while running.agent().health().await.is_err() {
                tokio::time::sleep(pause).await;
                pause = (pause * 3 / 2).min(Duration::from_millis(20));
            }
        };
        tokio::select! {
            () = answered => Ok(()),
            () = running.ended() => Err("The agent ended while it was starting.".into()),
            () = tokio::time::sleep(HEALTHY_WITHIN) => Err(format!(
                "The agent did not answer within {} seconds.", HEALTHY_WITHIN.as_secs()
            )),
        }
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
