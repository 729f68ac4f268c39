//! Staging and unstaging: files, hunks, lines.

use std::ffi::OsString;

use atelier_api::agent::git::{GitChange, GitDiffScope, GitDone};

use super::diff::selected;
use super::patch::Direction;
use crate::AgentError;
use crate::git::arguments::{self, Arguments, nul_separated};
use crate::git::repository::{Repository, done};

/// What a change is about, checked.
pub(super) enum Subject {
    All,
    Files(Vec<OsString>),
    /// Lines of one file.
    Lines(OsString),
}

pub(super) fn subject(change: &GitChange) -> Result<Subject, AgentError> {
    let mut files = arguments::files("files", &change.files)?;
    match (change.all, &change.selection, files.len()) {
        (true, None, 0) => Ok(Subject::All),
        (false, None, 1..) => Ok(Subject::Files(files)),
        (false, Some(_), 1) => Ok(Subject::Lines(files.remove(0))),
        _ => Err(AgentError::invalid(
            "files",
            "Name files, or say all, or name one file with the lines that are chosen.",
        )),
    }
}

const FROM_INPUT: [&str; 2] = ["--pathspec-from-file=-", "--pathspec-file-nul"];

/// Stages changes.
pub(in crate::git) async fn stage(
    repository: &Repository,
    change: &GitChange,
) -> Result<GitDone, AgentError> {
    let subject = subject(change)?;
    let _turn = repository.turn("add").await?;
    let run = match subject {
        Subject::All => {
            repository
                .change(&Arguments::of(&["add", "--all"]), None)
                .await?
        }
        Subject::Files(files) => {
            let arguments = Arguments::of(&["add", "--all"])
                .and(FROM_INPUT[0])
                .and(FROM_INPUT[1]);
            repository
                .change(&arguments, Some(&nul_separated(&files)))
                .await?
        }
        Subject::Lines(file) => {
            let selection = change.selection.as_ref().expect("the subject has lines");
            let (scope, direction) = (GitDiffScope::Unstaged, Direction::Forward);
            let patch = selected(repository, scope, direction, &file, selection).await?;
            let arguments = Arguments::of(&["apply", "--cached", "--whitespace=nowarn", "-"]);
            repository.change(&arguments, Some(&patch)).await?
        }
    };
    Ok(done(vec![run]))
}

/// Takes changes off the stage.
pub(in crate::git) async fn unstage(
    repository: &Repository,
    change: &GitChange,
) -> Result<GitDone, AgentError> {
    let subject = subject(change)?;
    let _turn = repository.turn("restore").await?;
    let is_new = repository.is_unborn().await?;
    let run = match subject {
        Subject::All if is_new => {
            let arguments =
                Arguments::of(&["rm", "--cached", "-r", "--quiet", "--force", "--", "."]);
            repository.change(&arguments, None).await?
        }
        Subject::All => {
            let arguments = Arguments::of(&["restore", "--staged", "--", "."]);
            repository.change(&arguments, None).await?
        }
        Subject::Files(files) => {
            let arguments = if is_new {
                Arguments::of(&["rm", "--cached", "-r", "--quiet", "--force"])
            } else {
                Arguments::of(&["restore", "--staged"])
            };
            let arguments = arguments.and(FROM_INPUT[0]).and(FROM_INPUT[1]);
            repository
                .change(&arguments, Some(&nul_separated(&files)))
                .await?
        }
        Subject::Lines(file) => {
            let selection = change.selection.as_ref().expect("the subject has lines");
            let (scope, direction) = (GitDiffScope::Staged, Direction::Reverse);
            let patch = selected(repository, scope, direction, &file, selection).await?;
            let arguments =
                Arguments::of(&["apply", "--cached", "--reverse", "--whitespace=nowarn", "-"]);
            repository.change(&arguments, Some(&patch)).await?
        }
    };
    Ok(done(vec![run]))
}
