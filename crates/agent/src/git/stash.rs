//! Stashes: changes that are put aside.

use std::ffi::OsString;

use atelier_api::agent::git::{GitDone, GitStash, GitStashChange, GitStashList, GitStashPush};

use super::arguments::{self, Arguments, hash, text};
use super::history::seconds;
use super::refusal::refused;
use super::repository::{Repository, done};
use crate::AgentError;

/// How many are told of.
const STASHES_MAX: u32 = 500;

/// Lists stashes, newest first.
pub(super) async fn list(repository: &Repository) -> Result<GitStashList, AgentError> {
    let arguments = Arguments::of(&["stash", "list", "-z", "--format=%H%x00%ct%x00%gs"])
        .and(format!("--max-count={STASHES_MAX}"));
    let printed = repository.read(&arguments).await?;
    let fields: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let items = (0..)
        .zip(fields.chunks_exact(3))
        .map(|(index, fields)| GitStash {
            index,
            id: text(fields[0]),
            at: seconds(&text(fields[1])),
            message: text(fields[2]),
        });
    Ok(GitStashList {
        items: items.collect(),
    })
}

/// Puts changes aside.
pub(super) async fn push(
    repository: &Repository,
    request: &GitStashPush,
) -> Result<GitDone, AgentError> {
    // A stash takes no literal names for all of its commands.
    let literal = |file: OsString| {
        let mut named = OsString::from(":(literal)");
        named.push(file);
        named
    };
    let files = arguments::files("files", &request.files)?;
    let files: Vec<OsString> = files.into_iter().map(literal).collect();
    let mut arguments =
        Arguments::of(&["stash", "push"]).and_if(request.untracked, "--include-untracked");
    if !request.message.is_empty() {
        arguments = arguments.and(format!("--message={}", text("message", &request.message)?));
    }
    let _turn = repository.turn("stash").await?;
    let run = repository.change(&arguments.files(&files), None).await?;
    if run.output.contains("No local changes to save") {
        return Err(AgentError::conflict(
            "Nothing has changed, so there is nothing to put aside.",
        ));
    }
    Ok(done(vec![run]))
}

/// `pop`, `apply` or `drop`.
pub(super) async fn take(
    repository: &Repository,
    verb: &str,
    request: &GitStashChange,
) -> Result<GitDone, AgentError> {
    let id = hash("id", &request.id)?;
    let place = format!("stash@{{{}}}", request.index);
    let _turn = repository.turn("stash").await?;
    let there = Arguments::of(&["rev-parse", "--verify", "--quiet"]).and(&place);
    if repository.line(&there).await? != id {
        return Err(AgentError::stale(
            None,
            "The stashes have changed meanwhile. Look at the list again.",
        ));
    }
    let run = repository
        .write(&Arguments::of(&["stash", verb]).and(&place), None)
        .await?;
    match repository.outcome(run.succeeded).await? {
        Some(outcome) if run.succeeded || run.output.contains("CONFLICT") => Ok(GitDone {
            outcome,
            runs: vec![run],
        }),
        _ => Err(refused(&run.output)),
    }
}
