//! Finding the repositories of a workspace: a walk through its directories, bounded in depth and number, that
//! passes over what programs make and nobody keeps a repository in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use atelier_api::Timestamp;
use atelier_api::agent::files::Root;
use atelier_api::agent::git::{GitFound, GitFoundCommit, GitFoundList};
use futures_util::StreamExt as _;
use rustix::fs::FileType;

use super::arguments::Arguments;
use super::remotes;
use super::repository::{Repositories, Repository};
use super::status::status;
use crate::AgentError;
use crate::files::{RelativePath, RootDir, blocking, each_entry};

/// How deep below the root is looked.
const DEPTH_MAX: usize = 6;

/// How many directories are looked into.
const DIRECTORIES_MAX: usize = 20_000;

/// How many repositories are told.
const REPOSITORIES_MAX: usize = 100;

/// How many are asked at once: each question is a process.
const AT_ONCE: usize = 4;

/// How long all of it may take.
const WITHIN: Duration = Duration::from_secs(15);

/// How long the walk alone may take.
const WALK_WITHIN: Duration = Duration::from_secs(5);

/// The longest subject that is told, in characters.
const SUBJECT_MAX: usize = 200;

/// What programs fill, by the thousands. Names that begin with a dot are passed over, too.
const PASSED_OVER: [&[u8]; 9] = [
    b"node_modules",
    b"target",
    b"vendor",
    b"dist",
    b"build",
    b"venv",
    b"__pycache__",
    b"bower_components",
    b"Pods",
];

/// The repositories of the workspace.
pub(super) async fn scan(shared: &Arc<Repositories>) -> Result<GitFoundList, AgentError> {
    let root = shared.roots.get(Root::Workspace)?;
    let (mut paths, mut truncated) = blocking(move || Ok::<_, AgentError>(walk(&root))).await?;
    if paths.len() > REPOSITORIES_MAX {
        paths.truncate(REPOSITORIES_MAX);
        truncated = true;
    }
    let deadline = tokio::time::sleep(WITHIN);
    tokio::pin!(deadline);
    let mut looking = futures_util::stream::iter(paths)
        .map(|path| look(shared, path))
        .buffered(AT_ONCE);
    let mut items = Vec::new();
    loop {
        tokio::select! {
            found = looking.next() => match found {
                Some(found) => items.extend(found),
                None => break,
            },
            () = &mut deadline => {
                truncated = true;
                break;
            }
        }
    }
    items.sort_by(|a: &GitFound, b| a.path.cmp(&b.path));
    Ok(GitFoundList { items, truncated })
}

/// Where repositories are, those near the root first; and whether all was looked at.
fn walk(root: &RootDir) -> (Vec<String>, bool) {
    let began = std::time::Instant::now();
    let mut found = Vec::new();
    let mut looked = 0;
    let mut waiting = VecDeque::from([(RelativePath::default(), 0)]);
    while let Some((path, depth)) = waiting.pop_front() {
        looked += 1;
        let is_enough = found.len() > REPOSITORIES_MAX || looked > DIRECTORIES_MAX;
        if is_enough || began.elapsed() > WALK_WITHIN {
            return (found, true);
        }
        let mut below = Vec::new();
        let mut is_repository = false;
        let listed = root.open_directory(&path).and_then(|directory| {
            each_entry(directory, |name, kind| {
                if name == b".git" {
                    is_repository = true;
                } else if kind == FileType::Directory
                    && !name.starts_with(b".")
                    && !PASSED_OVER.contains(&name)
                {
                    below.push(name.to_vec());
                }
                Ok(())
            })
        });
        // What cannot be read (another's, or gone meanwhile) holds nothing for us.
        if listed.is_err() {
            continue;
        }
        if is_repository {
            found.push(path.wire());
        }
        if depth == DEPTH_MAX {
            continue;
        }
        below.sort_unstable();
        for name in below {
            waiting.push_back((path.join(&name), depth + 1));
        }
    }
    (found, false)
}

/// How one stands; nothing when there is none after all.
async fn look(shared: &Arc<Repositories>, path: String) -> Option<GitFound> {
    let repository = match Repository::open(shared, &path).await {
        // A `.git` that is none: the repository around it is told by itself.
        Ok(repository) if repository.root != path => return None,
        Ok(repository) => repository,
        Err(error) => return Some(broken(path, &error)),
    };
    let status = match status(&repository).await {
        Ok(status) => status,
        Err(error) => return Some(broken(path, &error)),
    };
    let is_unmerged = |file: &&atelier_api::agent::git::GitFile| {
        let letters = (file.index.as_str(), file.worktree.as_str());
        letters.0 == "U" || letters.1 == "U" || matches!(letters, ("A", "A") | ("D", "D"))
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Some(GitFound {
        last_commit: last_commit(&repository).await,
        remote: remote(&repository).await,
        size_bytes: size(&repository).await,
        changed: count(status.files.len()),
        conflicts: count(status.files.iter().filter(is_unmerged).count()),
        branch: status.branch,
        upstream: status.upstream,
        ahead: status.ahead,
        behind: status.behind,
        operation: status.operation,
        problem: None,
        path,
    })
}

fn broken(path: String, error: &AgentError) -> GitFound {
    GitFound {
        path,
        branch: None,
        upstream: None,
        ahead: 0,
        behind: 0,
        changed: 0,
        conflicts: 0,
        operation: None,
        last_commit: None,
        remote: None,
        size_bytes: None,
        problem: Some(error.to_string()),
    }
}

async fn last_commit(repository: &Repository) -> Option<GitFoundCommit> {
    let arguments = Arguments::of(&[
        "log",
        "-1",
        "--no-show-signature",
        "--format=%H%x00%ct%x00%an%x00%s",
    ]);
    let line = repository.line(&arguments).await.ok()?;
    let mut parts = line.splitn(4, '\0');
    let (id, at) = (parts.next()?, parts.next()?);
    let (author, subject) = (parts.next()?, parts.next()?);
    let cut = |text: &str| text.chars().take(SUBJECT_MAX).collect();
    Some(GitFoundCommit {
        id: id.to_owned(),
        at: Timestamp(at.parse::<i64>().ok()?.checked_mul(1_000)?),
        author: cut(author),
        subject: cut(subject),
    })
}

async fn remote(repository: &Repository) -> Option<String> {
    let remotes = remotes::list(repository).await.ok()?.items;
    let origin = remotes.iter().find(|remote| remote.name == "origin");
    let only = match remotes.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    Some(origin.or(only)?.url.clone())
}

/// `git count-objects -v`: loose objects and packs, in KiB.
async fn size(repository: &Repository) -> Option<u64> {
    let arguments = Arguments::of(&["count-objects", "-v"]);
    let printed = repository.line(&arguments).await.ok()?;
    let number = |key: &str| {
        let mut lines = printed.lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))?;
        value.parse::<u64>().ok()
    };
    Some(
        number("size")?
            .saturating_add(number("size-pack")?)
            .saturating_mul(1_024),
    )
}
