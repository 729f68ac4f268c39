//! Remotes, and what goes to and fro: fetch, pull, push.

use std::collections::BTreeMap;

use atelier_api::agent::git::{
    GitCredentials, GitDone, GitFetch, GitPull, GitPush, GitRemote, GitRemoteAdd, GitRemoteList,
    GitRemoteRemove, GitRemoteUpdate,
};

use super::arguments::{Arguments, name, text};
use super::helper::Wanted;
use super::remote::Remote;
use super::repository::{Repository, done};
use super::stream::{Long, answers};
use crate::AgentError;

/// Lists the remotes.
pub(super) async fn list(repository: &Repository) -> Result<GitRemoteList, AgentError> {
    let printed = repository
        .read(&Arguments::of(&["remote", "--verbose"]))
        .await?;
    let mut remotes: BTreeMap<String, GitRemote> = BTreeMap::new();
    for line in String::from_utf8_lossy(&printed).lines() {
        let Some((name, rest)) = line.split_once('\t') else {
            continue;
        };
        let remote = remotes.entry(name.to_owned()).or_insert_with(|| GitRemote {
            name: name.to_owned(),
            url: String::new(),
            push_url: String::new(),
        });
        if let Some(url) = rest.strip_suffix(" (push)") {
            remote.push_url = without_secret(url);
        } else {
            let url = rest.split_once(" (fetch)").map_or(rest, |(url, _)| url);
            remote.url = without_secret(url);
        }
    }
    Ok(GitRemoteList {
        items: remotes.into_values().collect(),
    })
}

/// The path of the repository at a host that has asked for credentials, where only one can be meant: that of
/// the remote that the command names, or the only one at that host.
pub(super) async fn path_at(
    repository: &Repository,
    arguments: &Arguments,
    wanted: &Wanted,
) -> Option<String> {
    if wanted.path.is_some() {
        return wanted.path.clone();
    }
    let remotes = list(repository).await.ok()?.items;
    let is_named = |remote: &GitRemote| {
        let mut arguments = arguments.as_slice().iter();
        arguments.any(|argument| *argument == *remote.name)
    };
    let named: Vec<&GitRemote> = remotes.iter().filter(|remote| is_named(remote)).collect();
    let meant = match named.as_slice() {
        [] => remotes.iter().collect(),
        _ => named,
    };
    let start = format!("{}://{}/", wanted.protocol, wanted.host);
    let urls = meant
        .iter()
        .flat_map(|remote| [&remote.url, &remote.push_url]);
    let mut paths: Vec<&str> = urls.filter_map(|url| url.strip_prefix(&start)).collect();
    paths.sort_unstable();
    paths.dedup();
    match paths.as_slice() {
        [path] => Some((*path).to_owned()),
        _ => None,
    }
}

/// Somebody may have put one into the configuration.
fn without_secret(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            match authority.rsplit_once('@') {
                Some((_, host)) if scheme.starts_with("http") => {
                    format!("{scheme}://{host}/{path}")
                }
                _ => url.to_owned(),
            }
        }
        None => url.to_owned(),
    }
}

/// An address that may be kept: without a password.
fn address(field: &str, url: &str) -> Result<String, AgentError> {
    let remote =
        Remote::parse(url).map_err(|error| AgentError::invalid(field, error.to_string()))?;
    let is_kept = remote
        .credentials
        .as_ref()
        .is_none_or(|credentials| credentials.password.is_empty());
    if !is_kept {
        return Err(AgentError::invalid(
            field,
            "Leave the password out of the address: Git would keep it in a file. You are asked for it when \
             it is needed.",
        ));
    }
    match remote.credentials {
        // A name alone is no secret.
        Some(_) => Ok(url.to_owned()),
        None => Ok(remote.url),
    }
}

/// Adds a remote.
pub(super) async fn add(
    repository: &Repository,
    request: &GitRemoteAdd,
) -> Result<GitDone, AgentError> {
    let arguments = Arguments::of(&["remote", "add"])
        .and(name("name", &request.name)?)
        .and(address("url", &request.url)?);
    repository.done(&arguments).await
}

