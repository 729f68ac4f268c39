//! The difference of one file.

use std::ffi::OsString;

use atelier_api::agent::git::{GitDiffQuery, GitDiffScope, GitFileDiff, GitSelection};
use sha2::{Digest as _, Sha256};

use super::patch::{Direction, Patch};
use crate::AgentError;
use crate::git::arguments::{self, Arguments};
use crate::git::program::OUTPUT_MAX;
use crate::git::repository::Repository;

/// The tree of a repository without a commit.
pub(super) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// How many lines may stand around a change.
const CONTEXT_MAX: u32 = 100_000;

/// How many lines stand around a change by default, as with Git itself.
const CONTEXT: u32 = 3;

/// How many ranges of lines a selection may have.
const RANGES_MAX: usize = 10_000;

/// The difference that `query` asks for.
pub(in crate::git) async fn diff(
    repository: &Repository,
    query: &GitDiffQuery,
) -> Result<GitFileDiff, AgentError> {
    let file = arguments::file("file", &query.file)?;
    let context = query.context.unwrap_or(CONTEXT).min(CONTEXT_MAX);
    let printed = match query.scope {
        GitDiffScope::Commit => {
            let commit = query.commit.as_deref().unwrap_or("HEAD");
            let commit = repository
                .commit(arguments::revision("commit", commit)?)
                .await?;
            let from = match query.from.as_deref() {
                Some(from) => {
                    repository
                        .commit(arguments::revision("from", from)?)
                        .await?
                }
                None => parent(repository, &commit).await?,
            };
            print(repository, context, &[&from, &commit], &file).await?
        }
        scope => print_scope(repository, scope, context, &file).await?,
    };
    Ok(describe(&query.file, &printed))
}

/// The first parent of a commit, or what comes before the first one.
pub(in crate::git) async fn parent(
    repository: &Repository,
    commit: &str,
) -> Result<String, AgentError> {
    let arguments = Arguments::of(&["rev-parse", "--verify", "--quiet", "--end-of-options"])
        .and(format!("{commit}^1"));
    let parent = repository.line(&arguments).await?;
    Ok(if parent.is_empty() {
        EMPTY_TREE.into()
    } else {
        parent
    })
}

async fn print(
    repository: &Repository,
    context: u32,
    between: &[&str],
    file: &OsString,
) -> Result<Vec<u8>, AgentError> {
    let mut arguments = Arguments::of(&[
        "diff",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ])
    .and(format!("--unified={context}"));
    for one in between {
        arguments = arguments.and(one);
    }
    let arguments = arguments.files(std::slice::from_ref(file));
    repository.read(&arguments).await
}

async fn print_scope(
    repository: &Repository,
    scope: GitDiffScope,
    context: u32,
    file: &OsString,
) -> Result<Vec<u8>, AgentError> {
    match scope {
        GitDiffScope::Staged => print(repository, context, &["--cached"], file).await,
        GitDiffScope::Head => {
            let head = repository
                .commit("HEAD")
                .await
                .unwrap_or_else(|_| EMPTY_TREE.into());
            print(repository, context, &[&head], file).await
        }
        _ => {
            let printed = print(repository, context, &[], file).await?;
            if !printed.is_empty() {
                return Ok(printed);
            }
            let arguments = Arguments::of(&["ls-files", "--others", "-z"]);
            let others = arguments.files(std::slice::from_ref(file));
            if repository.read(&others).await?.is_empty() {
                return Ok(printed);
            }
            // It ends with 1 where there is a difference.
            let arguments = Arguments::of(&[
                "diff",
                "--no-color",
                "--no-ext-diff",
                "--no-textconv",
                "--src-prefix=a/",
                "--dst-prefix=b/",
                "--no-index",
            ])
            .files(&["/dev/null".into(), file.clone()]);
            Ok(repository.ask(&arguments).await?.stdout)
        }
    }
}

fn describe(file: &str, printed: &[u8]) -> GitFileDiff {
    let truncated = printed.len() as u64 >= OUTPUT_MAX;
    let patch = Patch::parse(printed);
    let hunks = if truncated { Vec::new() } else { patch.hunks() };
    GitFileDiff {
        file: file.to_owned(),
        version: version(printed),
        binary: hunks.is_empty() && memchr::memmem::find(printed, b"\nBinary files ").is_some(),
        truncated,
        hunks,
    }
}

fn version(printed: &[u8]) -> String {
    let hash = Sha256::digest(printed);
    hex::encode(&hash[..16])
}

/// The patch of the lines that are selected, of the difference in `scope`. Nothing when there is no change
/// among them.
pub(super) async fn selected(
    repository: &Repository,
    scope: GitDiffScope,
    direction: Direction,
    file: &OsString,
    selection: &GitSelection,
) -> Result<Vec<u8>, AgentError> {
    if selection.lines.len() > RANGES_MAX {
        let detail = "No more than 10,000 ranges of lines can be chosen at once.";
        return Err(AgentError::invalid("selection.lines", detail));
    }
    let printed = print_scope(repository, scope, CONTEXT, file).await?;
    if version(&printed) != selection.version {
        let detail =
            "The file has changed since its changes were shown. Look again, and choose again.";
        return Err(AgentError::stale(None, detail));
    }
    let chosen = |number: u32| {
        let mut ranges = selection.lines.iter();
        ranges.any(|range| range.first <= number && number <= range.last)
    };
    match Patch::parse(&printed).part(direction, chosen) {
        Ok(Some(patch)) => Ok(patch),
        Ok(None) => Err(AgentError::invalid(
            "selection.lines",
            "No changed line is among those chosen.",
        )),
        Err(_) => Err(AgentError::conflict(
            "These lines cannot be taken alone: the last line of the file has no line end. Choose the \
             lines around them, too.",
        )),
    }
}
