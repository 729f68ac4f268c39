//! Branches and tags.

use atelier_api::agent::git::{
    GitBranchCreate, GitBranchDelete, GitBranchRename, GitBranchSwitch, GitDone, GitReference,
    GitReferenceKind, GitReferenceList, GitReferenceQuery, GitTagCreate, GitTagDelete,
};

use super::arguments::{Arguments, name, revision, text};
use super::history::seconds;
use super::repository::{Repository, done};
use crate::AgentError;

/// How many are told of.
const REFERENCES_MAX: usize = 2_000;

/// What is asked of each. A name holds no line end, nor does a subject.
const FORMAT: &str = "%(refname)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)%00%(HEAD)%00\
    %(upstream:short)%00%(worktreepath)%00%(symref)%00%(contents:subject)";

/// Lists branches and tags.
pub(super) async fn list(
    repository: &Repository,
    query: &GitReferenceQuery,
) -> Result<GitReferenceList, AgentError> {
    let mut arguments = Arguments::of(&["for-each-ref", "--sort=-creatordate", "--ignore-case"])
        .and(format!("--format={FORMAT}"));
    let wanted = query.text.as_deref().unwrap_or("").to_lowercase();
    if wanted.is_empty() {
        arguments = arguments.and(format!("--count={}", REFERENCES_MAX + 1));
    }
    let arguments = arguments
        .and("refs/heads")
        .and("refs/remotes")
        .and("refs/tags");
    let printed = repository.read(&arguments).await?;
    let printed = String::from_utf8_lossy(&printed);
    let top = repository.top_path();
    let all = printed.lines().filter_map(|line| reference(line, &top));
    let mut items: Vec<GitReference> = all
        .filter(|one| wanted.is_empty() || one.name.to_lowercase().contains(&wanted))
        .take(REFERENCES_MAX + 1)
        .collect();
    let truncated = items.len() > REFERENCES_MAX;
    items.truncate(REFERENCES_MAX);
    Ok(GitReferenceList { items, truncated })
}

fn reference(line: &str, top: &std::path::Path) -> Option<GitReference> {
    let fields: Vec<&str> = line.split('\0').collect();
    let [
        full,
        object,
        peeled,
        at,
        head,
        upstream,
        worktree,
        symbolic,
        subject,
    ] = fields[..]
    else {
        return None;
    };
    // `origin/HEAD` only names another one.
    if !symbolic.is_empty() {
        return None;
    }
    let (kind, name) = [
        ("refs/heads/", GitReferenceKind::Branch),
        ("refs/remotes/", GitReferenceKind::RemoteBranch),
        ("refs/tags/", GitReferenceKind::Tag),
    ]
    .into_iter()
    .find_map(|(prefix, kind)| Some((kind, full.strip_prefix(prefix)?)))?;
    let is_here = std::path::Path::new(worktree) == top;
    Some(GitReference {
        kind,
        name: name.to_owned(),
        commit: if peeled.is_empty() { object } else { peeled }.to_owned(),
        at: seconds(at),
        subject: subject.to_owned(),
        current: head == "*",
        upstream: (!upstream.is_empty()).then(|| upstream.to_owned()),
        gone: false,
        elsewhere: (!worktree.is_empty() && !is_here).then(|| worktree.to_owned()),
    })
}

/// Makes a branch.
pub(super) async fn branch_create(
    repository: &Repository,
    request: &GitBranchCreate,
) -> Result<GitDone, AgentError> {
    let branch = name("name", &request.name)?;
    let mut arguments = if request.switch {
        Arguments::of(&["switch", "--no-guess", "--create"]).and(branch)
    } else {
        Arguments::of(&["branch"]).and(branch)
    };
    if let Some(start) = request.start.as_deref() {
        arguments = arguments.and(revision("start", start)?);
    }
    repository.done(&arguments).await
}

/// Switches to a branch or commit.
pub(super) async fn branch_switch(
    repository: &Repository,
    request: &GitBranchSwitch,
) -> Result<GitDone, AgentError> {
    let target = revision("name", &request.name)?;
    if request.detach {
        return repository
            .done(&Arguments::of(&["switch", "--detach"]).and(target))
            .await;
    }
    let branch = name("name", target)?;
    let exists = async |prefix: &str| {
        let arguments = Arguments::of(&["show-ref", "--verify", "--quiet"]);
        let output = repository
            .ask(&arguments.and(format!("{prefix}{branch}")))
            .await;
        output.map(|output| output.succeeded)
    };
    let is_remote = !exists("refs/heads/").await? && exists("refs/remotes/").await?;
    let arguments = if is_remote {
        Arguments::of(&["switch", "--track"]).and(branch)
    } else {
        Arguments::of(&["switch", "--no-guess"]).and(branch)
    };
    repository.done(&arguments).await
}

/// Renames a branch.
pub(super) async fn branch_rename(
    repository: &Repository,
    request: &GitBranchRename,
) -> Result<GitDone, AgentError> {
    let arguments = Arguments::of(&["branch", "--move"])
        .and(name("name", &request.name)?)
        .and(name("new_name", &request.new_name)?);
    repository.done(&arguments).await
}

/// Deletes a branch.
pub(super) async fn branch_delete(
    repository: &Repository,
    request: &GitBranchDelete,
) -> Result<GitDone, AgentError> {
    let arguments = Arguments::of(&["branch", "--delete"])
        .and_if(request.force, "--force")
        .and(name("name", &request.name)?);
    repository.done(&arguments).await
}

/// Makes a tag.
pub(super) async fn tag_create(
    repository: &Repository,
    request: &GitTagCreate,
) -> Result<GitDone, AgentError> {
    let mut arguments = Arguments::of(&["tag"]);
    let message = request
        .message
        .as_deref()
        .filter(|message| !message.is_empty());
    if message.is_some() {
        arguments = arguments.and("--annotate").and("--file=-");
    }
    arguments = arguments.and(name("name", &request.name)?);
    if let Some(commit) = request.commit.as_deref() {
        arguments = arguments.and(revision("commit", commit)?);
    }
    let input = message
        .map(|message| text("message", message))
        .transpose()?;
    let _turn = repository.turn("tag").await?;
    let run = repository
        .change(&arguments, input.map(str::as_bytes))
        .await?;
    Ok(done(vec![run]))
}

/// Deletes a tag.
pub(super) async fn tag_delete(
    repository: &Repository,
    request: &GitTagDelete,
) -> Result<GitDone, AgentError> {
    let arguments = Arguments::of(&["tag", "--delete"]).and(name("name", &request.name)?);
    repository.done(&arguments).await
}
