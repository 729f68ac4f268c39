//! What joins and moves commits: merge, rebase, cherry-pick, revert, reset, and going on with them.

use atelier_api::agent::git::{
    GitDone, GitMerge, GitOperation, GitPick, GitProceed, GitRebase, GitReset, GitResetMode,
    GitStep, GitTodo, GitTodoAction,
};

use super::arguments::{Arguments, hash, revision, text};
use super::repository::Repository;
use super::stream::{Long, answers};
use crate::AgentError;

/// How many commits a list of a rebase may have.
const TODO_MAX: usize = 1_000;

/// How many commits may be picked at once.
const PICKS_MAX: usize = 100;

/// Merges into the current branch.
pub(super) async fn merge(
    repository: &Repository,
    request: &GitMerge,
) -> Result<GitDone, AgentError> {
    let arguments = Arguments::of(&["merge", "--no-edit"])
        .and_if(request.no_fast_forward, "--no-ff")
        .and_if(request.squash, "--squash")
        .and(revision("reference", &request.reference)?);
    at_rest(repository)?;
    repository.join(&arguments).await
}

/// Rebases the current branch.
pub(super) async fn rebase(repository: Repository, request: GitRebase) -> Result<Long, AgentError> {
    let onto = revision("onto", &request.onto)?.to_owned();
    at_rest(&repository)?;
    let arguments = Arguments::of(&["rebase"]).and_if(request.autostash, "--autostash");
    let mut answers = answers(&repository, None);
    let arguments = match request.todo {
        None => arguments.and(onto),
        Some(todo) => {
            check(&todo)?;
            answers.todo = Some(todo);
            arguments
                .and("--interactive")
                .and("--no-autosquash")
                .and("--empty=drop")
                .and(onto)
        }
    };
    Long::new(repository, arguments, answers).await
}

fn check(todo: &[GitTodo]) -> Result<(), AgentError> {
    if todo.is_empty() || todo.len() > TODO_MAX {
        let detail = "Name 1 to 1,000 commits.";
        return Err(AgentError::invalid("todo", detail));
    }
    for entry in todo {
        hash("todo.commit", &entry.commit)?;
        if let Some(message) = &entry.message {
            text("todo.message", message)?;
            if message.trim().is_empty() {
                let detail = "A commit needs a message.";
                return Err(AgentError::invalid("todo.message", detail));
            }
        }
    }
    let first = todo
        .iter()
        .find(|entry| entry.action != GitTodoAction::Drop);
    let is_joined = first
        .is_some_and(|entry| matches!(entry.action, GitTodoAction::Squash | GitTodoAction::Fixup));
    if is_joined {
        return Err(AgentError::invalid(
            "todo",
            "The first commit that stays cannot become a part of the one before it: there is none.",
        ));
    }
    Ok(())
}

/// Goes on with what has stopped, or leaves it.
pub(super) async fn proceed(
    repository: Repository,
    request: GitProceed,
) -> Result<Long, AgentError> {
    let verb = match repository.operation() {
        Some(GitOperation::Merge) => "merge",
        Some(GitOperation::Rebase) => "rebase",
        Some(GitOperation::CherryPick) => "cherry-pick",
        Some(GitOperation::Revert) => "revert",
        Some(_) => {
            return Err(AgentError::conflict(
                "A bisection is gone on with in a terminal.",
            ));
        }
        None => {
            return Err(AgentError::conflict(
                "Nothing is under way in this repository.",
            ));
        }
    };
    let step = match request.step {
        GitStep::Continue => "--continue",
        GitStep::Skip if verb == "merge" => {
            let detail = "A merge has no commits that could be left out. Abort it instead.";
            return Err(AgentError::invalid("step", detail));
        }
        GitStep::Skip => "--skip",
        GitStep::Abort => "--abort",
    };
    let answers = answers(&repository, None);
    Long::new(repository, Arguments::of(&[verb, step]), answers).await
}

/// Applies commits once more, here.
pub(super) async fn cherry_pick(
    repository: &Repository,
    request: &GitPick,
) -> Result<GitDone, AgentError> {
    let arguments = picked(Arguments::of(&["cherry-pick"]), &request.commits)?;
    at_rest(repository)?;
    repository.join(&arguments).await
}

/// Applies commits backwards.
pub(super) async fn revert(
    repository: &Repository,
    request: &GitPick,
) -> Result<GitDone, AgentError> {
    let arguments = picked(Arguments::of(&["revert", "--no-edit"]), &request.commits)?;
    at_rest(repository)?;
    repository.join(&arguments).await
}

fn picked(mut arguments: Arguments, commits: &[String]) -> Result<Arguments, AgentError> {
    if commits.is_empty() || commits.len() > PICKS_MAX {
        return Err(AgentError::invalid("commits", "Name 1 to 100 commits."));
    }
    for commit in commits {
        arguments = arguments.and(hash("commits", commit)?);
    }
    Ok(arguments)
}

/// Moves the current branch.
pub(super) async fn reset(
    repository: &Repository,
    request: &GitReset,
) -> Result<GitDone, AgentError> {
    let mode = match request.mode {
        GitResetMode::Soft => "--soft",
        GitResetMode::Mixed => "--mixed",
        GitResetMode::Hard => "--hard",
        GitResetMode::Keep => "--keep",
    };
    let commit = revision("commit", &request.commit)?;
    repository
        .done(&Arguments::of(&["reset"]).and(mode).and(commit))
        .await
}

/// Two things at once are one too many.
fn at_rest(repository: &Repository) -> Result<(), AgentError> {
    let what = match repository.operation() {
        None | Some(GitOperation::Bisect) => return Ok(()),
        Some(GitOperation::Merge) => "A merge",
        Some(GitOperation::Rebase) => "A rebase",
        Some(GitOperation::CherryPick) => "A cherry-pick",
        Some(_) => "A revert",
    };
    Err(AgentError::conflict(format!(
        "{what} is under way in this repository. Go on with it or abort it first."
    )))
}
