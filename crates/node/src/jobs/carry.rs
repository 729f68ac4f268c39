//! Carrying an execution to its end: starts the agent's process, or finds it again, takes its output
//! in, and ends it when that is wanted.

use std::sync::Arc;
use std::time::Duration;

use atelier_api::Problem;
use atelier_api::agent::processes::{Process, ProcessCreate, ProcessList, ProcessMessage};
use atelier_api::agent::terminals::{ExitStatus, SignalSend};
use atelier_api::ids::ProcessId;
use atelier_api::node::jobs::{Execution, ExecutionSpec, ExecutionState};
use axum::body::Body;
use futures_util::StreamExt as _;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::Jobs;
use super::job::Job;
use crate::proxy::{Agent, Pipes};

/// Runs a line with both streams as one. Its second argument names the execution: by that a later life
/// finds the process whose id it was never told.
const WRAPPER: &str = "exec /bin/sh -c \"$1\" 2>&1";

/// How long after SIGTERM a cancelled command is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How long until an agent that did not answer is asked again.
const AGAIN: Duration = Duration::from_millis(500);

/// How long until an end that could not be noted is noted again.
const NOTE_AGAIN: Duration = Duration::from_secs(5);

/// The largest answer of the agent that is read, in bytes.
const ANSWER_MAX: usize = 4 << 20;

/// How it ended.
#[derive(Debug, Clone)]
struct End {
    state: ExecutionState,
    detail: Option<String>,
    exit: Option<ExitStatus>,
    timed_out: bool,
}

impl End {
    fn without_exit(state: ExecutionState, detail: impl Into<String>) -> Self {
        Self {
            state,
            detail: Some(detail.into()),
            exit: None,
            timed_out: false,
        }
    }
}

impl End {
    fn note(&self, execution: &mut Execution) {
        execution.state = self.state;
        execution.detail.clone_from(&self.detail);
        execution.exit.clone_from(&self.exit);
        execution.timed_out = self.timed_out;
    }
}

/// Why the agent did not do what it was asked.
#[derive(Debug)]
enum Refusal {
    /// There is no such thing.
    Missing,
    /// It will not, and says why.
    Final(String),
    /// It did not answer, or cannot now.
    Later,
}

/// Goes on with an execution until it has ended; `again`: it was begun in an earlier life.
pub(super) fn spawn(jobs: &Arc<Jobs>, job: Arc<Job>, again: bool) {
    let jobs = Arc::clone(jobs);
    let Pipes { tasks, shutdown } = jobs.pipes.clone();
    tasks.spawn(async move {
        tokio::select! {
            () = carry(&jobs, &job, again) => {}
            // The command goes on, and the next life finds it.
            () = shutdown.cancelled() => {}
        }
    });
}

async fn carry(jobs: &Jobs, job: &Job, again: bool) {
    let mut again = again;
    let (end, process) = loop {
        if let Ok(ended) = attempt(jobs, job, again).await {
            break ended;
        }
        again = true;
        tokio::time::sleep(AGAIN).await;
    };
    // A full disk may have room again later; until then it counts as running.
    while let Err(error) = job.update(|record| end.note(&mut record.execution)).await {
        tracing::error!(%error, "the end of a job could not be noted");
        tokio::time::sleep(NOTE_AGAIN).await;
    }
    // Only now: until it is noted, the agent is the only one who knows.
    if let Some((caller, process)) = process {
        let path = format!("/v1/processes/{process}");
        let _ = caller.send(Method::DELETE, &path, None::<&()>).await;
    }
    jobs.count_ended(job.record().execution.id);
}

/// One try to get it to its end; an error is worth another.
async fn attempt<'a>(
    jobs: &'a Jobs,
    job: &Job,
    again: bool,
) -> Result<(End, Option<(Caller<'a>, ProcessId)>), ()> {
    let record = job.record();
    let spec = record.spec.ok_or(())?;
    if record.process.is_none() && !again && job.cancelled.is_cancelled() {
        let end = End::without_exit(
            ExecutionState::Cancelled,
            "It was cancelled before it began.",
        );
        return Ok((end, None));
    }
    let agent = match jobs.machine.agent().await {
        Ok(agent) => agent,
        Err(error) if !again => {
            let end = End::without_exit(ExecutionState::Failed, error.to_string());
            return Ok((end, None));
        }
        Err(_) => return Err(()),
    };
    let caller = Caller {
        agent,
        pipes: &jobs.pipes,
    };
    let id = record.execution.id.to_string();
    let process = match record.process {
        Some(process) => process,
        None if again => match caller.find(&id).await {
            Ok(process) => process,
            Err(Refusal::Later) => return Err(()),
            Err(_) => return Ok((interrupted(), None)),
        },
        None => match caller.start(&id, &spec).await {
            Ok(process) => process,
            Err(Refusal::Final(detail)) => {
                return Ok((End::without_exit(ExecutionState::Failed, detail), None));
            }
            // Whether it has started is not known: it is looked for.
            Err(_) => return Err(()),
        },
    };
    if record.process != Some(process) {
        let noted = job.update(|record| record.process = Some(process)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a job's process could not be noted");
        }
    }
    match caller.follow(job, process).await {
        Ok(end) => Ok((end, Some((caller, process)))),
        Err(Refusal::Missing) => Ok((interrupted(), None)),
        Err(_) => Err(()),
    }
}

fn interrupted() -> End {
    End::without_exit(
        ExecutionState::Interrupted,
        "The server, or the agent that ran the command, ended meanwhile. How far the command came is \
         not known; it is not run again.",
    )
}

/// Asks the machine's agent.
struct Caller<'a> {
    agent: Agent,
    pipes: &'a Pipes,
}

