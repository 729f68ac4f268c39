//! The state of a working tree.

use atelier_api::agent::git::GitStatus;

use super::arguments::Arguments;
use super::porcelain::parse;
use super::refusal::refusal;
use super::repository::Repository;
use crate::AgentError;

/// The state of a repository.
pub(super) async fn status(repository: &Repository) -> Result<GitStatus, AgentError> {
    let arguments = Arguments::of(&[
        "--no-optional-locks",
        "status",
        "--porcelain=v2",
        "--branch",
        "--show-stash",
        "-z",
        "--untracked-files=normal",
        "--",
    ]);
    let output = repository.ask(&arguments).await?;
    if !output.succeeded && output.stdout.is_empty() {
        return Err(AgentError::conflict(format!(
            "Git cannot tell the status. {}",
            refusal(&output.message).1
        )));
    }
    let mut status = parse(&output.stdout, repository.root.clone());
    status.operation = repository.operation();
    Ok(status)
}
