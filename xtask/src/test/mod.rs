//! `cargo xtask test`: every check of the project, one stage after another, and a summary.

mod postgres;
mod templates;
mod typos;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;

use crate::npm::NpmProject;
use crate::prerequisites;
use crate::regen;
use crate::repository::Repository;
use crate::step;
use crate::tidy;

/// A stage of the tests, in the order in which they run: what fails fast comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// rustfmt
    Fmt,
    /// House rules: walls between crates and folders, file lengths, licences
    Tidy,
    /// Spelling
    Typos,
    /// clippy, warnings are errors
    Clippy,
    /// rustdoc, warnings are errors
    Rustdoc,
    /// Web: lint, types, unit tests, build
    Web,
    /// Rust tests, on `SQLite`
    Sqlite,
    /// Rust tests of what reaches the database, on a private `PostgreSQL`
    Postgres,
    /// Generated files are up to date
    Regen,
    /// Every template builds, starts and passes its own tests
    Templates,
    /// The TypeScript client: lint, types, its tests on the real server
    Client,
    /// Browser tests on the real server
    E2e,
}

/// How a stage ended.
struct Outcome {
    stage: Stage,
    duration: Duration,
    error: Option<anyhow::Error>,
}

/// Runs the wanted stages, all of them even when one fails.
pub(crate) fn run(
    repository: &Repository,
    only: &[Stage],
    skip: &[Stage],
    install: bool,
) -> Result<()> {
    let wanted = |stage: &Stage| (only.is_empty() || only.contains(stage)) && !skip.contains(stage);
    let stages = Stage::value_variants().iter().copied().filter(wanted);
    let mut outcomes = Vec::new();
    for stage in stages {
        println!("\n── {} ──", name(stage));
        let started = Instant::now();
        let error = run_stage(repository, stage, install).err();
        if let Some(error) = &error {
            println!("{}: {error:#}", name(stage));
        }
        let duration = started.elapsed();
        outcomes.push(Outcome {
            stage,
            duration,
            error,
        });
    }
    println!("\n{}", summary(&outcomes));
    ensure!(!outcomes.is_empty(), "no stage was left to run");
    let failed = outcomes.iter().filter(|outcome| outcome.error.is_some());
    match failed.count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} stages failed", outcomes.len()),
    }
}

fn run_stage(repository: &Repository, stage: Stage, install: bool) -> Result<()> {
    match stage {
        Stage::Fmt => show(&mut repository.cargo(&["fmt", "--all", "--", "--check", "-l"])),
        Stage::Tidy => tidy::run(repository),
        Stage::Typos => {
            prerequisites::ensure(prerequisites::PYTHON, install)?;
            show(&mut typos::checker(repository)?)?;
            println!("typos: nothing found");
            Ok(())
        }
        Stage::Clippy => clippy(repository),
        Stage::Rustdoc => rustdoc(repository),
        Stage::Web => web(repository, install),
        Stage::Sqlite => sqlite(repository, install),
        Stage::Postgres => postgres(repository, install),
        Stage::Regen => {
            prerequisites::ensure(prerequisites::UP, install)?;
            regen::run(repository)?;
            regen::ensure_committed(repository)
        }
        Stage::Templates => {
            prerequisites::ensure(prerequisites::UP, install)?;
            prerequisites::ensure(prerequisites::PYTHON, install)?;
            templates::run(repository)
        }
        Stage::Client => client(repository, install),
        Stage::E2e => e2e(repository, install),
    }
}

