//! `atelier search …`: texts and names in a workspace's files.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use atelier_api::agent::search::{
    CaseMatching, FileReplace, FoundFile, FoundLine, NameList, NameSearch, REPLACE_FILES_MAX,
    Replacement, ReplacementUndo, ReplacementUndone, SearchEvent, SearchLimit, SearchScope,
    SearchSummary, TextPattern, TextReplace, TextSearch,
};
use atelier_api::ids::{ReplacementId, WorkspaceId};
use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;

use crate::client::Client;
use crate::output::Output;
use crate::status::say;

/// Searches the files of a workspace.
#[derive(Debug, Subcommand)]
pub(crate) enum SearchCommand {
    /// Prints where a text or regular expression stands. Ends with 1 when it stands nowhere.
    Text(Text),
    /// Replaces a text or regular expression. Without --apply it only shows what would change.
    Replace(Replace),
    /// Takes a replacement back, in those files that have not changed since.
    Undo {
        /// The workspace's name or id.
        workspace: String,
        /// What `replace` has printed.
        replacement: ReplacementId,
    },
    /// Prints the files whose paths fit a few letters, best first.
    Names {
        /// The workspace's name or id.
        workspace: String,
        /// Letters of the path in their order; all files when left out.
        #[arg(default_value = "")]
        query: String,
        #[command(flatten)]
        files: Files,
        /// How many at most.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

/// What is looked for.
#[derive(Debug, Args)]
pub(crate) struct Text {
    /// The workspace's name or id.
    workspace: String,
    /// The text, or with --regex the regular expression.
    query: String,
    #[command(flatten)]
    how: How,
    /// So many lines around each match, too.
    #[arg(long, short = 'C', default_value_t = 0)]
    context: u8,
    /// How many matches at most.
    #[arg(long)]
    limit: Option<u32>,
}

/// What is replaced with what.
#[derive(Debug, Args)]
pub(crate) struct Replace {
    /// The workspace's name or id.
    workspace: String,
    /// The text, or with --regex the regular expression.
    query: String,
    /// What it is replaced with; with --regex, $1 and ${name} stand for groups.
    replacement: String,
    #[command(flatten)]
    how: How,
    /// Do it.
    #[arg(long)]
    apply: bool,
}

/// How and where to look.
#[derive(Debug, Args)]
struct How {
    /// The query is a regular expression.
    #[arg(long, short = 'e')]
    regex: bool,
    /// Whether case matters.
    #[arg(long, value_enum, default_value_t)]
    case: Case,
    /// Only whole words.
    #[arg(long, short = 'w')]
    word: bool,
    /// Only files that this glob fits; may be given several times.
    #[arg(long)]
    include: Vec<String>,
    /// No files that this glob fits; may be given several times.
    #[arg(long)]
    exclude: Vec<String>,
    #[command(flatten)]
    files: Files,
}

/// Which files count.
#[derive(Debug, Args)]
pub(crate) struct Files {
    /// A directory below the workspace's files.
    #[arg(long, default_value = "")]
    path: String,
    /// Hidden files, too.
    #[arg(long)]
    hidden: bool,
    /// What .gitignore and the like leave out, too.
    #[arg(long)]
    ignored: bool,
}

/// Whether case matters.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Case {
    /// If the query holds a capital letter.
    #[default]
    Smart,
    Sensitive,
    Insensitive,
}

/// What a search came to.
struct Found {
    files: Vec<FoundFile>,
    summary: SearchSummary,
}

pub(crate) async fn run(command: SearchCommand, output: Output) -> anyhow::Result<i32> {
    let client = Client::open()?;
    match command {
        SearchCommand::Text(text) => {
            let workspace = client.workspace(&text.workspace).await?.id;
            let request = TextSearch {
                context: text.context,
                limit: text.limit,
                ..text.how.search(text.query)
            };
            let found = search(&client, workspace, &request, output).await?;
            report(&found.summary);
            Ok(i32::from(found.summary.matches == 0))
        }
        SearchCommand::Replace(replace) => self::replace(&client, replace, output).await,
        SearchCommand::Undo {
            workspace,
            replacement,
        } => {
            let workspace = client.workspace(&workspace).await?.id;
            let path = format!("/workspaces/{workspace}/search/undo");
            let undo = ReplacementUndo { replacement };
            let undone: ReplacementUndone = client.post(&path, &undo).await?;
            for skipped in &undone.skipped {
                say(&skipped.detail);
            }
            let sentence = format!(
                "As before: {}.",
                counted(undone.files.len() as u64, "file", "files")
            );
            output.line(&undone, &sentence)?;
            Ok(i32::from(!undone.skipped.is_empty()))
        }
        SearchCommand::Names {
            workspace,
            query,
            files,
            limit,
        } => {
            let workspace = client.workspace(&workspace).await?.id;
            let request = NameSearch {
                query,
                path: files.path,
                hidden: files.hidden,
                ignored: files.ignored,
                limit: Some(limit),
                ..NameSearch::default()
            };
            let path = format!("/workspaces/{workspace}/search/names");
            let list: NameList = client.post(&path, &request).await?;
            let rows: Vec<_> = list
                .items
                .iter()
                .map(|item| vec![item.path.clone()])
                .collect();
            output.table(&list, &["path"], &rows)?;
            Ok(i32::from(list.items.is_empty()))
        }
    }
}

impl How {
    fn search(self, query: String) -> TextSearch {
        TextSearch {
            pattern: TextPattern {
                query,
                regex: self.regex,
                case: match self.case {
                    Case::Smart => CaseMatching::Smart,
                    Case::Sensitive => CaseMatching::Sensitive,
                    Case::Insensitive => CaseMatching::Insensitive,
                },
                word: self.word,
            },
            scope: SearchScope {
                path: self.files.path,
                include: self.include,
                exclude: self.exclude,
                hidden: self.files.hidden,
                ignored: self.files.ignored,
                ..SearchScope::default()
            },
            ..TextSearch::default()
        }
    }
}

async fn replace(client: &Client, replace: Replace, output: Output) -> anyhow::Result<i32> {
    let workspace = client.workspace(&replace.workspace).await?.id;
    let request = TextSearch {
        replacement: Some(replace.replacement.clone()),
        ..replace.how.search(replace.query)
    };
    // What it finds is not the answer when it is applied.
    let shown = if replace.apply { None } else { Some(output) };
    let found = match shown {
        Some(output) => search(client, workspace, &request, output).await?,
        None => collect(client, workspace, &request, |_| {}).await?,
    };
    report(&found.summary);
    if !replace.apply {
        if found.summary.matches > 0 {
            say("Nothing was changed. Add --apply to replace them.");
        }
        return Ok(i32::from(found.summary.matches == 0));
    }
    let mut failed = found.summary.matches == 0;
    for files in found.files.chunks(REPLACE_FILES_MAX / 4) {
        let files = files.iter().map(|file| FileReplace {
            path: file.path.clone(),
            etag: file.etag.clone(),
            matches: None,
        });
        let request = TextReplace {
            pattern: request.pattern.clone(),
            replacement: replace.replacement.clone(),
            root: request.scope.root,
            files: files.collect(),
        };
        let path = format!("/workspaces/{workspace}/search/replace");
        let done: Replacement = client.post(&path, &request).await?;
        failed |= !done.skipped.is_empty();
        for skipped in &done.skipped {
            say(&skipped.detail);
        }
        let undo = done.id.map_or(String::new(), |id| {
            format!(" Undo: atelier search undo {} {id}", replace.workspace)
        });
        let matches = counted(done.matches, "match", "matches");
        let files = counted(done.files.len() as u64, "file", "files");
        output.line(&done, &format!("Replaced {matches} in {files}.{undo}"))?;
    }
    Ok(i32::from(failed))
}

/// Searches, and prints what is found as it comes.
async fn search(
    client: &Client,
    workspace: WorkspaceId,
    request: &TextSearch,
    output: Output,
) -> anyhow::Result<Found> {
    collect(client, workspace, request, |event| match (output, event) {
        (Output::Table, SearchEvent::File(file)) => output.lines(&lines(file)),
        (Output::Json, event) => output.json_line(event),
        _ => {}
    })
    .await
}

async fn collect(
    client: &Client,
    workspace: WorkspaceId,
    request: &TextSearch,
    mut visit: impl FnMut(&SearchEvent),
) -> anyhow::Result<Found> {
    let path = format!("/workspaces/{workspace}/search/text");
    let request = client.request(Method::POST, &path).json(request);
    let mut response = client.checked(request).await?;
    let mut files = BTreeMap::new();
    let mut rest = Vec::new();
    while let Some(chunk) = response.chunk().await.context("the search broke off")? {
        rest.extend_from_slice(&chunk);
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else {
            continue;
        };
        let lines: Vec<u8> = rest.drain(..=end).collect();
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let event = serde_json::from_slice(line).context("the server's answer is unknown")?;
            visit(&event);
            match event {
                SearchEvent::File(file) => {
                    files.insert(file.path.clone(), file);
                }
                SearchEvent::Done(summary) => {
                    let files = files.into_values().collect();
                    return Ok(Found { files, summary });
                }
                _ => {}
            }
        }
    }
    bail!("The search broke off before it was done.")
}

