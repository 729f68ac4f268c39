//! Language toolchains that lie outside of the system (below a person's home, mostly), so that
//! workspaces can use what the server has.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::sandbox::SYSTEM_PATHS;

/// A toolchain's answer takes milliseconds; one that hangs is left out.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Programs that can be asked where their installation is. Each is asked itself, because what
/// stands on the search path is often a shim (rustup, pyenv, nvm).
const QUESTIONS: &[(&str, &[&str])] = &[
    ("rustc", &["--print", "sysroot"]),
    (
        "node",
        &[
            "-p",
            "require('path').dirname(require('path').dirname(process.execPath))",
        ],
    ),
    ("python3", &["-c", "import sys; print(sys.base_prefix)"]),
    ("go", &["env", "GOROOT"]),
];

/// The directories of toolchains, each with a `bin`.
pub(super) async fn find(search_path: &[PathBuf]) -> Vec<PathBuf> {
    let questions = QUESTIONS.iter().map(|(program, arguments)| async move {
        let program = search_path
            .iter()
            .map(|directory| directory.join(program))
            .find(|path| path.is_file())?;
        let prefix = ask(&program, arguments).await?;
        let usable = prefix.is_absolute() && prefix.join("bin").is_dir() && !is_system(&prefix);
        usable.then_some(prefix)
    });
    let mut found: Vec<PathBuf> = futures_util::future::join_all(questions)
        .await
        .into_iter()
        .flatten()
        .collect();
    found.dedup();
    found
}

/// Whether every workspace sees the path anyway.
fn is_system(path: &Path) -> bool {
    path == Path::new("/") || SYSTEM_PATHS.iter().any(|system| path.starts_with(system))
}

async fn ask(program: &Path, arguments: &[&str]) -> Option<PathBuf> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(ANSWER_WITHIN, output)
        .await
        .ok()?
        .ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(answer.trim()))
        .and_then(|path| path.canonicalize().ok())
}
