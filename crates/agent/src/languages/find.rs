//! Where a workspace has a language server: the project's own first, then what is on the path, then what
//! was installed for the workspace.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::known::{Install, Known, Needs, Program};
use crate::Config;
use crate::files::RelativePath;

/// The file that says what a directory of installed servers holds.
pub(super) const COMPLETE: &str = ".complete";

/// A server that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) command: Vec<String>,
    /// Where `tsserver.js` is, for those that need it.
    pub(super) library: Option<PathBuf>,
}

/// The project's directory in the workspace, as the kernel names it.
pub(super) fn directory(config: &Config, root: &RelativePath) -> PathBuf {
    if root.is_root() {
        // Joined with nothing, it would end with a slash.
        return config.workspace.clone();
    }
    config.workspace.join(OsStr::from_bytes(root.as_bytes()))
}

/// The project that a file belongs to.
pub(super) fn root_of(known: &Known, config: &Config, file: &RelativePath) -> RelativePath {
    let mut found = None;
    let mut repository = None;
    let mut place = file.clone();
    while let Some((parent, _)) = place.split() {
        let directory = directory(config, &parent);
        if (found.is_none() || known.outermost)
            && known
                .markers
                .iter()
                .any(|marker| directory.join(marker).exists())
        {
            found = Some(parent.clone());
        }
        // A project does not reach beyond its repository.
        if directory.join(".git").exists() {
            repository = Some(parent);
            break;
        }
        place = parent;
    }
    found.or(repository).unwrap_or_default()
}

/// Where servers of this language are installed for this workspace.
pub(super) fn installed(config: &Config, known: &Known) -> PathBuf {
    let languages = config.home.join(".local/share/atelier/languages");
    languages.join(known.language)
}

/// How a server could be installed here.
pub(super) fn installable(config: &Config, known: &Known) -> Option<&'static Install> {
    let on_path = path(config);
    let has = |install: &&Install| {
        on_path
            .iter()
            .any(|bin| is_program(&bin.join(install.tool())))
    };
    known.installs.iter().find(has)
}

/// The server for the project in `root`.
pub(super) fn server(known: &Known, config: &Config, root: &RelativePath) -> Option<Found> {
    let mut project = Vec::new();
    let mut modules = Vec::new();
    let mut place = Some(root.clone());
    while let Some(at) = place {
        let directory = directory(config, &at);
        for environment in [".venv", "venv"] {
            project.push(directory.join(environment).join("bin"));
        }
        project.push(directory.join("node_modules/.bin"));
        modules.push(directory.join("node_modules"));
        place = at.split().map(|(parent, _)| parent);
    }
    let installed = complete(config, known);
    if let Some(installed) = &installed {
        modules.push(installed.join("node_modules"));
    }
    let theirs = [
        path(config),
        installed
            .iter()
            .flat_map(|installed| bins(installed))
            .collect(),
    ];
    [project].into_iter().chain(theirs).find_map(|bins| {
        known
            .programs
            .iter()
            .find_map(|program| in_one_of(&bins, program, &modules, &config.home))
    })
}

fn in_one_of(
    bins: &[PathBuf],
    program: &Program,
    modules: &[PathBuf],
    home: &Path,
) -> Option<Found> {
    bins.iter().find_map(|bin| {
        let path = bin.join(program.name);
        if !is_program(&path) || is_empty_shim(&path, home) {
            return None;
        }
        let library = match program.needs {
            Needs::Nothing => None,
            Needs::TypeScript7 => {
                is_typescript_7(&bin.parent()?.join("typescript")).then_some(())?;
                None
            }
            Needs::TypeScriptLibrary => Some(library(&path, modules)?),
        };
        let mut command = vec![path.to_str()?.to_owned()];
        command.extend(
            program
                .arguments
                .iter()
                .map(|argument| (*argument).to_owned()),
        );
        Some(Found { command, library })
    })
}

/// The directories of programs in a directory of installed servers.
fn bins(installed: &Path) -> [PathBuf; 2] {
    [installed.join("node_modules/.bin"), installed.join("bin")]
}

/// The directory of what was installed, if it is whole and what would be installed today.
fn complete(config: &Config, known: &Known) -> Option<PathBuf> {
    let directory = installed(config, known);
    let holds = fs::read_to_string(directory.join(COMPLETE)).ok()?;
    let wanted = known
        .installs
        .iter()
        .any(|install| install.packages() == holds);
    wanted.then_some(directory)
}

/// The directory of `tsserver.js`: the project's, or that beside the server.
fn library(server: &Path, modules: &[PathBuf]) -> Option<PathBuf> {
    let real = server.canonicalize().ok()?;
    let beside = real
        .ancestors()
        .filter(|ancestor| ancestor.ends_with("node_modules"))
        .map(Path::to_owned);
    modules
        .iter()
        .cloned()
        .chain(beside)
        .map(|modules| modules.join("typescript/lib"))
        .find(|library| library.join("tsserver.js").is_file())
}

fn is_typescript_7(package: &Path) -> bool {
    let Ok(text) = fs::read(package.join("package.json")) else {
        return false;
    };
    let Ok(manifest) = serde_json::from_slice::<serde_json::Value>(&text) else {
        return false;
    };
    let version = manifest.get("version").and_then(|version| version.as_str());
    let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    major.is_some_and(|major| major >= 7)
}

