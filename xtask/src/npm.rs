//! npm projects of the repository, installed and built only when their inputs changed.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::repository::Repository;
use crate::step;

/// A folder with a `package.json` and a `package-lock.json`.
#[derive(Debug)]
pub(crate) struct NpmProject<'a> {
    repository: &'a Repository,
    name: &'static str,
}

impl<'a> NpmProject<'a> {
    /// The web application.
    pub(crate) fn web(repository: &'a Repository) -> Self {
        let name = "web";
        Self { repository, name }
    }

    /// The browser tests.
    pub(crate) fn e2e(repository: &'a Repository) -> Self {
        let name = "e2e";
        Self { repository, name }
    }

    /// The TypeScript client of the bridge.
    pub(crate) fn typescript_client(repository: &'a Repository) -> Self {
        let name = "clients/typescript";
        Self { repository, name }
    }

    /// Installs the locked dependencies, when the lock changed since they were installed.
    pub(crate) fn install(&self) -> Result<()> {
        let inputs = ["package-lock.json", "package.json"]
            .map(|file| format!("{}/{file}", self.name))
            .to_vec();
        let stamp = self.path("node_modules/.atelier-stamp");
        self.when_changed(&inputs, &stamp, || {
            // Not `npm ci`: that refuses a lock without the binaries of other platforms, which a lock
            // written behind a partial mirror lacks. This takes the locked versions too (tidy checks
            // that the lock fits) and leaves the lock as it is. Scripts of dependencies are not run:
            // none of ours needs them.
            let arguments = [
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
            ];
            let title = format!("Installing the packages of {}/", self.name);
            step::run(
                &title,
                Command::new("npm")
                    .args(arguments)
                    .current_dir(self.path("")),
            )
        })
    }

    /// Builds `dist/`, when a source changed since it was built.
    pub(crate) fn build(&self) -> Result<()> {
        let folder = format!("{}/", self.name);
        let mut inputs = self.repository.files()?;
        inputs.retain(|file| file.starts_with(&folder));
        self.when_changed(&inputs, &self.path("dist/.stamp"), || {
            let title = format!("Building {folder}");
            step::run(&title, &mut self.script("build"))
        })
    }

    /// `npm run SCRIPT`.
    pub(crate) fn script(&self, script: &str) -> Command {
        let mut command = Command::new("npm");
        command
            .args(["run", "--silent", script])
            .current_dir(self.path(""));
        command
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.repository.path(self.name).join(relative)
    }

    /// Does `work` unless the stamp says that it was done for the very same inputs.
    fn when_changed(
        &self,
        inputs: &[String],
        stamp: &Path,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let fingerprint = fingerprint(self.repository.root(), inputs)?;
        if fs::read_to_string(stamp).is_ok_and(|done| done == fingerprint) {
            return Ok(());
        }
        work()?;
        fs::write(stamp, fingerprint).with_context(|| format!("cannot write {}", stamp.display()))
    }
}

/// A fingerprint of the files' names and contents. Not cryptographic: it guards against forgetting,
/// not against malice.
fn fingerprint(root: &Path, files: &[String]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let content = fs::read(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        hasher.write(file.as_bytes());
        hasher.write_u8(0);
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::TemporaryFolder;

    #[test]
    fn a_fingerprint_changes_with_names_and_contents() {
        let folder = TemporaryFolder::new("fingerprint").unwrap();
        let root = folder.path();
        fs::write(root.join("a"), "1").unwrap();
        fs::write(root.join("b"), "1").unwrap();
        let of = |files: &[&str]| {
            let files: Vec<String> = files.iter().map(|&file| file.to_owned()).collect();
            fingerprint(root, &files).unwrap()
        };
        let first = of(&["a"]);
        assert_eq!(first, of(&["a"]));
        assert_ne!(first, of(&["b"]));
        assert_ne!(first, of(&["a", "b"]));
        fs::write(root.join("a"), "2").unwrap();
        assert_ne!(first, of(&["a"]));
    }
}
