//! Where each line of a file comes from.

use std::collections::HashMap;

use atelier_api::agent::git::{GitBlame, GitBlameCommit, GitBlameQuery, GitBlameRange, GitPerson};
use atelier_api::time::Timestamp;

use super::log::seconds;
use crate::AgentError;
use crate::git::arguments::{self, Arguments};
use crate::git::program::OUTPUT_MAX;
use crate::git::repository::Repository;

/// The lines of the file that `query` names.
pub(in crate::git) async fn blame(
    repository: &Repository,
    query: &GitBlameQuery,
) -> Result<GitBlame, AgentError> {
    let file = arguments::file("file", &query.file)?;
    let mut arguments = Arguments::of(&["blame", "--incremental"]);
    if let Some(commit) = query.commit.as_deref() {
        arguments = arguments.and(arguments::revision("commit", commit)?);
    }
    let printed = repository
        .read(&arguments.files(std::slice::from_ref(&file)))
        .await?;
    if printed.len() as u64 >= OUTPUT_MAX {
        return Err(AgentError::too_large(
            "The file has too many authors' lines for the agent to tell. Use `git blame` in a terminal.",
        ));
    }
    Ok(parse(&String::from_utf8_lossy(&printed)))
}

/// Entries that begin with `hash line-then line-now count`; what is known of a commit comes with its first.
fn parse(printed: &str) -> GitBlame {
    let mut commits: Vec<GitBlameCommit> = Vec::new();
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut ranges = Vec::new();
    let mut current = 0;
    for line in printed.lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if is_hash(key) {
            current = *known.entry(key.to_owned()).or_insert_with(|| {
                commits.push(GitBlameCommit {
                    id: key.to_owned(),
                    author: GitPerson {
                        name: String::new(),
                        email: String::new(),
                        at: Timestamp(0),
                    },
                    subject: String::new(),
                });
                u32::try_from(commits.len() - 1).unwrap_or(u32::MAX)
            });
            let mut numbers = value.split(' ').map(|number| number.parse().unwrap_or(0));
            let (first, count) = (numbers.nth(1).unwrap_or(0), numbers.next().unwrap_or(0));
            ranges.push(GitBlameRange {
                first,
                count,
                commit: current,
            });
            continue;
        }
        let Some(commit) = commits.get_mut(current as usize) else {
            continue;
        };
        match key {
            "author" => value.clone_into(&mut commit.author.name),
            "author-mail" => value
                .trim_matches(['<', '>'])
                .clone_into(&mut commit.author.email),
            "author-time" => commit.author.at = seconds(value),
            "summary" => value.clone_into(&mut commit.subject),
            _ => {}
        }
    }
    ranges.sort_by_key(|range| range.first);
    GitBlame { commits, ranges }
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