/// What was found in a file, as `path:line:column: text`, and beneath each what it would become.
fn lines(file: &FoundFile) -> Vec<String> {
    let mut lines = Vec::new();
    for line in &file.lines {
        let Some(first) = line.matches.first() else {
            lines.push(clean(&format!(
                "{}-{}-  {}",
                file.path, line.number, line.text
            )));
            continue;
        };
        let place = format!("{}:{}:{}:", file.path, line.number, first.start + 1);
        lines.push(clean(&format!("{place} {}", line.text)));
        if first.replacement.is_some() {
            lines.push(clean(&format!("{place} {}", replaced(line))));
        }
    }
    lines
}

/// A line's text as it would be.
fn replaced(line: &FoundLine) -> String {
    let units: Vec<u16> = line.text.encode_utf16().collect();
    let place = |at: u64| usize::try_from(at.saturating_sub(line.offset)).unwrap_or(usize::MAX);
    let mut text = String::new();
    let mut done = 0;
    for found in &line.matches {
        let (start, end) = (
            place(found.start).min(units.len()),
            place(found.end).min(units.len()),
        );
        text.push_str(&String::from_utf16_lossy(
            units.get(done..start).unwrap_or_default(),
        ));
        text.push_str(found.replacement.as_deref().unwrap_or_default());
        done = end;
    }
    text.push_str(&String::from_utf16_lossy(&units[done..]));
    text
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What is in files must not command the terminal.
fn clean(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() && c != '\t' {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().map(shown).collect()
}

/// Says what a search has left out.
fn report(summary: &SearchSummary) {
    match summary.limit {
        Some(SearchLimit::Matches) => say(&format!(
            "There are more matches than these {}.",
            summary.matches
        )),
        Some(_) => say("It took too long, and not everything was searched."),
        None => {}
    }
    for unreadable in &summary.unreadable_paths {
        say(&clean(&format!(
            "“{}” {}",
            unreadable.path, unreadable.reason
        )));
    }
    let left_out = [
        (summary.binary, "binary files"),
        (summary.too_long, "files with lines over 64 MiB"),
    ];
    for (count, what) in left_out.into_iter().filter(|(count, _)| *count > 0) {
        say(&format!("Left out: {count} {what}."));
    }
}

#[cfg(test)]
mod tests {
    use atelier_api::agent::search::FoundMatch;

    use super::*;

    #[test]
    fn a_line_is_shown_with_what_it_would_become() {
        let found = |start, end| FoundMatch {
            start,
            end,
            replacement: Some("y".into()),
        };
        let file = FoundFile {
            path: "a\u{1b}".into(),
            etag: String::new(),
            truncated: false,
            lines: vec![FoundLine {
                number: 3,
                offset: 10,
                text: "😀 x x".into(),
                cut: false,
                matches: vec![found(13, 14), found(15, 16)],
            }],
        };
        assert_eq!(
            lines(&file),
            ["a\u{fffd}:3:14: 😀 x x", "a\u{fffd}:3:14: 😀 y y"]
        );
    }
}
