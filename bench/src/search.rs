//! Search: texts in 100,000 files beside ripgrep, replacing in 1,000 files, names.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use atelier_api::agent::search::{
    FileReplace, FoundFile, NameList, NameSearch, Replacement, SearchEvent, SearchScope,
    SearchSummary, TextPattern, TextReplace, TextSearch,
};
use atelier_api::ids::WorkspaceId;
use reqwest::Method;

use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, ratio, time};

/// How many files a tree has.
const FILES: u32 = 100_000;

/// How many files a folder has.
const FOLDER_FILES: u32 = 50;

/// In how many files something is replaced.
const REPLACED: u32 = 1_000;

/// What files are made of.
const WORDS: [&str; 16] = [
    "let",
    "request",
    "answer",
    "workspace",
    "fn",
    "return",
    "terminal",
    "value",
    "await",
    "match",
    "path",
    "error",
    "index",
    "buffer",
    "stream",
    "result",
];

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("bench search").await?;
    let folder = server.folder(id);
    let owner = fs::metadata(&folder)?;
    let files = FILES / scale;
    grow(&folder.join("tree"), files)?;
    for name in ["ours", "plain"] {
        fs::create_dir(folder.join(name))?;
        for number in 0..REPLACED / scale {
            fs::write(
                folder.join(format!("{name}/{number}.txt")),
                text(number, "before"),
            )?;
        }
    }
    give(&folder, &owner)?;
    let search = Search { server, id };
    for (name, pattern) in [
        ("text", "needle_in_the_tree"),
        ("expression", r"needle_\w+_tree\b"),
    ] {
        compare(&search, &folder, name, pattern, files, scale, report).await?;
    }
    replace(&search, &folder, REPLACED / scale, scale, report).await?;
    names(&search, files, scale, report).await
}

/// A tree of sources, with something to be found in every thousandth file.
pub(crate) fn grow(tree: &Path, files: u32) -> anyhow::Result<()> {
    for number in 0..files {
        let inner = number / FOLDER_FILES;
        let folder = tree.join(format!("part-{}/module-{inner}", inner / 20));
        if number % FOLDER_FILES == 0 {
            fs::create_dir_all(&folder)?;
        }
        let mark = if number % 1_000 == 7 {
            "needle_in_the_tree"
        } else {
            ""
        };
        fs::write(
            folder.join(format!("source_{number}.rs")),
            text(number, mark),
        )?;
    }
    Ok(())
}

/// Some thousand bytes of lines, with `mark` in the middle.
fn text(seed: u32, mark: &str) -> String {
    let mut text = String::new();
    let lines = 20 + seed % 120;
    for line in 0..lines {
        for word in 0..6 {
            let index = (seed.wrapping_mul(31).wrapping_add(line * 7 + word * 13)) as usize;
            text.push_str(WORDS[index % WORDS.len()]);
            text.push(' ');
        }
        if line == lines / 2 {
            text.push_str(mark);
        }
        text.push('\n');
    }
    text
}

/// Gives a tree to the workspace's user.
pub(crate) fn give(path: &Path, owner: &fs::Metadata) -> anyhow::Result<()> {
    lchown(path, Some(owner.uid()), Some(owner.gid()))?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), owner)?;
        }
    }
    Ok(())
}

/// A workspace that is searched.
struct Search<'a> {
    server: &'a ControlPlane,
    id: WorkspaceId,
}

/// What a search came to, and when.
struct Found {
    files: Vec<FoundFile>,
    summary: SearchSummary,
    first: Duration,
    last: Duration,
}

