//! A repository that a request names, and the running of commands in it.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::files::Root;
use atelier_api::agent::git::{GitDone, GitOperation, GitOutcome, GitRun};
use tokio::process::Command;

use super::arguments::Arguments;
use super::journal::Journal;
use super::program::{Git, Output, run, run_with};
use super::refusal::refused;
use super::ssh::Ssh;
use super::writers::{Turn, Writers};
use crate::AgentError;
use crate::files::{
    FileError, O_DIRECTORY_PATH, RelativePath, RootDir, Roots, blocking, encode, parse_path,
};

/// How long Git may take to tell something. Beyond it the tree is on a disk that nobody wants to wait for.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a change may take; hooks run meanwhile.
const WRITE_TIMEOUT: Duration = Duration::from_secs(120);

/// What the handlers share.
#[derive(Debug)]
pub(super) struct Repositories {
    pub(super) git: Arc<Git>,
    pub(super) roots: Roots,
    pub(super) workspace: PathBuf,
    pub(super) journal: Journal,
    pub(super) writers: Writers,
    pub(super) ssh: Arc<Ssh>,
    /// The agent's own program, which Git runs to be told credentials and messages.
    pub(super) helper: PathBuf,
}

/// A repository with a working tree.
#[derive(Debug, Clone)]
pub(super) struct Repository {
    pub(super) shared: Arc<Repositories>,
    pub(super) workspace: Arc<RootDir>,
    directory: Arc<OwnedFd>,
    /// The workspace's root.
    top: PathBuf,
    /// The repository's top directory below the workspace's root.
    pub(super) base: RelativePath,
    pub(super) root: String,
    /// What Git keeps of this working tree.
    pub(super) git_dir: PathBuf,
    /// What Git keeps of the repository.
    common_dir: PathBuf,
}

impl Repository {
    /// The repository that holds the directory `wire`.
    pub(super) async fn open(shared: &Arc<Repositories>, wire: &str) -> Result<Self, AgentError> {
        let path = parse_path(wire)?;
        let workspace = shared.roots.get(Root::Workspace)?;
        let (directory, top) = blocking({
            let (workspace, path) = (Arc::clone(&workspace), path.clone());
            let top = shared.workspace.clone();
            move || {
                let directory = open(&workspace, &path)?;
                Ok::<_, FileError>((directory, top.canonicalize().unwrap_or(top)))
            }
        })
        .await?;
        let mut repository = Self {
            shared: Arc::clone(shared),
            workspace,
            directory: Arc::new(directory),
            top,
            base: path,
            root: String::new(),
            git_dir: PathBuf::new(),
            common_dir: PathBuf::new(),
        };
        let arguments = Arguments::of(&["rev-parse", "--path-format=absolute"])
            .and("--show-toplevel")
            .and("--git-dir")
            .and("--git-common-dir");
        let output = repository.ask(&arguments).await?;
        let shown = repository.base.wire();
        let nowhere = || AgentError::not_found(format!("“{shown}” lies in no Git repository."));
        if !output.succeeded {
            if output.message.contains("must be run in a work tree") {
                return Err(AgentError::conflict(format!(
                    "“{shown}” is a bare repository: it has no working tree. Clone it, or add a worktree \
                     in a terminal."
                )));
            }
            if output.message.contains("not a git repository") {
                return Err(nowhere());
            }
            return Err(refused(&output.message));
        }
        let [found, git_dir, common_dir] = three(&output.stdout).ok_or_else(nowhere)?;
        let below = found.strip_prefix(&repository.top).map_err(|_| nowhere())?;
        repository.root = encode(below.as_os_str().as_bytes());
        repository.git_dir = git_dir;
        repository.common_dir = common_dir;
        let base = parse_path(&repository.root)?;
        if base != repository.base {
            let workspace = Arc::clone(&repository.workspace);
            let path = base.clone();
            let directory = blocking(move || open(&workspace, &path)).await?;
            repository.directory = Arc::new(directory);
            repository.base = base;
        }
        Ok(repository)
    }

    pub(super) fn workspace_top(&self) -> &Path {
        &self.top
    }

