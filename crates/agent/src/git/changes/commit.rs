//! Committing.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use atelier_api::agent::git::{GitCommitCreate, GitCommitDraft, GitCommitted};

use crate::AgentError;
use crate::files::blocking;
use crate::git::arguments::{self, Arguments};
use crate::git::repository::{Repository, done};

/// The largest template, in bytes.
const TEMPLATE_MAX: u64 = 64 * 1024;

/// Commits what is staged.
pub(in crate::git) async fn commit(
    repository: &Repository,
    request: &GitCommitCreate,
) -> Result<GitCommitted, AgentError> {
    let message = arguments::text("message", &request.message)?;
    let is_empty = message.trim().is_empty();
    if is_empty && !request.amend {
        let detail = "Write a message: what the commit changes, and why.";
        return Err(AgentError::invalid("message", detail));
    }
    let arguments = Arguments::of(&["commit"])
        .and(if is_empty { "--no-edit" } else { "--file=-" })
        .and_if(request.amend, "--amend")
        .and_if(request.sign_off, "--signoff")
        .and_if(request.all, "--all")
        .and_if(request.allow_empty, "--allow-empty");
    let _turn = repository.turn("commit").await?;
    let run = repository
        .write(&arguments, Some(message.as_bytes()))
        .await?;
    if !run.succeeded {
        if run.output.contains("nothing to commit")
            || run.output.contains("no changes added to commit")
            || run.output.contains("nothing added to commit")
        {
            return Err(AgentError::conflict(
                "Nothing is staged, so there is nothing to commit. Stage some changes first.",
            ));
        }
        return Err(crate::git::refusal::refused(&run.output));
    }
    Ok(GitCommitted {
        commit: repository.commit("HEAD").await?,
        done: done(vec![run]),
    })
}

/// What the message begins with.
pub(in crate::git) async fn draft(repository: &Repository) -> Result<GitCommitDraft, AgentError> {
    let last = repository
        .line(&Arguments::of(&["log", "-1", "--format=%B"]))
        .await?;
    let configured = Arguments::of(&["config", "--type=path", "--get", "commit.template"]);
    let template = repository.line(&configured).await?;
    let top = repository.top_path();
    let git_dir = repository.git_dir.clone();
    let message = blocking(move || {
        let begun = ["MERGE_MSG", "SQUASH_MSG"].map(|name| git_dir.join(name));
        let mut candidates: Vec<PathBuf> = begun.to_vec();
        if !template.is_empty() {
            candidates.push(top.join(Path::new(OsStr::from_bytes(template.as_bytes()))));
        }
        Ok::<_, AgentError>(candidates.iter().find_map(|file| text(file)))
    })
    .await?;
    Ok(GitCommitDraft {
        message: message.unwrap_or_default(),
        last,
    })
}

/// A message without the lines that are only for whoever writes it.
fn text(file: &Path) -> Option<String> {
    let length = std::fs::metadata(file)
        .ok()
        .filter(std::fs::Metadata::is_file)?
        .len();
    if length > TEMPLATE_MAX {
        return None;
    }
    let text = String::from_utf8(std::fs::read(file).ok()?).ok()?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    Some(lines.join("\n").trim_end().to_owned())
}
