//! The programs that the project needs, and their installation on Debian and Ubuntu.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::step;

/// The oldest Node that the web build runs on: Vite's own requirement.
const NODE_VERSION: (u32, u32) = (20, 19);

/// A program that the project needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prerequisite {
    name: &'static str,
    /// How to see that it is there.
    present: Present,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Present {
    /// The program of this name knows `--version`.
    Program,
    /// It knows this command.
    Command(&'static str),
    /// Python finds this module.
    PythonModule(&'static str),
    /// This file exists.
    File(&'static str),
}

const fn program(name: &'static str, packages: &'static [&'static str]) -> Prerequisite {
    let present = Present::Program;
    Prerequisite {
        name,
        present,
        packages,
    }
}

/// What it takes to build and run Atelier.
pub(crate) const UP: &[Prerequisite] = &[
    program("bash", &["bash"]),
    program("git", &["git"]),
    // SQLite and mimalloc are C.
    program("cc", &["gcc", "libc6-dev"]),
    program("node", &["nodejs"]),
    program("npm", &["npm"]),
];

/// What the tests need beyond [`UP`].
pub(crate) const CHROMIUM: Prerequisite = program("chromium", &["chromium"]);
/// Without an Arabic font the right-to-left screenshots show empty boxes.
pub(crate) const FONTS: Prerequisite = Prerequisite {
    name: "an Arabic font",
    present: Present::File("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf"),
    packages: &["fonts-noto-core"],
};
/// What building code-server's parts takes, and the `rg` that it is given.
pub(crate) const CODE_SERVER: &[Prerequisite] = &[
    program("g++", &["g++"]),
    program("make", &["make"]),
    program("python3", &["python3"]),
    program("rg", &["ripgrep"]),
];
/// The database of the second test run. Debian keeps its programs out of the path; the presence of the
/// folder of versions tells.
pub(crate) const POSTGRES: Prerequisite = Prerequisite {
    name: "PostgreSQL",
    present: Present::File("/usr/lib/postgresql"),
    packages: &["postgresql"],
};
/// The tests of faults in the network make their own.
pub(crate) const IP: Prerequisite = Prerequisite {
    name: "ip",
    present: Present::File("/sbin/ip"),
    packages: &["iproute2"],
};
/// What Git is tested with over SSH; each test starts its own.
pub(crate) const SSHD: Prerequisite = Prerequisite {
    name: "sshd",
    present: Present::File("/usr/sbin/sshd"),
    packages: &["openssh-server"],
};
/// For Rust that is the system's, too; Debian has it from version 13 on.
const RUST_ANALYZER: Prerequisite = program("rust-analyzer", &["rust-analyzer", "rust-src"]);
/// Shells whose integration is tested beside bash's.
pub(crate) const SHELLS: &[Prerequisite] = &[program("zsh", &["zsh"]), program("fish", &["fish"])];
/// Language servers that npm does not bring, and what they and Bash's make use of. Some 30 s, and 550 MB on disk, most
/// of it Go.
pub(crate) const LANGUAGE_SERVERS: &[Prerequisite] = &[
    program("clangd", &["clangd"]),
    program("shellcheck", &["shellcheck"]),
    program("shfmt", &["shfmt"]),
    Prerequisite {
        name: "go",
        present: Present::Command("version"),
        packages: &["golang-go"],
    },
    Prerequisite {
        name: "gopls",
        present: Present::Command("version"),
        packages: &["gopls"],
    },
];
/// The `python-flask` template; and the test that locks the database.
pub(crate) const PYTHON: &[Prerequisite] = &[
    program("python3", &["python3"]),
    // `venv` itself is part of Python; on Debian what it copies into a new environment is not.
    Prerequisite {
        name: "python3-venv",
        present: Present::PythonModule("ensurepip"),
        packages: &["python3-venv"],
    },
];

impl Prerequisite {
    fn is_present(self) -> bool {
        match self.present {
            Present::Program => starts(Command::new(self.name).arg("--version")),
            Present::Command(command) => starts(Command::new(self.name).arg(command)),
            Present::PythonModule(module) => {
                starts(Command::new("python3").args(["-c", &format!("import {module}")]))
            }
            Present::File(path) => fs::exists(path).unwrap_or(false),
        }
    }
}

/// Sees to it that everything is there: installs what is missing, or says how to.
pub(crate) fn ensure(wanted: &[Prerequisite], install: bool) -> Result<()> {
    let missing: Vec<_> = wanted
        .iter()
        .filter(|wanted| !wanted.is_present())
        .collect();
    if !missing.is_empty() {
        let packages: Vec<&str> = missing
            .iter()
            .flat_map(|missing| missing.packages)
            .copied()
            .collect();
        let names: Vec<&str> = missing.iter().map(|missing| missing.name).collect();
        install_packages(&names, &packages, install)?;
        if let Some(still) = wanted.iter().find(|wanted| !wanted.is_present()) {
            bail!(
                "{} is still missing after the installation of {}",
                still.name,
                packages.join(" ")
            );
        }
    }
    if wanted.iter().any(|wanted| wanted.name == "node") {
        check_node()?;
    }
    Ok(())
}

/// Sees to it that `cargo nextest` is there.
pub(crate) fn ensure_nextest(install: bool) -> Result<()> {
    if starts(Command::new("cargo").args(["nextest", "--version"])) {
        return Ok(());
    }
    let arguments = ["install", "--locked", "cargo-nextest"];
    if !install {
        bail!(
            "cargo-nextest is missing. Install it with:\n  cargo {}",
            arguments.join(" ")
        );
    }
    step::run(
        "Installing cargo-nextest",
        Command::new("cargo").args(arguments),
    )
}

/// Sees to it that the toolchain has a `rust-analyzer`, and the standard library's source that it reads: rustup's
/// components of the toolchain that the checkout is built with, else the system's packages.
pub(crate) fn ensure_rust_analyzer(install: bool) -> Result<()> {
    let present = starts(Command::new("rust-analyzer").arg("--version"));
    if !starts(Command::new("rustup").arg("--version")) {
        return ensure(&[RUST_ANALYZER], install);
    }
    let arguments = ["component", "add", "rust-analyzer", "rust-src"];
    if !install {
        if present {
            return Ok(());
        }
        bail!(
            "rust-analyzer is missing. Install it with:\n  rustup {}",
            arguments.join(" ")
        );
    }
    // What is there already is left as it is, without the network.
    step::run(
        "Installing rust-analyzer",
        Command::new("rustup").args(arguments),
    )
}

/// Whether this process is root: `/proc/self` belongs to who runs it.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

fn starts(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn install_packages(names: &[&str], packages: &[&str], install: bool) -> Result<()> {
    let how = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    let missing = names.join(", ");
    if !starts(Command::new("apt-get").arg("--version")) {
        bail!(
            "missing: {missing}. Install it with your system's package manager (on Debian: {how})"
        );
    }
    let Some(prefix) = privilege() else {
        bail!("missing: {missing}. Install it with:\n  sudo {how}");
    };
    if !install {
        bail!("missing: {missing}. Install it with:\n  {prefix}{how}");
    }
    println!("Missing: {missing}.");
    let _no_services = NoServices::hold(prefix)?;
    let apt = |arguments: &[&str]| {
        let mut command = as_root(prefix, &["apt-get"]);
        // Others may hold apt's lock: wait for them rather than fail.
        command
            .args(["-o", "DPkg::Lock::Timeout=500"])
            .args(arguments);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    let title = format!("Installing {}", packages.join(" "));
    if step::run(&title, &mut apt(&arguments)).is_ok() {
        return Ok(());
    }
    // The package lists may be missing (a fresh container) or too old for the archive.
    step::run("Updating the package lists", &mut apt(&["update"]))?;
    step::run(&title, &mut apt(&arguments))
}

/// Debian starts the services that a package brings: an SSH server that lets people in, say. Nobody has asked
/// for that; the tests start their own.
struct NoServices {
    prefix: &'static str,
}

/// What Debian's installer asks before it starts a service; 101 means no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

impl NoServices {
    /// Holds until it is dropped; nothing where the machine has a rule of its own.
    fn hold(prefix: &'static str) -> Result<Option<Self>> {
        if fs::exists(POLICY).unwrap_or(false) {
            return Ok(None);
        }
        let script = format!("printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}");
        step::run(
            "Keeping services from being started",
            &mut as_root(prefix, &["sh", "-c", &script]),
        )?;
        Ok(Some(Self { prefix }))
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        let _ = as_root(self.prefix, &["rm", "-f", POLICY]).status();
    }
}

fn as_root(prefix: &str, words: &[&str]) -> Command {
    let mut words = prefix.split_whitespace().chain(words.iter().copied());
    let mut command = Command::new(words.next().expect("there is a program"));
    command.args(words);
    command
}

/// How to become root: not at all, by sudo, or there is no way.
fn privilege() -> Option<&'static str> {
    if is_root() {
        Some("")
    } else if starts(Command::new("sudo").args(["-n", "true"])) {
        Some("sudo -n ")
    } else if io::stdin().is_terminal() && starts(Command::new("sudo").arg("--version")) {
        Some("sudo ")
    } else {
        None
    }
}

fn check_node() -> Result<()> {
    let output = Command::new("node").arg("--version").output();
    let output = output.context("cannot run node")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version =
        parse_version(&text).with_context(|| format!("node says its version is {text:?}"))?;
    if version < NODE_VERSION {
        let (major, minor) = NODE_VERSION;
        bail!(
            "Node {} is too old: Atelier needs {major}.{minor} or newer. Install a current one from \
             https://nodejs.org or with your version manager (nvm, fnm, mise), then run this again",
            text.trim()
        );
    }
    Ok(())
}

/// The major and minor part of `v20.19.2`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse_version("v20.19.2\n"), Some((20, 19)));
        assert!(parse_version("v9.11.2").unwrap() < NODE_VERSION);
        assert!(parse_version("v18.20.4").unwrap() < NODE_VERSION);
        assert_eq!(parse_version("none"), None);
    }

    #[test]
    fn a_missing_program_names_its_command_and_is_not_installed_unasked() {
        let missing = program("no-such-program", &["no-such-package"]);
        assert!(!missing.is_present());
        let error = ensure(&[missing], false).unwrap_err().to_string();
        assert!(error.contains("missing: no-such-program"), "{error}");
        assert!(
            error.contains("apt-get install -y --no-install-recommends no-such-package"),
            "{error}"
        );
    }
}
