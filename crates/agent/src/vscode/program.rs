//! The program: where it is, and how it is called.

use std::path::{Path, PathBuf};

use atelier_api::agent::vscode::VsCodeStart;

use super::Places;
use super::install::COMPLETE;
use crate::Config;
use crate::languages::{is_program, search_path};

/// How long the connections of a browser that is away are kept, in seconds: VS Code's own three hours.
const RECONNECTION_GRACE: &str = "10800";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    CodeServer,
    OpenVsCodeServer,
}

/// A program that serves VS Code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    kind: Kind,
    pub(super) path: PathBuf,
    pub(super) version: Option<String>,
    pub(super) installed: bool,
    /// Options that only some versions know.
    options: Vec<&'static str>,
}

/// The workspace's own program, else the one that was installed.
pub(super) fn find(config: &Config, places: &Places) -> Option<Program> {
    let mut bins = search_path(config);
    // Where its own installer puts it.
    bins.push(config.home.join(".local/bin"));
    let own = [
        (Kind::CodeServer, "code-server"),
        (Kind::OpenVsCodeServer, "openvscode-server"),
    ]
    .into_iter()
    .find_map(|(kind, name)| {
        let mut paths = bins.iter().map(|bin| bin.join(name));
        Some((kind, paths.find(|path| is_program(path))?, false))
    });
    let installed = || {
        let path = places.program.join("node_modules/.bin/code-server");
        let whole = places.program.join(COMPLETE).exists() && is_program(&path);
        whole.then_some((Kind::CodeServer, path, true))
    };
    let (kind, path, installed) = own.or_else(installed)?;
    let root = root(&path);
    let version = root.as_deref().and_then(version);
    let cli = root.and_then(|root| std::fs::read_to_string(root.join("out/node/cli.js")).ok());
    let cli = cli.unwrap_or_default();
    let known = |option: &&str| cli.contains(*option);
    Some(Program {
        kind,
        path,
        version,
        installed,
        options: ["trusted-origins", "reconnection-grace-time"]
            .into_iter()
            .filter(known)
            .collect(),
    })
}

/// The package's directory: the nearest above the program that tells a version.
fn root(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    let mut above = real.ancestors().skip(1).take(4);
    above
        .find(|directory| version(directory).is_some())
        .map(Path::to_owned)
}

fn version(root: &Path) -> Option<String> {
    ["package.json", "product.json"].iter().find_map(|name| {
        let text = std::fs::read_to_string(root.join(name)).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        let version = json.get("version")?.as_str()?;
        Some(version.chars().take(64).collect())
    })
}

impl Program {
    /// The whole command.
    pub(super) fn command(
        &self,
        config: &Config,
        places: &Places,
        socket: &Path,
        start: &VsCodeStart,
    ) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut command = vec![text(&self.path)];
        let mut add = |option: &str, value: String| command.extend([option.to_owned(), value]);
        add("--user-data-dir", text(&places.data));
        add("--extensions-dir", text(&places.extensions));
        match self.kind {
            Kind::CodeServer => {
                add("--socket", text(socket));
                add("--auth", "none".to_owned());
                add("--config", text(&places.configuration));
                for option in &self.options {
                    match (*option, &start.host) {
                        ("reconnection-grace-time", _) => {
                            add("--reconnection-grace-time", RECONNECTION_GRACE.to_owned());
                        }
                        (_, Some(host)) => add("--trusted-origins", host.clone()),
                        _ => {}
                    }
                }
                command.extend(
                    [
                        "--disable-telemetry",
                        "--disable-update-check",
                        "--disable-workspace-trust",
                        "--disable-getting-started-override",
                    ]
                    .map(str::to_owned),
                );
                command.push(text(&config.workspace));
            }
            Kind::OpenVsCodeServer => {
                add("--socket-path", text(socket));
                add("--telemetry-level", "off".to_owned());
                add("--default-folder", text(&config.workspace));
                add("--reconnection-grace-time", RECONNECTION_GRACE.to_owned());
                command.extend(
                    [
                        "--without-connection-token",
                        "--accept-server-license-terms",
                    ]
                    .map(str::to_owned),
                );
            }
        }
        command
    }
}