impl Caller<'_> {
    async fn start(&self, id: &str, spec: &ExecutionSpec) -> Result<ProcessId, Refusal> {
        let command = ["/bin/sh", "-c", WRAPPER, id, &spec.command];
        let create = ProcessCreate {
            command: command.map(str::to_owned).to_vec(),
            cwd: spec.cwd.clone(),
            env: spec.env.clone(),
            stdin: false,
            timeout_ms: Some(spec.timeout_ms),
        };
        let answer = self.send(Method::POST, "/v1/processes", Some(&create));
        let process: Process = read(&answer.await?)?;
        Ok(process.id)
    }

    async fn find(&self, id: &str) -> Result<ProcessId, Refusal> {
        let answer = self.send(Method::GET, "/v1/processes", None::<&()>).await?;
        let list: ProcessList = read(&answer)?;
        let ours = |process: &Process| {
            process.command.get(2).is_some_and(|text| text == WRAPPER)
                && process.command.get(3).is_some_and(|text| text == id)
        };
        let found = list.items.into_iter().find(ours);
        found.map(|process| process.id).ok_or(Refusal::Missing)
    }

    /// Takes its output in until it ends.
    async fn follow(&self, job: &Job, process: ProcessId) -> Result<End, Refusal> {
        let path = format!("/v1/processes/{process}");
        let known: Process = read(&self.send(Method::GET, &path, None::<&()>).await?)?;
        let attach = format!("{path}/attach?stdout={}", job.output_end());
        let socket = self.agent.websocket(&attach).await;
        let socket = socket.map_err(|_| Refusal::Later)?;
        let mut socket = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
        let mut kill_at = None;
        loop {
            let message = tokio::select! {
                message = socket.next() => message,
                () = job.cancelled.cancelled(), if kill_at.is_none() => {
                    let signal = SignalSend { signal: "SIGTERM".to_owned() };
                    let _ = self.send(Method::POST, &format!("{path}/signal"), Some(&signal)).await;
                    kill_at = Some(Instant::now() + GRACE);
                    continue;
                }
                () = tokio::time::sleep_until(kill_at.unwrap_or_else(Instant::now)),
                    if kill_at.is_some() =>
                {
                    kill_group(&known);
                    return Ok(End::without_exit(
                        ExecutionState::Cancelled,
                        "It was cancelled, did not end by SIGTERM, and was killed.",
                    ));
                }
            };
            match message {
                Some(Ok(Message::Binary(bytes))) => job.output(bytes.get(1..).unwrap_or_default()),
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(ProcessMessage::Hello { stdout, .. }) => job.output_begins(stdout),
                    Ok(ProcessMessage::Exit { status, timed_out }) => {
                        let cancelled = kill_at.is_some();
                        if cancelled || timed_out {
                            // What it has started may have ignored the signal.
                            kill_group(&known);
                        }
                        return Ok(exited(status, timed_out, cancelled));
                    }
                    _ => {}
                },
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Refusal::Later),
            }
        }
    }

    async fn send<T: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&T>,
    ) -> Result<Vec<u8>, Refusal> {
        let body = body.map_or_else(Body::empty, |body| {
            Body::from(serde_json::to_vec(body).expect("requests are plain data"))
        });
        let request = Request::builder()
            .method(method)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .expect("the parts are valid");
        let response = self.agent.forward(path, request, self.pipes).await;
        let response = response.map_err(|_| Refusal::Later)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_MAX)
            .collect()
            .await;
        let body = body.map_err(|_| Refusal::Later)?.to_bytes().to_vec();
        match status {
            status if status.is_success() => Ok(body),
            StatusCode::NOT_FOUND => Err(Refusal::Missing),
            status if status.is_client_error() => {
                let problem = serde_json::from_slice::<Problem>(&body);
                let detail = problem.map_or_else(|_| status.to_string(), |it| it.detail);
                Err(Refusal::Final(detail))
            }
            _ => Err(Refusal::Later),
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::Final(format!(
            "The machine's agent cannot be understood: {error}."
        ))
    })
}

fn exited(status: ExitStatus, timed_out: bool, cancelled: bool) -> End {
    End {
        state: if cancelled {
            ExecutionState::Cancelled
        } else {
            ExecutionState::Ended
        },
        detail: cancelled.then(|| "It was cancelled.".to_owned()),
        exit: Some(status),
        timed_out,
    }
}

/// Kills what is left of a command's process group.
fn kill_group(process: &Process) {
    let group = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // Nothing may be left of it.
        let _ = kill_process_group(group, Signal::KILL);
    }
}
