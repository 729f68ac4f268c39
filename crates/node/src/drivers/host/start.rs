//! Starting a workspace.

use std::io;
use std::path::Path;
use std::time::Duration;

use atelier_api::ids::WorkspaceId;
use atelier_api::node::WorkspaceSpec;
use tokio_util::sync::CancellationToken;

use super::cgroup::Group;
use super::launch::launch_or_degrade;
use super::sandbox::{SandboxSpec, SandboxStorage};
use super::{HostDriver, Running, blocking, protections};
use crate::Launcher;
use crate::proxy::{Agent, AgentSocket};

/// How long an agent may take to answer after its sandbox is built.
const HEALTHY_WITHIN: Duration = Duration::from_secs(10);

impl HostDriver {
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
        match wait_until_healthy(&running).await {
            Ok(()) => Ok(running),
            Err(error) => {
                let said = self.log_tail(id);
                let _ = running.stop().await;
                Err(format!("{error}{said}"))
            }
        }
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
        let env = self.surroundings.environment(spec).await;
        let sandbox = SandboxSpec {
            cgroup_joins: group.as_ref().map(Group::join_files).unwrap_or_default(),
            storage: SandboxStorage {
                workspace: directory.workspace(),
                home: directory.home(),
                tmp: directory.tmp(),
                var_tmp: directory.var_tmp(),
                run: run.to_owned(),
            },
            read_only: self.surroundings.read_only().await,
            process_limit: match self.cgroups.controllers().processes {
                Ok(_) => None,
                Err(_) => limits.processes.map(u64::from),
            },
            ..self.sandbox_spec(program, &spec.name, uid, env)
        };
        let launched = match launch_or_degrade(program, sandbox, &directory.log()).await {
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

    /// A specification without storage, to be completed.
    pub(super) fn sandbox_spec(
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
        Ok(self.serve_in_process(config, run, agent))
    }

    /// An agent as a task of this process, with which it ends.
    pub(super) fn serve_in_process(
        &self,
        config: atelier_agent::Config,
        run: AgentSocket,
        agent: Agent,
    ) -> Running {
        let stop = self.pipes.shutdown.child_token();
        let ended = CancellationToken::new();
        let (stopped, guard) = (stop.clone(), ended.clone().drop_guard());
        self.pipes.tasks.spawn(async move {
            // Holds the directory through which the socket is reached.
            let _run = run;
            let _ended = guard;
            let name = config.name.clone();
            if let Err(error) = atelier_agent::serve(config, stopped.cancelled_owned()).await {
                tracing::warn!(name, %error, "an agent in this process ended");
            }
        });
        Running::in_process(stop, ended, agent, protections::none())
    }
}

/// Waits for an agent that has just been started.
pub(super) async fn wait_until_healthy(running: &Running) -> Result<(), String> {
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
