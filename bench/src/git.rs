//! Git: the state of 100,000 files beside `git status`, and the log of 100,000 commits.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;
use atelier_api::agent::git::{GitLog, GitStatus};
use atelier_api::ids::WorkspaceId;

use crate::control_plane::ControlPlane;
use crate::report::{Report, Samples, ratio, time};
use crate::search::{give, grow};

const FILES: u32 = 100_000;
const COMMITS: u32 = 100_000;

/// How many of the files have changed.
const CHANGED: usize = 20;

/// How often each is asked.
const ROUNDS: u32 = 20;

pub(crate) async fn measure(
    server: &ControlPlane,
    scale: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let id = server.workspace("bench git").await?;
    let folder = server.folder(id);
    let owner = fs::metadata(&folder)?;
    let wide = folder.join("wide");
    grow(&wide, FILES / scale)?;
    git(&wide, &["init", "-q", "-b", "main"])?;
    // Files have another owner inside of the workspace than outside; to both they are the same so.
    git(&wide, &["config", "core.checkStat", "minimal"])?;
    git(&wide, &["config", "core.trustctime", "false"])?;
    git(&wide, &["add", "."])?;
    git(&wide, &["commit", "-q", "-m", "All of it"])?;
    for file in fs::read_dir(wide.join("part-0/module-0"))?.take(CHANGED) {
        fs::write(file?.path(), "changed\n")?;
    }
    let long = folder.join("long");
    fs::create_dir(&long)?;
    git(&long, &["init", "-q", "-b", "main"])?;
    import(&long, COMMITS / scale)?;
    give(&folder, &owner)?;
    status(server, id, &wide, report).await?;
    log(server, id, report).await
}

/// The state, as the view reads it, and as `git` prints it with the same settings.
async fn status(
    server: &ControlPlane,
    id: WorkspaceId,
    wide: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (mut ours, mut base) = (Samples::new(), Samples::new());
    for round in 0..=ROUNDS {
        let began = Instant::now();
        let status: GitStatus = server
            .get(&format!("/workspaces/{id}/git/status?path=wide"))
            .await?;
        let took = began.elapsed();
        ensure!(
            status.files.len() == CHANGED,
            "{} files",
            status.files.len()
        );
        let began = Instant::now();
        let arguments = [
            "--no-optional-locks",
            "status",
            "--porcelain=v2",
            "--branch",
            "--show-stash",
            "-z",
            "--untracked-files=normal",
        ];
        git(wide, &arguments)?;
        // The first finds nothing in the caches.
        if round > 0 {
            ours.push(took);
            base.push(began.elapsed());
        }
    }
    let ratio = ratio(ours.median(), base.median());
    report.row(
        "Git status of 100,000 files",
        format!("{} ({ratio:.2} ×)", time(ours.median())),
        format!("{} (`git status`)", time(base.median())),
        "≤ 1.3 ×",
        ratio <= 1.3,
    );
    Ok(())
}

/// The first page of the log, and the pages after it.
async fn log(server: &ControlPlane, id: WorkspaceId, report: &mut Report) -> anyhow::Result<()> {
    let (mut first, mut deep) = (Samples::new(), Samples::new());
    for _ in 0..ROUNDS {
        let mut cursor = String::new();
        for page in 0..10 {
            let began = Instant::now();
            let log: GitLog = server
                .get(&format!("/workspaces/{id}/git/log?path=long{cursor}"))
                .await?;
            let took = began.elapsed();
            let samples = if page == 0 { &mut first } else { &mut deep };
            samples.push(took);
            let Some(next) = log.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
    }
    let bound = Duration::from_millis(150);
    report.row(
        "log of 100,000 commits, first page, p95",
        format!(
            "{} (p50 {})",
            time(first.quantile(0.95)),
            time(first.median())
        ),
        "–".to_owned(),
        "≤ 150 ms",
        first.quantile(0.95) <= bound,
    );
    report.shown(
        "… the nine pages after it, p95",
        time(deep.quantile(0.95)),
        "–".to_owned(),
    );
    Ok(())
}

/// A history with a merge at every tenth commit.
fn import(repository: &Path, commits: u32) -> anyhow::Result<()> {
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(repository)
        .stdin(Stdio::piped())
        .spawn()?;
    {
        let mut input = std::io::BufWriter::new(child.stdin.take().expect("it is piped"));
        for number in 1..=commits {
            let name = "Ada Bench <ada@example.org>";
            let message = format!("Change number {number} of a long history");
            writeln!(input, "commit refs/heads/main\nmark :{number}")?;
            writeln!(input, "committer {name} {} +0000", 1_600_000_000 + number)?;
            writeln!(input, "data {}\n{message}", message.len())?;
            if number > 1 {
                writeln!(input, "from :{}", number - 1)?;
            }
            if number > 10 && number % 10 == 0 {
                writeln!(input, "merge :{}", number - 7)?;
            }
            let text = format!("{number}\n");
            let file = number % 500;
            writeln!(input, "M 100644 inline part/{file}.txt")?;
            writeln!(input, "data {}\n{text}", text.len())?;
        }
    }
    ensure!(child.wait()?.success(), "git fast-import failed");
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("git")
        .args(["-c", "safe.directory=*", "-c", "core.fsmonitor=false"])
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
        .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"])
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "git {arguments:?} failed");
    Ok(())
}
