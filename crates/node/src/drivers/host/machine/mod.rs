//! The agent of the machine itself: the program that workspaces have inside, started outside of any
//! sandbox. It belongs to nobody who could take it along: own session, own control group.

mod init;
mod user;

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use atelier_api::node::{FilesPolicy, WorkspaceLimits};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

pub use self::init::machine_init;
pub(crate) use self::user::MachineUser;

use super::cgroup::Group;
use super::process::InitProcess;
use super::start::wait_until_healthy;
use super::{HostDriver, RunRecord, Running};
use crate::Launcher;
use crate::proxy::{Agent, AgentSocket};

/// The control group's name, which is no workspace's id.
const GROUP: &str = "machine";

/// Limits of the machine's own programs: those of the machine.
const NO_LIMITS: WorkspaceLimits = WorkspaceLimits {
    memory_bytes: None,
    cpu_millis: None,
    processes: None,
};

/// How the agent is to run. One that runs otherwise is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MachineRules {
    /// As whom.
    pub(crate) user: MachineUser,
    /// May become root by way of setuid programs.
    pub(crate) privileged: bool,
    /// Has terminals.
    pub(crate) terminal: bool,
    /// Has processes.
    pub(crate) exec: bool,
    /// Which files it serves.
    pub(crate) files: FilesPolicy,
}

/// What `machine-init` does before it becomes the agent.
#[derive(Debug, Serialize, Deserialize)]
struct MachineSpec {
    program: PathBuf,
    cgroup_joins: Vec<PathBuf>,
    /// Where the socket is put.
    run: PathBuf,
    /// Take the user's ids; where the node is not root, they are its own.
    become_user: bool,
    rules: MachineRules,
}

impl HostDriver {
    /// Whether the node may act as other users, and does so.
    pub(crate) fn is_privileged(&self) -> bool {
        self.uids.is_some()
    }

    /// Starts the machine's agent and waits for it; the error says why for people.
    pub(crate) async fn start_machine(&self, rules: &MachineRules) -> Result<Running, String> {
        let failed =
            |error: io::Error| format!("The machine's agent could not be started: {error}.");
        let user = &rules.user;
        let prepared = self.storage.prepare_machine_run(user.uid, user.gid);
        let run = prepared.map_err(failed)?;
        let agent = self.machine_agent(user).map_err(failed)?;
        let running = match &self.launcher {
            Launcher::InProcess => {
                let socket = AgentSocket::open(&run, None).map_err(failed)?;
                let mut config = atelier_agent::Config::from_args(atelier_agent::AgentArgs {
                    socket: socket.path(),
                    workspace: user.home.clone(),
                    home: user.home.clone(),
                    name: GROUP.into(),
                });
                config.machine = Some(rules.files.clone());
                self.serve_in_process(config, socket, agent)
            }
            Launcher::Sandbox { program } => {
                let group = self.cgroups.create(GROUP, &NO_LIMITS).map_err(failed)?;
                let spec = MachineSpec {
                    program: program.clone(),
                    cgroup_joins: group.as_ref().map(Group::join_files).unwrap_or_default(),
                    run,
                    become_user: self.is_privileged(),
                    rules: rules.clone(),
                };
                let process = self.spawn_machine(program, &spec).map_err(failed)?;
                Running::sandbox(process, false, group, agent, Vec::new())
            }
        };
        match wait_until_healthy(&running).await {
            Ok(()) => Ok(running),
            Err(error) => {
                let said = tail(&self.machine_log());
                let _ = running.stop().await;
                Err(format!("{error}{said}"))
            }
        }
    }

    /// Takes the machine's agent over that was started in an earlier life of the node.
    pub(crate) fn adopt_machine(&self, user: &MachineUser, record: RunRecord) -> Option<Running> {
        let agent = self.machine_agent(user).ok()?;
        Running::adopt(record, self.cgroups.group(GROUP), agent)
    }

    fn machine_agent(&self, user: &MachineUser) -> io::Result<Agent> {
        let run = self.storage.machine().join("run");
        Ok(Agent::new(AgentSocket::open(&run, Some(user.uid))?))
    }

    fn machine_log(&self) -> PathBuf {
        self.storage.machine().join("agent.log")
    }

    fn spawn_machine(&self, program: &Path, spec: &MachineSpec) -> io::Result<InitProcess> {
        let log = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(self.machine_log())?;
        let mut child = Command::new(program)
            .arg("machine-init")
            .arg(serde_json::to_string(spec).expect("a specification is plain data"))
            .env_clear()
            .envs(self.surroundings.of_machine())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        let process = InitProcess::hold(pid.ok_or(io::ErrorKind::NotFound)?)?;
        // As long as this node lives it is the parent and has to take note of the end.
        self.pipes.tasks.spawn({
            let shutdown = self.pipes.shutdown.clone();
            async move {
                tokio::select! {
                    _ = child.wait() => {}
                    () = shutdown.cancelled() => {}
                }
            }
        });
        Ok(process)
    }
}

/// The end of what was written there, to append to an explanation.
fn tail(log: &Path) -> String {
    let log = std::fs::read(log).unwrap_or_default();
    let tail = String::from_utf8_lossy(&log[log.len().saturating_sub(400)..]).into_owned();
    match crate::text::one_line(&tail) {
        tail if tail.is_empty() => tail,
        tail => format!(" It said: {tail}"),
    }
}
