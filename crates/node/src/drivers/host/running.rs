//! A running workspace.

use std::io;
use std::time::Duration;

use atelier_api::node::{Protection, WorkspaceLimits};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::cgroup::{Group, GroupUsage};
use super::process::{InitProcess, ProcessKey};
use super::sandbox::descendants;
use super::{blocking, usage};
use crate::proxy::Agent;

/// How long a workspace has to end by itself. Longer than its init gives its programs.
const GRACE: Duration = Duration::from_secs(2);

/// How long the kernel may take to end what was killed.
const KILLED_WITHIN: Duration = Duration::from_secs(10);

/// What must be remembered of a running workspace so that a later life of the node finds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RunRecord {
    process: ProcessKey,
    pid_namespace: bool,
    protections: Vec<Protection>,
}

/// A workspace whose processes are there.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    body: Body,
    agent: Agent,
    protections: Vec<Protection>,
}

#[derive(Debug, Clone)]
enum Body {
    Sandbox {
        process: InitProcess,
        /// The end of the init process is the end of all.
        pid_namespace: bool,
        group: Option<Group>,
    },
    InProcess {
        stop: CancellationToken,
        ended: CancellationToken,
    },
}

impl Running {
    pub(super) fn sandbox(
        process: InitProcess,
        pid_namespace: bool,
        group: Option<Group>,
        agent: Agent,
        protections: Vec<Protection>,
    ) -> Self {
        Self {
            body: Body::Sandbox {
                process,
                pid_namespace,
                group,
            },
            agent,
            protections,
        }
    }

    pub(super) fn in_process(
        stop: CancellationToken,
        ended: CancellationToken,
        agent: Agent,
        protections: Vec<Protection>,
    ) -> Self {
        Self {
            body: Body::InProcess { stop, ended },
            agent,
            protections,
        }
    }

    pub(super) fn adopt(record: RunRecord, group: Option<Group>, agent: Agent) -> Option<Self> {
        let process = InitProcess::adopt(record.process)?;
        process.is_alive().then(|| {
            let RunRecord {
                pid_namespace,
                protections,
                ..
            } = record;
            Self::sandbox(process, pid_namespace, group, agent, protections)
        })
    }

    /// What to remember; nothing of one that ends with the node.
    pub(crate) fn record(&self) -> Option<RunRecord> {
        match &self.body {
            Body::InProcess { .. } => None,
            Body::Sandbox {
                process,
                pid_namespace,
                ..
            } => Some(RunRecord {
                process: process.key(),
                pid_namespace: *pid_namespace,
                protections: self.protections.clone(),
            }),
        }
    }

    /// The way to its agent.
    pub(crate) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// What holds for it.
    pub(crate) fn protections(&self) -> &[Protection] {
        &self.protections
    }

    /// Whether its init has not ended.
    pub(crate) fn is_alive(&self) -> bool {
        match &self.body {
            Body::Sandbox { process, .. } => process.is_alive(),
            Body::InProcess { ended, .. } => !ended.is_cancelled(),
        }
    }

    /// Whether the end of its init has been noticed.
    pub(crate) fn has_ended(&self) -> bool {
        match &self.body {
            Body::Sandbox { process, .. } => process.has_ended(),
            Body::InProcess { ended, .. } => ended.is_cancelled(),
        }
    }

    /// Waits for the end of its init.
    pub(crate) async fn ended(&self) {
        match &self.body {
            Body::Sandbox { process, .. } => process.ended().await,
            Body::InProcess { ended, .. } => ended.cancelled().await,
        }
    }

    /// How many processes the kernel has killed in it for want of memory.
    pub(crate) fn oom_kills(&self) -> u64 {
        match &self.body {
            Body::Sandbox {
                group: Some(group), ..
            } => group.oom_kills(),
            _ => 0,
        }
    }

    /// Sets other limits while it runs.
    pub(crate) fn set_limits(&self, limits: &WorkspaceLimits) -> io::Result<()> {
        match &self.body {
            Body::Sandbox {
                group: Some(group), ..
            } => group.set_limits(limits),
            _ => Ok(()),
        }
    }

    /// What it uses; nothing is known of one that runs inside the node.
    pub(crate) fn usage(&self) -> io::Result<Option<GroupUsage>> {
        match &self.body {
            Body::Sandbox {
                group: Some(group), ..
            } => group.usage().map(Some),
            Body::Sandbox { process, .. } => Ok(Some(usage::of_tree(process.key().pid))),
            Body::InProcess { .. } => Ok(None),
        }
    }

    /// Ends it: politely first, then for certain. No process is left when this succeeds.
    pub(crate) async fn stop(&self) -> io::Result<()> {
        match &self.body {
            Body::InProcess { stop, ended } => {
                stop.cancel();
                ended.cancelled().await;
                Ok(())
            }
            Body::Sandbox {
                process,
                pid_namespace,
                group,
            } => {
                process.signal(Signal::TERM);
                if tokio::time::timeout(GRACE, process.ended()).await.is_err() {
                    kill(process, *pid_namespace);
                }
                let killed = tokio::time::timeout(KILLED_WITHIN, process.ended()).await;
                if let Some(group) = group.clone() {
                    blocking(move || group.kill_and_remove()).await?;
                }
                killed.map_err(|_| {
                    io::Error::other("its init process cannot be killed; it waits for a device")
                })
            }
        }
    }
}

/// Kills the init. Where it is no PID 1, what is below it is found first, while it still can be.
fn kill(process: &InitProcess, pid_namespace: bool) {
    let below = if pid_namespace {
        Vec::new()
    } else {
        descendants::of(process.key().pid)
    };
    process.signal(Signal::KILL);
    for pid in below.into_iter().filter_map(Pid::from_raw) {
        let _ = kill_process(pid, Signal::KILL);
    }
}
