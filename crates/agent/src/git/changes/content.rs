//! What a file held elsewhere than in the working tree.

use atelier_api::agent::git::{GitContent, GitContentQuery, GitContentSource};

use super::diff::parent;
use crate::AgentError;
use crate::git::arguments::{self, Arguments};
use crate::git::program::OUTPUT_MAX;
use crate::git::repository::Repository;

/// The content that `query` asks for.
pub(in crate::git) async fn content(
    repository: &Repository,
    query: &GitContentQuery,
) -> Result<GitContent, AgentError> {
    use std::os::unix::ffi::OsStrExt as _;
    let file = arguments::file("file", &query.file)?;
    let commit = async || {
        let named = query.commit.as_deref().unwrap_or("HEAD");
        repository
            .commit(arguments::revision("commit", named)?)
            .await
    };
    let prefix = match query.source {
        GitContentSource::Head => "HEAD:".to_owned(),
        GitContentSource::Index => ":0:".to_owned(),
        GitContentSource::Base => ":1:".to_owned(),
        GitContentSource::Ours => ":2:".to_owned(),
        GitContentSource::Theirs => ":3:".to_owned(),
        GitContentSource::Commit => format!("{}:", commit().await?),
        GitContentSource::Parent => format!("{}:", parent(repository, &commit().await?).await?),
    };
    let mut object = std::ffi::OsString::from(prefix);
    object.push(std::ffi::OsStr::from_bytes(file.as_bytes()));
    let output = repository
        .ask(&Arguments::of(&["cat-file", "blob"]).and(object))
        .await?;
    if !output.succeeded && output.stdout.is_empty() {
        return Ok(GitContent {
            exists: false,
            binary: false,
            text: String::new(),
        });
    }
    let is_large = output.stdout.len() as u64 >= OUTPUT_MAX;
    let text = String::from_utf8(output.stdout).ok();
    let text = text.filter(|text| !is_large && !text.contains('\0'));
    Ok(GitContent {
        exists: true,
        binary: text.is_none(),
        text: text.unwrap_or_default(),
    })
}
