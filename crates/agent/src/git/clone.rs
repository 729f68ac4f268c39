//! Cloning: into a temporary directory beside the destination, which gets its name when all is
//! there.
//!
//! Invariant: whether the clone fails or its caller goes away, Git and its helpers are ended, and
//! nothing of what they made is left.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atelier_api::agent::git::{CloneEvent, CloneFailure, GitClone, GitCredentials};
use futures_util::Stream;
use rustix::fs::{AtFlags, unlinkat};
use rustix::io::Errno;
use tokio::process::Command;

use super::failure::{LINES_MAX, explain};
use super::helper::{Answers, Helper};
use super::program::{Git, Running, run};
use super::progress::{Lines, Progress};
use super::remote::{Credentials, Remote, is_reference};
use super::remotes::checked;
use super::ssh::{Ssh, Verdict};
use crate::AgentError;
use crate::files::{
    Existing, FileError, O_DIRECTORY_PATH, Reason, RelativePath, RootDir, Temporary, blocking,
    create_directories, each_entry, is_directory,
};

/// What cloning takes.
pub(super) struct Cloner {
    pub(super) git: Arc<Git>,
    pub(super) ssh: Arc<Ssh>,
    /// The program that Git asks for the credentials in the address.
    pub(super) helper: PathBuf,
}

/// Clones `request.url` to `path` below the root, and tells how it goes. Dropping the stream ends
/// the clone.
pub(super) fn clone(
    cloner: Cloner,
    root: Arc<RootDir>,
    path: RelativePath,
    request: GitClone,
) -> impl Stream<Item = CloneEvent> + Send {
    async_stream::stream! {
        let Cloner { git, ssh, helper } = cloner;
        let remote = match Remote::parse(&request.url) {
            Ok(remote) => remote,
            Err(error) => {
                yield failed(CloneFailure::InvalidUrl, error.to_string());
                return;
            }
        };
        let reference = request.reference.as_deref();
        if let Some(name) = reference.filter(|name| !is_reference(name)) {
            yield failed(CloneFailure::Other, format!("“{name}” cannot be a branch or tag."));
            return;
        }
        let prepared = blocking(move || Ok::<_, AgentError>(Destination::prepare(root, path)));
        let destination = match prepared.await {
            Ok(Ok(destination)) => destination,
            Ok(Err(error)) => {
                yield not_writable(error);
                return;
            }
            Err(error) => {
                yield failed(CloneFailure::Other, error.to_string());
                return;
            }
        };
        let given = match remote.credentials.clone().map(of_address) {
            Some(given) => Some(given),
            None => match checked(request.credentials) {
                Ok(given) => given,
                Err(error) => {
                    yield failed(CloneFailure::Other, error.to_string());
                    return;
                }
            },
        };
        let mut command =
            command(&git, &destination.directory, &remote.url, given.is_some(), reference);
        let has_credentials = given.is_some();
        let helper = match answering(&helper, given) {
            Ok(helper) => helper,
            Err(error) => {
                let detail = format!("The agent cannot make its directory below /tmp: {error}.");
                yield failed(CloneFailure::Other, detail);
                return;
            }
        };
        // Without credentials the user's own helpers are asked, as in a terminal.
        if has_credentials {
            helper.attach(&mut command);
        }
        helper.attach_ssh(&mut command, &ssh).await;
        let mut cloning = match Cloning::start(command, helper, destination) {
            Ok(cloning) => cloning,
            Err(error) => {
                let detail = format!("The program git cannot be started in this workspace: {error}.");
                yield failed(CloneFailure::Other, detail);
                return;
            }
        };
        while let Some((progress, detail)) = cloning.next_progress().await {
            let Progress { phase, percent } = progress;
            yield CloneEvent::Progress { phase: phase.to_owned(), percent, detail };
        }
        yield cloning.finish(&git, &ssh).await;
    }
}