/// The directories that programs are looked for in.
/// Where the workspace looks for programs.
pub(crate) fn path(config: &Config) -> Vec<PathBuf> {
    let environment = config.environment();
    let path = environment
        .get("PATH")
        .map(String::as_str)
        .unwrap_or_default();
    path.split(':')
        .filter(|directory| directory.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

pub(crate) fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// Whether it is rustup's stand-in for a component that no toolchain of the workspace's own has. (Where the
/// toolchain is the server's, its directory is on the path, too.)
fn is_empty_shim(path: &Path, home: &Path) -> bool {
    let is_shim = path
        .canonicalize()
        .is_ok_and(|real| real.file_name().is_some_and(|name| name == "rustup"));
    let Some(name) = path.file_name().filter(|_| is_shim) else {
        return false;
    };
    let Ok(toolchains) = fs::read_dir(home.join(".rustup/toolchains")) else {
        return true;
    };
    !toolchains
        .flatten()
        .any(|toolchain| is_program(&toolchain.path().join("bin").join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::known;

    fn config(directory: &Path) -> Config {
        Config {
            workspace: directory.join("workspace"),
            home: directory.join("home"),
            env: [("PATH".to_owned(), "/nowhere".to_owned())].into(),
            ..Config::from_args(crate::AgentArgs {
                socket: directory.join("socket"),
                workspace: PathBuf::new(),
                home: PathBuf::new(),
                name: String::new(),
            })
        }
    }

    fn put(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("set");
    }

    fn relative(path: &str) -> RelativePath {
        RelativePath::parse(path).expect("a path")
    }

    #[test]
    fn a_file_belongs_to_the_nearest_project_of_its_repository() {
        let temporary = tempfile::tempdir().expect("made");
        let config = config(temporary.path());
        for file in [
            "package.json",
            "a/.git/HEAD",
            "a/Cargo.toml",
            "a/b/Cargo.toml",
            "a/b/package.json",
        ] {
            put(&config.workspace.join(file), "");
        }
        for (language, file, root) in [
            ("typescript", "a/b/src/x.ts", "a/b"),
            ("typescript", "a/src/x.ts", "a"),
            ("typescript", "c/x.ts", ""),
            ("rust", "a/b/src/lib.rs", "a"),
            ("rust", "c/lib.rs", ""),
            ("bash", "a/b/x.sh", "a"),
        ] {
            let known = known::find(language).expect("known");
            assert_eq!(
                root_of(known, &config, &relative(file)).wire(),
                root,
                "{language} {file}"
            );
        }
    }

    #[test]
    fn rustup_stands_in_for_what_a_toolchain_of_the_workspace_has() {
        let temporary = tempfile::tempdir().expect("made");
        let mut config = config(temporary.path());
        let cargo = config.home.join(".cargo/bin");
        config
            .env
            .insert("PATH".to_owned(), cargo.to_str().expect("text").to_owned());
        let rust = known::find("rust").expect("known");
        let found = |config: &Config| server(rust, config, &relative(""));
        assert!(installable(&config, rust).is_none());
        put(&cargo.join("rustup"), "");
        assert!(installable(&config, rust).is_some());
        std::os::unix::fs::symlink("rustup", cargo.join("rust-analyzer")).expect("linked");
        let toolchain = config.home.join(".rustup/toolchains/stable/bin");
        put(&toolchain.join("rustc"), "");
        assert_eq!(found(&config), None);
        put(&toolchain.join("rust-analyzer"), "");
        let shim = cargo.join("rust-analyzer");
        let server = found(&config).expect("installed");
        assert_eq!(server.command, [shim.to_str().expect("text")]);
    }

    #[test]
    fn the_projects_own_server_comes_first_and_only_whole() {
        let temporary = tempfile::tempdir().expect("made");
        let config = config(temporary.path());
        let typescript = known::find("typescript").expect("known");
        let found = || server(typescript, &config, &relative("a/b"));
        let installed = installed(&config, typescript);
        put(
            &installed.join("node_modules/.bin/typescript-language-server"),
            "",
        );
        put(
            &installed.join("node_modules/typescript/lib/tsserver.js"),
            "",
        );
        assert_eq!(
            found(),
            None,
            "what was not installed to its end is not used"
        );
        put(
            &installed.join(COMPLETE),
            &typescript.installs[0].packages(),
        );
        let server = found().expect("installed");
        assert!(server.command[0].starts_with(installed.to_str().expect("text")));
        assert_eq!(
            server.library,
            Some(installed.join("node_modules/typescript/lib"))
        );

        let own = config.workspace.join("a/node_modules");
        put(&own.join(".bin/tsc"), "");
        put(
            &own.join("typescript/package.json"),
            r#"{"version":"5.9.3"}"#,
        );
        assert_eq!(found(), Some(server), "a compiler is no server");
        put(
            &own.join("typescript/package.json"),
            r#"{"version":"7.0.2"}"#,
        );
        let server = found().expect("the project's");
        assert_eq!(
            server.command[0],
            own.join(".bin/tsc").to_str().expect("text")
        );
        assert_eq!(server.command[1..], ["--lsp", "--stdio"]);
    }
}
