//! The log, page by page. The client draws the graph from the parents.

use atelier_api::agent::git::{GitCommit, GitLog, GitLogQuery, GitPerson};
use atelier_api::time::Timestamp;

use crate::AgentError;
use crate::git::arguments::{self, Arguments};
use crate::git::repository::Repository;

/// How many commits a page has by default.
const PAGE: u32 = 200;

/// How many it has at most.
const PAGE_MAX: u32 = 1_000;

/// What is asked of each commit; every field ends with NUL.
pub(super) const FORMAT: &str = "%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%D%x00%s";

/// How many fields that are.
pub(super) const FIELDS: usize = 10;

/// The page that `query` asks for. Commits come by their dates, as Git finds them: to sort them as a graph,
/// it would have to read all of them before the first.
pub(in crate::git) async fn log(
    repository: &Repository,
    query: &GitLogQuery,
) -> Result<GitLog, AgentError> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let skip: u64 = match query.cursor.as_deref() {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| {
            AgentError::invalid("cursor", "Take the cursor of the page before, or none.")
        })?,
    };
    let reference = match query.reference.as_deref() {
        Some(reference) => Some(arguments::revision("reference", reference)?),
        None => None,
    };
    let mut arguments = Arguments::of(&["log", "-z", "--no-show-signature", "--decorate=full"])
        .and(format!("--format=tformat:{FORMAT}"))
        .and(format!("--max-count={}", limit + 1))
        .and(format!("--skip={skip}"));
    if let Some(text) = query.text.as_deref().filter(|text| !text.is_empty()) {
        let text = arguments::text("text", text)?;
        arguments = arguments
            .and("--fixed-strings")
            .and("--regexp-ignore-case")
            .and(format!("--grep={text}"));
    }
    if let Some(author) = query.author.as_deref().filter(|author| !author.is_empty()) {
        let author = arguments::text("author", author)?;
        arguments = arguments
            .and("--fixed-strings")
            .and("--regexp-ignore-case")
            .and(format!("--author={author}"));
    }
    if query.all {
        // Not the stashes, which look like merges that nobody made.
        arguments = arguments
            .and("--branches")
            .and("--remotes")
            .and("--tags")
            .and("HEAD");
    } else if let Some(reference) = reference {
        arguments = arguments.and(reference);
    }
    if let Some(since) = query.since.as_deref() {
        if reference.is_none() && !query.all {
            arguments = arguments.and("HEAD");
        }
        arguments = arguments.and(format!("^{}", arguments::revision("since", since)?));
    }
    let arguments = match query.file.as_deref().filter(|file| !file.is_empty()) {
        Some(wire) => {
            let file = arguments::file("file", wire)?;
            let is_file = repository.top_path().join(&file).is_file();
            arguments
                .and_if(is_file && !query.all, "--follow")
                .files(std::slice::from_ref(&file))
        }
        None => arguments.files(&[]),
    };
    let output = repository.ask(&arguments).await?;
    if !output.succeeded && output.stdout.is_empty() {
        if reference.is_none() && repository.is_unborn().await? {
            return Ok(GitLog {
                items: Vec::new(),
                next_cursor: None,
            });
        }
        return Err(crate::git::refusal::refused(&output.message));
    }
    let mut items = commits(&output.stdout);
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    Ok(GitLog {
        items,
        next_cursor: has_more.then(|| (skip + u64::from(limit)).to_string()),
    })
}

/// Reads commits in [`FORMAT`].
pub(super) fn commits(printed: &[u8]) -> Vec<GitCommit> {
    let fields: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    fields.chunks_exact(FIELDS).map(commit).collect()
}

fn commit(fields: &[&[u8]]) -> GitCommit {
    let text = |index: usize| String::from_utf8_lossy(fields[index]).into_owned();
    let person = |index: usize| GitPerson {
        name: text(index),
        email: text(index + 1),
        at: seconds(&text(index + 2)),
    };
    GitCommit {
        id: text(0),
        parents: text(1).split_whitespace().map(str::to_owned).collect(),
        author: person(2),
        committer: person(5),
        references: references(&text(8)),
        subject: text(9),
    }
}

/// `HEAD -> refs/heads/main, tag: refs/tags/v1`
fn references(decoration: &str) -> Vec<String> {
    decoration
        .split(", ")
        .flat_map(|one| one.split(" -> "))
        .map(|one| one.strip_prefix("tag: ").unwrap_or(one).to_owned())
        .filter(|one| !one.is_empty())
        .collect()
}

/// Seconds since 1970, as Git tells them.
pub(in crate::git) fn seconds(text: &str) -> Timestamp {
    let seconds: i64 = text.trim().parse().unwrap_or(0);
    Timestamp(seconds.saturating_mul(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_read() {
        let one = b"aa\0bb cc\0Ada\0a@x\x001\0Bob\0b@x\x002\0HEAD -> refs/heads/main, tag: refs/tags/v1\0First\0";
        let commits = commits(&one.repeat(2));
        assert_eq!(commits.len(), 2);
        assert_eq!(commits[0].parents, ["bb", "cc"]);
        assert_eq!(
            commits[0].references,
            ["HEAD", "refs/heads/main", "refs/tags/v1"]
        );
        assert_eq!(
            (&*commits[1].subject, commits[1].committer.at),
            ("First", Timestamp(2000))
        );
    }
}
