//! The machine itself: its own agent, started when it is first needed and found again by later lives of
//! the node, as long as it runs under the rules that hold now.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::HostPolicy;
use crate::drivers::host::machine::{MachineRules, MachineUser};
use crate::drivers::host::{HostDriver, RunRecord, Running, write_whole};
use crate::error::NodeError;
use crate::proxy::Agent;

/// The machine's own agent.
#[derive(Debug)]
pub(crate) struct Machine {
    driver: Arc<HostDriver>,
    /// Or why it cannot run.
    rules: Result<MachineRules, String>,
    running: tokio::sync::Mutex<Option<Running>>,
}

/// What is remembered of a running one.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    rules: MachineRules,
    run: RunRecord,
}

impl Machine {
    /// Takes up an agent that still runs; ends it when it runs under other rules than those that the
    /// owner has written since.
    pub(crate) async fn open(driver: Arc<HostDriver>, policy: &HostPolicy) -> Self {
        let rules = MachineUser::choose(policy, driver.is_privileged()).map(|user| {
            let permits = &policy.permits;
            MachineRules {
                user,
                privileged: permits.privileged,
                terminal: permits.terminal,
                exec: permits.exec,
                files: permits.files.clone(),
            }
        });
        let machine = Self {
            driver,
            rules,
            running: tokio::sync::Mutex::default(),
        };
        if let Some(record) = machine.load()
            && let Some(running) = machine.driver.adopt_machine(&record.rules.user, record.run)
        {
            if machine.rules.as_ref() == Ok(&record.rules) {
                *machine.running.lock().await = Some(running);
            } else {
                tracing::warn!("the policy has changed; the machine's terminals and processes end");
                machine.end(&running).await;
            }
        }
        machine
    }

    /// Where the paths of the root `home` begin.
    pub(crate) fn home(&self) -> &Path {
        match &self.rules {
            Ok(rules) => &rules.user.home,
            Err(_) => Path::new("/"),
        }
    }

    /// The way to the agent, which is started when it does not run.
    pub(crate) async fn agent(&self) -> Result<Agent, NodeError> {
        let rules = self.rules.as_ref().map_err(NodeError::unavailable)?;
        let mut running = self.running.lock().await;
        if let Some(running) = running.as_ref().filter(|running| running.is_alive()) {
            return Ok(running.agent().clone());
        }
        let started = self.driver.start_machine(rules).await;
        let started = started.map_err(NodeError::unavailable)?;
        let agent = started.agent().clone();
        if let Some(run) = started.record() {
            let rules = rules.clone();
            let record = serde_json::to_vec(&Record { rules, run }).expect("plain data");
            if let Err(error) = write_whole(&self.state(), &record) {
                // One that cannot be found again must not stay behind.
                self.end(&started).await;
                return Err(NodeError::storage("writing the agent's state", error));
            }
        }
        *running = Some(started);
        Ok(agent)
    }

    /// The way to the agent, if it runs.
    pub(crate) async fn running_agent(&self) -> Option<Agent> {
        let running = self.running.lock().await;
        let running = running.as_ref().filter(|running| running.is_alive());
        running.map(|running| running.agent().clone())
    }

    /// Ends the agent and all that it has started.
    pub(crate) async fn stop(&self) {
        if let Some(running) = self.running.lock().await.take() {
            self.end(&running).await;
        }
    }

    async fn end(&self, running: &Running) {
        if let Err(error) = running.stop().await {
            tracing::error!(%error, "the machine's agent could not be ended");
        }
    }

    fn state(&self) -> PathBuf {
        self.driver.storage.machine().join("state.json")
    }

    fn load(&self) -> Option<Record> {
        let bytes = match fs::read(self.state()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            result => result,
        };
        let record =
            bytes.and_then(|bytes| serde_json::from_slice(&bytes).map_err(io::Error::other));
        record
            .inspect_err(|error| tracing::error!(%error, "the agent's state is unreadable"))
            .ok()
    }
}
