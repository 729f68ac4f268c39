//! Installing code-server from npm into the workspace's home.
//!
//! Its own installation script would build parts that no server needs (Kerberos, Windows), and fetch
//! `rg` from outside the registry: what it loads is built here, and the workspace's `rg` is taken where it
//! has one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use super::Places;
use crate::Config;
use crate::languages::{is_program, run_to_end, search_path};
use crate::launch::Launch;

/// The file that says that the directory of the program is whole.
pub(super) const COMPLETE: &str = ".complete";

/// How long the whole may take: 300 MB over a slow line, and a compiler on a small machine.
const INSTALL_WITHIN: Duration = Duration::from_secs(30 * 60);

/// How long Node.js may take to tell its version.
const TELL_WITHIN: Duration = Duration::from_secs(10);

/// The version for each major version of Node.js: each runs on exactly one.
const VERSIONS: [(&str, &str); 3] = [("20", "4.99.4"), ("22", "4.117.0"), ("24", "4.139.1")];

/// Which version can be installed here, or what is missing.
pub(super) async fn installable(config: &Config) -> Result<&'static str, String> {
    let has = |names: &[&str]| {
        let bins = search_path(config);
        bins.iter()
            .any(|bin| names.iter().any(|name| is_program(&bin.join(name))))
    };
    let tools: [(&str, &[&str]); 5] = [
        ("Node.js", &["node"]),
        ("npm", &["npm"]),
        ("make", &["make"]),
        ("a C++ compiler", &["g++", "clang++", "c++"]),
        ("Python 3", &["python3"]),
    ];
    let missing: Vec<&str> = tools
        .iter()
        .filter(|(_, names)| !has(names))
        .map(|(title, _)| *title)
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "This workspace has neither code-server nor openvscode-server, and cannot install one: it lacks {}. \
             Install what is missing, or have code-server on the path.",
            missing.join(", ")
        ));
    }
    let launch = Launch::new(
        config,
        vec!["node".to_owned(), "--version".to_owned()],
        None,
        BTreeMap::new(),
    )
    .map_err(|error| error.to_string())?;
    let said = parking_lot::Mutex::new(String::new());
    let hear = |line: &str| *said.lock() = line.chars().take(40).collect();
    let told = tokio::time::timeout(TELL_WITHIN, run_to_end(&launch, &hear)).await;
    told.map_err(|_| "`node --version` does not come to an end.".to_owned())??;
    let said = said.into_inner();
    let major = said
        .trim_start_matches('v')
        .split('.')
        .next()
        .unwrap_or_default();
    VERSIONS
        .iter()
        .find(|(of, _)| *of == major)
        .map(|(_, version)| *version)
        .ok_or_else(|| {
            format!(
                "code-server runs on Node.js 20, 22 or 24; this workspace has {said}. Install one of them, \
                 or have code-server on the path."
            )
        })
}

/// Installs a version; each line that is said goes to `progress`. The error says what to do.
pub(super) async fn install(
    config: &Config,
    places: &Places,
    version: &str,
    progress: impl Fn(&str),
) -> Result<(), String> {
    tokio::time::timeout(INSTALL_WITHIN, steps(config, places, version, &progress))
        .await
        .map_err(|_| {
            let minutes = INSTALL_WITHIN.as_secs() / 60;
            format!("It has not come to an end within {minutes} minutes and was ended. Try again.")
        })?
}

async fn steps(
    config: &Config,
    places: &Places,
    version: &str,
    progress: &impl Fn(&str),
) -> Result<(), String> {
    let target = &places.program;
    let made = match fs::remove_dir_all(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(target),
    };
    made.map_err(|error| format!("`{}` cannot be made: {error}.", target.display()))?;
    fs::write(target.join("package.json"), "{\"private\":true}")
        .map_err(|error| format!("`{}` cannot be written: {error}.", target.display()))?;
    let server = target.join("node_modules/code-server");
    let vscode = server.join("lib/vscode");
    let package = format!("code-server@{version}");
    let install = ["npm", "install", "--ignore-scripts", "--loglevel=http"];
    let rebuild = ["npm", "rebuild", "--foreground-scripts"];
    run(config, target, &install, &[&package], progress).await?;
    // Once more inside of it: what it was released with stands in its own `npm-shrinkwrap.json`, which npm
    // reads there whatever the registry says of it. VS Code and its extensions have one each, too.
    run(config, &server, &install, &["--omit=dev"], progress).await?;
    run(config, &server, &rebuild, &["argon2"], progress).await?;
    run(config, &vscode, &install, &["--omit=dev"], progress).await?;
    let native = [
        "node-pty",
        "@vscode/spdlog",
        "@parcel/watcher",
        "native-watchdog",
    ];
    run(config, &vscode, &rebuild, &native, progress).await?;
    let ripgrep = vscode.join("node_modules/@vscode/ripgrep");
    let own = search_path(config)
        .into_iter()
        .map(|bin| bin.join("rg"))
        .find(|path| is_program(path));
    match own {
        Some(own) if ripgrep.exists() => {
            let linked = fs::create_dir_all(ripgrep.join("bin"))
                .and_then(|()| symlink(own, ripgrep.join("bin/rg")));
            linked.map_err(|error| format!("`rg` cannot be linked: {error}."))?;
        }
        Some(_) => {}
        None => run(config, &vscode, &rebuild, &["@vscode/ripgrep"], progress).await?,
    }
    let extensions = vscode.join("extensions");
    if extensions.join("package.json").exists() {
        run(config, &extensions, &install, &["--omit=dev"], progress).await?;
    }
    // The name by which the built-in extensions ask for it.
    let asar = vscode.join("node_modules.asar");
    if !asar.exists() {
        symlink("node_modules", asar)
            .map_err(|error| format!("It cannot be completed: {error}."))?;
    }
    fs::write(target.join(COMPLETE), package)
        .map_err(|error| format!("What was installed cannot be marked as whole: {error}."))
}

async fn run(
    config: &Config,
    directory: &Path,
    command: &[&str],
    more: &[&str],
    progress: &impl Fn(&str),
) -> Result<(), String> {
    let command = command.iter().chain(more).map(|part| (*part).to_owned());
    let quiet: [(&str, &str); 4] = [
        // A package's script asks for `node-gyp` by `npx`.
        ("npm_config_yes", "true"),
        ("npm_config_audit", "false"),
        ("npm_config_fund", "false"),
        ("npm_config_update_notifier", "false"),
    ];
    let mut env: BTreeMap<_, _> = quiet
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    if let Some(home) = node_home(config) {
        env.insert("npm_config_nodedir".to_owned(), home);
    }
    let launch = Launch::new(config, command.collect(), directory.to_str(), env)
        .map_err(|error| error.to_string())?;
    progress(&launch.command.join(" "));
    run_to_end(&launch, progress).await
}

/// Where Node.js has its headers, if it has them; else they are fetched.
fn node_home(config: &Config) -> Option<String> {
    let bins = search_path(config);
    let node = bins
        .into_iter()
        .map(|bin| bin.join("node"))
        .find(|path| is_program(path))?;
    let home = node.canonicalize().ok()?.parent()?.parent()?.to_owned();
    let has = home.join("include/node/node.h").exists();
    has.then(|| home.to_string_lossy().into_owned())
}