fn failed(reason: CloneFailure, detail: impl Into<String>) -> CloneEvent {
    CloneEvent::Failed {
        reason,
        detail: detail.into(),
        host_key: None,
    }
}

/// The host's key was not accepted.
fn not_accepted(verdict: Verdict) -> CloneEvent {
    let reason = if verdict.is_unknown {
        CloneFailure::UnknownHost
    } else {
        CloneFailure::HostKey
    };
    CloneEvent::Failed {
        reason,
        detail: verdict.detail,
        host_key: verdict.problem,
    }
}

fn not_writable(error: FileError) -> CloneEvent {
    let reason = match error.reason() {
        Reason::Exists | Reason::NotEmpty => CloneFailure::TargetExists,
        Reason::OutOfSpace => CloneFailure::OutOfSpace,
        _ => CloneFailure::Other,
    };
    failed(reason, AgentError::from(error).to_string())
}

fn of_address(given: Credentials) -> GitCredentials {
    let Credentials {
        protocol,
        host,
        username,
        password,
    } = given;
    GitCredentials {
        protocol,
        host,
        username,
        secret: password,
    }
}

/// Answers with credentials, which stand in no environment, argument or file; and is told what hosts present.
fn answering(program: &Path, given: Option<GitCredentials>) -> std::io::Result<Helper> {
    let answers = Answers {
        credentials: given,
        ..Answers::default()
    };
    Helper::start(program, answers)
}

fn command(
    git: &Git,
    directory: &OwnedFd,
    url: &str,
    has_credentials: bool,
    reference: Option<&str>,
) -> Command {
    let mut command = git.command(directory);
    // What a template would run. `gc` would go on working in the background.
    command.args(["-c", "core.hooksPath=/dev/null"]);
    command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    // A connection that gives nothing for a minute is broken.
    command.args(["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"]);
    if has_credentials {
        // The user's own helpers could store what is given here.
        command.args(["-c", "credential.helper="]);
    }
    command.args(["clone", "--progress"]);
    if let Some(reference) = reference {
        command.arg(format!("--branch={reference}"));
    }
    command.args(["--", url, "."]);
    command
}

/// Where the clone goes. Dropping it removes what was made.
struct Destination {
    root: Arc<RootDir>,
    path: RelativePath,
    temporary: Temporary,
    /// The temporary directory, open.
    directory: OwnedFd,
}

impl Destination {
    fn prepare(root: Arc<RootDir>, path: RelativePath) -> Result<Self, FileError> {
        let about = |error: FileError| error.about(|| path.wire());
        ensure_free(&root, &path).map_err(about)?;
        // Missing directories above it are made when the clone is whole; until then it is made in
        // the lowest one that exists.
        let mut above = path.clone();
        let parent = loop {
            above = above
                .split()
                .ok_or(Reason::RootItself)
                .map_err(FileError::from)?
                .0;
            match root.open_at(&above, O_DIRECTORY_PATH) {
                Ok(parent) => break parent,
                Err(error) if *error.reason() == Reason::NotFound && !above.is_root() => {}
                Err(error) => return Err(error.about(|| above.wire())),
            }
        };
        let (temporary, directory) = Temporary::directory(parent).map_err(about)?;
        Ok(Self {
            root,
            path,
            temporary,
            directory,
        })
    }

    /// Gives the clone its name.
    fn publish(self) -> Result<(), FileError> {
        let Self {
            root,
            path,
            temporary,
            ..
        } = self;
        let publish = || {
            if let Some((above, _)) = path.split() {
                create_directories(&root, &above)?;
            }
            let place = root.locate(&path)?;
            // An empty directory may stand there; one that was filled meanwhile stays.
            match unlinkat(&place.parent, &place.name, AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(errno.into()),
            }
            temporary.publish(&place, Existing::Keep)?;
            place.sync()
        };
        publish().map_err(|error: FileError| error.about(|| path.wire()))
    }
}