    /// A file's path below the workspace's root.
    pub(super) fn path_of(&self, file: &OsString) -> Result<RelativePath, AgentError> {
        let name = encode(file.as_bytes());
        if self.base.is_root() {
            parse_path(&name)
        } else {
            parse_path(&format!("{}/{name}", self.root))
        }
    }

    /// The repository's top directory, as the system knows it.
    pub(super) fn top_path(&self) -> PathBuf {
        self.top
            .join(Path::new(std::ffi::OsStr::from_bytes(self.base.as_bytes())))
    }

    /// A command in the repository's top directory.
    pub(super) fn command(&self, arguments: &Arguments) -> Command {
        let mut command = self.shared.git.command(&self.directory);
        // It names files by signs of its own to the commands that it runs in turn.
        if arguments
            .as_slice()
            .first()
            .is_some_and(|verb| verb == "stash")
        {
            command.env_remove("GIT_LITERAL_PATHSPECS");
        }
        // A repository around the root is none of the workspace's.
        if let Some(above) = self.top.parent() {
            command.env("GIT_CEILING_DIRECTORIES", above);
        }
        // What lies in the workspace is the workspace's, whoever owns the files.
        command.args(["-c", "safe.directory=*"]);
        // It would go on working in the background.
        command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
        command.args(arguments.as_slice());
        command
    }

    /// Asks Git something, whatever comes of it.
    pub(super) async fn ask(&self, arguments: &Arguments) -> Result<Output, AgentError> {
        let mut command = self.command(arguments);
        command.env("GIT_OPTIONAL_LOCKS", "0");
        match tokio::time::timeout(READ_TIMEOUT, run(command)).await {
            Ok(output) => output,
            Err(_) => Err(AgentError::timeout(format!(
                "“{}” did not answer within {} seconds.",
                arguments.shown(),
                READ_TIMEOUT.as_secs()
            ))),
        }
    }

    /// Asks Git something, and gives what it printed.
    pub(super) async fn read(&self, arguments: &Arguments) -> Result<Vec<u8>, AgentError> {
        let output = self.ask(arguments).await?;
        if output.succeeded || output.stdout.len() as u64 >= super::program::OUTPUT_MAX {
            Ok(output.stdout)
        } else {
            Err(refused(&output.message))
        }
    }

    /// Asks Git for a line; empty where it fails.
    pub(super) async fn line(&self, arguments: &Arguments) -> Result<String, AgentError> {
        let output = self.ask(arguments).await?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok(if output.succeeded {
            text
        } else {
            String::new()
        })
    }

    /// Waits for a turn to write.
    pub(super) async fn turn(&self, what: &str) -> Result<Turn, AgentError> {
        self.shared.writers.turn(&self.common_dir, what).await
    }

    /// Runs a command that changes something, and notes it.
    pub(super) async fn write(
        &self,
        arguments: &Arguments,
        input: Option<&[u8]>,
    ) -> Result<GitRun, AgentError> {
        let command = self.command(arguments);
        let shown = arguments.shown();
        let running = tokio::time::timeout(WRITE_TIMEOUT, run_with(command, input));
        let Ok(output) = running.await else {
            let detail = format!(
                "“{shown}” did not end within {} seconds, and was ended. A hook that waits for \
                 something can be the reason.",
                WRITE_TIMEOUT.as_secs()
            );
            self.shared.journal.note(shown, detail.clone(), false);
            return Err(AgentError::timeout(detail));
        };
        let output = output?;
        let mut printed = String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned();
        if !printed.is_empty() && !output.message.is_empty() {
            printed.push('\n');
        }
        printed.push_str(&output.message);
        Ok(self.shared.journal.note(shown, printed, output.succeeded))
    }

    /// Runs a command that must end well.
    pub(super) async fn change(
        &self,
        arguments: &Arguments,
        input: Option<&[u8]>,
    ) -> Result<GitRun, AgentError> {
        let run = self.write(arguments, input).await?;
        if run.succeeded {
            Ok(run)
        } else {
            Err(refused(&run.output))
        }
    }

