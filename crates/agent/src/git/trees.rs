//! Submodules, working trees, and in whose name commits are written.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use atelier_api::agent::git::{
    GitDone, GitIdentity, GitIdentityScope, GitIdentityUpdate, GitIdentityValue, GitSubmodule,
    GitSubmoduleList, GitSubmoduleState, GitSubmoduleUpdate, GitWorktree, GitWorktreeAdd,
    GitWorktreeList, GitWorktreeRemove,
};

use super::arguments::{self, Arguments, name, text};
use super::remotes::checked;
use super::repository::{Repository, done};
use super::stream::{Long, answers};
use crate::AgentError;
use crate::files::{encode, parse_path};

/// Lists the submodules.
pub(super) async fn submodules(repository: &Repository) -> Result<GitSubmoduleList, AgentError> {
    let printed = repository
        .read(&Arguments::of(&["submodule", "status"]))
        .await?;
    let items = printed.split(|byte| *byte == b'\n').filter_map(|line| {
        let (state, rest) = line.split_first()?;
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let (commit, rest) = rest.split_at(space);
        // Behind the directory stands, in parentheses, what the commit is called.
        let directory = rest.get(1..)?;
        let called = memchr::memmem::rfind(directory, b" (").filter(|_| rest.ends_with(b")"));
        Some(GitSubmodule {
            directory: encode(&directory[..called.unwrap_or(directory.len())]),
            commit: String::from_utf8_lossy(commit).into_owned(),
            state: match state {
                b'-' => GitSubmoduleState::Missing,
                b'+' => GitSubmoduleState::Moved,
                b'U' => GitSubmoduleState::Conflicted,
                _ => GitSubmoduleState::Current,
            },
        })
    });
    Ok(GitSubmoduleList {
        items: items.collect(),
    })
}

/// Gets submodules.
pub(super) async fn submodule_update(
    repository: Repository,
    request: GitSubmoduleUpdate,
) -> Result<Long, AgentError> {
    let directories = arguments::files("directories", &request.directories)?;
    let arguments = Arguments::of(&["submodule", "update", "--init", "--recursive", "--progress"])
        .files(&directories);
    let answers = answers(&repository, checked(request.credentials)?);
    Long::new(repository, arguments, answers).await
}

/// Lists the working trees.
pub(super) async fn worktrees(repository: &Repository) -> Result<GitWorktreeList, AgentError> {
    let arguments = Arguments::of(&["worktree", "list", "--porcelain", "-z"]);
    let printed = repository.read(&arguments).await?;
    let mut items: Vec<GitWorktree> = Vec::new();
    for line in printed.split(|byte| *byte == 0) {
        let space = line.iter().position(|byte| *byte == b' ');
        let (key, value) = line.split_at(space.unwrap_or(line.len()));
        let value = value.get(1..).unwrap_or_default();
        let text = || String::from_utf8_lossy(value).into_owned();
        if key == b"worktree" {
            let path = Path::new(std::ffi::OsStr::from_bytes(value));
            let below = path.strip_prefix(repository.workspace_top());
            items.push(GitWorktree {
                directory: encode(below.unwrap_or(path).as_os_str().as_bytes()),
                commit: None,
                branch: None,
                current: path == repository.top_path(),
                locked: false,
                missing: false,
            });
            continue;
        }
        let Some(worktree) = items.last_mut() else {
            continue;
        };
        match key {
            b"HEAD" => worktree.commit = Some(text()),
            b"branch" => {
                let name = text();
                let short = name.strip_prefix("refs/heads/").unwrap_or(&name);
                worktree.branch = Some(short.to_owned());
            }
            b"locked" => worktree.locked = true,
            b"prunable" => worktree.missing = true,
            _ => {}
        }
    }
    Ok(GitWorktreeList { items })
}

/// Adds a working tree.
pub(super) async fn worktree_add(
    repository: &Repository,
    request: &GitWorktreeAdd,
) -> Result<GitDone, AgentError> {
    let branch = name("branch", &request.branch)?;
    let directory = absolute(repository, &request.directory)?;
    let arguments = Arguments::of(&["worktree", "add"]);
    let arguments = if request.create {
        arguments.and("-b").and(branch).and("--").and(directory)
    } else {
        arguments.and("--").and(directory).and(branch)
    };
    repository.done(&arguments).await
}

/// Removes a working tree.
pub(super) async fn worktree_remove(
    repository: &Repository,
    request: &GitWorktreeRemove,
) -> Result<GitDone, AgentError> {
    let directory = absolute(repository, &request.directory)?;
    let arguments = Arguments::of(&["worktree", "remove"])
        .and_if(request.force, "--force")
        .and("--")
        .and(directory);
    repository.done(&arguments).await
}

fn absolute(repository: &Repository, wire: &str) -> Result<OsString, AgentError> {
    let path = parse_path(wire)?;
    if path.is_root() {
        let detail = "Name a directory below the workspace's root.";
        return Err(AgentError::invalid("directory", detail));
    }
    let below = Path::new(std::ffi::OsStr::from_bytes(path.as_bytes())).to_owned();
    Ok(repository.workspace_top().join(below).into_os_string())
}

/// In whose name commits are written.
pub(super) async fn identity(repository: &Repository) -> Result<GitIdentity, AgentError> {
    Ok(GitIdentity {
        local: identity_in(repository, "--local").await?,
        global: identity_in(repository, "--global").await?,
    })
}

async fn identity_in(repository: &Repository, scope: &str) -> Result<GitIdentityValue, AgentError> {
    let get = async |key: &str| {
        let arguments = Arguments::of(&["config", scope, "--get", key]);
        repository.line(&arguments).await
    };
    Ok(GitIdentityValue {
        name: get("user.name").await?,
        email: get("user.email").await?,
    })
}

/// Says in whose name commits are written.
pub(super) async fn identity_update(
    repository: &Repository,
    request: &GitIdentityUpdate,
) -> Result<GitDone, AgentError> {
    let scope = match request.scope {
        GitIdentityScope::Local => "--local",
        GitIdentityScope::Global => "--global",
    };
    let values = [
        ("name", "user.name", &request.name),
        ("email", "user.email", &request.email),
    ];
    for (field, _, value) in values {
        text(field, value)?;
        if value.contains(|c: char| c.is_control() || c == '<' || c == '>') {
            let detail = "Neither line breaks nor the signs < and > can stand in it.";
            return Err(AgentError::invalid(field, detail));
        }
    }
    let _turn = repository.turn("config").await?;
    let mut runs = Vec::new();
    for (_, key, value) in values {
        let base = Arguments::of(&["config", scope]);
        if value.is_empty() {
            // It ends badly where nothing was set.
            runs.push(
                repository
                    .write(&base.and("--unset-all").and(key), None)
                    .await?,
            );
        } else {
            // A value that begins with a hyphen is still a value.
            let arguments = base.and("--replace-all").and(key).and(value.trim());
            runs.push(repository.change(&arguments, None).await?);
        }
    }
    Ok(done(runs))
}