/// Makes sure that nothing, or an empty directory, stands at `path`.
fn ensure_free(root: &RootDir, path: &RelativePath) -> Result<(), FileError> {
    let place = match root.for_writing()?.locate(path) {
        Ok(place) => place,
        Err(error) if *error.reason() == Reason::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match place.metadata()? {
        None => Ok(()),
        Some(metadata) if is_directory(&metadata) => {
            each_entry(root.open_directory(path)?, |_, _| {
                Err(Reason::NotEmpty.into())
            })
        }
        Some(_) => Err(Reason::Exists.into()),
    }
}

/// A clone under way. Dropping it ends it and removes what it made.
struct Cloning {
    running: Option<Running>,
    /// Answers for as long as Git runs.
    helper: Helper,
    destination: Option<Destination>,
    lines: Lines,
    /// The last lines that were not about progress.
    said: VecDeque<String>,
    /// What was read but not told yet.
    waiting: VecDeque<(Progress, String)>,
    told: Option<Progress>,
}

impl Cloning {
    fn start(command: Command, helper: Helper, destination: Destination) -> std::io::Result<Self> {
        Ok(Self {
            running: Some(Running::start(command)?),
            helper,
            destination: Some(destination),
            lines: Lines::default(),
            said: VecDeque::new(),
            waiting: VecDeque::new(),
            told: None,
        })
    }

    /// The next step of progress that differs from the one before; nothing when Git has ended.
    async fn next_progress(&mut self) -> Option<(Progress, String)> {
        loop {
            if let Some(progress) = self.waiting.pop_front() {
                return Some(progress);
            }
            let mut bytes = [0; 8192];
            let running = self.running.as_mut()?;
            let read = running.read_message(&mut bytes).await;
            let lines = match read {
                0 => {
                    if let Some(last) = self.lines.finish() {
                        self.hear(last);
                    }
                    return None;
                }
                read => self.lines.push(&bytes[..read]),
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
                self.waiting.push_back((progress, line));
            }
            return;
        }
        self.said.push_back(line);
        if self.said.len() > LINES_MAX {
            self.said.pop_front();
        }
    }

    /// What came of it, when Git has ended.
    async fn finish(mut self, git: &Git, ssh: &Ssh) -> CloneEvent {
        let status = match self.running.as_mut() {
            Some(running) => running.wait().await,
            None => return failed(CloneFailure::Other, "Git was not running."),
        };
        if !status.is_ok_and(|status| status.success()) {
            let lines: Vec<String> = self.said.drain(..).collect();
            let presented = self.helper.presented();
            if let Some(verdict) = ssh.verdict(&lines.join("\n"), &presented).await {
                return not_accepted(verdict);
            }
            let (reason, detail) = explain(&lines);
            return failed(reason, detail);
        }
        let Some(destination) = self.destination.take() else {
            return failed(CloneFailure::Other, "The clone has no destination.");
        };
        let commit = head(git, &destination.directory).await;
        match blocking(move || Ok::<_, AgentError>(destination.publish())).await {
            Ok(Ok(())) => CloneEvent::Done { commit },
            Ok(Err(error)) => not_writable(error),
            Err(error) => failed(CloneFailure::Other, error.to_string()),
        }
    }
}

impl Drop for Cloning {
    fn drop(&mut self) {
        let (Some(mut running), Some(destination)) = (self.running.take(), self.destination.take())
        else {
            return;
        };
        running.kill();
        // What Git writes while it dies would survive a removal that begins too early.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                running.ended().await;
                drop(destination);
            });
        }
    }
}

/// The commit that is checked out; nothing in an empty repository.
async fn head(git: &Git, directory: &OwnedFd) -> Option<String> {
    let mut command = git.command(directory);
    command.args(["rev-parse", "--verify", "--quiet", "HEAD"]);
    let output = run(command).await.ok()?;
    let commit = String::from_utf8(output.stdout).ok()?;
    Some(commit.trim().to_owned()).filter(|commit| !commit.is_empty())
}
