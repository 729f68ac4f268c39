//! Running what takes long, and telling how it goes. When the caller goes away, the command is asked to end.

use std::process::ExitStatus;
use std::time::Duration;

use atelier_api::agent::git::{GitCredentials, GitDone, GitEvent, GitFailure, GitOutcome, GitRun};
use futures_util::Stream;
use tokio::io::AsyncReadExt as _;

use super::arguments::Arguments;
use super::helper::{Answers, Helper};
use super::program::{FAREWELL, Running};
use super::progress::{Lines, Progress};
use super::refusal::refusal;
use super::remotes;
use super::repository::Repository;
use super::ssh::Verdict;
use super::writers::Turn;
use crate::AgentError;

/// How many lines of output are told, and kept to explain a failure.
const LINES_MAX: usize = 1_000;

/// How long a command has to take its locks away when it is ended.
const GRACE: Duration = Duration::from_secs(5);

/// A command that is going to run.
#[derive(Debug)]
pub(super) struct Long {
    repository: Repository,
    arguments: Arguments,
    answers: Answers,
    /// Held until it has ended.
    turn: Turn,
}

impl Long {
    /// Takes a turn for it. Whether it may be run at all is checked before this.
    pub(super) async fn new(
        repository: Repository,
        arguments: Arguments,
        answers: Answers,
    ) -> Result<Self, AgentError> {
        let first = arguments.as_slice().first();
        let what = first.map_or_else(String::new, |first| first.to_string_lossy().into_owned());
        let turn = repository.turn(&what).await?;
        Ok(Self {
            repository,
            arguments,
            answers,
            turn,
        })
    }

    /// Runs it. Dropping the stream ends it.
    pub(super) fn run(self) -> impl Stream<Item = GitEvent> + Send {
        let Self {
            repository,
            arguments,
            answers,
            turn,
        } = self;
        async_stream::stream! {
            let shown = arguments.shown();
            yield GitEvent::Started { command: shown.clone() };
            let credentials = answers.credentials.clone();
            let started = start(&repository, &arguments, answers, turn).await;
            let mut work = match started {
                Ok(work) => work,
                Err(detail) => {
                    yield failed(GitFailure::Other, detail, Vec::new());
                    return;
                }
            };
            while let Some(event) = work.next().await {
                yield event;
            }
            let succeeded = work.wait().await.is_some_and(|status| status.success());
            let printed = work.said.join("\n");
            let run = repository.shared.journal.note(shown, printed, succeeded);
            let wanted = work.helper.as_ref().and_then(Helper::wanted);
            let presented = work.helper.as_ref().map(Helper::presented).unwrap_or_default();
            work.helper = None;
            let path = match &wanted {
                Some(wanted) => remotes::path_at(&repository, &arguments, wanted).await,
                None => None,
            };
            let verdict = if succeeded {
                None
            } else {
                repository.shared.ssh.verdict(&run.output, &presented).await
            };
            let outcome = repository.outcome(succeeded).await;
            yield match (succeeded, outcome, wanted) {
                (_, Err(error), _) => failed(GitFailure::Other, error.to_string(), vec![run]),
                (true, Ok(outcome), _) => GitEvent::Done {
                    result: GitDone { outcome: outcome.unwrap_or(GitOutcome::Done), runs: vec![run] },
                },
                (false, Ok(_), Some(wanted)) => GitEvent::CredentialsRequired {
                    protocol: wanted.protocol,
                    host: wanted.host,
                    username: wanted.username,
                    refused: false,
                    path,
                    stored: None,
                },
                (false, Ok(Some(outcome)), None) if stopped(&run) => GitEvent::Done {
                    result: GitDone { outcome, runs: vec![run] },
                },
                (false, Ok(_), None) => refused(run, credentials, verdict),
            };
        }
    }
}

/// Whether a command that ended badly has only stopped half way, and is to be gone on with. A push that is
/// refused while a merge is under way has not.
fn stopped(run: &GitRun) -> bool {
    let is_one = [
        "rebase",
        "merge",
        "pull",
        "cherry-pick",
        "revert",
        "commit",
        "stash",
    ]
    .iter()
    .any(|verb| run.command.starts_with(&format!("git {verb}")));
    let (reason, _) = refusal(&run.output);
    is_one && reason == GitFailure::Other
}

fn refused(run: GitRun, credentials: Option<GitCredentials>, verdict: Option<Verdict>) -> GitEvent {
    if let Some(Verdict {
        is_unknown,
        detail,
        problem,
    }) = verdict
    {
        let reason = if is_unknown {
            GitFailure::UnknownHost
        } else {
            GitFailure::HostKey
        };
        return GitEvent::Failed {
            reason,
            detail,
            host_key: problem,
            runs: vec![run],
        };
    }
    let (reason, detail) = refusal(&run.output);
    match credentials {
        Some(given) if run.output.contains("Authentication failed") => {
            GitEvent::CredentialsRequired {
                protocol: given.protocol,
                host: given.host,
                username: Some(given.username),
                refused: true,
                path: None,
                stored: None,
            }
        }
        _ => failed(reason, detail, vec![run]),
    }
}