/// Renames a remote, or changes its address.
pub(super) async fn update(
    repository: &Repository,
    request: &GitRemoteUpdate,
) -> Result<GitDone, AgentError> {
    let mut remote = name("name", &request.name)?;
    let url = request
        .url
        .as_deref()
        .map(|url| address("url", url))
        .transpose()?;
    let _turn = repository.turn("remote").await?;
    let mut runs = Vec::new();
    if let Some(new_name) = request.new_name.as_deref() {
        let new_name = name("new_name", new_name)?;
        let arguments = Arguments::of(&["remote", "rename"])
            .and(remote)
            .and(new_name);
        runs.push(repository.change(&arguments, None).await?);
        remote = new_name;
    }
    if let Some(url) = url {
        let arguments = Arguments::of(&["remote", "set-url"]).and(remote).and(url);
        runs.push(repository.change(&arguments, None).await?);
    }
    Ok(done(runs))
}

/// Removes a remote.
pub(super) async fn remove(
    repository: &Repository,
    request: &GitRemoteRemove,
) -> Result<GitDone, AgentError> {
    let arguments = Arguments::of(&["remote", "remove"]).and(name("name", &request.name)?);
    repository.done(&arguments).await
}

/// Checks what the caller gave.
pub(super) fn checked(
    credentials: Option<GitCredentials>,
) -> Result<Option<GitCredentials>, AgentError> {
    let Some(given) = &credentials else {
        return Ok(None);
    };
    let parts = [
        ("credentials.host", &given.host),
        ("credentials.username", &given.username),
        ("credentials.secret", &given.secret),
    ];
    for (field, part) in parts {
        text(field, part)?;
        if part.contains(char::is_control) {
            let detail = "It contains a line break or another control character.";
            return Err(AgentError::invalid(field, detail));
        }
    }
    if !matches!(given.protocol.as_str(), "http" | "https") {
        let detail = "Names and passwords go over https or http only. SSH takes keys.";
        return Err(AgentError::invalid("credentials.protocol", detail));
    }
    Ok(credentials)
}

/// Fetches.
pub(super) async fn fetch(repository: Repository, request: GitFetch) -> Result<Long, AgentError> {
    let arguments = Arguments::of(&["fetch", "--progress"]).and_if(request.prune, "--prune");
    let arguments = match request.remote.as_deref() {
        Some(remote) => arguments.and("--").and(name("remote", remote)?),
        None => arguments.and("--all"),
    };
    let answers = answers(&repository, checked(request.credentials)?);
    Long::new(repository, arguments, answers).await
}

/// Fetches from the upstream and joins what came.
pub(super) async fn pull(repository: Repository, request: GitPull) -> Result<Long, AgentError> {
    let mut arguments =
        Arguments::of(&["pull", "--progress"]).and_if(request.autostash, "--autostash");
    if let Some(rebase) = request.rebase {
        arguments = arguments.and(if rebase { "--rebase" } else { "--no-rebase" });
    }
    let answers = answers(&repository, checked(request.credentials)?);
    Long::new(repository, arguments, answers).await
}

/// Pushes a branch.
pub(super) async fn push(repository: Repository, request: GitPush) -> Result<Long, AgentError> {
    let branch = if let Some(branch) = request.branch.as_deref() {
        name("branch", branch)?.to_owned()
    } else {
        let current = Arguments::of(&["symbolic-ref", "--quiet", "--short", "HEAD"]);
        let current = repository.line(&current).await?;
        if current.is_empty() {
            return Err(AgentError::conflict(
                "No branch is checked out, so it is not clear what to push. Make a branch first.",
            ));
        }
        current
    };
    let setting = async |key: &str| {
        let key = format!("branch.{branch}.{key}");
        repository
            .line(&Arguments::of(&["config", "--get"]).and(key))
            .await
    };
    let followed = setting("remote").await?;
    let remote = match request.remote.as_deref() {
        Some(remote) => name("remote", remote)?.to_owned(),
        None if followed.is_empty() => "origin".to_owned(),
        None => name("remote", &followed)?.to_owned(),
    };
    let merged = setting("merge").await?;
    let target = if followed == remote && merged.starts_with("refs/heads/") {
        merged
    } else {
        format!("refs/heads/{branch}")
    };
    let arguments = Arguments::of(&["push", "--progress"])
        .and_if(request.set_upstream, "--set-upstream")
        .and_if(request.force, "--force-with-lease")
        .and_if(request.tags, "--tags")
        .and("--")
        .and(remote)
        .and(format!("refs/heads/{branch}:{target}"));
    let answers = answers(&repository, checked(request.credentials)?);
    Long::new(repository, arguments, answers).await
}
