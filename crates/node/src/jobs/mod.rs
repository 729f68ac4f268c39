//! Executions of node jobs: commands run on the machine, each at most once.
//!
//! * Invariant: an id is on the disk before its command starts, and stays known after its end; a
//!   second request with it runs nothing.
//! * The command is a process of the machine's agent, which outlives this daemon: the next life finds
//!   it by its id and goes on. What is not found is `interrupted`, and never begun again.
//! * Output goes to a spool of bounded size ([`spool`]).

mod carry;
mod job;
mod record;
mod routes;
mod spool;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::ids::ExecutionId;
use atelier_api::node::jobs::{
    Execution, ExecutionSpec, ExecutionState, OUTPUT_LIMIT_MAX, WAIT_MS_MAX,
};
use atelier_policy::{Decision, Policy};
use parking_lot::Mutex;

use self::job::Job;
use self::record::Record;
use crate::Clock;
use crate::error::NodeError;
use crate::machine::Machine;
use crate::proxy::Pipes;

pub(crate) use self::routes::routes;

/// How many executions that have ended are remembered. The control plane does not ask to run one
/// again that old.
const REMEMBERED_MAX: usize = 4096;

/// Of how many that have ended the output is kept. The control plane fetches it at once.
const OUTPUTS_MAX: usize = 64;

/// The executions of this node.
#[derive(Debug)]
pub(crate) struct Jobs {
    root: PathBuf,
    policy: Policy,
    machine: Arc<Machine>,
    pipes: Pipes,
    clock: Clock,
    all: Mutex<BTreeMap<ExecutionId, Arc<Job>>>,
    /// Those that have ended, the longest ago first; of earlier lives in the order of their ids. A long
    /// one is not old because many short ones came after it.
    ended: Mutex<VecDeque<ExecutionId>>,
    /// Held while an id becomes known.
    taking_on: tokio::sync::Mutex<()>,
}