fn failed(reason: GitFailure, detail: String, runs: Vec<GitRun>) -> GitEvent {
    GitEvent::Failed {
        reason,
        detail,
        host_key: None,
        runs,
    }
}

async fn start(
    repository: &Repository,
    arguments: &Arguments,
    answers: Answers,
    turn: Turn,
) -> Result<Work, String> {
    let has_credentials = answers.credentials.is_some();
    let helper = Helper::start(&repository.shared.helper, answers)
        .map_err(|error| format!("The agent cannot make its directory below /tmp: {error}."))?;
    // Settings stand before the subcommand.
    let mut settings = Arguments::of(&["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"]);
    if has_credentials {
        // The user's own helpers could store what is given here.
        settings = settings.and("-c").and("credential.helper=");
    }
    for argument in arguments.as_slice() {
        settings = settings.and(argument);
    }
    let mut command = repository.command(&settings);
    helper.attach(&mut command);
    helper
        .attach_ssh(&mut command, &repository.shared.ssh)
        .await;
    let running = Running::start(command).map_err(|error| {
        format!("The program git cannot be started in this workspace: {error}.")
    })?;
    Ok(Work {
        running: Some(running),
        helper: Some(helper),
        turn: Some(turn),
        streams: [Lines::default(), Lines::default()],
        ended: [false, false],
        waiting: std::collections::VecDeque::new(),
        said: Vec::new(),
        told: None,
    })
}

/// A command under way. Dropping it asks it to end, and holds its turn until it has.
struct Work {
    running: Option<Running>,
    helper: Option<Helper>,
    turn: Option<Turn>,
    /// Of standard output and standard error.
    streams: [Lines; 2],
    ended: [bool; 2],
    waiting: std::collections::VecDeque<GitEvent>,
    /// What was not about progress.
    said: Vec<String>,
    told: Option<Progress>,
}

impl Work {
    /// What is to be told next; nothing when the command has ended.
    async fn next(&mut self) -> Option<GitEvent> {
        let mut has_exited = false;
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.ended == [true, true] {
                return None;
            }
            let running = self.running.as_mut()?;
            let (mut out, mut err) = ([0; 4096], [0; 4096]);
            let (open_out, open_err) = (!self.ended[0], !self.ended[1]);
            let read = running.read_either(&mut out, &mut err, open_out, open_err, &mut has_exited);
            let (index, read) = read.await;
            let lines = match read {
                0 => {
                    self.ended[index] = true;
                    self.streams[index].finish().into_iter().collect()
                }
                read => {
                    let bytes = if index == 0 { &out } else { &err };
                    self.streams[index].push(&bytes[..read])
                }
            };
            for line in lines {
                self.hear(line);
            }
        }
    }

    fn hear(&mut self, line: String) {
        if let Some(progress) = Progress::parse(&line) {
            if self.told != Some(progress) {
                self.told = Some(progress);
                self.waiting.push_back(GitEvent::Progress {
                    phase: progress.phase.to_owned(),
                    percent: progress.percent,
                    detail: line,
                });
            }
            return;
        }
        if self.said.len() < LINES_MAX {
            self.said.push(line.clone());
            self.waiting.push_back(GitEvent::Output { line });
        }
    }

    async fn wait(&mut self) -> Option<ExitStatus> {
        let status = self.running.as_mut()?.wait().await.ok();
        self.running = None;
        self.turn = None;
        status
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        let (helper, turn) = (self.helper.take(), self.turn.take());
        running.terminate();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(GRACE, running.wait()).await;
                running.kill();
                drop((helper, turn));
            });
        }
    }
}

impl Running {
    /// Reads from standard output (0) or standard error (1). What stays behind when Git has ended (a shared
    /// connection of SSH) is not waited for.
    async fn read_either(
        &mut self,
        out: &mut [u8],
        err: &mut [u8],
        open_out: bool,
        open_err: bool,
        has_exited: &mut bool,
    ) -> (usize, usize) {
        loop {
            tokio::select! {
                biased;
                read = self.stdout.read(out), if open_out => return (0, read.unwrap_or(0)),
                read = self.stderr.read(err), if open_err => return (1, read.unwrap_or(0)),
                () = Self::patience(*has_exited) => return (usize::from(!open_out), 0),
                _ = self.child.wait(), if !*has_exited => *has_exited = true,
            }
        }
    }

    async fn patience(has_exited: bool) {
        if has_exited {
            tokio::time::sleep(FAREWELL).await;
        } else {
            std::future::pending::<()>().await;
        }
    }
}

/// What a command without questions is told.
pub(super) fn answers(repository: &Repository, credentials: Option<GitCredentials>) -> Answers {
    Answers {
        credentials,
        todo: None,
        git_dir: repository.git_dir.clone(),
    }
}
