//! The state of a working tree.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use atelier_api::agent::git::GitStatus;
use tokio::process::Command;

use super::porcelain::parse;
use super::program::{Git, run};
use crate::AgentError;
use crate::files::{FileError, O_DIRECTORY_PATH, RelativePath, RootDir, blocking, encode};

/// How long Git may take. Beyond it the tree is on a disk that nobody wants to wait for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The state of the repository that holds the directory `path`.
pub(super) async fn status(
    git: &Git,
    root: Arc<RootDir>,
    root_path: &Path,
    path: RelativePath,
) -> Result<GitStatus, AgentError> {
    let shown = path.wire();
    let root_path = root_path.to_owned();
    let (directory, top) = blocking(move || {
        let directory = root
            .open_at(&path, O_DIRECTORY_PATH)
            .map_err(|error| error.about(|| path.wire()))?;
        let top = root_path.canonicalize().unwrap_or(root_path);
        Ok::<_, FileError>((directory, top))
    })
    .await?;
    let work = async {
        let repository = find(git, &directory, &top).await?.ok_or_else(|| {
            AgentError::not_found(format!("“{shown}” lies in no Git repository."))
        })?;
        let mut command = command(git, &directory, &top);
        command.args([
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "--branch",
            "-z",
        ]);
        command.args(["--untracked-files=normal", "--"]);
        let output = run(command).await?;
        if !output.succeeded && output.stdout.is_empty() {
            return Err(AgentError::conflict(format!(
                "Git cannot tell the status: {}",
                output.message
            )));
        }
        Ok(parse(&output.stdout, repository))
    };
    match tokio::time::timeout(TIMEOUT, work).await {
        Ok(result) => result,
        Err(_) => Err(AgentError::timeout(format!(
            "Git did not tell the status within {} seconds.",
            TIMEOUT.as_secs()
        ))),
    }
}

fn command(git: &Git, directory: &OwnedFd, top: &Path) -> Command {
    let mut command = git.command(directory);
    // A repository around the root is none of the workspace's.
    if let Some(above) = top.parent() {
        command.env("GIT_CEILING_DIRECTORIES", above);
    }
    // What lies in the workspace is the workspace's, whoever owns the files.
    command.args(["-c", "safe.directory=*"]);
    command
}

/// The top directory of the repository that holds `directory`, below the root.
async fn find(git: &Git, directory: &OwnedFd, top: &Path) -> Result<Option<String>, AgentError> {
    let mut command = command(git, directory, top);
    command.args(["rev-parse", "--show-toplevel"]);
    let mut output = run(command).await?.stdout;
    if output.last() == Some(&b'\n') {
        output.pop();
    }
    if output.is_empty() {
        return Ok(None);
    }
    let found = PathBuf::from(OsString::from_vec(output));
    Ok(found
        .strip_prefix(top)
        .ok()
        .map(|below| encode(below.as_os_str().as_bytes())))
}