impl Jobs {
    /// Reads what is remembered and goes on with what has not ended.
    pub(crate) fn open(
        root: PathBuf,
        policy: Policy,
        machine: Arc<Machine>,
        pipes: Pipes,
        clock: Clock,
    ) -> io::Result<Arc<Self>> {
        fs::create_dir_all(&root)?;
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(&root)? {
            let entry = entry?;
            let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            match Job::load(id, entry.path()) {
                Ok(job) => {
                    all.insert(id, Arc::new(job));
                }
                // It was never taken on: the directory is made before the record.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    fs::remove_dir_all(entry.path())?;
                }
                // Kept, so that the id cannot be run again.
                Err(error) => return Err(error),
            }
        }
        let ended = all.iter().filter(|(_, job)| job.has_ended());
        let ended = ended.map(|(id, _)| *id).collect();
        let jobs = Arc::new(Self {
            root,
            policy,
            machine,
            pipes,
            clock,
            all: Mutex::new(all),
            ended: Mutex::new(ended),
            taking_on: tokio::sync::Mutex::default(),
        });
        let unfinished: Vec<_> = jobs.all.lock().values().cloned().collect();
        for job in unfinished {
            if !job.has_ended() {
                carry::spawn(&jobs, job, true);
            }
        }
        Ok(jobs)
    }

    /// Runs a command, unless its id is known already.
    async fn apply(
        self: &Arc<Self>,
        id: ExecutionId,
        spec: ExecutionSpec,
    ) -> Result<Execution, NodeError> {
        let jobs = Arc::clone(self);
        self.to_the_end(async move {
            let _taking_on = jobs.taking_on.lock().await;
            if let Some(job) = jobs.find(id) {
                return Ok(job.view());
            }
            check(&jobs.policy, &spec)?;
            let record = Record::new(id, Some(spec), jobs.clock.now());
            let job = jobs.take_on(record).await?;
            carry::spawn(&jobs, Arc::clone(&job), false);
            Ok(job.view())
        })
        .await
    }

    /// Ends it; one that is not known is remembered as cancelled, so that a late request does not
    /// run it.
    async fn cancel(self: &Arc<Self>, id: ExecutionId) -> Result<Execution, NodeError> {
        let jobs = Arc::clone(self);
        self.to_the_end(async move {
            let _taking_on = jobs.taking_on.lock().await;
            let known = jobs.find(id);
            let job = if let Some(job) = known {
                job
            } else {
                let record = Record::new(id, None, jobs.clock.now());
                jobs.take_on(record).await?
            };
            job.cancel().await?;
            Ok(job.view())
        })
        .await
    }

    /// Does something to its end, also when the caller goes away meanwhile: what is on the disk and what
    /// is in memory must stay the same.
    async fn to_the_end(
        &self,
        work: impl Future<Output = Result<Execution, NodeError>> + Send + 'static,
    ) -> Result<Execution, NodeError> {
        let done = self.pipes.tasks.spawn(work).await;
        done.unwrap_or_else(|error| Err(NodeError::internal("The job could not be noted.", error)))
    }

    fn find(&self, id: ExecutionId) -> Option<Arc<Job>> {
        self.all.lock().get(&id).cloned()
    }

    fn known(&self, id: ExecutionId) -> Result<Arc<Job>, NodeError> {
        self.find(id)
            .ok_or_else(|| NodeError::not_found(format!("There is no execution {id} here.")))
    }

    async fn take_on(&self, record: Record) -> Result<Arc<Job>, NodeError> {
        let id = record.execution.id;
        let has_ended = record.execution.state != ExecutionState::Running;
        let job = Job::create(self.root.join(id.to_string()), record).await;
        let job = Arc::new(job.map_err(|error| NodeError::storage("noting the job", error))?);
        self.all.lock().insert(id, Arc::clone(&job));
        if has_ended {
            self.count_ended(id);
        }
        Ok(job)
    }

    /// Counts one that has ended, and forgets those that ended the longest ago.
    fn count_ended(&self, id: ExecutionId) {
        let mut ended = self.ended.lock();
        ended.push_back(id);
        let place = ended.len().checked_sub(OUTPUTS_MAX + 1);
        if let Some(job) = place.and_then(|place| self.find(ended[place])) {
            job.drop_output();
        }
        if ended.len() > REMEMBERED_MAX
            && let Some(oldest) = ended.pop_front()
            && let Some(job) = self.all.lock().remove(&oldest)
        {
            job.remove();
        }
    }
}

/// Whether the command may be run: the built-in rules are asked here again, and the host's own. Who has
/// said yes is the control plane's to know; what is denied here, nobody there can allow.
fn check(policy: &Policy, spec: &ExecutionSpec) -> Result<(), NodeError> {
    if spec.command.trim().is_empty() || spec.command.contains('\0') {
        return Err(NodeError::invalid("command", "There is no command to run."));
    }
    if spec.output_limit_bytes == 0 || spec.output_limit_bytes > OUTPUT_LIMIT_MAX {
        return Err(NodeError::invalid(
            "output_limit_bytes",
            format!("Keep 1 to {OUTPUT_LIMIT_MAX} bytes of output."),
        ));
    }
    let verdict = policy.check_line(&spec.command);
    let why = || {
        let reasons: Vec<_> = verdict.decisive().map(|it| it.reason.as_str()).collect();
        reasons.join(" ")
    };
    match verdict.decision {
        Decision::Allow => Ok(()),
        Decision::Ask if spec.approved => Ok(()),
        Decision::Ask => Err(NodeError::approval_required(format!(
            "The server wants a person's yes for this command. {}",
            why()
        ))),
        Decision::Deny => Err(NodeError::forbidden(format!(
            "The server refuses this command. {}",
            why()
        ))),
    }
}

/// How long a request may wait.
fn waiting(ms: u64) -> Duration {
    Duration::from_millis(ms.min(WAIT_MS_MAX))
}
