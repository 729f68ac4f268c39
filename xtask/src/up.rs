//! `cargo xtask up`: from a fresh clone to a running server.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::npm::NpmProject;
use crate::prerequisites;
use crate::repository::Repository;
use crate::step;

/// Builds what changed and becomes the server. Returns only when something failed.
pub(crate) fn run(
    repository: &Repository,
    data: &Path,
    port: Option<u16>,
    install: bool,
) -> Result<()> {
    let started = Instant::now();
    prerequisites::ensure(prerequisites::UP, install)?;

    let web = NpmProject::web(repository);
    web.install()?;
    web.build()?;
    // The release build embeds web/dist, so it comes after it.
    let arguments = ["build", "--release", "--locked", "--package", "atelier-cli"];
    step::run("Building the server", &mut repository.cargo(&arguments))?;

    fs::create_dir_all(data).with_context(|| format!("cannot create {}", data.display()))?;
    let mut server = Command::new(Repository::target()?.join("release/atelier"));
    server.arg("serve").arg("--data").arg(data);
    if let Some(port) = port {
        server.args(["--port", &port.to_string()]);
    }
    println!(
        "Starting Atelier (ready to start after {})\n",
        step::elapsed(started.elapsed())
    );
    // In this process's place: signals and the exit status are the server's own.
    Err(server.exec()).with_context(|| format!("cannot start {}", step::describe(&server)))
}