fn clippy(repository: &Repository) -> Result<()> {
    let arguments = [
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    show(&mut repository.cargo(&arguments))
}

fn rustdoc(repository: &Repository) -> Result<()> {
    let arguments = [
        "doc",
        "--locked",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ];
    let mut command = repository.cargo(&arguments);
    show(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn web(repository: &Repository, install: bool) -> Result<()> {
    prerequisites::ensure(prerequisites::UP, install)?;
    let web = NpmProject::web(repository);
    web.install()?;
    for script in ["lint", "types", "test"] {
        show(&mut web.script(script))?;
    }
    web.build()
}

fn sqlite(repository: &Repository, install: bool) -> Result<()> {
    prerequisites::ensure_nextest(install)?;
    prerequisites::ensure(&[prerequisites::IP, prerequisites::SSHD], install)?;
    prerequisites::ensure(prerequisites::SHELLS, install)?;
    prerequisites::ensure(prerequisites::PYTHON, install)?;
    // The tests of language servers install some by npm, as people do.
    prerequisites::ensure(prerequisites::UP, install)?;
    prerequisites::ensure(prerequisites::LANGUAGE_SERVERS, install)?;
    // Some tests start the `atelier` program itself: build it first, with the tests' features.
    let build = ["build", "--locked", "--workspace", "--bins", "--tests"];
    show(&mut repository.cargo(&build))?;
    show(&mut nextest(repository))
}

fn postgres(repository: &Repository, install: bool) -> Result<()> {
    prerequisites::ensure_nextest(install)?;
    prerequisites::ensure(&[prerequisites::POSTGRES], install)?;
    let server = postgres::Server::start()?;
    // A filter, not `-p`: the packages are then built with the same features as in the stage before.
    let reaches_database =
        "package(atelier-db) | package(atelier-server) | package(atelier-testkit)";
    let mut command = nextest(repository);
    command.args(["-E", reaches_database]);
    show(command.env("ATELIER_TEST_DATABASE_URL", server.url()))
}

fn nextest(repository: &Repository) -> Command {
    repository.cargo(&[
        "nextest",
        "run",
        "--locked",
        "--workspace",
        "--profile",
        "ci",
    ])
}

fn client(repository: &Repository, install: bool) -> Result<()> {
    prerequisites::ensure(prerequisites::UP, install)?;
    let build = ["build", "--locked", "--workspace", "--bins", "--tests"];
    step::run("Building the server", &mut repository.cargo(&build))?;
    let client = NpmProject::typescript_client(repository);
    client.install()?;
    for script in ["lint", "types", "build"] {
        show(&mut client.script(script))?;
    }
    let program = Repository::target()?.join("debug/atelier");
    show(client.script("test").env("ATELIER_BIN", program))
}

fn e2e(repository: &Repository, install: bool) -> Result<()> {
    prerequisites::ensure(prerequisites::UP, install)?;
    prerequisites::ensure(&[prerequisites::CHROMIUM, prerequisites::FONTS], install)?;
    prerequisites::ensure(&[prerequisites::SSHD], install)?;
    let web = NpmProject::web(repository);
    web.install()?;
    web.build()?;
    let build = ["build", "--locked", "--workspace", "--bins", "--tests"];
    step::run("Building the server", &mut repository.cargo(&build))?;
    let e2e = NpmProject::e2e(repository);
    e2e.install()?;
    code_server(repository, install)?;
    show(&mut e2e.script("types"))?;
    let program = Repository::target()?.join("debug/atelier");
    let mut test = e2e.script("test");
    if let Err(error) = prerequisites::ensure_rust_analyzer(install) {
        // It comes from Rust's own host, which not every network lets through; the other tools do not.
        println!("LEFT OUT: the tests of Rust's language server, for want of it: {error:#}");
        test.env("ATELIER_NO_RUST_ANALYZER", "1");
    }
    show(test.env("ATELIER_BIN", program))
}

/// The code-server that a browser test opens; it is kept between runs.
fn code_server(repository: &Repository, install: bool) -> Result<()> {
    prerequisites::ensure(prerequisites::CODE_SERVER, install)?;
    let mut command = Command::new("node");
    command
        .arg(repository.path("e2e/vscode/install.mjs"))
        .arg(repository.path("target/vscode"));
    step::run("Installing code-server for its test", &mut command)
}

/// Runs a tool with its output as it is: its own closing line is what a person looks for.
fn show(command: &mut Command) -> Result<()> {
    let title = step::describe(command);
    println!("$ {title}");
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {title}"))?;
    ensure!(status.success(), "{title} ended with {status}");
    Ok(())
}

/// One line per stage, and a last line for the whole.
fn summary(outcomes: &[Outcome]) -> String {
    let mut lines = vec!["stage       result  time".to_owned()];
    for outcome in outcomes {
        let result = if outcome.error.is_some() {
            "FAILED"
        } else {
            "ok"
        };
        let time = step::elapsed(outcome.duration);
        lines.push(format!("{:<11} {result:<7} {time}", name(outcome.stage)));
    }
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.error.is_some())
        .count();
    let total: Duration = outcomes.iter().map(|outcome| outcome.duration).sum();
    lines.push(format!(
        "{} stages, {failed} failed, {}",
        outcomes.len(),
        step::elapsed(total)
    ));
    lines.join("\n")
}

fn name(stage: Stage) -> String {
    let value = stage.to_possible_value();
    value.expect("no stage is hidden").get_name().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_has_a_line_per_stage_and_counts_failures() {
        let outcomes = [
            Outcome {
                stage: Stage::Fmt,
                duration: Duration::from_millis(1_500),
                error: None,
            },
            Outcome {
                stage: Stage::E2e,
                duration: Duration::from_secs(90),
                error: Some(anyhow::anyhow!("a test failed")),
            },
        ];
        let text = summary(&outcomes);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "fmt         ok      1.5 s");
        assert_eq!(lines[2], "e2e         FAILED  1 min 30 s");
        assert_eq!(lines[3], "2 stages, 1 failed, 1 min 31 s");
    }

    #[test]
    fn a_tool_that_fails_fails_its_stage() {
        show(&mut Command::new("true")).unwrap();
        let error = show(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "sh -c exit 3 ended with exit status: 3");
    }
}
