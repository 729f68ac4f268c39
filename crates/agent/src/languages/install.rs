//! Installing a known server into a directory of the workspace's home.
//!
//! Invariant: a directory is used only when its installation went to the end; what was left of one that
//! did not is removed by the next.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::find::{COMPLETE, installed};
use super::known::{Install, Known};
use super::process::Group;
use crate::Config;
use crate::files::RelativePath;
use crate::launch::Launch;

/// How long an installation may take: 100 MB over a slow line.
const INSTALL_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What package managers say when they have not reached their registry.
const NETWORK: [&str; 8] = [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "Could not find a version",
    "Temporary failure in name resolution",
    "dial tcp",
];

/// Installs what `install` names; each line that is said goes to `progress`. The error says what to do.
pub(super) async fn install(
    config: &Config,
    known: &Known,
    install: &Install,
    root: &RelativePath,
    progress: impl Fn(&str),
) -> Result<(), String> {
    let directory = installed(config, known);
    let made = || -> io::Result<()> {
        match std::fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::fs::create_dir_all(&directory)
    };
    made().map_err(|error| format!("`{}` cannot be made: {error}.", directory.display()))?;
    let target = directory.to_str().ok_or("The home's name is not text.")?;
    let text = |part: &str| part.to_owned();
    let mut env = BTreeMap::new();
    let commands: Vec<Vec<String>> = match install {
        Install::Npm(packages) => {
            let mut command: Vec<String> = ["npm", "install", "--prefix", target].map(text).into();
            // Packages' own scripts are not run: none of the known ones needs them.
            command.extend(
                [
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--no-update-notifier",
                    "--loglevel=http",
                ]
                .map(text),
            );
            command.extend(packages.iter().map(|package| text(package)));
            vec![command]
        }
        Install::Pip(packages) => {
            let python = format!("{target}/bin/python3");
            let mut command: Vec<String> = [&python, "-m", "pip", "install"].map(text).into();
            command.extend(packages.iter().map(|package| text(package)));
            vec![["python3", "-m", "venv", target].map(text).into(), command]
        }
        Install::Go(package) => {
            env.insert(text("GOBIN"), format!("{target}/bin"));
            vec![["go", "install", package].map(text).into()]
        }
        // Into the toolchain that the project names, else the person's own choice.
        Install::Rustup(components) => {
            let mut command: Vec<String> = ["rustup", "component", "add"].map(text).into();
            command.extend(components.iter().map(|component| text(component)));
            vec![command]
        }
    };
    let project = super::find::directory(config, root);
    let cwd = match install {
        Install::Rustup(_) => project.to_str().ok_or("The project's name is not text.")?,
        _ => target,
    };
    for command in commands {
        let program = command[0].clone();
        let launch = Launch::new(config, command, Some(cwd), env.clone())
            .map_err(|error| error.to_string())?;
        tokio::time::timeout(INSTALL_WITHIN, run(&launch, &progress))
            .await
            .map_err(|_| {
                let minutes = INSTALL_WITHIN.as_secs() / 60;
                format!("`{program}` has not come to an end within {minutes} minutes and was ended. Try again.")
            })??;
    }
    mend(known, &directory)
        .map_err(|error| format!("What was installed cannot be mended: {error}."))?;
    std::fs::write(directory.join(COMPLETE), install.packages())
        .map_err(|error| format!("What was installed cannot be marked as whole: {error}."))
}

/// Puts right what a package has wrong: HTML's server looks for the libraries of a page's scripts one folder
/// deeper than npm puts them, and without them knows of no `document`.
fn mend(known: &Known, directory: &Path) -> io::Result<()> {
    if known.language != "html" {
        return Ok(());
    }
    let deeper = directory.join("node_modules/node_modules");
    std::fs::create_dir_all(&deeper)?;
    std::os::unix::fs::symlink("../typescript", deeper.join("typescript"))
}

/// Runs a command to its end; each line that it says goes to `progress`. The error says what to do.
pub(crate) async fn run(launch: &Launch, progress: &impl Fn(&str)) -> Result<(), String> {
    let program = &launch.command[0];
    let spawned = launch
        .command()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = spawned.map_err(|error| launch.refused(error).to_string())?;
    let group = Group::of(&child);
    let stdout = child.stdout.take().expect("it is piped");
    let stderr = child.stderr.take().expect("it is piped");
    let said = parking_lot::Mutex::new(String::new());
    let hear = |line: &str| {
        progress(line);
        let mut said = said.lock();
        if said.len() < 16 * 1024 {
            said.push_str(line);
            said.push('\n');
        }
    };
    tokio::join!(each_line(stdout, &hear), each_line(stderr, &hear));
    let status = child
        .wait()
        .await
        .map_err(|error| format!("`{program}` was lost: {error}."))?;
    drop(group);
    if status.success() {
        return Ok(());
    }
    let said = said.into_inner();
    if NETWORK.iter().any(|sign| said.contains(sign)) {
        return Err(format!(
            "`{program}` could not reach its registry. The workspace needs the network, or a registry \
             that is set up for `{program}`; see the log. Then try again."
        ));
    }
    let errors = said
        .lines()
        .rev()
        .find(|line| line.to_lowercase().contains("err"));
    let last = errors
        .or_else(|| said.lines().next_back())
        .unwrap_or_default();
    Err(format!(
        "`{program}` failed ({status}): {last} See the log, then try again."
    ))
}

/// Gives each line of a stream, of those that are not endless.
pub(crate) async fn each_line(mut stream: impl AsyncRead + Unpin, hear: &impl Fn(&str)) {
    const LINE_MAX: usize = 8 * 1024;
    let mut bytes = [0; 4096];
    let mut line = Vec::new();
    loop {
        let count = stream.read(&mut bytes).await.unwrap_or(0);
        for byte in &bytes[..count] {
            if *byte == b'\n' || line.len() == LINE_MAX {
                hear(String::from_utf8_lossy(&line).trim_end());
                line.clear();
            }
            if *byte != b'\n' {
                line.push(*byte);
            }
        }
        if count == 0 {
            break;
        }
    }
    if !line.is_empty() {
        hear(String::from_utf8_lossy(&line).trim_end());
    }
}
