//! Spelling, by the `typos` program from its Python wheel: compiling it would take minutes.

use std::process::Command;

use anyhow::Result;

use crate::repository::Repository;
use crate::step;

/// Pinned: a newer one knows more words and would fail a tree that nobody changed.
const VERSION: &str = "1.52.0";

/// The checker, installed below the target directory when it is not there.
pub(super) fn checker(repository: &Repository) -> Result<Command> {
    let environment = Repository::target()?.join(format!("tools/typos-{VERSION}"));
    let program = environment.join("bin/typos");
    if !program.exists() {
        let mut create = Command::new("python3");
        create.args(["-m", "venv"]).arg(&environment);
        step::run("Preparing the spelling checker", &mut create)?;
        let mut install = Command::new(environment.join("bin/pip"));
        install.args(["install", "--quiet", &format!("typos=={VERSION}")]);
        step::run("Installing the spelling checker", &mut install)?;
    }
    let mut command = Command::new(program);
    command.current_dir(repository.root());
    Ok(command)
}
