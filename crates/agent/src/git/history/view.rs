//! One commit: its whole message, and the files that it has changed.

use std::collections::HashMap;

use atelier_api::agent::git::{GitCommitDetail, GitCommitFile, GitCommitQuery};

use super::log::{FORMAT, commits};
use crate::AgentError;
use crate::files::encode;
use crate::git::arguments::{self, Arguments};
use crate::git::repository::Repository;

/// How many files are told of.
const FILES_MAX: usize = 5_000;

/// The commit that `query` names.
pub(in crate::git) async fn view(
    repository: &Repository,
    query: &GitCommitQuery,
) -> Result<GitCommitDetail, AgentError> {
    let id = repository
        .commit(arguments::revision("commit", &query.commit)?)
        .await?;
    let arguments = Arguments::of(&["log", "-1", "-z", "--no-show-signature", "--decorate=full"])
        .and(format!("--format=tformat:{FORMAT}%x00%B"))
        .and(&id)
        .files(&[]);
    let printed = repository.read(&arguments).await?;
    let Some(commit) = commits(&printed).into_iter().next() else {
        return Err(AgentError::not_found("There is no such commit."));
    };
    let message = printed.split(|byte| *byte == 0).nth(10).unwrap_or_default();
    let mut between = vec![id.clone()];
    if let Some(parent) = commit.parents.first() {
        between.insert(0, parent.clone());
    }
    let tree = |format: &str| {
        let base = Arguments::of(&[
            "diff-tree",
            "-r",
            "-z",
            "-M",
            "--root",
            "--no-commit-id",
            format,
        ]);
        between.iter().fold(base, Arguments::and)
    };
    let mut files = statuses(&repository.read(&tree("--name-status")).await?);
    let counts = counts(&repository.read(&tree("--numstat")).await?);
    let truncated = files.len() > FILES_MAX;
    files.truncate(FILES_MAX);
    for file in &mut files {
        if let Some((added, removed)) = counts.get(&file.file) {
            (file.added, file.removed) = (*added, *removed);
        }
    }
    Ok(GitCommitDetail {
        commit,
        message: String::from_utf8_lossy(message).trim_end().to_owned(),
        files,
        truncated,
    })
}

/// `M\0path\0R100\0from\0to\0`
fn statuses(printed: &[u8]) -> Vec<GitCommitFile> {
    let mut fields = printed.split(|byte| *byte == 0);
    let mut files = Vec::new();
    while let Some([status, ..]) = fields.next() {
        let is_pair = matches!(status, b'R' | b'C');
        let from = if is_pair { fields.next() } else { None };
        let Some(path) = fields.next() else { break };
        files.push(GitCommitFile {
            file: encode(path),
            from: from.map(encode),
            status: char::from(*status).into(),
            added: None,
            removed: None,
        });
    }
    files
}

/// `1\t2\tpath\0`, or `1\t2\t\0from\0to\0`; hyphens for what is no text.
fn counts(printed: &[u8]) -> HashMap<String, (Option<u32>, Option<u32>)> {
    let mut records = printed.split(|byte| *byte == 0);
    let mut counts = HashMap::new();
    while let Some(record) = records.next() {
        let mut fields = record.splitn(3, |byte| *byte == b'\t');
        let mut number = || {
            let field = fields.next()?;
            std::str::from_utf8(field).ok()?.parse().ok()
        };
        let count = (number(), number());
        let path = match fields.next() {
            Some([]) => {
                records.next();
                records.next()
            }
            path => path,
        };
        if let Some(path) = path {
            counts.insert(encode(path), count);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_and_binaries_are_read() {
        let files = statuses(b"M\0a\0R100\0old\0new\0");
        assert_eq!(
            (&*files[1].file, files[1].from.as_deref()),
            ("new", Some("old"))
        );
        let counts = counts(b"1\t2\ta\x003\t4\t\0old\0new\0-\t-\tb.png\0");
        assert_eq!(counts["a"], (Some(1), Some(2)));
        assert_eq!(counts["new"], (Some(3), Some(4)));
        assert_eq!(counts["b.png"], (None, None));
    }
}