    /// Takes a turn, runs one command that must end well, and answers it.
    pub(super) async fn done(&self, arguments: &Arguments) -> Result<GitDone, AgentError> {
        let first = arguments.as_slice().first();
        let what = first.map_or_else(String::new, |first| first.to_string_lossy().into_owned());
        let _turn = self.turn(&what).await?;
        let run = self.change(arguments, None).await?;
        Ok(done(vec![run]))
    }

    /// Takes a turn, and runs a command that may end in conflicts.
    pub(super) async fn join(&self, arguments: &Arguments) -> Result<GitDone, AgentError> {
        let _turn = self.turn("merge").await?;
        let run = self.write(arguments, None).await?;
        let outcome = self.outcome(run.succeeded).await?;
        match outcome {
            Some(outcome) => Ok(GitDone {
                outcome,
                runs: vec![run],
            }),
            None => Err(refused(&run.output)),
        }
    }

    /// What came of a command that may stop half way; nothing where it simply failed.
    pub(super) async fn outcome(&self, succeeded: bool) -> Result<Option<GitOutcome>, AgentError> {
        let unmerged = self
            .read(&Arguments::of(&["ls-files", "--unmerged", "-z"]))
            .await?;
        if !unmerged.is_empty() {
            return Ok(Some(GitOutcome::Conflicts));
        }
        match (succeeded, self.operation()) {
            (true, None | Some(GitOperation::Bisect)) => Ok(Some(GitOutcome::Done)),
            (_, Some(_)) => Ok(Some(GitOutcome::Stopped)),
            (false, None) => Ok(None),
        }
    }

    /// What has been begun and not ended.
    pub(super) fn operation(&self) -> Option<GitOperation> {
        let has = |name: &str| self.git_dir.join(name).exists();
        if has("rebase-merge") || has("rebase-apply") {
            Some(GitOperation::Rebase)
        } else if has("MERGE_HEAD") {
            Some(GitOperation::Merge)
        } else if has("CHERRY_PICK_HEAD") {
            Some(GitOperation::CherryPick)
        } else if has("REVERT_HEAD") {
            Some(GitOperation::Revert)
        } else if has("BISECT_LOG") {
            Some(GitOperation::Bisect)
        } else {
            None
        }
    }

    /// Whether there is no commit yet. One that is named and cannot be read is something else.
    pub(super) async fn is_unborn(&self) -> Result<bool, AgentError> {
        let arguments = Arguments::of(&["rev-parse", "--verify", "--quiet", "HEAD"]);
        Ok(self.line(&arguments).await?.is_empty())
    }

    /// The hash of the commit that `revision` names.
    pub(super) async fn commit(&self, revision: &str) -> Result<String, AgentError> {
        let arguments = Arguments::of(&["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .and(format!("{revision}^{{commit}}"));
        let hash = self.line(&arguments).await?;
        if hash.is_empty() {
            return Err(AgentError::not_found(format!(
                "There is no commit “{revision}” in this repository."
            )));
        }
        Ok(hash)
    }
}

/// It is done.
pub(super) fn done(runs: Vec<GitRun>) -> GitDone {
    GitDone {
        outcome: GitOutcome::Done,
        runs,
    }
}

fn open(workspace: &RootDir, path: &RelativePath) -> Result<OwnedFd, FileError> {
    workspace
        .open_at(path, O_DIRECTORY_PATH)
        .map_err(|error| error.about(|| path.wire()))
}

/// Three paths, each on a line of its own. Line ends in a directory's name stand in all three.
fn three(printed: &[u8]) -> Option<[PathBuf; 3]> {
    let lines: Vec<&[u8]> = printed
        .strip_suffix(b"\n")?
        .split(|b| *b == b'\n')
        .collect();
    let each = lines.len() / 3;
    if each == 0 || !lines.len().is_multiple_of(3) {
        return None;
    }
    let path = |index: usize| {
        let bytes = lines[index * each..(index + 1) * each].join(&b'\n');
        PathBuf::from(OsString::from_vec(bytes))
    };
    Some([path(0), path(1), path(2)])
}
