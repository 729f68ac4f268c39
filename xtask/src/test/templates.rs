//! Builds and starts every template as a person would, fetches its page and runs its own tests.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use super::postgres::free_port;
use crate::repository::{Repository, TemporaryFolder};
use crate::step;

/// How long a template may take from its start command to its page, downloads included.
const START_LIMIT: Duration = Duration::from_secs(170);
/// How often its page is asked for.
const POLL: Duration = Duration::from_millis(100);

/// A template's `template.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    title: String,
    description: String,
    icon: String,
    start_command: Option<String>,
    #[serde(default)]
    requires: Vec<String>,
}

/// Tries all templates.
pub(super) fn run(repository: &Repository) -> Result<()> {
    let folder = repository.path("templates");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    ensure!(
        !names.is_empty(),
        "there is no template in {}",
        folder.display()
    );
    for name in &names {
        let started = Instant::now();
        try_template(&folder.join(name), name).with_context(|| format!("template {name}"))?;
        println!(
            "template {name}: ok in {}",
            step::elapsed(started.elapsed())
        );
    }
    println!("{} templates passed", names.len());
    Ok(())
}

fn try_template(template: &Path, name: &str) -> Result<()> {
    let text = fs::read_to_string(template.join("template.toml")).context("no template.toml")?;
    let manifest: Manifest = toml::from_str(&text).context("template.toml")?;
    for (field, value) in [
        ("title", &manifest.title),
        ("description", &manifest.description),
        ("icon", &manifest.icon),
    ] {
        ensure!(!value.trim().is_empty(), "its {field} is empty");
    }
    for program in &manifest.requires {
        let present = Command::new(program).arg("--version").output().is_ok();
        ensure!(present, "it requires {program}, which is not installed");
    }

    let folder = TemporaryFolder::new(&format!("template-{name}"))?;
    copy_files(&template.join("files"), folder.path())?;
    ensure!(
        folder.path().join("README.md").exists(),
        "it has no README.md"
    );
    let Some(start_command) = &manifest.start_command else {
        return Ok(());
    };
    let port = free_port()?;
    let mut application = Application::start(start_command, folder.path(), port)?;
    let page = application.wait_for_page()?;
    // Every start page names the template, so that another program's answer is not taken for it.
    ensure!(
        page.contains(&manifest.title),
        "its page does not contain its title:\n{page}"
    );
    drop(application);

    let mut test = test_command(folder.path())?;
    test.current_dir(folder.path())
        .env_remove("CARGO_TARGET_DIR");
    step::run(&format!("template {name}: its tests"), &mut test)
}

/// Copies a template's files as the product does: `_gitignore` becomes `.gitignore`.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let target = if name == "_gitignore" {
            to.join(".gitignore")
        } else {
            to.join(&name)
        };
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("cannot copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// How a project's tests run, by what kind of project it is.
fn test_command(folder: &Path) -> Result<Command> {
    let words: &[&str] = if folder.join("package.json").exists() {
        &["npm", "test"]
    } else if folder.join("Cargo.toml").exists() {
        &["cargo", "test"]
    } else if folder.join("requirements.txt").exists() {
        &[".venv/bin/python", "-m", "unittest"]
    } else {
        bail!("it has a start command and no tests that this stage knows how to run");
    };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    Ok(command)
}

/// A started template; its whole process group is killed on drop.
struct Application {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Application {
    fn start(command: &str, folder: &Path, port: u16) -> Result<Self> {
        // Beside the folder's files, not among them: a dev server watches those.
        let log = folder.with_extension("log");
        let output = fs::File::create(&log)?;
        let process = Command::new("bash")
            .args(["-c", command])
            .current_dir(folder)
            .env("PORT", port.to_string())
            // A workspace has none: what it builds is its own.
            .env_remove("CARGO_TARGET_DIR")
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .context("cannot start bash")?;
        Ok(Self { process, port, log })
    }

    /// Its page, once it answers.
    fn wait_for_page(&mut self) -> Result<String> {
        let started = Instant::now();
        let url = format!("http://127.0.0.1:{}", self.port);
        loop {
            if let Ok(page) = fetch(self.port) {
                let log = self.log();
                let printed =
                    log.contains(&url) || log.contains(&url.replace("127.0.0.1", "localhost"));
                if printed {
                    return Ok(page);
                }
                ensure!(
                    started.elapsed() < START_LIMIT,
                    "it did not print its URL {url}:\n{log}"
                );
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("its start command ended with {status}:\n{}", self.log());
            }
            ensure!(
                started.elapsed() < START_LIMIT,
                "it does not answer:\n{}",
                self.log()
            );
            thread::sleep(POLL);
        }
    }

    /// What it has printed, without colours: Vite prints the port in bold.
    fn log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("\x1b[") {
            plain.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        plain + rest
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // The group: npm and the dev server below it are not our children. (bash: the `kill` of dash
        // takes no group.)
        let kill = format!("kill -KILL -- -{}", self.process.id());
        let _ = Command::new("bash").args(["-c", &kill]).status();
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_file(&self.log);
    }
}

/// The body of `GET /`, if the answer is 200.
fn fetch(port: u16) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    ensure!(answer.starts_with("HTTP/1.1 200"), "not 200: {answer}");
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_copied_with_their_folders_and_gitignore_gets_its_name() {
        let from = TemporaryFolder::new("copy-from").unwrap();
        let to = TemporaryFolder::new("copy-to").unwrap();
        fs::create_dir(from.path().join("src")).unwrap();
        fs::write(from.path().join("src/_gitignore"), "a").unwrap();
        fs::write(from.path().join("start"), "b").unwrap();
        copy_files(from.path(), to.path()).unwrap();
        assert_eq!(fs::read(to.path().join("src/.gitignore")).unwrap(), b"a");
        assert_eq!(fs::read(to.path().join("start")).unwrap(), b"b");
    }

    #[test]
    fn an_application_that_ends_before_it_answers_is_an_error_with_its_output() {
        let folder = TemporaryFolder::new("ends").unwrap();
        let port = free_port().unwrap();
        let mut application =
            Application::start("echo no such module; exit 3", folder.path(), port).unwrap();
        let error = application.wait_for_page().unwrap_err().to_string();
        assert!(
            error.contains("exit status: 3") && error.contains("no such module"),
            "{error}"
        );
    }
}