impl Search<'_> {
    fn path(&self, route: &str) -> String {
        format!("/workspaces/{}/search/{route}", self.id)
    }

    async fn text(&self, request: &TextSearch) -> anyhow::Result<Found> {
        let began = Instant::now();
        let request = self
            .server
            .request(Method::POST, &self.path("text"))
            .json(request);
        let mut answer = request.send().await?.error_for_status()?;
        let mut body = Vec::new();
        let mut first = None;
        while let Some(chunk) = answer.chunk().await? {
            first.get_or_insert_with(|| began.elapsed());
            body.extend_from_slice(&chunk);
        }
        let last = began.elapsed();
        let (mut files, mut summary) = (Vec::new(), None);
        for line in body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            match serde_json::from_slice(line)? {
                SearchEvent::File(file) => files.push(file),
                SearchEvent::Done(done) => summary = Some(done),
                _ => {}
            }
        }
        Ok(Found {
            files,
            summary: summary.context("the search broke off")?,
            first: first.unwrap_or(last),
            last,
        })
    }

    async fn names(&self, request: &NameSearch) -> anyhow::Result<NameList> {
        let request = self
            .server
            .request(Method::POST, &self.path("names"))
            .json(request);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

/// A search through the API beside one by ripgrep, of the same tree.
async fn compare(
    search: &Search<'_>,
    folder: &Path,
    name: &str,
    query: &str,
    files: u32,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let request = TextSearch {
        pattern: TextPattern {
            query: query.to_owned(),
            regex: true,
            ..TextPattern::default()
        },
        scope: SearchScope {
            path: "tree".to_owned(),
            ..SearchScope::default()
        },
        ..TextSearch::default()
    };
    let expected = u64::from(files / 1_000);
    let [mut ours, mut first, mut theirs] = [const { Samples::new() }; 3];
    // The first round reads everything into the page cache.
    for round in 0..=(15 / scale).max(3) {
        let began = Instant::now();
        let ripgrep = Command::new("rg")
            .args(["-n", "--no-heading", query])
            .arg(folder.join("tree"))
            .stderr(Stdio::null())
            .output()
            .context("rg is missing: apt-get install ripgrep")?;
        let took = began.elapsed();
        let lines = String::from_utf8_lossy(&ripgrep.stdout).lines().count();
        let found = search.text(&request).await?;
        ensure!(
            found.summary.matches == expected && lines as u64 == expected,
            "{expected} matches expected, {} and {lines} found",
            found.summary.matches
        );
        if round > 0 {
            theirs.push(took);
            ours.push(found.last);
            first.push(found.first);
        }
    }
    let times = ratio(ours.median(), theirs.median());
    report.row(
        &format!("search for a {name} in {files} files, last result"),
        format!("{} ({times:.2} ×)", time(ours.median())),
        format!("{} (rg)", time(theirs.median())),
        "≤ 1.3 ×",
        times <= 1.3,
    );
    report.row(
        "… first result",
        format!(
            "{} (p90 {})",
            time(first.median()),
            time(first.quantile(0.9))
        ),
        String::from("–"),
        "≤ 100 ms",
        first.median() <= Duration::from_millis(100),
    );
    Ok(())
}

/// A replacement through the API, beside reading and rewriting as many files.
async fn replace(
    search: &Search<'_>,
    folder: &Path,
    files: u32,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let [mut ours, mut plain] = [const { Samples::new() }; 2];
    let words = ["before", "behind"];
    for round in 0..(10 / scale as usize).max(3) {
        let (from, to) = (words[round % 2], words[(round + 1) % 2]);
        let began = Instant::now();
        for number in 0..files {
            let path = folder.join(format!("plain/{number}.txt"));
            let text = fs::read_to_string(&path)?;
            fs::write(path, text.replace(from, to))?;
        }
        plain.push(began.elapsed());

        let pattern = TextPattern {
            query: from.to_owned(),
            ..TextPattern::default()
        };
        let request = TextSearch {
            pattern: pattern.clone(),
            scope: SearchScope {
                path: "ours".to_owned(),
                ..SearchScope::default()
            },
            ..TextSearch::default()
        };
        let found = search.text(&request).await?;
        let request = TextReplace {
            pattern,
            replacement: to.to_owned(),
            root: request.scope.root,
            files: found
                .files
                .into_iter()
                .map(|file| FileReplace {
                    path: file.path,
                    etag: file.etag,
                    matches: None,
                })
                .collect(),
        };
        let began = Instant::now();
        let replace = search.server.request(Method::POST, &search.path("replace"));
        let answer = replace.json(&request).send().await?.error_for_status()?;
        let done: Replacement = answer.json().await?;
        ours.push(began.elapsed());
        ensure!(
            done.files.len() == files as usize,
            "{} files were replaced: {:?}",
            done.files.len(),
            done.skipped.first()
        );
    }
    let times = ratio(ours.median(), plain.median());
    report.row(
        &format!("replace in {files} files: durable, undoable"),
        format!("{} ({times:.2} ×)", time(ours.median())),
        format!("{} (read and rewritten plainly)", time(plain.median())),
        "≤ 2 ×",
        times <= 2.0,
    );
    Ok(())
}

/// Names, letter by letter.
async fn names(
    search: &Search<'_>,
    files: u32,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut request = NameSearch::default();
    let all = search.names(&request).await?;
    ensure!(
        all.files >= u64::from(files),
        "{} files are known",
        all.files
    );
    let mut samples = Samples::new();
    for _ in 0..(10 / scale).max(2) {
        for word in ["source_777", "mod12 src9", "p3/mod"] {
            for end in 1..=word.len() {
                word[..end].clone_into(&mut request.query);
                let began = Instant::now();
                let list = search.names(&request).await?;
                samples.push(began.elapsed());
                ensure!(!list.items.is_empty(), "nothing fits {:?}", request.query);
            }
        }
    }
    report.row(
        &format!("quick open over {files} names, a keystroke"),
        format!(
            "{} (p90 {})",
            time(samples.median()),
            time(samples.quantile(0.9))
        ),
        String::from("–"),
        "≤ 30 ms",
        samples.median() <= Duration::from_millis(30),
    );
    Ok(())
}
